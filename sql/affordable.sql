-- Prices whose payment is affordable: exact at the cent, and served by an index on the price of any table.
SET search_path = tradeup, public;
SET jit = off;
SET extra_float_digits = 0;
\set SHOW_CONTEXT never

SELECT price_for_payment(8000, 0.2249, 60) AS dearest, payment(deal(0.2249, 60), 286756.72) AS its_payment,
       payment(deal(0.2249, 60), 286756.73) AS of_a_cent_more;
SELECT affordable(286756.72, 8000, 0.2249, 60) AS dearest, affordable(286756.73, 8000, 0.2249, 60) AS a_cent_more;
SELECT price_for_payment(8000, 0.2249, 60, equity => 50000, interest_tax_rate => 0.16, service_fee_rate => 0.04,
                         sales_tax_rate => 0.06, document_fee => 500) AS dearest;
SELECT price_for_payment(max_payment => 100, annual_rate => 0, term => 2, rounding => r, minor_digits => d)
FROM unnest('{half_up,half_even,up,down}'::text[]) r, unnest('{0,2}'::integer[]) d;
-- A deal says the same of its own payments, and an offer's.
SELECT affordable(price_for_payment(d, 9000), 9000, d) AS dearest,
    affordable(price_for_payment(d, 9000) + 0.01, 9000, d) AS a_cent_more
FROM deal(0.1949, 48, equity => 100000, current_payment => 8000, service_fee_rate => 0.04, terms => '{"protection": 25000}') d;

-- Prices that are no whole cents, or no prices: compared as they are.
SELECT p, affordable(p, 8000, 0.2249, 60) AS plain, affordable(p, 8000, deal(0.2249, 60)) AS of_deal,
       p <= price_for_payment(8000, 0.2249, 60) AS compared
FROM unnest('{286756.71999,286756.720001,-1,0,-Infinity,Infinity,NaN,1e30,1e-30}'::numeric[]) p;
-- Even a free vehicle costs too much: no price is affordable, not even a negative one.
SELECT price_for_payment(10, 0.1, 12, document_fee => 5000) AS dearest;
SELECT p, affordable(p, 10, 0.1, 12, document_fee => f) AS plain,
       affordable(p, 10, deal(0.1, 12, terms => jsonb_build_object('document_fee', f))) AS of_deal
FROM unnest('{-1,0,1}'::numeric[]) p, (VALUES (5000)) f (f);
-- What is left of a payment below a cent allows nothing; the dearest price of all is as far as it goes.
SELECT price_for_payment(8000.009, 0.2249, 60) = price_for_payment(8000, 0.2249, 60) AS cut,
    price_for_payment(1, 0.1, 12, equity => 1000000000000);
-- A null gives null.
SELECT affordable(NULL, 1, 0.1, 12), affordable(1, NULL, 0.1, 12), affordable(1, 1, NULL, 12), affordable(1, 1, 0.1, NULL),
       affordable(1, 1, 0.1, 12, rounding => NULL), affordable(1, 1, NULL::deal), price_for_payment(1, 0.1, NULL);

-- Mistakes.
SELECT affordable(1, -1, 0.1, 12);
SELECT affordable(1, 'NaN', 0.1, 12);
SELECT affordable(1, 1e13, 0.1, 12);
SELECT affordable(1, 100, -0.1, 12);
SELECT affordable(1, 100, 0.1, 0);
SELECT affordable(1, 100, 0.1, 12, rounding => 'upward');
SELECT affordable(1, 100, 0.1, 12, minor_digits => 5);
SELECT affordable(1, -1, deal(0.1, 12));
SELECT price_for_payment(100, 0.1, 481);

-- Random loans: at the bound, beside it, and where there is none, payment() agrees; so do the calls that the planner
-- rewrites.
SELECT setseed(0.5);
CREATE TEMP TABLE loan AS
SELECT round((10 ^ (1 + 4 * random()))::numeric, digits) AS most, round((0.5 * random())::numeric, 4) * (i % 7 <> 0)::int AS rate,
       (1 + 119 * random())::int AS term, round((10 ^ (6 * random()) * (random() - 0.3))::numeric, 2) AS equity,
       round((0.2 * random())::numeric, 2) AS tax, round((0.05 * random())::numeric, 3) AS service,
       round((0.1 * random())::numeric, 3) AS sales, round((20000 * random() * (i % 3)) :: numeric, 1) AS document, digits,
       ('{half_up,half_even,up,down}'::text[])[1 + i % 4] AS rounding
