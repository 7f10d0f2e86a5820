-- Lists of prices, and offers counted over them.
SET search_path = tradeup, public;

-- Text: in any order, out in ascending order; the decimals are said when they are not 2.
SELECT 'v1 {310000.5,249999,249999.00}'::price_list, 'v1 minor_digits=0 { 5, 3 }'::price_list, 'v1 {}'::price_list;
SELECT l, l::text::price_list::text = l::text AS round_trip
FROM (SELECT price_list(p, d) FROM (VALUES (0, 12), (0, 7), (0, NULL), (4, 0.0001), (4, 3.5)) v (d, p) GROUP BY d) x (l)
ORDER BY 1::text;
SELECT price_list(p) FROM (SELECT 1.5 WHERE false) x (p);
SELECT price_list(p) FROM (VALUES (2.5), (NULL), (0), (1000000000000)) x (p);

-- Counts and sums of ranges, both ends included, against the rows.
CREATE TEMP TABLE price AS SELECT ((i * 7919) % 1000)::numeric / 4 AS p FROM generate_series(1, 2000) i;
CREATE TEMP TABLE bound AS SELECT x AS low, x + w AS high FROM generate_series(0, 260, 3.25) x,
    (VALUES (-1), (0), (0.25), (17.125), (500)) w (w) WHERE x + w >= 0;
SELECT count(*) AS ranges,
       count(*) FILTER (WHERE count_between(l.l, b.low, b.high) <> r.n OR sum_between(l.l, b.low, b.high) <> r.s) AS wrong
FROM (SELECT price_list(p) AS l FROM price) l, bound b,
     LATERAL (SELECT count(*) AS n, coalesce(sum(p), 0) AS s FROM price WHERE p BETWEEN b.low AND b.high) r;
SELECT price_count(l), price_sum(l), count_between(l, NULL, NULL), sum_between(l, 249.7501, NULL), sum_between(l, NULL, 0.2599),
       count_between(l, 5, 4), count_between(NULL, 1, 2)
FROM (SELECT price_list(p) AS l FROM price) x;
SELECT count(*), min(p), max(p), bool_and(p >= before) AS ascending
FROM (SELECT p, lag(p, 1, 0.0) OVER () AS before FROM (SELECT prices(price_list(p)) AS p FROM price) x) y;

-- Together and apart; what is taken out must be there.
SELECT a + b AS "both", (a + b) - a AS rest, (a - a) AS nothing, a + c AS rescaled
FROM (SELECT 'v1 {3,1,2}'::price_list AS a, 'v1 {2,2.5}'::price_list AS b, 'v1 minor_digits=0 {7}'::price_list AS c) x;
SELECT 'v1 {1,2,2}'::price_list - 'v1 {2,2,2}'::price_list;
SELECT 'v1 {1,2,2,9}'::price_list - 'v1 {2,2,2}'::price_list;
SELECT 'v1 {1,2,3}'::price_list - 'v1 {4}'::price_list;
SELECT 'v1 minor_digits=0 {1}'::price_list + 'v1 {2.50}'::price_list;

-- Equal prices are one run, whatever their number; lists become one list.
SELECT 'v1 {2*3, 5 * 2,2}'::price_list, price_count('v1 {5*9223372036854775807}'),
       price_sum('v1 {1000000000000*9223372036854775807}'),
       sum_between('v1 {-0,7*100000000000000000,8}', 7, 7);
SELECT 'v1 {1*9223372036854775807}'::price_list + 'v1 {2}'::price_list;
SELECT 'v1 {1*0}'::price_list;
SELECT 'v1 {1*1.5}'::price_list;
SELECT price_lists(l) FROM (VALUES ('v1 {1,4}'::price_list), (NULL), ('v1 {}'), ('v1 minor_digits=0 {7}'), ('v1 {1}')) x (l);
SELECT price_lists(l) FROM (SELECT 'v1 {1}'::price_list AS l WHERE false) x;
SELECT price_lists(l)::text = (SELECT price_list(p)::text FROM price) AS same
FROM (SELECT price_list(p) AS l FROM price GROUP BY p::integer % 7) x;
-- A step may be called by itself; the list that it was given stays as it was.
SELECT tradeup_internal.price_list_step(l, 2), tradeup_internal.price_list_step(l, 3), l
FROM (SELECT 'v1 {1}'::price_list AS l OFFSET 0) x;

-- A list that lies outside of its row is read in pieces: the same counts and sums at every bound.
CREATE TEMP TABLE stored AS SELECT price_list(i * 0.37) AS l FROM generate_series(1, 5000) i;
SELECT pg_column_size(l) > 100000 AS outside FROM stored;
SELECT count(*) AS bounds,
       count(*) FILTER (WHERE count_between(s.l, b.low, b.low + 300) <> count_between(m.l, b.low, b.low + 300)
                           OR sum_between(s.l, b.low, b.low + 300) <> sum_between(m.l, b.low, b.low + 300)) AS wrong
