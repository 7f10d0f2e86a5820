-- Time value of money.
SET search_path = tradeup, public;
\pset null '(null)'

-- A result with as many digits as every machine gives.
CREATE FUNCTION pg_temp.digits(value double precision) RETURNS text LANGUAGE sql RETURN to_char(value,
    'FM999999999990.0000000000');

SELECT pg_temp.digits(pv(0.01, 12, -100)) AS pv, pg_temp.digits(pv(0.01, 12, -100, -1000, 'begin')) AS pv_begin,
    pv(0, 12, -100) AS free;
SELECT pg_temp.digits(fv(0.01, 12, -100, -1000)) AS fv, pg_temp.digits(fv(0.01, 12, -100, 0, 'begin')) AS fv_begin;
SELECT pg_temp.digits(pmt(0.01, 60, 20000)) AS pmt, pg_temp.digits(pmt(0.01, 60, 20000, -5000, 'begin')) AS balloon,
    pmt(0, 60, 6000) AS free;
SELECT pg_temp.digits(ipmt(0.01, 2, 60, 20000)) AS ipmt, pg_temp.digits(ppmt(0.01, 2, 60, 20000)) AS ppmt,
       pg_temp.digits(ipmt(0.01, 2, 60, 20000) + ppmt(0.01, 2, 60, 20000)) AS together,
       ipmt(0.01, 1, 60, 20000, 0, 'begin') AS first;
SELECT pg_temp.digits(nper(0.01, -500, 20000)) AS nper, nper(0.01, -200, 20000) AS never, nper(0, -500, 20000) AS free;
SELECT pg_temp.digits(rate(60, -500, 20000)) AS rate, pg_temp.digits(rate(60, -500, 20000, 0, 'begin')) AS rate_begin,
    rate(60, 500, 20000) AS none;
SELECT pg_temp.digits(cumipmt(0.01, 60, 20000, 1, 12)) AS cumipmt, pg_temp.digits(cumprinc(0.01, 60, 20000, 1, 12)) AS cumprinc,
       pg_temp.digits(cumipmt(0.01, 60, 20000, 1, 60) + cumprinc(0.01, 60, 20000, 1, 60) - 60 * pmt(0.01, 60,
           20000)) AS difference;
SELECT pg_temp.digits(effect(0.12, 12)) AS effect, pg_temp.digits(nominal(effect(0.12, 12), 12)) AS nominal,
    effect(0.12, 1) AS yearly;
SELECT pg_temp.digits(rate_for_payment(20000, 500, 60)) AS monthly,
    pg_temp.digits(rate_for_payment(20000, 230, 130, 'bi-weekly')) AS biweekly,
       rate_for_payment(20000, 0, 60) AS none;

-- Of two rates the larger one; all of them; one that only touches zero. Nothing is 0, never -0.
SELECT pg_temp.digits(rate(2, -2.6, 1, 4.25)) AS larger,
       (SELECT array_agg(pg_temp.digits(r)) FROM unnest(rate_all(2, -2.6, 1, 4.25)) r) AS both,
       rate(2, -2, 1, 3) AS touches, rate_all(12, 100, 1000) AS none;
SELECT pv(0, 0, 100) AS pv, fv(0, 0, 100, 0) AS fv, pmt(0.01, 12, 0) AS pmt, ipmt(0, 1, 12, 100) AS ipmt, nper(0, 100, 0) AS nper,
       rate(10, -100, 1000) AS rate;

-- Words as people write them: due, day counts, frequencies.
SELECT pv(0.01, 12, -100, due => 'BEGIN') = pv(0.01, 12, -100, due => 'begin') AS due,
       year_fraction('2024-01-31', '2025-03-31', 'Act / 365') = year_fraction('2024-01-31', '2025-03-31') AS day_count,
       rate_for_payment(20000, 230, 130, 'BiWeekly') = rate_for_payment(20000, 230, 130, 'bi-weekly') AS frequency;
-- Day counts at the end of February, and over a leap day.
SELECT d AS day_count, round(year_fraction('2023-02-28', '2024-02-29', d)::numeric, 8) AS of_february,
       round(year_fraction('2012-01-01', '2012-07-30', d)::numeric, 8) AS of_a_leap_year,
       round(year_fraction('2001-01-01', '2004-01-01', d)::numeric, 8) AS of_three_years
FROM unnest('{30/360 us,actual/actual excel,actual/360,actual/365,30e/360,30/360,actual/actual}'::text[]) d;
SELECT pg_temp.digits(rate_for_payment(20000, 1200, 20, 'quarterly')) AS quarterly,
    pg_temp.digits(rate_for_payment(20000, 4700, 5, 'yearly')) AS yearly,
    pg_temp.digits(rate_for_payment(20000, 200, 120, 'semimonthly')) AS semimonthly;

-- Names of arguments, as people write them.
SELECT pmt(rate => 0, nper => 10, pv => 100, fv => 50, due => 'begin');

-- A missing argument gives nothing.
SELECT num_nulls(pv(NULL, 1, 1), fv(1, NULL, 1, 1), pmt(1, 1, NULL), ipmt(1, 1, 1, NULL), ppmt(1, NULL, 1, 1),
    nper(1, 1, 1, NULL),
                 rate(1, 1, 1, 1, NULL), cumipmt(1, 1, 1, 1, NULL), cumprinc(NULL, 1, 1, 1, 1), effect(0.1, NULL),
                 nominal(NULL, 1),
                 rate_for_payment(NULL, 1, 1)) AS nulls_of_12;

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
SELECT pg_temp.raised($$SELECT pv(-1, 12, 100)$$);
SELECT pg_temp.raised($$SELECT pv('NaN', 12, 100)$$);
SELECT pg_temp.raised($$SELECT pv(0.01, -12, 100)$$);
SELECT pg_temp.raised($$SELECT pv(0.01, 12, 100, 0, 'start')$$);
SELECT pg_temp.raised($$SELECT fv('Infinity', 12, 100, 0)$$);
SELECT pg_temp.raised($$SELECT fv(1, 12000, 100, 0)$$);
SELECT pg_temp.raised($$SELECT pmt(0.01, 0, 100)$$);
SELECT pg_temp.raised($$SELECT pmt(0.01, 12, '-Infinity')$$);
SELECT pg_temp.raised($$SELECT ipmt(0.01, 13, 12, 100)$$);
SELECT pg_temp.raised($$SELECT ppmt(0.01, 1.5, 12, 100)$$);
SELECT pg_temp.raised($$SELECT nper(-2, 1, 1)$$);
SELECT pg_temp.raised($$SELECT rate(0, 1, 1)$$);
SELECT pg_temp.raised($$SELECT rate(12, 1, 'NaN')$$);
SELECT pg_temp.raised($$SELECT cumipmt(0.01, 12, 100, 3, 2)$$);
SELECT pg_temp.raised($$SELECT cumprinc(0.01, 12, 100, 1, 13)$$);
SELECT pg_temp.raised($$SELECT effect(0.1, 0)$$);
SELECT pg_temp.raised($$SELECT effect(-12, 12)$$);
SELECT pg_temp.raised($$SELECT nominal(-1, 12)$$);
SELECT pg_temp.raised($$SELECT rate_for_payment(20000, 500, 60, 'daily')$$);
SELECT pg_temp.raised($$SELECT year_fraction('2024-01-01', '2025-01-01', '30/365')$$);
