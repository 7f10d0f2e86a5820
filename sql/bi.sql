-- Views for analysts: what they count is what offers(...) lists, no key is null, policies hold.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
SET jit = off;
SET datestyle = 'ISO';
SELECT set_default_program('mx-reference');
-- Pesos, dollars and dinars; dealers and none; a program that restricts vehicles; customers without a payment or a program.
INSERT INTO vehicle (vehicle_id, make, model, year, kilometers, dealer, currency, regular_price, status, listed_on, sold_on)
SELECT 'V' || i, (ARRAY['Kia', 'Audi', NULL])[1 + i % 3], 'M' || i % 5, 2012 + i % 12, i * 7919 % 150000,
       (ARRAY['north', 'south', NULL, 'it''s', 'no dealer'])[1 + i % 5], c,
       CASE c WHEN 'MXN' THEN 150000.25 + i * 10473 % 97 * 4000.55 WHEN 'KWD' THEN 2000.125 + i * 10473 % 97 * 50.005
              ELSE 8000 + i * 10473 % 97 * 400 END,
       CASE WHEN i % 10 = 0 THEN 'sold' WHEN i % 17 = 0 THEN 'reserved' ELSE 'available' END,
       CASE WHEN i % 7 > 0 THEN tradeup_internal.today() - (i * 13 % 500) END,
       CASE WHEN i % 10 = 0 THEN tradeup_internal.today() - (i % 4) * 40 END
FROM generate_series(1, 240) i, unnest('{MXN,USD,KWD}'::text[]) WITH ORDINALITY x (c, n) WHERE i % 3 = n - 1;
INSERT INTO program (name, currency, requires_dearer, service_fee_rate, min_year, makes)
VALUES ('dinars', 'KWD', false, 0.0123, 2015, NULL), ('kia', 'USD', true, 0.01, NULL, '{Kia}');
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('dinars', 1, 'A', 0.06, 0.1), ('dinars', 1, 'B', 0.09, 0.2), ('kia', 1, 'A', 0.05, 0);
INSERT INTO program_term (program, version, term)
SELECT p, 1, t FROM unnest('{dinars,kia}'::text[]) p, unnest('{24,60}'::integer[]) t;
INSERT INTO program_tier (program, version, rank, name, lower_change, lower_inclusive, upper_change, upper_inclusive)
VALUES ('dinars', 1, 1, 'Less', NULL, true, 0, true), ('dinars', 1, 2, 'More', 0, false, 0.5, true),
       ('kia', 1, 1, 'Less', NULL, true, 0, true);
INSERT INTO program_region (program, version, region, sales_tax_rate)
VALUES ('dinars', 1, 'coast', 0.0825), ('dinars', 1, 'hills', 0);
SELECT publish_program(p) IS NOT NULL AS published FROM unnest('{dinars,kia}'::text[]) p;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT 'C' || i, (ARRAY['AAA', 'A', 'B'])[1 + i % 3], 60000 + 5000 * i, CASE WHEN i % 4 > 0 THEN 7000 + 400 * i END, 180000 + i,
       NULL
FROM generate_series(1, 12) i
UNION ALL SELECT 'U' || i, 'prime', 2000 * i, 300 + 10 * i, 9000, 'us-simple' FROM generate_series(1, 8) i
UNION ALL
SELECT 'K' || i, (ARRAY['A', 'B', 'unknown'])[1 + i % 3], 100.125 * i, 40 + 5.5 * i, NULL, 'dinars' FROM generate_series(1, 8) i
UNION ALL SELECT 'Z' || i, 'A', 500 * i, 300, 8000 + 900 * i, CASE WHEN i = 1 THEN 'no such program' ELSE 'kia' END
FROM generate_series(1, 4) i;
UPDATE customer SET region = (ARRAY['coast', 'hills', 'elsewhere'])[1 + right(customer_id, 1)::integer % 3]
WHERE program = 'dinars';
CREATE TEMP TABLE listed AS
SELECT o.* FROM customer c, offers(c.customer_id) o WHERE c.customer_id <> 'Z1' AND c.risk_profile <> 'unknown';

-- Offers of today, by all that they are grouped by; margins in the order of half a cent an offer.
SELECT count(*) > 100 AS many, count(*) FILTER (WHERE o.offers IS DISTINCT FROM l.offers) AS other_counts,
       count(*) FILTER (WHERE abs(o.margin - l.margin) > 0.005 * o.offers) AS other_margins
