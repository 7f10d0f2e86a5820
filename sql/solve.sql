-- One figure of a deal from what its payment should be, and the least concession on a vehicle.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
\getenv dir PG_ABS_SRCDIR

CREATE TEMP TABLE d AS
SELECT deal(annual_rate => 0.1949, term => 48, equity => 120000, current_payment => 8000, current_price => 180000,
    down_payment_rate => 0.2, service_fee_rate => 0.04,
    terms => '{"interest_tax_rate": 0.16, "opening_fee_rate": 0.04, "protection": 25000, "insurance": 10999,
        "gps_installation": 750, "gps_monthly": 350, "gps_tax_rate": 0.16, "installation_from_equity": true,
        "installation_in_first_payment": true, "margin_cost": 2000}') AS deal;
SELECT payment(deal, 300000), payment_change(deal, 300000), tier(deal, 300000) FROM d;
CREATE TEMP TABLE figure AS
SELECT * FROM unnest('{bonus,down_payment,service_fee,opening_fee,rate,term,price}'::text[]) WITH ORDINALITY f (figure, n);

-- A payment, a payment change, a tier from above, a tier from below, a tier that it is in already.
SELECT figure, s.value, s.possible, s.eligible, s.payment, s.payment_change, s.tier
FROM d, figure, solve(deal, 300000, figure, payment => 9300) s ORDER BY n;
SELECT figure, s.value, s.possible, s.eligible, s.payment, s.payment_change, s.tier
FROM d, figure, solve(deal, 300000, figure, payment_change => 0.16) s ORDER BY n;
SELECT figure, s.value, s.possible, s.eligible, s.payment, s.payment_change, s.tier
FROM d, figure, solve(deal, 300000, figure, tier => 'Refresh') s ORDER BY n;
SELECT figure, s.value, s.possible, s.eligible, s.payment, s.payment_change, s.tier
FROM d, figure, solve(deal, 300000, figure, tier => 'Max Upgrade') s ORDER BY n;
SELECT figure, s.value, s.possible, s.eligible, s.payment, s.payment_change, s.tier
FROM d, figure, solve(deal, 300000, figure, tier => 'Upgrade') s ORDER BY n;

-- The deal that comes out goes on, and has what was solved; the next value misses the target. Its text must have that value.
CREATE FUNCTION pg_temp.with_figure(deal deal, figure text, value numeric, other numeric) RETURNS deal LANGUAGE plpgsql AS $$
BEGIN
    ASSERT strpos(deal::text || ' ', format(' %s=%s ', figure, trim_scale(value))) > 0,
    format('%s=%s is not in %s', figure, value, deal);
    RETURN rtrim(replace(deal::text || ' ', format(' %s=%s ', figure, trim_scale(value)),
        format(' %s=%s ', figure, other)))::deal;
END $$;
SELECT figure, payment(s.deal, s.price) = s.payment AS same, s.payment <= 9300 AS reached,
       CASE figure WHEN 'bonus' THEN payment(pg_temp.with_figure(s.deal, 'bonus', s.value, s.value - 0.01), 300000)
                   WHEN 'down_payment'
                       THEN payment(pg_temp.with_figure(s.deal, 'equity', 120000 + s.value, 120000 + s.value - 0.01), 300000)
                   WHEN 'service_fee'
                       THEN payment(pg_temp.with_figure(s.deal, 'service_fee_rate', s.value, s.value + 0.000001), 300000)
                   WHEN 'opening_fee'
                       THEN payment(pg_temp.with_figure(s.deal, 'opening_fee_rate', s.value, s.value + 0.000001), 300000)
                   WHEN 'rate' THEN payment(pg_temp.with_figure(s.deal, 'annual_rate', s.value, s.value + 0.000001), 300000)
                   WHEN 'term' THEN payment(pg_temp.with_figure(s.deal, 'term', s.value, s.value - 1), 300000)
                   ELSE payment(s.deal, s.price + 0.01) END AS of_the_next_value
