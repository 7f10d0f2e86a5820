-- Plain loans, leases and the annual percentage rate.
SET search_path = tradeup, public;
SET datestyle = 'ISO, YMD';

-- Six payments; the last one absorbs the rounding.
SELECT * FROM amortization(10000, 0.12, 6);

-- Due dates come back to the 31st; the first period is a month and 19 days.
SELECT period, due_date, payment, interest, principal, closing
FROM amortization(1000, 0.12, 4, start_date => '2023-12-12', first_payment => '2024-01-31',
                  terms => '{"day_count": "actual/360"}');
SELECT period, due_date, interest FROM amortization(1000, 0.12, 3, 'bi-weekly', first_payment => '2024-01-31');

-- A balloon, and extra payments that keep the payment or the term.
SELECT period, payment, principal, closing FROM amortization(10000, 0.12, 3, terms => '{"balloon": 5000}');
SELECT period, payment, extra, closing FROM amortization(1000, 0.12, 6, extra => 200);
SELECT period, payment, extra, closing FROM amortization(1000, 0.12, 6, extra => 200, terms => '{"extra_keeps": "term"}');

-- Other units: five centimes, whole yen.
SELECT period, payment, interest, closing FROM amortization(1000, 0.05, 3, terms => '{"unit": 0.05}');
SELECT period, payment, interest, closing FROM amortization(1000000, 0.03, 3, terms => '{"rounding": "down", "unit": 1}');

-- Level by a day count: all payments but the last are equal. Or those of equal periods, with what is left in the last.
SELECT l AS level, min(payment) FILTER (WHERE period = 1) AS first, count(DISTINCT payment) FILTER (WHERE period < 12) AS kinds,
       max(payment) FILTER (WHERE period = 12) AS last
FROM unnest('{day_count,periods}'::text[]) l,
     amortization(12000, 0.079, 12, start_date => '2027-03-10',
                  terms => jsonb_build_object('day_count', 'Actual/365', 'level', l))
GROUP BY l ORDER BY l;
-- Extra payments on a date or with a payment, which a table may hold; a date counts at once where interest is by days.
CREATE TEMP TABLE paid (day date, amount numeric);
INSERT INTO paid VALUES ('2027-02-11', 500), ('2027-02-21', 500), ('2027-04-01', 100);
SELECT d AS day_count, period, payment, interest, extra, closing
FROM unnest('{NULL,actual/365}'::text[]) d,
     amortization(10000, 0.0365, 12, start_date => '2027-02-01', extra => 10, terms => jsonb_build_object('day_count', d,
         'extras', (SELECT jsonb_agg(jsonb_build_object('date', day, 'amount', amount)) FROM paid)))
WHERE period < 4 ORDER BY d NULLS FIRST, period;
SELECT period, extra FROM amortization(1000, 0.12, 12, extra => 1,
    terms => '{"extras": [{"number": 3, "amount": 50}, {"number": 2, "amount": 20}, {"number": 3, "amount": 5}]}') WHERE period < 5;
SET datestyle = 'SQL, DMY';
SELECT extra FROM amortization(1000, 0.12, 12, start_date => '2027-01-01'::date,
    terms => '{"extras": [{"date": "2027-03-02", "amount": 5}]}') WHERE extra > 0;
SET datestyle = 'ISO, YMD';
-- Half of the monthly payment every two weeks; a payment with a term, and one that is never enough.
SELECT count(*) AS payments, max(payment) AS payment, sum(interest) AS interest
FROM amortization(200000, 0.06, frequency => 'bi-weekly', terms => '{"payment": 644.30}');
SELECT period, payment, closing FROM amortization(1000, 0.12, 3, terms => '{"payment": 100}');
-- In advance; interest alone at first; a first period of 45 days by months of 30 days, by actual days.
SELECT period, due_date, payment, interest, closing
FROM amortization(1000, 0.12, 3, start_date => '2027-01-31', terms => '{"due": "BEGIN"}');
SELECT period, payment, interest, closing FROM amortization(1000, 0.12, 4, terms => '{"interest_only": 2}');
SELECT o AS odd_days, payment, interest
FROM unnest('{NULL,30/360,actual/360}'::text[]) o,
     amortization(10000, 0.12, 12, start_date => '2027-01-15', first_payment => '2027-03-01',
                  terms => jsonb_build_object('odd_days', o))
