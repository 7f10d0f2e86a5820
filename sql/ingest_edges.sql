-- Edges of files, of parts and of tables: what is loaded, what is refused, and in which words.
SET search_path = public, tradeup_bundles;
SET timezone = 'America/New_York';
SET client_min_messages = warning;
\set SHOW_CONTEXT never
ALTER SEQUENCE upload_upload_id_seq RESTART;
CREATE FUNCTION utf8(words text) RETURNS bytea LANGUAGE sql IMMUTABLE RETURN convert_to(words, 'UTF8');
CREATE VIEW rejected AS SELECT row, line, column_name, reason, left(value, 40) AS value FROM rejected_row
WHERE upload_id = (SELECT max(upload_id) FROM upload) ORDER BY row;
\set levels E'''inventory_item_id,location_id,available,updated_at\n'''
\set orders E'''order_id,created_at,quantity,unit_price,sku\n'''
\set variants E'''variant_id,product_id,title,price,inventory_item_id\n'''

-- Files that are none.
SELECT ingest('s', 'orders', '');
SELECT ingest('s', 'orders', utf8(E'\n \r\n\t\n'));
SELECT ingest('s', 'orders', utf8('one column'));
SELECT ingest('s', 'orders', utf8(E'"order_id,created_at\n1,2'));
SELECT ingest('s', 'orders', '\xfffe6f0072006400');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\nI2,L') || '\xff'::bytea || utf8(E',1,\n'));
SELECT ingest('s', 'inventory_levels', utf8(:levels) || '\xc3'::bytea);
SELECT ingest('s', 'inventory_levels', utf8(:levels) || '\x81'::bytea, '{"encoding": "WIN1252"}');
SELECT ingest('s', NULL, utf8(E'a,b,c\n1,2,3\n'));
SELECT ingest('s', 'catalogue', utf8(E'a\n1\n'));
SELECT ingest(NULL, 'inventory_levels', utf8(:levels || E'I1,L,1,\n'));
SELECT ingest('s', 'inventory_levels', utf8(E'shop,' || :levels || E',I1,L,1,\nOther,I2,L,1,\n'));
SELECT ingest('s', 'inventory_levels', NULL);
SELECT ingest(repeat('s', 256), 'inventory_levels', utf8(:levels || E'I1,L,1,\n'));

-- Options that are none.
SELECT begin_upload('s', 'orders', options => '{"encodings": "UTF8"}');
SELECT begin_upload('s', 'orders', options => '{"encoding": "EBCDIC"}');
SELECT begin_upload('s', 'orders', options => '{"delimiter": ",,"}');
SELECT begin_upload('s', 'orders', options => '{"decimal_mark": ";"}');
SELECT begin_upload('s', 'orders', options => '{"date_order": "YMD"}');
SELECT begin_upload('s', 'orders', options => '{"time_zone": "Mars"}');
SELECT begin_upload('s', 'orders', options => '{"columns": {"sku": 1}}');
SELECT begin_upload('s', 'orders', options => '{"max_bytes": 0}');
SELECT begin_upload('s', 'orders', options => '[]');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\n'), '{"columns": {"sku": "Artikel"}}');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\n'), '{"columns": {"price": "available"}}');

-- Limits, each with its error.
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\n'), '{"max_bytes": 20}');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,12345678901234567890,\n'), '{"max_cell_bytes": 18}');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,"12345678901234567890",\n'), '{"max_cell_bytes": 18}');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\n'), '{"max_columns": 3}');
SELECT ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,x,\nI1,L,y,\n'), '{"max_rejected": 1}');
SELECT count(*) AS nothing_is_left FROM upload;

-- One quote, line ends of all kinds, NUL, many cells, a long cell.
SELECT rows, loaded, rejected FROM ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\rI2,L,2,\r\n\r\n \nI3,L,3,"') );
TABLE rejected;
SELECT rows, loaded, rejected
FROM ingest('s', 'inventory_levels', utf8(:levels || E'I1,L,1,\nI2,L') || '\x00'::bytea || utf8(E',1,\nI3,L,3,,, ,\nI4,L,4,,,x'));
TABLE rejected;
SELECT raw FROM rejected_row WHERE reason = 'nul_byte';
SELECT rows, loaded, cardinality(columns_not_used) AS unused
FROM ingest('s', 'inventory_levels',
            utf8((SELECT string_agg('c' || i, ',' ORDER BY i) FROM generate_series(5, 4000) i) || ',' || :levels
                 || repeat(',', 3996) || E'I9,L,9,\n'));
