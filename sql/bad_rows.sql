-- One wrong row does not take the answer from everybody: it is refused, or it is left out where many are asked for
-- and named where one is.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
BEGIN;
INSERT INTO vehicle (vehicle_id, currency, make, regular_price)
SELECT 'V' || i, 'MXN', 'Audi', 240000 + i * 10000 FROM generate_series(1, 30) i;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program) VALUES
    ('good', 'A1', 100000, 7000, 'mx-reference'), ('no payment', 'A1', 100000, NULL, 'mx-2025'),
    ('no such program', 'A1', 100000, 7000, 'nothing'), ('no program', 'A1', 100000, 7000, NULL),
    ('no such profile', 'XXL', 100000, 7000, 'mx-reference');

-- Asked for many: those who cannot have offers have none.
SELECT c.customer_id, count(*) FROM customer c, LATERAL offers(c.customer_id) GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL program_offers(c.customer_id, programs => '{mx-2025,NULL}')
GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL deals(c.customer_id) GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL best_offers(c.customer_id, 1) GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL best_programs(c.customer_id, '{NULL}') GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL tradeup_internal.offers_matching(c.customer_id, '{"price_to": 400000}')
GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL search_page(c.customer_id) GROUP BY 1 ORDER BY 1;
SELECT c.customer_id, s.offers FROM customer c, LATERAL search_counts(c.customer_id) s WHERE s.facet = 'all' ORDER BY 1;
SELECT c.customer_id, (SELECT count(*) FROM offers(c.customer_id)) FROM customer c ORDER BY 1;
SELECT c.customer_id, d ->> 'sort' AS sort, d #> '{counts,offers}' AS offers
FROM customer c, LATERAL search_offers(c.customer_id, '{"tiers": ["Upgrade", "Other"]}', 'closeness') d ORDER BY 1;
SELECT customer_id, search_offers(customer_id, page_size => 1) IS NULL AS left_out FROM customer ORDER BY 1;
SELECT customer_id, count(*) FROM portfolio(1) GROUP BY 1 ORDER BY 1;
SELECT x.id, count(*) FROM unnest('{good,nobody}'::text[]) x (id), LATERAL offers(x.id) GROUP BY 1;
SELECT c.customer_id, w.term, w.rule, w.explanation FROM customer c, LATERAL why_no_offer(c.customer_id, 'V5') w
WHERE coalesce(w.term, 48) = 48 ORDER BY 1;
SELECT c.customer_id, m.viable, m.failed_gate FROM customer c, LATERAL min_subsidy(c.customer_id, 'V5') m ORDER BY 1;
SELECT c.customer_id, count(*) FROM customer c, LATERAL min_subsidies(c.customer_id) GROUP BY 1 ORDER BY 1;
SELECT x.id, p.name, v.id, m.failed_gate FROM unnest('{good,nobody,no such profile}'::text[]) x (id),
    unnest('{mx-2025,nothing}'::text[]) p (name),
    unnest('{V5,V99}'::text[]) v (id), LATERAL min_subsidy(x.id, v.id, program => p.name) m ORDER BY 1;
SELECT p.name, count(*) FROM unnest('{mx-2025,nothing}'::text[]) p (name), LATERAL offers('good', p.name) GROUP BY 1;
SELECT count(*) FROM customer c, LATERAL vehicles_matching('{"better": true}', c.customer_id || '?');

