-- Offers between the tables customer and vehicle.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never

INSERT INTO vehicle (vehicle_id, currency, make, model, body, year, kilometers, regular_price, promotion_price, status) VALUES
    ('V01', 'MXN', 'Make', 'Small', 'hatchback', 2019, 40000, 300000, NULL, 'available'),
    ('V02', 'MXN', 'Make', 'Medium', 'sedan', 2020, 30000, 385000, 384999, 'available'),
    ('V03', 'MXN', 'Make', 'Large', 'suv', 2021, 20000, 520000, NULL, 'available'),
    ('V04', 'MXN', 'Make', 'Larger', 'suv', 2022, 10000, 520000, 530000, 'available'),
    ('V05', 'MXN', 'Make', 'Gone', 'suv', 2022, 10000, 390000, NULL, 'sold'),
    ('V06', 'MXN', 'Make', 'Huge', 'suv', 2023, 1000, 900000, NULL, 'available');
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program) VALUES
    ('C1', 'AAA', 241762.50, 11333.19, 292999, 'mx-reference'),
    ('C2', 'A1', 100000, 7000, 250000, NULL),
    ('C3', 'nobody', 100000, 7000, 250000, NULL),
    ('C4', 'B', 150000, NULL, NULL, NULL);
ANALYZE customer, vehicle;

SELECT vehicle_id, regular_price, promotion_price, price FROM vehicle WHERE vehicle_id IN ('V02', 'V04') ORDER BY vehicle_id;
SELECT program, version, profile, term, annual_rate, deal::text ~ 'term' AS built FROM deals('C1');
SELECT term, annual_rate FROM deals('C1', overrides => '{"annual_percent": 26, "terms": [48, 72]}');

-- A sold vehicle makes no offer; each offer's tier is that of its window.
SELECT vehicle_id, price, term, tier, tier_rank, payment, payment_change FROM offers('C1') WHERE tier IS NOT NULL
ORDER BY tier_rank, price, vehicle_id, term;
SELECT vehicle_id, term, payment, loan_amount, effective_equity, service_fee, opening_fee, margin FROM offers('C1')
WHERE term = 48 ORDER BY price, vehicle_id;
SELECT coalesce(tier, 'none') AS tier, count(*), min(payment_change), max(payment_change) FROM offers('C1')
GROUP BY tier ORDER BY 1;

-- The program: the customer's own, the one named, or the default; without any, an error.
SELECT count(*) FROM offers('C2');
SELECT set_default_program('mx-reference');
SELECT program, count(*) FROM offers('C2') GROUP BY program;
SELECT program, count(*) FROM offers('C2', 'mx-2025') GROUP BY program;
-- Another program's profiles are not this customer's.
SELECT count(*) FROM offers('C2', 'us-simple');
-- Without a current payment every vehicle that the equity allows is an offer, with no tier.
SELECT count(*), count(tier), count(payment_change) FROM offers('C4');

-- What-if: each override changes what it names.
SELECT o.name, payment, loan_amount, effective_equity, margin
FROM (VALUES (1, 'standing', NULL::jsonb), (2, 'service fee 3 %', '{"service_fee_rate": 0.03}'),
    (3, 'opening fee 1 %', '{"opening_fee_rate": 0.01}'),
             (4, 'bonus 5000', '{"bonus": 5000}'), (5, 'no protection', '{"protection": false}'),
             (6, 'protection 10000', '{"protection": 10000}'),
             (7, 'protection as it stands', '{"protection": true}'), (8, 'insurance 15000', '{"insurance": 15000}'),
             (9, 'gps 1000 and 500', '{"gps_installation": 1000, "gps_monthly": 500}'),
             (10, 'rate 26 %', '{"annual_percent": 26}'), (11, 'rate 0.26', '{"annual_rate": 0.26}'),
             (12, 'no overrides', '{}'))
     o (n, name, overrides), LATERAL offers('C1', overrides => o.overrides) x WHERE vehicle_id = 'V02' AND term = 48 ORDER BY n;

-- The best offers of each tier, and of every customer, by each ranking; the same as sorting all offers.
SELECT tier, vehicle_id, term, price, payment, margin FROM best_offers('C1', 2);
SELECT tier, vehicle_id, term, payment, abs(payment - current_payment) AS distance
FROM best_offers('C1', 1, rank_by => 'closeness');
SELECT customer_id, vehicle_id, term, tier, margin FROM portfolio(2) ORDER BY customer_id, margin DESC, price DESC,
    vehicle_id DESC, term;
