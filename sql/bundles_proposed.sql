-- Bundles of the small shop: prices, tiers and what brings what against their tables, the rules of the list, saving, events.
BEGIN;
SET LOCAL search_path = tradeup_bundles, public;
\getenv dir PG_ABS_SRCDIR
CREATE TEMP TABLE ref_price (id integer, objective text, prices text, quantities text, percents text, original_total numeric,
    price numeric, discounts text);
\set load '\\copy ref_price from ' :dir '/test/data/bundles/prices.csv csv header'
:load
SELECT count(*), bool_and((b.original_total, b.price, b.discounts)
                          = (r.original_total, r.price, string_to_array(r.discounts, ';')::numeric[])) AS as_in_the_table
FROM ref_price r, bundle_price(string_to_array(r.prices, ';')::numeric[], string_to_array(r.quantities, ';')::integer[],
                               string_to_array(r.percents, ';')::numeric[], r.objective) b;
-- Without an objective, and in currencies of other decimals, there are no nice endings.
SELECT (bundle_price('{114.81,35.74}', '{1,1}', '{0,100}')).*;
SELECT (bundle_price('{1000,500}', '{1,2}', '{10,10}', 'increase_aov', 0)).*;
SELECT * FROM objective;
CREATE FUNCTION pg_temp.fails(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
    state text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    RETURN regexp_replace(concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, '')), 'bundle \d+', 'bundle N');
END $$;
SELECT pg_temp.fails(q) FROM (VALUES
    (1, $$SELECT bundle_price('{}', '{}', '{}')$$), (2, $$SELECT bundle_price('{1}', '{1,2}', '{1}')$$),
    (3, $$SELECT bundle_price('{1}', '{0}', '{1}')$$), (4, $$SELECT bundle_price('{1}', '{1}', '{101}')$$),
    (5, $$SELECT bundle_price('{1}', '{1}', '{0.00001}')$$), (6, $$SELECT bundle_price('{1.001}', '{1}', '{1}')$$),
    (7, $$SELECT bundle_price('{1}', '{1}', '{1}', 'all')$$), (8, $$SELECT bundle_price(NULL, '{1}', '{1}')$$),
    (9, $$SELECT bundle_price('{10000000000}', '{1000000}', '{1}')$$),
    (10, $$SELECT bundle_price('{1}', '{1}', '{1}', NULL, 5)$$),
    (11, $$SELECT bundle_price('{-1}', '{1}', '{1}')$$), (12, $$SELECT bundle_price('{NULL}', '{1}', '{1}')$$)) q (n, q)
ORDER BY n;

CREATE TEMP TABLE export (order_id text, name text, created_at timestamptz, currency text, paid text, fulfilled text,
    subtotal text, shipping text, tax text, total text, email text, country text, province text, city text, line_id text,
    line text, quantity integer, sku text, vendor text, variant text, product_id text, product text, type text, variant_id text,
    unit_price numeric, line_total numeric, line_discount numeric, ships text, gift text, taxable text, image text);
\set load '\\copy export from ' :dir '/test/data/bundles/small/orders.csv csv header'
:load
CREATE TEMP TABLE catalog (product_id text, product_title text, product_type text, tags text, status text, vendor text,
    created_at timestamptz, published_at timestamptz, variant_id text, sku text, variant_title text, price numeric,
    compare_at_price numeric, inventory_item_id text, item_created_at timestamptz, available integer, updated_at timestamptz);
\set load '\\copy catalog from ' :dir '/test/data/bundles/small/catalog_joined.csv csv header'
:load
INSERT INTO shop (shop, currency) VALUES ('small.example', 'USD'), ('empty.example', NULL);
INSERT INTO shop_order (shop, order_id, created_at, upload_id)
SELECT DISTINCT 'small.example', order_id, min(created_at) OVER (PARTITION BY order_id), 1 FROM export;
INSERT INTO order_line (shop, order_id, line_key, variant_id, sku, quantity, unit_price, line_total, line_discount, upload_id)
SELECT 'small.example', order_id, 'n:' || row_number() OVER (), variant_id, sku, quantity, unit_price, line_total,
       line_discount, 1
