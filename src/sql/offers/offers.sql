-- The offers between customers and vehicles.

CREATE OR REPLACE FUNCTION tradeup.refusal(deal tradeup.deal, price tradeup.any_number, OUT rule text, OUT required numeric,
                                           OUT actual numeric, OUT short_by numeric, OUT explanation text) RETURNS record
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.refusal(tradeup.deal, tradeup.any_number) IS
    'Why no offer exists at this price: the first rule that fails, what it requires, what there is, the difference, and all '
    'of it in a sentence; null when an offer exists';

-- A customer who is not known, or whose program has no valid version, has no deals. Where one customer is asked for, that is an
-- error; where many are, as in FROM customer c, LATERAL deals(c.customer_id), the others must get their answer. The same holds
-- for a program that is named.
CREATE OR REPLACE FUNCTION tradeup.deals(customer_id text, program text DEFAULT NULL,
                                         overrides tradeup.any_json DEFAULT NULL::jsonb)
RETURNS SETOF tradeup.customer_deal
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 6 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    SELECT c.customer_id, p.program, p.version, p.profile, t.term, t.annual_rate, c.current_payment,
           tradeup.deal_for(p.deal, t.annual_rate, t.term, c.equity, c.current_payment,
                            CASE WHEN p.requires_dearer THEN c.current_price END, c.trade_value, c.bonus, c.income,
                            t.residual_rate),
           p.min_year, p.max_kilometers, p.makes, p.currency
    FROM (SELECT x.customer_id, x.risk_profile, x.region, x.equity, x.current_payment, x.current_price, x.trade_value, x.bonus,
                 x.income, p.name AS program, p.version
          FROM (SELECT deals.customer_id AS requested) q
          LEFT JOIN tradeup.customer x ON x.customer_id = q.requested
          LEFT JOIN (SELECT y.name, y.version FROM tradeup.current_program y) p
                 ON p.name = coalesce(deals.program, x.program, (SELECT d.program FROM tradeup.program_default d))
          WHERE tradeup_internal.require_known('customer'::text, deals.customer_id, x.customer_id,
                                               tradeup_internal.asked_for_one(deals.customer_id))
            AND CASE WHEN deals.program IS NOT NULL
                     THEN tradeup_internal.require_known('program'::text, deals.program, p.name,
                                                         tradeup_internal.asked_for_one(deals.program))
                     ELSE tradeup_internal.require_known('program'::text,
                                                         coalesce(x.program, (SELECT d.program FROM tradeup.program_default d)),
                                                         p.name, tradeup_internal.asked_for_one(deals.customer_id)) END
            AND tradeup_internal.require_overrides(deals.overrides)
            AND tradeup_internal.require_undistributed()
          OFFSET 0) c,
         LATERAL (SELECT x.* FROM tradeup_internal.program_deals(c.program, c.version, c.region, deals.overrides) x
                  WHERE x.profile = c.risk_profile OFFSET 0) p,
         LATERAL tradeup_internal.program_terms(p.program, p.version, p.annual_rate, p.max_adjusted_rate, deals.overrides) t
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup.deals(text, text, tradeup.any_json) IS
    'The deals of a customer, one for each term of the program: the one named, or the customer''s own, or the default';

-- The settings: a generic plan is made once a session, and JIT would take longer than the query. The customer is a parameter, and
-- not a column: so one who is not known is an error here too.
CREATE OR REPLACE FUNCTION tradeup_internal.kept_deals(customer_id text, program text, overrides tradeup.any_json)
RETURNS SETOF tradeup.customer_deal
LANGUAGE c STABLE PARALLEL SAFE COST 1000 ROWS 6 SET search_path = pg_catalog, pg_temp
SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_deals(text, text, tradeup.any_json) IS 'deals, by a plan that the session keeps';

CREATE OR REPLACE FUNCTION tradeup_internal.priced(deal tradeup.customer_deal, vehicle tradeup.vehicle, tier text,
                                                   tier_rank integer)