WHERE period = 1 ORDER BY o NULLS FIRST;
-- By calendar year; a loan without dates in one row.
SELECT * FROM loan_totals(12000, 0.079, 18, start_date => '2027-03-10',
    terms => '{"extras": [{"date": "2027-12-24", "amount": 500}]}');
SELECT * FROM loan_totals(12000, annual_percent => 7.9, term => 12);
SELECT count(*) FROM loan_totals(NULL, 0.079, 12);
-- Paid off after an extra payment; at 1000 percent a day costs much.
SELECT balance, accrued_from, days, per_diem, interest, payoff
FROM payoff(10000, 0.0365, 12, '2027-02-21', '2027-02-01', terms => '{"extras": [{"date": "2027-02-11", "amount": 1000}]}');
SELECT per_diem, interest FROM payoff(100000000000000, annual_percent => 1000, term => 12, on_date => '2027-01-02',
    start_date => '2027-01-01', terms => '{"unit": 1}');

-- Sums are exact.
SELECT sum(principal) + sum(extra) AS repaid, sum(payment) = sum(interest) + sum(principal) AS adds_up, count(*), min(closing)
FROM amortization(25000.01, 0.0799, 72, extra => 50);
SELECT count(*) FROM amortization(NULL, 0.1, 12);

SELECT * FROM payoff(10000, 0.12, 6, '2024-03-20', '2024-01-10');
SELECT * FROM payoff(10000, 0.12, 6, '2024-01-10', '2024-01-10', terms => '{"day_count": "30/360"}');
SELECT paid_periods, payoff FROM payoff(10000, 0.12, 6, '2030-01-01', '2024-01-10');

SELECT lease_payment(30000, 18000, 36, 0.0025, 0.07), money_factor(0.06), money_factor_to_apr(0.0025);

SELECT p, (SELECT payment FROM amortization(p, 0.0799, 60) LIMIT 1) AS payment,
       (SELECT payment FROM amortization(p + 0.01, 0.0799, 60) LIMIT 1) AS above
FROM principal_for_payment(350, 0.0799, 60) AS p;
SELECT term_for_payment(20000, 400, 0.0799), term_for_payment(20000, 130, 0.0799);

-- Appendix J (c)(1): monthly, long first period, semimonthly; (c)(5)(i): one payment.
SELECT round(100 * apr(5000, 230, 24, '1978-01-10', '1978-02-10')::numeric, 2) AS monthly,
       round(100 * apr(6000, 200, 36, '1978-02-10', '1978-04-01')::numeric, 2) AS long_first,
       round(100 * apr(5000, 219.17, 24, '1978-02-23', '1978-03-01', 'semimonthly')::numeric, 2) AS semimonthly,
       round(100 * apr_of_flows('{1000}', '{1978-01-03}', '{1080}', '{1978-09-15}')::numeric, 2) AS single;
-- Frequencies have one list of words, in any case.
SELECT round(100 * apr(10000, 2400, 5, '2025-01-10', '2026-01-10', 'Yearly')::numeric, 4) AS yearly,
       round(100 * apr(10000, 1200, 10, '2025-01-10', '2025-07-10', 'semi-annually')::numeric, 4) AS half_yearly;
SELECT f AS frequency, array_agg(due_date ORDER BY period) AS due, min(payment) FILTER (WHERE period = 1) AS payment
FROM unnest('{semimonthly,Quarterly,semiannually,ANNUAL}'::text[]) f,
     amortization(10000, 0.06, 4, f, first_payment => '2027-08-31') a
GROUP BY f ORDER BY min(payment) FILTER (WHERE period = 1), f COLLATE "C";
-- A prepaid finance charge counts as if it had not been lent.
SELECT apr(5100, 230, 24, '1978-01-10', '1978-02-10', prepaid_finance_charge => 100) = apr(5000, 230, 24, '1978-01-10',
    '1978-02-10') AS same;
SELECT apr(NULL, 230, 24, '1978-01-10', '1978-02-10') AS unknown, apr(5000, 0, 24, '1978-01-10', '1978-02-10') AS never_repaid;

