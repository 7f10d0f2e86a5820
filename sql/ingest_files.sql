-- Files of shops with everything wrong that shops have, against what another program says of them.
\getenv dir PG_ABS_SRCDIR
SET search_path = public, tradeup_bundles;
SET timezone = 'UTC';
\set SHOW_CONTEXT never

CREATE FUNCTION plain(amount numeric) RETURNS text LANGUAGE sql RETURN trim_scale(amount)::text;
CREATE FUNCTION utc(at timestamptz) RETURNS text LANGUAGE sql
RETURN to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS') || coalesce(rtrim(nullif(to_char(at, '.US'), '.000000'), '0'), '') || 'Z';

-- The rows of a shop's tables, by key, in the form of the expected ones.
CREATE FUNCTION tables_of(of_shop text) RETURNS jsonb LANGUAGE sql
RETURN (SELECT jsonb_strip_nulls(jsonb_build_object(
    'orders', (SELECT jsonb_object_agg(o.order_id, to_jsonb(o) || jsonb_build_object(
                   'created_at', utc(created_at), 'subtotal', plain(subtotal), 'shipping', plain(shipping), 'tax', plain(tax),
                   'total', plain(total), 'discount', plain(discount))) FROM shop_order o WHERE o.shop = of_shop),
    'order_lines', (SELECT jsonb_object_agg(l.order_id || ' ' || l.line_key, to_jsonb(l) || jsonb_build_object(
                   'unit_price', plain(unit_price), 'line_total', plain(line_total), 'line_discount', plain(line_discount)))
                   FROM order_line l WHERE l.shop = of_shop),
    'variants', (SELECT jsonb_object_agg(v.variant_id, to_jsonb(v) || jsonb_build_object(
                   'price', plain(price), 'compare_at_price', plain(compare_at_price), 'created_at', utc(created_at)))
                   FROM variant v WHERE v.shop = of_shop),
    'inventory_levels', (SELECT jsonb_object_agg(i.inventory_item_id || ' @ ' || i.location_id,
                   to_jsonb(i) || jsonb_build_object('updated_at', utc(updated_at)))
                   FROM inventory_level i WHERE i.shop = of_shop),
    'catalog', (SELECT jsonb_object_agg(c.variant_id, to_jsonb(c) || jsonb_build_object(
                   'price', plain(price), 'compare_at_price', plain(compare_at_price),
                   'product_created_at', utc(product_created_at), 'is_seasonal', f.seasonal, 'is_high_margin', f.high_margin))
                   FROM catalog_item c JOIN product_flags(of_shop, '2025-11-20') f USING (variant_id) WHERE c.shop = of_shop))));

-- What differs between what a file made and what it should have made.
CREATE FUNCTION differences(folder text, name text, OUT refused text, OUT details text, OUT differs jsonb) LANGUAGE plpgsql AS $$
DECLARE
    expected jsonb := pg_read_file(folder || name || '.json')::jsonb;
    options jsonb := (expected -> 'options') - 'shop';
    r upload_result;
    got jsonb;
    stored jsonb;
BEGIN
    differs := '{}';
    BEGIN
        r := ingest(expected -> 'options' ->> 'shop', expected ->> 'kind', pg_read_binary_file(folder || name || '.csv'),
                    options);
    EXCEPTION WHEN invalid_parameter_value THEN
        GET STACKED DIAGNOSTICS details = PG_EXCEPTION_DETAIL;
        refused := SQLERRM;
        IF (expected ->> 'accepted')::boolean THEN
            differs := to_jsonb(SQLERRM);
        END IF;
        RETURN;
    END;
    got := jsonb_build_object(
        'accepted', true, 'encoding', r.encoding, 'delimiter', r.delimiter, 'shop', r.shop, 'rows', r.rows, 'loaded', r.loaded,
        'duplicates', r.duplicates, 'rejected_total', r.rejected, 'kind', r.kind,
        'rejected', coalesce((SELECT jsonb_agg(jsonb_build_object('row', x.row, 'line', x.line, 'column', x.column_name,
                                                                  'reason', x.reason, 'value', x.value) ORDER BY x.row)
                              FROM rejected_row x WHERE x.upload_id = r.upload_id), '[]'));
    differs := coalesce((SELECT jsonb_object_agg(g.key, jsonb_build_array(g.value, expected -> g.key)) FROM jsonb_each(got) g
                         WHERE g.value <> expected -> g.key), '{}');
    stored := tables_of(r.shop);
    differs := differs || coalesce((
        SELECT jsonb_object_agg(t.key || ' ' || e.key, jsonb_build_array(stored -> t.key -> e.key, e.value))
        FROM jsonb_each(expected -> 'tables') t, jsonb_each(t.value) e
        WHERE NOT (jsonb_strip_nulls(stored -> t.key -> e.key) @> jsonb_strip_nulls(e.value)
                   AND NOT EXISTS (SELECT FROM jsonb_each(e.value) c
                                   WHERE c.value = 'null' AND stored -> t.key -> e.key ->> c.key IS NOT NULL))
           OR stored -> t.key -> e.key IS NULL), '{}');
    differs := differs || coalesce((
        SELECT jsonb_object_agg(t.key || ' ' || s.key, 'too many'::text) FROM jsonb_each(stored) t, jsonb_each(t.value) s
        WHERE NOT coalesce(expected -> 'tables' -> t.key ? s.key, false)), '{}');
    -- Only this file's rows for the next.
    DELETE FROM shop_order;
    DELETE FROM order_line;
    DELETE FROM variant;
    DELETE FROM inventory_level;
    DELETE FROM catalog_item;
