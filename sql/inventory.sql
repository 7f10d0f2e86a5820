-- Inventories in tables of users' own: the answers are those that tradeup.vehicle gives with the same vehicles.
SET search_path = tradeup, public;
SET jit = off;
\set SHOW_CONTEXT never
SELECT set_default_program('mx-reference');
-- Equal prices, years and kilometres that nobody knows, sold vehicles; pesos with cents, dollars without.
INSERT INTO vehicle (vehicle_id, make, model, body, year, kilometers, region, dealer, currency, regular_price, cost, status)
SELECT chr(65 + i % 2 * 32) || i, (ARRAY['Kia', 'Audi', 'Ford'])[1 + i % 3], 'M' || i % 17, (ARRAY['suv', 'sedan'])[1 + i % 2],
       CASE WHEN i % 11 > 0 THEN 2010 + i % 15 END, CASE WHEN i % 13 > 0 THEN i * 7919 % 150000 END, 'r' || i % 6, 'd' || i % 9,
       c,
       CASE c WHEN 'MXN' THEN 150000.25 + i * 10473 % 97 * 4000.55 ELSE 8000 + i * 10473 % 97 * 400 END,
       CASE WHEN i % 7 > 0 THEN CASE c WHEN 'MXN' THEN 149000.5 + i * 10473 % 97 * 3600 ELSE 7200 + i * 360 END END,
       CASE WHEN i % 23 = 0 THEN 'sold' ELSE 'available' END
FROM generate_series(1, 300) i, unnest('{MXN,USD}'::text[]) WITH ORDINALITY x (c, n) WHERE i % 2 = n - 1;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_year,
                      current_kilometers, program)
SELECT 'C' || i, (ARRAY['AAA', 'A', 'B'])[i], 80000 + 20000 * i, CASE WHEN i < 3 THEN 7000 + 900 * i END, 200000, 'Kia', 2014,
       90000, NULL
FROM generate_series(1, 3) i
UNION ALL
SELECT 'U' || i, 'prime', 2000 * i, 300 + 100 * i, 9000, 'Audi', 2012, 60000, 'us-simple' FROM generate_series(1, 2) i;

CREATE SCHEMA "the lot";
CREATE TABLE "the lot"."Cars of ""ours""" AS
SELECT vehicle_id COLLATE "default" AS "the sku", regular_price AS asking, make AS "Make""s", model, body, year, kilometers,
       region, dealer, status, cost
FROM vehicle WHERE currency = 'MXN' ORDER BY year;
CREATE TABLE sorted AS
SELECT vehicle_id AS sku, regular_price AS asking, make, model, body, year, kilometers, region, dealer, status, cost
FROM vehicle WHERE currency = 'MXN';
CREATE INDEX ON sorted (asking, sku);
CREATE DOMAIN money_amount AS double precision;
CREATE TABLE floating AS
SELECT sku::varchar(20), asking::money_amount, make, model, body, year::smallint, kilometers::bigint, region, dealer,
       status = 'available' AS for_sale, cost::money_amount
FROM sorted;
CREATE TABLE parted (LIKE sorted) PARTITION BY RANGE (asking);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (250000);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (250000) TO (400000);
CREATE TABLE parted_3 PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT * FROM sorted;
CREATE INDEX ON parted (asking, sku);
CREATE VIEW shown AS SELECT sku, asking, make, model, body, year, kilometers, region, dealer, cost FROM sorted
WHERE status = 'available';
CREATE MATERIALIZED VIEW kept AS SELECT * FROM shown;
CREATE INDEX ON kept (asking);
CREATE TABLE dollars AS
SELECT vehicle_id AS sku, regular_price AS asking, regular_price::integer AS whole, regular_price::bigint AS large,
       make, model, body, year, kilometers, region, dealer, status, cost::integer
