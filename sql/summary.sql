-- The summary of a portfolio: equal to counting the offers one by one.
SET search_path = tradeup, public;
-- A risk profile of nobody in particular.
CREATE FUNCTION pg_temp.profile(deals deal[], equities numeric[], current_payments numeric[] DEFAULT NULL)
RETURNS tradeup_internal.profile_customers[]
RETURN ARRAY[ROW(NULL, NULL, NULL, deals, NULL, NULL, equities, current_payments, NULL, NULL, NULL, NULL)
             ::tradeup_internal.profile_customers];
BEGIN;
SELECT count(*) FROM portfolio_summary();
SELECT * FROM portfolio_summary('us-simple');

INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price, status)
SELECT 'V' || i, 'MXN', CASE i % 3 WHEN 0 THEN 'One' WHEN 1 THEN 'Two' END, 2012 + i % 12, i * 997 % 120000,
       CASE WHEN i % 4 = 0 THEN 200000 + i * 1000 ELSE round(150000 + (i * 7919) % 500000 + 0.37 * i, 2) END,
       CASE WHEN i % 10 = 0 THEN 'sold' ELSE 'available' END
FROM generate_series(1, 200) i;
INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price, status)
SELECT 'U' || vehicle_id, 'USD', make, year, kilometers, regular_price - 1000, status FROM vehicle;
-- Equities and payments of round figures, so that some prices lie on an edge; some figures nobody knows.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT 'C' || i, (ARRAY['AAA', 'A1', 'B', 'C3', 'prime', 'near_prime', 'nobody'])[1 + i % 7],
       CASE WHEN i % 3 = 0 THEN 50000 + i * 1000 ELSE round(i * 3737.123, 3) - 5000 END,
       CASE WHEN i % 11 = 0 THEN NULL ELSE 3000 + i * 137.5 END, CASE WHEN i % 6 <> 0 THEN 180000 + (i * 4000) % 100000 END,
       (ARRAY[NULL, 'mx-reference', 'mx-2025', 'us-simple', 'missing'])[1 + i % 5]
FROM generate_series(1, 70) i;
SELECT set_default_program('mx-reference');

-- What each call should say: the offers of every customer whose program exists.
CREATE FUNCTION counted(program text, overrides jsonb) RETURNS TABLE (currency text, tier text, tier_rank int, offers bigint,
    customers bigint, mean_change numeric, margin numeric)
LANGUAGE sql AS $$
    SELECT o.currency, o.tier, o.tier_rank, count(*), count(DISTINCT o.customer_id), avg(o.payment_change), sum(o.margin)
    FROM customer c CROSS JOIN LATERAL offers(c.customer_id, counted.program, counted.overrides) o
    WHERE counted.program IS NOT NULL OR c.program IS DISTINCT FROM 'missing'
    GROUP BY 1, 2, 3
$$;
CREATE TABLE asked (n int, program text, overrides jsonb);
INSERT INTO asked VALUES (1, NULL, NULL), (2, 'mx-reference', NULL), (3, 'mx-2025', NULL), (4, 'us-simple', NULL),
    (5, NULL, '{"bonus": 2500, "service_fee_rate": 0.031}'), (6, 'mx-2025', '{"opening_fee_rate": 0.0125, "protection": false}'),
    (7, 'mx-reference', '{"terms": [24, 60], "annual_rate": 0}'), (8, NULL, '{"annual_percent": 99.5, "insurance": 0}'),
    (9, 'mx-reference', '{"terms": [99]}');
CREATE TABLE told AS SELECT a.n, s.* FROM asked a CROSS JOIN LATERAL portfolio_summary(a.program, a.overrides) s;
CREATE TABLE listed AS SELECT a.n, s.* FROM asked a CROSS JOIN LATERAL counted(a.program, a.overrides) s;
-- The rounding of the mean of rounded changes differs by up to half a millionth, that of the sum of rounded margins by up to
-- half a cent an offer.
CREATE VIEW compared AS
SELECT n, count(*) AS tiers, sum(t.offers) AS offers,
       count(*) FILTER (WHERE coalesce(u.offers, 0) <> t.offers OR coalesce(u.customers, 0) <> t.customers) AS wrong_counts,
       count(*) FILTER (WHERE abs(u.mean_change - t.mean_change) > 0.000001
           OR (u.mean_change IS NULL) <> (t.mean_change IS NULL)) AS wrong_changes,
       count(*) FILTER (WHERE abs(coalesce(u.margin, 0) - t.margin) > 0.005 * t.offers) AS wrong_margins
FROM (SELECT *, coalesce(tier, '') AS key FROM told) t LEFT JOIN (SELECT *, coalesce(tier, '') AS key FROM listed) u
    USING (n, currency, key) GROUP BY n;
SELECT * FROM compared ORDER BY n;
SELECT count(*) AS tiers_not_told FROM listed u
WHERE NOT EXISTS (SELECT FROM told t WHERE (t.n, t.currency, coalesce(t.tier, '')) = (u.n, u.currency, coalesce(u.tier, '')));
SELECT currency, tier, tier_rank, offers, customers, mean_change, margin FROM told WHERE n = 1;