FROM export;
INSERT INTO catalog_item (shop, variant_id, product_id, product_title, price, product_status, variant_title, sku,
    compare_at_price, product_type, available, upload_id)
SELECT 'small.example', variant_id, product_id, product_title, price, upper(status), variant_title, sku, compare_at_price,
       product_type, available, 1
FROM catalog;
ANALYZE order_line, shop_order, catalog_item;

CREATE TEMP TABLE ref_volume (variant_id text, price numeric, stock integer, units bigint, lines bigint, max_quantity integer,
    share_2 float8, share_3 float8, share_5 float8, p75 integer, p90 integer, score float8, tiers text);
\set load '\\copy ref_volume from ' :dir '/test/data/bundles/small_volume.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE (v.price, v.stock, v.units, v.lines, v.max_quantity, v.p75, v.p90)
                                        IS NOT DISTINCT FROM (r.price, r.stock, r.units, r.lines, r.max_quantity, r.p75, r.p90))
                     AS counts_right,
       max(greatest(abs(v.share_2 - r.share_2), abs(v.share_3 - r.share_3), abs(v.share_5 - r.share_5))) <= 1e-15 AS shares,
       max(abs(v.score - r.score)) <= 1e-14 AS score,
       count(*) FILTER (WHERE (SELECT string_agg(q || ':' || p, ';' ORDER BY q) FROM unnest(v.quantities, v.percents) t (q, p))
                              = r.tiers) AS tiers_right
FROM volume_tiers('small.example') v FULL JOIN ref_volume r USING (variant_id);

CREATE TEMP TABLE ref_brings (buy text, get text, n_both bigint, n_buy bigint, strength float8, get_is_slow boolean,
    buy_is_fast boolean, buy_price numeric, get_price numeric, score float8, discount_percent integer, price numeric,
    chosen boolean);
\set load '\\copy ref_brings from ' :dir '/test/data/bundles/small_buy_x_get_y.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE (b.n_both, b.n_buy, b.get_is_slow, b.buy_is_fast, b.buy_price, b.get_price,
                                         b.discount_percent, b.price, b.chosen)
                                        = (r.n_both, r.n_buy, r.get_is_slow, r.buy_is_fast, r.buy_price, r.get_price,
                                           r.discount_percent, r.price, r.chosen)) AS right,
       max(abs(b.strength - r.strength)) <= 1e-14 AS strength, max(abs(b.score - r.score)) <= 1e-14 AS score
FROM buy_x_get_y('small.example') b FULL JOIN ref_brings r USING (buy, get);
-- What is chosen of the best few is what is chosen of all.
SELECT m.most, count(*) AS listed, count(*) FILTER (WHERE f.chosen) AS chosen, bool_and(to_jsonb(f) = to_jsonb(a)) AS as_of_all
FROM (VALUES (1), (10), (40)) m (most), LATERAL tradeup_bundles_internal.best_directions('small.example', NULL, false, m.most) f
LEFT JOIN tradeup_bundles_internal.best_directions('small.example', NULL, false, NULL) a ON a.place = f.place
GROUP BY m.most ORDER BY m.most;

-- Every planted pair is sold together, of pairs that occur as tests: 8 strong ones, 8 weak ones, 3 in each of 3 triples.
CREATE TEMP TABLE planted (line text);
\set load '\\copy planted from ' :dir '/test/data/bundles/small/planted.json'
:load
WITH plan (document) AS (SELECT string_agg(line, ' ')::jsonb FROM planted), pair (a, b) AS (
    SELECT p ->> 0, p ->> 1 FROM plan, jsonb_array_elements((document -> 'strong_pairs') || (document -> 'weak_pairs')) p
    UNION ALL
    SELECT p ->> x, p ->> y FROM plan, jsonb_array_elements(document -> 'triples') p, (VALUES (0, 1), (0, 2), (1, 2)) s (x, y))
