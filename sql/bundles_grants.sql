-- Grants of tradeup_bundles: what a role can do after each, statement by statement.
BEGIN;
SET LOCAL search_path = tradeup_bundles, public;
SET LOCAL client_min_messages = warning;
\set SHOW_CONTEXT never
\pset format unaligned
SELECT kind, object, privileges FROM tradeup_bundles_internal.grants_of('admin') WHERE privileges <> 'SELECT'
ORDER BY kind, object COLLATE "C";
SELECT object, privileges FROM (SELECT * FROM tradeup_bundles_internal.grants_of('desk')
                                EXCEPT SELECT * FROM tradeup_bundles_internal.grants_of('admin')) x ORDER BY object COLLATE "C";
SELECT object, privileges FROM tradeup_bundles_internal.grants_of('reader') WHERE privileges <> 'SELECT';
INSERT INTO shop (shop) VALUES ('s');
INSERT INTO bundle (bundle_id, shop, run, rank, kind, objective, variant_set, variants, quantities, prices, percents, discounts,
                    original_total, price, score, counts)
VALUES (-1, 's', 'r', 1, 'together', 'other', '{A,B}', '{A,B}', '{1,1}', '{1,2}', '{0,0}', '{0,0}', 3, 3, 1, '{}');
SELECT approve_bundle(-1);
CREATE ROLE bundles_reader; CREATE ROLE "Desk of ""Ann"""; CREATE ROLE bundles_admin; CREATE ROLE bundles_none;
SELECT grant_reader('bundles_reader'), grant_desk('Desk of "Ann"'), grant_admin('bundles_admin');
-- Once more, which changes nothing.
CREATE TEMP TABLE acls AS SELECT oid, relacl FROM pg_class WHERE relnamespace = 'tradeup_bundles'::regnamespace;
SELECT grant_reader('bundles_reader'), grant_desk('Desk of "Ann"'), grant_admin('bundles_admin');
SELECT count(*) AS changed FROM acls JOIN pg_class c USING (oid) WHERE c.relacl IS DISTINCT FROM acls.relacl;
CREATE FUNCTION pg_temp.state(role name, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE format('SET LOCAL ROLE %I', role);
        EXECUTE statement;
        RAISE EXCEPTION USING ERRCODE = 'TRADE';
    EXCEPTION WHEN OTHERS THEN
        RETURN CASE SQLSTATE WHEN 'TRADE' THEN 'yes' ELSE SQLSTATE END;
    END;
END $$;
CREATE TEMP TABLE statement (n serial, needs integer, statement text);
COPY statement (needs, statement) FROM STDIN WITH (DELIMITER ' ', FORMAT csv);
1 "SELECT count(*) FROM tradeup_bundles.pairs('s')"
1 "SELECT count(*) FROM tradeup_bundles.propose_bundles('s')"
1 "SELECT count(*) FROM tradeup_bundles.coverage('s')"
1 "SELECT count(*) FROM tradeup_bundles.health()"
1 "SELECT count(*) FROM tradeup_bundles.bundle_list('s')"
1 "SELECT count(*) FROM tradeup_bundles.bundle_line"
1 "SELECT count(*) FROM tradeup_bundles.upload_statistics"
2 "SELECT tradeup_bundles.begin_upload('s', 'orders', options => '{""lines"": true}')"
2 "SELECT tradeup_bundles.ingest('s', 'orders', convert_to(E'order_id,created_at,sku,qty,price\n1,2025-01-01,A,1,1\n2,2025-01-01,B,x,1\n', 'UTF8'))"
2 "SELECT tradeup_bundles.ingest('t', 'variants', convert_to(E'variant_id,product_id,title,price,inventory_item_id\nV1,P1,one,1,I\n', 'UTF8'))"
2 "SELECT tradeup_bundles.retry_rejected((tradeup_bundles.ingest('s', 'orders', convert_to(E'order_id,created_at,sku,qty,price\n1,2025-01-01,A,1,1\n2,2025-01-01,B,x,1\n', 'UTF8'))).upload_id)"
2 "SELECT tradeup_bundles.add_part(tradeup_bundles.begin_upload('s'), 1, 'x')"
2 "SELECT tradeup_bundles.save_bundles('s', 'r', NULL)"
2 "SELECT tradeup_bundles.retire_bundle(-1)"
3 "INSERT INTO tradeup_bundles.column_alias (kind, alias, column_name) VALUES ('orders', 'nummer', 'order_id')"
3 "UPDATE tradeup_bundles.shop SET time_zone = 'Europe/Berlin'"
3 "DELETE FROM tradeup_bundles.shop"
3 "DELETE FROM tradeup_bundles.order_line"
3 "DELETE FROM tradeup_bundles.upload"
4 "UPDATE tradeup_bundles.upload SET uploaded_by = 'x'"
4 "INSERT INTO tradeup_bundles.upload (begun_at) VALUES (now())"
4 "INSERT INTO tradeup_bundles.upload (upload_id) OVERRIDING SYSTEM VALUE VALUES (5)"
2 "UPDATE tradeup_bundles.bundle SET rank = 2"
4 "UPDATE tradeup_bundles.bundle SET bundle_id = -1"
4 "UPDATE tradeup_bundles.bundle SET saved_by = 'x'"
4 "INSERT INTO tradeup_bundles.bundle (bundle_id) VALUES (-2)"
4 "UPDATE tradeup_bundles.bundle_event SET note = 'x'"
4 "DELETE FROM tradeup_bundles.bundle_event"
4 "TRUNCATE tradeup_bundles.order_line"
4 "CREATE TABLE tradeup_bundles.own ()"
4 "SELECT tradeup_bundles.grant_reader('bundles_none')"
4 "SELECT tradeup_bundles.revoke_grants('bundles_reader')"
\.
SELECT s.statement AS surprise, r.role, pg_temp.state(r.role, s.statement)
FROM statement s, (VALUES (0, 'bundles_none'), (1, 'bundles_reader'), (2, 'Desk of "Ann"'), (3, 'bundles_admin')) r (rank, role)
WHERE pg_temp.state(r.role, s.statement) <> CASE WHEN r.rank >= s.needs THEN 'yes' ELSE '42501' END ORDER BY s.n, r.rank;
SELECT count(*) AS statements FROM statement;
-- What was approved cannot become another bundle under its number.
SAVEPOINT approved;
SET LOCAL ROLE "Desk of ""Ann""";
UPDATE bundle SET rank = 3;
SELECT bundle_id = -1 AS same_number FROM bundle;
UPDATE bundle SET price = 1;
SELECT bundle_id = -1 AS same_number, price, saved_by FROM bundle;
SELECT status FROM bundle_list('s');
ROLLBACK TO approved;
-- Who is no role, and no level.
CREATE FUNCTION pg_temp.fails(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT pg_temp.fails(q)
FROM unnest(ARRAY['SELECT grant_desk(''nobody'')', 'SELECT grant_reader(NULL)', 'SELECT revoke_grants(''public'')',
    'SELECT tradeup_bundles_internal.grant_level(''bundles_none'', ''owner'')',
    'SELECT count(*) FROM tradeup_bundles_internal.grants_of(NULL)']) q;
-- Columns of one's own have any name.
ALTER TABLE bundle ADD "of ""A"", note" text;
ALTER TABLE upload ADD "Order" text;
SELECT grant_desk('bundles_none');
SELECT has_column_privilege('bundles_none', 'bundle', 'of "A", note', 'INSERT, UPDATE') AS bundle,
       has_column_privilege('bundles_none', 'upload', 'Order', 'UPDATE') AS upload;
SELECT revoke_grants(r) FROM unnest('{bundles_reader,"Desk of \"Ann\"",bundles_admin,bundles_none}'::name[]) r;
SELECT count(*) AS still_granted FROM pg_class c, aclexplode(c.relacl) a, pg_roles r
WHERE c.relnamespace = 'tradeup_bundles'::regnamespace AND a.grantee = r.oid AND r.rolname ~ 'bundles|Ann';
ROLLBACK;
