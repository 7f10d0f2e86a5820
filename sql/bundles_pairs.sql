-- What sells together: the small shop against its tables, aggregates over any table, options, parallel workers, memory.
BEGIN;
SET LOCAL search_path = tradeup_bundles, public;
SET LOCAL extra_float_digits = 1;
\getenv dir PG_ABS_SRCDIR
CREATE TEMP TABLE export (order_id text, name text, created text, currency text, paid text, fulfilled text, subtotal text,
    shipping text, tax text, total text, email text, country text, province text, city text, line_id text, line text,
    quantity integer, sku text, vendor text, variant text, product_id text, product text, type text, variant_id text,
    unit_price numeric, line_total numeric, line_discount numeric, ships text, gift text, taxable text, image text);
\set load '\\copy export from ' :dir '/test/data/bundles/small/orders.csv csv header'
:load
INSERT INTO shop (shop) VALUES ('small.example'), ('other.example');
INSERT INTO order_line (shop, order_id, line_key, variant_id, sku, quantity, unit_price, line_total, line_discount, upload_id)
SELECT 'small.example', order_id, 'id:' || row_number() OVER (), variant_id, sku, quantity, unit_price, line_total,
       line_discount, 1
FROM export;

CREATE TEMP TABLE ref_pair (a text, b text, n bigint, n_a bigint, n_b bigint, n_ab bigint, support float8, confidence_ab float8,
    confidence_ba float8, lift float8, leverage float8, g2 float8, p float8, log10_p float8, n_all bigint, n_a_all bigint,
    n_b_all bigint, support_all float8, confidence_ab_all float8, confidence_ba_all float8, lift_all float8, g2_all float8,
    q float8);
\set load '\\copy ref_pair from ' :dir '/test/data/bundles/small_pairs.csv csv header'
:load
CREATE TEMP TABLE pair AS SELECT * FROM pairs('small.example', '{"min_count": 1}');
-- Counts are exact, measures near in relation to the larger of 1 and themselves.
CREATE FUNCTION pg_temp.off(found float8, wanted float8) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN abs(found - wanted) / greatest(1, abs(wanted));
SELECT count(*), count(*) FILTER (WHERE (p.n, p.n_a, p.n_b, p.n_ab) = (r.n, r.n_a, r.n_b, r.n_ab)) AS counts_right,
       max(pg_temp.off(p.support, r.support)) <= 1e-15 AS support,
       max(pg_temp.off(p.confidence_ab, r.confidence_ab)) <= 1e-15 AS ab,
       max(pg_temp.off(p.confidence_ba, r.confidence_ba)) <= 1e-15 AS ba,
       max(pg_temp.off(p.lift, r.lift)) <= 1e-15 AS lift, max(pg_temp.off(p.leverage, r.leverage)) <= 1e-15 AS leverage,
       max(pg_temp.off(p.g2, r.g2)) <= 1e-12 AS g2, max(abs(p.p / r.p - 1)) <= 1e-11 AS p,
       max(pg_temp.off(p.log10_p, r.log10_p)) <= 1e-11 AS log10_p, max(abs(p.q / r.q - 1)) <= 1e-11 AS q,
       count(*) FILTER (WHERE p.q <= 0.05) AS significant
FROM pair p FULL JOIN ref_pair r USING (a, b);
SELECT count(*), count(*) FILTER (WHERE (p.n, p.n_a, p.n_b) = (r.n_all, r.n_a_all, r.n_b_all)) AS counts_right,
       max(pg_temp.off(p.support, r.support_all)) <= 1e-15 AS support,
       max(pg_temp.off(p.confidence_ab, r.confidence_ab_all)) <= 1e-15 AS ab,
       max(pg_temp.off(p.confidence_ba, r.confidence_ba_all)) <= 1e-15 AS ba,
       max(pg_temp.off(p.lift, r.lift_all)) <= 1e-15 AS lift,
       max(pg_temp.off(p.g2, r.g2_all)) <= 1e-12 AS g2