INSERT INTO vehicle (vehicle_id, currency, regular_price)
SELECT 'X' || lpad(i::text, 4, '0'), 'MXN', 290000 + (i * 7919) % 400 * 1000
FROM generate_series(1, 800) i;
ANALYZE vehicle;
CREATE TEMP TABLE ranked AS
SELECT r.rank_by, o.customer_id, o.tier_rank, o.term, o.vehicle_id,
       row_number() OVER (PARTITION BY r.rank_by, o.tier_rank ORDER BY k.key, NOT k.down,
           CASE WHEN k.down THEN -price ELSE price END,
                          CASE WHEN k.down THEN vehicle_id END COLLATE "C" DESC, vehicle_id COLLATE "C", term) AS place_in_tier,
       row_number() OVER (PARTITION BY r.rank_by ORDER BY k.key, NOT k.down, CASE WHEN k.down THEN -price ELSE price END,
                          CASE WHEN k.down THEN vehicle_id END COLLATE "C" DESC, vehicle_id COLLATE "C", term) AS place
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by), LATERAL offers('C1') o,
     LATERAL (SELECT CASE r.rank_by WHEN 'margin' THEN -margin WHEN 'price' THEN price WHEN 'payment' THEN payment
         ELSE abs(payment - current_payment) END AS key,
                     r.rank_by = 'margin' OR (r.rank_by = 'closeness' AND payment <= current_payment) AS down) k
WHERE o.tier IS NOT NULL;
SELECT r.rank_by, count(*) AS best, count(*) FILTER (WHERE x.place_in_tier <= 7) AS among_the_best
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by), LATERAL best_offers('C1', 7, rank_by => r.rank_by) b
JOIN ranked x USING (tier_rank, term, vehicle_id) WHERE x.rank_by = r.rank_by GROUP BY 1 ORDER BY 1;
SELECT r.rank_by, count(*) AS best, count(*) FILTER (WHERE x.place <= 7) AS among_the_best
FROM unnest('{margin,price,payment,closeness}'::text[]) r (rank_by), LATERAL portfolio(7, rank_by => r.rank_by) b
JOIN ranked x USING (customer_id, tier_rank, term, vehicle_id) WHERE x.rank_by = r.rank_by GROUP BY 1 ORDER BY 1;
-- A program whose tiers have a gap: the best of the portfolio are found beyond it.
SELECT count(*), count(tier) FROM portfolio(5, 'mx-2025');

-- Why there is no offer.
SELECT term, rule, required, actual, short_by, explanation FROM why_no_offer('C1', 'V01') WHERE term = 12;
SELECT term, offer_exists, explanation FROM why_no_offer('C1', 'V02');
SELECT term, offer_exists, rule, explanation FROM why_no_offer('C1', 'V05') WHERE term = 12;
SELECT term, rule, required, actual, short_by, explanation FROM why_no_offer('C1', 'V06') WHERE term = 12;
SELECT term, offer_exists, rule, explanation FROM why_no_offer('C3', 'V02') WHERE term = 12;
SELECT term, offer_exists, rule, explanation FROM why_no_offer('C1', 'V02', overrides => '{"terms": [36, 40]}')
WHERE term IN (24, 36, 40);
SELECT term, offer_exists, rule, explanation FROM why_no_offer('C1', 'V02', overrides => '{"annual_rate": 1}') WHERE term >= 48;
SELECT term, rule, required, actual, short_by FROM why_no_offer('C2', 'V06', 'mx-2025');
-- It agrees with offers for every customer and vehicle.
SELECT count(*) AS asked, count(*) FILTER (WHERE w.offer_exists <> (o.vehicle_id IS NOT NULL)) AS disagree
FROM customer c CROSS JOIN vehicle v CROSS JOIN LATERAL why_no_offer(c.customer_id, v.vehicle_id) w
LEFT JOIN LATERAL offers(c.customer_id) o ON o.vehicle_id = v.vehicle_id AND o.term = w.term
WHERE v.vehicle_id LIKE 'V%' OR v.vehicle_id LIKE 'X000%';
-- Of several programs each is asked once, also where null stands for one that is named.
SELECT p.programs, (SELECT count(*) FROM program_offers('C1', programs => p.programs)) = (SELECT count(*) FROM offers('C1'))
           + CASE WHEN 'mx-2025' = ANY (p.programs) THEN (SELECT count(*) FROM offers('C1', 'mx-2025')) ELSE 0 END AS once,
       (SELECT count(*) = count(DISTINCT (w.program, w.term)) FROM program_refusals('C1', 'V02', p.programs) w) AS why_once
