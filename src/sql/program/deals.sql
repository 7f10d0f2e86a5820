-- Which deals a program makes: the one source of all that offers, portfolios, quotes and changes are computed from.

-- Program, profile and region come as whole rows of their tables: the planner reads each column of them directly.
CREATE OR REPLACE FUNCTION tradeup_internal.deal_of(program tradeup.program, profile tradeup.program_profile,
                                                    region tradeup.program_region, overrides tradeup.any_json)
RETURNS tradeup.deal
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN tradeup_internal.compiled_deal(
    annual_rate => 0::numeric,
    term => 1,
    equity => 0::numeric,
    current_payment => NULL::numeric,
    current_price => NULL::numeric,
    trade_value => NULL::numeric,
    income => NULL::numeric,
    customer_bonus => 0::numeric,
    down_payment_rate => profile.down_payment_rate,
    interest_tax_rate => program.interest_tax_rate,
    service_fee_rate => tradeup_internal.overridden(overrides, 'service_fee_rate'::text, program.service_fee_rate,
                                                    program.max_service_fee_rate),
    sales_tax_rate => coalesce(region.sales_tax_rate, program.sales_tax_rate),
    sales_tax_base => program.sales_tax_base,
    sales_tax_financed => program.sales_tax_financed,
    document_fee => coalesce(region.document_fee, program.document_fee),
    fees_financed => program.fees_financed,
    opening_fee_rate => tradeup_internal.overridden(overrides, 'opening_fee_rate'::text, program.opening_fee_rate,
                                                    program.max_opening_fee_rate),
    opening_fee_tax_rate => program.opening_fee_tax_rate,
    opening_fee_less_equity => program.opening_fee_less_equity,
    bonus => tradeup_internal.overridden(overrides, 'bonus'::text, program.bonus,
                                         coalesce(program.max_what_if_bonus, 1000000000000)),
    protection => tradeup_internal.overridden(overrides, 'protection'::text, program.protection,
                                              coalesce(program.max_component, 1000000000000)),
    insurance => tradeup_internal.overridden(overrides, 'insurance'::text, profile.insurance,
                                             coalesce(program.max_insurance, 1000000000000)),
    insurance_months => program.insurance_months,
    insurance_renewed => program.insurance_renewed,
    gps_installation => tradeup_internal.overridden(overrides, 'gps_installation'::text, program.gps_installation,
                                                    coalesce(program.max_component, 1000000000000)),
    gps_monthly => tradeup_internal.overridden(overrides, 'gps_monthly'::text, program.gps_monthly,
                                               coalesce(program.max_component, 1000000000000)),
    gps_tax_rate => program.gps_tax_rate,
    installation_from_equity => program.installation_from_equity,
    installation_financed => program.installation_financed,
    installation_in_first_payment => program.installation_in_first_payment,
    margin_cost => program.margin_cost,
    margin_service_fee => program.margin_service_fee,
    margin_opening_fee => program.margin_opening_fee,
    margin_protection => program.margin_protection,
    kind => program.kind,
    residual_rate => 0::numeric,
    acquisition_fee => program.acquisition_fee,
    end_fee => program.end_fee,
    lease_tax => program.lease_tax,
    payments_in_advance => program.payments_in_advance,
    payment_frequency => program.payment_frequency,
    first_payment_days => program.first_payment_days,
    max_change => program.max_change,
    max_component => program.max_component,
    max_financed => program.max_financed,
    min_payment => program.min_payment,
    max_payment_to_income => program.max_payment_to_income,
    change_digits => program.change_digits,
    minor_digits => tradeup.currency_digits(program.currency),
    rounding => program.rounding,
    tiers => program.tiers,
    min_price => program.min_price,
    max_price => program.max_price,
    max_loan_to_value => profile.max_loan_to_value);
COMMENT ON FUNCTION tradeup_internal.deal_of(tradeup.program, tradeup.program_profile, tradeup.program_region,
                                             tradeup.any_json) IS
    'The deal that a program''s row and one of its profiles make in one of its regions (null: elsewhere) under what-if '
    'overrides, before it is any customer''s: of one month, without equity and interest; deal_for puts in the customer, the rate '
    'and the term';