FROM pairs('small.example', '{"min_count": 1}', universe => 'all') p FULL JOIN ref_pair r USING (a, b);
-- All pairs of items as tests, of which most do not occur.
SELECT count(*) FILTER (WHERE q <= 0.05) AS significant, count(DISTINCT a) > 0 AS some
FROM pairs('small.example', '{"min_count": 1, "tests": "all"}');
SELECT a, b, n, n_a, n_b, n_ab, round(lift::numeric, 3) AS lift, p, log10_p FROM pairs('small.example') ORDER BY p LIMIT 3;

CREATE TEMP TABLE ref_triple (a text, b text, c text, n bigint, n_a bigint, n_b bigint, n_c bigint, n_ab bigint, n_ac bigint,
    n_bc bigint, n_abc bigint, support float8, confidence_a_bc float8, confidence_b_ac float8, confidence_c_ab float8,
    confidence_ab_c float8, confidence_ac_b float8, confidence_bc_a float8, lift_a_bc float8, lift_b_ac float8, lift_c_ab float8,
    lift_mutual float8);
\set load '\\copy ref_triple from ' :dir '/test/data/bundles/small_triples.csv csv header'
:load
CREATE TEMP TABLE triple AS SELECT * FROM triples('small.example', '{"min_count": 1}');
SELECT (SELECT count(*) FROM triple) AS triples, count(*), count(t.a) AS found,
       count(*) FILTER (WHERE (t.n, t.n_a, t.n_b, t.n_c, t.n_ab, t.n_ac, t.n_bc, t.n_abc)
                              = (r.n, r.n_a, r.n_b, r.n_c, r.n_ab, r.n_ac, r.n_bc, r.n_abc)) AS counts_right,
       max(pg_temp.off(t.support, r.support)) <= 1e-15 AS support,
       max(greatest(pg_temp.off(t.confidence_a_bc, r.confidence_a_bc), pg_temp.off(t.confidence_b_ac, r.confidence_b_ac),
                    pg_temp.off(t.confidence_c_ab, r.confidence_c_ab), pg_temp.off(t.confidence_ab_c, r.confidence_ab_c),
                    pg_temp.off(t.confidence_ac_b, r.confidence_ac_b),
                    pg_temp.off(t.confidence_bc_a, r.confidence_bc_a))) <= 1e-15 AS confidence,
       max(greatest(pg_temp.off(t.lift_a_bc, r.lift_a_bc), pg_temp.off(t.lift_b_ac, r.lift_b_ac),
                    pg_temp.off(t.lift_c_ab, r.lift_c_ab), pg_temp.off(t.lift_mutual, r.lift_mutual))) <= 1e-15 AS lift
FROM ref_triple r LEFT JOIN triple t USING (a, b, c);
-- Only pairs that are often enough can be in a triple that is.
SELECT count(*), count(*) = (SELECT count(*) FROM triple WHERE n_abc >= 3) AS all_of_them
FROM triples('small.example', '{"min_count": 3}');

CREATE TEMP TABLE ref_covisitation (a text, b text, n_ab bigint, cosine float8);
\set load '\\copy ref_covisitation from ' :dir '/test/data/bundles/small_covisitation.csv csv header'
:load
SELECT count(*), count(c.a) AS found, bool_and(c.n_ab = r.n_ab) AS counts_right, max(abs(c.cosine - r.cosine)) <= 1e-12 AS cosine
FROM covisitation('small.example') c FULL JOIN ref_covisitation r USING (a, b);

-- Any table, baskets and items of any type; rows that say again what others say, and nulls, count for nothing.
CREATE TEMP TABLE receipt (till integer, bought date, item text);
INSERT INTO receipt VALUES (1, '2025-01-01', 'tea'), (1, '2025-01-01', 'milk'), (1, '2025-01-01', 'milk'),
    (2, '2025-01-02', 'tea'),
    (2, '2025-01-02', 'milk'), (2, '2025-01-02', 'sugar'), (3, '2025-01-03', 'tea'), (3, '2025-01-03', NULL), (NULL, NULL, 'tea'),
    (4, '2025-01-04', 'sugar'), (4, '2025-01-04', 'milk');
