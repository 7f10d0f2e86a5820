-- Searches over inventories in tables of users' own.

-- Where sorts follow the price, each slice of it is asked for its first vehicles in the order of the price; by year and
-- kilometres the relation sorts by these first. What a page begins after is cut by the price, and what is left of it at that
-- price falls away here; if too few remain, more are asked for.
CREATE OR REPLACE FUNCTION tradeup_internal.page_in(inventory text, deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                    conditions tradeup_internal.vehicle_conditions, sort text,
                                                    page_size integer, after tradeup_internal.search_place)
RETURNS SETOF tradeup.offer
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 100000 ROWS 20 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    source tradeup_internal.inventory_source;
    by_price CONSTANT boolean := sort NOT IN ('year', 'kilometers');
    branches tradeup_internal.inventory_branch[];
    branch_deals integer[];
    key integer := (after).key;
    condition text;
    sorted_by text;
    page tradeup.offer[];
    short boolean;
    most integer := page_size;
BEGIN
    PERFORM tradeup_internal.require_one_of('sort'::text, sort,
                                            '{closeness,payment,price,dearest,margin,year,kilometers}'::text[]);
    source := (SELECT tradeup_internal.inventory_source(i, (deals[1]).min_year, (deals[1]).max_kilometers, (deals[1]).makes,
                                                        conditions)
               FROM tradeup_internal.inventory_named(inventory) i);
    IF sort = 'year' AND source.year IS NOT NULL THEN
        sorted_by := source.year || ' DESC NULLS LAST';
        condition := CASE WHEN key = 0 THEN replace('$ IS NULL', '$', source.year)
                          ELSE replace(format('($ < %s OR $ = %s AND %s <= %s OR $ IS NULL)', -key, -key, source.price,
                                              (tradeup_internal.inventory_prices(source, ARRAY[(after).price_minor]))[1]),
                                       '$', source.year) END;
    ELSIF sort = 'kilometers' AND source.kilometers IS NOT NULL THEN
        sorted_by := source.kilometers;
        condition := CASE WHEN key = 2147483647 THEN replace('$ IS NULL', '$', source.kilometers)
                          ELSE replace(format('($ > %s OR $ = %s AND %s >= %s OR $ IS NULL)', key, key, source.price,
                                              (tradeup_internal.inventory_prices(source, ARRAY[(after).price_minor]))[1]),
                                       '$', source.kilometers) END;
    END IF;
    condition := CASE WHEN key IS NOT NULL THEN condition END;
    LOOP
        WITH s AS MATERIALIZED (
            SELECT d.number, r.lowest, r.highest
            FROM unnest(deals) WITH ORDINALITY
                     d (customer_id, program, version, profile, term, annual_rate, current_payment, deal, min_year,
                        max_kilometers, makes, currency, number),
                 LATERAL tradeup_internal.search_ranges(d.deal, filter, conditions.price_from, conditions.price_to) r
            WHERE (filter.terms IS NULL OR d.term = ANY (filter.terms)) AND d.currency = source.currency
        ), b AS (
            SELECT s.number, l.lowest, l.highest, l.downward
            FROM s,
                 LATERAL tradeup_internal.search_slices((deals[s.number]).deal, (deals[s.number]).current_payment, s.lowest,
                                                        s.highest, ROW(sort, (after).key, (after).downward, (after).price_minor,
                                                                       (after).vehicle_id, (after).term)
                                                                   ::tradeup_internal.search_place) l
            WHERE by_price AND l.lowest <= l.highest
            UNION ALL
            SELECT NULL, lower(r.r), upper(r.r) - 1, sort = 'year'
            FROM (SELECT range_agg(int8range(s.lowest, s.highest, '[]'::text)) AS prices FROM s) p, unnest(p.prices) r (r)
            WHERE NOT by_price
        )
        SELECT array_agg(ROW(n.n, n.lowest, n.highest, n.downward, most, NULL, condition, sorted_by)
                         ::tradeup_internal.inventory_branch ORDER BY n.n),
               array_agg(n.number ORDER BY n.n)
        INTO branches, branch_deals
        FROM (SELECT b.*, row_number() OVER () AS n FROM b) n;
        WITH v AS MATERIALIZED (
            SELECT v.number, v.price_minor, v.vehicle
            FROM tradeup_internal.inventory_vehicles(source, branches) v
        ), c AS MATERIALIZED (
            SELECT v.number, v.vehicle, v.price_minor, d.d, k.key, (branches[v.number]).downward AS downward
            FROM v,
                 LATERAL (SELECT deals[n.n] AS d
                          FROM generate_subscripts(deals, 1) n (n)
                          WHERE CASE WHEN by_price THEN n.n = branch_deals[v.number]
                                     ELSE (filter.terms IS NULL OR (deals[n.n]).term = ANY (filter.terms))
                                          AND EXISTS (SELECT FROM tradeup_internal.search_ranges((deals[n.n]).deal, filter,
                                                                                                 conditions.price_from,
                                                                                                 conditions.price_to) r
                                                      WHERE v.price_minor >= r.lowest AND v.price_minor <= r.highest) END
                          OFFSET 0) d,
                 LATERAL (SELECT tradeup_internal.search_key(sort, v.price_minor, (v.vehicle).year, (v.vehicle).kilometers,
                                                             tradeup_internal.monthly_payment_minor((d.d).deal, v.price_minor),
                                                             tradeup_internal.margin_minor((d.d).deal, v.price_minor),
                                                             (d.d).current_payment) AS key) k
            WHERE tradeup_internal.comes_after(k.key, (branches[v.number]).downward, v.price_minor, (v.vehicle).vehicle_id,
                                               (d.d).term, after)
        )
        SELECT ARRAY(SELECT o
                     FROM (SELECT c.* FROM c
                           ORDER BY c.key, c.downward DESC, CASE WHEN c.downward THEN -c.price_minor ELSE c.price_minor END,
                                    CASE WHEN c.downward THEN (c.vehicle).vehicle_id END COLLATE "C" DESC,
                                    (c.vehicle).vehicle_id COLLATE "C", (c.d).term
                           LIMIT page_size) c,
                     LATERAL tradeup_internal.priced(c.d, c.vehicle, tradeup_internal.tier_minor((c.d).deal, c.price_minor),
                                                     tradeup_internal.tier_rank_minor((c.d).deal, c.price_minor)) o
                     ORDER BY c.key, c.downward DESC, CASE WHEN c.downward THEN -c.price_minor ELSE c.price_minor END,
                              CASE WHEN c.downward THEN (c.vehicle).vehicle_id END COLLATE "C" DESC,
                              (c.vehicle).vehicle_id COLLATE "C", (c.d).term),
               EXISTS (SELECT FROM (SELECT v.number, count(*) AS found FROM v GROUP BY v.number) f
                       WHERE f.found >= most
                         AND (SELECT count(*) FROM c WHERE c.number = f.number) < page_size)
        INTO page, short;
        EXIT WHEN NOT short OR page_size = 0 OR most > 1000000000;
        most := 4 * most;
    END LOOP;
    RETURN QUERY SELECT p.* FROM unnest(page) p;
