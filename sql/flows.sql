-- Cash flows, as arrays and as rows.
SET search_path = public, tradeup;
SET datestyle = 'ISO, YMD';
\pset null '(null)'

-- A result with as many digits as every machine gives.
CREATE FUNCTION pg_temp.digits(value double precision) RETURNS text LANGUAGE sql RETURN to_char(value,
    'FM999999999990.0000000000');

-- Arrays.
SELECT pg_temp.digits(npv(0.1, '{-100,60,60}'::float8[])) AS npv,
    pg_temp.digits(npv(0.1, '{-100,60,60}'::float8[], 1)) AS npv_spreadsheet, npv(0.1, '{}'::float8[]) AS npv_empty;
SELECT pg_temp.digits(irr('{-100,60,60}'::float8[])) AS irr, irr('{100,60}'::float8[]) AS none, irr('{}'::float8[]) AS empty,
    irr('{1,-2,1}'::float8[]) AS double_root;
SELECT (SELECT array_agg(pg_temp.digits(r) ORDER BY r) FROM unnest(irr_all('{-1,3.6,-4.31,1.716}')) r) AS irr_all,
    irr_all('{1,1}') AS none, irr_all('{}') AS empty;
SELECT pg_temp.digits(mirr('{-100,60,60}', 0.1, 0.12)) AS mirr, mirr('{100,60}', 0.1, 0.12) AS none,
    mirr('{}', 0.1, 0.1) AS empty;
SELECT pg_temp.digits(xnpv(0.1, '{-100,110}'::float8[], '{2023-01-01,2024-01-01}')) AS xnpv,
       pg_temp.digits(xirr('{-100,110}'::float8[], '{2023-01-01,2024-01-01}')) AS xirr,
       pg_temp.digits(xirr('{110,-100}'::float8[], '{2023-01-01,2022-01-01}')) AS any_order,
       pg_temp.digits(cat('{100,-9,-9,-90}'::float8[], '{2023-01-31,2023-02-28,2023-03-31,2023-04-30}')) AS cat,
       xirr('{}'::float8[], '{}') AS empty, xnpv(0.1, '{}'::float8[], '{}') AS nothing;
SELECT c, pg_temp.digits(xirr('{-100,110}'::float8[], '{2023-12-31,2024-12-30}', c)) AS xirr,
    pg_temp.digits(xnpv(0.1, '{-100,110}'::float8[], '{2023-12-31,2024-12-30}', c)) AS xnpv,
       pg_temp.digits(year_fraction('2023-12-31', '2024-12-30', c)) AS years
FROM unnest('{actual/365,actual/360,actual/actual,30/360}'::text[]) c;
SELECT year_fraction('2024-01-01', '2023-01-01') AS back, year_fraction('2024-01-31', '2024-01-31') AS same;
SELECT num_nulls(npv(NULL, '{1}'::float8[]), irr(NULL::float8[]), irr_all(NULL), mirr('{1}', NULL, 1),
    xnpv(NULL, '{1}'::float8[], '{2024-01-01}'), xirr(NULL::float8[], '{2024-01-01}'),
                 xirr('{1}'::float8[], '{2024-01-01}', NULL), cat(NULL::float8[], NULL),
                 year_fraction(NULL, '2024-01-01')) AS nulls_of_9;

-- Rows. No rows, and rows without amount or date, give nothing.
CREATE TABLE flow (period integer, paid date, amount double precision);
SELECT irr_agg(amount), npv_agg(0.1, amount), xirr_agg(amount, paid), xirr_agg(amount, paid, '30/360'),
    xnpv_agg(0.1, amount, paid), cat_agg(amount, paid) FROM flow;
INSERT INTO flow VALUES (0, '2023-01-01', NULL), (1, NULL, 5);
SELECT xirr_agg(amount, paid), xnpv_agg(0.1, amount, paid), xnpv_agg(0.1, amount, paid, '30/360'), cat_agg(amount, paid)
FROM flow;
TRUNCATE flow;
INSERT INTO flow
SELECT n, date '2020-01-31' + 31 * n, CASE WHEN n < 3 THEN -1000 - n / 3.0 ELSE 100.37 + n % 7 END FROM generate_series(0, 59) n;