SELECT m.a, m.b, m.n, m.n_a, m.n_b, m.n_ab, m.lift, m.p, m.q
FROM unnest((SELECT mine_pairs(till, item, '{"min_count": 1}') FROM receipt)) m;
SELECT (x.m).a, (x.m).b, (x.m).n_ab FROM (SELECT unnest(mine_pairs(bought, item)) AS m FROM receipt) x;
SELECT m.a, m.b, m.n, m.n_ab FROM unnest((SELECT mine_pairs(item, till, '{"min_count": 1}') FROM receipt)) m;
SELECT m.a, m.b, m.c, m.n_abc, m.lift_mutual FROM unnest((SELECT mine_triples(till, item, '{"min_count": 1}') FROM receipt)) m;
SELECT m.a, m.b, m.n_ab, round(m.cosine::numeric, 6) AS cosine
FROM unnest((SELECT mine_covisitation(till::smallint, item, '{"min_count": 1}') FROM receipt)) m;
-- By groups, and without rows.
SELECT bought > '2025-01-01' AS later, cardinality(mine_pairs(till::bigint, item, '{"min_count": 1}')) AS pairs FROM receipt
WHERE till IS NOT NULL GROUP BY 1 ORDER BY 1;
SELECT mine_pairs(till, item) AS pairs, mine_triples(till, item) AS triples, mine_covisitation(till, item) AS covisited
FROM receipt WHERE false;
-- Whatever comes first: the same rows in another order give the same result.
SELECT count(DISTINCT m) AS results
FROM (SELECT mine_pairs(order_id, variant_id ORDER BY line_id) AS m FROM export
      UNION ALL SELECT mine_pairs(order_id, variant_id ORDER BY line_id DESC) FROM export
      UNION ALL SELECT mine_pairs(order_id::bigint, variant_id ORDER BY md5(line_id)) FROM export) x;

-- Counts against SQL on random baskets.
CREATE TEMP TABLE random_line AS
SELECT (hashint4(i) & 1023) % 150 AS basket, (hashint4(i + 100000) & 1023) % (5 + i % 30) AS item FROM generate_series(1, 2000) i;
CREATE TEMP TABLE random_item AS
SELECT DISTINCT basket, item FROM random_line
WHERE basket IN (SELECT basket FROM random_line GROUP BY 1 HAVING count(DISTINCT item) >= 2);
SELECT count(*), count(*) FILTER (WHERE (m.n, m.n_a, m.n_b, m.n_ab) = (s.n, s.n_a, s.n_b, s.n_ab)) AS counts_right
FROM unnest((SELECT mine_pairs(basket, item, '{"min_count": 1}') FROM random_line)) m
FULL JOIN (SELECT x.item AS a, y.item AS b, count(*) AS n_ab, (SELECT count(DISTINCT basket) FROM random_item) AS n,
                  (SELECT count(*) FROM random_item i WHERE i.item = x.item) AS n_a,
                  (SELECT count(*) FROM random_item i WHERE i.item = y.item) AS n_b
           FROM random_item x JOIN random_item y ON y.basket = x.basket AND y.item > x.item GROUP BY 1, 2) s
    ON m.a = s.a::text AND m.b = s.b::text;
SELECT count(*), count(*) FILTER (WHERE m.n_abc = s.n_abc) AS counts_right
FROM unnest((SELECT mine_triples(basket, item, '{"min_count": 2}') FROM random_line)) m
FULL JOIN (SELECT x.item AS a, y.item AS b, z.item AS c, count(*) AS n_abc
           FROM random_item x JOIN random_item y ON y.basket = x.basket AND y.item > x.item
           JOIN random_item z ON z.basket = x.basket AND z.item > y.item GROUP BY 1, 2, 3 HAVING count(*) >= 2) s
    ON m.a = s.a::text AND m.b = s.b::text AND m.c = s.c::text;

