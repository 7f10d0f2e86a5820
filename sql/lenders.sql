-- Several lenders: what programs ask of vehicles and customers, when they are valid, and the best program for each car.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
BEGIN;
SET LOCAL timezone = 'Pacific/Kiritimati';

INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price) VALUES
    ('V1', 'MXN', 'Audi', 2020, 40000, 10000), ('V2', 'MXN', 'Audi', 2010, 90000, 8000),
    ('V3', 'MXN', 'Seat', 2021, 20000, 20000),
    ('V4', 'MXN', NULL, NULL, NULL, 12000), ('V5', 'MXN', 'Seat', 2022, NULL, 9000), ('V6', 'MXN', 'Skoda', 2022, 1000, 30000);
INSERT INTO customer (customer_id, risk_profile, equity, current_payment) VALUES ('C1', 'good', 2000, 300),
    ('C2', 'other', 2000, 300);
INSERT INTO program (name, currency, requires_dearer, service_fee_rate, min_year, max_kilometers, makes, min_price,
                     max_price) VALUES
    ('open', 'MXN', false, 0.02, NULL, NULL, NULL, NULL, NULL),
    ('picky', 'MXN', false, 0.01, 2015, 50000, '{Audi,Seat}', NULL, NULL),
    ('middle', 'MXN', false, 0, NULL, NULL, NULL, 8000.01, 12000), ('careful', 'MXN', false, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate, max_loan_to_value)
SELECT name, 1, 'good', CASE name WHEN 'open' THEN 0.09 ELSE 0.06 END, 0, CASE name WHEN 'careful' THEN 0.8 END FROM program
WHERE NOT built_in;
INSERT INTO program_term (program, version, term) SELECT name, 1, t FROM program, unnest('{36,48}'::int[]) t WHERE NOT built_in;
INSERT INTO program_tier (program, version, rank, name, upper_change) SELECT name, 1, 1, 'Any', NULL FROM program
WHERE NOT built_in;
SELECT count(publish_program(name)) FROM program WHERE NOT built_in;

SELECT program, string_agg(DISTINCT vehicle_id, ' ' ORDER BY vehicle_id) AS cars, count(*) AS offers
FROM program_offers('C1', programs => '{open,picky,middle,careful,open}') GROUP BY program ORDER BY program;
-- Deals carry what programs ask; best offers and portfolios keep to it.
SELECT program, term, deal, min_year, max_kilometers, makes FROM deals('C1', 'picky') ORDER BY term;
SELECT program, deal FROM deals('C1', 'middle') WHERE term = 36
UNION ALL SELECT program, deal FROM deals('C1', 'careful') WHERE term = 36;
SELECT r.rank_by, string_agg(b.vehicle_id, ' ' ORDER BY b.vehicle_id, b.term)
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
    best_offers('C1', 9, 'picky', rank_by => r.rank_by) b GROUP BY 1 ORDER BY 1;
SELECT r.rank_by, string_agg(b.vehicle_id, ' ' ORDER BY b.vehicle_id, b.term)
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
    portfolio(9, 'picky', rank_by => r.rank_by) b GROUP BY 1 ORDER BY 1;
-- Without conditions, best vehicles are of any year, kilometres and make.
SELECT count(*) FROM deals('C1', 'picky') d, tradeup_internal.best_vehicles(d.deal, 300, d.currency, 0, 10000000, 10, 'price',
                                                                             NULL, NULL, NULL)
WHERE d.term = 36;

-- The best program of each car; a customer whose profile a program lacks gets nothing of it.
SELECT vehicle_id, program, term, payment, margin FROM best_programs('C1', '{open,picky,middle,careful}') ORDER BY vehicle_id;
SELECT vehicle_id, program, term, payment, margin FROM best_programs('C1', '{open,picky,middle,careful}', rank_by => 'margin')
ORDER BY vehicle_id;
SELECT vehicle_id, program, term, payment FROM best_programs('C1', '{open,picky}', '{"terms": [36]}', 'closeness')
ORDER BY vehicle_id;
SELECT count(*) FROM program_offers('C2', programs => '{open,picky}');
SELECT count(*) FROM program_offers('C1', programs => '{}');
SELECT count(*) FROM program_offers('C1', programs => NULL::text[]);

-- Why not: the program and the rule.
SELECT program, version, term, rule, required, actual, short_by, explanation
FROM program_refusals('C1', 'V2', programs => '{open,picky,middle,careful}') WHERE term = 36;
SELECT v.vehicle_id, w.program, w.rule, w.required, w.actual, w.short_by, w.explanation
FROM vehicle v, program_refusals('C1', v.vehicle_id, programs => '{picky,middle}') w
WHERE v.vehicle_id IN ('V3', 'V4', 'V5', 'V6') AND w.term = 48 ORDER BY 1, 2;
SELECT program, rule, explanation FROM program_refusals('C2', 'V1', programs => '{open,picky}') WHERE term = 36;
SELECT term, rule, explanation FROM why_no_offer('C1', 'V6', 'picky');
SELECT count(*) AS asked, count(*) FILTER (WHERE w.offer_exists <> (o.vehicle_id IS NOT NULL)) AS disagree
FROM vehicle v CROSS JOIN LATERAL program_refusals('C1', v.vehicle_id, programs => '{open,picky,middle,careful}') w
LEFT JOIN program_offers('C1', programs => '{open,picky,middle,careful}') o ON o.vehicle_id = v.vehicle_id AND o.term = w.term
    AND o.program = w.program;
