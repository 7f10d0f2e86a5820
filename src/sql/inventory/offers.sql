-- Offers over inventories in tables of users' own: what offers, best_offers and offer_counts say of tradeup.vehicle.

CREATE OR REPLACE FUNCTION tradeup.offers_in(inventory text, customer_id text, program text DEFAULT NULL,
                                             overrides tradeup.any_json DEFAULT NULL::jsonb,
                                             price_from tradeup.any_number DEFAULT NULL::numeric,
                                             price_to tradeup.any_number DEFAULT NULL::numeric)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 1000
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT ARRAY(SELECT d FROM tradeup.deals(offers_in.customer_id, offers_in.program, offers_in.overrides) d) AS deals
          OFFSET 0) x,
    LATERAL (SELECT tradeup_internal.inventory_source(i, (x.deals[1]).min_year, (x.deals[1]).max_kilometers, (x.deals[1]).makes,
                                                      NULL::tradeup_internal.vehicle_conditions) AS source
             FROM tradeup_internal.inventory_named(offers_in.inventory) i OFFSET 0) s,
    LATERAL (
        WITH w AS MATERIALIZED (
            SELECT d, w.tier, w.rank, w.lowest_minor, w.highest_minor
            FROM unnest(x.deals) d,
                 LATERAL tradeup_internal.windows_within(d.deal, offers_in.price_from, offers_in.price_to, d.currency) w
            WHERE d.currency = (s.source).currency
        )
        SELECT w.*, v.vehicle
        FROM (SELECT array_agg(ROW(0, lower(r.r), upper(r.r) - 1, NULL, NULL, NULL, NULL, NULL)::tradeup_internal.inventory_branch
                               ORDER BY lower(r.r)) AS branches
              FROM (SELECT range_agg(int8range(w.lowest_minor, w.highest_minor, '[]'::text)) AS prices FROM w) p,
                   LATERAL unnest(p.prices) r (r)) b,
        LATERAL tradeup_internal.inventory_vehicles(s.source, b.branches) v, w
        WHERE v.price_minor >= w.lowest_minor AND v.price_minor <= w.highest_minor) v,
    LATERAL tradeup_internal.priced(v.d, v.vehicle, v.tier, v.rank) o;
END;
COMMENT ON FUNCTION tradeup.offers_in(text, text, text, tradeup.any_json, tradeup.any_number, tradeup.any_number) IS
    'Every offer for a customer, vehicles for sale in a registered inventory times terms, as offers makes them';

CREATE OR REPLACE FUNCTION tradeup_internal.best_ranges(deal tradeup.deal, current_payment numeric, lowest bigint,
                                                        highest bigint, rank_by text)
RETURNS TABLE (lowest bigint, highest bigint, downward boolean)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20 ROWS 1
BEGIN ATOMIC
    SELECT r.lowest, r.highest, r.downward
    FROM (SELECT coalesce(tradeup_internal.dearest_minor(best_ranges.deal, 'monthly_payment'::text, best_ranges.current_payment),
                          -1::bigint) AS even OFFSET 0) e,
         LATERAL (VALUES ('{margin}'::text[], best_ranges.lowest, best_ranges.highest, true),
                         ('{price,payment}', best_ranges.lowest, best_ranges.highest, false),
                         ('{closeness}', best_ranges.lowest, least(best_ranges.highest, e.even), true),
                         ('{closeness}', greatest(best_ranges.lowest, e.even + 1), best_ranges.highest, false))
             r (ranks, lowest, highest, downward)
    WHERE best_ranges.rank_by = ANY (r.ranks) AND r.lowest <= r.highest;
END;
COMMENT ON FUNCTION tradeup_internal.best_ranges(tradeup.deal, numeric, bigint, bigint, text) IS
    'The parts of a range of prices that are read from one end, and from which, for the best by margin, price, payment or '
    'closeness';

