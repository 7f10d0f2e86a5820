-- Published programs as views.

CREATE VIEW tradeup.current_program WITH (security_invoker = true) AS
SELECT p.*
FROM tradeup.program p
WHERE p.published_at IS NOT NULL
  AND (p.valid_from IS NULL OR p.valid_from <= tradeup_internal.today())
  AND (p.valid_to IS NULL OR p.valid_to > tradeup_internal.today())
  AND NOT EXISTS (SELECT FROM tradeup.program newer
                  WHERE newer.name = p.name AND newer.version > p.version AND newer.published_at IS NOT NULL
                    AND (newer.valid_from IS NULL OR newer.valid_from <= tradeup_internal.today())
                    AND (newer.valid_to IS NULL OR newer.valid_to > tradeup_internal.today()) AND tradeup.program_is_whole(newer))
  AND tradeup.program_is_whole(p);

COMMENT ON VIEW tradeup.current_program IS 'The highest published version of each program that is valid today';

-- Columns in the order of their coming, because replacing a view can only add to its end.
CREATE VIEW tradeup.rate_sheet WITH (security_invoker = true) AS
SELECT p.name, p.version, p.title, p.currency, p.built_in, p.published_at, p.profile_count, p.term_count,
       p.tier_count, p.tiers, p.rounding, p.change_digits, p.interest_tax_rate, p.service_fee_rate,
       r.sales_tax_rate, r.document_fee, p.opening_fee_rate, p.opening_fee_tax_rate, p.opening_fee_less_equity,
       p.bonus, p.protection, p.insurance_months, p.insurance_renewed, p.gps_installation, p.gps_monthly,
       p.gps_tax_rate, p.installation_from_equity, p.installation_financed, p.installation_in_first_payment,
       p.margin_cost, p.margin_service_fee, p.margin_opening_fee, p.margin_protection, p.requires_dearer,
       p.max_change, p.max_component, p.max_financed, p.max_annual_rate, p.max_adjusted_rate, p.max_service_fee_rate,
       p.max_opening_fee_rate, p.max_bonus, p.max_what_if_bonus, p.max_insurance, p.max_term,
       f.profile, f.annual_rate, f.down_payment_rate, f.insurance, t.term, t.rate_adjustment,
       p.valid_from, p.valid_to, p.min_year, p.max_age, p.max_kilometers, p.makes, p.min_price, p.max_price,
       f.max_loan_to_value,
       p.kind, t.residual_rate, p.sales_tax_base, p.sales_tax_financed, p.fees_financed, p.acquisition_fee, p.end_fee,
       p.lease_tax, p.payments_in_advance, p.first_payment_days, p.kilometers_per_year, p.min_payment, p.max_payment_to_income,
       r.region, p.payment_frequency
FROM tradeup.program p
JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version
JOIN tradeup.program_term t ON t.program = p.name AND t.version = p.version
CROSS JOIN LATERAL (SELECT NULL::text AS region, p.sales_tax_rate, p.document_fee
                    UNION ALL
                    SELECT x.region, coalesce(x.sales_tax_rate, p.sales_tax_rate), coalesce(x.document_fee, p.document_fee)
                    FROM tradeup.program_region x WHERE x.program = p.name AND x.version = p.version AND p.region_count > 0) r
WHERE p.published_at IS NOT NULL AND tradeup.program_is_whole(p);

COMMENT ON VIEW tradeup.rate_sheet IS
    'The published programs, one row for each risk profile, term and region (null: all regions that the program does not name), '
    'with all that a deal needs of them';