SELECT rows, loaded FROM ingest('s', 'variants', utf8(:variants || 'V1,P1,' || repeat('x', 15000000) || E',1,I\n'));
SELECT octet_length(variant_title) FROM variant;
SELECT ingest('s', 'variants', utf8(:variants || 'V1,P1,' || repeat('x', 17000000) || E',1,I\n'));
SELECT ingest('s', 'variants', utf8(:variants || 'V1,P1,"' || repeat('x', 17000000) || E'",1,I\n'));
SELECT rows, loaded, rejected, reasons
FROM ingest('s', 'variants', utf8(:variants || E'V2,P1,x,1,I\nV3,P1,"' || repeat('x', 17000000) || E'"",1,I\n'));
SELECT octet_length(raw), cut FROM rejected_row WHERE reason = 'unterminated_quote' AND cut;

-- Parts: borders within CRLF, within a letter, within a doubled quote; in any order; twice; missing.
SELECT begin_upload('parts', 'variants') AS u \gset
SELECT add_part(:u, n, substr(file, n, 1))
FROM (SELECT utf8(E'variant_id,product_id,title,price,inventory_item_id\r\nV1,P1,"a ""ü"" 漢 \r\n😀",1,I\r\n') AS file) f,
     LATERAL generate_series(1, octet_length(f.file)) n ORDER BY n DESC \g /dev/null
SELECT add_part(:u, 1, 'v');
SELECT rows, loaded, rejected FROM load_upload(:u);
SELECT variant_title FROM variant WHERE shop = 'parts';
SELECT count(*) FROM upload_part;
SELECT repeated, rows, loaded FROM load_upload(:u);
SELECT add_part(:u, 1, 'v');
SELECT begin_upload('parts', 'variants') AS u \gset
SELECT load_upload(:u);
SELECT add_part(:u, 1, 'a'), add_part(:u, 3, 'c');
SELECT load_upload(:u);
SELECT add_part(:u, 0, 'a');
SELECT load_upload(-1);
SELECT add_part(-1, 1, 'a');

-- One cell fills several columns, also where its quotes take room.
SELECT rows, loaded FROM ingest('twice', 'orders', utf8(E'order_id,created_at,quantity,price,name\n1,2025-01-01,1,1,"'
                                                        || repeat('""', 200) || E'"\n'),
                                '{"columns": {"variant_id": "name", "sku": "name", "title": "name", "vendor": "name"}}');
SELECT variant_id = repeat('"', 200) AND sku = variant_id AND title = sku AND vendor = title AS all_the_same
FROM order_line WHERE shop = 'twice';
DELETE FROM order_line WHERE shop = 'twice';
-- Lines by COPY.
SELECT begin_upload('lines', 'variants', options => '{"lines": true}') AS u \gset
INSERT INTO pg_temp.upload_line VALUES (E'variant_id,product_id,title,price,inventory_item_id'), (E'V1,P1,"two'), ('lines",1,I');
SELECT rows, loaded FROM load_upload(:u);
SELECT variant_title FROM variant WHERE shop = 'lines';
-- Lines of all lengths keep their order, also where a page that came before has room for one.
SELECT begin_upload('lines', 'variants', options => '{"lines": true}') AS u \gset
INSERT INTO pg_temp.upload_line VALUES (rtrim(:variants, E'\n'));
INSERT INTO pg_temp.upload_line
SELECT CASE i % 2 WHEN 1 THEN 'V' || i || ',P,"' || repeat('x', (i * 7919) % 900) ELSE i - 1 || '",1,I' END
FROM generate_series(1, 4000) i;
SELECT count(*) > 0 AS out_of_place
FROM (SELECT line COLLATE "C" AS line, lag(line COLLATE "C") OVER (ORDER BY ctid) AS before FROM pg_temp.upload_line) l
WHERE line < before;
SELECT rows, loaded FROM load_upload(:u);
SELECT count(*) AS wrong FROM variant
WHERE shop = 'lines' AND variant_id <> 'V1' AND variant_id <> 'V' || regexp_replace(variant_title, '^x*\n', '');
SELECT load_upload((SELECT begin_upload('lines', 'variants', options => '{"lines": true}')));
-- Lines that come by several COPY, of which one is undone; some are deleted, and what comes next takes their room.
SELECT begin_upload('gaps', 'variants', options => '{"lines": true}') AS u \gset
BEGIN;
COPY pg_temp.upload_line FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
undone
\.
ROLLBACK;
COPY pg_temp.upload_line FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
variant_id,product_id,title,price,inventory_item_id
V1,P1,"one