FROM vehicle WHERE currency = 'USD';
CREATE INDEX ON dollars (whole) WHERE status = 'available';
CREATE INDEX ON dollars (large) WHERE status = 'available';
-- Vehicles that tradeup.vehicle would not take make no offers.
INSERT INTO sorted SELECT 'bad ' || n, p, 'Kia', NULL, NULL, 2020, 5, NULL, NULL, 'available'
FROM unnest('{NULL,0,-5,200000.125,NaN,Infinity,1e15}'::numeric[]) WITH ORDINALITY x (p, n)
UNION ALL SELECT NULL, 200000, 'Kia', NULL, NULL, 2020, 5, NULL, NULL, 'available'
UNION ALL SELECT 'bad year', 200000, 'Kia', NULL, NULL, 20, 5, NULL, NULL, 'available'
UNION ALL SELECT 'bad kilometers', 200000, 'Kia', NULL, NULL, 2020, -1, NULL, NULL, 'available';
INSERT INTO floating SELECT 'bad ' || n, p, 'Kia', NULL, NULL, 2020, 5, NULL, NULL, true
FROM unnest('{NULL,0,-5,200000.125,200000.00000000003,NaN,Infinity,-Infinity,1e300}'::double precision[]) WITH ORDINALITY x (p, n)
UNION ALL SELECT 'bad kilometers', 200000, 'Kia', NULL, NULL, 2020, 5000000000, NULL, NULL, true;
ANALYZE sorted, floating, parted, kept, dollars, "the lot"."Cars of ""ours""";

-- The hint when no index begins with the price.
SELECT register_inventory('"the lot"."Cars of ""ours"""', id => 'the sku', price => 'asking', currency => 'MXN',
                          name => E'it''s "\\ours',
                          make => 'Make"s', model => 'model', body => 'body', year => 'year', kilometers => 'kilometers',
                          region => 'region', dealer => 'dealer', status => 'status', cost => 'cost');
SELECT register_inventory(r, 'sku', 'asking', 'MXN', NULL, 'make', 'model', 'body', 'year', 'kilometers', 'region', 'dealer', s,
                          'cost')
FROM (VALUES ('sorted'::regclass, 'status'), ('floating', 'for_sale'), ('parted', 'status'), ('shown', NULL),
             ('kept', NULL)) x (r, s);
SELECT register_inventory('dollars', 'sku', p, 'USD', p, 'make', 'model', 'body', 'year', 'kilometers', 'region', 'dealer',
                          'status', 'cost')
FROM unnest('{asking,whole,large}'::text[]) p;
SELECT name, relation, currency, price_column, make_column, cost_column, status_column FROM inventory ORDER BY name COLLATE "C";

-- What asks the same of tradeup.vehicle and of an inventory, for each customer of its currency, and how many answers there are.
CREATE FUNCTION pg_temp.same(of_vehicle text, of_inventory text) RETURNS TABLE (inventory text, same boolean, rows bigint)
LANGUAGE plpgsql AS $$
DECLARE
    i inventory;
    customer text;
    one text[];
    other text[];
BEGIN
    FOR i IN SELECT * FROM inventory x ORDER BY x.name COLLATE "C" LOOP
        inventory := i.name;
        same := true;
        rows := 0;
        FOR customer IN SELECT c.customer_id FROM customer c WHERE (c.program IS NULL) = (i.currency = 'MXN') LOOP
            EXECUTE format('SELECT ARRAY(%s)', of_vehicle) INTO one USING customer;
            EXECUTE format('SELECT ARRAY(%s)', of_inventory) INTO other USING customer, i.name;
            same := same AND one = other;
            rows := rows + cardinality(other);
        END LOOP;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT * FROM pg_temp.same('SELECT o::text FROM offers($1) o ORDER BY 1', 'SELECT o::text FROM offers_in($2, $1) o ORDER BY 1');
