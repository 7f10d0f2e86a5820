-- What would it take? A grid of annual rates and bonuses for one customer: how many Upgrade offers there are, and
-- the dearest vehicle among them.
--
--   psql -f examples/what_if.sql
--
-- Everything happens in a transaction that is rolled back. For your own tables, leave out the two INSERTs, and
-- name your own customer.

CREATE EXTENSION IF NOT EXISTS tradeup;
SET search_path = public, tradeup;
BEGIN;

INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program)
VALUES ('W1', 'subprime', 2900, 345.50, 'us-simple');
INSERT INTO vehicle (vehicle_id, make, currency, regular_price)
SELECT 'W' || n, (ARRAY['Chevy', 'Pontiac', 'Saab', 'Saturn'])[1 + n % 4], 'USD', 9000 + 37.5 * n
FROM generate_series(1, 600) n;

-- The rate is given as a percentage, by the name of its key. A jsonb of overrides replaces figures of the program for this call only.
SELECT rate AS annual_rate_percent, bonus, count(o.vehicle_id) AS upgrades, max(o.price) AS dearest, min(o.payment) AS lowest_payment
FROM (VALUES (14.99), (12.99), (10.99)) r (rate)
CROSS JOIN (VALUES (0), (500), (1000)) b (bonus)
LEFT JOIN LATERAL offers('W1', overrides => jsonb_build_object('annual_percent', rate, 'bonus', bonus)) o ON o.tier = 'Upgrade'
GROUP BY rate, bonus ORDER BY rate DESC, bonus;

-- The smallest bonus with which the customer gets a vehicle of 25,000 in any tier.
SELECT bonus, o.term, o.payment, o.tier
FROM generate_series(0, 2000, 50) bonus
CROSS JOIN LATERAL deals('W1', overrides => jsonb_build_object('bonus', bonus)) d
CROSS JOIN LATERAL (SELECT d.term, payment(d.deal, 25000), tier(d.deal, 25000)) o
WHERE o.tier IS NOT NULL
ORDER BY bonus, o.payment LIMIT 1;

-- Why it makes no offer as things stand: the down payment, and by how much.
INSERT INTO vehicle (vehicle_id, make, currency, regular_price) VALUES ('W25000', 'Saab', 'USD', 25000);
SELECT term, explanation, short_by FROM why_no_offer('W1', 'W25000');

ROLLBACK;
