-- Offers by tier of vehicles that are counted once: offer_tally and offer_counts.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
BEGIN;
SET LOCAL jit = off;
INSERT INTO vehicle (vehicle_id, currency, make, regular_price)
SELECT 'v' || i, 'MXN', (ARRAY['Audi', 'Seat'])[1 + i % 2], 240000 + (i * 7919) % 9973 * 50 FROM generate_series(1, 5000) i;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT 'C' || i, 'A1', 60000 + 20000 * i, CASE WHEN i <> 3 THEN 5000 + 900 * i END, 200000 + 10000 * i,
       'mx-reference' FROM generate_series(1, 6) i;
ANALYZE vehicle, customer;
CREATE TEMP TABLE own AS
SELECT d.customer_id, array_agg(d.deal) AS deals, min(tradeup_internal.lowest_minor(d.deal, false)) AS lowest,
       max(tradeup_internal.highest_minor(d.deal, false)) AS highest, min(d.currency) AS currency
FROM customer c, LATERAL deals(c.customer_id) d GROUP BY d.customer_id;

-- Counted once each, and by all offers.
CREATE TEMP TABLE counted AS
SELECT o.customer_id, x.tier, x.rank, x.offers, x.vehicles
FROM own o,
LATERAL (SELECT offer_tally(v.price_minor, o.deals) AS tally FROM vehicle v
         WHERE v.status = 'available' AND v.currency = o.currency AND v.price_minor BETWEEN o.lowest AND o.highest) t,
LATERAL tally_counts(t.tally, o.deals) x;
SELECT * FROM counted WHERE customer_id IN ('C1', 'C3') ORDER BY customer_id COLLATE "C", rank;
SELECT count(*) AS tiers, sum(a.offers) AS offers,
       count(*) FILTER (WHERE a.offers <> coalesce(b.offers, 0) OR a.vehicles <> coalesce(b.vehicles, 0)) AS wrong
FROM counted a
FULL JOIN (SELECT c.customer_id, o.tier, count(*) AS offers, count(DISTINCT o.vehicle_id) AS vehicles
           FROM customer c, LATERAL offers(c.customer_id) o GROUP BY 1, 2) b
    ON a.customer_id = b.customer_id AND a.tier IS NOT DISTINCT FROM b.tier;

-- Groups whose deals differ, hashed and sorted: the same as one by one.
CREATE FUNCTION pg_temp.wrong_in_groups() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM (
        SELECT g.customer_id, x.tier, x.rank, x.offers, x.vehicles
        FROM (SELECT o.customer_id, offer_tally(v.price_minor, o.deals) AS tally FROM vehicle v, own o
              WHERE v.currency = o.currency GROUP BY o.customer_id) g
        JOIN own o USING (customer_id), LATERAL tally_counts(g.tally, o.deals) x
        EXCEPT ALL SELECT * FROM counted) y
$$;
SET LOCAL enable_sort = off;
SELECT pg_temp.wrong_in_groups() AS hashed;
SET LOCAL enable_hashagg = off;
RESET enable_sort;
SELECT pg_temp.wrong_in_groups() AS sorted;
RESET enable_hashagg;
-- As a window it counts up to each row.
SELECT v.n, (SELECT sum(x.vehicles) FROM tally_counts(v.tally, o.deals) x) > 0 AS some
FROM own o, LATERAL (SELECT row_number() OVER w AS n, offer_tally(v.price_minor, o.deals) OVER w AS tally FROM vehicle v
                     WINDOW w AS (ORDER BY v.price_minor, v.vehicle_id)) v
WHERE o.customer_id = 'C1' AND v.n IN (1, 5000) ORDER BY v.n;

-- In parallel, by parts of a table and added up by hand.
CREATE TABLE public.lot (price_minor bigint, region text) PARTITION BY LIST (region);
CREATE TABLE public.lot_north PARTITION OF public.lot FOR VALUES IN ('north');
CREATE TABLE public.lot_south PARTITION OF public.lot FOR VALUES IN ('south');
INSERT INTO public.lot SELECT v.price_minor, (ARRAY['north', 'south'])[1 + n % 2]
FROM (SELECT v.price_minor, row_number() OVER () AS n FROM vehicle v WHERE v.currency = 'MXN') v;
ANALYZE public.lot;
CREATE TABLE public.c1 AS SELECT o.deals FROM own o WHERE o.customer_id = 'C1';
CREATE TEMP TABLE one AS SELECT offer_tally(l.price_minor, (SELECT deals FROM public.c1)) AS tally FROM public.lot l;
CREATE TEMP VIEW again AS SELECT offer_tally(l.price_minor, (SELECT deals FROM public.c1)) AS tally FROM public.lot l;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.aggregates() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXPLAIN (COSTS OFF) SELECT offer_tally(l.price_minor, (SELECT deals FROM public.c1)) FROM public.lot l LOOP
        IF line ~ 'Aggregate' THEN
            RETURN NEXT substring(line FROM '\w+ Aggregate');
        END IF;
    END LOOP;