-- With prices given, and by hand, as a user with tables of her own counts.
SELECT count(*) AS differ
FROM ((SELECT s.* FROM (SELECT currency, price_list(price) AS l FROM vehicle WHERE status = 'available' GROUP BY 1) x,
                       portfolio_summary_of(x.l) s WHERE s.currency = x.currency)
    EXCEPT (SELECT * FROM portfolio_summary())) d;
SELECT s.offers, sum(o.offers) = s.offers AS same
FROM (SELECT price_list(price) AS l FROM vehicle WHERE status = 'available' AND currency = 'MXN') x,
     portfolio_summary_of(x.l, 'mx-2025') s,
     customer c, deals(c.customer_id, 'mx-2025') d, offer_counts(x.l, d.deal) o
WHERE o.tier IS NOT DISTINCT FROM s.tier GROUP BY s.tier, s.offers ORDER BY s.offers;
SELECT tier, offers, customers, mean_change FROM unnest((
    SELECT tradeup_internal.summary_by_tier(l, pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 10),
                                                             deal(annual_rate => 0, term => 20)],
                                                       ARRAY[0, 50, NULL], ARRAY[10, NULL, 3]))
    FROM (SELECT price_list(p) AS l FROM generate_series(95, 105) p) x)) s;
-- The mean of changes that lies on a half of a millionth: rounded up, away from zero.
SELECT tier, offers, mean_change FROM unnest((
    SELECT tradeup_internal.summary_by_tier(l, pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 1)], ARRAY[0], ARRAY[10000]))
    FROM (SELECT price_list(p) AS l FROM (VALUES (9999.98), (9999.99), (10600), (10600.01)) v (p)) x)) s WHERE offers > 0;

-- Who pays next to nothing now has a change of too many digits to show; the counts are there all the same.
SELECT tier, offers, customers, mean_change FROM unnest((
    SELECT tradeup_internal.summary_by_tier('v1 {300000}', pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 10)],
                                                                           ARRAY[0, 0], ARRAY[0.000000001, 28000])))) s
WHERE offers > 0;

-- Programs that restrict vehicles and prices.
INSERT INTO program (name, currency, min_year, max_kilometers, makes, min_price, max_price, service_fee_rate,
                     requires_dearer) VALUES
    ('strict', 'MXN', 2015, 90000, '{One}', 200000, 500000, 0.03, false),
    ('loan', 'MXN', NULL, NULL, NULL, NULL, NULL, 0.03, true),
    ('young', 'MXN', 2020, NULL, NULL, NULL, NULL, 0, true);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate, insurance, max_loan_to_value)
SELECT p, 1, f, 0.12, 0.1, 0, CASE p WHEN 'loan' THEN 0.85 WHEN 'young' THEN 1.5 END FROM unnest('{strict,loan,young}'::text[]) p,
    unnest('{AAA,A1,B,C3}'::text[]) f;
INSERT INTO program_term SELECT p, 1, t FROM unnest('{strict,loan,young}'::text[]) p, unnest('{24,48}'::int[]) t;
INSERT INTO program_tier SELECT p, 1, 1, 'Any', NULL, true, 0.5, true FROM unnest('{strict,loan}'::text[]) p;
SELECT count(publish_program(p)) FROM unnest('{strict,loan,young}'::text[]) p;
UPDATE customer SET program = (ARRAY['strict', 'loan', 'young'])[1 + substr(customer_id, 2)::int % 3]
WHERE program = 'mx-2025' OR risk_profile = 'A1';
TRUNCATE told, listed, asked;
INSERT INTO asked VALUES (1, NULL, NULL), (2, 'strict', NULL), (3, 'loan', '{"bonus": 1000}'), (4, 'young', NULL);
INSERT INTO told SELECT a.n, s.* FROM asked a CROSS JOIN LATERAL portfolio_summary(a.program, a.overrides) s;
INSERT INTO listed SELECT a.n, s.* FROM asked a CROSS JOIN LATERAL counted(a.program, a.overrides) s;
SELECT * FROM compared ORDER BY n;

-- Only some of the vehicles: equal to counting the offers of those that the filter lets through.
CREATE TABLE narrow AS
SELECT n, f, p, s.* FROM (VALUES (1, '{}'::jsonb, NULL), (2, '{"makes": ["One"], "year_from": 2015}', NULL),
                                 (3, '{"price_from": 200000, "price_to": 400000, "kilometers_to": 60000}', 'mx-reference'),
                                 (4, '{"makes": ["None"]}', 'strict'), (5, '{"year_to": 2018}', 'strict')) x (n, f, p)
CROSS JOIN LATERAL portfolio_summary(x.p, '{"bonus": 100}', x.f) s;
CREATE TABLE let_through AS
SELECT x.n, v.vehicle_id FROM (SELECT DISTINCT n, f FROM narrow) x CROSS JOIN LATERAL vehicles_matching(x.f) v;
ANALYZE let_through;
CREATE TABLE matched AS
SELECT x.n, o.currency, coalesce(o.tier, '') AS tier, count(*) AS offers, count(DISTINCT o.customer_id) AS customers
FROM (SELECT x.*, c.customer_id FROM (SELECT DISTINCT n, f, p FROM narrow) x CROSS JOIN customer c
      WHERE x.p IS NOT NULL OR c.program IS DISTINCT FROM 'missing' OFFSET 0) x