SELECT count(*), bool_and(s.same) AS same
FROM pg_temp.same($$SELECT o::text FROM offers($1, NULL::text, '{"terms": [48, 60]}', 9000, 250000.25) o ORDER BY 1$$,
                  $$SELECT o::text FROM offers_in($2, $1, NULL, '{"terms": [48, 60]}', 9000, 250000.25) o ORDER BY 1$$) s;
SELECT r.rank_by, r.most, count(*) AS inventories, bool_and(s.same) AS same, max(s.rows) AS rows
FROM unnest('{margin,price,payment,closeness,margin}'::text[], '{1,3,4,3,1000}'::integer[]) r (rank_by, most),
     LATERAL pg_temp.same(format('SELECT o::text FROM best_offers($1, %s, rank_by => %L) o', r.most, r.rank_by),
                          format('SELECT o::text FROM best_offers_in($2, $1, %s, rank_by => %L) o', r.most, r.rank_by)) s
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS inventories, bool_and(s.same) AS same
FROM pg_temp.same($$SELECT o::text FROM best_offers($1, 5, tier => 'Upgrade') o$$,
                  $$SELECT o::text FROM best_offers_in($2, $1, 5, tier => 'Upgrade') o$$) s;
SELECT * FROM pg_temp.same($$
    SELECT o::text
    FROM (SELECT array_agg(d.deal) AS deals, min(d.currency) AS currency FROM deals($1) d) d,
         LATERAL (SELECT offer_tally(v.price_minor, d.deals) AS tally FROM vehicle v
                  WHERE v.status = 'available' AND v.currency = d.currency) t,
         LATERAL tally_counts(t.tally, d.deals) o$$, 'SELECT o::text FROM offer_counts_in($2, $1) o');
-- By a list, as there are so many customers, and then customer by customer, as there are so many vehicles.
CREATE FUNCTION pg_temp.same_portfolios() RETURNS TABLE (rank_by text, inventories bigint, same boolean, most_rows bigint)
LANGUAGE sql AS $$
    SELECT r.rank_by, count(*), bool_and(s.same), max(s.rows)
    FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
         (VALUES ($q$ o WHERE $1 IN ('C1', 'U1') AND o.currency = CASE $1 WHEN 'C1' THEN 'MXN' ELSE 'USD' END
                     ORDER BY 1$q$)) w (w),
         LATERAL pg_temp.same(format('SELECT o::text FROM portfolio(3, rank_by => %L)', r.rank_by) || w.w,
                              format('SELECT o::text FROM portfolio_in($2, 3, rank_by => %L)', r.rank_by) || w.w) s
    GROUP BY 1 ORDER BY 1 $$;
BEGIN;
UPDATE pg_class SET reltuples = 1000000 WHERE oid = 'customer'::regclass;
SELECT bool_and(tradeup_internal.list_pays(3000, relation)) AS list_pays FROM inventory;
SELECT * FROM pg_temp.same_portfolios();
UPDATE pg_class SET reltuples = 1 WHERE oid = 'customer'::regclass;
UPDATE pg_class SET reltuples = 3001
WHERE relkind <> 'v' AND (oid IN (SELECT relation FROM inventory)
                          OR oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent IN (SELECT relation FROM inventory)));
SELECT name, tradeup_internal.list_pays(3000, relation) FROM inventory ORDER BY name COLLATE "C";
SELECT * FROM pg_temp.same_portfolios();
ROLLBACK;
SELECT * FROM portfolio_in('sorted', -1);
SELECT * FROM portfolio_in('sorted', rank_by => 'luck');
SELECT * FROM portfolio_in('sorted', program => 'none');
SELECT * FROM portfolio_in('nowhere');
-- Searches: the first page with its counts, and all pages to the end. The tokens differ, because they name the search.
SELECT count(*) AS inventories, bool_and(s.same) AS same
FROM pg_temp.same($$SELECT (search_offers($1, f, page_size => 5) - 'next')::text
                    FROM unnest('{"{}", "{\"tiers\": [\"Upgrade\"], \"year_from\": 2012, \"makes\": [\"Kia\", \"Ford\"]}"}'::jsonb[]) f$$,
                  $$SELECT (search_offers_in($2, $1, f, page_size => 5) - 'next')::text
                    FROM unnest('{"{}", "{\"tiers\": [\"Upgrade\"], \"year_from\": 2012, \"makes\": [\"Kia\", \"Ford\"]}"}'::jsonb[]) f$$) s;