CREATE FUNCTION pg_temp.fails(query text) RETURNS TABLE (state text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
    hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
\x on
SELECT f.* FROM (VALUES
    ('SELECT amortization(100.001, 0.1, 12)'),
    ('SELECT amortization(0, 0.1, 12)'),
    ('SELECT amortization(100, -0.1, 12)'),
    ('SELECT amortization(100, 0.1, 481)'),
    ('SELECT amortization(100, 0.1, 12, ''daily'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"balloon": 101}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"day_count": "30/360"}'')'),
    ('SELECT amortization(100, 0.1, 12, start_date => ''2024-01-01'', terms => ''{"day_count": "30/365"}'')'),
    ('SELECT amortization(100, 0.1, 12, start_date => ''2024-01-01'', first_payment => ''2024-01-01'')'),
    ('SELECT amortization(100, 0.1, 12, start_date => ''infinity'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"extra_keeps": "rate"}'')'),
    ('SELECT amortization(100, 0.1, 12, extra => 1, terms => ''{"balloon": 50, "extra_keeps": "term"}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"rounding": "nearest"}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"unit": 0}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''[]'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"extra": 1}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"unit": "1"}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"balloon": null}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"balloon": -1}'')'),
    ('SELECT amortization(100, 0.1, 12, terms => ''{"balloon": 1e30}'')'),
    ('SELECT payoff(100, 0.1, 12, ''2024-12-31'', ''2024-01-01'', terms => ''{"day_count": 365}'')'),
    ('SELECT amortization(1000, 0.12, terms => ''{"payment": 10}'')'),
    ('SELECT amortization(1000, 0.12, terms => ''{"payment": 9.99}'')'),
    ('SELECT amortization(1000, 0.12, terms => ''{"payment": "10"}'')'),
    ('SELECT amortization(1000, 0.12, terms => ''{"payment": 10.001}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"payment": 0}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"payment": 90, "balloon": 100}'')'),
    ('SELECT amortization(1000, 0.12, 12, extra => 1, terms => ''{"payment": 90, "extra_keeps": "term"}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"interest_only": 12}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"interest_only": 1.5}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"interest_only": 1, "due": "begin"}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"due": "middle"}'')'),
    ('SELECT amortization(1000, 0.12, 12, ''monthly'', ''2024-01-01'', ''2024-02-01'', terms => ''{"due": "begin"}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"level": "day_count"}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"level": "days"}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"odd_days": "30/365"}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": {"number": 1, "amount": 1}}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [5]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"number": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"number": 1, "date": "2024-01-01", "amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"number": 0, "amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"number": 13, "amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"number": 1, "amount": "1"}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"number": 1, "amount": -1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"date": "01.02.2024", "amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"date": 20240201, "amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"day": "2024-02-01", "amount": 1}]}'')'),
    ('SELECT amortization(1000, 0.12, 12, terms => ''{"extras": [{"date": "2024-02-01", "amount": 1}]}'')'),
    ('SELECT loan_totals(1000, 0.12, 12, start_date => ''2024-01-01'', terms => ''{"extras": [{"date": "2023-12-31", "amount": 1}]}'')'),
    ('SELECT amortization(1000000000000.01, 0.1, 12)'),
    ('SELECT amortization(''NaN'', 0.1, 12)'),
    ('SELECT payoff(100, 0.1, 12, ''2023-12-31'', ''2024-01-01'')'),
    ('SELECT payoff(100, 0.1, 12, ''2023-12-31'', NULL)'),
    ('SELECT payoff(100, annual_percent => 10, term => 12, start_date => ''2024-01-01'')'),
    ('SELECT payoff(100, annual_percent => 10, on_date => ''2024-12-31'', start_date => ''2024-01-01'')'),
    ('SELECT principal_for_payment(100, annual_percent => 10)'),
    ('SELECT lease_payment(100, 101, 12, 0.002)'),
    ('SELECT money_factor(''NaN'')'),
    ('SELECT money_factor(-0.01)'),
    ('SELECT money_factor(1.5e20)'),
    ('SELECT money_factor(4.2)'),
    ('SELECT money_factor(0.01234567890123456789)'),
    ('SELECT money_factor_to_apr(1e20)'),
    ('SELECT money_factor_to_apr(-1e20)'),
    ('SELECT money_factor_to_apr(''Infinity'')'),
    ('SELECT money_factor_to_apr(-0.0025)'),
    ('SELECT term_for_payment(100, 10, 11)'),
    ('SELECT apr(100, 10, 12, ''2024-01-01'', ''2024-01-01'')'),
    ('SELECT apr(100, 10, 12, ''2024-01-01'', ''infinity'')'),
    ('SELECT apr(100, 10, 12, ''-infinity'', ''2024-01-01'')'),
    ('SELECT apr_of_flows(''{100}'', ''{2024-01-01}'', ''{110}'', ''{infinity}'')'),
    ('SELECT apr(100, 10, 12, ''2024-01-01'', ''2024-02-01'', ''daily'')'),
    ('SELECT apr_of_flows(''{100}'', ''{2024-01-01,2024-01-02}'', ''{110}'', ''{2024-02-01}'')'),
    ('SELECT apr_of_flows(''{100}'', ''{2024-01-01}'', ''{110,1}'', ''{2024-02-01}'')'),
    ('SELECT xirr(''{-100,110}''::float8[], ''{2024-01-01}''::date[])'),
    ('SELECT apr_of_flows(''{100}'', ''{2024-01-01}'', ''{NULL}'', ''{2024-02-01}'')'),
    ('SELECT apr_of_flows(''{100,1}'', ''{2024-01-01,2024-01-02}'', ''{110}'', ''{2023-02-01}'')'),
    ('SELECT apr_of_flows(''{100}''::numeric[], ''{2024-01-01}'', ''{110}'', ''{2024-02-01}'', ''fortnight'')')
) AS queries(query), pg_temp.fails(query) AS f;
-- Counted from a start on the 31st, month-ends come back; nothing repaid has no rate.
SELECT array_agg(due_date ORDER BY period) AS month_ends FROM amortization(10000, 0.12, 4, start_date => '2025-01-31');
SELECT apr(20000, 0, 60, '2025-01-01', '2025-02-01') AS never,
       apr_of_flows(ARRAY[1000.0], ARRAY['2025-01-01']::date[], ARRAY[0, 0.0], ARRAY['2026-01-01', '2035-01-01']::date[],
           'day') AS nor_here;