-- Parallel workers gather parts.
CREATE TABLE bundles_line AS SELECT order_id, variant_id FROM export WHERE quantity > 0;
ALTER TABLE bundles_line SET (parallel_workers = 2);
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 1;
SET LOCAL min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT mine_pairs(order_id, variant_id) FROM bundles_line;
SELECT mine_pairs(order_id, variant_id, '{"min_count": 1}') = (SELECT mine_pairs(order_id, variant_id, '{"min_count": 1}')
                                                                FROM (SELECT * FROM bundles_line OFFSET 0) x) AS same
FROM bundles_line;
DROP TABLE bundles_line;

-- Options.
SELECT count(*) AS pairs, min(n_ab) AS least, bool_and(support >= 0.02) AS support,
       bool_and(greatest(confidence_ab, confidence_ba) >= 0.3) AS confidence
FROM pairs('small.example', '{"min_support": 0.02, "min_confidence": 0.3}');
SELECT count(*), max(n) AS baskets FROM pairs('small.example', '{"max_items": 2, "min_count": 1}');
-- Lines without a variant, by a SKU that one item of the catalogue has.
INSERT INTO order_line (shop, order_id, line_key, variant_id, sku, quantity, unit_price, line_total, upload_id)
VALUES ('other.example', '1', 'a', 'V1', NULL, 1, 1, 1, 1), ('other.example', '1', 'b', NULL, 'S2', 1, 1, 1, 1),
       ('other.example', '2', 'a', 'V1', NULL, 1, 1, 1, 1), ('other.example', '2', 'b', NULL, 'S2', 1, 1, 1, 1),
       ('other.example', '2', 'c', NULL, 'S3', 1, 1, 1, 1), ('other.example', '3', 'c', 'V2', 'S3', -1, 1, -1, 1);
INSERT INTO catalog_item (shop, variant_id, product_id, price, sku, upload_id)
VALUES ('other.example', 'V2', 'P', 1, 'S2', 1), ('other.example', 'V3', 'P', 1, 'S3', 1),
       ('other.example', 'V4', 'P', 1, 'S3', 1);
SELECT count(*) FROM pairs('other.example');
SELECT a, b, n, n_ab FROM pairs('other.example', '{"resolve_sku": true}');

-- Errors.
\set VERBOSITY verbose
\set SHOW_CONTEXT never
SAVEPOINT s;
CREATE FUNCTION pg_temp.fails(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text; detail text; hint text; state text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', state, message, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT pg_temp.fails(q) FROM (VALUES
    (1, $$SELECT pairs('nowhere')$$), (2, $$SELECT pairs(NULL)$$), (3, $$SELECT pairs('small.example', '{"min_counts": 1}')$$),
    (4, $$SELECT pairs('small.example', '{"min_count": 0}')$$), (5, $$SELECT pairs('small.example', '{"tests": "some"}')$$),
    (6, $$SELECT pairs('small.example', universe => 'none')$$), (7, $$SELECT triples('small.example', '[]')$$),
    (8, $$SELECT mine_pairs(till, item, jsonb_build_object('min_count', till + 1)) FROM receipt WHERE till IS NOT NULL$$),
    (9, $$SELECT covisitation('small.example', '{"min_support": 2}')$$),
    (10, $$SELECT pairs('small.example', '{"resolve_sku": "maybe"}')$$)) q (n, q)
ORDER BY n;
-- Memory: up to work_mem times hash_mem_multiplier.
SET LOCAL work_mem = '64kB';
SET LOCAL hash_mem_multiplier = 1;
SELECT regexp_replace(pg_temp.fails($$SELECT pairs('small.example')$$), '[0-9]+ kB or|[0-9]+MB', 'N', 'g');
SET LOCAL work_mem = '8MB';
SELECT count(*) FROM pairs('small.example');
ROLLBACK;