RETURNS SETOF tradeup.offer
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT (priced.deal).customer_id, (priced.deal).program, (priced.deal).version, (priced.deal).profile,
           (priced.deal).term, (priced.deal).annual_rate,
           (priced.vehicle).vehicle_id, (priced.vehicle).make, (priced.vehicle).model, (priced.vehicle).body,
           (priced.vehicle).year, (priced.vehicle).kilometers, (priced.vehicle).color, (priced.vehicle).region,
           (priced.vehicle).dealer, (priced.vehicle).currency,
           (priced.vehicle).price + coalesce((priced.vehicle).rebate, 0::numeric), (priced.vehicle).price,
           (priced.vehicle).price_minor, priced.tier, priced.tier_rank, (priced.deal).current_payment,
           tradeup_internal.payment_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup.payment_frequency((priced.deal).deal),
           tradeup_internal.monthly_payment_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.payment_change_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.loan_amount_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.effective_equity_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.service_fee_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.opening_fee_minor((priced.deal).deal, (priced.vehicle).price_minor),
           tradeup_internal.margin_minor((priced.deal).deal, (priced.vehicle).price_minor),
           round((priced.vehicle).price - (priced.vehicle).cost, scale((priced.vehicle).price));
END;
COMMENT ON FUNCTION tradeup_internal.priced(tradeup.customer_deal, tradeup.vehicle, text, integer) IS
    'The offer that a deal makes of a vehicle; whether it exists is the caller''s business';

