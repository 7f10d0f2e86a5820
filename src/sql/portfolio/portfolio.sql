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
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 2
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
                                                          per_customer integer, rank_by text)
RETURNS TABLE (customer_id text, program text, version integer, profile text, term integer, annual_rate numeric,
               current_payment numeric, vehicle_id text, tier text, tier_rank integer, payment numeric, payment_change numeric,
               loan_amount numeric, effective_equity numeric, service_fee numeric, opening_fee numeric, margin numeric,
               monthly_payment numeric, payment_frequency text)
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 ROWS 10000 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.best_in_stock(bytea, tradeup_internal.profile_customers[], integer, text) IS
    'The best offers of every customer of some risk profiles over a stock, ranked as best_offers ranks them';

-- The prices are searched as portfolio_summary searches them. They are sorted once for each currency and set of restrictions; a
-- customer's tiers are stretches of the sorted list, and her best offers stand at the ends of these. Only the vehicles that were
-- chosen are read from the table, all of them at once.
CREATE OR REPLACE FUNCTION tradeup_internal.portfolio_by_list(per_customer integer, program text, overrides tradeup.any_json,
                                                              rank_by text)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    WITH b AS MATERIALIZED (
        SELECT b.*
        FROM tradeup_internal.profiles_by_stock(portfolio_by_list.program, portfolio_by_list.overrides) r,
        LATERAL (SELECT tradeup_internal.stock_list(x.price_minor, x.vehicle_id) AS stock
                 FROM (SELECT x.price_minor, x.vehicle_id
                       FROM tradeup.vehicle x
                       WHERE x.status = 'available' AND x.currency = r.currency
                         AND tradeup_internal.finances(r.min_year, r.max_kilometers, r.makes, x.year, x.kilometers, x.make)
                       ORDER BY x.price_minor, x.vehicle_id OFFSET 0) x) s,
        LATERAL tradeup_internal.best_in_stock(s.stock, r.profiles, portfolio_by_list.per_customer,
                                               portfolio_by_list.rank_by) b
        WHERE tradeup_internal.require_not_negative('per_customer'::text, portfolio_by_list.per_customer)
          AND tradeup_internal.require_one_of('rank_by'::text, portfolio_by_list.rank_by,
                                              '{margin,price,payment,closeness}'::text[])
    )
    SELECT b.customer_id, b.program, b.version, b.profile, b.term, b.annual_rate, v.vehicle_id, v.make, v.model, v.body, v.year,
           v.kilometers, v.color, v.region, v.dealer, v.currency, v.price + coalesce(v.rebate, 0::numeric), v.price,
           v.price_minor, b.tier, b.tier_rank, b.current_payment, b.payment, b.payment_frequency, b.monthly_payment,
           b.payment_change, b.loan_amount, b.effective_equity, b.service_fee, b.opening_fee, b.margin,
           round(v.price - v.cost, scale(v.price))
    FROM b, tradeup.vehicle v
    WHERE v.vehicle_id = b.vehicle_id AND v.vehicle_id = ANY (ARRAY(SELECT DISTINCT x.vehicle_id FROM b x));
