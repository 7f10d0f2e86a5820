-- The queries that read an inventory. They are composed of quoted names and constants alone, so that partitions are pruned,
-- other servers sort and cut, and an engine that spreads a table over machines takes them. Vehicles that tradeup.vehicle would
-- not take, for want of a price in whole minor units, say, make no offers.

CREATE OR REPLACE FUNCTION tradeup_internal.inventory_named(inventory text) RETURNS SETOF tradeup.inventory
LANGUAGE sql STABLE PARALLEL SAFE COST 10 ROWS 1
BEGIN ATOMIC
    SELECT i.*
    FROM (SELECT inventory_named.inventory AS requested) q LEFT JOIN tradeup.inventory i ON i.name = q.requested
    WHERE tradeup_internal.require_known('inventory'::text, inventory_named.inventory, i.name,
                                         tradeup_internal.asked_for_one(inventory_named.inventory))
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup_internal.inventory_named(text) IS
    'The inventory of this name; an error where one is asked for that is not registered';

CREATE OR REPLACE FUNCTION tradeup_internal.inventory_source(inventory tradeup.inventory, min_year integer,
                                                             max_kilometers integer, makes text[],
                                                             conditions tradeup_internal.vehicle_conditions)
RETURNS tradeup_internal.inventory_source
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    source tradeup_internal.inventory_source;
    missing text;
    id CONSTANT text := 'x.' || quote_ident(inventory.id_column);
    price CONSTANT text := 'x.' || quote_ident(inventory.price_column);
    make CONSTANT text := 'x.' || quote_ident(inventory.make_column) || '::text';
    model CONSTANT text := 'x.' || quote_ident(inventory.model_column) || '::text';
    body CONSTANT text := 'x.' || quote_ident(inventory.body_column) || '::text';
    year CONSTANT text := 'x.' || quote_ident(inventory.year_column);
    kilometers CONSTANT text := 'x.' || quote_ident(inventory.kilometers_column);
    region CONSTANT text := 'x.' || quote_ident(inventory.region_column) || '::text';
    dealer CONSTANT text := 'x.' || quote_ident(inventory.dealer_column) || '::text';
    cost CONSTANT text := 'x.' || quote_ident(inventory.cost_column);
    status CONSTANT text := 'x.' || quote_ident(inventory.status_column);
    folded CONSTANT text := CASE WHEN conditions.match_case THEN '(' ELSE 'lower(' END;
    filtered text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = inventory.relation) THEN
        RAISE EXCEPTION 'the relation of inventory "%" is gone', tradeup_internal.shown(inventory.name)
            USING ERRCODE = 'undefined_table', HINT = 'Register another one by this name, or call unregister_inventory.';
    END IF;
    missing := tradeup_internal.columns_lacking(inventory);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'inventory "%" lacks columns', tradeup_internal.shown(inventory.name)
            USING ERRCODE = 'undefined_column', DETAIL = format('Relation %s has no column %s.', inventory.relation, missing),
                  HINT = 'Register it again, with the columns that it has now.';
    END IF;
    source.currency := inventory.currency;
    source.digits := tradeup.currency_digits(inventory.currency);
    source.price := price;
    source.price_type := tradeup_internal.column_type(inventory.relation, inventory.price_column)::text;
    source.id := id;
    source.id_type := tradeup_internal.column_type(inventory.relation, inventory.id_column)::text;
    source.year := year;
    source.kilometers := kilometers;
    source.ordered_by_id := source.id_type = 'uuid' OR EXISTS (
        SELECT FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation
        JOIN pg_database d ON d.datname = current_database()
        WHERE a.attrelid = inventory.relation AND a.attname = inventory.id_column
          AND CASE WHEN c.collprovider = 'd' THEN d.datlocprovider = 'c' AND d.datcollate IN ('C', 'POSIX')
                   ELSE c.collprovider = 'c' AND c.collcollate IN ('C', 'POSIX') END);
    source.columns := concat_ws(', ', id || '::text', coalesce(make, 'NULL::text'), coalesce(model, 'NULL::text'),
                                coalesce(body, 'NULL::text'), coalesce(year, 'NULL') || '::integer',
                                coalesce(kilometers, 'NULL') || '::integer', coalesce(region, 'NULL::text'),
                                coalesce(dealer, 'NULL::text'), price || '::numeric', coalesce(cost, 'NULL') || '::numeric');
    SELECT min(f.argument) FILTER (WHERE f.column_name IS NULL),
           string_agg(f.column_name || f.condition, ' AND ' ORDER BY f.place)
    INTO missing, filtered
    FROM (VALUES (1, 'year', year, ' >= ' || conditions.year_from),
                 (2, 'year', year, ' <= ' || conditions.year_to),
                 (3, 'kilometers', kilometers, ' <= ' || floor(conditions.kilometers_to)),
                 (4, 'make', folded || make || ')', ' = ANY (' || quote_literal(conditions.makes::text) || '::text[])'),
                 (5, 'make', make, ' = ' || quote_literal(conditions.only_make) || '::text'),
                 (6, 'make', make, ' <> ' || quote_literal(conditions.other_make) || '::text'),
                 (7, 'body', folded || body || ')', ' = ANY (' || quote_literal(conditions.bodies::text) || '::text[])'),
                 (8, 'region', folded || region || ')', ' = ANY (' || quote_literal(conditions.regions::text) || '::text[])'),
                 (9, 'model', folded || model || ')', ' = ANY (' || quote_literal(conditions.models::text) || '::text[])'),
                 (10, 'dealer', folded || dealer || ')', ' = ANY (' || quote_literal(conditions.dealers::text) || '::text[])'),
                 (11, 'color', NULL, conditions.colors::text),
                 (12, 'fuel', NULL, conditions.fuels::text),
                 (13, 'transmission', NULL, conditions.transmissions::text),
                 (14, 'day of listing', NULL, conditions.listed_from::text),
                 (15, 'promotion', NULL, conditions.promotion::text)) f (place, argument, column_name, condition)
    WHERE f.condition IS NOT NULL;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'inventory "%" has no column of %', tradeup_internal.shown(inventory.name), missing
            USING ERRCODE = 'invalid_parameter_value', DETAIL = format('The filter asks for the %s.', missing),
                  HINT = CASE WHEN missing IN ('color', 'fuel', 'transmission', 'day of listing', 'promotion')
                              THEN 'It is known of tradeup.vehicle only: leave it out of the filter.'
                              ELSE format('Leave it out of the filter, or register the inventory again with %s => ''...''.',
                                          missing) END;
    END IF;
    source.vehicles := inventory.relation || ' x WHERE ' || concat_ws(' AND ',
        /* As a CASE, because the planner would assume of an equation that it leaves one row in 200, and sort them. */
        format('CASE WHEN ' || CASE source.price_type WHEN 'numeric' THEN '%1$s = round(%1$s, %2$s)'
                                    WHEN 'double precision' THEN '%1$s = round(%1$s::numeric, %2$s)::double precision' END
               || ' THEN true ELSE false END', price, source.digits),
        CASE WHEN status IS NULL THEN NULL
             WHEN tradeup_internal.column_type(inventory.relation, inventory.status_column) = 'boolean'::regtype THEN status
             ELSE status || '::text = ''available''' END,
        id || ' IS NOT NULL',
        replace('($ IS NULL OR $ >= 1886 AND $ <= 2200)', '$', year),
        replace('($ IS NULL OR $ >= 0 AND $ <= 2147483647)', '$', kilometers),
        CASE WHEN min_year IS NOT NULL THEN coalesce(year || ' >= ' || min_year, 'false') END,
        CASE WHEN max_kilometers IS NOT NULL THEN coalesce(kilometers || ' <= ' || max_kilometers, 'false') END,
        CASE WHEN makes IS NOT NULL THEN coalesce(make || ' = ANY (' || quote_literal(makes::text) || '::text[])', 'false') END,
        filtered);
    RETURN source;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_source(tradeup.inventory, integer, integer, text[],
                                                      tradeup_internal.vehicle_conditions) IS
    'The pieces of queries of an inventory''s vehicles that a program with these restrictions finances and that meet the '
    'conditions of a search, all null for none; of the prices in conditions nothing is asked';

