-- Every row of the reference tables, compared under the stated tolerances; counts are printed, not rows.
SET search_path = tradeup, public;
SET extra_float_digits = 1;
\getenv dir PG_ABS_SRCDIR

CREATE TEMP TABLE ref_customer (customer_id text, risk_profile text, risk_index int, current_price numeric, equity numeric,
    current_payment numeric);
CREATE TEMP TABLE ref_car (vehicle_id text, make text, model text, year int, price numeric, kilometers int,
    color text, region text);
CREATE TEMP TABLE ref_offer (customer_id text, vehicle_id text, term int, status text, tier text, payment float8,
    payment_change float8,
                             loan_amount float8, effective_equity float8, margin float8, annual_rate float8);
CREATE TEMP TABLE ref_whatif (config_id int, LIKE ref_offer);
CREATE TEMP TABLE ref_2025 (LIKE ref_offer);
CREATE TEMP TABLE ref_loan (loan_id int, loan_amount numeric, annual_rate numeric, service_fee numeric, protection numeric,
                            insurance numeric, install numeric, term int);
CREATE TEMP TABLE ref_month (loan_id int, month int, opening_balance float8, principal float8, interest float8,
    charges float8, tax float8,
                             payment float8, closing_balance float8, closing_loan float8, closing_service float8,
                             closing_protection float8, closing_insurance float8);
CREATE TEMP TABLE ref_npv (loan_amount float8, annual_rate float8, term int, interest_npv float8, error text);

\set load '\\copy ref_customer from ' :dir '/test/data/oracle/customers.csv csv header'
:load
\set load '\\copy ref_car from ' :dir '/test/data/oracle/cars.csv csv header'
:load
\set load '\\copy ref_offer from ' :dir '/test/data/oracle/offers.csv csv header'
:load
\set load '\\copy ref_whatif from ' :dir '/test/data/oracle/offers_whatif.csv csv header'
:load
\set load '\\copy ref_2025 from ' :dir '/test/data/oracle/offers_mx2025.csv csv header'
:load
\set load '\\copy ref_loan from ' :dir '/test/data/oracle/amortization_loans.csv csv header'
:load
\set load '\\copy ref_month from ' :dir '/test/data/oracle/amortization.csv csv header'
:load
\set load '\\copy ref_npv from ' :dir '/test/data/oracle/interest_npv.csv csv header'
:load

-- A price with more decimals than the currency is an error, not a rounding.
\set VERBOSITY terse
INSERT INTO vehicle (vehicle_id, currency, regular_price)
SELECT vehicle_id, 'MXN', price FROM ref_car WHERE price <> round(price, 2);
\set VERBOSITY default
-- A current payment of zero or less is an error.
INSERT INTO customer (customer_id, risk_profile, current_payment) SELECT customer_id, risk_profile, current_payment
FROM ref_customer WHERE customer_id = 'ZPAY';
INSERT INTO customer (customer_id, risk_profile, current_payment) SELECT customer_id, risk_profile, current_payment
FROM ref_customer WHERE customer_id = 'NEGPAY';

INSERT INTO vehicle (vehicle_id, currency, make, model, year, kilometers, color, region, regular_price)
SELECT vehicle_id, 'MXN', make, model, year, kilometers, color, region, price FROM ref_car WHERE price = round(price, 2);
-- The reference finds a profile by its index: index -1 is none of ours.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price)
SELECT customer_id, CASE WHEN risk_index < 0 THEN 'index -1' ELSE risk_profile END, equity, current_payment, current_price
FROM ref_customer WHERE current_payment > 0;
ANALYZE customer, vehicle;

-- The payments of the reference are unrounded, so ours are compared both unrounded and rounded.
CREATE FUNCTION pg_temp.offers_under(program text, overrides jsonb)
RETURNS TABLE (customer_id text, vehicle_id text, term int, tier text, payment numeric, unrounded float8, change numeric,
               financed numeric, equity numeric, margin numeric, annual_rate numeric)
LANGUAGE sql AS $$
    SELECT o.customer_id, o.vehicle_id, o.term, o.tier, o.payment, payment_unrounded(d.deal, o.price), o.payment_change,
           o.loan_amount, o.effective_equity, o.margin, o.annual_rate
    FROM customer c, LATERAL offers(c.customer_id, $1, $2) o, LATERAL deals(c.customer_id, $1, $2) d
    WHERE d.term = o.term
$$;

