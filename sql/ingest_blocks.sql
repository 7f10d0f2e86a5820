-- Rows that are loaded in blocks are what plain inserts make of them; where a table has what an insert would heed, it is heeded.
BEGIN;
SET LOCAL search_path = public, tradeup_bundles;
SET LOCAL client_min_messages = warning;
\set SHOW_CONTEXT never
ALTER SEQUENCE upload_upload_id_seq RESTART;
CREATE FUNCTION utf8(words text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN convert_to(words, 'UTF8');
-- A file of so many levels: identifiers in no order, of several lengths, at two locations, most without a stock keeping unit.
CREATE FUNCTION levels(lowest integer, highest integer) RETURNS bytea LANGUAGE sql IMMUTABLE
RETURN (SELECT utf8(E'inventory_item_id,location_id,available,updated_at,sku\n'
                    || string_agg(format(E'%s,%s,%s,2025-01-0%s,%s\n', i * 7919 % 10007,
                                         CASE WHEN i % 3 = 0 THEN 'L2' ELSE 'L' END, i % 100, 1 + i % 9,
                                         CASE WHEN i % 5 = 0 THEN 'S' || i % 40 END), '' ORDER BY i))
        FROM generate_series(lowest, highest) i);
-- What comes of a statement: its result, or its error.
CREATE FUNCTION pg_temp.result(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
    detail text;
BEGIN
    EXECUTE query INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(left(detail, 60), ''));
END $$;
-- A load whose changes are undone, with what is then in the table.
CREATE FUNCTION pg_temp.tried(shop text, what text, file bytea DEFAULT levels(1, 3)) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    PERFORM ingest(tried.shop, 'inventory_levels', tried.file);
    EXECUTE format('SELECT %s FROM inventory_level l WHERE l.shop = %L', what, tried.shop) INTO found;
    RAISE EXCEPTION USING ERRCODE = 'TRADE';
EXCEPTION WHEN SQLSTATE 'TRADE' THEN
    RETURN found;
END $$;

-- The same rows as by a statement with a trigger that does nothing, also by the indexes; rows that are added to others too.
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE INDEX by_stock ON inventory_level (available, updated_at DESC, sku) INCLUDE (location_id);
CREATE INDEX by_sku ON inventory_level (sku COLLATE "C" DESC NULLS LAST);
SELECT inserted, updated, unchanged FROM ingest('blocks', 'inventory_levels', levels(1, 4500));
SELECT inserted, updated, unchanged FROM ingest('blocks', 'inventory_levels', levels(4001, 7000));
CREATE TRIGGER nothing BEFORE INSERT ON inventory_level FOR EACH ROW EXECUTE FUNCTION nothing();
SELECT inserted, updated, unchanged FROM ingest('plain', 'inventory_levels', levels(1, 4500));
SELECT inserted, updated, unchanged FROM ingest('plain', 'inventory_levels', levels(4001, 7000));
DROP TRIGGER nothing ON inventory_level;
SELECT count(*), count(DISTINCT md5) FROM (SELECT md5(string_agg((to_jsonb(l) - 'shop' - 'upload_id')::text, '|'
                                               ORDER BY inventory_item_id, location_id)) AS md5
                                           FROM inventory_level l GROUP BY shop) x;
CREATE TEMP TABLE scanned (way text, rows bigint, md5 text);
CREATE FUNCTION pg_temp.scan(way text, setting text, condition text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    plan text;
    line text;
BEGIN
    PERFORM set_config('enable_' || s, (s = setting)::text, true)
    FROM unnest('{seqscan,indexscan,indexonlyscan,bitmapscan}'::text[]) s;
    FOR line IN EXECUTE 'EXPLAIN SELECT * FROM inventory_level l WHERE ' || condition LOOP
        plan := concat(plan, line);
    END LOOP;
    ASSERT plan LIKE CASE WHEN way = 'table' THEN '%Seq Scan%' ELSE '%' || way || '%' END, plan;
    EXECUTE 'INSERT INTO pg_temp.scanned SELECT $1, count(*), md5(string_agg(l::text, ''|'' ORDER BY l::text)) '
            'FROM inventory_level l WHERE ' || condition USING way;
END $$;
SELECT pg_temp.scan('table', 'seqscan', c), pg_temp.scan(i, 'indexscan', c)
FROM (VALUES ('level_is_once_in_its_location', 'shop >= '''''), ('by_stock', 'available >= 0'),
             ('by_sku', 'sku >= ''''')) x (i, c)
\g /dev/null
SELECT string_agg(way, ', ' ORDER BY way) AS ways, rows FROM scanned GROUP BY rows, md5 ORDER BY rows;

-- A check that looks at other rows sees those of the same file.
CREATE FUNCTION few(asked text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT count(*) < 10 FROM tradeup_bundles.inventory_level l WHERE l.shop = asked);
END $$;
ALTER TABLE inventory_level ADD CONSTRAINT few CHECK (few(shop)) NOT VALID;
SELECT pg_temp.result($$SELECT inserted FROM ingest('few', 'inventory_levels', levels(1, 9))$$),
       pg_temp.result($$SELECT inserted FROM ingest('few', 'inventory_levels', levels(10, 29))$$);
ALTER TABLE inventory_level DROP CONSTRAINT few;

-- Triggers of each kind and a rule.
CREATE TABLE seen (what text);
CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO seen SELECT concat_ws(' ', TG_LEVEL, TG_WHEN);
    RETURN NULL;
END $$;
CREATE TRIGGER each_statement BEFORE INSERT ON inventory_level FOR EACH STATEMENT EXECUTE FUNCTION see();
CREATE TRIGGER each_row AFTER INSERT ON inventory_level FOR EACH ROW EXECUTE FUNCTION see();
SELECT pg_temp.tried('t', '(SELECT string_agg(DISTINCT s.what, '', '') FROM seen s)');
DROP TRIGGER each_row ON inventory_level;
SELECT pg_temp.tried('t', '(SELECT string_agg(s.what, '', '') FROM seen s)');
DROP TRIGGER each_statement ON inventory_level;
CREATE RULE also AS ON INSERT TO inventory_level DO ALSO INSERT INTO seen VALUES ('rule');
SELECT pg_temp.tried('t', '(SELECT string_agg(s.what, '', '') FROM seen s)');
DROP RULE also ON inventory_level;
-- A reference to another table.
CREATE TABLE place (location_id text COLLATE "C" PRIMARY KEY);
INSERT INTO place VALUES ('L'), ('L2');
ALTER TABLE inventory_level ADD CONSTRAINT in_a_place FOREIGN KEY (location_id) REFERENCES place;
SELECT pg_temp.tried('t', 'count(*)');
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', utf8(E'inventory_item_id,location_id,available,updated_at\nI,Mars,1,\n'))$$);
ALTER TABLE inventory_level DROP CONSTRAINT in_a_place;

-- Columns of one's own: none, constants, what must be computed, types that check, and what was dropped.
ALTER TABLE inventory_level ADD note text, ADD counted_by text DEFAULT 'scan' || 'ner', ADD shelf integer DEFAULT 7;
SELECT pg_temp.tried('t', 'string_agg(DISTINCT concat_ws('' '', l.note, l.counted_by, l.shelf), '', '')');
ALTER TABLE inventory_level DROP counted_by;
SELECT pg_temp.tried('t', 'string_agg(DISTINCT concat_ws('' '', l.note, l.shelf), '', '')');
CREATE SEQUENCE numbers;
ALTER TABLE inventory_level ALTER shelf SET DEFAULT nextval('public.numbers');
SELECT pg_temp.tried('t', 'count(DISTINCT l.shelf)');
ALTER TABLE inventory_level ALTER shelf DROP DEFAULT, ALTER shelf SET NOT NULL,
    ALTER shelf ADD GENERATED ALWAYS AS IDENTITY (RESTART 100000);
SELECT pg_temp.tried('t', 'count(DISTINCT l.shelf)');
ALTER TABLE inventory_level DROP shelf, ADD doubled integer GENERATED ALWAYS AS (2 * available) STORED;
SELECT pg_temp.tried('t', 'sum(l.doubled - l.available) = sum(l.available)');
CREATE DOMAIN small AS integer DEFAULT 5 CHECK (value < 10);
ALTER TABLE inventory_level DROP doubled, ADD size small;
SELECT pg_temp.tried('t', 'string_agg(DISTINCT l.size::text, '', '')');
ALTER DOMAIN small SET NOT NULL;
ALTER TABLE inventory_level ALTER size SET DEFAULT 3;
SELECT pg_temp.tried('t', 'string_agg(DISTINCT l.size::text, '', '')');
ALTER DOMAIN small DROP DEFAULT;
ALTER TABLE inventory_level ALTER size DROP DEFAULT;
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', levels(10, 10))$$);
ALTER TABLE inventory_level DROP size;
SAVEPOINT narrow;
UPDATE inventory_level SET sku = NULL;
ALTER TABLE inventory_level ALTER sku TYPE varchar(3);
SELECT pg_temp.tried('t', 'max(l.sku)', levels(5, 5)), pg_temp.result($$SELECT pg_temp.tried('t', 'max(l.sku)', levels(9000, 9020))$$);
ALTER TABLE inventory_level ALTER sku TYPE varchar(2);
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', levels(10, 10))$$);
ROLLBACK TO narrow;

-- Constraints and indexes that are no plain ones.
ALTER TABLE inventory_level ADD CONSTRAINT few CHECK (available < 100 OR shop <> 't');
SELECT pg_temp.tried('t', 'count(*)');
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', utf8(E'inventory_item_id,location_id,available,updated_at\nI,L,1,\nJ,L,100,\n'))$$);
ALTER TABLE inventory_level DROP CONSTRAINT few, ALTER updated_at SET NOT NULL;
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', utf8(E'inventory_item_id,location_id,available,updated_at\nI,L,1,\n'))$$);
ALTER TABLE inventory_level ALTER updated_at DROP NOT NULL;
CREATE FUNCTION pg_temp.two_of_a_sku() RETURNS text LANGUAGE sql RETURN pg_temp.result($$SELECT pg_temp.tried('t', 'count(*)',
    utf8(E'inventory_item_id,location_id,available,updated_at,sku\nI,L,1,,T\nJ,L,1,,T\n'))$$);
CREATE UNIQUE INDEX once ON inventory_level (shop, sku) WHERE available > 1 AND shop = 't';
SELECT pg_temp.two_of_a_sku();
DROP INDEX once;
CREATE UNIQUE INDEX once ON inventory_level (shop, sku) WHERE shop = 't';
SELECT pg_temp.two_of_a_sku();
DROP INDEX once;
CREATE UNIQUE INDEX once ON inventory_level ((CASE WHEN shop = 't' THEN lower(sku) END));
SELECT pg_temp.two_of_a_sku();
DROP INDEX once;
DELETE FROM inventory_level;
ALTER TABLE inventory_level ADD CONSTRAINT once EXCLUDE USING btree (sku WITH =);
SELECT pg_temp.two_of_a_sku();
ALTER TABLE inventory_level DROP CONSTRAINT once;
ALTER TABLE inventory_level ADD CONSTRAINT once UNIQUE (sku, upload_id);
SELECT pg_temp.two_of_a_sku(), pg_temp.tried('t', 'count(*)');
ALTER TABLE inventory_level DROP CONSTRAINT once, ADD CONSTRAINT once UNIQUE (sku, upload_id) DEFERRABLE INITIALLY DEFERRED;
SELECT pg_temp.two_of_a_sku();
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.two_of_a_sku();
ALTER TABLE inventory_level DROP CONSTRAINT once;
CREATE INDEX by_words ON inventory_level USING gin (to_tsvector('simple', sku));
SET LOCAL enable_bitmapscan = on;
SELECT pg_temp.tried('t', '(SELECT count(*) FROM inventory_level g WHERE to_tsvector(''simple'', g.sku) @@ ''s5'')', levels(1, 50));
DROP INDEX by_words;
CREATE INDEX by_hash ON inventory_level USING hash (sku);
SET LOCAL enable_bitmapscan = off;
SELECT pg_temp.tried('t', '(SELECT count(*) FROM inventory_level g WHERE g.sku = ''S5'')', levels(1, 50));
DROP INDEX by_hash;
-- Without any index.
ALTER TABLE inventory_level DROP CONSTRAINT level_is_once_in_its_location;
DROP INDEX by_stock, by_sku;
SELECT pg_temp.tried('t', 'count(*)');

-- Who may not insert, or only some of the columns; and where nobody may.
CREATE ROLE regress_clerk;
GRANT USAGE ON SCHEMA tradeup_bundles TO regress_clerk;
GRANT SELECT ON ALL TABLES IN SCHEMA tradeup_bundles TO regress_clerk;
GRANT INSERT, UPDATE, DELETE ON upload, upload_part, rejected_row, shop TO regress_clerk;
GRANT EXECUTE ON FUNCTION utf8(text), levels(integer, integer) TO regress_clerk;
GRANT INSERT (shop, inventory_item_id, location_id, available, updated_at, upload_id) ON inventory_level TO regress_clerk;
SET LOCAL ROLE regress_clerk;
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', levels(1, 3))$$);
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'inventory_levels', utf8(E'inventory_item_id,location_id,available,updated_at\nI,L,1,\n'))$$);
SELECT pg_temp.result($$SELECT inserted FROM ingest('t', 'variants', utf8(E'variant_id,product_id,title,price,inventory_item_id\nV,P,a,1,I\n'))$$);
RESET ROLE;
ROLLBACK;