FROM d, figure, solve(deal, 300000, figure, payment => 9300) s ORDER BY n;
SELECT price_for_payment(deal, 9300) = (solve(deal, 300000, 'price', payment => 9300)).value AS as_price_for_payment FROM d;

-- Impossible: the nearest, and what it reaches. Limits; the other names of the rates.
SELECT figure, s.value, s.possible, s.eligible, s.payment, s.explanation
FROM d, (VALUES (1, 'bonus', 0, 10000), (2, 'down_payment', 0, 5000.01), (3, 'service_fee_rate', 0.01, 0.05),
    (4, 'opening_fee_rate', 0.02, 0.04), (5, 'annual_rate', 0.15, 0.3),
                (6, 'term', 12, 60), (7, 'price', 290000, 400000)) f (n, figure, lowest, highest),
                solve(deal, 300000, figure, payment => 8000, lowest => f.lowest, highest => f.highest) s ORDER BY n;
SELECT s.value, s.possible, s.explanation FROM d, solve(deal, 300000, 'bonus', payment => 12000) s;
SELECT s.value, s.possible, s.explanation FROM d, solve(deal, 300000, 'rate', payment => 20000, highest => 0.6) s;
-- Reached, but no offer exists there; nothing is financed; a step of months across a narrow tier.
SELECT s.value, s.possible, s.eligible, s.explanation FROM d, solve(deal, 300000, 'bonus', payment => 2200) s;
SELECT s.value, s.possible, s.eligible, s.explanation FROM d, solve(deal, 50000, 'rate', payment => 2000) s;
SELECT s.value, s.possible, s.payment_change, s.explanation
FROM solve(deal(0.1, 60, current_payment => 500, terms => '{"tiers": "Narrow [0.5,0.5001]"}'), 20000, 'term', tier => 'Narrow') s;
-- Without a current payment there is no change, but a payment can be a target.
SELECT s.value, s.payment, s.payment_change, s.tier FROM solve(deal(0.0599, 60), 20000, 'price', payment => 400) s;
-- A standing rate with more decimals than the grid stays as it is.
SELECT s.value, s.explanation FROM solve(deal(0.05991234567, 60, current_payment => 380), 20000, 'rate', tier => 'Refresh') s;

-- Null in, null out; a null limit is none.
SELECT solve(NULL, 1, 'bonus', payment => 1), solve(deal, NULL, 'bonus', payment => 1), solve(deal, 1, NULL, payment => 1) FROM d;

SELECT solve(deal, 300000, 'colour', payment => 9000) FROM d;
SELECT solve(deal, 300000, 'bonus') FROM d;
SELECT solve(deal, 300000, 'bonus', payment => 9000, tier => 'Upgrade') FROM d;
SELECT solve(deal, 300000, 'bonus', tier => 'Downgrade') FROM d;
SELECT solve(deal(0.1, 12, terms => '{"tiers": null}'), 300000, 'bonus', tier => 'Upgrade') FROM d;
SELECT solve(deal(0.1, 12), 300000, 'bonus', tier => 'Upgrade') FROM d;
SELECT solve(deal(0.1, 12), 300000, 'bonus', payment_change => 0.1) FROM d;
SELECT solve(deal, 300000, 'bonus', payment_change => -1.5) FROM d;
SELECT solve(deal, 300000, 'bonus', payment => -1) FROM d;
SELECT solve(deal, 300000, 'bonus', payment => 'NaN') FROM d;
SELECT solve(deal, 300000.001, 'bonus', payment => 1) FROM d;
SELECT solve(deal, 300000, 'bonus', payment => 9000, lowest => 0.001) FROM d;
SELECT solve(deal, 300000, 'bonus', payment => 9000, lowest => 100, highest => 50) FROM d;
SELECT solve(deal, 300000, 'term', payment => 9000, lowest => 0) FROM d;
SELECT solve(deal, 300000, 'rate', payment => 9000, highest => 1e17) FROM d;
SELECT solve(deal(0.1, 12, equity => 0.000000000000000001), 300000, 'down_payment', payment => 9000);