-- Two figures of the reference decide: whether the offer exists, and its tier. `edge` says how far the reference's own
-- value is from where either would turn. The comparison says what it found.
CREATE FUNCTION pg_temp.verdict(ref ref_offer, tier text, payment numeric, unrounded float8, change numeric, financed numeric,
                                equity numeric, margin numeric, annual_rate numeric, edge float8, digits int) RETURNS text
LANGUAGE sql AS $$
    SELECT CASE
        WHEN (ref.status = 'ok') <> (payment IS NOT NULL) THEN
            CASE WHEN edge < 1e-9 THEN 'decided exactly at an edge' ELSE 'WRONG existence' END
        WHEN ref.status <> 'ok' THEN 'equal'
        WHEN digits = 15 AND abs(unrounded - ref.payment) > 1e-12 * abs(ref.payment) THEN 'WRONG payment'
        WHEN abs(payment - ref.payment::numeric) > 0.005 + 1e-9 THEN 'WRONG rounded payment'
        WHEN abs(change - ref.payment_change::numeric) > 0.0000005 + 1e-9 + CASE digits WHEN 2 THEN 0.00005 ELSE 0 END
            THEN 'WRONG change'
        WHEN abs(financed - ref.loan_amount::numeric) > 0.005 + 1e-9 THEN 'WRONG financed'
        WHEN abs(equity - ref.effective_equity::numeric) > 0.005 + 1e-9 THEN 'WRONG equity'
        WHEN abs(margin - ref.margin::numeric) > 0.005 + 1e-9 THEN 'WRONG margin'
        WHEN abs(annual_rate - ref.annual_rate::numeric) > 1e-12 THEN 'WRONG rate'
        WHEN tier IS NOT DISTINCT FROM ref.tier THEN 'equal'
        WHEN edge < 1e-9 THEN 'decided exactly at an edge'
        ELSE 'WRONG tier'
    END
$$;

-- Distance of the reference's change from the nearest bound of a tier, and of its equity from the down payment.
CREATE FUNCTION pg_temp.edge(ref ref_offer, price numeric, equity numeric, opening_rate numeric, down numeric) RETURNS float8
LANGUAGE sql AS $$
    SELECT least(abs(ref.payment_change + 0.05), abs(ref.payment_change - 0.05), abs(ref.payment_change - 0.25),
                 abs(ref.payment_change - 1),
                 abs(((equity - 870 - opening_rate * price) / (price * nullif(down, 0)) - 1)::float8))
$$;

-- offers.csv. Left out of our offers by our own rules, each counted: a price with too many decimals, a current payment
-- that is not positive, and a profile that no program has.
SELECT CASE
           WHEN r.vehicle_id = 'E02' THEN 'price with too many decimals: an error'
           WHEN r.customer_id IN ('ZPAY', 'NEGPAY') THEN 'current payment not positive: an error'
           WHEN r.customer_id = 'UNKNOWN3' THEN CASE WHEN o.payment IS NULL THEN 'unknown profile: no offer'
               ELSE 'WRONG offer' END
           ELSE pg_temp.verdict(r, o.tier, o.payment, o.unrounded, o.change, o.financed, o.equity, o.margin, o.annual_rate,
                                pg_temp.edge(r, v.price, c.equity, 0.04, f.down_payment_rate), 15)
       END AS verdict, count(*)
FROM ref_offer r
JOIN ref_customer c USING (customer_id) JOIN ref_car v USING (vehicle_id)
LEFT JOIN program_profile f ON (f.program, f.version, f.profile) = ('mx-reference', 1, c.risk_profile)
LEFT JOIN pg_temp.offers_under('mx-reference', NULL) o USING (customer_id, vehicle_id, term)
GROUP BY 1 ORDER BY 1;

-- The rows left out above still hold figures: a customer of the reference's fallback rate, and payments against a
-- negative current payment, which only the tier and the change need.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price)
SELECT 'UNKNOWN3 as A1', 'A1', equity, current_payment, current_price FROM ref_customer WHERE customer_id = 'UNKNOWN3';
SELECT pg_temp.verdict(r, o.tier, o.payment, o.unrounded, o.change, o.financed, o.equity, o.margin, o.annual_rate, 1,
    15) AS verdict, count(*)
FROM ref_offer r
LEFT JOIN pg_temp.offers_under('mx-reference', '{"annual_rate": 0.18}') o
       ON o.customer_id = 'UNKNOWN3 as A1' AND o.vehicle_id = r.vehicle_id AND o.term = r.term
