-- The worksheet of a deal: sheets worked by hand, and what holds of every sheet.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
-- A loan: 30,000 - 12,000 + 15,000 + 6.25 % of 18,000 = 34,125.00; 72 payments at 6.99 %.
SELECT * FROM deal_sheet(deal(0.0699, 72, -3000, terms => '{"trade_value": 12000, "sales_tax_rate": 0.0625,
                                                            "sales_tax_base": "difference"}'), 30000);
-- A balloon loan: what is due with the last payment, with a fee.
SELECT * FROM deal_sheet(deal(0.069, 48, terms => '{"kind": "balloon", "residual_rate": 0.381395348837209302, "end_fee": 95}'),
                         21500);
-- A lease: (34,250 - 19,865) / 36 and (34,250 + 19,865) * 0.00198, with a tax of 8.25 % on both.
SELECT * FROM deal_sheet(deal(0.04752, 36, terms => '{"kind": "lease", "residual_rate": 0.58, "sales_tax_rate": 0.0825}'), 34250);
-- A lease that begins with a payment, taxed on all payments at signing: 36 times 7 % of 250 + 77.50.
SELECT part, name, amount, settled
FROM deal_sheet(deal(0.06, 36, terms => '{"kind": "lease", "residual_rate": 0.55, "sales_tax_rate": 0.07, "lease_tax": "upfront",
                                          "acquisition_fee": 650, "fees_financed": false, "payments_in_advance": true,
                                          "end_fee": 350}'), 20000)
WHERE part IN ('due at signing', 'payment', 'at the end');
-- The reference program: 4 % service and opening fee of 384,999, insurance of its own, GPS, tax on interest.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
VALUES ('C1', 'AAA', 241762.50, 11333.19, 292999, 'mx-reference');
SELECT s.* FROM deals('C1') d, LATERAL deal_sheet(d.deal, 384999) s WHERE d.term = 48;
-- Weekly payments with an odd first period, tax and fees at signing, what she brings beside her trade-in.
SELECT * FROM deal_sheet(deal(0.0825, 60, 6000, service_fee_rate => 0.01, terms => '{"trade_value": 4500,
    "payment_frequency": "weekly", "first_payment_days": 17, "sales_tax_rate": 0.07, "sales_tax_financed": false,
    "document_fee": 299.995, "fees_financed": false, "bonus": 500, "customer_bonus": 250.005}'), 18000);

-- What holds of every sheet: each part adds up to its sum, and the sums are the figures of the deal and of its schedule.
CREATE TEMP VIEW checked AS
SELECT d.n, p.price, s.*
FROM (SELECT row_number() OVER () AS n, deal(r, m, e, service_fee_rate => 0.0105, terms => t || k) AS deal
      FROM unnest('{0,0.0599,0.3}'::numeric[]) r, unnest('{1,13,60}'::integer[]) m, unnest('{-2000.005,0,3000}'::numeric[]) e,
           unnest('{"{}", "{\"trade_value\": 1500.5, \"sales_tax_rate\": 0.0725, \"protection\": 1234.565, \"bonus\": 99.995}",
                    "{\"insurance\": 777.775, \"insurance_renewed\": true, \"gps_monthly\": 19.995, \"gps_tax_rate\": 0.16,
                      \"gps_installation\": 99.99, \"installation_in_first_payment\": true, \"interest_tax_rate\": 0.16,
                      \"opening_fee_rate\": 0.0215, \"opening_fee_tax_rate\": 0.16}"}'::jsonb[]) t,
           unnest('{"{}", "{\"rounding\": \"up\", \"fees_financed\": false, \"document_fee\": 299.125}",
                    "{\"payment_frequency\": \"bi-weekly\", \"first_payment_days\": 45, \"rounding\": \"half_even\"}",
                    "{\"kind\": \"balloon\", \"residual_rate\": 0.3333, \"end_fee\": 95.005}",
                    "{\"kind\": \"lease\", \"residual_rate\": 0.4444, \"acquisition_fee\": 650,
                      \"rounding\": \"down\"}"}'::jsonb[]) k) d,
     unnest('{9999.99,25000,31415.93}'::numeric[]) p (price),
     LATERAL (SELECT l.*, loan_amount(d.deal, p.price) AS financed, due_at_signing(d.deal, p.price) AS due,
                     payment(d.deal, p.price) AS paid,
                     (SELECT sum(x.payment) FROM schedule(d.deal, p.price) x) AS total
              FROM deal_sheet(d.deal, p.price) l) s;
SELECT c.part, count(*) AS sheets, count(*) FILTER (WHERE c.lines IS DISTINCT FROM c.sum) AS do_not_add_up,
       count(*) FILTER (WHERE c.sum IS DISTINCT FROM CASE c.part WHEN 'amount financed' THEN c.financed
                                                                 WHEN 'due at signing' THEN c.due WHEN 'payment' THEN c.paid
                                                                 WHEN 'total of payments' THEN c.total ELSE c.sum END)
           AS are_not_the_figures,
       max(abs(c.rounding)) AS largest_rounding
FROM (SELECT n, price, part, financed, due, paid, total, coalesce(sum(amount) FILTER (WHERE settled <> 'sum'), 0) AS lines,
             sum(amount) FILTER (WHERE settled = 'sum') AS sum, sum(amount) FILTER (WHERE name = 'rounding') AS rounding
      FROM checked WHERE settled <> 'rate' GROUP BY n, price, part, financed, due, paid, total) c
GROUP BY c.part ORDER BY c.part COLLATE "C";
SELECT count(*) FILTER (WHERE place <> row_number) AS out_of_place
FROM (SELECT place, row_number() OVER (PARTITION BY n, price ORDER BY place) FROM checked) x;

-- That of a quote is that of its deal and price.
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('V1', 'MXN', 384999);
BEGIN;
SELECT save_quote('C1', 'V1', 48) IS NOT NULL AS saved;
SELECT count(*) AS lines, count(*) FILTER (WHERE s.amount = q.payment AND s.name = 'payment') AS payment,
       count(*) FILTER (WHERE s.amount = q.loan_amount AND s.name = s.part) AS amount_financed
FROM quote q, LATERAL deal_sheet(q) s;
SELECT count(*) AS differ
FROM (SELECT s FROM quote q, LATERAL deal_sheet(q) s
      EXCEPT SELECT s FROM deals('C1') d, LATERAL deal_sheet(d.deal, 384999) s WHERE d.term = 48) x;
ROLLBACK;

-- No rate where nothing is advanced; errors of the price, and where nothing is financed.
SELECT name, amount, settled FROM deal_sheet(deal(0.06, 12, 9800, service_fee_rate => 0.9), 10000) WHERE part = 'rate';
SELECT name, amount, settled FROM deal_sheet(deal(0.06, 12, 10500, service_fee_rate => 0.1), 10000) WHERE part = 'rate';
SELECT count(*) FROM deal_sheet(deal(0.06, 60), 20000.005);
SELECT count(*) FROM deal_sheet(deal(0.06, 60), -1);
SELECT count(*) FROM deal_sheet(deal(0.06, 60, 20000), 20000);
SELECT count(*) FROM deal_sheet(NULL, 20000);
SELECT count(*) FROM deal_sheet(NULL::quote);
DELETE FROM customer;
DELETE FROM vehicle;
