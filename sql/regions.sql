-- Regions of programs: sales tax and document fee by the customer's region.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
-- Many queries here are large and short.
SET jit = off;
BEGIN;

-- A draft may be changed, a published version may not; the regions go with their program.
INSERT INTO program (name, currency, sales_tax_rate, document_fee, requires_dearer) VALUES ('state', 'USD', 0.05, 299, false);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('state', 1, 'good', 0.06, 0.05), ('state', 1, 'fair', 0.11, 0.1);
INSERT INTO program_term (program, version, term) SELECT 'state', 1, t FROM unnest('{36,60}'::integer[]) t;
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
VALUES ('state', 1, 1, 'Less', NULL, 0), ('state', 1, 2, 'Same', 0, 0.2), ('state', 1, 3, 'More', 0.2, 1);
INSERT INTO program_region VALUES ('state', 1, 'TX', 0.06, 150), ('state', 1, 'FL', 0.07, NULL), ('state', 1, 'OR', 0, 0),
    ('state', 1, 'CA', NULL, NULL);
UPDATE program_region SET sales_tax_rate = 0.0625 WHERE program = 'state' AND region = 'TX';
INSERT INTO program_region VALUES ('state', 1, '', 0.06, NULL);
INSERT INTO program_region VALUES ('state', 1, 'NY', 6.25, NULL);
INSERT INTO program_region VALUES ('state', 1, 'NY', NULL, -1);
INSERT INTO program_region VALUES ('state', 1, 'TX', NULL, 1);
UPDATE program SET name = 'states' WHERE name = 'state';
SELECT count(*) FROM program_region WHERE program = 'states';
SELECT publish_program('states') IS NOT NULL AS published;
SELECT region_count, program_is_whole(p) FROM program p WHERE name = 'states';
INSERT INTO program_region VALUES ('states', 1, 'NY', 0.04, NULL);
UPDATE program_region SET sales_tax_rate = 0.01 WHERE program = 'states' AND region = 'TX';
DELETE FROM program_region WHERE program = 'states';
TRUNCATE program_region;
INSERT INTO program (name, currency) VALUES ('draft', 'USD');
INSERT INTO program_region VALUES ('draft', 1, 'NY', 0.04, NULL);
DELETE FROM program WHERE name = 'draft';
SELECT count(*) FROM program_region WHERE program = 'draft';
SELECT DISTINCT region, sales_tax_rate, document_fee FROM rate_sheet WHERE name = 'states' ORDER BY region;
SELECT DISTINCT region, sales_tax_rate, document_fee FROM rate_sheet WHERE name = 'us-simple';

-- As documents.
SELECT program_to_json('states') -> 'regions' AS regions;
SELECT program_from_json(program_to_json('states') || '{"name": "copy"}');
SELECT * FROM program_diff(program_to_json('states'), program_to_json('copy'));
SELECT * FROM program_diff(program_to_json('states'),
    program_to_json('states') || '{"regions": [{"region": "FL", "sales_tax_rate": 0.075}, {"region": "TX", "document_fee": 150,
        "sales_tax_rate": 0.0625}, {"region": "CA"}]}');
SELECT * FROM program_problems(program_to_json('states')
    || '{"regions": [{"region": ""}, {"region": "TX", "sales_tax_rate": 6.25}, {"region": "TX", "tax": 1},
                     {"document_fee": -1}]}');
SELECT program_from_json(program_to_json('copy') - 'regions'), region_count FROM program WHERE name = 'copy' AND version = 1;
SELECT * FROM program_diff('copy', 1, 2);

-- A version whose regions are not all there makes no offers, not offers with the wrong tax.
SAVEPOINT whole;
ALTER TABLE program_region DISABLE TRIGGER protect_published_parts;
DELETE FROM program_region WHERE program = 'states' AND region = 'TX';
SELECT count(*) FROM current_program WHERE name = 'states';
SELECT status, value FROM health() WHERE check_name = 'parts of programs';
ROLLBACK TO whole;

-- The same programs without regions, one for each region: what customers there must get.
INSERT INTO program (name, currency, sales_tax_rate, document_fee, requires_dearer)
VALUES ('only TX', 'USD', 0.0625, 150, false), ('only FL', 'USD', 0.07, 299, false), ('only OR', 'USD', 0, 0, false),
       ('nowhere', 'USD', 0.05, 299, false);