WHERE r.customer_id = 'UNKNOWN3' AND r.vehicle_id <> 'E02'
GROUP BY 1 ORDER BY 1;

INSERT INTO customer (customer_id, risk_profile, equity, current_price)
SELECT customer_id, risk_profile, equity, current_price FROM ref_customer WHERE current_payment <= 0;
SELECT r.customer_id,
       CASE WHEN (r.status IN ('ok', 'error')) <> (o.payment IS NOT NULL) THEN 'WRONG existence'
            WHEN r.status = 'ok' AND (abs(o.unrounded - r.payment) > 1e-12 * abs(r.payment)
                                      OR abs(o.financed - r.loan_amount::numeric) > 0.005 + 1e-9) THEN 'WRONG amounts'
            ELSE 'equal but for tier and change' END AS verdict, count(*)
FROM ref_offer r
LEFT JOIN pg_temp.offers_under('mx-reference', NULL) o USING (customer_id, vehicle_id, term)
WHERE r.customer_id IN ('ZPAY', 'NEGPAY') AND r.vehicle_id <> 'E02'
GROUP BY 1, 2 ORDER BY 1, 2;

-- offers_whatif.csv. The reference ignored its parameters gps_monthly_fee and term_months, so they are left out here.
-- Sets 6 and 7 are outside the limits, and so errors for all; where the rate and the term's adjustment pass 100 percent,
-- the reference has errors and we have no offer.
CREATE TEMP TABLE whatif (config_id int, overrides jsonb);
INSERT INTO whatif VALUES
    (1, '{"service_fee_rate": 0.03, "opening_fee_rate": 0.02, "bonus": 5000, "protection": 0, "gps_installation": 750, "insurance": 10999}'),
    (2, '{"service_fee_rate": 0.04, "opening_fee_rate": 0.04, "bonus": 0, "protection": 25000, "gps_installation": 750, "insurance": 15000, "annual_percent": 26}'),
    (3, '{"service_fee_rate": 0.05, "opening_fee_rate": 0.01, "bonus": 2500, "protection": 25000, "gps_installation": 1000, "insurance": 12345.67, "annual_rate": 0.26}'),
    (4, '{"service_fee_rate": 0.04, "opening_fee_rate": 0.04, "bonus": 0, "annual_rate": 1.0}'),
    (5, '{"service_fee_rate": 0.0, "opening_fee_rate": 0.0, "bonus": 0, "protection": 0, "insurance": 0, "gps_installation": 0, "annual_rate": 0}'),
    (6, '{"service_fee_rate": 0.04, "opening_fee_rate": 0.04, "bonus": 0, "insurance": 100000.01}'),
    (7, '{"service_fee_rate": 0.04, "opening_fee_rate": 0.04, "bonus": 0, "insurance": -1}');
SELECT count(*) FROM whatif w, LATERAL offers('R000', 'mx-reference', w.overrides) WHERE w.config_id = 6;
SELECT count(*) FROM whatif w, LATERAL offers('R000', 'mx-reference', w.overrides) WHERE w.config_id = 7;
CREATE TEMP TABLE ours AS
SELECT w.config_id, w.overrides, o.* FROM whatif w, LATERAL pg_temp.offers_under('mx-reference', w.overrides) o
WHERE w.config_id < 6;
SELECT r.config_id,
       CASE WHEN r.vehicle_id = 'E02' THEN 'price with too many decimals: an error'
            WHEN r.config_id > 5 THEN 'overrides outside the limits: an error'
            WHEN r.status = 'error' THEN CASE WHEN o.payment IS NULL AND r.term >= 60
                THEN 'rate above 1 with the adjustment: no offer'
                                              ELSE 'WRONG offer' END
            ELSE pg_temp.verdict(ROW(r.customer_id, r.vehicle_id, r.term, r.status, r.tier, r.payment,
                r.payment_change, r.loan_amount,
                                  r.effective_equity, r.margin, r.annual_rate)::ref_offer,
                                 o.tier, o.payment, o.unrounded, o.change, o.financed, o.equity, o.margin, o.annual_rate, 1, 15)
       END AS verdict, count(*)
FROM ref_whatif r JOIN ref_car v USING (vehicle_id)
LEFT JOIN ours o USING (config_id, customer_id, vehicle_id, term)
GROUP BY 1, 2 ORDER BY 1, 2;