FROM stored s, (SELECT l + 'v1 {}'::price_list AS l FROM stored OFFSET 0) m,
     (SELECT i * 3.7 AS low FROM generate_series(0, 600) i) b;
SELECT price_count(l), price_sum(l), count_between(l, NULL, NULL), count_between(l, 1850, NULL), count_between(l, NULL, 0.36)
FROM stored;

-- A list that is kept up to date by a trigger of the table.
CREATE TABLE public.lot (id int PRIMARY KEY, price numeric NOT NULL);
CREATE TABLE public.lot_prices (prices price_list NOT NULL);
INSERT INTO public.lot_prices VALUES ('v1 {}');
CREATE FUNCTION public.keep_prices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE public.lot_prices SET prices = prices OPERATOR(tradeup.-) (SELECT tradeup.price_list(price) FROM gone);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE public.lot_prices SET prices = prices OPERATOR(tradeup.+) (SELECT tradeup.price_list(price) FROM come);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER i AFTER INSERT ON public.lot REFERENCING NEW TABLE AS come EXECUTE FUNCTION public.keep_prices();
CREATE TRIGGER u AFTER UPDATE ON public.lot REFERENCING OLD TABLE AS gone NEW TABLE AS come EXECUTE FUNCTION public.keep_prices();
CREATE TRIGGER d AFTER DELETE ON public.lot REFERENCING OLD TABLE AS gone EXECUTE FUNCTION public.keep_prices();
INSERT INTO lot SELECT i, (i * 7919) % 1000 FROM generate_series(1, 3000) i;
UPDATE lot SET price = price + 0.5 WHERE id % 3 = 0;
DELETE FROM lot WHERE id % 5 = 0;
SELECT (SELECT prices::text FROM lot_prices) = (SELECT price_list(price)::text FROM lot) AS kept,
    (SELECT price_count(prices) FROM lot_prices);
DROP TABLE public.lot, public.lot_prices;
DROP FUNCTION public.keep_prices();

-- Workers share the work.
BEGIN;
CREATE TABLE public.many AS SELECT (i % 977)::numeric / 4 AS p FROM generate_series(1, 20000) i;
ANALYZE many;
SELECT md5(price_list(p)::text) AS alone FROM many \gset
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT price_list(p) FROM many;
SELECT md5(price_list(p)::text) = :'alone' AS same FROM many;
ROLLBACK;

-- The offers of a deal, against each price asked alone.
CREATE TEMP TABLE terms (n int, d deal);
INSERT INTO terms VALUES
    (1, deal(annual_rate => 0.1, term => 48, equity => 100, current_payment => 3, current_price => 120, down_payment_rate => 0.4,
        service_fee_rate => 0.04)),
    (2, deal(annual_rate => 0, term => 10, current_payment => 10, terms => '{"tiers": "Less (,0), Same [0,0], Gap [0.5,1)"}')),
    (3, deal(annual_rate => 0.2, term => 12, equity => -50, service_fee_rate => 0.033, terms => '{"rounding": "up"}')),
    (4, deal(annual_rate => 0.2, term => 12, equity => 1000));
SELECT t.n, o.* FROM (SELECT price_list(p) AS l FROM price) l, terms t, offer_counts(l.l, t.d) o ORDER BY t.n, o.rank;
SELECT t.n, tier(t.d, p) AS tier, tier_rank(t.d, p) AS rank, count(*) AS offers, sum(p) AS price_sum,
    round(avg(payment_change(t.d, p)), 4) AS about_change,
       sum(margin(t.d, p)) AS about_margin
FROM price, terms t WHERE eligible(t.d, p) GROUP BY 1, 2, 3 ORDER BY 1, 3;

-- Mistakes.
SELECT 'v2 {1}'::price_list;
SELECT 'v1 1,2'::price_list;
SELECT 'v1 {1,,2}'::price_list;
SELECT 'v1 {1,x}'::price_list;
SELECT 'v1 {-1}'::price_list;
SELECT 'v1 {1.005}'::price_list;
SELECT 'v1 {1000000000000.01}'::price_list;
SELECT 'v1 minor_digits=5 {1}'::price_list;
SELECT price_list(1.005);
SELECT price_list(-1);
SELECT price_list('NaN'::numeric);
SELECT price_list(1, 5);
SELECT price_list(1, NULL);
SELECT price_list(1, d) FROM (VALUES (0), (2)) v (d);
SELECT price_list(1000000000000) FROM generate_series(1, 92234);
SELECT count_between('v1 {1}', -1, 2);
SELECT * FROM offer_counts('v1 {2.50}', deal(annual_rate => 0, term => 1, terms => '{"minor_digits": 0}'));
SELECT offers, price_sum FROM offer_counts('v1 minor_digits=0 {2,3}', deal(0, 1, terms => '{"tiers": null}'));