\.
INSERT INTO pg_temp.upload_line SELECT 'gap' FROM generate_series(1, 2000);
INSERT INTO pg_temp.upload_line VALUES (NULL), ('and');
DELETE FROM pg_temp.upload_line WHERE line LIKE '%gap';
VACUUM pg_temp.upload_line;
SET session_replication_role = replica;
COPY pg_temp.upload_line FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
two",1,I
V2,P2,two,2,I
\.
RESET session_replication_role;
SELECT rows, loaded FROM load_upload(:u);
SELECT variant_id, variant_title FROM variant WHERE shop = 'gaps' ORDER BY variant_id;
CREATE TEMPORARY TABLE other (number integer);
CREATE TRIGGER number_line BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION tradeup_bundles_internal.number_line();
INSERT INTO other VALUES (1);
DROP TABLE other;

-- Identifiers of every kind; a key that no index holds is a fault of its row.
SELECT rows, loaded, rejected
FROM ingest('ids', 'orders', utf8(:orders || E'😀😀,2025-01-01,1,1,100%\n''; DROP TABLE x,2025-01-01,1,1,a''b\n'
                                  || repeat('k', 10000) || E',2025-01-01,1,1,a\n' || repeat('ü', 500) || E',2025-01-01,1,1,'
                                  || repeat('s', 1000) || E'\n'));
TABLE rejected;
SELECT left(order_id, 20) AS order_id, left(line_key, 20) AS line_key FROM order_line l
WHERE shop = 'ids' ORDER BY l.order_id, l.line_key;

-- The first fault of a row, in the order of the tests.
SELECT rows, rejected FROM ingest('faults', 'orders', utf8(E'shop,' || :orders
    || E'faults,1,2025-01-01,1,1,A\n FAULTS ,,x,x,x,\nother,,x,x,x,\n,1,x,x,x,\n,1,x,x,x,A\n,1,x,1,x,A\n,1,x,1,,A\n,1,x,1,1,A\n'
    || E',1,2025-01-01,3000000000,1,A\n,1,2025-01-01,1,1e10,A\n,1,2025-01-01,1,1.00001,A\n'));
TABLE rejected;
-- Where every row has the same fault, the result says what could serve.
SELECT loaded, advice FROM ingest('faults', 'orders', utf8(E'order_id,created_at,qty,price,sku,Lineitem name\n1,,1,1,,Mug\n2,,1,1,,Pot\n'));

-- Times without a zone are those of the option, of the shop, or UTC; never the session's.
SELECT rows FROM ingest('zones', 'inventory_levels', utf8(:levels || E'utc,L,1,2025-07-01 12:00\n'));
SELECT rows FROM ingest('zones', 'inventory_levels', 
    utf8(:levels || E'option,L,1,2025-07-01 12:00\nsaid,L,1,2025-07-01 12:00Z\n'),
                        '{"time_zone": "Europe/Berlin"}');
UPDATE shop SET time_zone = 'Asia/Tokyo', options = '{"decimal_mark": ","}' WHERE shop = 'zones';
SELECT rows FROM ingest('zones', 'inventory_levels', utf8(:levels || E'shop,L,"1.000",2025-07-01 12:00\n'));
SELECT inventory_item_id, available, updated_at AT TIME ZONE 'UTC' AS at FROM inventory_level WHERE shop = 'zones' ORDER BY 1;

-- What a second file changes: columns that it lacks stay, blank cells become null, totals follow what is then stored.
SELECT inserted, updated, unchanged, orders_changed FROM ingest('merge', 'orders', utf8(
    E'order_id,line_item_id,created_at,quantity,unit_price,sku,title,line_discount,email,total\n'
    '1,a,2025-01-01,2,10.00,A,Mug,1.50,x@example.com,18.50\n1,b,,1,5,B,Pot,,,\n2,c,2025-01-02,1,7,C,,,,7\n'));