-- offers_mx2025.csv: money rounded to 2 decimals, the change to 4; here the profile goes by its name. The reference's
-- status is 'none' for every customer without an offer.
UPDATE customer SET risk_profile = 'A1' WHERE customer_id = 'IDXm1';
SELECT CASE WHEN r.vehicle_id = 'E02' THEN 'price with too many decimals: an error'
            WHEN r.customer_id IN ('ZPAY', 'NEGPAY') THEN 'current payment not positive: an error'
            ELSE pg_temp.verdict(ROW(r.*)::ref_offer, o.tier, o.payment, o.unrounded, o.change, o.financed, o.equity, o.margin,
                                 o.annual_rate,
                                 pg_temp.edge(ROW(r.*)::ref_offer, v.price, c.equity, 0.046284, f.down_payment_rate), 2)
       END AS verdict, count(*)
FROM ref_2025 r
JOIN ref_customer c USING (customer_id) JOIN ref_car v USING (vehicle_id)
LEFT JOIN program_profile f ON (f.program, f.version, f.profile) = ('mx-2025', 1, c.risk_profile)
LEFT JOIN pg_temp.offers_under('mx-2025', NULL) o USING (customer_id, vehicle_id, term)
GROUP BY 1 ORDER BY 1;

-- amortization.csv: a deal whose buckets are those of each loan.
CREATE FUNCTION pg_temp.near(ours float8, theirs float8) RETURNS boolean LANGUAGE sql
AS 'SELECT abs(ours - theirs) <= 1e-11 * abs(theirs) + 1e-9';
SELECT CASE WHEN s.month IS NULL OR m.month IS NULL THEN 'WRONG number of months'
            WHEN pg_temp.near(s.opening_balance, m.opening_balance) AND pg_temp.near(s.principal, m.principal)
                 AND pg_temp.near(s.interest, m.interest) AND pg_temp.near(s.charges, m.charges) AND pg_temp.near(s.tax, m.tax)
                 AND pg_temp.near(s.payment, m.payment) AND pg_temp.near(s.closing_balance, m.closing_balance)
                 AND pg_temp.near(s.closing_loan, m.closing_loan) AND pg_temp.near(s.closing_service, m.closing_service)
                 AND pg_temp.near(s.closing_protection, m.closing_protection)
                 AND pg_temp.near(s.closing_insurance, m.closing_insurance) THEN 'equal'
            ELSE 'WRONG month' END AS verdict, count(*), count(DISTINCT loan_id) AS loans
FROM (SELECT l.loan_id, s.*
      FROM ref_loan l
      CROSS JOIN LATERAL (SELECT round(l.loan_amount - l.service_fee - l.protection - l.insurance, 9) AS loan,
                                 CASE WHEN l.service_fee = 0 THEN round(l.loan_amount - l.protection - l.insurance, 2)
                                      ELSE round(l.service_fee / 0.04, 2) END AS price) x
      CROSS JOIN LATERAL reference_schedule(
          deal(annual_rate => round(l.annual_rate, 6), term => l.term, equity => x.price - x.loan,
               service_fee_rate => CASE WHEN l.service_fee = 0 THEN 0 ELSE 0.04 END,
               terms => jsonb_build_object('interest_tax_rate', 0.16, 'protection', l.protection, 'insurance', l.insurance,
                   'insurance_renewed', true, 'gps_installation', round(l.install / 1.16, 2), 'gps_monthly', 350,
                   'gps_tax_rate', 0.16, 'installation_in_first_payment', true)), x.price) s) s
FULL JOIN ref_month m USING (loan_id, month)
GROUP BY 1 ORDER BY 1;

-- interest_npv.csv: 1e-10 for rates of 1 percent or more; the reference's closed form loses digits below that.
SELECT CASE WHEN r.error <> '' THEN 'outside the reference''s limits'
            WHEN abs(o.npv - r.interest_npv) <= 1e-10 * abs(r.interest_npv) THEN 'equal'
            WHEN r.annual_rate < 0.01 AND abs(o.npv - r.interest_npv) <= 1e-4 * abs(r.interest_npv)
                THEN 'equal, at a rate below 1 percent'
            ELSE 'WRONG' END AS verdict, count(*)
FROM ref_npv r
CROSS JOIN LATERAL (SELECT CASE WHEN r.loan_amount >= 0 AND r.term > 0
                                THEN interest_npv(r.loan_amount, r.annual_rate, r.term, 0.16) END AS npv) o
GROUP BY 1 ORDER BY 1;

DELETE FROM customer;
DELETE FROM vehicle;