-- A money factor fits its lease; amounts beyond the largest, long lists and principals are errors; rates are found on either
-- side.
SELECT lease_payment(32000, 18000, 36, money_factor(0.0599));
SELECT round(apr_of_flows(ARRAY[1000], ARRAY['2020-01-01']::date[], ARRAY[1, 0], ARRAY['2020-02-01', '2040-02-01']::date[],
    'day')::numeric, 6) AS nearly_lost,
       round(apr_of_flows(ARRAY[1000, 1320], ARRAY['2020-01-01', '2022-01-01']::date[], ARRAY[2300], ARRAY['2021-01-01']::date[],
           'year')::numeric, 6) AS of_two_that_of_the_advance;
SELECT lease_payment(950000000000000000, 0, 1, 0, 9, unit => 10);
SELECT principal_for_payment(1000000000000, 0, 480, unit => 1000);
SELECT apr_of_flows(array_fill(1::numeric, ARRAY[100001]), array_fill('2020-01-01'::date, ARRAY[100001]), ARRAY[1],
    ARRAY['2021-01-01'::date]);

-- A rate is a fraction, or a percentage by its name; never one by its magnitude.
SELECT count(*) AS payments, count(*) FILTER (WHERE a IS DISTINCT FROM b) AS differ
FROM amortization(18500, 0.0875, 36) a FULL JOIN amortization(principal => 18500, annual_percent => 8.75,
    term => 36) b USING (period);
SELECT payment FROM amortization(1000, annual_percent => 150, term => 12) WHERE period = 1;
SELECT payoff(18500, 0.0875, 36, '2027-06-15', '2027-01-31') = payoff(18500, annual_percent => 8.75, term => 36,
    on_date => '2027-06-15', start_date => '2027-01-31') AS payoff,
       principal_for_payment(500, 0.0875, 36) = principal_for_payment(500, annual_percent => 8.75, term => 36) AS principal,
       term_for_payment(18500, 500, 0.0875) = term_for_payment(18500, 500, annual_percent => 8.75) AS term,
       money_factor(0.0875) = money_factor(annual_percent => 8.75) AS factor;