INSERT INTO program_profile SELECT n.name, 1, f.profile, f.annual_rate, f.down_payment_rate
FROM program n, program_profile f WHERE f.program = 'states' AND n.published_at IS NULL;
INSERT INTO program_term SELECT n.name, 1, t.term FROM program n, program_term t
WHERE t.program = 'states' AND n.published_at IS NULL;
INSERT INTO program_tier SELECT n.name, 1, t.rank, t.name, t.lower_change, t.lower_inclusive, t.upper_change
FROM program n, program_tier t WHERE t.program = 'states' AND n.published_at IS NULL;
SELECT count(publish_program(name)) FROM program WHERE published_at IS NULL;
INSERT INTO vehicle (vehicle_id, currency, make, regular_price)
SELECT 'V' || i, 'USD', 'Make', 3000 + 431 * i + (i % 4) * 0.35 FROM generate_series(1, 60) i;
-- Some customers have a program of their own, the others the default; some are in a region that the program does not know.
SELECT set_default_program('states');
INSERT INTO customer (customer_id, risk_profile, program, region, equity, current_payment)
SELECT 'C' || i, (ARRAY['good', 'fair'])[1 + i % 2], CASE i % 5 WHEN 1 THEN 'states' WHEN 2 THEN 'us-simple' END,
       (ARRAY['TX', 'FL', 'OR', 'CA', 'NV', '', NULL])[1 + i % 7], 40 * i, 200 + 13 * i
FROM generate_series(1, 42) i;
UPDATE customer SET risk_profile = 'prime' WHERE program = 'us-simple';
CREATE TEMP TABLE alike AS
SELECT c.*, CASE WHEN c.program = 'us-simple' THEN 'us-simple' WHEN c.region IN ('TX', 'FL', 'OR') THEN 'only ' || c.region
                 ELSE 'nowhere' END AS flat
FROM customer c;
SELECT region, count(*), count(DISTINCT d.deal::text) FROM customer c, LATERAL deals(c.customer_id) d WHERE c.program IS NULL
GROUP BY region ORDER BY region;
-- 20,000 at 5, 6.25, 7 and 0 percent, with a fee of 299, 150, 299 and 0.
SELECT x.region, loan_amount(d.deal, 20000), equity
FROM customer c, LATERAL deals(c.customer_id) d, LATERAL (SELECT coalesce(nullif(c.region, ''), 'none')) x (region)
WHERE c.program = 'states' AND d.term = 60 ORDER BY x.region, c.customer_id;
SELECT status, value, advice FROM health() WHERE check_name = 'regions of customers';

