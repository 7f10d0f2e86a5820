-- Every limit of a program holds on every path to an offer: one program for each limit, each with a customer of its own, and
-- all paths counted against deals that are built from their terms one by one.
SET search_path = tradeup, public;
SET jit = off;
BEGIN;
INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price)
SELECT 'V' || lpad(i::text, 3, '0'), 'USD', (ARRAY['Audi', 'Seat', 'Skoda', NULL])[1 + i % 4],
       CASE WHEN i % 7 > 0 THEN 2008 + i % 16 END, CASE WHEN i % 9 > 0 THEN i * 4421 % 150000 END, 4000 + i * 377 % 36000
FROM generate_series(1, 120) i;
CREATE TEMP TABLE limits AS
SELECT x.name, x.row FROM (VALUES
    ('none', '{}'::jsonb), ('min_year', '{"min_year": 2015}'),
    ('max_age', jsonb_build_object('max_age', extract(year FROM now() AT TIME ZONE 'UTC')::integer - 2015)),
    ('max_kilometers', '{"max_kilometers": 70000}'), ('makes', '{"makes": ["Audi", "Skoda"]}'),
    ('min_price', '{"min_price": 12000.01}'), ('max_price', '{"max_price": 24999}'), ('max_change', '{"max_change": 0.2}'),
    ('max_component', '{"max_component": 20000}'), ('max_financed', '{"max_financed": 20000}'),
    ('requires_dearer', '{"requires_dearer": true}'), ('max_adjusted_rate', '{"max_adjusted_rate": 0.085}'),
    ('max_loan_to_value', '{}')) x (name, row);
INSERT INTO program
SELECT (jsonb_populate_record(NULL::program,
                              '{"version": 1, "currency": "USD", "built_in": false, "rounding": "half_up", "interest_tax_rate": 0,
                                "service_fee_rate": 0.02, "sales_tax_rate": 0.05, "document_fee": 100, "opening_fee_rate": 0.01,
                                "opening_fee_tax_rate": 0.1, "opening_fee_less_equity": false, "bonus": 150, "protection": 600,
                                "insurance_months": 12, "insurance_renewed": false, "gps_installation": 90, "gps_monthly": 8,
                                "gps_tax_rate": 0.1, "installation_from_equity": false, "installation_financed": true,
                                "installation_in_first_payment": false, "margin_cost": 200, "margin_service_fee": true,
                                "margin_opening_fee": true, "margin_protection": true, "requires_dearer": false,
                                "max_annual_rate": 1, "max_service_fee_rate": 0.05, "max_opening_fee_rate": 0.04,
                                "max_term": 120, "kind": "loan", "sales_tax_base": "price", "sales_tax_financed": true,
                                "fees_financed": true, "acquisition_fee": 0, "end_fee": 0, "lease_tax": "payment",
                                "payments_in_advance": false, "payment_frequency": "monthly"}'::jsonb || l.row || jsonb_build_object('name', l.name))).*
FROM limits l;
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate, insurance, max_loan_to_value)
SELECT l.name, 1, p.profile, p.rate, 0.02, 420, CASE WHEN l.name = 'max_loan_to_value' THEN 1.05 END
FROM limits l, (VALUES ('good', 0.07), ('fair', 0.11)) p (profile, rate);
INSERT INTO program_term (program, version, term, rate_adjustment)
SELECT l.name, 1, t.term, t.adjustment FROM limits l, (VALUES (36, 0), (48, 0.01), (60, 0.02)) t (term, adjustment);
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
SELECT l.name, 1, t.rank, t.name, t.lower, t.upper
FROM limits l, (VALUES (1, 'Less', NULL, 0), (2, 'Same', 0, 0.3), (3, 'More', 0.3, 1)) t (rank, name, lower, upper);
SELECT count(publish_program(name)) FROM limits;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT 'C ' || name, 'good', 1500, 450, 14000, name FROM limits;

-- Nothing here goes through what programs are compiled by.
CREATE TEMP TABLE wanted AS
SELECT p.name, t.term, v.vehicle_id, v.price, tier(d.deal, v.price) AS tier
FROM program p JOIN limits USING (name) JOIN program_profile f ON f.program = p.name AND f.profile = 'good'
JOIN program_term t ON t.program = p.name CROSS JOIN vehicle v
CROSS JOIN LATERAL (SELECT deal(f.annual_rate + t.rate_adjustment, t.term, equity => 1500, current_payment => 450,
                                current_price => CASE WHEN p.requires_dearer THEN 14000 END, down_payment_rate => 0.02,
                                service_fee_rate => 0.02,
                                terms => jsonb_strip_nulls(jsonb_build_object(
                                    'sales_tax_rate', 0.05, 'document_fee', 100, 'opening_fee_rate', 0.01,
                                    'opening_fee_tax_rate', 0.1, 'bonus', 150, 'protection', 600, 'insurance', 420,
                                    'gps_installation', 90, 'gps_monthly', 8, 'gps_tax_rate', 0.1, 'installation_financed', true,
                                    'margin_cost', 200, 'margin_protection', true, 'max_change', p.max_change,
                                    'max_component', p.max_component, 'max_financed', p.max_financed,
                                    'tiers', 'Less (,0], Same (0,0.3], More (0.3,1]'))) AS deal) d