SELECT irr_agg(amount ORDER BY period) = irr(array_agg(amount ORDER BY period)) AS irr,
    npv_agg(0.1, amount ORDER BY period) = npv(0.1, array_agg(amount ORDER BY period)) AS npv,
       xirr_agg(amount, paid) = xirr(array_agg(amount), array_agg(paid)) AS xirr,
       cat_agg(amount, paid) = cat(array_agg(amount), array_agg(paid)) AS cat,
       xnpv_agg(0.1, amount, paid) = xnpv(0.1, array_agg(amount), array_agg(paid)) AS xnpv,
       xirr_agg(amount, paid, '30/360') = xirr(array_agg(amount), array_agg(paid), '30/360') AS xirr_bond,
       xnpv_agg(0.1, amount, paid, '30/360') = xnpv(0.1, array_agg(amount), array_agg(paid), '30/360') AS xnpv_bond
FROM flow;
SELECT irr_agg(amount ORDER BY period) <> irr_agg(amount ORDER BY period DESC) AS order_matters FROM flow;

-- Running returns are those of the rows so far.
WITH running AS (
    SELECT period, irr_agg(amount) OVER w AS irr, npv_agg(0.1, amount) OVER w AS npv, xirr_agg(amount, paid) OVER w AS xirr,
    xnpv_agg(0.1, amount, paid) OVER w AS xnpv
    FROM flow WINDOW w AS (ORDER BY period)),
prefix AS (
    SELECT r.*, array_agg(f.amount ORDER BY f.period) AS amounts, array_agg(f.paid ORDER BY f.period) AS dates
    FROM running r JOIN flow f ON f.period <= r.period GROUP BY r.period, r.irr, r.npv, r.xirr, r.xnpv)
SELECT count(*), count(irr) AS with_irr, bool_and(irr IS NOT DISTINCT FROM irr(amounts)) AS irr,
    bool_and(npv = npv(0.1, amounts)) AS npv,
       bool_and(xirr IS NOT DISTINCT FROM xirr(amounts, dates)) AS xirr, bool_and(xnpv = xnpv(0.1, amounts, dates)) AS xnpv
FROM prefix;

-- The order of dated rows does not matter, to the last bit, also with many rows of one date and amounts that nearly cancel.
CREATE TABLE many AS
SELECT n, date '2020-01-31' + n % 500 AS paid, CASE WHEN n % 500 < 20 THEN -1e6 ELSE 0 END + (n * 7919 % 10007) * 12.34567 + CASE
    WHEN n % 2 = 0 THEN 1e11 ELSE -1e11 END AS amount
FROM generate_series(1, 20000) n;
SELECT count(DISTINCT xirr) AS xirr, count(xirr) AS orders, count(DISTINCT xnpv) AS xnpv
FROM (SELECT s, xirr_agg(amount, paid ORDER BY n * 7919 * s % 20011) AS xirr,
             xnpv_agg(0.07, amount, paid ORDER BY n * 7919 * s % 20011) AS xnpv
      FROM many, generate_series(1, 8) s GROUP BY s) shuffled;

-- Nor does it with a date for each row, nor where dates come twice only among the last rows.
CREATE TABLE lone AS
SELECT n, date '1900-01-31' + n * 3 AS paid, CASE WHEN n < 900 THEN -100 - n / 7.0 ELSE 40 + n % 17 / 3.0 END AS amount
FROM generate_series(1, 5000) n;
CREATE TABLE paired AS
SELECT n, paid, amount FROM lone
UNION ALL
SELECT 5000 + n, paid, amount / 3 FROM lone WHERE n % 1250 < 200 OR n > 4900;
SELECT count(DISTINCT xirr) AS xirr, count(DISTINCT xirr_360) AS xirr_360, count(DISTINCT xirr_bond) AS xirr_bond,
    count(xirr) AS orders, count(DISTINCT xnpv) AS xnpv, bool_and(xirr = arrays) AS as_arrays,
    bool_and(abs(xirr_actual - xirr) < 1e-4) AS nearly