-- A vehicle whose year, kilometres or make is not known is not financed where they matter. (As a CASE, because the planner would
-- assume of three conditions that they leave one row in thirty; and with IS NOT NULL, because coalesce would not be sent to the
-- server of a foreign table.)
CREATE OR REPLACE FUNCTION tradeup_internal.finances(min_year integer, max_kilometers integer, makes text[], year integer,
                                                     kilometers integer, make text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN min_year IS NULL AND max_kilometers IS NULL AND makes IS NULL THEN true
    ELSE (min_year IS NULL OR (year IS NOT NULL AND year >= min_year))
         AND (max_kilometers IS NULL OR (kilometers IS NOT NULL AND kilometers <= max_kilometers))
         AND (makes IS NULL OR (make IS NOT NULL AND make = ANY (makes)))
END;
COMMENT ON FUNCTION tradeup_internal.finances(integer, integer, text[], integer, integer, text) IS
    'Whether a program with these restrictions (null: none) finances a vehicle of this year, kilometres and make';

-- The bounds are plain columns of bigint: only so do they stay conditions of the index, also behind a policy of row-level
-- security.
-- The second branch is empty and reads no table, so that it drops out of the plan, also behind a policy. It makes the vehicles a
-- query of their own, for which the bounds are parameters: so they reach the server of a foreign table, and no hash join can
-- read the whole inventory.
-- The columns are those of priced. They are written out, and no others are read, because the body is read and planned with each
-- query: by priced, planning takes half as long again.
CREATE OR REPLACE FUNCTION tradeup.offers(customer_id text, program text DEFAULT NULL,
                                          overrides tradeup.any_json DEFAULT NULL::jsonb,
                                          price_from tradeup.any_number DEFAULT NULL::numeric,
                                          price_to tradeup.any_number DEFAULT NULL::numeric)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1000
BEGIN ATOMIC
    SELECT d.customer_id, d.program, d.version, d.profile, d.term, d.annual_rate, v.vehicle_id, v.make, v.model, v.body, v.year,
           v.kilometers, v.color, v.region, v.dealer, v.currency, v.price + coalesce(v.rebate, 0::numeric), v.price,
           v.price_minor, w.tier, w.rank, d.current_payment, tradeup_internal.payment_minor(d.deal, v.price_minor),
           tradeup.payment_frequency(d.deal), tradeup_internal.monthly_payment_minor(d.deal, v.price_minor),
           tradeup_internal.payment_change_minor(d.deal, v.price_minor),
           tradeup_internal.loan_amount_minor(d.deal, v.price_minor),
           tradeup_internal.effective_equity_minor(d.deal, v.price_minor),
           tradeup_internal.service_fee_minor(d.deal, v.price_minor), tradeup_internal.opening_fee_minor(d.deal, v.price_minor),
           tradeup_internal.margin_minor(d.deal, v.price_minor), round(v.price - v.cost, scale(v.price))
    FROM tradeup.deals(offers.customer_id, offers.program, offers.overrides) d,
    LATERAL tradeup_internal.windows_within(d.deal, offers.price_from, offers.price_to, d.currency) w,
    LATERAL (SELECT v.vehicle_id, v.make, v.model, v.body, v.year, v.kilometers, v.color, v.region, v.dealer, v.currency,
                    v.price, v.price_minor, v.rebate, v.cost
             FROM tradeup.vehicle v
             WHERE v.currency = w.currency AND v.price_minor >= w.lowest_minor AND v.price_minor <= w.highest_minor
               AND v.status = 'available'
               AND tradeup_internal.finances(d.min_year, d.max_kilometers, d.makes, v.year, v.kilometers, v.make)
             UNION ALL
             SELECT NULL::text, NULL::text, NULL::text, NULL::text, NULL::integer, NULL::integer, NULL::text, NULL::text,
                    NULL::text, NULL::text, NULL::numeric, NULL::bigint, NULL::numeric, NULL::numeric
             WHERE false) v;
END;
COMMENT ON FUNCTION tradeup.offers(text, text, tradeup.any_json, tradeup.any_number, tradeup.any_number) IS
    'Every offer for a customer, available vehicles times terms, within a range of prices (null: any); tier is null where the '
    'payment change is in no tier';

-- Vehicles counted once, whatever the number of deals: each falls between two edges of the deals' windows, and the tiers are
-- told of the counts. The state is what is returned, an array of a common type, so that parts of an inventory can be counted
-- by workers, partitions and other servers and added up.
CREATE OR REPLACE FUNCTION tradeup_internal.offer_tally_step(tally bigint[], price_minor bigint, deals tradeup.deal[])
RETURNS bigint[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offer_tally_step(bigint[], bigint, tradeup.deal[]) IS 'Step of the aggregate offer_tally';
CREATE OR REPLACE FUNCTION tradeup_internal.offer_tally_combine(tally bigint[], added bigint[]) RETURNS bigint[]
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.offer_tally_combine(bigint[], bigint[]) IS
    'Adds up what parts of the vehicles have of the aggregate offer_tally';
CREATE OR REPLACE AGGREGATE tradeup.offer_tally(price_minor bigint, deals tradeup.deal[]) (
    SFUNC = tradeup_internal.offer_tally_step, STYPE = bigint[], SSPACE = 1024,
    COMBINEFUNC = tradeup_internal.offer_tally_combine, PARALLEL = SAFE);
COMMENT ON AGGREGATE tradeup.offer_tally(bigint, tradeup.deal[]) IS
    'Vehicles counted by price, in minor units, between the edges of the windows of deals, nulls left out: the edges and then '
    'the counts, for offer_counts';

CREATE OR REPLACE FUNCTION tradeup.tally_counts(tally bigint[], deals tradeup.deal[], OUT tier text, OUT rank integer,
                                                OUT offers bigint, OUT vehicles bigint)
RETURNS SETOF record
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 20 ROWS 4 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.tally_counts(bigint[], tradeup.deal[]) IS
    'The offers that deals make of the vehicles of a tally (null: none), and the vehicles with such an offer, by tier; the last '
    'row, of offers in no tier, has a null tier';

CREATE OR REPLACE FUNCTION tradeup_internal.programs_asked(programs text[], customer_id text) RETURNS TABLE (program text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 2
BEGIN ATOMIC
    SELECT DISTINCT x.program
    FROM unnest(programs_asked.programs) x (program)
    WHERE x.program IS NOT NULL
       OR NOT coalesce((SELECT coalesce(c.program, (SELECT d.program FROM tradeup.program_default d))
                               = ANY (programs_asked.programs)
                        FROM tradeup.customer c WHERE c.customer_id = programs_asked.customer_id), false);
END;
COMMENT ON FUNCTION tradeup_internal.programs_asked(text[], text) IS
    'Several programs, each once; null, for the customer''s own or the default one, only where that is not named too';

CREATE OR REPLACE FUNCTION tradeup.program_offers(customer_id text, programs text[],
                                                  overrides tradeup.any_json DEFAULT NULL::jsonb,
                                          price_from tradeup.any_number DEFAULT NULL::numeric,
                                          price_to tradeup.any_number DEFAULT NULL::numeric)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 2000
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT x.program FROM tradeup_internal.programs_asked(program_offers.programs, program_offers.customer_id) x
          WHERE x.program IS NULL
             OR tradeup_internal.require_known('program'::text, x.program,
                                               (SELECT c.name FROM tradeup.current_program c WHERE c.name = x.program),
                                               tradeup_internal.asked_for_one(program_offers.programs[1]))) p,
    LATERAL tradeup.offers(program_offers.customer_id, p.program, program_offers.overrides, program_offers.price_from,
                           program_offers.price_to) o;
END;
COMMENT ON FUNCTION tradeup.program_offers(text, text[], tradeup.any_json, tradeup.any_number, tradeup.any_number) IS
    'Every offer for a customer by each of several programs; null among them stands for the customer''s own or the default one';

-- How offers are ranked: by the key, then by price and vehicle_id in the direction in which the price index is read, then by
-- term. Payments are ranked by those of a month. Both take single figures rather than an offer, because only then does the
-- planner inline them.
CREATE OR REPLACE FUNCTION tradeup_internal.rank_key(rank_by text, margin numeric, price numeric, payment numeric,
                                                     current_payment numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE rank_by
    WHEN 'margin' THEN -margin
    WHEN 'price' THEN price
    WHEN 'payment' THEN payment
    ELSE abs(payment - current_payment)
END;
COMMENT ON FUNCTION tradeup_internal.rank_key(text, numeric, numeric, numeric, numeric) IS
    'The number by which an offer is ranked; the smallest is the best';

CREATE OR REPLACE FUNCTION tradeup_internal.ranked_downward(rank_by text, payment numeric, current_payment numeric)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN rank_by = 'margin' OR (rank_by = 'closeness' AND payment <= current_payment);
COMMENT ON FUNCTION tradeup_internal.ranked_downward(text, numeric, numeric) IS
    'Whether, of two offers of equal rank, the dearer vehicle comes first';

-- The best offers come from the ends of ranges of prices, so each branch reads a few entries of the price index in one
-- direction: the margin rises with the price, and so does the payment. The test of rank_by stands outside the LIMIT, so
-- that the branches not asked for drop out of the plan. The limits are sub-selects, so that the planner does not know them:
-- otherwise, where it expects few vehicles, it would rather fetch all and sort them.
-- Whether a price has a tier is worked out here: the coalesce keeps it from the server of a foreign table, which would have to
-- read the deal again for each query.
-- For closeness, `even` is the dearest price whose monthly payment is at most the current one, -1 where there is none.
CREATE OR REPLACE FUNCTION tradeup_internal.best_vehicles(deal tradeup.deal, current_payment numeric, currency text,
                                                          lowest bigint, highest bigint, most integer, rank_by text,
                                                          min_year integer, max_kilometers integer, makes text[])
RETURNS TABLE (vehicle_id text, price_minor bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 3
BEGIN ATOMIC
    SELECT x.vehicle_id, x.price_minor
    FROM (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
          WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= best_vehicles.lowest
            AND v.price_minor <= best_vehicles.highest
            AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
            AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                          v.kilometers, v.make)
          ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT best_vehicles.most)) x
    WHERE best_vehicles.rank_by = 'margin'
    UNION ALL
    SELECT x.vehicle_id, x.price_minor
    FROM (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
          WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= best_vehicles.lowest
            AND v.price_minor <= best_vehicles.highest
            AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
            AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                          v.kilometers, v.make)
          ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT best_vehicles.most)) x
    WHERE best_vehicles.rank_by IN ('price', 'payment')
    UNION ALL
    SELECT x.vehicle_id, x.price_minor
    FROM (SELECT least(best_vehicles.highest, e.even) AS highest, greatest(best_vehicles.lowest, e.even + 1) AS lowest
          FROM (SELECT coalesce(tradeup_internal.dearest_minor(best_vehicles.deal, 'monthly_payment'::text,
                                                               best_vehicles.current_payment), -1::bigint) AS even) e
          OFFSET 0) b,
    LATERAL (
        (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
         WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= best_vehicles.lowest
           AND v.price_minor <= b.highest
           AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
           AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                         v.kilometers, v.make)
         ORDER BY v.price_minor DESC, v.vehicle_id DESC LIMIT (SELECT best_vehicles.most))
        UNION ALL
        (SELECT v.vehicle_id, v.price_minor FROM tradeup.vehicle v
         WHERE v.status = 'available' AND v.currency = best_vehicles.currency AND v.price_minor >= b.lowest
           AND v.price_minor <= best_vehicles.highest
           AND coalesce(tradeup_internal.tier_rank_minor(best_vehicles.deal, v.price_minor), 0) > 0
           AND tradeup_internal.finances(best_vehicles.min_year, best_vehicles.max_kilometers, best_vehicles.makes, v.year,
                                         v.kilometers, v.make)
         ORDER BY v.price_minor, v.vehicle_id LIMIT (SELECT best_vehicles.most))) x
    WHERE best_vehicles.rank_by = 'closeness';