CROSS JOIN LATERAL offers(x.customer_id, x.p, '{"bonus": 100}') o
JOIN let_through l ON l.n = x.n AND l.vehicle_id = o.vehicle_id
GROUP BY 1, 2, 3;
SELECT n, sum(t.offers) AS offers,
    count(*) FILTER (WHERE (t.offers, t.customers) IS DISTINCT FROM (coalesce(u.offers, 0), coalesce(u.customers, 0))) AS wrong
FROM (SELECT n, currency, coalesce(tier, '') AS tier, offers, customers FROM narrow) t
LEFT JOIN matched u USING (n, currency, tier)
GROUP BY n ORDER BY n;
SELECT sum(offers_a) AS offers_a, sum(offers_b) AS offers_b, sum(more_offers) AS more
FROM portfolio_compare(overrides_b => '{"bonus": 100}', filter => '{"makes": ["One"], "year_from": 2015}');

-- Two sets of overrides side by side.
SELECT tier, offers_a, offers_b, more_offers, customers_a, more_customers, mean_change_difference, more_margin
FROM portfolio_compare('mx-reference', NULL, '{"bonus": 5000}');
SELECT count(*) AS differ FROM portfolio_compare(NULL, '{"bonus": 1}', '{"bonus": 1}')
WHERE more_offers <> 0 OR more_customers <> 0 OR more_margin <> 0 OR mean_change_difference <> 0;

-- The caller's own rights: rows that a policy hides are not counted.
-- Autovacuum that holds one of these tables would wait for the rows that GRANT writes, and this session for the table.
LOCK TABLE customer, vehicle IN ACCESS EXCLUSIVE MODE;
GRANT USAGE ON SCHEMA tradeup TO PUBLIC;
CREATE ROLE regress_summary_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA tradeup TO regress_summary_reader;
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY some_customers ON customer FOR SELECT TO regress_summary_reader USING (risk_profile = 'B');
CREATE POLICY some_vehicles ON vehicle FOR SELECT TO regress_summary_reader USING (make = 'Two');
SET ROLE regress_summary_reader;
SELECT tier, offers, customers FROM portfolio_summary('mx-reference');
SELECT tier, count(*) AS offers, count(DISTINCT c.customer_id) AS customers FROM customer c, offers(c.customer_id, 'mx-reference')
GROUP BY tier, tier_rank ORDER BY tier_rank;
RESET ROLE;

-- Mistakes; each in a transaction of its own.
ROLLBACK;
SELECT * FROM portfolio_summary('missing');
SELECT * FROM portfolio_summary(overrides => '{"bonsu": 1}');
SELECT * FROM portfolio_summary('us-simple', '{"bonus": -1}');
SELECT * FROM portfolio_summary(filter => '{"mkaes": ["One"]}');
SELECT * FROM portfolio_summary('us-simple', filter => '{"better": true}');
SELECT * FROM portfolio_summary('us-simple', NULL, '{"tiers": ["Any"]}');
SELECT * FROM portfolio_compare('us-simple', filter => '[]');
SELECT tradeup_internal.summary_by_tier('v1 {1}', pg_temp.profile(ARRAY[deal(0, 1)], ARRAY[1, 2], ARRAY[1]));
SELECT tradeup_internal.summary_by_tier('v1 {1}', pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 1)], ARRAY[1], ARRAY[0]));
SELECT tradeup_internal.summary_by_tier('v1 {1}', pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 1)], ARRAY[[1, 2]]));
SELECT tradeup_internal.summary_by_tier('v1 {1}',
    pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 1), deal(annual_rate => 0, term => 1, terms => '{"minor_digits": 0}')],
                    NULL));
SELECT tradeup_internal.summary_by_tier('v1 {1}', pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 1)], '{1}')
    || pg_temp.profile(ARRAY[deal(annual_rate => 0, term => 1, terms => '{"minor_digits": 0}')], '{1}'));
SELECT tradeup_internal.summary_by_tier('v1 {1.50}', pg_temp.profile(ARRAY[deal(0, 1, terms => '{"minor_digits": 0}')], NULL));
SELECT tradeup_internal.summary_by_tier(NULL, NULL),
       tradeup_internal.summary_by_tier(NULL, NULL) FILTER (WHERE false);
SELECT (SELECT count(*) FROM customer) + (SELECT count(*) FROM vehicle) AS rows_left;

-- Figures that no customer has are no array; what only later customers have is null for those before.
SELECT (a.arrays).*
FROM (SELECT tradeup_internal.customer_arrays(c.id, c.equity, c.payment, c.price, c.trade_value, c.bonus, c.income
                                              ORDER BY c.id) AS arrays
      FROM (VALUES ('A', 1, NULL, NULL::numeric, NULL, 0, NULL::numeric), ('B', 2, 3, NULL, 4, 5, NULL))
           AS c (id, equity, payment, price, trade_value, bonus, income)) a;
