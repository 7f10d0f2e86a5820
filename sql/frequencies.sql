-- Programs whose payments are weekly, bi-weekly or twice a month: rankings and changes compare the payments of a month.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
SET jit = off;
BEGIN;
INSERT INTO program (name, currency, kind, payment_frequency) VALUES ('x', 'USD', 'loan', 'hourly');
INSERT INTO program (name, currency, kind, payment_frequency) VALUES ('x', 'USD', 'lease', 'weekly');
SELECT path, problem FROM program_problems('{"name": "x", "currency": "USD", "kind": "lease", "payment_frequency": "weekly", "tiers": [],
    "profiles": [{"profile": "A", "annual_rate": 0.05, "down_payment_rate": 0}], "terms": [{"term": 36}]}');
SELECT path, problem FROM program_problems('{"name": "x", "currency": "USD", "payment_frequency": "biweekly", "tiers": [],
    "profiles": [{"profile": "A", "annual_rate": 0.05, "down_payment_rate": 0}], "terms": [{"term": 36}]}');

-- The last two have regions too.
INSERT INTO program (name, currency, kind, payment_frequency, sales_tax_rate, document_fee, requires_dearer, rounding,
                     first_payment_days, change_digits, service_fee_rate)
VALUES ('monthly', 'USD', 'loan', 'monthly', 0.05, 199, false, 'half_up', NULL, NULL, 0.01),
       ('twice', 'USD', 'loan', 'semimonthly', 0.05, 199, false, 'up', NULL, 3, 0.01),
       ('biweekly', 'USD', 'balloon', 'bi-weekly', 0.05, 199, true, 'half_up', 20, NULL, 0.01),
       ('weekly', 'USD', 'loan', 'weekly', 0.05, 199, false, 'half_even', NULL, NULL, 0.01);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate, insurance)
SELECT name, 1, f, r, 0, 900 FROM program, (VALUES ('good', 0.0499), ('fair', 0.0999)) x (f, r) WHERE published_at IS NULL;
INSERT INTO program_term (program, version, term, residual_rate)
SELECT name, 1, t, CASE WHEN kind = 'balloon' THEN 0.7 - t / 100.0 ELSE 0 END
FROM program, unnest('{24,36,48}'::integer[]) t WHERE published_at IS NULL;
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
SELECT p.name, 1, t.rank, t.name, t.lower, t.upper
FROM program p, (VALUES (1, 'Less', NULL, 0), (2, 'Same', 0, 0.2), (3, 'More', 0.2, 1)) t (rank, name, lower, upper)
WHERE published_at IS NULL;
INSERT INTO program_region
SELECT p, 1, r, t, d FROM unnest('{biweekly,weekly}'::text[]) p, (VALUES ('TX', 0.0625, NULL), ('OR', 0, 80)) x (r, t, d);
SELECT count(publish_program(name)) FROM program WHERE published_at IS NULL;
SELECT DISTINCT name, payment_frequency FROM rate_sheet WHERE name IN ('monthly', 'weekly', 'twice', 'biweekly') ORDER BY 1;
SELECT set_default_program('monthly');
INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price)
SELECT 'V' || i, 'USD', 'Make', 2015 + i % 9, 1000 * (i % 13), 4000 + 331 * i + (i % 3) * 0.45 FROM generate_series(1, 70) i;
INSERT INTO customer (customer_id, risk_profile, program, region, equity, current_payment, current_price)
SELECT 'C' || i, (ARRAY['good', 'fair'])[1 + i % 2], (ARRAY['weekly', 'biweekly', 'twice', NULL])[1 + i % 4],
       (ARRAY['TX', 'OR', 'NV', NULL])[1 + i / 4 % 4], 150 * i, CASE WHEN i % 11 > 0 THEN 210.1234 + 23 * i END, 3000 + 300 * i
FROM generate_series(1, 32) i;

-- Payments a year are 12, 24, 26, 52; the customer's own payment is a month's.
SELECT DISTINCT o.program, o.payment_frequency, o.payment_frequency = payment_frequency(d.deal) AS of_the_deal,
       o.monthly_payment = monthly_payment(d.deal, o.price) AS monthly,
       abs(o.monthly_payment - o.payment * f.a_year / 12) <= 0.05 AS about,
       o.payment_change IS NULL OR abs(o.payment_change - (o.monthly_payment / o.current_payment - 1)) < 0.0001 AS change
FROM customer c, LATERAL offers(c.customer_id) o, LATERAL deals(c.customer_id) d,
     (VALUES ('monthly', 12), ('semimonthly', 24), ('bi-weekly', 26), ('weekly', 52)) f (frequency, a_year)
WHERE d.term = o.term AND f.frequency = o.payment_frequency ORDER BY 1;

-- Windows and tiers agree around each end of each window, of each kind, frequency and region.
SELECT count(*) AS ends, bool_and(tradeup_internal.tier_minor(d.deal, p) IS NOT DISTINCT FROM x.tier) AS agree
FROM customer c, LATERAL deals(c.customer_id) d, LATERAL windows(d.deal) w,
     LATERAL (SELECT generate_series(greatest(e - 3, 0), e + 3) AS p FROM unnest(ARRAY[w.lowest_minor, w.highest_minor]) e
              WHERE e < 100000000000000) p,
     LATERAL (SELECT max(v.tier) AS tier FROM windows(d.deal) v WHERE p BETWEEN v.lowest_minor AND v.highest_minor) x;