END;
COMMENT ON FUNCTION tradeup_internal.best_vehicles(tradeup.deal, numeric, text, bigint, bigint, integer, text, integer, integer,
                                                   text[]) IS
    'The available vehicles of a currency, with their prices in minor units, that have a tier at the best ends of a range of '
    'prices and are financed, at most so many from each end';

-- The best are chosen by what the price index holds; only they are looked up in the table, those of a tier at once: of a
-- foreign table that is one query, with the identifiers as its parameter. They are gathered by tier, so that a condition on the
-- tier of the offers still reaches the windows. What is sorted and gathered names its deal by the term. Deals and vehicles come
-- as rows of columns, because taking a row apart costs more than the arithmetic.
CREATE OR REPLACE FUNCTION tradeup.best_offers(customer_id text, per_tier integer DEFAULT 3, program text DEFAULT NULL,
                                               overrides tradeup.any_json DEFAULT NULL::jsonb, rank_by text DEFAULT 'margin',
                                               tier text DEFAULT NULL)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 9 SUPPORT tradeup_internal.kept_support
BEGIN ATOMIC
    WITH d AS MATERIALIZED (
        SELECT d.*
        FROM tradeup.deals(best_offers.customer_id, best_offers.program, best_offers.overrides) d
        WHERE tradeup_internal.require_not_negative('per_tier'::text, best_offers.per_tier)
          AND tradeup_internal.require_one_of('rank_by'::text, best_offers.rank_by,
                                              '{margin,price,payment,closeness}'::text[])
          AND CASE WHEN best_offers.tier IS NULL OR NOT tradeup_internal.asked_for_one(best_offers.customer_id) THEN true
                   ELSE (SELECT count(*) = 0 OR tradeup_internal.require_one_of('tier'::text, best_offers.tier,
                                                                                array_agg(t.name ORDER BY t.rank))
                         FROM tradeup.program_tier t WHERE t.program = d.program AND t.version = d.version) END
    )
    SELECT o.*
    FROM (
        SELECT b.tier, b.rank, array_agg(b.vehicle_id) AS vehicle_ids, array_agg(b.place) AS places,
               array_agg(b.term) AS terms
        FROM (SELECT d.term, w.tier, w.rank, v.vehicle_id,
                     row_number() OVER (
                         PARTITION BY w.rank, w.tier
                         ORDER BY tradeup_internal.rank_key(best_offers.rank_by, k.margin, v.price_minor::numeric, k.payment,
                                                            d.current_payment),
                                  NOT k.downward, CASE WHEN k.downward THEN -v.price_minor ELSE v.price_minor END,
                                  CASE WHEN k.downward THEN v.vehicle_id END COLLATE "C" DESC, v.vehicle_id COLLATE "C",
                                  d.term) AS place
              FROM d,
              LATERAL tradeup.windows(d.deal) w,
              LATERAL tradeup_internal.best_vehicles(d.deal, d.current_payment, d.currency, w.lowest_minor, w.highest_minor,
                                                     best_offers.per_tier, best_offers.rank_by, d.min_year, d.max_kilometers,
                                                     d.makes) v,
              LATERAL (
                  SELECT tradeup_internal.margin_minor(d.deal, v.price_minor) AS margin,
                         tradeup_internal.monthly_payment_minor(d.deal, v.price_minor) AS payment,
                         tradeup_internal.ranked_downward(best_offers.rank_by,
                                                          tradeup_internal.monthly_payment_minor(d.deal, v.price_minor),
                                                          d.current_payment) AS downward) k
              WHERE w.tier IS NOT NULL AND (best_offers.tier IS NULL OR w.tier = best_offers.tier)) b
        WHERE b.place <= best_offers.per_tier
        GROUP BY b.rank, b.tier) b,
    LATERAL (
        WITH v AS MATERIALIZED (SELECT v.* FROM tradeup.vehicle v WHERE v.vehicle_id = ANY (b.vehicle_ids))
        SELECT c.place, c.term, v.*
        FROM unnest(b.vehicle_ids, b.places, b.terms) c (vehicle_id, place, term), v
        WHERE v.vehicle_id = c.vehicle_id) v,
    d,
    LATERAL tradeup_internal.priced(
        ROW(d.customer_id, d.program, d.version, d.profile, d.term, d.annual_rate, d.current_payment, d.deal, d.min_year,
            d.max_kilometers, d.makes, d.currency)::tradeup.customer_deal,
        ROW(v.vehicle_id, v.make, v.model, v.body, v.year, v.kilometers, v.color, v.fuel, v.transmission, v.vin, v.region,
            v.dealer, v.currency, v.regular_price, v.promotion_price, v.rebate, v.price, v.price_minor, v.cost, v.status,
            v.listed_on, v.sold_on)::tradeup.vehicle,
        b.tier, b.rank) o
    WHERE d.term = v.term
    ORDER BY b.rank, v.place;