SELECT count(*), count(t.variants) AS found
FROM pair p LEFT JOIN sold_together('small.example', options => '{"tests": "occurring"}') t
    ON t.variants = ARRAY[least(p.a, p.b), greatest(p.a, p.b)];
SELECT count(*) FILTER (WHERE cardinality(variants) = 2) AS pairs, count(*) FILTER (WHERE cardinality(variants) = 3) AS triples,
       bool_and(n_together >= 3 AND lift > 1 AND q <= 0.05 AND price <= original_total) AS rules
FROM sold_together('small.example');
-- Ways of ranking, and percents of history: between 5 and 20 once they are cut.
SELECT o.rank_by, (SELECT t.variants FROM sold_together('small.example', options => jsonb_build_object('rank_by', o.rank_by)) t
                   ORDER BY t.score DESC, t.variants LIMIT 1)
FROM (VALUES ('excess_revenue'), ('lift'), ('significance')) o (rank_by);
SELECT count(DISTINCT p) > 5 AS percents_differ, min(p) > 0 AS positive, max(p) < 100 AS below_100
FROM sold_together('small.example', options => '{"history": true}') t, unnest(t.percents) p;

CREATE TEMP TABLE proposed AS SELECT * FROM propose_bundles('small.example', as_of => '2025-11-20');
SELECT rank, kind, variants, quantities, percents, original_total, price, discounts FROM proposed ORDER BY rank;
-- The rules of the list, one by one. Sizes: of a catalogue of 259 items 16 bundles: 7, 5 and 4.
SELECT kind, count(*) FROM proposed GROUP BY 1 ORDER BY 1;
SELECT s.size, string_agg(k.kind || ' ' || k.bundles, ', ' ORDER BY k.kind) AS kinds, sum(k.bundles)
FROM unnest('{0,49,50,99,100,199,200,499,500,999,1000,50000}'::bigint[]) s (size),
     tradeup_bundles_internal.bundles_of_kinds(s.size) k
GROUP BY s.size ORDER BY s.size;
-- No set twice of a kind, nor more than twice; ranks from 1; the order is that of percent_rank, kind, variants.
SELECT count(*), count(DISTINCT (kind, (SELECT array_agg(v ORDER BY v) FROM unnest(variants) v), objective)) AS distinct_sets
FROM proposed;
SELECT max(n) <= 2 AS at_most_twice FROM (SELECT count(*) AS n FROM proposed
                                          GROUP BY (SELECT array_agg(v ORDER BY v) FROM unnest(variants) v)) x;
SELECT bool_and(rank = place) AS in_order
FROM (SELECT rank, row_number() OVER (ORDER BY standing DESC, kind COLLATE "C", variants COLLATE "C") AS place
      FROM (SELECT *, percent_rank() OVER (PARTITION BY kind ORDER BY score) AS standing FROM proposed) x) y;
-- The best of each kind are in.
SELECT (SELECT min(score) FROM proposed WHERE kind = 'together')
       >= (SELECT max(t.score) FROM sold_together('small.example', '2025-11-20') t
           WHERE t.variants NOT IN (SELECT p.variants FROM proposed p WHERE p.kind = 'together')) AS together,
       (SELECT min(score) FROM proposed WHERE kind = 'volume')
       >= (SELECT max(v.score) FROM volume_tiers('small.example', '2025-11-20') v
           WHERE ARRAY[v.variant_id] NOT IN (SELECT p.variants FROM proposed p WHERE p.kind = 'volume')) AS volume,
       (SELECT bool_and(b.chosen) FROM proposed p JOIN buy_x_get_y('small.example', '2025-11-20') b
        ON p.variants = ARRAY[b.buy, b.get] WHERE p.kind = 'buy_x_get_y') AS buy_x_get_y;
