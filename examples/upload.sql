-- A shop's files from psql: each by one \copy of its lines. Start psql in the root of the checkout:
--     psql -f examples/upload.sql
CREATE EXTENSION IF NOT EXISTS tradeup_bundles;
SET search_path = tradeup_bundles, public;

-- The upload makes pg_temp.upload_line; the characters 1 and 2 are a delimiter and a quote that no file has.
SELECT begin_upload('small-shop', 'catalog', run => 'first', options => '{"lines": true}') AS upload \gset
\copy pg_temp.upload_line FROM 'test/data/bundles/small/catalog_joined.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT kind, rows, loaded, rejected FROM load_upload(:'upload');

SELECT begin_upload('small-shop', 'orders', run => 'first', options => '{"lines": true}') AS upload \gset
\copy pg_temp.upload_line FROM 'test/data/bundles/small/orders.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT kind, rows, loaded, rejected, orders FROM load_upload(:'upload');

-- What was not loaded and why, what the data cover, and what sells best.
SELECT row, line, column_name, reason, value FROM rejected_row WHERE upload_id = :'upload' ORDER BY row LIMIT 20;
SELECT orders, lines, ordered_variants, missing_in_catalog, never_sold FROM coverage('small-shop');
SELECT c.product_title, c.variant_title, sum(l.quantity) AS units, sum(l.line_total) AS revenue
FROM order_line l JOIN catalog_item c USING (shop, variant_id)
WHERE l.shop = 'small-shop' GROUP BY c.shop, c.variant_id ORDER BY revenue DESC, c.variant_id LIMIT 5;