END;
COMMENT ON FUNCTION tradeup.best_offers(text, integer, text, tradeup.any_json, text, text) IS
    'The best offers of each tier, or of one, for a customer, ranked by margin (highest first), price, monthly payment (lowest '
    'first) or its closeness to the current one';

-- One plan for each way of ranking, because one for all would have to set up the branches of all.
CREATE OR REPLACE FUNCTION tradeup_internal.kept_best_offers(customer_id text, per_tier integer, program text,
                                                             overrides tradeup.any_json,
                                                             rank_by text, tier text)
RETURNS SETOF tradeup.offer
LANGUAGE c STABLE PARALLEL SAFE COST 1000 ROWS 9 SET search_path = pg_catalog, pg_temp
SET jit = off
AS 'MODULE_PATHNAME', 'kept';
COMMENT ON FUNCTION tradeup_internal.kept_best_offers(text, integer, text, tradeup.any_json, text, text) IS
    'best_offers, by a plan that the session keeps';

CREATE OR REPLACE FUNCTION tradeup.best_programs(customer_id text, programs text[],
                                                 overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                 rank_by text DEFAULT 'payment')
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL SAFE COST 5000 ROWS 1000
BEGIN ATOMIC
    SELECT DISTINCT ON (o.vehicle_id, o.tier) o.*
    FROM tradeup.program_offers(best_programs.customer_id, best_programs.programs, best_programs.overrides,
                        NULL::tradeup.any_number, NULL::tradeup.any_number) o
    WHERE o.tier IS NOT NULL
      AND tradeup_internal.require_one_of('rank_by'::text, best_programs.rank_by, '{margin,payment,closeness}'::text[])
    ORDER BY o.vehicle_id, o.tier,
             tradeup_internal.rank_key(best_programs.rank_by, o.margin, o.price, o.monthly_payment, o.current_payment),
             o.monthly_payment, o.term, o.program;