END;
COMMENT ON FUNCTION tradeup_internal.portfolio_by_list(integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, searched in a sorted list of all prices';

-- By margin and by price the rank depends on the vehicle alone. The best vehicles of all terms then stand at one end of one range
-- of prices, so a customer costs one index scan. The terms' ranges may leave holes between them, so each vehicle is asked whether
-- some term has a tier at its price. (The OFFSET 0 makes the vehicles the outer side of the join with the deals: one scan a
-- customer.) By payment and closeness each term has an order of its own, so each term costs a scan. The region of a customer, as
-- her program knows it, is looked up where the program has any.
CREATE OR REPLACE FUNCTION tradeup_internal.portfolio_by_index(per_customer integer, program text, overrides tradeup.any_json,
                                                               rank_by text)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    SELECT b.*
    FROM (SELECT c.customer_id, c.equity, c.current_payment, c.trade_value, c.bonus, c.income,
                 CASE WHEN p.requires_dearer THEN c.current_price END AS current_price, p.program, p.version, p.profile,
                 p.terms, p.rates, p.residuals, p.deal, p.min_year, p.max_kilometers, p.makes, p.currency
          FROM tradeup.customer c
          JOIN (SELECT p.*, t.terms, t.rates, t.residuals
                FROM tradeup_internal.programs_wanted(portfolio_by_index.program) w,
                     LATERAL tradeup_internal.program_regions(w.program, w.version) g,
                     LATERAL tradeup_internal.program_deals(w.program, w.version, g.region, portfolio_by_index.overrides) p,
                     LATERAL (SELECT array_agg(t.term ORDER BY t.term) AS terms,
                                     array_agg(t.annual_rate ORDER BY t.term) AS rates,
                                     array_agg(t.residual_rate ORDER BY t.term) AS residuals
                              FROM tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate,
                                                                  portfolio_by_index.overrides) t) t
                OFFSET 0) p
            ON p.program = coalesce(portfolio_by_index.program, c.program, (SELECT d.program FROM tradeup.program_default d))
           AND p.profile = c.risk_profile
           AND coalesce(p.region, '') = coalesce(
                   (SELECT r.region
                    FROM (SELECT coalesce(portfolio_by_index.program, c.program,
                                         (SELECT d.program FROM tradeup.program_default d)) AS program) x,
                         tradeup.program_region r
                    WHERE r.program = x.program AND r.region = c.region
                      AND r.version = ((SELECT tradeup_internal.versions_with_regions()) ->> x.program)::integer), '')
          WHERE (portfolio_by_index.program IS NULL
                 OR tradeup_internal.require_known('program'::text, portfolio_by_index.program,
                                                   (SELECT x.name FROM tradeup.current_program x
                                                    WHERE x.name = portfolio_by_index.program), true))
            AND tradeup_internal.require_overrides(portfolio_by_index.overrides)
            AND tradeup_internal.require_not_negative('per_customer'::text, portfolio_by_index.per_customer)
            AND tradeup_internal.require_one_of('rank_by'::text, portfolio_by_index.rank_by,
                                                '{margin,price,payment,closeness}'::text[])) c,
    LATERAL (
        WITH d (term, annual_rate, deal) AS MATERIALIZED (
            SELECT t.term, t.annual_rate,
                   tradeup.deal_for(c.deal, t.annual_rate, t.term, c.equity, c.current_payment, c.current_price, c.trade_value,
                                    c.bonus, c.income, t.residual_rate)
            FROM (SELECT unnest(c.terms) AS term, unnest(c.rates) AS annual_rate, unnest(c.residuals) AS residual_rate) t
        ), range AS (
            SELECT min(tradeup_internal.lowest_minor(d.deal, true)) AS lowest,
                   max(tradeup_internal.highest_minor(d.deal, true)) AS highest FROM d
        )
        SELECT x.*
        FROM (SELECT o.*
              FROM range r,
              LATERAL (SELECT v.* FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = c.currency AND v.price_minor >= r.lowest
                         AND v.price_minor <= r.highest
                         AND tradeup_internal.finances(c.min_year, c.max_kilometers, c.makes, v.year, v.kilometers, v.make)
                         AND EXISTS (SELECT FROM d
                                     WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL)
                       ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT portfolio_by_index.per_customer) v,
              LATERAL (SELECT d.* FROM d
                       WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL OFFSET 0) d,
              LATERAL tradeup_internal.priced(ROW(c.customer_id, c.program, c.version, c.profile, d.term, d.annual_rate,
                                                  c.current_payment, d.deal, c.min_year, c.max_kilometers, c.makes,
                                                  c.currency)::tradeup.customer_deal,
                                              v::tradeup.vehicle, tradeup_internal.tier_minor(d.deal, v.price_minor),
                                              tradeup_internal.tier_rank_minor(d.deal, v.price_minor)) o
              ORDER BY o.margin DESC, o.price DESC, o.vehicle_id DESC, o.term LIMIT portfolio_by_index.per_customer) x
        WHERE portfolio_by_index.rank_by = 'margin'
        UNION ALL
        SELECT x.*
        FROM (SELECT o.*
              FROM range r,
              LATERAL (SELECT v.* FROM tradeup.vehicle v
                       WHERE v.status = 'available' AND v.currency = c.currency AND v.price_minor >= r.lowest
                         AND v.price_minor <= r.highest
                         AND tradeup_internal.finances(c.min_year, c.max_kilometers, c.makes, v.year, v.kilometers, v.make)
                         AND EXISTS (SELECT FROM d
                                     WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL)
                       ORDER BY v.price_minor, v.vehicle_id LIMIT portfolio_by_index.per_customer) v,
              LATERAL (SELECT d.* FROM d
                       WHERE tradeup_internal.tier_rank_minor(d.deal, v.price_minor) IS NOT NULL OFFSET 0) d,
              LATERAL tradeup_internal.priced(ROW(c.customer_id, c.program, c.version, c.profile, d.term, d.annual_rate,
                                                  c.current_payment, d.deal, c.min_year, c.max_kilometers, c.makes,
                                                  c.currency)::tradeup.customer_deal,
                                              v::tradeup.vehicle, tradeup_internal.tier_minor(d.deal, v.price_minor),
                                              tradeup_internal.tier_rank_minor(d.deal, v.price_minor)) o
              ORDER BY o.price, o.vehicle_id, o.term LIMIT portfolio_by_index.per_customer) x
        WHERE portfolio_by_index.rank_by = 'price'
        UNION ALL
        SELECT x.*
        FROM (SELECT o.*
              FROM d,
              LATERAL tradeup_internal.best_vehicles(d.deal, c.current_payment, c.currency,
                                                     tradeup_internal.lowest_minor(d.deal, true),
                                                     tradeup_internal.highest_minor(d.deal, true),
                                                     portfolio_by_index.per_customer, portfolio_by_index.rank_by, c.min_year,
                                                     c.max_kilometers, c.makes) b,
              LATERAL (SELECT v FROM tradeup.vehicle v WHERE v.vehicle_id = b.vehicle_id OFFSET 0) x,
              LATERAL tradeup_internal.priced(ROW(c.customer_id, c.program, c.version, c.profile, d.term, d.annual_rate,
                                                  c.current_payment, d.deal, c.min_year, c.max_kilometers, c.makes,
                                                  c.currency)::tradeup.customer_deal, x.v,
                                              tradeup_internal.tier_minor(d.deal, b.price_minor),
                                              tradeup_internal.tier_rank_minor(d.deal, b.price_minor)) o,
              LATERAL (SELECT tradeup_internal.ranked_downward(portfolio_by_index.rank_by, o.monthly_payment,
                                                               o.current_payment) AS downward) k
              ORDER BY tradeup_internal.rank_key(portfolio_by_index.rank_by, o.margin, o.price, o.monthly_payment,
                                                 o.current_payment),
                       NOT k.downward, CASE WHEN k.downward THEN -o.price ELSE o.price END,
                       CASE WHEN k.downward THEN o.vehicle_id END DESC, o.vehicle_id, o.term
              LIMIT portfolio_by_index.per_customer) x
        WHERE portfolio_by_index.rank_by IN ('payment', 'closeness')) b;
