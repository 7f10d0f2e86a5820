-- Health of inventories in tables of users' own.

CREATE OR REPLACE FUNCTION tradeup_internal.health_registered_inventories() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH problem AS MATERIALIZED (
        SELECT i.name, p.place, format('"%s": %s', tradeup_internal.shown(i.name), p.problem) AS problem, p.remedy
        FROM tradeup.inventory i,
        LATERAL (SELECT tradeup_internal.columns_lacking(i) AS names OFFSET 0) c,
        LATERAL (VALUES (1, NOT EXISTS (SELECT FROM pg_class r WHERE r.oid = i.relation), 'the relation is gone',
                         format('SELECT tradeup.unregister_inventory(%L);', i.name)),
                        (2, c.names IS NOT NULL, i.relation || ' has no column ' || c.names,
                         'Register ' || i.relation || ' again with its columns.'),
                        (3, NOT tradeup_internal.has_price_index(i.relation, i.price_column, i.status_column IS NOT NULL),
                         i.relation || ' has no index that begins with the price',
                         format('CREATE INDEX ON %s (%I, %I);', i.relation, i.price_column, i.id_column)))
            p (place, holds, problem, remedy)
        WHERE p.holds
    ), first AS (
        SELECT DISTINCT ON (p.name) p.* FROM problem p ORDER BY p.name, p.place
    )
    SELECT CASE WHEN min(f.place) < 3 THEN 'failed' WHEN count(*) > 0 THEN 'warning' ELSE 'ok' END,
           coalesce(string_agg(f.problem, '; ' ORDER BY f.name COLLATE "C"), 'as registered'),
           string_agg(f.remedy, ' ' ORDER BY f.name COLLATE "C")
    FROM first f;
END;
COMMENT ON FUNCTION tradeup_internal.health_registered_inventories() IS
    'Health: the tables and columns of registered inventories are there, and an index that begins with the price';

CREATE OR REPLACE FUNCTION tradeup_internal.health_distributed_tables() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN d.d IS NULL THEN 'ok' ELSE 'failed' END, coalesce(d.d || ' is distributed', 'none'),
           'Nobody has offers: SELECT undistribute_table(' || quote_literal(d.d) || '); and let a distributed table of your own '
           'be an inventory, by register_inventory.'
    FROM (SELECT tradeup_internal.distributed_table() AS d OFFSET 0) d;
END;
COMMENT ON FUNCTION tradeup_internal.health_distributed_tables() IS
    'Health: no table of the extension is distributed by Citus';