-- The bounds have the type of the column, or of one that its index compares with: whole numbers are compared as bigint. A double
-- precision is a price when it is the one nearest to it in whole minor units, and so are the bounds.
CREATE OR REPLACE FUNCTION tradeup_internal.inventory_prices(source tradeup_internal.inventory_source, prices bigint[])
RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10
RETURN (SELECT array_agg(CASE (source).price_type
                             WHEN 'numeric' THEN format('%L::numeric', p.price)
                             WHEN 'double precision' THEN format('%L::double precision', p.price)
                             ELSE format('%s::bigint', ceil(p.price)) END ORDER BY p.place)
        FROM (SELECT m.place, round(m.minor / power(10::numeric, (source).digits), (source).digits) AS price
              FROM unnest(prices) WITH ORDINALITY m (minor, place)) p);
COMMENT ON FUNCTION tradeup_internal.inventory_prices(tradeup_internal.inventory_source, bigint[]) IS
    'Prices in minor units as constants of the type of an inventory''s price, rounded up where it is a whole number';

CREATE OR REPLACE FUNCTION tradeup_internal.inventory_within(source tradeup_internal.inventory_source, lowest bigint,
                                                             highest bigint)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
RETURN (SELECT format('%1$s >= %2$s AND %1$s < %3$s', (source).price, p.p[1], p.p[2])
        FROM (SELECT tradeup_internal.inventory_prices(source, ARRAY[greatest(lowest, 1::bigint),
                                                                     least(highest, 100000000000000) + 1]) AS p) p);
