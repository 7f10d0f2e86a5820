-- Prices in currencies of 0, 2, 3 and 4 decimals: what a vehicle may cost, and that bounds, pages and ranks are right at figures
-- that no currency has.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
\set VERBOSITY terse
BEGIN;
\set ON_ERROR_ROLLBACK on
INSERT INTO vehicle (vehicle_id, currency, regular_price, promotion_price, rebate) VALUES
    ('yen', 'JPY', 100, NULL, NULL), ('peso', 'MXN', 100.01, 99.99, 0.01), ('dinar', 'KWD', 100.001, 200, 0.001),
    ('unit', 'CLF', 100.0001, NULL, 100), ('zeros', 'JPY', 1.000000000000000000000000000000000000000000, NULL, NULL),
    ('dearest yen', 'JPY', 1000000000000, NULL, NULL), ('dearest peso', 'MXN', 1000000000000, NULL, NULL),
    ('dearest dinar', 'KWD', 100000000000, NULL, NULL), ('dearest unit', 'CLF', 10000000000, NULL, NULL);
SELECT vehicle_id, currency, price, price_minor, price * 10 ^ currency_digits(currency) = price_minor AS agree FROM vehicle
ORDER BY vehicle_id;
-- What is no price of its currency is refused by the constraint that says so.
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'JPY', 1.5);
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'MXN', 1.001);
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'MXN', 1.0000000000000000000000000000000000000001);
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'KWD', 100000000000.001);
INSERT INTO vehicle (vehicle_id, currency, regular_price, promotion_price) VALUES ('wrong', 'CLF', 1, 0.00001);
INSERT INTO vehicle (vehicle_id, currency, regular_price, rebate) VALUES ('wrong', 'MXN', 1, 0.001);
INSERT INTO vehicle (vehicle_id, currency, regular_price, rebate) VALUES ('wrong', 'MXN', 1, 1);
INSERT INTO vehicle (vehicle_id, currency, regular_price, rebate) VALUES ('wrong', 'MXN', 1, -1);
INSERT INTO vehicle (vehicle_id, currency, regular_price, rebate) VALUES ('wrong', 'MXN', 1, 'NaN');
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'MXN', 'NaN');
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'MXN', 'Infinity');
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('wrong', 'mxn', 1);
\set ON_ERROR_ROLLBACK off

-- One program for each number of decimals, vehicles of equal and of close prices, customers with figures of many decimals.
DELETE FROM vehicle;
INSERT INTO program (name, currency, requires_dearer, service_fee_rate)
SELECT lower(c), c, false, 0.02 FROM unnest('{JPY,MXN,KWD,CLF}'::text[]) c;
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
SELECT lower(c), 1, 'all', 0.1, 0.1 FROM unnest('{JPY,MXN,KWD,CLF}'::text[]) c;
INSERT INTO program_term (program, version, term) SELECT lower(c), 1, t FROM unnest('{JPY,MXN,KWD,CLF}'::text[]) c,
    unnest('{12,24,36}'::integer[]) t;
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
SELECT lower(c), 1, x.* FROM unnest('{JPY,MXN,KWD,CLF}'::text[]) c, (VALUES (1, 'Less', NULL, 0), (2, 'More', 0, 0.5)) x;
SELECT count(publish_program(lower(c))) FROM unnest('{JPY,MXN,KWD,CLF}'::text[]) c;
INSERT INTO vehicle (vehicle_id, currency, regular_price, rebate)
SELECT c || i, c, 60 + i * 37 % 90 + CASE WHEN i % 3 = 0 THEN round(i / 71.0, currency_digits(c)) ELSE 0 END,
       CASE WHEN i % 4 = 0 THEN round(i / 90.0, currency_digits(c)) END
FROM unnest('{JPY,MXN,KWD,CLF}'::text[]) c, generate_series(1, 90) i;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program)
SELECT x.name || ' ' || p.name, 'all', 20.000000000001, x.payment, p.name
FROM (VALUES ('fine', 4.233456789012), ('wide', 123456.123456789012), ('large', 999999999999.999999), ('small', 0.0001))
    x (name, payment), (SELECT name FROM program WHERE currency IN ('JPY', 'KWD', 'CLF') OR name = 'mxn') p;
ANALYZE vehicle, customer;