FROM tradeup_bi.offers_today o
FULL JOIN (SELECT currency, program, version, coalesce(dealer, 'no dealer') AS dealer, term, coalesce(tier, 'no tier') AS tier,
                  coalesce(tier_rank, 0) AS tier_rank, count(*) AS offers, sum(margin) AS margin
           FROM listed GROUP BY 1, 2, 3, 4, 5, 6, 7) l
     ON l.currency = o.currency AND l.program = o.program AND l.version = o.program_version AND l.dealer = o.dealer
        AND l.term = o.term AND l.tier = o.tier AND l.tier_rank = o.tier_rank;
SELECT s.currency, s.tier, s.offers - o.offers AS offers, s.margin - o.margin < 1 AS margin
FROM portfolio_summary() s
JOIN (SELECT currency, tier, sum(offers) AS offers, sum(margin) AS margin FROM tradeup_bi.offers_today GROUP BY 1, 2) o
     ON o.currency = s.currency AND o.tier = coalesce(s.tier, 'no tier') ORDER BY 1, s.tier_rank;
-- Bands of prices.
SELECT count(*) > 50 AS many,
       count(*) FILTER (WHERE p.offers IS DISTINCT FROM l.offers OR p.offers_in_tier IS DISTINCT FROM l.in_tier) AS other_counts,
       count(*) FILTER (WHERE abs(p.margin - l.margin) > 0.005 * p.offers) AS other_margins
FROM tradeup_bi.price_by_term p,
     LATERAL (SELECT count(*) AS offers, count(l.tier) AS in_tier, sum(l.margin) AS margin FROM listed l
              WHERE l.program = p.program AND l.term = p.term AND l.price >= p.price_from AND l.price < p.price_to) l;
SELECT currency, sum(offers) - (SELECT count(*) FROM listed l WHERE l.currency = p.currency) AS not_in_a_band,
       count(DISTINCT price_from) <= 26 AS few, min(price_to - price_from) AS width
FROM tradeup_bi.price_by_term p GROUP BY currency ORDER BY currency;
SELECT count(*) > 30 AS many, count(*) FILTER (WHERE p.vehicles <> v.vehicles) AS other
FROM (SELECT DISTINCT currency, price_from, price_to, vehicles FROM tradeup_bi.price_by_term
      WHERE program IN ('mx-reference', 'dinars')) p,
     LATERAL (SELECT count(*) AS vehicles FROM vehicle v
              WHERE v.status = 'available' AND v.currency = p.currency AND v.price >= p.price_from AND v.price < p.price_to
                AND (p.currency <> 'KWD' OR v.year >= 2015)) v;
-- Customers who can have a price: an offer of a vehicle at that price that is in no table.
SELECT a.currency, count(*) > 20 AS many,
       count(*) FILTER (WHERE a.customers <> d.customers OR a.customers_in_tier <> d.in_tier) AS other,
       count(*) FILTER (WHERE a.vehicles <> d.vehicles) AS other_vehicles, min(a.all_customers) AS least,
       max(a.all_customers) AS most, max(a.customers) > 0 AS some
FROM tradeup_bi.affordability a,
     LATERAL (SELECT count(*) AS customers, count(*) FILTER (WHERE x.tiered) AS in_tier,
                     (SELECT count(*) FROM vehicle v
                      WHERE v.status = 'available' AND v.currency = a.currency AND v.price <= a.price) AS vehicles
              FROM (SELECT d.customer_id, bool_or(tier(d.deal, a.price) IS NOT NULL) AS tiered
                    FROM customer c, deals(c.customer_id) d
                    WHERE c.customer_id <> 'Z1' AND c.risk_profile <> 'unknown' AND d.currency = a.currency
                      AND eligible(d.deal, a.price)
                    GROUP BY d.customer_id) x) d
GROUP BY a.currency ORDER BY a.currency;
-- The best offer of each customer.
SELECT count(*) > 10 AS many,
       count(*) FILTER (WHERE b.vehicle_id IS DISTINCT FROM p.vehicle_id OR b.monthly_payment <> p.monthly_payment) AS other