FROM (SELECT s, xirr_agg(amount, paid ORDER BY n * 7919 * s % 20011) AS xirr,
             xirr_agg(amount, paid, 'actual/360' ORDER BY n * 7919 * s % 20011) AS xirr_360,
             xirr_agg(amount, paid, '30/360' ORDER BY n * 7919 * s % 20011) AS xirr_bond,
             xirr_agg(amount, paid, 'actual/actual' ORDER BY n * 7919 * s % 20011) AS xirr_actual,
             xnpv_agg(0.07, amount, paid ORDER BY n * 7919 * s % 20011) AS xnpv,
             xirr(array_agg(amount), array_agg(paid)) AS arrays
      FROM (SELECT 'lone' AS t, * FROM lone UNION ALL SELECT 'paired', * FROM paired) f, generate_series(1, 8) s
      GROUP BY t, s) shuffled;

-- Memory follows the dates, not the rows: 500,000 rows of 100 dates.
SELECT round(xirr::numeric, 6) AS xirr, taken < 2000000 AS little
FROM (SELECT xirr_agg(CASE WHEN n % 100 < 50 THEN -1 ELSE 1.01 END, date '2024-01-01' + n % 100) AS xirr,
             (SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name IN ('ExprContext', 'AggContext')) AS taken
      FROM generate_series(1, 500000) n) measured;

-- Parallel workers come to the same.
CREATE TABLE serial AS
SELECT xirr_agg(amount, paid) AS xirr, xirr_agg(amount, paid, '30/360') AS xirr_bond, xnpv_agg(0.07, amount, paid) AS xnpv,
    xnpv_agg(0.07, amount, paid, '30/360') AS xnpv_bond, cat_agg(amount, paid) AS cat FROM many;