-- Every price by bundle_price, everything for sale.
SELECT count(*), bool_and((b.original_total, b.price, b.discounts) = (p.original_total, p.price, p.discounts)) AS prices
FROM proposed p, bundle_price(p.prices, p.quantities, p.percents, CASE WHEN p.kind <> 'buy_x_get_y' THEN p.objective END) b;
SELECT bool_and((t ->> 'price')::numeric
                = (bundle_price(p.prices, ARRAY[(t ->> 'quantity')::integer], ARRAY[(t ->> 'percent')::numeric],
                                CASE WHEN (t ->> 'percent')::numeric > 0 THEN p.objective END)).price) AS prices_of_tiers
FROM proposed p, jsonb_array_elements(p.tiers) t WHERE p.kind = 'volume';
SELECT bool_and(c.product_status = 'ACTIVE' AND c.price > 0 AND c.available IS DISTINCT FROM 0) AS for_sale
FROM proposed p, unnest(p.variants) v JOIN catalog_item c ON c.shop = 'small.example' AND c.variant_id = v;
-- The same data give the same list.
SELECT count(*) AS differences
FROM (SELECT * FROM proposed EXCEPT SELECT * FROM propose_bundles('small.example', '2025-11-20')) x;
-- Other objectives have other bounds.
SELECT o.objective, bool_and(p.objective = o.objective) AS named,
       bool_and(p.original_total * (100 - o.highest_percent) <= p.price * 100) FILTER (WHERE p.kind <> 'buy_x_get_y') AS bounded
FROM objective o, LATERAL propose_bundles('small.example', options => jsonb_build_object('objective', o.objective)) p
GROUP BY 1 ORDER BY 1;
-- An earlier day knows fewer orders; a shop without files has no bundles.
SELECT (SELECT n FROM sold_together('small.example', '2025-09-01') LIMIT 1)
       < (SELECT n FROM sold_together('small.example') LIMIT 1) AS fewer;
SELECT count(*) FROM propose_bundles('empty.example');

-- Saving: in place of what the run had; what is as it was keeps its number.
SELECT * FROM save_bundles('small.example', 'w47', (SELECT array_agg(ROW(p.*)::proposed_bundle) FROM proposed p));
SELECT * FROM save_bundles('small.example', 'w47', (SELECT array_agg(ROW(p.*)::proposed_bundle) FROM proposed p));
SELECT bool_and(approve_bundle(bundle_id, 'good') = 1) AS approved FROM bundle WHERE rank <= 3;
UPDATE proposed SET price = price - 1, discounts[1] = discounts[1] + 1 WHERE rank = 3;
UPDATE proposed SET rank = 40 WHERE rank = 2;
DELETE FROM proposed WHERE rank > 12 AND rank < 40;
SELECT * FROM save_bundles('small.example', 'w47', (SELECT array_agg(ROW(p.*)::proposed_bundle) FROM proposed p));
SELECT rank, kind, variants, price, status, run FROM bundle_list('small.example', 4);
SELECT l.rank, l.status FROM bundle_list('small.example', 3, after_rank => 11, run => 'w47') l;
-- Sets that come twice are saved once.
SELECT saved, kept, removed
FROM save_bundles('small.example', 'twice',
                  (SELECT array_agg(ROW(p.*)::proposed_bundle) FROM (SELECT * FROM proposed UNION ALL SELECT * FROM proposed) p));