CREATE OR REPLACE FUNCTION tradeup_internal.best_of_inventory(inventory tradeup.inventory, deals tradeup.customer_deal[],
                                                              most integer, rank_by text, tier text)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 9
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT best_of_inventory.deals AS deals,
                 tradeup_internal.inventory_source(best_of_inventory.inventory, (best_of_inventory.deals[1]).min_year,
                                                   (best_of_inventory.deals[1]).max_kilometers,
                                                   (best_of_inventory.deals[1]).makes,
                                                   NULL::tradeup_internal.vehicle_conditions) AS source
          OFFSET 0) x,
    LATERAL (SELECT array_agg(ROW(d.number, r.lowest, r.highest, r.downward, best_of_inventory.most, NULL, NULL, NULL)
                              ::tradeup_internal.inventory_branch) AS branches
             FROM unnest(x.deals) WITH ORDINALITY
                      d (customer_id, program, version, profile, term, annual_rate, current_payment, deal, min_year,
                         max_kilometers, makes, currency, number),
                  LATERAL tradeup.windows(d.deal) w,
                  LATERAL tradeup_internal.best_ranges(d.deal, d.current_payment, w.lowest_minor, w.highest_minor,
                                                       best_of_inventory.rank_by) r
             WHERE w.tier IS NOT NULL AND (best_of_inventory.tier IS NULL OR w.tier = best_of_inventory.tier)
               AND d.currency = (x.source).currency) b,
    LATERAL (
        SELECT v.vehicle, d.deal, k.tier, k.rank,
               row_number() OVER (
                   PARTITION BY k.rank, k.tier
                   ORDER BY tradeup_internal.rank_key(best_of_inventory.rank_by, k.margin, v.price_minor::numeric, k.payment,
                                                      (d.deal).current_payment),
                            NOT k.downward, CASE WHEN k.downward THEN -v.price_minor ELSE v.price_minor END,
                            CASE WHEN k.downward THEN (v.vehicle).vehicle_id END COLLATE "C" DESC,
                            (v.vehicle).vehicle_id COLLATE "C", (d.deal).term) AS place
        FROM tradeup_internal.inventory_vehicles(x.source, b.branches) v,
        LATERAL (SELECT x.deals[v.number] AS deal OFFSET 0) d,
        LATERAL (
            SELECT tradeup_internal.tier_minor((d.deal).deal, v.price_minor) AS tier,
                   tradeup_internal.tier_rank_minor((d.deal).deal, v.price_minor) AS rank,
                   tradeup_internal.margin_minor((d.deal).deal, v.price_minor) AS margin,
                   tradeup_internal.monthly_payment_minor((d.deal).deal, v.price_minor) AS payment,
                   tradeup_internal.ranked_downward(best_of_inventory.rank_by,
                                                    tradeup_internal.monthly_payment_minor((d.deal).deal, v.price_minor),
                                                    (d.deal).current_payment) AS downward) k) c,
    LATERAL tradeup_internal.priced(c.deal, c.vehicle, c.tier, c.rank) o
    WHERE c.place <= best_of_inventory.most
    ORDER BY c.rank, c.place;
END;
COMMENT ON FUNCTION tradeup_internal.best_of_inventory(tradeup.inventory, tradeup.customer_deal[], integer, text, text) IS
    'The best offers of each tier, or of one, that the deals of a customer make over a registered inventory';

CREATE OR REPLACE FUNCTION tradeup.best_offers_in(inventory text, customer_id text, per_tier integer DEFAULT 3,
                                                  program text DEFAULT NULL, overrides tradeup.any_json DEFAULT NULL::jsonb,
                                                  rank_by text DEFAULT 'margin', tier text DEFAULT NULL)