FROM tradeup_bi.best_offer b
FULL JOIN portfolio(1) p ON p.customer_id = b.customer_id AND p.tier IS NOT DISTINCT FROM nullif(b.tier, 'no tier');
-- Age and turn of the stock.
SELECT a.currency,
       sum(a.vehicles) - (SELECT count(*) FROM vehicle v
                          WHERE v.status IN ('available', 'reserved') AND v.currency = a.currency) AS missing,
       sum(a.value) - (SELECT sum(v.price) FROM vehicle v WHERE v.status IN ('available', 'reserved')
                                                                        AND v.currency = a.currency) AS worth_missing
FROM tradeup_bi.inventory_age a GROUP BY a.currency ORDER BY a.currency;
SELECT age, age_rank, sum(vehicles) AS vehicles, sum(days) AS days, round(sum(days) / nullif(sum(vehicles), 0)) AS mean
FROM tradeup_bi.inventory_age GROUP BY age, age_rank ORDER BY age_rank;
SELECT * FROM tradeup_bi.inventory_turn WHERE currency = 'MXN' ORDER BY dealer;
-- Quotes: which dealer, make and model they were of stays with them.
SELECT count(*) FROM save_quotes(ARRAY(SELECT o FROM (SELECT DISTINCT ON (l.customer_id) l.* FROM listed l
                                                      ORDER BY l.customer_id, l.vehicle_id, l.term) l, offers(l.customer_id) o
                                       WHERE o.vehicle_id = l.vehicle_id AND o.term = l.term));
SELECT min(quote_id) AS first FROM quote \gset
SELECT record_event(:first, 'viewed'), record_event(:first, 'accepted'), record_event(:first + 1, 'rejected'),
       record_event(:first + 2, 'viewed');
SELECT (q.make, q.model, q.dealer) IS NOT DISTINCT FROM (v.make, v.model, v.dealer) AS as_it_was, quote_verifies(q) AS verifies,
       count(*)
FROM quote q, vehicle v WHERE v.vehicle_id = q.vehicle_id GROUP BY 1, 2;
UPDATE vehicle SET dealer = 'another';
SELECT currency, dealer, program, make, model, issued, viewed, open, accepted, rejected, expired, value,
       accepted_value, accepted_margin
FROM tradeup_bi.quote_funnel WHERE day = tradeup_internal.today() AND user_name = current_user ORDER BY 1, 2, 3, 4, 5;
UPDATE vehicle SET dealer = CASE WHEN vehicle_id < 'V2' THEN 'north' END;

-- A day is kept once, whatever is counted again; days gone by stay.
SELECT tradeup_bi.snapshot_offers() AS rows \gset
INSERT INTO tradeup_bi.offer_history SELECT (jsonb_populate_record(h, '{"day": "2020-01-01"}')).* FROM tradeup_bi.offer_history h;
DELETE FROM vehicle WHERE dealer IS NULL;
SELECT tradeup_bi.snapshot_offers() < :rows AS fewer;
SELECT day = tradeup_internal.today() AS today, count(*) = :rows AS as_before, count(DISTINCT dealer) AS dealers
FROM tradeup_bi.offer_history GROUP BY day ORDER BY day;
SELECT count(*)
FROM (SELECT * FROM tradeup_bi.offer_history WHERE day > '2020-01-01' EXCEPT SELECT * FROM tradeup_bi.offers_today) x;

-- Names longer than the views show.
UPDATE vehicle SET dealer = repeat('x', 300) || vehicle_id WHERE vehicle_id LIKE '%3';
SELECT tradeup_bi.snapshot_offers() AS rows \gset
SELECT count(*) - :rows AS more,
       sum(offers) - (SELECT sum(h.offers) FROM tradeup_bi.offer_history h WHERE h.day > '2020-01-01') AS lost