-- The tables of the reference. `customer|equity=x` is the customer with another equity.
CREATE TEMP TABLE ref_customer (customer_id text, risk_profile text, risk_index int, current_price numeric, equity numeric,
    current_payment numeric);
CREATE TEMP TABLE ref_car (vehicle_id text, make text, model text, year int, price numeric, kilometers int,
    color text, region text);
CREATE TEMP TABLE ref_subsidy (config text, customer_id text, vehicle_id text, viable boolean, failure_reason text,
    service_fee_rate float8, bonus float8,
                               opening_fee_rate float8, payment float8, payment_change float8, margin float8, term int,
                               iterations_tried int);
CREATE TEMP TABLE line (n serial, line text);
\set load '\\copy ref_customer from ' :dir '/test/data/oracle/min_subsidy_customers.csv csv header'
:load
\set load '\\copy ref_car from ' :dir '/test/data/oracle/cars.csv csv header'
:load
\set load '\\copy ref_subsidy from ' :dir '/test/data/oracle/min_subsidy.csv csv header'
:load
\set load '\\copy line (line) from ' :dir '/test/data/oracle/min_subsidy.json'
:load
INSERT INTO vehicle (vehicle_id, currency, make, model, year, kilometers, regular_price)
SELECT vehicle_id, 'MXN', make, model, year, kilometers, price FROM ref_car WHERE price = round(price, 2);
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT DISTINCT r.customer_id, c.risk_profile, coalesce(nullif(split_part(r.customer_id, '|equity=', 2), '')::numeric, c.equity),
       c.current_payment, c.current_price, 'mx-reference'
FROM ref_subsidy r JOIN ref_customer c ON c.customer_id = split_part(r.customer_id, '|', 1);
-- The rules of each configuration, and what the reference's float steps make of them: they end one step early where the
-- steps from the top miss the lowest fee by a rounding error.
CREATE TEMP TABLE config AS
SELECT c.config, r.rules, CASE WHEN (c.c ->> 'protection_total_enabled')::boolean THEN NULL
    ELSE '{"protection": false}'::jsonb END AS overrides,
       r.rules || CASE c.config WHEN 'coarse' THEN '{"service_fee_rate": {"from": 0.05, "to": 0.01, "step": 0.01}, "opening_fee_rate": {"from": 0.04, "to": 0.01, "step": 0.01}}'
                                ELSE '{"opening_fee_rate": {"from": 0.04, "to": 0.015, "step": 0.005}}' END::jsonb AS float_rules
FROM (SELECT e.key AS config, e.value AS c FROM (SELECT string_agg(line, ' ' ORDER BY n)::jsonb AS j FROM line) x,
    jsonb_each(j) e) c
CROSS JOIN LATERAL (SELECT jsonb_build_object(
    'service_fee_rate', jsonb_build_object('from', c.c -> 'service_fee_max', 'to', c.c -> 'service_fee_min', 'step',
        c.c -> 'service_fee_step'),
    'bonus', jsonb_build_object('from', c.c -> 'cac_min', 'to', c.c -> 'cac_max', 'step', c.c -> 'cac_step'),
    'opening_fee_rate', jsonb_build_object('from', c.c -> 'cxa_max', 'to', c.c -> 'cxa_min', 'step',
        c.c -> 'cxa_step')) AS rules) r;