RETURNS SETOF tradeup.offer
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 9
BEGIN ATOMIC
    SELECT o.*
    FROM (SELECT ARRAY(SELECT d FROM tradeup.deals(best_offers_in.customer_id, best_offers_in.program,
                                                   best_offers_in.overrides) d) AS deals
          WHERE tradeup_internal.require_not_negative('per_tier'::text, best_offers_in.per_tier)
            AND tradeup_internal.require_one_of('rank_by'::text, best_offers_in.rank_by,
                                                '{margin,price,payment,closeness}'::text[])
          OFFSET 0) x,
    LATERAL (SELECT i FROM tradeup_internal.inventory_named(best_offers_in.inventory) i OFFSET 0) i,
    LATERAL tradeup_internal.best_of_inventory(i.i, x.deals, best_offers_in.per_tier, best_offers_in.rank_by,
                                               best_offers_in.tier) o
    WHERE CASE WHEN best_offers_in.tier IS NULL OR NOT tradeup_internal.asked_for_one(best_offers_in.customer_id) THEN true
               ELSE (SELECT count(*) = 0 OR tradeup_internal.require_one_of('tier'::text, best_offers_in.tier,
                                                                            array_agg(t.name ORDER BY t.rank))
                     FROM tradeup.program_tier t
                     WHERE t.program = (x.deals[1]).program AND t.version = (x.deals[1]).version) END;
END;
COMMENT ON FUNCTION tradeup.best_offers_in(text, text, integer, text, tradeup.any_json, text, text) IS
    'The best offers of each tier, or of one, for a customer over a registered inventory, ranked as best_offers ranks them';

-- The vehicles are counted where they are: what is sent asks for the number of vehicles between two edges.
CREATE OR REPLACE FUNCTION tradeup_internal.inventory_tally(source tradeup_internal.inventory_source, deals tradeup.deal[])
RETURNS bigint[]
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 100000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    edges bigint[] := tradeup_internal.offer_tally_step(NULL::bigint[], 0::bigint, deals);
    counts bigint[];
    bucket integer;
    vehicles bigint;
BEGIN
    edges := edges[1:cardinality(edges) / 2];
    IF coalesce(cardinality(edges), 0) = 0 THEN
        RETURN NULL;
    END IF;
    counts := array_fill(0::bigint, ARRAY[cardinality(edges) + 1]);
    FOR bucket, vehicles IN
        EXECUTE format('SELECT width_bucket(%s, ARRAY[%s]), count(*) FROM %s AND %s GROUP BY 1',
                       CASE WHEN source.price_type IN ('smallint', 'integer') THEN source.price || '::bigint'
                            ELSE source.price END,
                       array_to_string(tradeup_internal.inventory_prices(source, edges), ', '), source.vehicles,
                       tradeup_internal.inventory_within(source, edges[1], edges[cardinality(edges)] - 1)) LOOP
        counts[bucket + 1] := vehicles;
    END LOOP;
    RETURN edges || counts;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_tally(tradeup_internal.inventory_source, tradeup.deal[]) IS
    'What offer_tally gives of the vehicles of an inventory; null when the deals have no windows';

CREATE OR REPLACE FUNCTION tradeup.offer_counts_in(inventory text, customer_id text, program text DEFAULT NULL,
                                                   overrides tradeup.any_json DEFAULT NULL::jsonb, OUT tier text,
                                                   OUT rank integer,
                                                   OUT offers bigint, OUT vehicles bigint)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000 ROWS 4
BEGIN ATOMIC
    SELECT c.tier, c.rank, c.offers, c.vehicles
    FROM (SELECT array_agg(d.deal) AS deals, min(d.currency) AS currency, min(d.min_year) AS min_year,
                 min(d.max_kilometers) AS max_kilometers, min(d.makes) AS makes
          FROM tradeup.deals(offer_counts_in.customer_id, offer_counts_in.program, offer_counts_in.overrides) d OFFSET 0) d,
    LATERAL (SELECT CASE WHEN i.currency = d.currency
                         THEN tradeup_internal.inventory_tally(
                                  tradeup_internal.inventory_source(i, d.min_year, d.max_kilometers, d.makes,
                                                                    NULL::tradeup_internal.vehicle_conditions), d.deals) END
                    AS tally
             FROM tradeup_internal.inventory_named(offer_counts_in.inventory) i OFFSET 0) t,
    LATERAL tradeup.tally_counts(t.tally, d.deals) c
    WHERE d.deals IS NOT NULL;
END;
COMMENT ON FUNCTION tradeup.offer_counts_in(text, text, text, tradeup.any_json) IS
    'How many offers a customer has over a registered inventory, and of how many vehicles, by tier; the last row, of offers in '
    'no tier, has a null tier';
