-- A deal desk: the offers of one customer, filtered, sorted by how close the payment is to hers, page by page, with
-- counts by how far it moves.
--
--   psql -f examples/deal_desk.sql        from the root of the checkout, because the cars are read by a relative path
--
-- Everything happens in a transaction that is rolled back. For your own tables, leave out what loads them, and set
-- customer, page and page_size to yours.

CREATE EXTENSION IF NOT EXISTS tradeup;
SET search_path = public, tradeup;
BEGIN;

CREATE TEMP TABLE gm (vehicle_id text, make text, body text, year int, cylinders int, doors int, leather bool,
                      miles int, price numeric) ON COMMIT DROP;
\copy gm FROM 'test/data/gm2005_cars.csv' WITH (FORMAT csv, HEADER)
INSERT INTO vehicle (vehicle_id, make, body, year, kilometers, regular_price)
SELECT vehicle_id, make, body, year, round(miles * 1.609344), price FROM gm;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_year,
                      current_kilometers, program)
VALUES ('D1', 'prime', 2600, 389.75, 15000, 'Chevy', 2003, 71000, 'us-simple');
ANALYZE vehicle, customer;

\set customer D1
\set page 2
\set page_size 8

-- The filter of the desk: newer than her car, at most half its kilometres, dearer but at most twice its price, each
-- vehicle once, at the term whose payment is closest to hers.
CREATE TEMP VIEW desk AS
SELECT DISTINCT ON (c.customer_id, o.vehicle_id) o.*,
       CASE WHEN o.payment_change < -0.05 THEN 'less'
            WHEN o.payment_change <= 0.05 THEN 'perfect'
            WHEN o.payment_change <= 0.15 THEN 'slight'
            WHEN o.payment_change <= 0.25 THEN 'moderate'
            ELSE 'stretch' END AS category
FROM customer c CROSS JOIN LATERAL offers(c.customer_id) o
WHERE o.year > c.current_year AND o.kilometers <= c.current_kilometers / 2
  AND o.price > c.current_price AND o.price <= 2 * c.current_price
ORDER BY c.customer_id, o.vehicle_id, abs(o.payment_change), o.term;

SELECT category, count(*) AS vehicles, min(price), max(price)
FROM desk WHERE customer_id = :'customer'
GROUP BY category ORDER BY min(abs(payment_change));

SELECT vehicle_id, make, body, kilometers, price, term, payment, round(100 * payment_change, 2) AS change_percent, category
FROM desk WHERE customer_id = :'customer'
ORDER BY abs(payment_change), vehicle_id
LIMIT :page_size OFFSET (:page - 1) * :page_size;

ROLLBACK;
