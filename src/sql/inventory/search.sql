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

-- A query made of what is asked for, so that a column of the table is read only for a facet that needs it, and what the filter
-- asks of vehicles is constant. Each vehicle is read once: fails adds up a bit for each facet whose own condition it does not
-- meet, and one that fails a single condition counts in that facet alone.
CREATE OR REPLACE FUNCTION tradeup_internal.facets_counted(customer_id text, filter tradeup.any_json,
                                                           deals tradeup.customer_deal[], fields text[], multi boolean,
                                                           inventory text)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 50 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    standard CONSTANT text[] := '{make,body,region,year}';
    conditions tradeup.offer_filter := tradeup.offer_filter(filter, 'offers'::text);
    own text[] := ARRAY(SELECT k FROM unnest(fields) f, unnest(tradeup_internal.facet_keys(f)) k WHERE multi);
    rest tradeup_internal.vehicle_conditions;
    asked record;
    source tradeup_internal.inventory_source;
    vehicles text;
    vehicle text := 'v';
    price text := 'v.price_minor';
    fails text := '0';
    bits text := '0';
    tallied text;
    named text[] := '{}';
    bit integer := 1;
    field text;
    tallies tradeup_internal.search_tally[];
    merged tradeup_internal.search_tally;
BEGIN
    rest := tradeup_internal.conditions_for(
        tradeup.offer_filter((coalesce(filter::jsonb, '{}') - own)::tradeup.any_json, 'offers'::text), customer_id);
    SELECT a.edges, a.terms, a.currency, a.lowest, a.highest, a.min_year, a.max_kilometers, a.makes, a.cover
    INTO asked
    FROM (SELECT) one LEFT JOIN tradeup_internal.counts_asked(deals, conditions, rest) a ON true;
    IF inventory IS NULL THEN
        vehicles := format('tradeup.vehicle v WHERE v.status = ''available'' AND v.currency = %L AND v.price_minor >= %L::bigint '
                           'AND v.price_minor <= %L::bigint '
                           'AND tradeup_internal.finances(%L::integer, %L::integer, %L::text[], v.year, v.kilometers, v.make)',
                           asked.currency, asked.lowest, asked.highest, asked.min_year, asked.max_kilometers, asked.makes);
    ELSE
        /* Called first for the errors of conditions that the inventory has no column for. */
        PERFORM tradeup_internal.inventory_source(i, asked.min_year, asked.max_kilometers, asked.makes,
                                                  tradeup_internal.conditions_for(conditions, customer_id))
        FROM tradeup_internal.inventory_named(inventory) i;
        SELECT (s.s).* INTO source
        FROM (SELECT tradeup_internal.inventory_source(i, asked.min_year, asked.max_kilometers, asked.makes, rest) AS s
              FROM tradeup_internal.inventory_named(inventory) i OFFSET 0) s;
        vehicles := format('(SELECT %s FROM %s AND %s OFFSET 0) v (id, make, model, body, year, kilometers, region, '
                           'dealer, price, cost) WHERE %L', source.columns, source.vehicles,
                           tradeup_internal.inventory_within(source, asked.lowest, asked.highest),
                           asked.currency IS NOT DISTINCT FROM source.currency);
        vehicle := 'ROW(NULL, v.make, v.model, v.body, v.year, v.kilometers, NULL, NULL, NULL, NULL, v.region, v.dealer, NULL, '
                   'NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::tradeup.vehicle';
        price := format('tradeup_internal.price_minor(v.price, NULL::numeric, NULL::numeric, %L::text) AS price_minor',
                        source.currency);
    END IF;
    tallied := 'tradeup_internal.search_tally(v.price_minor, $1, $2, v.make, v.body, v.region, v.year) '
               'FILTER (WHERE v.fails = 0)';
    FOREACH field IN ARRAY fields LOOP
        IF inventory IS NOT NULL AND field IN ('color', 'fuel', 'transmission') THEN
            RAISE EXCEPTION 'inventory "%" has no column of %', tradeup_internal.shown(inventory), field
                USING ERRCODE = 'invalid_parameter_value', DETAIL = format('A facet is asked for the %s.', field),
                      HINT = 'It is known of tradeup.vehicle only: leave it out of facet_fields.';
        END IF;
        IF multi AND coalesce(filter::jsonb, '{}') ?| tradeup_internal.facet_keys(field) THEN
            fails := format('%1$s + CASE WHEN tradeup_internal.fits_index(%2$L::tradeup_internal.vehicle_conditions, %3$s) '
                            'AND tradeup_internal.fits_table(%2$L::tradeup_internal.vehicle_conditions, %3$s) '
                            'THEN 0 ELSE %4$s END',
                            fails,
                            (SELECT tradeup_internal.vehicle_conditions(
                                        tradeup.offer_filter(jsonb_object_agg(k.key, k.value)::tradeup.any_json,
                                                             'vehicles'::text),
                                        NULL::numeric, NULL::text, NULL::integer, NULL::integer)
                             FROM jsonb_each(filter::jsonb) k
                             WHERE k.key = ANY (tradeup_internal.facet_keys(field) || 'match_case'::text)), vehicle, bit);
            bits := bits || ', ' || bit;
        ELSIF field = ANY (standard) THEN
            CONTINUE;
        END IF;
        tallied := format('%s, tradeup_internal.search_tally(v.price_minor, $1, $2, %s) FILTER (WHERE v.fails IN (%s))', tallied,
                          CASE WHEN field = 'year' THEN 'NULL::text, NULL::text, NULL::text, v.year'
                               ELSE format('v.%I, NULL::text, NULL::text, NULL::integer', field) END,
                          concat_ws(', ', CASE WHEN field <> ALL (standard) THEN 0 END, bit));
        named := named || field;
        bit := 2 * bit;
    END LOOP;
    EXECUTE format('SELECT ARRAY[%1$s] FROM (SELECT %2$s, v.make, v.body, v.region, v.year%3$s, %4$s AS fails FROM %5$s '
                   'AND tradeup_internal.fits_index(%6$L::tradeup_internal.vehicle_conditions, %7$s) '
                   'AND tradeup_internal.fits_table(%6$L::tradeup_internal.vehicle_conditions, %7$s) OFFSET 0) v '
                   'WHERE v.fails IN (%8$s)', tallied, price,
                   (SELECT string_agg(format(', v.%I', f), '') FROM unnest(fields) f WHERE f <> ALL (standard)), fails, vehicles,
                   rest, vehicle, bits)
    INTO tallies USING asked.edges, asked.terms;
    SELECT (tallies[1]).buckets, array_agg(x.facet), array_agg(x.value), array_agg(x.offers), array_agg(x.vehicles)
    INTO merged
    FROM (SELECT f.facet, f.value, sum(f.offers)::bigint AS offers, sum(f.vehicles)::bigint AS vehicles
          FROM (SELECT CASE WHEN n.n = 1 THEN t.facet
                            WHEN t.facet = CASE WHEN named[n.n - 1] = 'year' THEN 'year' ELSE 'make' END THEN named[n.n - 1] END
                           AS facet, t.value, t.offers, t.vehicles
                FROM generate_subscripts(tallies, 1) n (n),
                     unnest((tallies[n.n]).facets, (tallies[n.n])."values", (tallies[n.n]).offers, (tallies[n.n]).vehicles)
                         t (facet, value, offers, vehicles)) f
          WHERE f.facet = ANY (fields)
          GROUP BY f.facet, f.value) x;
    RETURN QUERY SELECT t.facet, t.value, t.place, t.offers, t.vehicles
                 FROM tradeup_internal.counts_told(merged, asked.terms, asked.cover) t;