SELECT saved, kept, removed FROM save_bundles('small.example', 'twice', NULL);
SELECT saved, kept, removed FROM save_bundles('small.example', 'twice', '{}');
-- Variants in any order are the same set: by bytes, whatever the database sorts by, and what is no variant stands last.
SELECT v, tradeup_bundles_internal.sorted_variants(v)
FROM (VALUES ('{b,a,B,ä,a1,10,9,""}'::text[]), ('{b,NULL,a,NULL}'), ('{{d,c},{b,a}}'), ('[5:6]={b,a}'), ('{}'), (NULL)) x (v);
-- Events follow one another, and are never changed.
SELECT retire_bundle(bundle_id) FROM bundle WHERE rank = 1;
SELECT pg_temp.fails(q) FROM (VALUES
    (1, $$SELECT approve_bundle(bundle_id) FROM bundle WHERE rank = 1$$), (2, $$SELECT approve_bundle(-1)$$),
    (3, $$SELECT approve_bundle(bundle_id) FROM bundle WHERE rank = 40$$),
    (4, $$INSERT INTO bundle_event (bundle_id, seq, event) SELECT bundle_id, 3, 'retired' FROM bundle WHERE rank = 4$$),
    (5, $$UPDATE bundle_event SET note = 'x'$$), (6, $$DELETE FROM bundle_event$$), (7, $$TRUNCATE bundle_event$$),
    (8, $$SELECT save_bundles('nowhere', 'r', NULL)$$), (9, $$SELECT count(*) FROM propose_bundles('nowhere')$$),
    (10, $$SELECT count(*) FROM volume_tiers('nowhere')$$), (11, $$SELECT count(*) FROM buy_x_get_y('nowhere')$$),
    (12, $$SELECT count(*) FROM sold_together('nowhere')$$), (13, $$SELECT count(*) FROM bundle_list('nowhere')$$),
    (14, $$SELECT count(*) FROM propose_bundles('small.example', options => '{"objectives": 1}')$$),
    (15, $$SELECT count(*) FROM propose_bundles('small.example', options => '{"rank_by": "price"}')$$),
    (16, $$SELECT count(*) FROM propose_bundles('small.example', options => '{"objective": "x"}')$$)) q (n, q)
ORDER BY n;
-- The trigger that numbers bundles says what it needs.
CREATE TABLE other (bundle_id bigint, saved_by text, saved_at timestamptz, rank integer);
INSERT INTO other VALUES (0);
CREATE TRIGGER number_bundle AFTER UPDATE ON other FOR EACH ROW EXECUTE FUNCTION tradeup_bundles_internal.number_bundle();
SELECT pg_temp.fails('UPDATE other SET rank = 1');
DROP TRIGGER number_bundle ON other;
CREATE TRIGGER number_bundle BEFORE UPDATE ON other FOR EACH ROW EXECUTE FUNCTION tradeup_bundles_internal.number_bundle();
UPDATE other SET rank = 1
RETURNING bundle_id > 0 AS numbered, saved_by = current_user AS by_me, saved_at <= clock_timestamp() AS now;
ALTER TABLE other DROP saved_by;
SELECT pg_temp.fails('UPDATE other SET rank = 1');
SELECT pg_temp.fails('SELECT tradeup_bundles_internal.number_bundle()');
-- Bundles verify against the orders, until these or the bundle change.
SELECT kind, count(*), count(*) FILTER (WHERE bundle_verifies(b)) AS verify FROM bundle b GROUP BY 1 ORDER BY 1;
UPDATE bundle SET price = price + 1 WHERE rank = 12;
DELETE FROM order_line WHERE order_id = (SELECT min(l.order_id) FROM order_line l, bundle b
                                         WHERE b.rank = 40 AND l.variant_id = b.variants[1]);
SELECT rank, kind FROM bundle b WHERE rank IN (12, 40) AND NOT bundle_verifies(b) ORDER BY rank;
-- For reports.
SELECT position, variant_id, product_title, quantity, unit_price, percent, discount, line_total, bundle_price, status
FROM bundle_line WHERE rank = 1 ORDER BY position;
SELECT count(*) AS lines, sum(i.price * i.quantity - i.discount) = (SELECT sum(price) FROM bundle WHERE rank < 12) AS add_up
FROM bundle_item i JOIN bundle b USING (bundle_id) WHERE b.rank < 12;
ROLLBACK;