END $$;
SELECT * FROM pg_temp.aggregates();
SELECT again.tally = one.tally AS same FROM again, one;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL enable_partitionwise_aggregate = on;
SELECT * FROM pg_temp.aggregates();
SELECT again.tally = one.tally AS same FROM again, one;
SELECT tradeup_internal.offer_tally_combine(a.tally, b.tally) = one.tally AS same
FROM (SELECT offer_tally(l.price_minor, (SELECT deals FROM public.c1)) AS tally FROM public.lot_north l) a,
     (SELECT offer_tally(l.price_minor, (SELECT deals FROM public.c1)) AS tally FROM public.lot_south l) b, one;
-- A tally tells of some of its deals too.
SELECT x.* FROM one, public.c1 c, LATERAL tally_counts(one.tally, c.deals[1:1]) x ORDER BY x.rank;

-- Nothing counted, nulls, and a deal without windows.
CREATE TEMP TABLE d AS SELECT deal(0.06, 60, current_payment => 400, terms => '{"tiers": "Same [0,0.1), More [0.1,]"}') AS plain;
SELECT offer_tally(v.price, CASE WHEN v.price <> 3 THEN ARRAY[d.plain, NULL] END) IS NULL AS none
FROM d, (VALUES (NULL::bigint), (3)) v (price);
SELECT x.* FROM d, tally_counts(NULL, ARRAY[d.plain, NULL]) x ORDER BY x.rank;
SELECT x.* FROM tally_counts(tally => NULL, deals => NULL) x;
SELECT offer_tally(n, '{}') AS without_deals FROM generate_series(1, 7) n;
SELECT sum(x.offers) AS in_windows
FROM d, (SELECT offer_tally(n, ARRAY[d.plain]) AS t FROM d, (VALUES (-1::bigint), (100), (9223372036854775807)) v (n)) y,
     tally_counts(y.t, ARRAY[d.plain]) x;
-- A step by itself leaves its argument as it is.
SELECT t.tally = s.tally AS same, t.tally[cardinality(t.tally) / 2 + 1:] AS before,
       s.tally[cardinality(s.tally) / 2 + 1:] AS after
FROM d, LATERAL (SELECT tradeup_internal.offer_tally_step(NULL, -1, ARRAY[d.plain]) AS tally OFFSET 0) t,
     LATERAL (SELECT tradeup_internal.offer_tally_step(t.tally, -1, ARRAY[d.plain]) AS tally OFFSET 0) s;

-- What is refused.
SAVEPOINT s;
SELECT offer_tally(100, ARRAY[deal(0.06, 60), deal(0.06, 60, terms => '{"minor_digits": 0}')]);
ROLLBACK TO s;
SELECT offer_tally(100, ARRAY[deal(0.06, 60, equity => 1000 * n, current_payment => 400)]) FROM generate_series(1, 2) n;
ROLLBACK TO s;
SELECT tradeup_internal.offer_tally_combine('{5,1,1}', '{6,1,1}');
ROLLBACK TO s;
SELECT tradeup_internal.offer_tally_combine('{1}', '{NULL}');
ROLLBACK TO s;
SELECT tradeup_internal.offer_tally_step('{1}', 5, ARRAY[plain]) FROM d;
ROLLBACK TO s;
SELECT x.* FROM d, tally_counts('{3}', ARRAY[d.plain]) x;
ROLLBACK TO s;
SELECT * FROM tally_counts(tally => '{1,2}', deals => '{}');
ROLLBACK TO s;
SELECT * FROM tally_counts(tally => '{-1}', deals => '{}');
ROLLBACK TO s;
SELECT * FROM tally_counts(tally => '{{1}}', deals => '{}');
ROLLBACK TO s;
SELECT * FROM tally_counts(tally => '{1,NULL,2}', deals => '{}');
ROLLBACK TO s;
SELECT * FROM tally_counts(tally => '{1,9223372036854775807,1}', deals => '{}');
ROLLBACK;

-- An aggregate of somebody's own may begin its groups with any array: what is no tally is refused, in every group.
CREATE AGGREGATE pg_temp.begun_empty(bigint, deal[]) (SFUNC = tradeup_internal.offer_tally_step, STYPE = bigint[],
                                                      INITCOND = '{}');
CREATE AGGREGATE pg_temp.begun_null(bigint, deal[]) (SFUNC = tradeup_internal.offer_tally_step, STYPE = bigint[],
                                                     INITCOND = '{NULL,NULL,NULL,NULL}');
CREATE AGGREGATE pg_temp.begun_flat(bigint, deal[]) (SFUNC = tradeup_internal.offer_tally_step, STYPE = bigint[],
                                                     INITCOND = '{{1,2},{3,4}}');
SELECT g % 2, pg_temp.begun_empty(g, ARRAY['v1 annual_rate=0 term=1'::deal]) FROM generate_series(1, 4) g GROUP BY 1;
SELECT g % 2, pg_temp.begun_null(g, ARRAY['v1 annual_rate=0 term=1'::deal]) FROM generate_series(1, 4) g GROUP BY 1;
SELECT g % 2, pg_temp.begun_flat(g, ARRAY['v1 annual_rate=0 term=1'::deal]) FROM generate_series(1, 4) g GROUP BY 1;
