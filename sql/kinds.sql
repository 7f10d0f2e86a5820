-- Kinds of programs, trade-ins and taxes: balloon loans, leases, sales tax on the difference, limits by income.
SET search_path = tradeup, public;
-- Worked by hand: the tax on the difference, and on the price; a balloon; a lease, before tax and with it.
SELECT loan_amount(d, 30000), payment(d, 30000), loan_amount(p, 30000) AS on_price, payment(p, 30000) AS payment_on_price
FROM (SELECT deal(0.0699, 72, -3000, terms => '{"trade_value": 12000, "sales_tax_rate": 0.0625,
                                                "sales_tax_base": "difference"}') AS d,
             deal(0.0699, 72, -3000, terms => '{"trade_value": 12000, "sales_tax_rate": 0.0625}') AS p) x;
SELECT payment(deal(0.069, 48, terms => '{"kind": "balloon", "residual_rate": 0.381395348837209302}'), 21500) AS balloon,
       payment(deal(0.04752, 36, terms => '{"kind": "lease", "residual_rate": 0.58}'), 34250) AS lease,
       payment(deal(0.04752, 36, terms => '{"kind": "lease", "residual_rate": 0.58, "sales_tax_rate": 0.0825}'), 34250) AS taxed;
-- What is due at signing, and with which payments.
SELECT loan_amount(d, 20000), due_at_signing(d, 20000), payment(d, 20000), monthly_payment(d, 20000)
FROM (VALUES (deal(0.06, 60, service_fee_rate => 0.01, terms => '{"sales_tax_rate": 0.07, "document_fee": 299}')),
             (deal(0.06, 60, service_fee_rate => 0.01, terms => '{"sales_tax_rate": 0.07, "document_fee": 299,
                                                                  "sales_tax_financed": false, "fees_financed": false}')),
             (deal(0.06, 36, terms => '{"kind": "lease", "residual_rate": 0.55, "sales_tax_rate": 0.07, "acquisition_fee": 650,
                                        "lease_tax": "upfront", "payments_in_advance": true, "fees_financed": false}')),
             (deal(0.06, 60, terms => '{"payment_frequency": "bi-weekly"}')),
             (deal(0.06, 60, terms => '{"first_payment_days": 45}')),
             (deal(0.06, 60, terms => '{"first_payment_days": 20}'))) x (d);
-- Schedules: a balloon is repaid in the last row, a lease ends at its residual; a bi-weekly loan has 26 rows a year.
SELECT k, count(*), sum(principal) AS principal, max(payment) AS largest, min(closing_balance) AS last_balance,
       bool_and(s.payment = s.principal + s.interest + s.charges + s.tax) AS parts_add_up,
       min(s.payment) FILTER (WHERE number = 1) = min(payment(d, 20000)) AS first_is_quoted
FROM (VALUES ('balloon', deal(0.06, 36, terms => '{"kind": "balloon", "residual_rate": 0.4, "end_fee": 150}')),
             ('lease', deal(0.06, 36, terms => '{"kind": "lease", "residual_rate": 0.55, "sales_tax_rate": 0.07}')),
             ('bi-weekly', deal(0.06, 36, terms => '{"payment_frequency": "biweekly", "gps_monthly": 13}')),
             ('late', deal(0.06, 36, terms => '{"first_payment_days": 45, "insurance": 900}'))) x (k, d),
     LATERAL schedule(d, 20000) s
GROUP BY k ORDER BY k;
-- The residual of another customer's deal stays, unless another is given.
SELECT deal_for(d, 0.07, 36), deal_for(d, 0.07, 48, residual_rate => 0.3), deal_for(d, 0.07, 48, bonus => NULL) AS nothing
FROM deal(0.06, 36, terms => '{"kind": "balloon", "residual_rate": 0.4}') d;
-- What does not belong together.
CREATE FUNCTION pg_temp.raised(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END $$;
SELECT pg_temp.raised(format('SELECT deal(0.06, 36, terms => %L)', t))
FROM unnest('{"{\"residual_rate\": 0.4}","{\"end_fee\": 100}","{\"lease_tax\": \"upfront\"}","{\"payments_in_advance\": true}",
              "{\"kind\": \"lease\", \"payment_frequency\": \"weekly\"}","{\"kind\": \"lease\", \"first_payment_days\": 40}",
              "{\"kind\": \"lease\", \"sales_tax_base\": \"difference\"}","{\"kind\": \"rent\"}","{\"kind\": 5}",
              "{\"payment_frequency\": \"hourly\"}","{\"first_payment_days\": 0}"}'::text[]) t;
SELECT pg_temp.raised($$SELECT interest_npv(deal(0.06, 36, terms => '{"kind": "lease"}'), 20000)$$);
SELECT pg_temp.raised($$SELECT count(*) FROM reference_schedule(deal(0.06, 36, terms => '{"first_payment_days": 45}'), 20000)$$);

-- A document says so too.
SELECT * FROM program_problems('{"name": "x", "currency": "USD", "tiers": [],
    "profiles": [{"profile": "A", "annual_rate": 0.05, "down_payment_rate": 0}],
    "terms": [{"term": 36, "residual_rate": 0.4}], "lease_tax": "upfront", "end_fee": 100, "kilometers_per_year": 15000}');

BEGIN;
-- Each rule says so by its name: below the trade value, above the income, below the lowest payment, below the residual.
INSERT INTO program (name, currency, kind, sales_tax_rate, sales_tax_base, sales_tax_financed, document_fee, acquisition_fee,
                     end_fee, payments_in_advance, requires_dearer, min_payment, max_payment_to_income, first_payment_days)
VALUES ('loan', 'USD', 'loan', 0.0625, 'difference', true, 299, 0, 0, false, false, 150, 0.2, 45),
       ('balloon', 'USD', 'balloon', 0.05, 'price', false, 299, 0, 95, false, true, NULL, NULL, NULL),
       ('lease', 'USD', 'lease', 0.0825, 'price', true, 0, 650, 0, true, false, NULL, 0.25, NULL);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate, max_loan_to_value)
SELECT p, 1, f, r, 0, 1.4 FROM unnest('{loan,balloon,lease}'::text[]) p, (VALUES ('good', 0.0599), ('fair', 0.0999)) x (f, r);
INSERT INTO program_term (program, version, term, rate_adjustment, residual_rate)
SELECT p, 1, t, t / 10000.0, CASE WHEN p <> 'loan' THEN 0.7 - t / 100.0 ELSE 0 END
FROM unnest('{loan,balloon,lease}'::text[]) p, unnest('{24,36,48}'::integer[]) t;
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
SELECT p, 1, t.rank, t.name, t.lower, t.upper
FROM unnest('{loan,balloon,lease}'::text[]) p,
     (VALUES (1, 'Less', NULL, 0), (2, 'Same', 0, 0.2), (3, 'More', 0.2, 1)) t (rank, name, lower, upper);
SELECT count(publish_program(p)) FROM unnest('{loan,balloon,lease}'::text[]) p;
INSERT INTO vehicle (vehicle_id, currency, make, regular_price)
SELECT 'V' || i, 'USD', 'Make', 4000 + 331 * i + (i % 3) * 0.45 FROM generate_series(1, 90) i;
-- The equity follows from trade value and payoff; of some customers only the equity is known.
INSERT INTO customer (customer_id, risk_profile, program, trade_value, payoff, bonus, income, current_payment, current_price)
SELECT 'T' || i, (ARRAY['good', 'fair'])[1 + i % 2], (ARRAY['loan', 'balloon', 'lease'])[1 + i % 3], 3000 + 911 * i,
       2500 + 640.5 * i, CASE WHEN i % 4 = 0 THEN 500.55 ELSE 0 END, CASE WHEN i % 5 <> 0 THEN 1500 + 210 * i END, 180 + 17 * i,
       5000 + 400 * i
FROM generate_series(1, 24) i;
INSERT INTO customer (customer_id, risk_profile, program, equity, current_payment)
SELECT 'E' || i, 'good', (ARRAY['loan', 'balloon', 'lease'])[1 + i % 3], 400 * i, 250 FROM generate_series(1, 6) i;
SELECT customer_id, equity FROM customer WHERE customer_id IN ('T1', 'T2', 'E1') ORDER BY customer_id;
UPDATE customer SET payoff = payoff + 100 WHERE customer_id = 'T1' RETURNING equity;
SELECT pg_temp.raised($$UPDATE tradeup.customer SET equity = 1 WHERE customer_id = 'T1'$$);
SELECT pg_temp.raised($$INSERT INTO tradeup.customer (customer_id, risk_profile, equity, trade_value, payoff)
                        VALUES ('X', 'good', 5, 100, 200)$$);
SELECT status, value, advice FROM health() WHERE check_name = 'trade values of customers';
SELECT c.program, left(c.customer_id, 1) AS known, count(o.vehicle_id) > 0 AS offers
FROM customer c LEFT JOIN LATERAL offers(c.customer_id) o ON true GROUP BY 1, 2 ORDER BY 1, 2;
SELECT c, v, w.term, w.rule, w.explanation
FROM (VALUES ('E3', 'V50'), ('T24', 'V5'), ('T3', 'V90'), ('T3', 'V2'), ('T1', 'V1'), ('T2', 'V90')) x (c, v),
     LATERAL why_no_offer(c, v) w
WHERE w.term = 36;

-- All customers at once find what each finds, by every ranking and both ways; and counting finds what listing finds.
CREATE TEMP VIEW wanted AS
SELECT r.rank_by, b.*
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by), customer c,
     LATERAL (SELECT o.*
              FROM offers(c.customer_id) o,
                   LATERAL (SELECT r.rank_by = 'margin' OR (r.rank_by = 'closeness' AND o.payment <= o.current_payment) AS down) k
              WHERE o.tier IS NOT NULL
              ORDER BY CASE r.rank_by WHEN 'margin' THEN -o.margin WHEN 'price' THEN o.price WHEN 'payment' THEN o.payment
                                      ELSE abs(o.payment - o.current_payment) END,
                       NOT k.down, CASE WHEN k.down THEN -o.price ELSE o.price END,
                       CASE WHEN k.down THEN o.vehicle_id END DESC, o.vehicle_id, o.term
              LIMIT 4) b;
CREATE TEMP VIEW found AS
SELECT 'list' AS way, r.rank_by, p.*
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
     LATERAL tradeup_internal.portfolio_by('list', 4, NULL, NULL, r.rank_by) p
UNION ALL
SELECT 'index', r.rank_by, p.*
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
     LATERAL tradeup_internal.portfolio_by('index', 4, NULL, NULL, r.rank_by) p;
SELECT way, rank_by, count(*) FROM found GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) AS found_but_not_wanted
FROM (SELECT * FROM found EXCEPT ALL SELECT w.way, x.* FROM unnest('{list,index}'::text[]) w (way), wanted x) x;
SELECT count(*) AS wanted_but_not_found
FROM (SELECT w.way, x.* FROM unnest('{list,index}'::text[]) w (way), wanted x EXCEPT ALL SELECT * FROM found) x;
SELECT s.program, p.tier, p.offers = o.offers AS same_offers, p.customers = o.customers AS same_customers,
       p.margin = o.margin AS same_margin, abs(p.mean_change - o.mean_change) < 0.0001 AS about_the_same_change