CREATE FUNCTION pg_temp.partial(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    line text;
    found boolean = false;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        found = found OR line LIKE '%Partial Aggregate%' OR line LIKE '%Partial%Aggregate%';
    END LOOP;
    RETURN found;
END $$;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT pg_temp.partial('CREATE TABLE parallel AS SELECT xirr_agg(amount, paid), xirr_agg(amount, paid, ''30/360'') AS xirr_bond, xnpv_agg(0.07, amount, paid), xnpv_agg(0.07, amount, paid, ''30/360'') AS xnpv_bond, cat_agg(amount, paid) FROM many') AS dated,
       pg_temp.partial('SELECT irr_agg(amount) FROM many') AS in_periods;
CREATE TABLE parallel AS
SELECT xirr_agg(amount, paid) AS xirr, xirr_agg(amount, paid, '30/360') AS xirr_bond, xnpv_agg(0.07, amount, paid) AS xnpv,
    xnpv_agg(0.07, amount, paid, '30/360') AS xnpv_bond, cat_agg(amount, paid) AS cat FROM many;
SELECT p = s AS same, num_nulls(p.xirr, p.xirr_bond, p.xnpv, p.xnpv_bond, p.cat) AS nulls FROM parallel p, serial s;
-- Also where some have dates that come often and others do not.
CREATE FUNCTION pg_temp.rates(part text) RETURNS TABLE (xirr double precision, xirr_bond double precision, xnpv double precision)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'SELECT xirr_agg(amount, paid), xirr_agg(amount, paid, ''30/360''), xnpv_agg(0.07, amount, paid)
        FROM (SELECT paid, amount FROM lone UNION ALL SELECT paid, amount FROM paired
              UNION ALL SELECT paid, -0.01 FROM many WHERE n % 500 < 20) f ' || part;
END $$;
SELECT pg_temp.partial('SELECT xirr_agg(amount, paid) FROM (SELECT paid, amount FROM lone UNION ALL SELECT paid, amount FROM paired UNION ALL SELECT paid, -0.01 FROM many WHERE n % 500 < 20) f') AS mixed;
CREATE TABLE mixed AS
SELECT 2 AS workers, r.*, m.paid FROM unnest('{1900-01-01,1905-01-01,1915-01-01}'::date[]) m (paid),
    pg_temp.rates(format('WHERE paid > %L', m.paid)) r;
SET max_parallel_workers_per_gather = 0;
INSERT INTO mixed
SELECT 0, r.*, m.paid FROM unnest('{1900-01-01,1905-01-01,1915-01-01}'::date[]) m (paid),
    pg_temp.rates(format('WHERE paid > %L', m.paid)) r;
SET max_parallel_workers_per_gather = 2;
SELECT paid, count(DISTINCT (xirr, xirr_bond, xnpv)) AS results, count(xnpv) AS runs FROM mixed GROUP BY paid ORDER BY paid;
SELECT xirr_agg(amount, paid) AS none FROM many WHERE n < 0;
SELECT count(*) AS groups,
    bool_and(p.xirr IS NOT DISTINCT FROM (SELECT xirr(array_agg(amount), array_agg(paid)) FROM many m
        WHERE m.n % 7 = p.g)) AS same
FROM (SELECT n % 7 AS g, xirr_agg(amount, paid) AS xirr FROM many GROUP BY 1) p;

-- What a statement raises: SQLSTATE, message, detail, and the beginning of the hint.
CREATE FUNCTION pg_temp.raised(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
    result text;
BEGIN
    EXECUTE statement INTO result;
    RETURN 'no error: ' || coalesce(result, 'null');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(left(detail, 100), ''), nullif(left(hint, 60), ''));
END $$;
\pset format unaligned
\pset tuples_only on
-- One rate and one day count for a group.
SELECT pg_temp.raised($$SELECT xnpv_agg(n / 1e6, amount, paid) FROM many$$) ~ '^22023 \| rate must be the same in all rows of a group \| It is .* and .*\. \| Group by the rate\.$';
SELECT pg_temp.raised($$SELECT xirr_agg(amount, paid, CASE WHEN n > 10000 THEN '30/360' ELSE 'actual/365' END) FROM many$$);
RESET max_parallel_workers_per_gather;

SELECT pg_temp.raised($$SELECT npv(-1, '{1}'::float8[])$$);
SELECT pg_temp.raised($$SELECT npv(0.1, '{1,NaN}'::float8[])$$);
SELECT pg_temp.raised($$SELECT npv(0.1, '{1,NULL}'::float8[])$$);
SELECT pg_temp.raised($$SELECT npv(0, '{1e308,1e308}'::float8[])$$);
SELECT pg_temp.raised($$SELECT irr('{{-1,2},{3,4}}'::float8[])$$);
SELECT pg_temp.raised($$SELECT irr('{-1,Infinity}'::float8[])$$);
SELECT pg_temp.raised($$SELECT irr_all('{-1,NULL}')$$);
SELECT pg_temp.raised($$SELECT mirr('{-1,2}', 0.1, -1)$$);
SELECT pg_temp.raised($$SELECT xnpv('NaN', '{1}'::float8[], '{2024-01-01}')$$);
SELECT pg_temp.raised($$SELECT xirr('{-1,2}'::float8[], '{2024-01-01}')$$);
SELECT pg_temp.raised($$SELECT xirr('{-1,2}'::float8[], '{2024-01-01,infinity}')$$);
SELECT pg_temp.raised($$SELECT xirr('{-1,2}'::float8[], '{2024-01-01,NULL}')$$);
SELECT pg_temp.raised($$SELECT xirr('{-1,2}'::float8[], '{{2024-01-01,2024-01-02}}')$$);
SELECT pg_temp.raised($$SELECT xirr('{-1,2}'::float8[], '{2024-01-01,2024-01-02}', 'actual/364')$$);
SELECT pg_temp.raised($$SELECT year_fraction('2024-01-01', '-infinity')$$);
SELECT pg_temp.raised($$SELECT year_fraction('2024-01-01', '2024-01-02', '30E')$$);
SELECT pg_temp.raised($$SELECT irr_agg(CASE period WHEN 3 THEN NULL ELSE amount END) FROM flow$$);
SELECT pg_temp.raised($$SELECT irr_agg(CASE period WHEN 3 THEN 'NaN' ELSE amount END) FROM flow$$);
SELECT pg_temp.raised($$SELECT npv_agg(NULL, amount) FROM flow$$);
SELECT pg_temp.raised($$SELECT npv_agg(period, amount) FROM flow$$);
SELECT pg_temp.raised($$SELECT npv_agg(-1, amount) FROM flow$$);
SELECT pg_temp.raised($$SELECT xnpv_agg(period, amount, paid) FROM flow$$);
SELECT pg_temp.raised($$SELECT xnpv_agg(NULL, amount, paid) FROM flow$$);
SELECT pg_temp.raised($$SELECT xirr_agg(amount, 'infinity') FROM flow$$);
SELECT pg_temp.raised($$SELECT xirr_agg('Infinity', paid) FROM flow$$);
SELECT pg_temp.raised($$SELECT xirr_agg(amount, paid, 'lunar') FROM flow$$);
SELECT pg_temp.raised($$SELECT xirr_agg(amount, paid, NULL) FROM flow$$);

-- The parts of an aggregate cannot be called on their own: nothing is of their type.
SELECT left(pg_temp.raised($$SELECT tradeup_internal.irr_step(NULL, 1::float8)$$), 5),
    left(pg_temp.raised($$SELECT tradeup_internal.xirr_step('', 1::float8, '2024-01-01'::date)$$), 5),
       left(pg_temp.raised($$SELECT tradeup_internal.dated_flows_combine(NULL, NULL)$$), 5),
       left(pg_temp.raised($$SELECT tradeup_internal.dated_flows_deserialize('\x00'::bytea, NULL)$$), 5),
       left(pg_temp.raised($$SELECT tradeup_internal.xirr_final(NULL)$$), 5);

DROP TABLE flow, many, lone, paired, serial, parallel, mixed;
-- What doubles cannot tell apart is decided in more digits; intermediate sums do not overflow.
SELECT irr_all(ARRAY[200000000, -400000001, 200000001]) AS close, irr_all(ARRAY[1, -2, 1]) AS touching,
       round(mirr(array_fill(-1::float8, ARRAY[1000]) || ARRAY[100::float8], -0.9999999, 0)::numeric, 15) AS cheap_finance,
       round((1e9 * mirr(ARRAY[-1::float8] || array_fill(0::float8, ARRAY[29999]) || ARRAY[2::float8], 0, 0.5))::numeric,
           6) AS long;
-- Of several rates the one at which the worth crosses zero in the direction that the first flow asks for: a trade that doubled
-- within two months, with a late fee, is no loss of everything.
CREATE TABLE trade (amount double precision, day date);
INSERT INTO trade VALUES (14788.63, '2025-03-01'), (-120.10, '2025-04-25'), (-11415.93, '2025-01-01');
SELECT round(xirr_agg(amount, day)::numeric, 6) AS rows, round(cat_agg(amount, day)::numeric, 6) AS cat,
       round(xirr(array_agg(amount), array_agg(day))::numeric, 6) AS arrays,
       round(xirr_agg(-amount, day)::numeric, 6) AS other_side
FROM trade;
SELECT cardinality(r) AS rates, round(r[1]::numeric, 3) AS loss, round(r[2]::numeric, 6) AS gain, r = c AS same
FROM (SELECT xirr_all(array_agg(amount), array_agg(day)) AS r, cat_all(array_agg(amount), array_agg(day)) AS c FROM trade) found;
DROP TABLE trade;
SELECT round(irr(ARRAY[-1000, 2300, -1320])::numeric, 9) AS larger,
    round(irr(ARRAY[-1, 3.6, -3.75, 1.1])::numeric, 9) AS of_equally_near,
       irr_all(ARRAY[-1, 3, -3, 1]) AS threefold, xirr_all('{}', '{}') AS empty,
       xirr_all('{1,1}', '{2024-01-01,2024-01-02}') AS none;

-- Amounts of one day that cancel, in any order; what rounding leaves of them is no flow; sums beyond a double are an error.
SELECT round(xirr_agg(a, d)::numeric, 9) AS cancels, round(xirr_agg(a, d ORDER BY a)::numeric, 9) AS in_order
FROM (VALUES (1e308, 0), (1e308, 0), (-1.7e308, 0), (-3.3e307, 365)) f (a, n), LATERAL (SELECT date '2023-01-01' + n) t (d);
SELECT round(xirr('{0.1,0.2,-0.3,-100,110}'::float8[], '{2023-01-01,2023-01-01,2023-01-01,2023-01-02,2024-01-02}')::numeric,
    9) AS residue;
SELECT pg_temp.raised($$SELECT xirr_agg(a, '2023-01-01') FROM (VALUES (1e308), (1e308), (-1)) f (a)$$);
SELECT pg_temp.raised($$SELECT xnpv_agg(0.1, a, '2023-01-01') FROM (VALUES (-1e308), (-1e308)) f (a)$$);
SELECT pg_temp.raised($$SELECT xirr('{1e308,1e308,-1}'::float8[], '{2023-01-01,2023-01-01,2024-01-01}')$$);
SELECT year_fraction('2024-01-31', '2024-01-30', '30/360') AS no_time;