END
$$;
COMMENT ON FUNCTION tradeup_internal.page_in(text, tradeup.customer_deal[], tradeup.offer_filter,
                                             tradeup_internal.vehicle_conditions, text, integer,
                                             tradeup_internal.search_place) IS
    'A page of the offers that the deals of a customer make over a registered inventory, as page_of makes them';

CREATE OR REPLACE FUNCTION tradeup_internal.inventory_search_tally(source tradeup_internal.inventory_source, edges bigint[],
                                                                   terms bigint[], lowest bigint, highest bigint)
RETURNS tradeup_internal.search_tally
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 1000000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    tally tradeup_internal.search_tally;
BEGIN
    EXECUTE format('SELECT (t.t).* FROM (SELECT tradeup_internal.search_tally(tradeup_internal.price_minor(v.price, '
                   'NULL::numeric, NULL::numeric, %L::text), %L::bigint[], %L::bigint[], v.make, v.body, v.region, v.year) AS t '
                   'FROM (SELECT %s FROM %s AND %s OFFSET 0) v (id, make, model, body, year, kilometers, region, dealer, price, '
                   'cost)) t',
                   source.currency, edges, terms, source.columns, source.vehicles,
                   tradeup_internal.inventory_within(source, lowest, highest))
    INTO tally;
    RETURN tally;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_search_tally(tradeup_internal.inventory_source, bigint[], bigint[], bigint,
                                                            bigint) IS
    'What search_tally gives of the vehicles of an inventory within a range of prices, in minor units';

CREATE OR REPLACE FUNCTION tradeup_internal.counts_in(inventory text, deals tradeup.customer_deal[], filter tradeup.offer_filter,
                                                      conditions tradeup_internal.vehicle_conditions)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL UNSAFE COST 1000000 ROWS 50
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT a.* FROM tradeup_internal.counts_asked(counts_in.deals, counts_in.filter, counts_in.conditions) a
    )
    SELECT t.facet, t.value, t.place, t.offers, t.vehicles
    FROM (SELECT (SELECT tradeup_internal.inventory_search_tally(
                             tradeup_internal.inventory_source(i, a.min_year, a.max_kilometers, a.makes, counts_in.conditions),
                             a.edges, a.terms, a.lowest, a.highest)
                  FROM asked a, tradeup_internal.inventory_named(counts_in.inventory) i
                  WHERE a.currency = i.currency) AS tally,
                 (SELECT a.terms FROM asked a) AS terms, (SELECT a.cover FROM asked a) AS cover OFFSET 0) x,
    LATERAL tradeup_internal.counts_told(x.tally, x.terms, x.cover) t;
END;
COMMENT ON FUNCTION tradeup_internal.counts_in(text, tradeup.customer_deal[], tradeup.offer_filter,
                                               tradeup_internal.vehicle_conditions) IS
    'How many offers, and vehicles with an offer, the deals of a customer make over a registered inventory, as counts_of says';

-- A null must not stand for tradeup.vehicle: no inventory has the empty name.
CREATE OR REPLACE FUNCTION tradeup.search_offers_in(inventory text, customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                    sort text DEFAULT NULL, page_size integer DEFAULT 20,
                                                    after text DEFAULT NULL, program text DEFAULT NULL,
                                                    overrides tradeup.any_json DEFAULT NULL::jsonb, counts boolean DEFAULT true)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000
RETURN tradeup_internal.search_document(customer_id, filter, sort, page_size, after, program, overrides, counts,
                                        tradeup_internal.asked_for_one(customer_id), coalesce(inventory, ''::text));
COMMENT ON FUNCTION tradeup.search_offers_in(text, text, tradeup.any_json, text, integer, text, text, tradeup.any_json,
                                             boolean) IS
    'The document of search_offers over a registered inventory';