END;
COMMENT ON FUNCTION tradeup_internal.portfolio_by_index(integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, each looked up in the index on price';

-- Making the list reads every vehicle, whatever is asked of it; looking one customer up in the index costs as much as 90 vehicles
-- of the list, and by closeness, where each of her deals is looked up in both directions, as much as 500. A table that was never
-- analysed has -1 rows here, and so counts as small, as do views. A stock is one value, which holds 20 million vehicles with
-- identifiers of 40 bytes: more are never put into one.
CREATE OR REPLACE FUNCTION tradeup_internal.list_pays(rank_by text, relation regclass DEFAULT 'tradeup.vehicle') RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (WITH RECURSIVE x AS (
            SELECT list_pays.relation AS relation
            UNION
            SELECT c.child FROM x, LATERAL tradeup_internal.children_of(x.relation) c
        )
        SELECT coalesce(sum(c.reltuples), 0)
        FROM x, pg_catalog.pg_class c WHERE c.oid = x.relation AND c.relkind IN ('r', 'm', 'f'))
       <= least(20000000, CASE list_pays.rank_by WHEN 'closeness' THEN 500 ELSE 90 END
                          * greatest(1, (SELECT c.reltuples FROM pg_catalog.pg_class c
                                         WHERE c.oid = 'tradeup.customer'::regclass)));
COMMENT ON FUNCTION tradeup_internal.list_pays(text, regclass) IS
    'Whether there are so few vehicles, in a table and those below it, for each customer that portfolio, ranked like this, is '
    'faster by a sorted list of their prices';

CREATE OR REPLACE FUNCTION tradeup.portfolio(per_customer integer DEFAULT 3, program text DEFAULT NULL,
                                             overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 10000
BEGIN ATOMIC
    SELECT x.* FROM tradeup_internal.portfolio_by_list(portfolio.per_customer, portfolio.program, portfolio.overrides,
                                                       portfolio.rank_by) x
    WHERE (SELECT tradeup_internal.list_pays(portfolio.rank_by, 'tradeup.vehicle'::regclass))
    UNION ALL
    SELECT x.* FROM tradeup_internal.portfolio_by_index(portfolio.per_customer, portfolio.program, portfolio.overrides,
                                                        portfolio.rank_by) x
    WHERE NOT (SELECT tradeup_internal.list_pays(portfolio.rank_by, 'tradeup.vehicle'::regclass));
END;
COMMENT ON FUNCTION tradeup.portfolio(integer, text, tradeup.any_json, text) IS
    'The best offers of every customer, whatever their tier, ranked as best_offers ranks them';
