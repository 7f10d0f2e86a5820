-- Offers from a table of your own, for a customer that is in no table at all.
--
--   psql -f examples/own_table.sql
--
-- Only a price with an index is needed. The tables here are temporary, so nothing is left behind.

CREATE EXTENSION IF NOT EXISTS tradeup;
SET search_path = public, tradeup;

CREATE TEMP TABLE car_lot (
    stock_number text PRIMARY KEY,
    model text NOT NULL,
    asking_price numeric(12, 2) NOT NULL,
    reserved boolean NOT NULL DEFAULT false
);
CREATE INDEX car_lot_by_price ON car_lot (asking_price) WHERE NOT reserved;

INSERT INTO car_lot (stock_number, model, asking_price, reserved)
SELECT 'S' || to_char(n, 'FM000000'), (ARRAY['hatchback', 'sedan', 'wagon', 'coupe'])[1 + n % 4],
       8000 + (n * 7919) % 40000 + (n % 100) / 100.0, n % 10 = 0
FROM generate_series(1, 100000) n;
ANALYZE car_lot;

-- One deal for each term that the lender offers: everything of an offer but the vehicle.
CREATE TEMP VIEW my_deal AS
SELECT t.term, deal(annual_rate => t.annual_rate, term => t.term, equity => 3500, current_payment => 365.40,
                    down_payment_rate => 0.05, terms => '{"sales_tax_rate": 0.0625, "document_fee": 199}') AS deal
FROM (VALUES (36, 0.0599), (48, 0.0629), (60, 0.0659), (72, 0.0699)) t (term, annual_rate)
OFFSET 0;  -- each deal is built once, not once for each vehicle

-- The prices of every tier.
SELECT d.term, w.tier, w.lowest_price, w.highest_price
FROM my_deal d CROSS JOIN LATERAL windows(d.deal) w
WHERE w.tier IS NOT NULL;

-- The dearest Upgrade of each term: one entry of the index for each window.
SELECT d.term, v.stock_number, v.model, v.asking_price, payment(d.deal, v.asking_price),
       round(100 * payment_change(d.deal, v.asking_price), 1) AS change_percent
FROM my_deal d
CROSS JOIN LATERAL windows(d.deal) w
CROSS JOIN LATERAL (SELECT * FROM car_lot c
                    WHERE NOT c.reserved AND c.asking_price BETWEEN w.lowest_price AND w.highest_price
                    ORDER BY c.asking_price DESC LIMIT 1) v
WHERE w.tier = 'Upgrade'
ORDER BY d.term;

-- How many there are in each tier, and how PostgreSQL finds them.
SELECT w.tier, count(*) AS offers, count(DISTINCT c.stock_number) AS vehicles
FROM my_deal d
CROSS JOIN LATERAL windows(d.deal) w
JOIN car_lot c ON NOT c.reserved AND c.asking_price BETWEEN w.lowest_price AND w.highest_price
WHERE w.tier IS NOT NULL
GROUP BY w.rank, w.tier ORDER BY w.rank;

EXPLAIN (COSTS OFF)
SELECT c.stock_number, d.term, payment(d.deal, c.asking_price)
FROM my_deal d
CROSS JOIN LATERAL windows(d.deal) w
JOIN car_lot c ON NOT c.reserved AND c.asking_price BETWEEN w.lowest_price AND w.highest_price
WHERE w.tier = 'Upgrade';
