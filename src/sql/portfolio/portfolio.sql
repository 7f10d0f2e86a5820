-- The best offers of every customer.

-- There are few programs and many customers, so a program is looked up among the customers by index.
CREATE OR REPLACE FUNCTION tradeup_internal.programs_wanted(program text) RETURNS TABLE (program text, version integer)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 2
BEGIN ATOMIC
    SELECT p.name, p.version
    FROM (SELECT x.name, x.version FROM tradeup.current_program x) p
    WHERE CASE WHEN programs_wanted.program IS NOT NULL THEN p.name = programs_wanted.program
               ELSE EXISTS (SELECT FROM tradeup.program_default d WHERE d.program = p.name)
                    OR EXISTS (SELECT FROM tradeup.customer c WHERE c.program = p.name) END
      AND tradeup_internal.require_undistributed();
END;
COMMENT ON FUNCTION tradeup_internal.programs_wanted(text) IS
    'The current version of the program named, or of all programs that customers have';

-- The deals of each risk profile and region, one for each term, and what its program asks of vehicles: what all customers there
-- share.
CREATE OR REPLACE FUNCTION tradeup_internal.profile_deals(program text DEFAULT NULL,
                                                          overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                          OUT program_name text, OUT version integer, OUT profile text,
                                                          OUT region text, OUT requires_dearer boolean, OUT min_year integer,
                                                          OUT max_kilometers integer, OUT makes text[], OUT currency text,
                                                          OUT deals tradeup.deal[], OUT rates numeric[])
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 26
BEGIN ATOMIC
    SELECT p.program, p.version, p.profile, p.region, p.requires_dearer, p.min_year, p.max_kilometers, p.makes, p.currency,
           t.deals, t.rates
    FROM tradeup_internal.programs_wanted(profile_deals.program) w,
         LATERAL tradeup_internal.program_regions(w.program, w.version) g,
         LATERAL (SELECT x.* FROM tradeup_internal.program_deals(w.program, w.version, g.region, profile_deals.overrides) x
                  OFFSET 0) p,
         LATERAL (SELECT array_agg(tradeup.deal_for(p.deal, x.annual_rate, x.term, 0::numeric, NULL::numeric, NULL::numeric,
                                                   NULL::numeric, 0::numeric, NULL::numeric, x.residual_rate)
                                   ORDER BY x.term) AS deals, array_agg(x.annual_rate ORDER BY x.term) AS rates
                  FROM tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                      profile_deals.overrides) x) t
    WHERE (profile_deals.program IS NULL
           OR tradeup_internal.require_known('program'::text, profile_deals.program,
                                             (SELECT x.name FROM tradeup.current_program x
                                              WHERE x.name = profile_deals.program), true))
      AND tradeup_internal.require_overrides(profile_deals.overrides);
END;
COMMENT ON FUNCTION tradeup_internal.profile_deals(text, tradeup.any_json) IS
    'The deals of each risk profile and region (null: all that the program does not know), one for each term, of the program '
    'named or of all programs that customers have, without the customer, whom summary_by_tier and best_in_stock put in; and '
    'which vehicles the program finances';

CREATE OR REPLACE FUNCTION tradeup_internal.customer_arrays_step(internal, text, numeric, numeric, numeric, numeric, numeric,
                                                                 numeric) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.customer_arrays_step(internal, text, numeric, numeric, numeric, numeric, numeric, numeric) IS
    'Step of the aggregate customer_arrays';