WHERE p.name <> ALL ('{mx-2025,mx-reference}')
  AND (p.max_adjusted_rate IS NULL OR f.annual_rate + t.rate_adjustment <= p.max_adjusted_rate)
  AND (p.min_year IS NULL OR v.year >= p.min_year)
  AND (p.max_age IS NULL OR v.year >= extract(year FROM now() AT TIME ZONE 'UTC') - p.max_age)
  AND (p.max_kilometers IS NULL OR v.kilometers <= p.max_kilometers) AND (p.makes IS NULL OR v.make = ANY (p.makes))
  AND (p.min_price IS NULL OR v.price >= p.min_price) AND (p.max_price IS NULL OR v.price <= p.max_price)
  AND (f.max_loan_to_value IS NULL OR loan_amount(d.deal, v.price) <= f.max_loan_to_value * v.price)
  AND eligible(d.deal, v.price);

-- Each limit takes some offers away, and not all.
SELECT l.name, count(w.term) < (SELECT count(*) FROM wanted WHERE name = 'none') AS fewer, count(w.tier) > 0 AS some
FROM limits l LEFT JOIN wanted w USING (name) GROUP BY l.name ORDER BY l.name;

-- Offers that one side has and the other lacks, by path and limit: none.
CREATE TEMP TABLE found AS
SELECT 'offers' AS path, l.name, o.vehicle_id, o.term, o.tier FROM limits l, offers('C ' || l.name) o
UNION ALL SELECT 'search_page', l.name, o.vehicle_id, o.term, o.tier
FROM limits l, search_page('C ' || l.name, sort => 'price', page_size => 1000) o
UNION ALL SELECT 'quotable', l.name, v.vehicle_id, t.term, q.tier
FROM limits l, vehicle v, unnest('{36,48,60}'::integer[]) t (term),
     tradeup_internal.quotable('C ' || l.name, v.vehicle_id, l.name, 1, t.term) q
UNION ALL SELECT 'why_no_offer', l.name, v.vehicle_id, w.term, substring(w.explanation FROM 'in tier (\w+)')
FROM limits l, vehicle v, why_no_offer('C ' || l.name, v.vehicle_id) w WHERE w.offer_exists
UNION ALL SELECT 'best_offers', l.name, o.vehicle_id, o.term, o.tier FROM limits l, best_offers('C ' || l.name, 1000) o
UNION ALL SELECT 'best_offers by ' || r, l.name, o.vehicle_id, o.term, o.tier
FROM limits l, unnest('{price,payment,closeness}'::text[]) r, best_offers('C ' || l.name, 1000, rank_by => r) o
UNION ALL SELECT 'portfolio by ' || r, o.program, o.vehicle_id, o.term, o.tier
FROM unnest('{margin,price,payment,closeness}'::text[]) r, portfolio(1000, rank_by => r) o;
SELECT f.path, l.name, count(*) AS different
FROM (SELECT DISTINCT path FROM found) f CROSS JOIN limits l
CROSS JOIN LATERAL ((SELECT w.vehicle_id, w.term, w.tier FROM wanted w
                     WHERE w.name = l.name AND (w.tier IS NOT NULL OR f.path !~ '^(best_offers|portfolio)')
                     EXCEPT ALL SELECT x.vehicle_id, x.term, x.tier FROM found x WHERE x.path = f.path AND x.name = l.name)
                    UNION ALL
                    (SELECT x.vehicle_id, x.term, x.tier FROM found x WHERE x.path = f.path AND x.name = l.name
                     EXCEPT ALL SELECT w.vehicle_id, w.term, w.tier FROM wanted w WHERE w.name = l.name)) d
GROUP BY f.path, l.name ORDER BY f.path, l.name;
SELECT path, count(*) > 500 AS many FROM found GROUP BY path ORDER BY path;

-- Paths that count.
SELECT l.name, w.offers, s.offers AS summary, c.offers AS counts, d.offers AS document
FROM limits l, LATERAL (SELECT count(*) AS offers FROM wanted w WHERE w.name = l.name) w,
     LATERAL (SELECT sum(s.offers) / (SELECT count(*) FROM customer) AS offers FROM portfolio_summary(l.name) s) s,
     LATERAL (SELECT c.offers FROM search_counts('C ' || l.name) c WHERE c.facet = 'all') c,
     LATERAL (SELECT (search_offers('C ' || l.name) #>> '{counts,offers}')::integer AS offers) d
WHERE (s.offers, c.offers, d.offers) IS DISTINCT FROM (w.offers, w.offers, w.offers)
ORDER BY l.name;

-- The path of a change: a vehicle comes, and those hear of it whom it makes an offer in a tier.
SELECT v.vehicle_id, l.name
FROM vehicle v CROSS JOIN limits l
LEFT JOIN LATERAL (SELECT true AS gained FROM wanted w
                   WHERE w.vehicle_id = v.vehicle_id AND w.name = l.name AND w.tier IS NOT NULL LIMIT 1) w ON true
LEFT JOIN (SELECT x.vehicle_id, o.customer_id, o.gained
           FROM vehicle x, offer_changes(ARRAY[NULL::numeric], ARRAY[x.price], ARRAY[x.year], ARRAY[x.year], ARRAY[x.kilometers],
                                         ARRAY[x.kilometers], ARRAY[x.make], ARRAY[x.make], 'USD') o) o
       ON o.vehicle_id = v.vehicle_id AND o.customer_id = 'C ' || l.name
WHERE w.gained IS DISTINCT FROM o.gained
ORDER BY v.vehicle_id, l.name;
ROLLBACK;