SELECT count(*) AS inventories, bool_and(s.same) AS same
FROM pg_temp.same($$SELECT c
                  FROM (VALUES ('{"makes": ["KIA"], "year_from": 2012}'::jsonb), ('{"models": ["x"], "bodies": ["SUV"]}')) f (f),
                    search_offers($1, f, facets => 'multi', facet_fields => '{dealer,make,body,year,model}') d,
                    LATERAL (VALUES (d ->> 'facets'), (d ->> 'counts')) c (c)$$,
                  $$SELECT c
                  FROM (VALUES ('{"makes": ["KIA"], "year_from": 2012}'::jsonb), ('{"models": ["x"], "bodies": ["SUV"]}')) f (f),
                    search_offers_in($2, $1, f, facets => 'multi', facet_fields => '{dealer,make,body,year,model}') d,
                    LATERAL (VALUES (d ->> 'facets'), (d ->> 'counts')) c (c)$$) s;
SELECT search_offers_in('sorted', 'C1', facet_fields => '{color}');
SELECT jsonb_array_length(search_offers_in('sorted', 'C1', per_tier => 2) -> 'columns') AS columns;
CREATE FUNCTION pg_temp.pages(query text, customer text, filter jsonb, sort text) RETURNS TABLE (pages integer, offers text)
LANGUAGE plpgsql AS $$
DECLARE
    document jsonb;
BEGIN
    pages := 0;
    offers := '';
    LOOP
        EXECUTE query INTO document USING customer, filter, sort, document ->> 'next';
        pages := pages + 1;
        offers := offers || (document ->> 'items');
        EXIT WHEN document ->> 'next' IS NULL;
    END LOOP;
    RETURN NEXT;
END $$;
SELECT i.name, s.sort, p.pages, p = q AS same
FROM (VALUES ('floating', 'C1'), ('sorted', 'C1'), ('whole', 'U1')) i (name, customer),
     unnest('{closeness,payment,price,dearest,margin,year,kilometers}'::text[]) s (sort),
     (VALUES ('{"tiers": ["Refresh", "Upgrade"]}'::jsonb)) f (filter),
     LATERAL pg_temp.pages('SELECT search_offers($1, $2, $3, 15, $4, counts => false)', i.customer, f.filter, s.sort) p,
     LATERAL pg_temp.pages(format('SELECT search_offers_in(%L, $1, $2, $3, 15, $4, counts => false)', i.name), i.customer, f.filter,
                           s.sort) q
ORDER BY 1, 2;
SELECT search_offers_in('sorted', 'C1', '{"colors": ["red"]}');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', 'bare');
SELECT search_offers_in('bare', 'C1', '{"makes": ["Kia"]}');
SELECT search_offers_in('bare', 'C1', sort => 'year', counts => false) -> 'items' -> 0 ->> 'price' AS dearest;
SELECT unregister_inventory('bare');
SELECT search_offers_in('sorted', 'C1', after => search_offers('C1', counts => false) ->> 'next');
SELECT search_offers_in('nowhere', 'C1');
SELECT c.customer_id, search_offers_in('sorted', c.customer_id, counts => false) ->> 'sort' AS sort
FROM unnest('{C1,nobody}'::text[]) c (customer_id) ORDER BY 1;
-- A program with restrictions, and one in another currency.
BEGIN;
INSERT INTO program (name, currency, min_year, max_kilometers, makes) VALUES ('picky', 'MXN', 2013, 120000, '{Kia,Ford}');
INSERT INTO program_profile SELECT 'picky', 1, profile, 0.1, 0 FROM unnest('{AAA,A,B,prime}'::text[]) profile;
INSERT INTO program_term VALUES ('picky', 1, 48), ('picky', 1, 60);
INSERT INTO program_tier VALUES ('picky', 1, 1, 'Any', NULL, true, NULL, true);
SELECT publish_program('picky') IS NOT NULL AS published;
SELECT s.inventory, s.same, o.same AS all_same, p.same AS portfolio_same, s.rows, o.rows AS all_rows,
       p.rows AS portfolio_rows