FROM (SELECT i, i * 7 % 5 AS digits FROM generate_series(1, 4000) i) x;
CREATE TEMP TABLE bounded AS
SELECT l.*, power(10::numeric, -digits) AS unit,
    price_for_payment(most, rate, term, equity, tax, service, sales, document, digits, rounding) AS bound,
       deal(rate, term, equity, service_fee_rate => service,
            terms => jsonb_build_object('interest_tax_rate', tax, 'sales_tax_rate', sales, 'document_fee', document,
                                        'minor_digits', digits, 'rounding', rounding)) AS deal
FROM loan l;
SELECT count(*) AS loans, count(*) FILTER (WHERE bound IS NULL) > 100 AS some_without_bound,
       count(*) FILTER (WHERE bound IS NULL AND payment(deal, 0) <= most) AS wrong_without,
       count(*) FILTER (WHERE payment(deal, bound) > most) AS wrong_at,
       count(*) FILTER (WHERE payment(deal, bound + unit) <= most) AS wrong_above
FROM bounded;
SELECT count(*) FILTER (WHERE plain IS DISTINCT FROM (p <= bound IS TRUE)) AS plain_wrong,
       count(*) FILTER (WHERE of_deal IS DISTINCT FROM (p <= bound IS TRUE)) AS deal_wrong, count(*) > 15000 AS many
FROM (SELECT p, bound, affordable(p, most, rate, term, equity, tax, service, sales, document, digits, rounding) AS plain,
             affordable(p, most, deal) AS of_deal
      FROM bounded b, unnest(ARRAY[bound - unit, bound, bound + unit, bound + unit / 7, trunc(most * 50, digits)]) p
      WHERE p IS NOT NULL) x;
DO $$
DECLARE
    l record;
    answers boolean[];
BEGIN
    FOR l IN SELECT * FROM bounded WHERE bound > 1 LIMIT 300 LOOP
        EXECUTE format('SELECT array_agg(affordable(p, %s, %s, %s, %s, %s, %s, %s, %s, %s, %L) ORDER BY p) FROM unnest(ARRAY[%s, %s, %s]) p',
                       l.most, l.rate, l.term, l.equity, l.tax, l.service, l.sales, l.document, l.digits, l.rounding,
                       l.bound - l.unit, l.bound, l.bound + l.unit) INTO answers;
        IF answers <> '{t,t,f}' THEN
            RAISE 'wrong: % %', answers, l;
        END IF;
    END LOOP;
END $$;

-- Plans: any table with an index on its price. Arguments left to their defaults are written as dots.
CREATE TABLE car (id integer PRIMARY KEY, price numeric(12,2), fee numeric DEFAULT 0, dealer text, whole integer);
INSERT INTO car SELECT i, CASE WHEN i % 1000 > 0 THEN 50000 + i * 37.01 END, i % 3, CASE i % 2 WHEN 0 THEN 'north'
    ELSE 'south' END, i