FROM tradeup_bi.offers_today HAVING count(*) > :rows;
-- Whoever asks is shown what policies let her see, and needs SELECT.
CREATE ROLE regress_analyst;
SET ROLE regress_analyst;
SELECT count(*) FROM tradeup_bi.offers_today;
RESET ROLE;
SELECT grant_reader('regress_analyst');
UPDATE vehicle SET dealer = 'south' WHERE vehicle_id LIKE '%1';
ALTER TABLE vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON vehicle FOR SELECT TO regress_analyst USING (dealer = 'south');
SET ROLE regress_analyst;
SELECT DISTINCT dealer FROM tradeup_bi.offers_today;
SELECT DISTINCT dealer FROM tradeup_bi.best_offer;
SELECT DISTINCT dealer FROM tradeup_bi.inventory_age;
SELECT DISTINCT dealer FROM tradeup_bi.inventory_turn;
SELECT sum(vehicles) - (SELECT count(*) FROM vehicle v WHERE v.status IN ('available', 'reserved')) AS others
FROM tradeup_bi.inventory_age;
SELECT count(*) > 0 AS some, sum(issued) FROM tradeup_bi.quote_funnel;
SELECT tradeup_bi.snapshot_offers();
RESET ROLE;
DROP POLICY own_dealer ON vehicle;
ALTER TABLE vehicle DISABLE ROW LEVEL SECURITY;
SELECT revoke_grants('regress_analyst');
DROP ROLE regress_analyst;

-- Nothing to count.
DELETE FROM vehicle;
SELECT (SELECT count(*) FROM tradeup_bi.offers_today), (SELECT count(*) FROM tradeup_bi.price_by_term),
       (SELECT count(*) FROM tradeup_bi.affordability), (SELECT count(*) FROM tradeup_bi.best_offer),
       (SELECT count(*) FROM tradeup_bi.inventory_age), (SELECT count(*) FROM tradeup_bi.inventory_turn);
-- Types have a size, and nothing that is a key is null: only figures that may be unknown are.
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'tradeup_bi'::regnamespace AND c.relkind IN ('r', 'v') AND a.atttypmod < 0
  AND a.atttypid <> ALL ('{integer,bigint,date}'::regtype[]);
-- The functions behind, and what they refuse.
SELECT tradeup_internal.round_step(s, 25) FROM unnest('{0,1,25,26,51,126,1000000}'::bigint[]) s;
\set customers 'ARRAY[0], NULL, \'{0,5}\', \'{10,10}\', NULL, NULL, NULL, NULL)::tradeup_internal.profile_customers]'
\set profile 'ARRAY[ROW(\'p\', 1, \'A\', ARRAY[deal(0, 12, current_payment => 10)], ' :customers
SELECT * FROM tradeup_internal.offers_by_group('{6000,12000,12000}', '{2,1,2}', :profile) ORDER BY tier_rank, group_number;
SELECT * FROM tradeup_internal.customers_by_price('{6000,12000,12000}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{6000,5000}', '{1,1}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{-1}', '{1}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{1}', '{1,1}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{1,2}', '{1,3}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{1,2}', '{0,1}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{1,NULL}', '{1,1}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{}', '{}', :profile);
SELECT * FROM tradeup_internal.offers_by_group('{100000000000001}', '{1}', :profile);
SELECT * FROM tradeup_internal.customers_by_price('{}', :profile);
DELETE FROM tradeup_bi.offer_history;
ALTER TABLE quote DISABLE TRIGGER check_quote_deletion;
ALTER TABLE quote_event DISABLE TRIGGER check_quote_deletion;
DELETE FROM quote;
DELETE FROM quote_event;
ALTER TABLE quote ENABLE TRIGGER check_quote_deletion;
ALTER TABLE quote_event ENABLE TRIGGER check_quote_deletion;
DELETE FROM customer;
DELETE FROM program_default;
ALTER TABLE program DISABLE TRIGGER USER;
ALTER TABLE program_profile DISABLE TRIGGER USER;
ALTER TABLE program_term DISABLE TRIGGER USER;
ALTER TABLE program_region DISABLE TRIGGER USER;
ALTER TABLE program_tier DISABLE TRIGGER USER;
DELETE FROM program WHERE name IN ('dinars', 'kia');
DELETE FROM program_profile WHERE program IN ('dinars', 'kia');
DELETE FROM program_term WHERE program IN ('dinars', 'kia');
DELETE FROM program_region WHERE program IN ('dinars', 'kia');
DELETE FROM program_tier WHERE program IN ('dinars', 'kia');
ALTER TABLE program ENABLE TRIGGER USER;
ALTER TABLE program_profile ENABLE TRIGGER USER;
ALTER TABLE program_term ENABLE TRIGGER USER;
ALTER TABLE program_region ENABLE TRIGGER USER;
ALTER TABLE program_tier ENABLE TRIGGER USER;