-- A row of the reference that did not pass names the lowest fees, whatever combination its figures are of.
CREATE FUNCTION pg_temp.verdict(r ref_subsidy, viable boolean, term int, service_fee_rate numeric, bonus numeric,
    opening_fee_rate numeric,
                                payment numeric, payment_change numeric, margin numeric,
                                failed_gate text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN r.viable <> viable THEN 'WRONG viability'
                WHEN r.failure_reason = 'No offers could be calculated'
                    THEN CASE failed_gate WHEN 'no_offer' THEN 'equal: no offer' ELSE 'WRONG offer' END
                WHEN failed_gate = 'no_offer' THEN 'WRONG: no offer'
                WHEN r.term <> term THEN 'WRONG term'
                WHEN abs(payment - r.payment::numeric) > 0.005 + 1e-9 THEN 'WRONG payment'
                WHEN abs(payment_change - r.payment_change::numeric) > 0.0000005 + 1e-9 THEN 'WRONG change'
                WHEN abs(margin - r.margin::numeric) > 0.005 + 1e-9 THEN 'WRONG margin'
                WHEN NOT viable
                    THEN CASE WHEN failed_gate = CASE split_part(r.failure_reason, '_', 1)
                                                     WHEN 'Payment' THEN 'change' WHEN 'NPV' THEN 'margin' ELSE 'financed' END
                                          THEN 'equal: nearest fails ' || failed_gate ELSE 'WRONG gate' END
                WHEN abs(service_fee_rate - r.service_fee_rate::numeric) > 1e-9
                     OR abs(opening_fee_rate - r.opening_fee_rate::numeric) > 1e-9 OR bonus <> r.bonus::numeric
                THEN 'WRONG combination'
                ELSE 'equal: viable' END
$$;
CREATE TEMP TABLE ours AS
SELECT r, c.*, v.vehicle_id, (r).customer_id, s.*
FROM ref_subsidy r JOIN config c USING (config) JOIN vehicle v ON v.vehicle_id = r.vehicle_id
CROSS JOIN LATERAL min_subsidy(r.customer_id, v.vehicle_id, c.rules, NULL, c.overrides) s;
-- Under the steps that the floats reach, every row; E02 has a price of too many decimals.
SELECT pg_temp.verdict(r, s.viable, s.term, s.service_fee_rate, s.bonus, s.opening_fee_rate, s.payment, s.payment_change,
    s.margin_less_bonus, s.failed_gate) AS verdict, count(*)
FROM ref_subsidy r JOIN config c USING (config) JOIN vehicle v ON v.vehicle_id = r.vehicle_id
CROSS JOIN LATERAL min_subsidy(r.customer_id, v.vehicle_id, c.float_rules, NULL, c.overrides) s
GROUP BY 1
UNION ALL SELECT 'price with too many decimals: an error', count(*) FROM ref_subsidy
WHERE vehicle_id NOT IN (SELECT v.vehicle_id FROM vehicle v)
ORDER BY 1;
-- Under the rules as they are written: all but these, where a combination with the lowest fee comes first or is nearer.
SELECT pg_temp.verdict(r, viable, term, service_fee_rate, bonus, opening_fee_rate, payment, payment_change, margin_less_bonus,
    failed_gate) LIKE 'equal%' AS equal, count(*) FROM ours GROUP BY 1 ORDER BY 1;
SELECT config, customer_id, vehicle_id, viable, term, service_fee_rate AS service, bonus, opening_fee_rate AS opening, payment,
    margin_less_bonus AS margin, failed_gate, (r).payment::numeric(12,2) AS float_payment
FROM ours WHERE pg_temp.verdict(r, viable, term, service_fee_rate, bonus, opening_fee_rate, payment, payment_change,
    margin_less_bonus, failed_gate) NOT LIKE 'equal%'
ORDER BY config, customer_id;

-- Independent of the search: every combination of the rules, built as a deal, in plain SQL.
CREATE FUNCTION pg_temp.enumerated(customer_id text, vehicle_id text, rules jsonb, overrides jsonb)
RETURNS TABLE (term int, service_fee_rate numeric, bonus numeric, opening_fee_rate numeric, payment numeric, passes boolean,
    place bigint) LANGUAGE sql AS $$
    WITH grid AS MATERIALIZED (
        SELECT key,
        (value ->> 'from')::numeric + sign((value ->> 'to')::numeric - (value ->> 'from')::numeric) * i
        * (value ->> 'step')::numeric AS value, i
        FROM jsonb_each(rules), generate_series(0, 20) i
        WHERE i * (value ->> 'step')::numeric <= abs((value ->> 'to')::numeric - (value ->> 'from')::numeric)
    ), combination AS MATERIALIZED (
        SELECT x.term, s.value AS service_fee_rate, b.value AS bonus, o.value AS opening_fee_rate, v.price, c.current_payment,
               row_number() OVER (ORDER BY x.n, s.i, b.i, o.i) AS place,
               deal_for(tradeup_internal.deal_of(p, f, NULL::program_region, coalesce($4, '{}')
                                                       || jsonb_build_object('service_fee_rate', s.value, 'bonus', b.value,
                                                                             'opening_fee_rate', o.value)),
                        f.annual_rate + t.rate_adjustment, x.term, c.equity, c.current_payment) AS deal
        FROM customer c JOIN vehicle v ON v.vehicle_id = $2 JOIN program p ON p.name = c.program
        JOIN program_profile f ON f.program = p.name AND f.profile = c.risk_profile
        JOIN program_term t ON t.program = p.name
        JOIN unnest('{48,60,36,72}'::int[]) WITH ORDINALITY x (term, n) ON x.term = t.term
        JOIN grid s ON s.key = 'service_fee_rate' JOIN grid b ON b.key = 'bonus' JOIN grid o ON o.key = 'opening_fee_rate'
        WHERE c.customer_id = $1
    )
    SELECT e.term, e.service_fee_rate, e.bonus, e.opening_fee_rate, payment(e.deal, e.price),
           payment_change(e.deal, e.price) <= 1 AND margin(e.deal, e.price) - e.bonus >= 5000
               AND loan_amount(e.deal, e.price) / e.price <= 0.9,
           row_number() OVER (ORDER BY (payment_change(e.deal, e.price) <= 1 AND margin(e.deal, e.price) - e.bonus >= 5000
               AND loan_amount(e.deal, e.price) / e.price <= 0.9) DESC,
                                       CASE
                                           WHEN NOT (payment_change(e.deal, e.price) <= 1
                                               AND margin(e.deal, e.price) - e.bonus >= 5000
                                               AND loan_amount(e.deal, e.price) / e.price <= 0.9)
                                            THEN abs(payment_unrounded(e.deal, e.price) - e.current_payment)::numeric(20,8) END,
                                            e.place)
    FROM combination e WHERE eligible(e.deal, e.price)
$$;
SELECT count(*) AS checked, count(*) FILTER (WHERE o.viable) AS viable,
    count(*) FILTER (WHERE o.failed_gate = 'no_offer') AS no_offer,
       count(*) FILTER (WHERE (o.viable, o.term, o.service_fee_rate, o.bonus, o.opening_fee_rate, o.payment) IS NOT DISTINCT FROM
                              (coalesce(e.passes, false), e.term, e.service_fee_rate, e.bonus, e.opening_fee_rate,
                              e.payment)) AS same
FROM ours o
LEFT JOIN LATERAL (SELECT * FROM pg_temp.enumerated(o.customer_id, o.vehicle_id, o.rules, o.overrides) x
    WHERE x.place = 1) e ON true
WHERE config = 'coarse' OR o.service_fee_rate <> 0.05 OR o.bonus > 0 OR NOT o.viable;

-- One row for each available vehicle, as min_subsidy has it.
UPDATE vehicle SET status = 'sold' WHERE vehicle_id = '100005';
SELECT count(*) AS vehicles, count(*) FILTER (WHERE m.viable) AS viable,
    count(*) FILTER (WHERE to_jsonb(m) - 'vehicle_id' - 'price' = to_jsonb(s)) AS same
FROM min_subsidies('R110|equity=210285.23612820194') m, LATERAL min_subsidy('R110|equity=210285.23612820194', m.vehicle_id) s;
-- The deal goes on.
SELECT m.viable, m.failed_gate, m.term, m.bonus, payment(m.deal, v.price) = m.payment AS same,
    tier(m.deal, v.price), m.explanation
FROM vehicle v, LATERAL min_subsidy('R110|equity=210285.23612820194', v.vehicle_id) m
WHERE v.vehicle_id IN ('100034', '100041', '100022') ORDER BY v.vehicle_id;

-- Rules: order of concession, terms, grids, single values, gates that are not asked.
SELECT n, s.viable, s.term, s.service_fee_rate AS service, s.bonus, s.opening_fee_rate AS opening, s.payment,
    s.margin_less_bonus AS margin, s.financed_to_price AS financed, s.failed_gate
FROM (VALUES (1, '{}'), (2, '{"order": ["bonus", "service_fee_rate", "opening_fee_rate", "term"]}'),
    (3, '{"order": ["opening_fee_rate", "term", "bonus", "service_fee_rate"]}'),
             (4, '{"terms": [12, 24]}'), (5, '{"max_change": 0.9, "bonus": {"step": 250}}'),
             (6, '{"max_change": null, "min_margin": null, "max_financed_to_price": null, "terms": [12]}'),
             (7, '{"service_fee_rate": 0.03, "bonus": 1000, "opening_fee_rate": 0}'), (8, '{"min_margin": 20000}'),
             (9, '{"max_financed_to_price": 0.4}'), (10, '{"terms": [13]}'),
             (11, '{"max_change": null, "bonus": {"from": 10000, "to": 0}}')) r (n, rules),
     LATERAL min_subsidy('R110|equity=210285.23612820194', '100034', rules::jsonb) s ORDER BY n;
SELECT s.viable, s.failed_gate, s.explanation FROM min_subsidy('R065', '100002', '{"require_dearer": true}') s;
SELECT s.viable, s.failed_gate, s.explanation FROM min_subsidy('R110|equity=210285.23612820194', '100034', '{"terms": [13]}') s;
-- A program's limits of what-ifs bound the grids; a customer without a current payment has no change to ask about.
SELECT s.viable, s.service_fee_rate, s.bonus, s.opening_fee_rate
FROM d, subsidy(ARRAY[deal], 300000, '{"max_change": 0.15, "min_margin": 0,
    "service_fee_rate": {"from": 0.05, "to": 0.02, "step": 0.005}, "bonus": {"from": 0, "to": 10000, "step": 500}, "opening_fee_rate": {"to": 0.01, "step": 0.005}}', 0.02, 1000, 0.0151) s;
SELECT s.viable, s.payment_change, s.failed_gate, s.explanation
FROM subsidy(ARRAY[deal(0.1, 48, equity => 5000, terms => '{"margin_cost": 100000}')], 20000, '{"min_margin": 5000}') s;
-- Where neither the program nor the call says what may be conceded, nothing is but another term: no fee that the program does
-- not have.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program)
VALUES ('US', 'prime', 90000, 4000, 'us-simple');
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('US', 'USD', 250000);
SELECT m.viable, m.term, m.service_fee_rate, m.bonus, m.opening_fee_rate, m.failed_gate
FROM min_subsidy('US', 'US') m;
-- A vehicle in another currency is not financed.
SELECT m.viable, m.failed_gate, m.explanation
FROM (SELECT vehicle_id FROM vehicle WHERE currency = 'MXN' ORDER BY price, vehicle_id LIMIT 1) v,
    min_subsidy('US', v.vehicle_id) m;