FROM generate_series(1, 20000) i;
CREATE INDEX car_price ON car (price);
CREATE INDEX car_sum ON car ((price + fee));
CREATE TABLE buyer (id integer PRIMARY KEY, most numeric, rate numeric, equity numeric);
INSERT INTO buyer SELECT i, 1500 + i, 0.1 + i * 0.001, i * 100 FROM generate_series(1, 20) i;
VACUUM ANALYZE car;
ANALYZE buyer;
CREATE FUNCTION pg_temp.shape(query text) RETURNS TABLE (line text) LANGUAGE plpgsql AS $$
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line !~ 'Aggregate|Output|Workers|Gather|^Planning|Heap Blocks|Disabled|Index Searches' THEN
            line := regexp_replace(regexp_replace(line, '^ *(-> +)?', ''), '\(([^()]*|\([^()]*\))\)::any_number', '\1', 'g');
            line := regexp_replace(replace(line, '::any_number', ''),
                '(, NULL)*(, ''0'')+(, NULL::any_json|, false|, 2|, .half_up).*\)', ', ...)');
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
-- With constants it is a comparison, which needs no function any more.
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, 1500, 0.2249, 60)');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, 1500, deal(0.2249, 60, equity => 5000))');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, 1500, 0.2249, 60) ORDER BY v.price DESC LIMIT 3');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price + v.fee, 1500, 0.2249, 60)');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE NOT affordable(v.price, 20000, 0.2249, 60)');
-- No bound: nothing to read.
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, 10, 0.1, 12, document_fee => 5000)');
-- Joins: an index scan for each customer, with what is hers.
SET enable_bitmapscan = off;
SELECT * FROM pg_temp.shape('SELECT * FROM buyer b JOIN car v ON affordable(v.price, b.most, b.rate, 60, b.equity)');
SELECT * FROM pg_temp.shape('SELECT * FROM buyer b JOIN car v ON affordable(v.price, b.most, deal(b.rate, 60, b.equity))');
RESET enable_bitmapscan;
SET enable_indexscan = off;
SELECT * FROM pg_temp.shape('SELECT * FROM buyer b JOIN car v ON affordable(v.price, b.most, b.rate, 60)');
RESET enable_indexscan;
-- No index serves these: the price is not the first argument, depends on the row, is cast, is volatile.
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(100000, v.price, 0.1, 60)');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, v.fee, 0.1, 60)');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, (1500 * random())::numeric, 0.1, 60)');
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.whole, 10, 0.1, 60)');
CREATE INDEX car_whole ON car ((whole::numeric));
ANALYZE car;
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.whole, 10, 0.1, 60)');
-- An index of another kind, or of another order, serves or not.
DROP INDEX car_price;
CREATE INDEX car_price ON car USING hash (price);
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, 1500, 0.2249, 60)');
DROP INDEX car_price;
CREATE INDEX car_price ON car USING brin (price) WITH (pages_per_range = 4);
SELECT * FROM pg_temp.shape('SELECT * FROM car v JOIN buyer b ON affordable(v.price, b.most, b.rate, 60) WHERE b.id = 1');
DROP INDEX car_price;
CREATE INDEX car_price ON car (price) WHERE dealer = 'north';
SELECT * FROM pg_temp.shape('SELECT * FROM car v WHERE affordable(v.price, 1500, 0.2249, 60) AND dealer = ''north''');
DROP INDEX car_price;
CREATE INDEX car_price ON car (price DESC) INCLUDE (dealer);
VACUUM car;

-- A generic plan computes the bound when it is executed, a custom one when it is planned.
SET plan_cache_mode = force_generic_plan;
PREPARE by_payment (numeric, numeric) AS SELECT count(*) FROM car v WHERE affordable(v.price, $1, $2, 60);
SELECT * FROM pg_temp.shape('EXECUTE by_payment(1500, 0.2249)');
EXECUTE by_payment(1500, 0.2249);
SET plan_cache_mode = force_custom_plan;
SELECT * FROM pg_temp.shape('EXECUTE by_payment(1500, 0.2249)');
EXECUTE by_payment(1500, 0.2249);
EXECUTE by_payment(NULL, 0.2249);
RESET plan_cache_mode;
SELECT count(*) AS compared FROM car v WHERE payment(deal(0.2249, 60), v.price) <= 1500;

-- The same rows with every way of reading.
CREATE FUNCTION pg_temp.joined() RETURNS text LANGUAGE sql AS $$
    SELECT count(*) || ' ' || md5(string_agg(b.id || '-' || v.id, ' ' ORDER BY b.id, v.id))
    FROM buyer b JOIN car v ON affordable(v.price, b.most, b.rate, 60, b.equity) $$;
SELECT count(*) || ' ' || md5(string_agg(b.id || '-' || v.id, ' ' ORDER BY b.id, v.id)) AS by_payment
FROM buyer b JOIN car v ON payment(deal(b.rate, 60, b.equity), v.price) <= b.most;
SELECT pg_temp.joined();
SET enable_indexscan = off; SET enable_indexonlyscan = off;
SELECT pg_temp.joined();
SET enable_bitmapscan = off;
SELECT pg_temp.joined();
RESET enable_indexscan; RESET enable_indexonlyscan; RESET enable_bitmapscan;

-- Parallel workers.
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
SET min_parallel_index_scan_size = 0;
SET enable_bitmapscan = off;
SELECT * FROM pg_temp.shape('SELECT count(*) FROM car v WHERE affordable(v.price, 1500, 0.2249, 60)');
SELECT count(*) FROM car v WHERE affordable(v.price, 1500, 0.2249, 60);
SET enable_indexscan = off; SET enable_indexonlyscan = off;
SELECT * FROM pg_temp.shape('SELECT count(*) FROM car v WHERE affordable(v.price, v.fee * 1000, 0.2249, 60)');
SELECT count(*) FROM car v WHERE affordable(v.price, v.fee * 1000, 0.2249, 60);
RESET enable_indexscan; RESET enable_indexonlyscan; RESET enable_bitmapscan;
SELECT count(*) FROM car v WHERE payment(deal(0.2249, 60), v.price) <= v.fee * 1000;
RESET parallel_setup_cost; RESET parallel_tuple_cost; RESET min_parallel_table_scan_size; RESET min_parallel_index_scan_size;