SELECT inserted, updated, unchanged, orders_changed FROM ingest('merge', 'orders', utf8(
    E'order_id,line_item_id,created_at,quantity,unit_price,sku,email\n'
    '1,a,2025-01-01,3,10.0,A,\n1,b,,1,5.00,B,\n2,c,2025-01-02,1,7,C,\n3,d,2025-01-03,1,9,D,y@example.com\n'));
SELECT line_key, quantity, unit_price, line_discount, line_total, title, upload_id - min(upload_id) OVER () AS upload
FROM order_line WHERE shop = 'merge' ORDER BY order_id, line_key;
SELECT order_id, email, total FROM shop_order WHERE shop = 'merge' ORDER BY 1;

-- Equal lines without identifiers stay two, also when one of them was rejected and is loaded later.
SELECT loaded, inserted, rejected
FROM ingest('twice', 'orders', utf8(:orders || E'1,2025-01-01,1,5,A\n1,,1,"5,5",A\n1,,1,5,A\n'));
SELECT loaded, inserted, rejected
FROM retry_rejected((SELECT max(upload_id) FROM rejected_row), '{"decimal_mark": ","}');
SELECT line_key, unit_price FROM order_line WHERE shop = 'twice' ORDER BY 1;
SELECT created_at AT TIME ZONE 'UTC' AS at FROM shop_order WHERE shop = 'twice';
SELECT count(*) AS rejected FROM rejected_row r, upload u WHERE u.upload_id = r.upload_id AND u.shop = 'twice';
SELECT retry_rejected((SELECT max(upload_id) FROM upload));
-- Of a key that comes again the last row counts; nothing is written twice, now or later.
SELECT loaded, inserted, duplicates
FROM ingest('twice', 'variants', utf8(:variants || E'V,P,a,1,I\nW,P,w,1,I\nV,P,b,2,I\nV,P,c,3,I\n'));
SELECT loaded, inserted, updated, unchanged, duplicates
FROM ingest('twice', 'variants', utf8(:variants || E'V,P,a,1,I\nW,P,w,1,I\nV,P,b,2,I\nV,P,c,3,I\n'), '{"force": true}');

-- Triggers, generated columns and policies of the tables hold.
ALTER TABLE variant ADD shouted text GENERATED ALWAYS AS (upper(variant_title)) STORED;
CREATE FUNCTION skip_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.variant_title = 'draft' THEN
        RETURN NULL;
    END IF;
    NEW.sku := coalesce(NEW.sku, 'none');
    RETURN NEW;
END $$;
CREATE TRIGGER skip_drafts BEFORE INSERT OR UPDATE ON variant FOR EACH ROW EXECUTE FUNCTION skip_drafts();
SELECT loaded, inserted FROM ingest('trigger', 'variants', utf8(:variants || E'V,P,a,1,I\nW,P,draft,1,I\n'));
SELECT variant_id, shouted, sku FROM variant WHERE shop = 'trigger';
DROP TRIGGER skip_drafts ON variant;
ALTER TABLE variant DROP shouted;