FROM pg_temp.same($$SELECT o::text FROM best_offers($1, 4, 'picky') o JOIN inventory i ON i.currency = 'MXN' AND i.name = 'sorted'
                    WHERE $1 LIKE 'C%'$$, $$SELECT o::text FROM best_offers_in($2, $1, 4, 'picky') o$$) s
JOIN pg_temp.same($$SELECT o::text FROM portfolio(2, 'picky') o WHERE $1 = 'C1' ORDER BY 1$$,
                  $$SELECT o::text FROM portfolio_in($2, 2, 'picky') o WHERE $1 = 'C1' ORDER BY 1$$) p USING (inventory)
JOIN pg_temp.same($$SELECT o::text FROM offers($1, 'picky'::text) o WHERE $1 LIKE 'C%' ORDER BY 1$$,
                  $$SELECT o::text FROM offers_in($2, $1, 'picky') o ORDER BY 1$$) o USING (inventory)
ORDER BY inventory COLLATE "C";
ROLLBACK;
SELECT * FROM offer_counts_in('sorted', 'U1');
-- Per customer of a query; one who is not known has no row there, and is an error where she is asked for.
SELECT c.customer_id, count(o) FROM unnest('{C1,nobody}'::text[]) c (customer_id)
LEFT JOIN LATERAL best_offers_in('sorted', c.customer_id) o ON true GROUP BY 1 ORDER BY 1;

-- A cost that is none, and an inventory without costs, leave the offers and their gross unknown.
CREATE TABLE odd_cost AS
SELECT 'O' || n AS sku, 225000 AS asking, c AS cost
FROM unnest('{NULL,0,150000.125,-1,NaN,Infinity,-Infinity,1e13}'::double precision[]) WITH ORDINALITY x (c, n);
SELECT register_inventory('odd_cost', 'sku', 'asking', 'MXN', cost => 'cost');
SELECT vehicle_id, price, gross FROM offers_in('odd_cost', 'C1', overrides => '{"terms": [60]}') ORDER BY 1;
SELECT register_inventory('odd_cost', 'sku', 'asking', 'MXN');
SELECT count(*) > 0 AS offers, count(gross) AS gross FROM offers_in('odd_cost', 'C1');
SELECT unregister_inventory('odd_cost');
DROP TABLE odd_cost;