-- Estimates come from the statistics of the price.
CREATE FUNCTION pg_temp.estimated(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::bigint;
END $$;
SET plan_cache_mode = force_generic_plan;
PREPARE listed (numeric) AS SELECT * FROM car v WHERE affordable(v.price, $1, 0.2249, 60);
SELECT pg_temp.estimated('SELECT * FROM car v WHERE affordable(v.price, 5000, 0.2249, 60)')
       BETWEEN 0.9 * count(*) AND 1.1 * count(*) AS known, pg_temp.estimated('EXECUTE listed(5000)') AS unknown
FROM car v WHERE affordable(v.price, 5000, 0.2249, 60);
RESET plan_cache_mode;

-- Partitions by price: those that are too dear are not read.
CREATE TABLE lot (id integer, price numeric) PARTITION BY RANGE (price);
CREATE TABLE lot_low PARTITION OF lot FOR VALUES FROM (0) TO (100000);
CREATE TABLE lot_high PARTITION OF lot FOR VALUES FROM (100000) TO (1000000);
SELECT * FROM pg_temp.shape('SELECT * FROM lot WHERE affordable(price, 1500, 0.2249, 60)');

-- Row-level security and security barriers: what is hidden stays hidden, whichever way is read.
CREATE ROLE tradeup_buyer NOLOGIN;
GRANT USAGE ON SCHEMA tradeup TO tradeup_buyer;
GRANT SELECT ON car, buyer TO tradeup_buyer;
ALTER TABLE car ENABLE ROW LEVEL SECURITY;
CREATE POLICY north ON car TO tradeup_buyer USING (dealer = 'north');
CREATE VIEW south_car WITH (security_barrier) AS SELECT * FROM car WHERE dealer = 'south';
GRANT SELECT ON south_car TO tradeup_buyer;
SELECT dealer, count(*) FROM car v WHERE affordable(v.price, 1500, 0.2249, 60) GROUP BY 1 ORDER BY 1;
SET ROLE tradeup_buyer;
SELECT dealer, count(*) FROM car v WHERE affordable(v.price, 1500, 0.2249, 60) GROUP BY 1 ORDER BY 1;
SELECT dealer, count(*) FROM car v JOIN buyer b ON b.id = 1 AND affordable(v.price, b.most, b.rate, 60) GROUP BY 1 ORDER BY 1;
SELECT dealer, count(*) FROM south_car v WHERE affordable(v.price, 1500, 0.2249, 60) GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.shape('SELECT id, price FROM south_car v WHERE affordable(v.price, 1500, 0.2249, 60)');
RESET ROLE;
-- Who may not run the inverse reads the table without it; who may not run the function is told so, constants or not.
REVOKE EXECUTE ON FUNCTION price_for_payment(any_number, any_number, any_term, any_number, any_number, any_number,
        any_number, any_number, integer, text) FROM PUBLIC;
SET ROLE tradeup_buyer;
SELECT count(*) FROM car v WHERE affordable(v.price, 1500, 0.2249, 60);
RESET ROLE;
GRANT EXECUTE ON FUNCTION price_for_payment(any_number, any_number, any_term, any_number, any_number, any_number,
        any_number, any_number, integer, text) TO PUBLIC;
REVOKE EXECUTE ON FUNCTION affordable(any_number, any_number, any_number, any_term, any_number, any_number, any_number,
        any_number, any_number, integer, text) FROM PUBLIC;
SET ROLE tradeup_buyer;
SELECT count(*) FROM car v WHERE affordable(v.price, 1500, 0.2249, 60);
RESET ROLE;
GRANT EXECUTE ON FUNCTION affordable(any_number, any_number, any_number, any_term, any_number, any_number, any_number,
        any_number, any_number, integer, text) TO PUBLIC;

DROP VIEW south_car;
DROP TABLE car, buyer, lot;
REVOKE ALL ON SCHEMA tradeup FROM tradeup_buyer;
DROP ROLE tradeup_buyer;