END;
COMMENT ON FUNCTION tradeup.best_programs(text, text[], tradeup.any_json, text) IS
    'For each vehicle and tier the offer of the best of several programs: the lowest monthly payment, the highest margin, or the '
    'monthly payment closest to the current one';

CREATE OR REPLACE FUNCTION tradeup.program_refusals(customer_id text, vehicle_id text, programs text[],
                                                overrides tradeup.any_json DEFAULT NULL::jsonb, OUT program text,
                                                OUT version integer,
                                                OUT term integer, OUT offer_exists boolean, OUT rule text, OUT required numeric,
                                                OUT actual numeric, OUT short_by numeric, OUT explanation text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 12
BEGIN ATOMIC
    SELECT e.program, e.version, e.term, e.rule IS NULL, e.rule, e.required, e.actual, e.short_by,
           CASE e.rule
               WHEN 'program'
                   THEN coalesce('the program "' || e.program || '" has no published version that is valid today',
                                 'the customer has no program')
               WHEN 'profile' THEN 'the program has no risk profile "' || e.risk_profile || '"'
               WHEN 'term' THEN 'the program has no term of ' || e.term || ' months'
               WHEN 'term_not_wanted' THEN 'the overrides leave this term out'
               WHEN 'rate' THEN 'the annual rate of ' || e.actual || ' is above ' || e.required
               WHEN 'status' THEN 'the vehicle is ' || e.status
               WHEN 'currency' THEN 'the vehicle is priced in ' || e.currency || ', the program is in ' || e.program_currency
               WHEN 'min_year' THEN 'the year is ' || coalesce(e.actual || ', before ' || e.required, 'not known')
               WHEN 'max_kilometers' THEN 'the kilometres are ' || coalesce(e.actual || ', above ' || e.required, 'not known')
               WHEN 'makes' THEN 'the program does not finance '
                   || coalesce('the make "' || e.make || '"', 'a vehicle of unknown make')
               ELSE coalesce(e.refusal, 'an offer exists' || coalesce(' in tier ' || e.tier, ', in no tier'))
           END
    FROM (
        SELECT c.program, p.version, t.term, c.risk_profile, v.status, v.make, v.currency, p.currency AS program_currency,
               CASE WHEN v.currency = p.currency THEN tradeup_internal.tier_minor(d.deal, v.price_minor) END AS tier,
               CASE WHEN p.name IS NULL THEN 'program'
                    WHEN f.profile IS NULL THEN 'profile'
                    WHEN NOT t.in_program THEN 'term'
                    WHEN NOT tradeup_internal.term_wanted(program_refusals.overrides, t.term) THEN 'term_not_wanted'
                    WHEN d.deal IS NULL THEN 'rate'
                    WHEN v.status <> 'available' THEN 'status'
                    WHEN v.currency <> p.currency THEN 'currency'
                    ELSE coalesce(x.restriction, (r.refusal).rule) END AS rule,
               CASE WHEN x.rate_refused THEN p.max_adjusted_rate
                    WHEN v.status <> 'available' OR v.currency <> p.currency THEN NULL
                    WHEN x.restriction = 'min_year' THEN d.min_year
                    WHEN x.restriction = 'max_kilometers' THEN d.max_kilometers
                    WHEN x.restriction IS NULL THEN (r.refusal).required END AS required,
               CASE WHEN x.rate_refused
                    THEN tradeup_internal.overridden(program_refusals.overrides, 'annual_rate'::text, f.annual_rate,
                                                     p.max_annual_rate)
                         + t.rate_adjustment
                    WHEN v.status <> 'available' OR v.currency <> p.currency THEN NULL
                    WHEN x.restriction = 'min_year' THEN v.year
                    WHEN x.restriction = 'max_kilometers' THEN v.kilometers
                    WHEN x.restriction IS NULL THEN (r.refusal).actual END AS actual,
               CASE WHEN v.status <> 'available' OR v.currency <> p.currency THEN NULL
                    WHEN x.restriction = 'min_year' THEN d.min_year - v.year
                    WHEN x.restriction = 'max_kilometers' THEN v.kilometers - d.max_kilometers
                    WHEN x.restriction IS NULL THEN (r.refusal).short_by END AS short_by,
               (r.refusal).explanation AS refusal
        FROM (SELECT x.customer_id, x.risk_profile, q.program AS named,
                     coalesce(q.program, x.program, (SELECT d.program FROM tradeup.program_default d)) AS program
              FROM (SELECT program_refusals.customer_id AS requested, y.program
                    FROM tradeup_internal.programs_asked(program_refusals.programs, program_refusals.customer_id) y) q
              LEFT JOIN tradeup.customer x ON x.customer_id = q.requested
              WHERE tradeup_internal.require_known('customer'::text, program_refusals.customer_id, x.customer_id,
                                                   tradeup_internal.asked_for_one(program_refusals.customer_id))
                AND tradeup_internal.require_overrides(program_refusals.overrides)
                AND tradeup_internal.require_undistributed()
              OFFSET 0) c
        CROSS JOIN (SELECT x.make, x.year, x.kilometers, x.currency, x.price, x.price_minor, x.status
                    FROM (SELECT program_refusals.vehicle_id AS requested) q
                    LEFT JOIN tradeup.vehicle x ON x.vehicle_id = q.requested
                    WHERE tradeup_internal.require_known('vehicle'::text, program_refusals.vehicle_id, x.vehicle_id,
                                                         tradeup_internal.asked_for_one(program_refusals.vehicle_id))
                    OFFSET 0) v
        CROSS JOIN LATERAL (SELECT x.*
                            FROM (SELECT c.program AS requested) q
                            LEFT JOIN (SELECT y.name, y.version, y.currency, y.max_adjusted_rate, y.max_annual_rate
                                       FROM tradeup.current_program y) x ON x.name = q.requested
                            WHERE c.named IS NULL
                               OR tradeup_internal.require_known('program'::text, c.named, x.name,
                                                                 tradeup_internal.asked_for_one(program_refusals.programs[1]))
                            OFFSET 0) p
        LEFT JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = c.risk_profile
        CROSS JOIN LATERAL (
            SELECT x.term, x.rate_adjustment, true AS in_program
            FROM tradeup.program_term x WHERE x.program = p.name AND x.version = p.version
            UNION ALL
            SELECT w.term, 0, false
            FROM (SELECT DISTINCT e.term::numeric::integer AS term
                  FROM jsonb_array_elements_text(program_refusals.overrides -> 'terms') e (term)) w
            WHERE p.name IS NOT NULL
              AND NOT EXISTS (SELECT FROM tradeup.program_term x
                              WHERE x.program = p.name AND x.version = p.version AND x.term = w.term)
            UNION ALL
            SELECT NULL::integer, NULL::numeric, true WHERE p.name IS NULL) t
        /* The empty name stands for no program: no deals, and no error, because it comes from a column. */
        LEFT JOIN tradeup.deals(program_refusals.customer_id, coalesce(c.program, ''::text), program_refusals.overrides) d
            ON d.term = t.term
        CROSS JOIN LATERAL (SELECT tradeup.refusal(CASE WHEN v.currency = p.currency THEN d.deal END,
                                                  v.price::tradeup.any_number) AS refusal) r
        CROSS JOIN LATERAL (SELECT d.deal IS NULL AND f.profile IS NOT NULL AND t.in_program
                                   AND tradeup_internal.term_wanted(program_refusals.overrides, t.term) AS rate_refused,
                                   CASE WHEN NOT tradeup_internal.finances(d.min_year, NULL::integer, NULL::text[], v.year,
                                                                           NULL::integer, NULL::text)
                                        THEN 'min_year'
                                        WHEN NOT tradeup_internal.finances(NULL::integer, d.max_kilometers, NULL::text[],
                                                                           NULL::integer, v.kilometers, NULL::text)
                                        THEN 'max_kilometers'
                                        WHEN NOT tradeup_internal.finances(NULL::integer, NULL::integer, d.makes,
                                                                           NULL::integer, NULL::integer, v.make)
                                        THEN 'makes' END AS restriction) x) e
    ORDER BY e.program, e.term;
END;
COMMENT ON FUNCTION tradeup.program_refusals(text, text, text[], tradeup.any_json) IS
    'For each of several programs and each term, whether an offer exists, or else the first rule that fails, what it requires, '
    'what there is, and by how much it fails';

CREATE OR REPLACE FUNCTION tradeup.why_no_offer(customer_id text, vehicle_id text, program text DEFAULT NULL,
                                                overrides tradeup.any_json DEFAULT NULL::jsonb, OUT term integer,
                                                OUT offer_exists boolean,
                                                OUT rule text, OUT required numeric, OUT actual numeric, OUT short_by numeric,
                                                OUT explanation text)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 6
BEGIN ATOMIC
    SELECT w.term, w.offer_exists, w.rule, w.required, w.actual, w.short_by, w.explanation
    FROM tradeup.program_refusals(why_no_offer.customer_id, why_no_offer.vehicle_id, ARRAY[why_no_offer.program],
                              why_no_offer.overrides) w;
END;
COMMENT ON FUNCTION tradeup.why_no_offer(text, text, text, tradeup.any_json) IS
    'For each term, whether an offer exists, or else the first rule that fails, what it requires, what there is, and by how much '
    'it fails';