-- Errors of registering.
SELECT register_inventory(NULL, 'sku', 'asking', 'MXN');
SELECT register_inventory('sorted', 'sku', NULL, 'MXN');
SELECT register_inventory('sorted_asking_sku_idx', 'sku', 'asking', 'MXN');
CREATE TEMP TABLE passing (sku text, asking numeric);
SELECT register_inventory('passing', 'sku', 'asking', 'MXN');
SELECT register_inventory('sorted', 'SKU', 'asking', 'MXN');
SELECT register_inventory('sorted', 'sku', 'make', 'MXN');
SELECT register_inventory('sorted', 'asking', 'asking', 'MXN');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', year => 'make');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', cost => 'make');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', cost => 'paid');
SELECT register_inventory('sorted', 'sku', 'asking', 'pesos');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', name => '');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', make => 'ctid');
SELECT register_inventory('sorted', 'sku"; DROP TABLE sorted; --', 'asking', 'MXN');
-- Errors of asking.
SELECT * FROM best_offers_in('nowhere', 'C1');
SELECT * FROM best_offers_in(NULL, 'C1');
SELECT * FROM offers_in('sorted', 'nobody');
SELECT * FROM best_offers_in('sorted', 'C1', -1);
SELECT * FROM best_offers_in('sorted', 'C1', rank_by => 'luck');
SELECT * FROM best_offers_in('sorted', 'C1', tier => 'upgrade');
SELECT * FROM best_offers('C1', tier => 'upgrade');
SELECT * FROM best_offers(concat('C1'), tier => 'upgrade');
SELECT count(*) FROM customer c, best_offers(c.customer_id, tier => 'upgrade') WHERE c.customer_id = 'C1';
SELECT * FROM best_offers_in('sorted', 'C1', program => 'none');
SELECT count(*) FROM best_offers_in('sorted', 'C1', 0);

-- Names and values that look like SQL stay names and values.
CREATE TABLE "x"" WHERE true; DROP TABLE dollars; --" ("id'; --" text, "price) FROM pg_authid --" integer,
                                                       "make' OR true --" text);