CREATE ROLE bundles_clerk NOLOGIN;
GRANT USAGE ON SCHEMA tradeup_bundles TO bundles_clerk;
GRANT SELECT ON ALL TABLES IN SCHEMA tradeup_bundles TO bundles_clerk;
GRANT INSERT, UPDATE, DELETE ON upload, upload_part, rejected_row, shop, inventory_level TO bundles_clerk;
CREATE POLICY own_shop ON inventory_level TO bundles_clerk USING (shop = 'north');
ALTER TABLE inventory_level ENABLE ROW LEVEL SECURITY;
GRANT EXECUTE ON FUNCTION utf8(text) TO bundles_clerk;
SET ROLE bundles_clerk;
SELECT loaded FROM tradeup_bundles.ingest('north', 'variants', utf8(:variants || E'V,P,a,1,I\n'));
SELECT loaded FROM tradeup_bundles.ingest('south', 'inventory_levels', utf8(:levels || E'I1,L,1,\n'));
SELECT loaded FROM tradeup_bundles.ingest('north', 'inventory_levels', utf8(:levels || E'I1,L,1,\n'));
SELECT loaded FROM tradeup_bundles.ingest_file('north', 'inventory_levels', '/etc/passwd');
SELECT shop, count(*) FROM tradeup_bundles.inventory_level GROUP BY shop;
RESET ROLE;
-- What may never end is no file to load.
SELECT loaded FROM ingest_file('north', 'inventory_levels', '/dev/null');
SELECT loaded FROM ingest_file('north', 'inventory_levels', '/');
SELECT loaded FROM ingest_file('north', 'inventory_levels', repeat('x', 256));
\echo :SQLSTATE
-- A policy by shop keeps the index.
INSERT INTO order_line (shop, order_id, line_key, variant_id, quantity, unit_price, line_total, upload_id)
SELECT 'many' || i % 7, i, 'id:' || i, i % 90, 1, 1, 1, 0 FROM generate_series(1, 5000) i;
ANALYZE order_line;
CREATE POLICY own_shop ON order_line FOR SELECT TO bundles_clerk USING (shop = current_setting('my.shop'));
ALTER TABLE order_line ENABLE ROW LEVEL SECURITY;
SET ROLE bundles_clerk;
SET my.shop = 'merge';
EXPLAIN (costs off) SELECT * FROM tradeup_bundles.order_line WHERE order_id = '1' AND line_key = 'id:a';
SELECT lines, ordered_variants FROM tradeup_bundles.coverage('merge');
SELECT lines FROM tradeup_bundles.coverage('twice');
RESET ROLE;
ALTER TABLE order_line DISABLE ROW LEVEL SECURITY;
ALTER TABLE inventory_level DISABLE ROW LEVEL SECURITY;
DROP POLICY own_shop ON order_line;
DROP POLICY own_shop ON inventory_level;
DROP OWNED BY bundles_clerk;
DROP ROLE bundles_clerk;

-- Rows of CSV for everybody.
SELECT * FROM csv_rows(utf8(E'a;b\n"x""y";1\r\n\n;"open'));
SELECT * FROM csv_rows('\x612c620a31002c320a');
SELECT count(*) FROM csv_rows(utf8(E'a\tb\n1\t2\n'), '{"delimiter": ","}') r WHERE cardinality(r.cells) = 1;
SELECT csv_rows(utf8('a'), '{"force": true}');
SELECT csv_rows(utf8(E'a\nb,c,d'), '{"max_columns": 1}');
SELECT detect_kind('Name,Lineitem sku,Lineitem quantity'), detect_kind('Inventory Item ID;Location'),
       detect_kind(E'title\tstatus'), detect_kind('variant_id,product_id,price');
SELECT detect_kind('id,name,quantity');
-- An alias of one's own; one that names no column is an error that says so.
INSERT INTO column_alias (kind, alias, column_name, preference) VALUES ('variants', 'artikel', 'variant_id', 1);
SELECT columns_used ->> 'variant_id' AS by_alias
FROM ingest('alias', 'variants', utf8(E'Artikel,' || replace(:variants, 'variant_id', 'id') || E'A,V,P,a,1,I\n'));
INSERT INTO column_alias (kind, alias, column_name) VALUES ('variants', 'x', 'y');
SELECT ingest('alias', 'variants', utf8(:variants || E'V,P,a,1,I\n'));
DELETE FROM column_alias WHERE NOT built_in;

-- Health: what is left over is said.
DELETE FROM upload;
DELETE FROM upload_part;
SELECT * FROM health();
SELECT rows, rejected FROM ingest('well', 'inventory_levels', utf8(:levels || E'I1,L,1,\nI2,L,x,\n'));
SELECT begin_upload('well', 'orders') AS u \gset
INSERT INTO upload_part VALUES (:u, 1, ''), (-1, 1, '');
UPDATE upload SET begun_at = begun_at - interval '2 days';
SELECT check_name, status, value, regexp_replace(advice, '\d+', 'N') AS advice FROM health();

DELETE FROM shop_order;
DELETE FROM order_line;
DELETE FROM variant;
DELETE FROM inventory_level;
DELETE FROM rejected_row;
DELETE FROM upload_part;
DELETE FROM upload;
DELETE FROM shop;
DROP FUNCTION skip_drafts;
DROP VIEW rejected;
DROP FUNCTION utf8;