-- Asked for one, by a constant or a parameter: what is wrong.
\set VERBOSITY terse
\set ON_ERROR_ROLLBACK on
SELECT count(*) FROM offers('no such program');
\echo :SQLSTATE
SELECT count(*) FROM offers('no program');
SELECT count(*) FROM offers('nobody');
SELECT count(*) FROM offers('no such profile');
SELECT count(*) FROM deals('no such program');
SELECT count(*) FROM best_offers('no such program');
SELECT count(*) FROM best_programs('no such program', '{NULL}');
SELECT count(*) FROM tradeup_internal.offers_matching('no such program', NULL);
SELECT count(*) FROM search_page('no such program');
SELECT count(*) FROM search_counts('no such program');
SELECT count(*) FROM min_subsidy('no such program', 'V5');
SELECT count(*) FROM min_subsidy('nobody', 'V5');
SELECT count(*) FROM min_subsidy('good', 'V99');
SELECT count(*) FROM customer c, LATERAL min_subsidy(c.customer_id, 'V99');
SELECT failed_gate FROM min_subsidy('no such profile', 'V5');
SELECT count(*) FROM min_subsidies('no program');
SELECT search_offers('no such program');
SELECT search_offers('no payment', sort => 'closeness');
SELECT term, rule, explanation FROM why_no_offer('no such program', 'V5');
SELECT term, rule, explanation FROM why_no_offer('no program', 'V5');
SELECT count(*) FROM why_no_offer('good', 'V5', 'nothing');
SELECT count(*) FROM program_offers('good', programs => '{mx-2025,nothing}');
SELECT count(*) FROM customer c, LATERAL offers(c.customer_id, 'nothing');
SELECT count(*) FROM customer c, LATERAL program_offers(c.customer_id, programs => '{nothing}');
PREPARE one (text) AS SELECT count(*) FROM offers($1);
EXECUTE one('good');
EXECUTE one('no such program');
SET LOCAL plan_cache_mode = force_generic_plan;
EXECUTE one('no such program');
DEALLOCATE one;

-- Rows that every search or portfolio would fail with are refused.
INSERT INTO vehicle (vehicle_id, currency, year, regular_price) VALUES ('X', 'MXN', 2147483647, 1);
\echo :SQLSTATE
INSERT INTO vehicle (vehicle_id, currency, year, regular_price) VALUES ('X', 'MXN', 1885, 1);
INSERT INTO customer (customer_id, risk_profile, current_year) VALUES ('X', 'A1', 2201);
INSERT INTO customer (customer_id, risk_profile, equity) VALUES ('X', 'A1', 1e-19);
INSERT INTO customer (customer_id, risk_profile, current_payment) VALUES ('X', 'A1', 1e-9);
INSERT INTO customer (customer_id, risk_profile, current_price) VALUES ('X', 'A1', 1e-13);
INSERT INTO customer (customer_id, risk_profile, equity) VALUES ('X', 'A1', 12345678.12345678901);
INSERT INTO customer (customer_id, risk_profile, equity) VALUES ('X', 'A1', 'NaN');
INSERT INTO customer (customer_id, risk_profile, current_payment) VALUES ('X', 'A1', 1e13);
INSERT INTO program (name, currency, min_year) VALUES ('X', 'MXN', 2201);
-- What is just allowed.
INSERT INTO vehicle (vehicle_id, currency, year, kilometers, regular_price) VALUES ('first', 'MXN', 1886, 2147483647, 250000),
    ('last', 'MXN', 2200, 0, 250000);
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, current_year,
    current_kilometers, program)
VALUES ('edge', 'A1', 100000.123456789012, 0.0001, 0.000000000001, 1886, 2147483647, 'mx-reference'),
       ('rich', 'A1', 1000000000000, 1000000000000, 1000000000000, 2200, 0, 'mx-reference'),
       ('poor', 'A1', -1000000000000, 1000000000000, 0, NULL, NULL, 'mx-reference');
SELECT customer_id, search_offers(customer_id, '{"better": true}') #> '{counts,offers}' AS offers,
    search_offers(customer_id, sort => 'year') #>> '{items,0,vehicle_id}' AS first
FROM customer ORDER BY 1;
SELECT customer_id, count(*) FROM portfolio(1, rank_by => 'payment') GROUP BY 1 ORDER BY 1;
SELECT tier, offers, customers FROM portfolio_summary() ORDER BY tier_rank;
ROLLBACK;