INSERT INTO "x"" WHERE true; DROP TABLE dollars; --"
VALUES (''' OR true; --', 14000, ''' OR ''1'' = ''1'), ('{a,"b\', 14000, 'Kia');
SELECT register_inventory('"x"" WHERE true; DROP TABLE dollars; --"', 'id''; --', 'price) FROM pg_authid --', 'USD',
                          '''; DROP TABLE dollars; --', make => 'make'' OR true --');
SELECT vehicle_id, make, price FROM offers_in('''; DROP TABLE dollars; --', 'U1', overrides => '{"terms": [60]}') ORDER BY 1;
SELECT vehicle_id, make, price FROM best_offers_in('''; DROP TABLE dollars; --', 'U1', 5);
-- Operators and functions that somebody planted where she can are not called, whatever the caller's search path.
CREATE SCHEMA planted;
CREATE FUNCTION planted.stolen(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stolen'; END $$;
CREATE FUNCTION planted.stolen(integer, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stolen'; END $$;
CREATE FUNCTION planted.stolen(numeric, numeric) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stolen'; END $$;
CREATE FUNCTION planted.stolen(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stolen'; END $$;
CREATE FUNCTION planted.round(numeric, integer) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stolen'; END $$;
CREATE FUNCTION planted.width_bucket(numeric, numeric[]) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'stolen'; END $$;
SELECT format('CREATE OPERATOR planted.%s (LEFTARG = %2$s, RIGHTARG = %3$s, FUNCTION = planted.stolen)', o, l, r)
FROM unnest('{>=,<,=}'::text[]) o,
     (VALUES ('bigint', 'bigint'), ('integer', 'bigint'), ('numeric', 'numeric'), ('text', 'text')) t (l, r) \gexec
SET search_path = planted, pg_catalog, tradeup, public;
SELECT count(*) FROM tradeup.best_offers_in('sorted', 'C1');
SELECT count(*) FROM tradeup.best_offers_in('whole', 'U1');
SELECT count(*) FROM tradeup.offer_counts_in('sorted', 'C1');
SET search_path = tradeup, public;

-- The caller's rights: policies hide rows, and who may not read the table is told so.
CREATE ROLE tradeup_buyer;
SELECT grant_reader('tradeup_buyer');
SET ROLE tradeup_buyer;
SELECT count(*) FROM best_offers_in('sorted', 'C1');
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN');
SELECT unregister_inventory('sorted');
RESET ROLE;
GRANT SELECT ON sorted TO tradeup_buyer;
ALTER TABLE sorted ENABLE ROW LEVEL SECURITY;
CREATE POLICY kia ON sorted TO tradeup_buyer USING (make = 'Kia');
SET ROLE tradeup_buyer;
SELECT make, count(*) FROM offers_in('sorted', 'C1') GROUP BY make;
SELECT DISTINCT make FROM best_offers_in('sorted', 'C1', 20);
RESET ROLE;
ALTER TABLE sorted DISABLE ROW LEVEL SECURITY;
-- An admin may register what she may read.
SELECT grant_admin('tradeup_buyer');
SET ROLE tradeup_buyer;
SELECT register_inventory('sorted', 'sku', 'asking', 'MXN', 'of the buyer');
SELECT register_inventory('dollars', 'sku', 'asking', 'USD', 'of the buyer');
RESET ROLE;

-- A table of the extension that Citus has distributed: an error wherever it is asked for offers, and no answer without its rows.
SELECT status, value, advice FROM tradeup_internal.health_distributed_tables();
BEGIN;
SET LOCAL allow_system_table_mods = on;
CREATE TABLE pg_catalog.pg_dist_partition (logicalrel regclass NOT NULL);
INSERT INTO pg_dist_partition VALUES ('"the lot"."Cars of ""ours"""');
SELECT count(*) > 0 AS still_works FROM best_offers('C1');
INSERT INTO pg_dist_partition VALUES ('vehicle');
SELECT * FROM tradeup_internal.health_distributed_tables();
CREATE FUNCTION pg_temp.said(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM, hint);
END $$;
SELECT pg_temp.said('SELECT * FROM best_offers(''C1'')');
SELECT q, left(pg_temp.said(q), 39) AS said
FROM unnest(ARRAY[$$SELECT * FROM deals('C1')$$, $$SELECT * FROM offers('C1')$$,
                  $$SELECT * FROM program_offers('C1', '{us-simple}'::text[])$$, $$SELECT * FROM search_page('C1')$$,
                  $$SELECT * FROM search_counts('C1')$$, $$SELECT search_offers('C1')$$,
                  $$SELECT * FROM portfolio()$$, $$SELECT * FROM portfolio_summary()$$, $$SELECT * FROM portfolio_compare()$$,
                  $$SELECT * FROM why_no_offer('C1', 'A1')$$, $$SELECT * FROM vehicles_matching('{}')$$,
                  $$SELECT * FROM vehicles_matching('{"price_to": 1}')$$, $$SELECT * FROM best_offers_in('sorted', 'C1')$$,
                  $$SELECT save_quote('C1', 'A1', 60)$$, $$SELECT * FROM offer_stats$$]) q;
ROLLBACK;
-- Registering again replaces; what is gone is said, by health too.
SELECT register_inventory('kept', 'sku', 'asking', 'MXN', 'of the buyer', make => 'make');
SELECT relation, make_column, year_column FROM inventory WHERE name = 'of the buyer';
ALTER TABLE parted RENAME model TO version;
DROP VIEW shown CASCADE;
SELECT * FROM best_offers_in('shown', 'C1');
SELECT * FROM best_offers_in('parted', 'C1');
SELECT * FROM tradeup_internal.health_registered_inventories() \gx
SELECT unregister_inventory(name) AS unregistered, count(*) FROM inventory WHERE name <> 'sorted' GROUP BY 1;
SELECT unregister_inventory('shown'), unregister_inventory(NULL);
SELECT check_name, status, value, advice FROM health() WHERE check_name = 'registered inventories';
SELECT unregister_inventory('sorted');

SELECT revoke_grants('tradeup_buyer');
DROP TABLE sorted, floating, parted, dollars, "the lot"."Cars of ""ours""", "x"" WHERE true; DROP TABLE dollars; --" CASCADE;
DROP ROLE tradeup_buyer;
DROP DOMAIN money_amount;
\set VERBOSITY terse
DROP SCHEMA planted, "the lot" CASCADE;
DELETE FROM program_default;
DELETE FROM customer;
DELETE FROM vehicle;