END
$$;
SELECT count(*) > 0 AS files, count(*) FILTER (WHERE d.differs <> '{}') AS wrong
FROM unnest(ARRAY['dirty', 'odd']) folder, pg_ls_dir(:'dir' || '/test/data/bundles/' || folder) file,
     differences(:'dir' || '/test/data/bundles/' || folder || '/', replace(file, '.csv', '')) d WHERE file LIKE '%.csv';
SELECT file, d.* FROM pg_ls_dir(:'dir' || '/test/data/bundles/dirty') file,
    differences(:'dir' || '/test/data/bundles/dirty/', replace(file, '.csv', '')) d
WHERE file LIKE '%.csv' AND d.refused IS NOT NULL ORDER BY file COLLATE "C";

-- Rejected rows come with the text that they have in the file.
SELECT x.line, x.reason, x.raw FROM rejected_row x, upload u
WHERE u.upload_id = x.upload_id AND u.columns_used ->> 'order_id' = 'Bestellnummer' ORDER BY x.line;

-- A whole shop; the same again changes nothing, and with force no row is written.
CREATE FUNCTION load(kind text, file text, options jsonb DEFAULT '{}') RETURNS SETOF upload_result LANGUAGE sql
RETURN ingest('small', kind, pg_read_binary_file(current_setting('test.dir') || '/test/data/bundles/small/' || file), options);
SELECT set_config('test.dir', :'dir', false) <> '' AS set;
SELECT kind, rows, loaded, inserted, unchanged, duplicates, rejected, orders, orders_changed, repeated
FROM (VALUES (1, 'orders', 'orders.csv'), (2, 'variants', 'variants.csv'), (3, 'inventory_levels', 'inventory_levels.csv'),
             (4, 'products', 'catalog_joined.csv')) f (n, k, file), load(f.k, f.file) ORDER BY n;
SELECT kind, rows, loaded, inserted, unchanged, duplicates, rejected, orders, orders_changed, repeated
FROM (VALUES (1, 'orders', 'orders.csv'), (4, 'catalog', 'catalog_joined.csv')) f (n, k, file), load(f.k, f.file) ORDER BY n;
SELECT kind, rows, loaded, inserted, unchanged, duplicates, rejected, orders, orders_changed, repeated
FROM (VALUES (1, 'orders', 'orders.csv'), (2, 'variants', 'variants.csv'), (3, 'inventory_levels', 'inventory_levels.csv'),
             (4, 'catalog', 'catalog_joined.csv')) f (n, k, file), load(f.k, f.file, '{"force": true}') ORDER BY n;
SELECT count(DISTINCT xmin::text) AS transactions, min(upload_id) = max(upload_id) AS of_one_upload FROM order_line;
SELECT * FROM coverage('small');
SELECT count(*), count(*) FILTER (WHERE new_launch) AS new, count(*) FILTER (WHERE seasonal) AS seasonal,
       count(*) FILTER (WHERE high_margin) AS high_margin, count(*) FILTER (WHERE slow_mover) AS slow
FROM product_flags('small', '2025-11-20');
SELECT count(*) AS unknown_before_90_days FROM product_flags('small', '2025-08-01') WHERE slow_mover IS NULL;

DELETE FROM shop_order;
DELETE FROM order_line;
DELETE FROM variant;
DELETE FROM inventory_level;
DELETE FROM catalog_item;
DELETE FROM rejected_row;
DELETE FROM upload;
DELETE FROM shop;
DROP FUNCTION load, differences, tables_of, utc, plain;