-- A bound with more digits than a price can have is a bound all the same.
\set more '0.000000000000000000000000000000000000000000000001'
SELECT c.program, (SELECT count(*) FROM offers(c.customer_id, price_from => 100, price_to => 110)) AS some,
       (SELECT count(*) FROM offers(c.customer_id, price_from => 100 - :more, price_to => 110 + :more))
       - (SELECT count(*) FROM offers(c.customer_id, price_from => 100, price_to => 110)) AS wider,
       (SELECT count(*) FROM offers(c.customer_id, price_from => 100 + :more, price_to => 110 - :more))
       - (SELECT count(*) FROM offers(c.customer_id) o WHERE o.price > 100 AND o.price < 110) AS narrower
FROM customer c WHERE c.customer_id LIKE 'fine %' ORDER BY 1;
SELECT (SELECT count(*) FROM vehicles_matching(f.filter)) = count(v.vehicle_id) AS as_many, count(v.vehicle_id) > 0 AS some
FROM (VALUES (jsonb_build_object('price_from', 100 + :more, 'price_to', 110 + :more), 100 + :more, 110 + :more))
    f (filter, lowest, highest), vehicle v
WHERE v.price BETWEEN f.lowest AND f.highest GROUP BY f.filter;
\set ON_ERROR_ROLLBACK on
SELECT payment(d.deal, 100 + :more) FROM deals('fine mxn') d WHERE d.term = 12;
SELECT count(*) FROM offers('fine mxn', price_to => 'NaN');
SELECT count(*) FROM offers('fine mxn', price_from => '-Infinity');
\set ON_ERROR_ROLLBACK off

-- What ranks by the difference to a payment that no price reaches, or that has more decimals than any price, ranks as sorting
-- all offers does: for one customer, for all at once, and page by page.
CREATE TEMP TABLE hand AS
SELECT o.*, row_number() OVER (PARTITION BY o.customer_id, o.tier_rank ORDER BY o.place) AS place_in_tier
FROM (SELECT o.*, row_number() OVER (PARTITION BY o.customer_id
                                     ORDER BY abs(o.payment - o.current_payment), o.payment > o.current_payment,
                                              CASE WHEN o.payment > o.current_payment THEN o.price ELSE -o.price END,
                                              CASE WHEN o.payment <= o.current_payment THEN o.vehicle_id END DESC, o.vehicle_id,
                                              o.term) AS place
      FROM customer c, LATERAL offers(c.customer_id) o) o;
CREATE FUNCTION pg_temp.pages(customer text) RETURNS TABLE (place bigint, vehicle_id text, term integer) LANGUAGE plpgsql AS $$
DECLARE
    page jsonb := search_offers(customer, NULL, 'closeness', 40, counts => false);
    items jsonb := page -> 'items';
BEGIN
    WHILE page ->> 'next' IS NOT NULL LOOP
        page := search_offers(customer, NULL, 'closeness', 40, page ->> 'next', counts => false);
        items := items || (page -> 'items');
    END LOOP;
    RETURN QUERY SELECT x.n, x.o ->> 'vehicle_id', (x.o ->> 'term')::integer
                 FROM jsonb_array_elements(items) WITH ORDINALITY x (o, n);
END $$;
SELECT c.customer_id, h.offers > 0 AS some, h.offers - p.right AS wrong_on_pages, h.first - b.right AS wrong_best,
       least(h.tiered, 3) - a.right AS wrong_in_portfolio
FROM customer c,
     LATERAL (SELECT count(*) AS offers, count(*) FILTER (WHERE h.place_in_tier <= 3 AND h.tier IS NOT NULL) AS first,
                     count(h.tier) AS tiered
              FROM hand h WHERE h.customer_id = c.customer_id) h,
     LATERAL (SELECT count(*) AS right FROM hand h JOIN pg_temp.pages(c.customer_id) p
                  USING (place, vehicle_id, term) WHERE h.customer_id = c.customer_id) p,
     LATERAL (SELECT count(*) AS right FROM hand h JOIN best_offers(c.customer_id, 3, rank_by => 'closeness') b
                  USING (vehicle_id, term, tier) WHERE h.customer_id = c.customer_id AND h.place_in_tier <= 3) b,
     LATERAL (SELECT count(*) AS right
              FROM (SELECT h.vehicle_id, h.term FROM hand h WHERE h.customer_id = c.customer_id AND h.tier IS NOT NULL
                    ORDER BY h.place LIMIT 3) h
              JOIN portfolio(3, rank_by => 'closeness') o USING (vehicle_id, term) WHERE o.customer_id = c.customer_id) a
ORDER BY 1;
ROLLBACK;