COMMENT ON FUNCTION tradeup_internal.inventory_within(tradeup_internal.inventory_source, bigint, bigint) IS
    'The condition that the price of an inventory''s vehicle is within a range, in minor units';

-- Of vehicles of equal price the best are those first or last by the bytes of their ids. Where the column sorts so, an index on
-- price and id gives them; elsewhere all vehicles of the last price come along.
CREATE OR REPLACE FUNCTION tradeup_internal.inventory_rows(source tradeup_internal.inventory_source,
                                                           branches tradeup_internal.inventory_branch[])
RETURNS TABLE (number integer, vehicle_id text, make text, model text, body text, year integer, kilometers integer, region text,
               dealer text, price numeric, cost numeric)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000 ROWS 100 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    branch tradeup_internal.inventory_branch;
    direction text;
BEGIN
    FOREACH branch IN ARRAY coalesce(branches, '{}') LOOP
        direction := CASE WHEN branch.downward THEN ' DESC' ELSE '' END;
        RETURN QUERY EXECUTE concat_ws(' ',
            'SELECT', branch.number || ',', source.columns, 'FROM', source.vehicles, 'AND',
            tradeup_internal.inventory_within(source, branch.lowest, branch.highest),
            'AND ' || source.id || ' = ANY (' || quote_literal(branch.ids::text) || '::' || source.id_type || '[])',
            'AND ' || branch.condition,
            CASE WHEN branch.most IS NULL THEN NULL
                 WHEN source.ordered_by_id
                 THEN format('ORDER BY %5$s%1$s%3$s, %2$s%3$s LIMIT %4$s', source.price, source.id, direction, branch.most,
                             branch.sorted_by || ', ')
                 ELSE format('ORDER BY %4$s%1$s%2$s FETCH FIRST %3$s ROWS WITH TIES', source.price, direction, branch.most,
                             branch.sorted_by || ', ') END);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.inventory_rows(tradeup_internal.inventory_source, tradeup_internal.inventory_branch[]) IS
    'What the queries of an inventory find, each row with the number of its query; vehicles of an equal last price may be more '
    'than were asked for';

CREATE OR REPLACE FUNCTION tradeup_internal.inventory_vehicles(source tradeup_internal.inventory_source,
                                                               branches tradeup_internal.inventory_branch[])
RETURNS TABLE (number integer, price_minor bigint, vehicle tradeup.vehicle)
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000 ROWS 100
BEGIN ATOMIC
    SELECT r.number, tradeup_internal.price_minor(r.price, NULL::numeric, NULL::numeric, (inventory_vehicles.source).currency),
           ROW(r.vehicle_id, r.make, r.model, r.body, r.year, r.kilometers, NULL, NULL, NULL, NULL, r.region, r.dealer,
               (inventory_vehicles.source).currency, r.price, NULL, NULL,
               tradeup_internal.effective_price(r.price, NULL::numeric, NULL::numeric, (inventory_vehicles.source).currency),
               tradeup_internal.price_minor(r.price, NULL::numeric, NULL::numeric, (inventory_vehicles.source).currency),
               CASE WHEN r.cost BETWEEN 0::numeric AND 1000000000000::numeric
                    THEN round(r.cost, (inventory_vehicles.source).digits) END,
               'available', NULL, NULL)::tradeup.vehicle
    FROM tradeup_internal.inventory_rows(inventory_vehicles.source, inventory_vehicles.branches) r;
END;
COMMENT ON FUNCTION tradeup_internal.inventory_vehicles(tradeup_internal.inventory_source, tradeup_internal.inventory_branch[])
    IS 'What inventory_rows finds, as rows of tradeup.vehicle with their prices in minor units';