DELETE FROM vehicle WHERE vehicle_id = 'US';
DELETE FROM customer WHERE customer_id = 'US';
SELECT tradeup.subsidy_rules('{"bonus": {"from": 0, "to": 900, "step": 100}, "min_margin": 5}',
    '{"bonus": {"step": 300}, "terms": [12]}');
-- Without deals; null deals are passed over; null in, null out.
SELECT s.viable, s.failed_gate, s.explanation FROM subsidy('{}', 20000) s;
SELECT s.viable, s.term FROM d, subsidy(ARRAY[NULL, deal, NULL], 300000) s;
SELECT subsidy(NULL, 1), subsidy(ARRAY[deal], NULL) FROM d;
SELECT viable, failed_gate FROM min_subsidy(NULL, '100034');
SELECT viable, failed_gate FROM min_subsidy('R110|equity=210285.23612820194', NULL);
SELECT viable, failed_gate FROM min_subsidy('nobody', '100034');
SELECT viable, failed_gate FROM min_subsidy('R065', 'nothing');
SELECT viable, failed_gate FROM min_subsidy('R065', '100034', program => 'nothing');
SELECT viable, failed_gate, explanation FROM min_subsidy('R065', '100034', program => 'us-simple');

-- A program finances some vehicles only, and lends up to a share of the price.
BEGIN;
INSERT INTO program SELECT (jsonb_populate_record(p, '{"name": "narrow", "built_in": false, "published_at": null, "makes": ["Ford"], "max_what_if_bonus": 5000, "max_price": 350000}')).* FROM program p WHERE name = 'mx-reference';
INSERT INTO program_profile SELECT 'narrow', version, profile, annual_rate, down_payment_rate, insurance, 0.54
FROM program_profile WHERE program = 'mx-reference';
INSERT INTO program_term SELECT 'narrow', version, term, rate_adjustment FROM program_term WHERE program = 'mx-reference';
INSERT INTO program_tier SELECT 'narrow', version, rank, name, lower_change, lower_inclusive, upper_change, upper_inclusive
FROM program_tier WHERE program = 'mx-reference';
SELECT publish_program('narrow') IS NOT NULL AS published;
UPDATE vehicle SET make = 'Ford' WHERE vehicle_id IN ('100034', '100041', '100001');
UPDATE vehicle SET make = 'Other' WHERE vehicle_id = '100003';
SELECT v.vehicle_id, v.price, m.viable, m.term, m.bonus, m.financed_to_price, m.failed_gate, m.explanation
FROM vehicle v, LATERAL min_subsidy('R110|equity=210285.23612820194', v.vehicle_id, program => 'narrow') m
WHERE v.vehicle_id IN ('100034', '100041', '100001', '100003') ORDER BY v.vehicle_id;
SELECT explanation, count(*) > 1 AS several FROM min_subsidies('R110|equity=210285.23612820194', program => 'narrow')
WHERE explanation LIKE 'the program%' GROUP BY 1;
ROLLBACK;