-- What is wanted is worked out from single offers.
CREATE TEMP TABLE listed AS SELECT o.* FROM customer c, LATERAL offers(c.customer_id) o;
CREATE TEMP VIEW ranked AS
SELECT r.rank_by, o.*, k.down, row_number() OVER w AS place, row_number() OVER t AS place_in_tier
FROM listed o, unnest('{margin,price,payment,closeness}'::text[]) r (rank_by),
     LATERAL (SELECT r.rank_by = 'margin' OR (r.rank_by = 'closeness' AND o.monthly_payment <= o.current_payment) AS down,
                     CASE r.rank_by WHEN 'margin' THEN -o.margin WHEN 'price' THEN o.price WHEN 'payment' THEN o.monthly_payment
                                    ELSE abs(o.monthly_payment - o.current_payment) END AS key) k
WHERE o.tier IS NOT NULL
WINDOW w AS (PARTITION BY r.rank_by, o.customer_id
             ORDER BY k.key, NOT k.down, CASE WHEN k.down THEN -o.price ELSE o.price END,
                      CASE WHEN k.down THEN o.vehicle_id END DESC, o.vehicle_id, o.term),
       t AS (PARTITION BY r.rank_by, o.customer_id, o.tier
             ORDER BY k.key, NOT k.down, CASE WHEN k.down THEN -o.price ELSE o.price END,
                      CASE WHEN k.down THEN o.vehicle_id END DESC, o.vehicle_id, o.term);
CREATE TEMP TABLE wanted AS SELECT * FROM ranked;
CREATE FUNCTION pg_temp.same(a text, b text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    counts record;
BEGIN
    EXECUTE format('WITH a AS MATERIALIZED (%s), b AS MATERIALIZED (%s)
        SELECT (SELECT count(*) FROM a) AS found, (SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) x) AS more,
               (SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) x) AS less', a, b) INTO counts;
    RETURN format('%s, %s more, %s less', counts.found, counts.more, counts.less);