END
$$;
COMMENT ON FUNCTION tradeup_internal.facets_counted(text, tradeup.any_json, tradeup.customer_deal[], text[], boolean, text) IS
    'What facets_of gives';

-- The planner takes rows of the table to be as cheap as those of the index, which are much narrower.
CREATE OR REPLACE FUNCTION tradeup_internal.facets_by_index(customer_id text, filter tradeup.any_json,
                                                            deals tradeup.customer_deal[], fields text[], multi boolean,
                                                            inventory text)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 50 SET enable_seqscan = off
BEGIN ATOMIC
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles
    FROM tradeup_internal.facets_counted(facets_by_index.customer_id, facets_by_index.filter, facets_by_index.deals,
                                         facets_by_index.fields, facets_by_index.multi, facets_by_index.inventory) c;
END;
COMMENT ON FUNCTION tradeup_internal.facets_by_index(text, tradeup.any_json, tradeup.customer_deal[], text[], boolean, text) IS
    'What facets_of gives where the index on price has all that is asked for';

CREATE OR REPLACE FUNCTION tradeup_internal.facets_of(customer_id text, filter tradeup.any_json, deals tradeup.customer_deal[],
                                                      fields text[], multi boolean, inventory text)
RETURNS TABLE (facet text, value text, place integer, offers bigint, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000000 ROWS 50
BEGIN ATOMIC
    WITH x AS MATERIALIZED (
        SELECT facets_of.fields <@ '{make,body,region,year,dealer}'::text[]
               AND num_nonnulls(f.models, f.colors, f.fuels, f.transmissions, f.listed_from, f.promotion) = 0 AS by_index
        FROM tradeup.offer_filter(facets_of.filter, 'offers'::text) f
    )
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles
    FROM tradeup_internal.facets_by_index(facets_of.customer_id, facets_of.filter, facets_of.deals, facets_of.fields,
                                          facets_of.multi, facets_of.inventory) c
    WHERE (SELECT x.by_index FROM x)
    UNION ALL
    SELECT c.facet, c.value, c.place, c.offers, c.vehicles
    FROM tradeup_internal.facets_counted(facets_of.customer_id, facets_of.filter, facets_of.deals, facets_of.fields,
                                         facets_of.multi, facets_of.inventory) c
    WHERE (SELECT NOT x.by_index FROM x);
END;
COMMENT ON FUNCTION tradeup_internal.facets_of(text, tradeup.any_json, tradeup.customer_deal[], text[], boolean, text) IS
    'The counts of counts_of with facets by the fields asked for, over tradeup.vehicle or an inventory (null: none); with multi '
    'each facet without the condition of the filter on it';

-- A null must not stand for tradeup.vehicle: no inventory has the empty name.
CREATE OR REPLACE FUNCTION tradeup.search_offers_in(inventory text, customer_id text, filter tradeup.any_json DEFAULT NULL::jsonb,
                                                    sort text DEFAULT NULL, page_size integer DEFAULT 20,
                                                    after text DEFAULT NULL, program text DEFAULT NULL,
                                                    overrides tradeup.any_json DEFAULT NULL::jsonb, counts boolean DEFAULT true,
                                                    facets text DEFAULT 'plain', facet_fields text[] DEFAULT NULL,
                                                    per_tier integer DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE COST 100000
RETURN tradeup_internal.search_document(customer_id, filter, sort, page_size, after, program, overrides, counts, facets,
                                        facet_fields, per_tier, tradeup_internal.asked_for_one(customer_id),
                                        coalesce(inventory, ''::text));
COMMENT ON FUNCTION tradeup.search_offers_in(text, text, tradeup.any_json, text, integer, text, text, tradeup.any_json,
                                             boolean, text, text[], integer) IS
    'The document of search_offers over a registered inventory';