-- In PL/pgSQL, whose plan is kept, so that queries of programs without regions neither plan nor open the table.
CREATE OR REPLACE FUNCTION tradeup_internal.region_of_program(program text, version integer, region text)
RETURNS tradeup.program_region
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 50 SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT r FROM tradeup.program_region r
            WHERE r.program = region_of_program.program AND r.version = region_of_program.version
              AND r.region = region_of_program.region);
END
$$;
COMMENT ON FUNCTION tradeup_internal.region_of_program(text, integer, text) IS
    'The row of a region of a program; null where the program does not know it';

CREATE OR REPLACE FUNCTION tradeup_internal.program_deals(program text, version integer, region text,
                                                          overrides tradeup.any_json)
RETURNS TABLE (program text, version integer, profile text, region text, requires_dearer boolean, currency text,
               min_year integer, max_kilometers integer, makes text[], annual_rate numeric, max_adjusted_rate numeric,
               deal tradeup.deal)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 26
BEGIN ATOMIC
    SELECT p.name, p.version, f.profile, (r.r).region, p.requires_dearer, p.currency,
           tradeup_internal.oldest_year(p.min_year, p.max_age), p.max_kilometers, p.makes,
           tradeup_internal.overridden(program_deals.overrides, 'annual_rate'::text, f.annual_rate, p.max_annual_rate),
           p.max_adjusted_rate, tradeup_internal.deal_of(p, f, r.r, program_deals.overrides)
    FROM tradeup.program p, tradeup.program_profile f,
         LATERAL (SELECT CASE WHEN p.region_count > 0
                              THEN tradeup_internal.region_of_program(p.name, p.version, program_deals.region) END AS r
                  OFFSET 0) r
    WHERE p.name = program_deals.program AND p.version = program_deals.version AND p.published_at IS NOT NULL
      AND f.program = program_deals.program AND f.version = program_deals.version;
END;
COMMENT ON FUNCTION tradeup_internal.program_deals(text, integer, text, tradeup.any_json) IS
    'Each profile of a published version of a program for customers of a region, under what-if overrides: the deal into which '
    'deal_for puts a customer, the rate that program_terms adjusts, and which vehicles are financed; region is null where the '
    'program does not know it';

CREATE OR REPLACE FUNCTION tradeup_internal.program_regions(program text, version integer) RETURNS TABLE (region text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 2
BEGIN ATOMIC
    SELECT NULL::text
    UNION ALL
    SELECT r.region FROM tradeup.program p, tradeup.program_region r
    WHERE p.name = program_regions.program AND p.version = program_regions.version AND p.region_count > 0
      AND r.program = p.name AND r.version = p.version;
END;
COMMENT ON FUNCTION tradeup_internal.program_regions(text, integer) IS
    'The regions that a version of a program knows, and null for all others';

CREATE OR REPLACE FUNCTION tradeup_internal.versions_with_regions() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 10000
RETURN (SELECT coalesce(jsonb_object_agg(p.name, p.version), '{}') FROM tradeup.current_program p WHERE p.region_count > 0);
COMMENT ON FUNCTION tradeup_internal.versions_with_regions() IS
    'The current versions of programs that have regions, by name: where the region of a customer is to be looked up';

-- With its adjustment a term's rate may be above 1, unless the program limits it.
CREATE OR REPLACE FUNCTION tradeup_internal.program_terms(program text, version integer, annual_rate numeric,
                                                          max_adjusted_rate numeric, overrides tradeup.any_json)
RETURNS TABLE (term integer, annual_rate numeric, residual_rate numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 6
BEGIN ATOMIC
    SELECT t.term, r.annual_rate, t.residual_rate
    FROM tradeup.program_term t,
         LATERAL (SELECT program_terms.annual_rate + t.rate_adjustment AS annual_rate) r
    WHERE t.program = program_terms.program AND t.version = program_terms.version
      AND tradeup_internal.term_wanted(program_terms.overrides, t.term)
      AND (program_terms.max_adjusted_rate IS NULL OR r.annual_rate <= program_terms.max_adjusted_rate);
END;
COMMENT ON FUNCTION tradeup_internal.program_terms(text, integer, numeric, numeric, tradeup.any_json) IS
    'The terms of a version of a program that what-if overrides leave in, each with a profile''s rate and its own adjustment, '
    'and the residual share; without terms whose rate is then above the highest allowed';