SELECT principal_for_payment(500, annual_percent => 150, term => 12) AS principal,
    term_for_payment(1000, 150, annual_percent => 150) AS term,
       money_factor(annual_percent => 150) AS factor,
       (payoff(1000, annual_percent => 150, term => 12, on_date => '2027-03-15', start_date => '2027-01-31')).payoff;
SELECT payoff(18500, NULL, 36, '2027-06-15', '2027-01-31') IS NULL AS payoff,
    principal_for_payment(500, term => 36) IS NULL AS principal,
       principal_for_payment(NULL, 0.0875, 36) IS NULL AS of_nothing,
       principal_for_payment(500, 0.0875, NULL, annual_percent => NULL) IS NULL AS nor_here,
       term_for_payment(18500, 500) IS NULL AS term, term_for_payment(18500, NULL, annual_percent => 8.75) IS NULL AS nor_there,
       money_factor() IS NULL AS factor;
-- Functions that take a fraction alone: those that stand for a condition on a price, and the steps of offers.
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = ANY ('{tradeup,tradeup_internal,tradeup_bi}'::regnamespace[])
    AND 'annual_rate' = ANY (p.proargnames[1:p.pronargs])
    AND NOT 'annual_percent' = ANY (p.proargnames[1:p.pronargs]) ORDER BY p.proname COLLATE "C";
\set VERBOSITY default
SELECT principal_for_payment(500, 0.0875, 36, annual_percent => 8.75);
SELECT term_for_payment(18500, 500, 0.0875, annual_percent => 8.75);
SELECT money_factor(0.0875, 8.75);
SELECT payoff(18500, 0.0875, 36, '2027-06-15', '2027-01-31', annual_percent => 8.75);
SELECT count(*) FROM amortization(18500, 8.75, 36);
SELECT count(*) FROM amortization(18500, 0.0875, 36, annual_percent => 8.75);
SELECT count(*) FROM amortization(18500, term => 36);
SELECT payoff(18500, 8.75, 36, '2027-06-15', '2027-01-31');
SELECT principal_for_payment(500, 8.75, 36);
SELECT term_for_payment(18500, 500, 8.75);
-- A first payment that is the start's day, cut to the month's end, is a full period, stated or not.
SELECT f AS first_payment, array_agg(due_date ORDER BY period) FILTER (WHERE period < 4) AS due,
       min(payment) FILTER (WHERE period = 1) AS payment
FROM (VALUES (NULL::date), ('2027-02-28'), ('2027-02-27')) v (f),
     amortization(18500, 0.0875, 36, start_date => '2027-01-31', first_payment => f) a
GROUP BY f ORDER BY f NULLS FIRST;
-- A payment of nothing repays nothing; a balloon at no interest repays itself.
SELECT principal_for_payment(0, 0, 60) AS none, principal_for_payment(0, 0.06, 60, rounding => 'down') AS nor_here,
       principal_for_payment(0, 0, 60, balloon => 1000) AS balloon, term_for_payment(0.01, 0, 0) AS no_term;
-- An advance keeps its day when payments fall on month-ends; appendix J (c)(6).
SELECT d AS advance, round(100 * apr_of_flows(ARRAY[100, 10000], ARRAY['2025-01-10', d]::date[], ARRAY[5200, 5200],
                                     ARRAY['2025-04-30', '2025-05-31']::date[])::numeric, 4) AS percent
FROM unnest('{2025-03-27,2025-03-28,2025-03-29,2025-03-30,2025-03-31}'::date[]) d;
SELECT round(100 * apr_of_flows(ARRAY[2135], '{1978-01-25}', array_fill(100, ARRAY[24]), array_agg(first + 28 * k),
                                '4 weeks')::numeric,
    2) AS c6i
FROM (VALUES (date '1978-02-20', 9), ('1978-11-13', 6), ('1979-05-14', 6), ('1979-11-12', 3)) g (first, n),
    generate_series(0, n - 1) k;
SELECT round(100 * apr_of_flows(ARRAY[7350], '{1978-03-03}', ARRAY[1000, 1000, 1000, 2000, 750, 750, 750, 1000],
                       '{1978-09-15,1978-10-15,1978-11-15,1979-03-15,1979-09-15,1979-10-15,1979-11-15,1980-02-01}')::numeric, 2) AS c6ii;