-- Age counts from the year in UTC.
INSERT INTO program (name, currency, requires_dearer, max_age) VALUES ('young', 'MXN', false, 3);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate) VALUES ('young', 1, 'good', 0.06, 0);
INSERT INTO program_term (program, version, term) VALUES ('young', 1, 36);
SELECT publish_program('young') IS NOT NULL AS published;
SELECT DISTINCT min_year = extract(year FROM now() AT TIME ZONE 'UTC') - 3 AS three_years_ago FROM deals('C1', 'young');
SELECT tradeup_internal.oldest_year(2019, NULL), tradeup_internal.oldest_year(NULL, NULL), tradeup_internal.oldest_year(2999, 3),
    tradeup_internal.today() = (now() AT TIME ZONE 'UTC')::date AS today;
SELECT tradeup_internal.finances(2015, 50000, '{Audi}', 2015, 50000, 'Audi') AS yes,
       tradeup_internal.finances(NULL, NULL, NULL, NULL, NULL, NULL) AS anything,
       tradeup_internal.finances(2015, NULL, NULL, NULL, NULL, NULL) AS unknown,
       tradeup_internal.finances(NULL, 10, NULL, NULL, 11, NULL) AS driven,
       tradeup_internal.finances(NULL, NULL, '{Audi}', NULL, NULL, 'Seat') AS make;

-- A version is used on the days on which it is valid; the highest of these counts.
INSERT INTO program (name, currency, version, requires_dearer, valid_from, valid_to) VALUES
    ('open', 'MXN', 2, false, tradeup_internal.today() - 10, tradeup_internal.today()),
    ('open', 'MXN', 3, false, tradeup_internal.today(), tradeup_internal.today() + 1),
    ('open', 'MXN', 4, false, tradeup_internal.today() + 1, NULL);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate) SELECT 'open', v, 'good', 0.05, 0
FROM generate_series(2, 4) v;
INSERT INTO program_term (program, version, term) SELECT 'open', v, 36 FROM generate_series(2, 4) v;
SELECT count(publish_program('open', v)) FROM generate_series(2, 4) v;
SELECT name, version FROM current_program WHERE name = 'open';
SELECT DISTINCT version FROM offers('C1', 'open');

-- What is not possible.
SAVEPOINT s; \set VERBOSITY terse
SELECT count(*) FROM program_offers('C1', programs => '{open,nobody}');
ROLLBACK TO s; SELECT * FROM best_programs('C1', '{open}', rank_by => 'colour');
ROLLBACK TO s; SELECT * FROM program_refusals('C1', 'V9', programs => '{open}');
ROLLBACK TO s; INSERT INTO program (name, currency, valid_from, valid_to) VALUES ('x', 'MXN', '2026-01-01', '2026-01-01');
ROLLBACK TO s; INSERT INTO program (name, currency, makes) VALUES ('x', 'MXN', '{Audi,NULL}');
ROLLBACK TO s; INSERT INTO program (name, currency, makes) VALUES ('x', 'MXN', '{}');
ROLLBACK TO s; INSERT INTO program (name, currency, min_price, max_price) VALUES ('x', 'MXN', 2, 1);
ROLLBACK TO s; INSERT INTO program (name, currency, max_age) VALUES ('x', 'MXN', -1);
ROLLBACK TO s; INSERT INTO program (name, currency, min_year) VALUES ('x', 'MXN', 20);
ROLLBACK TO s; INSERT INTO program (name, currency, max_kilometers) VALUES ('x', 'MXN', -1);
ROLLBACK TO s; INSERT INTO program (name, currency) VALUES ('x', 'MXN');
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate, max_loan_to_value)
VALUES ('x', 1, 'y', 0, 0, 11);
ROLLBACK TO s; \set VERBOSITY default

-- The limits as a function of a deal, and prices from amounts; null leaves a limit as it is.
SELECT restricted(d, 5000, 9000, 1.1) AS deal, restricted(restricted(d, 5000, 9000, 1.1), NULL, 8000) AS narrower,
    restricted(d)::text = d::text AS same, restricted(NULL, 1) AS nothing
FROM (SELECT deal(0.06, 36) AS d) x;
SELECT * FROM windows(restricted(deal(0.06, 36, terms => '{"document_fee": 300}'), min_price => 500, max_price => 9000,
    max_loan_to_value => 1.1));
SELECT a.amount, price_for_amount(d, a.amount, a.most) AS price
FROM (SELECT deal(0.06, 36, 2000, 300, service_fee_rate => 0.02, terms => '{"opening_fee_rate": 0.01}') AS d) x,
     (VALUES ('payment', 300), ('payment_change', 0.1), ('payment_change', -2), ('loan_amount', 10000), ('service_fee', 100.001),
     ('opening_fee', 50), ('margin', 300), ('margin', -1)) a (amount, most);
SELECT price_for_amount(deal(0.06, 36), 'payment_change', 0.1) AS no_current_payment,
    price_for_amount(deal(0.06, 36), 'margin', 1) AS never_more;
\set ON_ERROR_ROLLBACK on
SELECT price_for_amount(deal(0.06, 36), 'effective_equity', 1);
\echo :SQLSTATE
SELECT restricted(deal(0.06, 36), min_price => -1);
\echo :SQLSTATE
SELECT restricted(deal(0.06, 36), max_loan_to_value => 10.1);
\echo :SQLSTATE
SELECT price_for_amount(deal(0.06, 36), 'margin', 'NaN');
\echo :SQLSTATE
ROLLBACK;