END $$;
SELECT w, r, pg_temp.same(format('SELECT to_jsonb(p) FROM tradeup_internal.portfolio_by(%L, 4, NULL, NULL, %L) p', w, r),
                          format('SELECT to_jsonb(x) - ''{rank_by,down,place,place_in_tier}''::text[] FROM wanted x
                                  WHERE rank_by = %L AND place <= 4', r)) AS portfolio
FROM unnest('{list,index}'::text[]) w, unnest('{margin,price,payment,closeness}'::text[]) r;
SELECT r, pg_temp.same(format('SELECT to_jsonb(o) FROM customer c, LATERAL best_offers(c.customer_id, 3, rank_by => %L) o', r),
                       format('SELECT to_jsonb(x) - ''{rank_by,down,place,place_in_tier}''::text[] FROM wanted x
                               WHERE rank_by = %L AND place_in_tier <= 3', r)) AS best_offers
FROM unnest('{margin,price,payment,closeness}'::text[]) r;

-- Searches, page by page.
CREATE FUNCTION pg_temp.pages(customer text, sort text) RETURNS TABLE (vehicle_id text, term integer, n bigint)
LANGUAGE plpgsql AS $$
DECLARE
    document jsonb;
    items jsonb := '[]';
    next text;
BEGIN
    LOOP
        document := search_offers(customer, NULL, sort, 7, next, counts => false);
        items := items || (document -> 'items');
        next := document ->> 'next';
        EXIT WHEN next IS NULL;
    END LOOP;
    RETURN QUERY SELECT i.value ->> 'vehicle_id', (i.value ->> 'term')::integer, i.n
                 FROM jsonb_array_elements(items) WITH ORDINALITY i (value, n);
END $$;
SELECT s, pg_temp.same(format('SELECT c.customer_id, p.* FROM customer c, LATERAL pg_temp.pages(c.customer_id, %L) p
                               WHERE c.current_payment IS NOT NULL AND c.equity > 3000', s),
                       format('SELECT o.customer_id, o.vehicle_id COLLATE "default", o.term,
                                      row_number() OVER (PARTITION BY o.customer_id ORDER BY k.key, NOT k.down,
                                          CASE WHEN k.down THEN -o.price ELSE o.price END,
                                          CASE WHEN k.down THEN o.vehicle_id END DESC, o.vehicle_id, o.term)
                               FROM listed o JOIN customer c USING (customer_id),
                                    LATERAL (SELECT CASE %1$L WHEN ''payment'' THEN o.monthly_payment
                                                    ELSE abs(o.monthly_payment - o.current_payment) END AS key,
                                                    %1$L = ''closeness'' AND o.monthly_payment <= o.current_payment AS down) k
                               WHERE c.current_payment IS NOT NULL AND c.equity > 3000', s)) AS search
FROM unnest('{payment,closeness}'::text[]) s;
-- The margin of a summary is the sum of unrounded ones.
SELECT p.tier, p.offers = o.offers AND p.customers = o.customers AND abs(p.margin - o.margin) < 0.01 * o.offers
       AND (p.tier IS NULL OR abs(p.mean_change - o.mean_change) < 0.0001) AS same
FROM portfolio_summary() p
LEFT JOIN (SELECT tier, count(*) AS offers, count(DISTINCT customer_id) AS customers, sum(margin) AS margin,
                  avg(payment_change) AS mean_change
           FROM listed GROUP BY tier) o ON o.tier IS NOT DISTINCT FROM p.tier ORDER BY p.tier_rank;

-- Several programs: the lowest payment is that of a month, or a weekly one would always win.
SELECT r, pg_temp.same(format('SELECT c.customer_id, b.vehicle_id, b.tier, b.program, b.term
                               FROM customer c, LATERAL best_programs(c.customer_id, %L, rank_by => %L) b', p, r),
                       format('SELECT DISTINCT ON (c.customer_id, o.vehicle_id, o.tier) c.customer_id, o.vehicle_id, o.tier,
                                      o.program, o.term
                               FROM customer c, LATERAL program_offers(c.customer_id, %L::text[]) o WHERE o.tier IS NOT NULL
                               ORDER BY c.customer_id, o.vehicle_id, o.tier,
                                        CASE %L WHEN ''payment'' THEN o.monthly_payment
                                        ELSE abs(o.monthly_payment - o.current_payment) END,
                                        o.monthly_payment, o.term, o.program', p, r)) AS best_programs
FROM unnest('{payment,closeness}'::text[]) r, (SELECT '{monthly,weekly,twice}'::text[]) x (p);
SELECT b.program, count(*) > 0 AS some
FROM customer c, LATERAL best_programs(c.customer_id, '{monthly,weekly,twice}') b GROUP BY 1 ORDER BY 1;

-- An inventory of one's own, changes, quotes and solving.
CREATE TABLE public.stock AS SELECT vehicle_id AS id, price FROM vehicle;
CREATE INDEX ON public.stock (price, id COLLATE "C");
SELECT register_inventory('public.stock', 'id', 'price', 'USD');
SELECT r, pg_temp.same(format('SELECT p.customer_id, p.vehicle_id, p.term, p.payment, p.payment_frequency, p.monthly_payment
                               FROM portfolio_in(''stock'', 4, rank_by => %L) p', r),
                       format('SELECT x.customer_id, x.vehicle_id, x.term, x.payment, x.payment_frequency, x.monthly_payment
                               FROM wanted x WHERE rank_by = %L AND place <= 4', r)) AS portfolio_in,
       pg_temp.same(format('SELECT b.customer_id, b.vehicle_id, b.term, b.monthly_payment
                            FROM customer c, LATERAL best_offers_in(''stock'', c.customer_id, 3, rank_by => %L) b', r),
                    format('SELECT x.customer_id, x.vehicle_id, x.term, x.monthly_payment
                            FROM wanted x WHERE rank_by = %L AND place_in_tier <= 3', r)) AS best_offers_in
FROM unnest('{payment,closeness}'::text[]) r;
SELECT unregister_inventory('stock');
DROP TABLE public.stock;
SELECT pg_temp.same($$SELECT v.vehicle_id, c.customer_id FROM (SELECT * FROM vehicle ORDER BY price LIMIT 15) v,
                      LATERAL offer_changes('{NULL}', ARRAY[v.price], currency => 'USD') c WHERE c.gained$$,
                    $$SELECT DISTINCT vehicle_id, customer_id FROM wanted
                      WHERE price <= (SELECT max(price) FROM (SELECT * FROM vehicle ORDER BY price LIMIT 15) v)$$) AS changes;
SELECT count(q) FROM customer c,
LATERAL (SELECT array_agg(o) AS offers FROM (SELECT o FROM offers(c.customer_id) o ORDER BY o.vehicle_id, o.term LIMIT 3) o) x,
LATERAL save_quotes(x.offers) q;
SELECT v.equal, count(*) FROM quote q, LATERAL verify_quote(q.quote_id) v GROUP BY 1;
-- A payment that is asked for is one payment; a payment change is of a month.
SELECT p.name, f.figure, bool_and(s.possible) AS possible, bool_and(payment(s.deal, s.price) <= 120) AS within,
       bool_and(payment_change(t.deal, t.price) <= 0.1005) AS change_within
FROM program p, customer c, LATERAL (SELECT d.deal FROM deals(c.customer_id, p.name) d WHERE d.term = 36) d,
     unnest('{price,bonus}'::text[]) f (figure), LATERAL solve(d.deal, 5000, f.figure, payment => 120) s,
     LATERAL solve(d.deal, 15000, f.figure, payment_change => 0.1) t
WHERE p.name IN ('monthly', 'twice', 'biweekly', 'weekly') AND c.customer_id IN ('C8', 'C13', 'C18') GROUP BY 1, 2 ORDER BY 1, 2;
ROLLBACK;
