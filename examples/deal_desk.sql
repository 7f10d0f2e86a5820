-- A deal desk for one customer: a page of offers with counts and facets, the next page, what would bring one of them to her
-- payment, the least concession on it, and a quote of it that is computed again.
--
--   psql -f examples/deal_desk.sql        from the root of the checkout, because the cars are read by a relative path
--
-- Everything happens in a transaction that is rolled back. For your own tables, leave out what loads them, and set
-- customer, filter and sort to yours.

CREATE EXTENSION IF NOT EXISTS tradeup;
SET search_path = public, tradeup;
BEGIN;

CREATE TEMP TABLE gm (vehicle_id text, make text, body text, year int, cylinders int, doors int, leather bool,
                      miles int, price numeric) ON COMMIT DROP;
\copy gm FROM 'test/data/gm2005_cars.csv' WITH (FORMAT csv, HEADER)
INSERT INTO vehicle (vehicle_id, make, body, year, kilometers, currency, regular_price)
SELECT vehicle_id, make, body, year, round(miles * 1.609344), 'USD', price FROM gm;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, current_make, current_year,
                      current_kilometers, program)
VALUES ('D1', 'prime', 2600, 389.75, 15000, 'Chevy', 2003, 71000, 'us-simple');
ANALYZE vehicle, customer;

\set customer D1
\set sort closeness

-- Better than her car, at most half its kilometres and twice its price, at a payment up to a quarter above hers.
\set filter '{"better": true, "kilometers_ratio": 0.5, "price_ratio": 2, "categories": ["perfect", "slight", "moderate"]}'

SELECT search_offers(:'customer', :'filter', :'sort', page_size => 5) AS page \gset
SELECT i ->> 'vehicle_id' AS vehicle, i ->> 'make' AS make, i -> 'price' AS price, i -> 'term' AS term, i -> 'payment' AS payment, i ->> 'tier' AS tier
FROM jsonb_array_elements(:'page'::jsonb -> 'items') i;
SELECT c.key AS counted, x ->> 'value' AS value, x -> 'offers' AS offers, x -> 'vehicles' AS vehicles
FROM jsonb_each((:'page'::jsonb -> 'facets') || jsonb_build_object('category', :'page'::jsonb #> '{counts,categories}')) c,
     jsonb_array_elements(c.value) x WHERE c.key IN ('category', 'make', 'body');

-- The next page: the token says where this one ended.
SELECT i ->> 'vehicle_id' AS vehicle, i -> 'price' AS price, i -> 'term' AS term, i -> 'payment' AS payment
FROM jsonb_array_elements(search_offers(:'customer', :'filter', :'sort', 5, :'page'::jsonb ->> 'next', counts => false) -> 'items') i;

-- A car that she likes, at a payment that she does not: what would have to change?
SELECT vehicle_id AS vehicle, term FROM offers(:'customer') WHERE tier = 'Max Upgrade' AND make = 'Saab' ORDER BY payment_change, vehicle_id, term LIMIT 1 \gset
SELECT f.figure, s.value, s.payment, s.possible, s.explanation
FROM deals(:'customer') d JOIN vehicle v ON v.vehicle_id = :'vehicle'
CROSS JOIN unnest('{bonus,rate,term}'::text[]) f (figure)
CROSS JOIN LATERAL solve(d.deal, v.price, f.figure, tier => 'Upgrade') s WHERE d.term = :term;

-- The offer as it stands, promised for a week, and computed again from what was stored.
SELECT save_quote(:'customer', :'vehicle', :term) AS quote \gset
SELECT record_event(:quote, 'viewed', 'sent by mail');
SELECT field, stored, recomputed, equal FROM verify_quote(:quote) WHERE field IN ('payment', 'payment_change', 'tier', 'margin');
SELECT status, valid_until - quoted_at AS valid_for FROM quote_status WHERE quote_id = :quote;

ROLLBACK;