-- Every way to an offer is compared with that of the program without regions.
CREATE FUNCTION pg_temp.same(a text, b text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    counts record;
BEGIN
    EXECUTE format('WITH a AS MATERIALIZED (%s), b AS MATERIALIZED (%s)
        SELECT (SELECT count(*) FROM a) AS found, (SELECT count(*) FROM (TABLE a EXCEPT ALL TABLE b) x) AS more,
               (SELECT count(*) FROM (TABLE b EXCEPT ALL TABLE a) x) AS less', a, b) INTO counts;
    RETURN format('%s, %s more, %s less', counts.found, counts.more, counts.less);
END $$;
CREATE FUNCTION pg_temp.of(o offer) RETURNS jsonb LANGUAGE sql AS $$ SELECT to_jsonb(o) - '{program,version}'::text[] $$;
SELECT pg_temp.same('SELECT a.customer_id, d.term, d.deal::text FROM alike a, LATERAL deals(a.customer_id) d',
                    'SELECT a.customer_id, d.term, d.deal::text FROM alike a, LATERAL deals(a.customer_id, a.flat) d') AS deals;
SELECT pg_temp.same('SELECT pg_temp.of(o) FROM alike a, LATERAL offers(a.customer_id) o',
                    'SELECT pg_temp.of(o) FROM alike a, LATERAL offers(a.customer_id, a.flat) o') AS offers;
SELECT r, pg_temp.same(format('SELECT pg_temp.of(o) FROM alike a, LATERAL best_offers(a.customer_id, 2, rank_by => %L) o', r),
                       format('SELECT pg_temp.of(o) FROM alike a, LATERAL best_offers(a.customer_id, 2, a.flat, rank_by => %L) o',
                              r)) AS best_offers
FROM unnest('{margin,price,payment,closeness}'::text[]) r;
CREATE FUNCTION pg_temp.flat_portfolio(rank_by text, overrides jsonb, most integer, way text) RETURNS offer[]
LANGUAGE plpgsql AS $$
DECLARE
    flat text;
    part offer[];
    whole offer[];
BEGIN
    FOR flat IN SELECT DISTINCT a.flat FROM alike a LOOP
        EXECUTE format('SELECT array_agg(p) FROM tradeup_internal.portfolio_by(%L, $1, $2, $3, $4) p', way)
            INTO part USING most, flat, overrides, rank_by;
        whole := whole || part;
    END LOOP;
    RETURN whole;
END $$;
SELECT w, r, pg_temp.same(
    format('SELECT pg_temp.of(p) FROM tradeup_internal.portfolio_by(%L, 3, NULL, NULL, %L) p', w, r),
    format('SELECT pg_temp.of(p) FROM alike a, unnest(pg_temp.flat_portfolio(%L, NULL, 3, %L)) p
            WHERE a.customer_id = p.customer_id AND a.flat = p.program', r, w)) AS portfolio
FROM unnest('{list,index}'::text[]) w, unnest('{margin,price,payment,closeness}'::text[]) r;
SELECT pg_temp.same('SELECT pg_temp.of(p) FROM portfolio(2, ''states'') p JOIN customer c USING (customer_id)
                     WHERE c.program IS DISTINCT FROM ''us-simple''',
                    'SELECT pg_temp.of(p) FROM portfolio(2) p WHERE p.program = ''states''') AS named;
CREATE TEMP VIEW listed AS
SELECT o.tier, count(*) AS offers, count(DISTINCT o.customer_id) AS customers, sum(o.margin) AS margin,
       avg(o.payment_change) AS mean_change
FROM alike a, LATERAL offers(a.customer_id, a.flat) o GROUP BY o.tier;
SELECT p.tier, p.offers = o.offers AND p.customers = o.customers AND p.margin = o.margin
       AND (o.tier IS NULL OR abs(p.mean_change - o.mean_change) < 0.00001) AS same
FROM portfolio_summary() p LEFT JOIN listed o ON o.tier IS NOT DISTINCT FROM p.tier WHERE p.offers > 0 ORDER BY p.tier_rank;
SELECT pg_temp.same('SELECT tier, offers, customers, margin FROM portfolio_summary()',
                    'SELECT s.tier, s.offers, s.customers, s.margin
                     FROM (SELECT price_list(price) AS l FROM vehicle) l, LATERAL portfolio_summary_of(l.l) s') AS summary_of;
SELECT pg_temp.same('SELECT pg_temp.of(o) FROM alike a, LATERAL search_page(a.customer_id, ''{"price_to": 20000}'') o',
                    'SELECT pg_temp.of(o) FROM alike a, LATERAL search_page(a.customer_id, ''{"price_to": 20000}'',
                                                                            program => a.flat) o') AS search_page;
SELECT pg_temp.same('SELECT a.customer_id, s.* FROM alike a, LATERAL search_counts(a.customer_id) s
                     WHERE a.equity > 1200 AND facet <> ''program''',
                    'SELECT a.customer_id, s.* FROM alike a, LATERAL search_counts(a.customer_id, NULL, a.flat) s
                     WHERE a.equity > 1200 AND facet <> ''program''') AS search_counts;
SELECT pg_temp.same('SELECT a.customer_id, w.* FROM alike a, LATERAL why_no_offer(a.customer_id, ''V40'') w',
                    'SELECT a.customer_id, w.* FROM alike a, LATERAL why_no_offer(a.customer_id, ''V40'', a.flat) w') AS why;
SELECT pg_temp.same($$SELECT a.customer_id, s::text FROM alike a,
                      LATERAL min_subsidy(a.customer_id, 'V30', '{"max_change": 0.1}') s$$,
                    $$SELECT a.customer_id, s::text FROM alike a,
                      LATERAL min_subsidy(a.customer_id, 'V30', '{"max_change": 0.1}', a.flat) s$$) AS min_subsidy;
SELECT pg_temp.same($$SELECT a.customer_id, f, s::text FROM alike a, LATERAL deals(a.customer_id) d,
                      unnest('{price,bonus,rate,term}'::text[]) f, LATERAL solve(d.deal, 15000, f, payment => 350) s$$,
                    $$SELECT a.customer_id, f, s::text FROM alike a, LATERAL deals(a.customer_id, a.flat) d,
                      unnest('{price,bonus,rate,term}'::text[]) f, LATERAL solve(d.deal, 15000, f, payment => 350) s$$) AS solve;
SELECT pg_temp.same($$SELECT v.vehicle_id, c.customer_id FROM (SELECT * FROM vehicle ORDER BY price LIMIT 20) v,
                      LATERAL offer_changes('{NULL}', ARRAY[v.price], currency => 'USD') c WHERE c.gained$$,
                    $$SELECT DISTINCT o.vehicle_id, o.customer_id FROM alike a, LATERAL offers(a.customer_id, a.flat) o
                      WHERE o.tier IS NOT NULL
                        AND o.price <= (SELECT max(price) FROM (SELECT * FROM vehicle ORDER BY price LIMIT 20) v)$$)
       AS offer_changes;
CREATE TABLE public.stock AS SELECT vehicle_id AS id, price FROM vehicle;
SELECT register_inventory('public.stock', 'id', 'price', 'USD');
SELECT pg_temp.same($$SELECT to_jsonb(p) - 'make' FROM portfolio_in('stock', 2) p$$,
                    $$SELECT to_jsonb(p) - 'make' FROM portfolio(2) p$$) AS portfolio_in;
SELECT unregister_inventory('stock');
DROP TABLE public.stock;

-- A what-if changes the figures of all regions alike.
SELECT pg_temp.same($$SELECT pg_temp.of(p) FROM portfolio(2, NULL, '{"terms": [60], "bonus": 300}') p$$,
                    $$SELECT pg_temp.of(p) FROM alike a,
                      unnest(pg_temp.flat_portfolio('margin', '{"terms": [60], "bonus": 300}', 2, 'list')) p
                      WHERE a.customer_id = p.customer_id AND a.flat = p.program$$) AS what_if;

-- A quote keeps the region: it verifies when the customer has moved. Nobody can write it for another region.
SELECT count(q) FROM customer c,
LATERAL (SELECT array_agg(o) AS offers FROM (SELECT o FROM offers(c.customer_id) o ORDER BY o.vehicle_id, o.term LIMIT 2) o) x,
LATERAL save_quotes(x.offers) q;
UPDATE customer SET region = 'TX';
SELECT v.equal, count(*) FROM quote q, LATERAL verify_quote(q.quote_id) v GROUP BY 1;
SELECT region, count(*) FROM quote GROUP BY 1 ORDER BY 1;
\set VERBOSITY terse
INSERT INTO quote (customer_id, vehicle_id, program, version, profile, region, term, equity, current_payment, price, annual_rate,
                   tier, tier_rank, payment, payment_change, loan_amount, effective_equity, service_fee, opening_fee, margin,
                   deal, valid_for)
SELECT q.customer_id, q.vehicle_id, q.program, q.version, q.profile, 'OR', q.term, q.equity, q.current_payment, q.price,
       q.annual_rate, q.tier, q.tier_rank, q.payment, q.payment_change, q.loan_amount, q.effective_equity, q.service_fee,
       q.opening_fee, q.margin, q.deal, q.valid_for
FROM quote q WHERE q.region = 'TX' LIMIT 1;
\set VERBOSITY default
SELECT status, value FROM health() WHERE check_name IN ('regions of customers', 'quotes verify', 'parts of programs');
ROLLBACK;

-- What a version says of itself counts: rows of regions that it does not count are no regions, and nobody is counted twice.
BEGIN;
INSERT INTO program_region (program, version, region, sales_tax_rate)
VALUES ('says none', 1, 'TX', 0.06), ('says none', 1, 'FL', 0.07);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate) VALUES ('says none', 1, 'A', 0.06, 0);
INSERT INTO program_term (program, version, term) VALUES ('says none', 1, 60);
INSERT INTO program_tier (program, version, rank, name) VALUES ('says none', 1, 1, 'Any');
INSERT INTO program (name, currency, requires_dearer, published_at, profile_count, term_count, tier_count, region_count, tiers)
VALUES ('says none', 'USD', false, now(), 1, 1, 1, 0, 'Any [,]');
SELECT count(*) AS deals FROM tradeup_internal.profile_deals('says none');
SELECT count(*) AS rows_of_rate_sheet FROM rate_sheet WHERE name = 'says none';
ROLLBACK;

-- Health answers what it can to a role that may not read the regions.
BEGIN;
CREATE ROLE tradeup_no_regions;
SELECT grant_reader('tradeup_no_regions');
REVOKE SELECT ON program_region FROM tradeup_no_regions;
SET ROLE tradeup_no_regions;
SELECT status = 'unknown' AS unknown, count(*) > 3 AS some FROM health() GROUP BY 1 ORDER BY 1;
ROLLBACK;
