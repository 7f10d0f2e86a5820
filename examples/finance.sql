-- A book of loans and the savings of their owners: payments, what each still owes on a day, what each year's interest
-- comes to, what the credits cost, and what the savings yield.
--
--   psql -f examples/finance.sql
--
-- Everything happens in a transaction that is rolled back. For your own tables, leave out the INSERTs.

CREATE EXTENSION IF NOT EXISTS tradeup;
SET search_path = public, tradeup;
BEGIN;

CREATE TEMP TABLE loan (loan_id text, principal numeric, annual_rate numeric, term int, start_date date, fee numeric);
INSERT INTO loan VALUES
    ('L1', 20000, 0.0599, 60, '2025-01-10', 400),
    ('L2', 12500, 0.0899, 36, '2025-06-30', 0),
    ('L3', 200000, 0.0650, 360, '2024-03-01', 3500);

-- Every loan's payment, and what it comes to with its fee: the APR to disclose.
SELECT loan_id, a.payment,
       round(100 * apr(l.principal, a.payment, l.term, l.start_date, a.due_date, prepaid_finance_charge => l.fee,
                       last_payment => z.payment)::numeric, 3) AS apr_percent
FROM loan l
CROSS JOIN LATERAL (SELECT payment, due_date FROM amortization(l.principal, annual_rate, term, start_date => start_date) LIMIT 1) a
CROSS JOIN LATERAL (SELECT payment FROM amortization(l.principal, annual_rate, term, start_date => start_date)
                    ORDER BY period DESC LIMIT 1) z
ORDER BY loan_id;

-- What each owes on a day.
SELECT loan_id, p.*
FROM loan l CROSS JOIN LATERAL payoff(l.principal, annual_rate, term, date '2026-03-15', start_date) p
ORDER BY loan_id;

-- The interest of the whole book, by year.
SELECT extract(year FROM due_date) AS year, sum(a.interest) AS interest, sum(a.principal) AS repaid
FROM loan l CROSS JOIN LATERAL amortization(l.principal, annual_rate, term, start_date => start_date) a
GROUP BY year ORDER BY year LIMIT 5;

-- What 100 a month more would save each of them.
SELECT loan_id, count(*) AS payments, max(a.due_date) AS paid_off, sum(a.interest) AS interest
FROM loan l CROSS JOIN LATERAL amortization(l.principal, annual_rate, term, start_date => start_date, extra => 100) a
GROUP BY loan_id ORDER BY loan_id;

-- The savings: one row a movement, the last one the balance of today.
CREATE TEMP TABLE movement (account text, day date, amount numeric);
INSERT INTO movement VALUES
    ('A', '2023-01-10', -5000), ('A', '2023-07-01', -2000), ('A', '2025-01-10', 7550),
    ('B', '2023-02-01', -8000), ('B', '2024-02-01', 300), ('B', '2025-01-10', 9900);
SELECT account, round(100 * xirr_agg(amount, day)::numeric, 2) AS percent_a_year, round(xnpv_agg(0.04, amount, day)::numeric, 2) AS worth_above_4_percent
FROM movement GROUP BY account ORDER BY account;

-- A project in even periods, and how its value depends on the rate.
SELECT rate, round(npv_agg(rate, amount ORDER BY year)::numeric, 2) AS npv
FROM (VALUES (0, -1000.0::float8), (1, 300), (2, 400), (3, 500)) flow (year, amount)
CROSS JOIN (VALUES (0.05), (0.0889), (0.12)) r (rate)
GROUP BY rate ORDER BY rate;

ROLLBACK;