FROM (VALUES ('{mx-reference,NULL}'::text[]), ('{NULL,mx-2025}'), ('{NULL,mx-2025,mx-reference,NULL}'), ('{NULL}')) p (programs);
SELECT w.program, count(*) FROM program_refusals('C2', 'V02', '{NULL,mx-reference}'::text[]) w GROUP BY 1;

-- What a vehicle costs its dealer is shown as gross, of every offer and on every path, and changes nothing else.
CREATE TEMP TABLE without_cost AS SELECT * FROM offers('C1');
UPDATE vehicle SET cost = price - 1000 * length(vehicle_id) - 0.25 WHERE vehicle_id <> 'V03';
SELECT vehicle_id, price, gross FROM offers('C1') WHERE term = 60 AND vehicle_id LIKE 'V%' ORDER BY vehicle_id;
SELECT count(*) > 0 AS some,
       count(*) FILTER (WHERE o.gross IS DISTINCT FROM o.price - (SELECT v.cost FROM vehicle v WHERE v.vehicle_id = o.vehicle_id))
           AS wrong,
       count(*) FILTER (WHERE to_jsonb(w) - 'gross' <> to_jsonb(o) - 'gross' OR w IS NULL) AS changed
FROM offers('C1') o LEFT JOIN without_cost w USING (vehicle_id, term);
SELECT p.path, count(*) > 0 AS some, count(o.gross) > 0 AS known,
       count(*) FILTER (WHERE o.gross IS DISTINCT FROM o.price - (SELECT v.cost FROM vehicle v WHERE v.vehicle_id = o.vehicle_id))
           AS wrong
FROM (VALUES (1, 'best_offers'), (2, 'by list'), (3, 'by index'), (4, 'payments by index'), (5, 'search_page'), (6, 'programs'))
         p (n, path),
     LATERAL (SELECT b.* FROM best_offers('C1', 40) b WHERE p.n = 1
              UNION ALL SELECT b.* FROM tradeup_internal.portfolio_by('list', 40, NULL, NULL, 'margin') b WHERE p.n = 2
              UNION ALL SELECT b.* FROM tradeup_internal.portfolio_by('index', 40, NULL, NULL, 'margin') b WHERE p.n = 3
              UNION ALL SELECT b.* FROM tradeup_internal.portfolio_by('index', 40, NULL, NULL, 'payment') b WHERE p.n = 4
              UNION ALL SELECT b.* FROM search_page('C1', page_size => 100) b WHERE p.n = 5
              UNION ALL SELECT b.* FROM best_programs('C1', '{mx-reference,mx-2025}'::text[]) b WHERE p.n = 6) o
GROUP BY p.n, p.path ORDER BY p.n;
-- A cost in whole minor units and not negative. No two vehicles in stock have one number; one that was sold may come back.
\set VERBOSITY terse
UPDATE vehicle SET cost = -0.01 WHERE vehicle_id = 'V01';
UPDATE vehicle SET cost = 1.005 WHERE vehicle_id = 'V01';
UPDATE vehicle SET cost = 'NaN' WHERE vehicle_id = 'V01';
UPDATE vehicle SET cost = 1000000000000.01 WHERE vehicle_id = 'V01';
UPDATE vehicle SET vin = '1M8GDM9AXKP042788', fuel = 'diesel', transmission = 'manual', cost = 250000.000
WHERE vehicle_id = 'V01';
SELECT gross FROM offers('C1') WHERE vehicle_id = 'V01' AND term = 60;
UPDATE vehicle SET vin = '1M8GDM9AXKP042788' WHERE vehicle_id = 'V02';
UPDATE vehicle SET vin = '1M8GDM9AXKP042788', status = 'sold', sold_on = '2026-11-30' WHERE vehicle_id = 'V02';
UPDATE vehicle SET status = 'reserved' WHERE vehicle_id = 'V02';
UPDATE vehicle SET vin = '' WHERE vehicle_id = 'V02';
UPDATE vehicle SET vin = ' JZA80-1001234' WHERE vehicle_id = 'V02';
UPDATE vehicle SET vin = NULL;
\set VERBOSITY default
DROP TABLE without_cost;

-- A column that the owner of the inventory adds disturbs nothing.
BEGIN;
ALTER TABLE vehicle ADD COLUMN own text;
SELECT (SELECT count(*) FROM offers('C1')) > 0 AS offers, (SELECT count(*) FROM best_offers('C1', 2)) AS best,
       (SELECT count(*) FROM portfolio(2)) AS portfolio, (SELECT count(*) FROM portfolio(2, rank_by => 'payment')) AS by_payment;
ROLLBACK;

DELETE FROM program_default;
DELETE FROM customer;
DELETE FROM vehicle;