CREATE FUNCTION pg_temp.try(rules text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    PERFORM subsidy(ARRAY[deal], 300000, rules::jsonb) FROM d;
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || SQLERRM || ' | ' || detail;
END $$;
SELECT pg_temp.try(r)
FROM unnest(ARRAY['[]', '5', '{"colour": 1}', '{"terms": 5}', '{"terms": []}', '{"terms": [12, 12]}', '{"terms": [0]}',
    '{"terms": ["12"]}', '{"bonus": "much"}',
    '{"bonus": {"form": 1}}', '{"bonus": {"from": "1"}}', '{"bonus": {"to": 10000, "step": 0}}',
    '{"bonus": {"to": 10000, "step": 0.5}}', '{"bonus": {"from": -1}}', '{"service_fee_rate": 1.5}',
    '{"opening_fee_rate": {"step": 1e-19}}', '{"order": ["term"]}', '{"order": ["term", "term", "bonus", "opening_fee_rate"]}',
    '{"order": ["term", "price", "bonus", "opening_fee_rate"]}',
    '{"max_change": "1"}', '{"max_change": -2}', '{"min_margin": 1e13}', '{"max_financed_to_price": -1}',
    '{"require_dearer": 1}']) WITH ORDINALITY x (r, n) ORDER BY n;
SELECT subsidy(ARRAY[deal], 300000, '{"colour": 1}') FROM d;
SELECT subsidy(ARRAY[deal], 0) FROM d;
SELECT subsidy(ARRAY[deal], 300000, '{}', 0.01) FROM d;
SELECT subsidy(ARRAY[deal, deal(0.1, 12, terms => '{"minor_digits": 0}')], 300000) FROM d;
SELECT min_subsidy('R065', '100034', overrides => '{"colour": 1}');

DELETE FROM customer;
DELETE FROM vehicle;