FROM unnest('{loan,balloon,lease}'::text[]) s (program),
LATERAL portfolio_summary(s.program) p
LEFT JOIN LATERAL (
    SELECT o.tier, count(*) AS offers, count(DISTINCT o.customer_id) AS customers, avg(o.payment_change) AS mean_change,
           sum(o.margin) AS margin
    FROM customer c, LATERAL offers(c.customer_id, s.program) o GROUP BY o.tier) o ON o.tier IS NOT DISTINCT FROM p.tier
WHERE p.offers > 0 ORDER BY s.program, p.tier_rank;

-- Who gains an offer when a vehicle comes is who has one of it.
SELECT count(f.customer_id) AS gain, count(*) FILTER (WHERE f.customer_id IS NULL OR o.customer_id IS NULL) AS differ
FROM (SELECT c.customer_id, v.vehicle_id
      FROM vehicle v, LATERAL offer_changes('{NULL}', ARRAY[v.price], currency => 'USD') c WHERE c.gained) f
FULL JOIN (SELECT DISTINCT o.customer_id, o.vehicle_id
           FROM customer c, LATERAL offers(c.customer_id) o WHERE o.tier IS NOT NULL) o USING (customer_id, vehicle_id);

-- Quotes of every kind can be computed again from what they keep.
SELECT count(*) AS saved FROM customer c,
LATERAL (SELECT array_agg(o) AS offers FROM (SELECT o FROM offers(c.customer_id) o ORDER BY o.vehicle_id, o.term LIMIT 3) o) x,
LATERAL save_quotes(x.offers) q;
SELECT v.equal, count(*) FROM quote q, LATERAL verify_quote(q.quote_id) v GROUP BY 1;
SELECT p.kind, count(DISTINCT q.quote_id) AS quotes, bool_or(q.trade_value IS NOT NULL) AS trade_values,
       max(q.customer_bonus) AS bonus
FROM quote q JOIN program p ON p.name = q.program AND p.version = q.version GROUP BY 1 ORDER BY 1;

-- Solving: the dearest price of a payment, the term and the rate of each kind.
SELECT p.kind, f.figure, s.possible, payment(s.deal, s.price) <= 350 AS within
FROM program p JOIN customer c ON c.program = p.name AND c.customer_id IN ('T2', 'T3', 'T4'),
     LATERAL (SELECT d.deal FROM deals(c.customer_id) d WHERE d.term = 36) d,
     unnest('{price,term,bonus,down_payment}'::text[]) f (figure), LATERAL solve(d.deal, 15000, f.figure, payment => 350) s
ORDER BY 1, 2;
ROLLBACK;
