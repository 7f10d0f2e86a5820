-- What all customers, vehicles and terms make together, counted over a price list and not listed.

CREATE OR REPLACE FUNCTION tradeup_internal.summary_by_tier_step(internal, tradeup.price_list,
                                                                 tradeup_internal.profile_customers[]) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.summary_by_tier_step(internal, tradeup.price_list, tradeup_internal.profile_customers[]) IS
    'Step of the aggregate summary_by_tier';
CREATE OR REPLACE FUNCTION tradeup_internal.summary_by_tier_final(internal) RETURNS tradeup_internal.tier_count[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.summary_by_tier_final(internal) IS 'End of the aggregate summary_by_tier';

-- All profiles that are counted over a list come in one row, because a list may have a million prices and is copied wherever a
-- row is stored. The work is a few milliseconds for thousands of customers; it is not shared between workers.
CREATE OR REPLACE AGGREGATE tradeup_internal.summary_by_tier(prices tradeup.price_list,
                                                             profiles tradeup_internal.profile_customers[]) (
    SFUNC = tradeup_internal.summary_by_tier_step, STYPE = internal, SSPACE = 262144,
    FINALFUNC = tradeup_internal.summary_by_tier_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.summary_by_tier(tradeup.price_list, tradeup_internal.profile_customers[]) IS
    'The offers of customers over prices, by tier: a row gives a list and the risk profiles that are counted over it, each with '
    'its deals, one for each term, and the figures of its customers (null: unknown); each customer '
    'must be in one profile only';
CREATE OR REPLACE FUNCTION tradeup.portfolio_summary_of(prices tradeup.price_list, program text DEFAULT NULL,
                                                        overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.tier_summary
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 4
BEGIN ATOMIC
    WITH r AS MATERIALIZED (
        SELECT x.* FROM tradeup_internal.profiles_by_stock(portfolio_summary_of.program, portfolio_summary_of.overrides) x
    )
    SELECT y.currency, s.tier, s.tier_rank, s.offers, s.customers, s.mean_change, s.margin
    FROM (SELECT DISTINCT r.currency FROM r) y,
    LATERAL (SELECT tradeup_internal.summary_by_tier(portfolio_summary_of.prices, r.profiles) AS tiers
             FROM r WHERE r.currency = y.currency) x,
    LATERAL unnest(x.tiers) s
    ORDER BY y.currency, s.tier_rank, s.tier;
END;
COMMENT ON FUNCTION tradeup.portfolio_summary_of(tradeup.price_list, text, tradeup.any_json) IS
    'The offers of all customers at all terms over given prices, counted by currency and tier; the program and overrides as in '
    'portfolio. The prices are taken as they are, in the currency of each program: which vehicles a program finances is '
    'not asked';

-- Planned for its arguments each time: what they do not ask for costs nothing, so that most lists are read from the index on
-- price alone; and a million vehicles are shared between workers, as a part of a larger query cannot be.
CREATE OR REPLACE FUNCTION tradeup_internal.prices_in_stock(currency text, min_year integer, max_kilometers integer, makes text[],
                                                            filter tradeup.any_json)
RETURNS SETOF tradeup.price_list
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 1
SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    digits integer := tradeup.currency_digits(prices_in_stock.currency);
    conditions tradeup_internal.vehicle_conditions := tradeup_internal.vehicle_conditions(
        tradeup.offer_filter(prices_in_stock.filter, 'vehicles'::text), NULL::numeric, NULL::text, NULL::integer, NULL::integer);
    lowest bigint := tradeup_internal.minor_at_least(digits, coalesce(conditions.price_from, 0::numeric));
    highest bigint := tradeup_internal.minor_at_most(digits, coalesce(conditions.price_to, 1000000000000::numeric));
BEGIN
    RETURN QUERY
    SELECT tradeup_internal.price_list_minor(v.price_minor, digits)
    FROM tradeup.vehicle v
    WHERE v.status = 'available' AND v.currency = prices_in_stock.currency
      AND v.price_minor >= lowest AND v.price_minor <= highest
      AND tradeup_internal.finances(prices_in_stock.min_year, prices_in_stock.max_kilometers, prices_in_stock.makes, v.year,
                                    v.kilometers, v.make)
      AND tradeup_internal.fits_index(conditions, v) AND tradeup_internal.fits_table(conditions, v);
END $$;
COMMENT ON FUNCTION tradeup_internal.prices_in_stock(text, integer, integer, text[], tradeup.any_json) IS
    'The list of the prices of available vehicles in a currency, which a program finances and which meet the conditions of a '
    'filter';

-- One price list for each currency and set of restrictions; most programs restrict nothing. The filter is checked first, so that
-- a wrong one is an error even where no program needs a list. The profiles come in the order of their currencies and are joined
-- to nothing else, so that their many customers need not be stored to be grouped.
CREATE OR REPLACE FUNCTION tradeup.portfolio_summary(program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                     filter tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.tier_summary
LANGUAGE sql STABLE PARALLEL SAFE COST 20000 ROWS 4
BEGIN ATOMIC
    SELECT x.currency, s.tier, s.tier_rank, s.offers, s.customers, s.mean_change, s.margin
    FROM (SELECT r.currency, tradeup_internal.summary_by_tier(l.prices, r.profiles) AS tiers
          FROM tradeup_internal.profiles_by_stock(portfolio_summary.program, portfolio_summary.overrides) r,
          LATERAL tradeup_internal.prices_in_stock(r.currency, r.min_year, r.max_kilometers, r.makes,
                                                   portfolio_summary.filter) l (prices)
          WHERE tradeup.offer_filter(portfolio_summary.filter, 'vehicles'::text) IS DISTINCT FROM NULL
          GROUP BY r.currency) x,
    LATERAL unnest(x.tiers) s
    ORDER BY x.currency, s.tier_rank, s.tier;
END;
COMMENT ON FUNCTION tradeup.portfolio_summary(text, tradeup.any_json, tradeup.any_json) IS
    'The offers of all customers, available vehicles that a filter lets through and terms, counted by currency and tier and not '
    'listed: their number, the customers that have one, the mean payment change and the sum of the margins; the last row of a '
    'currency, of offers in no tier, has a null tier';

CREATE OR REPLACE FUNCTION tradeup.portfolio_compare(program text DEFAULT NULL, overrides_a tradeup.any_json DEFAULT NULL::jsonb,
                                                     overrides_b tradeup.any_json DEFAULT NULL::jsonb,
                                                     filter tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.tier_comparison
LANGUAGE sql STABLE PARALLEL SAFE COST 40000 ROWS 4
BEGIN ATOMIC
    SELECT coalesce(a.currency, b.currency), coalesce(a.tier, b.tier), coalesce(a.tier_rank, b.tier_rank),
           coalesce(a.offers, 0), coalesce(b.offers, 0), coalesce(b.offers, 0) - coalesce(a.offers, 0),
           coalesce(a.customers, 0), coalesce(b.customers, 0), coalesce(b.customers, 0) - coalesce(a.customers, 0),
           a.mean_change, b.mean_change, b.mean_change - a.mean_change,
           coalesce(a.margin, 0), coalesce(b.margin, 0), coalesce(b.margin, 0) - coalesce(a.margin, 0)
    FROM tradeup.portfolio_summary(portfolio_compare.program, portfolio_compare.overrides_a, portfolio_compare.filter) a
    FULL JOIN tradeup.portfolio_summary(portfolio_compare.program, portfolio_compare.overrides_b, portfolio_compare.filter) b
           ON a.currency = b.currency AND coalesce(a.tier_rank, 0) = coalesce(b.tier_rank, 0)
              AND coalesce(a.tier, '') = coalesce(b.tier, '')
    ORDER BY coalesce(a.currency, b.currency), coalesce(a.tier_rank, b.tier_rank), coalesce(a.tier, b.tier);
END;
COMMENT ON FUNCTION tradeup.portfolio_compare(text, tradeup.any_json, tradeup.any_json, tradeup.any_json) IS
    'What portfolio_summary says under two sets of what-if overrides, tier by tier, and the differences';