CREATE OR REPLACE FUNCTION tradeup_internal.customer_arrays_final(internal) RETURNS tradeup_internal.customer_arrays
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.customer_arrays_final(internal) IS 'End of the aggregate customer_arrays';
-- There are few groups, whatever the planner guesses: a small SSPACE lets it hash them, where it would sort all customers.
CREATE OR REPLACE AGGREGATE tradeup_internal.customer_arrays(customer_id text, equity numeric, current_payment numeric,
                                                             current_price numeric, trade_value numeric, bonus numeric,
                                                             income numeric) (
    SFUNC = tradeup_internal.customer_arrays_step, STYPE = internal, SSPACE = 64,
    FINALFUNC = tradeup_internal.customer_arrays_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.customer_arrays(text, numeric, numeric, numeric, numeric, numeric, numeric) IS
    'Customers as arrays: their ids, equities, current payments, current prices, trade values, bonuses and incomes; null where '
    'none of them has one';

-- Most programs restrict nothing, and then all profiles of a currency stand in one row. Customers are told apart by their region
-- only where a program knows it: only one of the two branches reads them.
CREATE OR REPLACE FUNCTION tradeup_internal.profiles_by_stock(program text, overrides tradeup.any_json)
RETURNS TABLE (currency text, min_year integer, max_kilometers integer, makes text[],
               profiles tradeup_internal.profile_customers[])
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 2 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    WITH p AS MATERIALIZED (
        SELECT p.* FROM tradeup_internal.profile_deals(profiles_by_stock.program, profiles_by_stock.overrides) p
    ), k AS MATERIALIZED (
        SELECT DISTINCT p.program_name AS program, p.region FROM p WHERE p.region IS NOT NULL
    )
    SELECT p.currency, p.min_year, p.max_kilometers, p.makes,
           array_agg(ROW(p.program_name, p.version, p.profile, p.deals, p.rates, (c.a).customer_ids, (c.a).equities,
                         (c.a).current_payments, CASE WHEN p.requires_dearer THEN (c.a).current_prices END,
                         (c.a).trade_values, (c.a).bonuses, (c.a).incomes)::tradeup_internal.profile_customers)
    FROM p
    LEFT JOIN (SELECT c.program, c.risk_profile, NULL::text AS region,
                      tradeup_internal.customer_arrays(c.customer_id, c.equity, c.current_payment, c.current_price,
                                                       c.trade_value, c.bonus, c.income) AS a
               FROM tradeup.customer c
               WHERE NOT EXISTS (SELECT FROM k)
               GROUP BY c.risk_profile, c.program
               UNION ALL
               SELECT c.program, c.risk_profile, k.region,
                      tradeup_internal.customer_arrays(c.customer_id, c.equity, c.current_payment, c.current_price,
                                                       c.trade_value, c.bonus, c.income)
               FROM tradeup.customer c
               LEFT JOIN k ON k.program = coalesce(profiles_by_stock.program, c.program,
                                                   (SELECT d.program FROM tradeup.program_default d))
                              AND k.region = c.region
               WHERE EXISTS (SELECT FROM k)
               GROUP BY c.risk_profile, c.program, k.region
               OFFSET 0) c
           ON p.program_name = coalesce(profiles_by_stock.program, c.program, (SELECT d.program FROM tradeup.program_default d))
              AND p.profile = c.risk_profile AND coalesce(p.region, '') = coalesce(c.region, '')
    GROUP BY p.currency, p.min_year, p.max_kilometers, p.makes;
END;
COMMENT ON FUNCTION tradeup_internal.profiles_by_stock(text, tradeup.any_json) IS
    'The risk profiles and regions of the program named, or of all programs that customers have, with their deals and customers: '
    'one row for each currency and set of restrictions of vehicles, which are what a list of prices is made for';

CREATE OR REPLACE FUNCTION tradeup_internal.kept_profiles_by_stock(program text, overrides tradeup.any_json)
RETURNS TABLE (currency text, min_year integer, max_kilometers integer, makes text[],
               profiles tradeup_internal.profile_customers[])
LANGUAGE c STABLE PARALLEL SAFE COST 10000 ROWS 2 SET search_path = pg_catalog, pg_temp
SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_profiles_by_stock(text, tradeup.any_json) IS
    'profiles_by_stock, by a plan that the session keeps';

-- The stock: what is for sale of one currency and set of restrictions, as one value.
CREATE OR REPLACE FUNCTION tradeup_internal.stock_list_step(internal, bigint, text) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.stock_list_step(internal, bigint, text) IS 'Step of the aggregate stock_list';
CREATE OR REPLACE FUNCTION tradeup_internal.stock_list_final(internal) RETURNS bytea
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.stock_list_final(internal) IS 'End of the aggregate stock_list';
CREATE OR REPLACE AGGREGATE tradeup_internal.stock_list(price_minor bigint, vehicle_id text) (
    SFUNC = tradeup_internal.stock_list_step, STYPE = internal, SSPACE = 65536,
    FINALFUNC = tradeup_internal.stock_list_final, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup_internal.stock_list(bigint, text) IS
    'Vehicles with their prices in minor units, sorted, as best_in_stock searches them; nulls are left out';

CREATE OR REPLACE FUNCTION tradeup_internal.best_in_stock(stock bytea, profiles tradeup_internal.profile_customers[],
                                                          per_customer integer, rank_by text, OUT vehicles bytea,
                                                          OUT picks integer[])
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.best_in_stock(bytea, tradeup_internal.profile_customers[], integer, text) IS
    'The best offers of every customer of some risk profiles over a stock, ranked as best_offers ranks them: the vehicles that '
    'were picked, a stock of their own, and four numbers for each pick';
CREATE OR REPLACE FUNCTION tradeup_internal.vehicles_in_stock(stock bytea) RETURNS text[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.vehicles_in_stock(bytea) IS
    'The identifiers of the vehicles of a stock, in the order of their bytes';
CREATE OR REPLACE FUNCTION tradeup_internal.offers_picked(profiles tradeup_internal.profile_customers[], vehicles bytea,
                                                          picks integer[])
RETURNS TABLE (customer_id text, program text, version integer, profile text, term integer, annual_rate numeric,
               current_payment numeric, vehicle_id text, tier text, tier_rank integer, payment numeric, payment_change numeric,
               loan_amount numeric, effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric,
               monthly_payment numeric, payment_frequency text)
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 ROWS 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offers_picked(tradeup_internal.profile_customers[], bytea, integer[]) IS
    'The offers that best_in_stock picked, for the same profiles, with their amounts';
CREATE OR REPLACE FUNCTION tradeup_internal.best_prices(profiles tradeup_internal.profile_customers[], rank_by text)
RETURNS TABLE (lowest bigint, highest bigint, downward boolean)
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 ROWS 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.best_prices(tradeup_internal.profile_customers[], text) IS
    'Ranges of prices, in minor units, at whose lower or upper (downward) ends are the best offers of the customers of some risk '
    'profiles';

-- In PL/pgSQL, whose plan is kept: planning took two fifths of its time.
-- A table that was never analysed has -1 rows here, and so counts as small, as do views. A stock is one value, which holds 20
-- million vehicles with identifiers of 40 bytes: more are never put into one.
CREATE OR REPLACE FUNCTION tradeup_internal.list_pays(per_customer integer, relation regclass DEFAULT 'tradeup.vehicle')
RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (WITH RECURSIVE x AS (
                SELECT list_pays.relation AS relation
                UNION
                SELECT c.child FROM x, LATERAL tradeup_internal.children_of(x.relation) c
            )
            SELECT coalesce(sum(c.reltuples), 0)
            FROM x, pg_catalog.pg_class c WHERE c.oid = x.relation AND c.relkind IN ('r', 'm', 'f'))
           <= least(20000000, list_pays.per_customer * greatest(1, (SELECT c.reltuples FROM pg_catalog.pg_class c
                                                                    WHERE c.oid = 'tradeup.customer'::regclass)));
END $$;
COMMENT ON FUNCTION tradeup_internal.list_pays(integer, regclass) IS
    'Whether there are at most so many vehicles for each customer, in a table and those below it, and no more than a sorted list '
    'of all their prices holds: it is then the shorter way to a portfolio';

-- The prices are searched as portfolio_summary searches them: a customer's tiers are stretches of a sorted list, the stock, and
-- her best offers stand at the ends of these. There is a stock for each currency and set of restrictions. Either it holds all
-- that is for sale, or only what the index on price has at the ends of the ranges where the customers' best offers are: so many
-- vehicles from each range that no other vehicle can be among the best. (Those limits are sub-selects, so that the planner does
-- not know them: otherwise, where it expects few vehicles, it would rather fetch all and sort them.) Of each
-- stock only the vehicles that were picked are read from the table, all of them at once, and what is worked out of a vehicle
-- alone is worked out once for each stock.
-- Making the list of all reads every vehicle, whatever is asked of it; looking one customer up in the index costs as much as 50
-- vehicles of the list; by payment, where her deals have ranges of their own but often share the price they begin at, as much
-- as 120; by closeness, which reads in both directions, as much as 250.
CREATE OR REPLACE FUNCTION tradeup_internal.portfolio_by(way text, per_customer integer, program text,
                                                         overrides tradeup.any_json, rank_by text)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    WITH w AS MATERIALIZED (
        SELECT coalesce(portfolio_by.way,
                        CASE WHEN tradeup_internal.list_pays(CASE portfolio_by.rank_by WHEN 'closeness' THEN 250
                                                                                       WHEN 'payment' THEN 120 ELSE 50 END,
                                                             'tradeup.vehicle'::regclass) THEN 'list'::text
                             ELSE 'index'::text END) AS way
    ), b AS MATERIALIZED (
        SELECT r.profiles, b.vehicles, b.picks, tradeup_internal.vehicles_in_stock(b.vehicles) AS chosen
        FROM tradeup_internal.profiles_by_stock(portfolio_by.program, portfolio_by.overrides) r,
        LATERAL (SELECT tradeup_internal.stock_list(x.price_minor, x.vehicle_id) AS stock
                 FROM ((SELECT x.price_minor, x.vehicle_id
                        FROM tradeup.vehicle x
                        WHERE (SELECT w.way FROM w) = 'list' AND x.status = 'available' AND x.currency = r.currency
                          AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, x.year, x.kilometers, x.make)
                        ORDER BY x.price_minor, x.vehicle_id OFFSET 0)
                       UNION ALL
                       SELECT x.price_minor, x.vehicle_id
                       FROM (SELECT p.* FROM tradeup_internal.best_prices(r.profiles, portfolio_by.rank_by) p
                             WHERE (SELECT w.way FROM w) = 'index' OFFSET 0) p,
                       LATERAL ((SELECT v.price_minor, v.vehicle_id
                                 FROM tradeup.vehicle v
                                 WHERE p.downward AND v.status = 'available' AND v.currency = r.currency
                                   AND v.price_minor >= p.lowest AND v.price_minor <= p.highest
                                   AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, v.year, v.kilometers,
                                                                 v.make)
                                 ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT portfolio_by.per_customer))
                                UNION ALL
                                (SELECT v.price_minor, v.vehicle_id
                                 FROM tradeup.vehicle v
                                 WHERE NOT p.downward AND v.status = 'available' AND v.currency = r.currency
                                   AND v.price_minor >= p.lowest AND v.price_minor <= p.highest
                                   AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, v.year, v.kilometers,
                                                                 v.make)
                                 ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT portfolio_by.per_customer))) x) x) s,
        LATERAL tradeup_internal.best_in_stock(s.stock, r.profiles, portfolio_by.per_customer, portfolio_by.rank_by) b
        WHERE tradeup_internal.require_not_negative('per_customer'::text, portfolio_by.per_customer)
          AND tradeup_internal.require_one_of('rank_by'::text, portfolio_by.rank_by,
                                              '{margin,price,payment,closeness}'::text[])
    )
    SELECT o.customer_id, o.program, o.version, o.profile, o.term, o.annual_rate, v.vehicle_id, v.make, v.model, v.body, v.year,
           v.kilometers, v.color, v.region, v.dealer, v.currency, v.before_rebate, v.price, v.price_minor, o.tier, o.tier_rank,
           o.current_payment, o.payment, o.payment_frequency, o.monthly_payment, o.payment_change, o.loan_amount,
           o.effective_equity, o.service_fee, o.opening_fee, o.margin, v.markup
    FROM b,
         LATERAL tradeup_internal.offers_picked(b.profiles, b.vehicles, b.picks) o,
         LATERAL (SELECT x.*, x.price + coalesce(x.rebate, 0::numeric) AS before_rebate,
                         round(x.price - x.cost, scale(x.price)) AS markup
                  FROM tradeup.vehicle x
                  WHERE x.vehicle_id = ANY (b.chosen)
                  OFFSET 0) v
    WHERE v.vehicle_id = o.vehicle_id;
END;
COMMENT ON FUNCTION tradeup_internal.portfolio_by(text, integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, searched in a sorted list of all prices (way: list) or of those that the index on price '
    'has at the ends of ranges (index), or by the shorter way (null); all ways find the same';

CREATE OR REPLACE FUNCTION tradeup.portfolio(per_customer integer DEFAULT 3, program text DEFAULT NULL,
                                             overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    SELECT o.* FROM tradeup_internal.portfolio_by(NULL::text, portfolio.per_customer, portfolio.program, portfolio.overrides,
                                                  portfolio.rank_by) o;
END;
COMMENT ON FUNCTION tradeup.portfolio(integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, whatever their tier, ranked as best_offers ranks them';
