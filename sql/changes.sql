-- Which customers gain or lose offers when the inventory changes, and the trigger that tells.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never

-- One customer at us-simple: tiers by the change of a payment of 500.
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program)
VALUES ('ann', 'prime', 6000, 500, 'us-simple');
SELECT d.term, w.tier, w.lowest_price, w.highest_price FROM deals('ann') d, windows(d.deal) w
WHERE d.term IN (60, 72) AND w.tier IS NOT NULL ORDER BY 1, 3;
SELECT min(lowest_price) AS lowest, max(highest_price) AS highest FROM deals('ann') d, windows(d.deal) w
WHERE w.tier IS NOT NULL \gset
-- New, gone, into and out of reach, from one tier into another, no change that matters, a fraction of a cent beyond the edge.
SELECT what, c.gained, c.lost
FROM (VALUES (1, 'new', NULL, :lowest), (2, 'gone', :highest, NULL), (3, 'into reach', :highest + 0.01, :highest),
    (4, 'out of reach', :highest, :highest + 0.01),
             (5, 'another tier', :lowest, :highest), (6, 'the same', :lowest, :lowest + 0.01),
             (7, 'never', :highest + 1, :highest + 2),
             (8, 'a fraction beyond', :highest + 0.001, NULL), (9, 'a fraction of 10^-4 beyond', :highest + 0.00001, NULL),
             (10, 'neither', NULL, NULL), (11, 'no amount', 'NaN', '-Infinity'),
             (12, 'beyond all', 1e40, -5)) v (n, what, old, new)
LEFT JOIN LATERAL offer_changes(ARRAY[old], ARRAY[new]) c ON true ORDER BY n;
SELECT * FROM offer_changes('{}', '{}');
SELECT price_changes(ARRAY[1, NULL, 2], ARRAY[NULL, 1, 2]);
SELECT * FROM tier_changes(ARRAY[NULL::deal], price_changes('{1}', '{2}'));
SELECT tier_changes(NULL, price_changes('{1}', '{2}')), price_changes(NULL, '{1}');
SELECT price_changes('{1,2}', '{1}');
SELECT * FROM offer_changes('{1,2}', '{1}');
SELECT * FROM offer_changes('{1,2}', '{1,2}', new_makes => '{Audi}');
SELECT * FROM offer_changes(NULL, '{28000}'), offer_changes('{28000}', NULL) o;
SELECT '1 vehicles'::price_changes;
DELETE FROM customer;

-- Against offers, vehicle by vehicle and tier by tier: many customers under several programs, some of whom nothing is known.
BEGIN;
INSERT INTO program (name, currency, change_digits, requires_dearer, max_price) VALUES ('whole', 'JPY', 2, false, 160000);
INSERT INTO program_profile VALUES ('whole', 1, 'A', 0.1, 0.1);
INSERT INTO program_term VALUES ('whole', 1, 12), ('whole', 1, 13), ('whole', 1, 84);
INSERT INTO program_tier VALUES ('whole', 1, 1, 'Less', NULL, true, 0, true), ('whole', 1, 2, 'More', 0, false, 0.5, false),
    ('whole', 1, 3, 'Far', 0.7, true, 3, true);
SELECT publish_program('whole') IS NOT NULL AS published, set_default_program('mx-2025') IS NOT NULL AS default_set;
SELECT setseed(0.25);
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program)
SELECT 'C' || lpad(i::text, 3, '0'), CASE i % 4 WHEN 3 THEN 'A' ELSE (ARRAY['A', 'A1', 'B', 'C1', 'D1', 'F4'])[1 + i % 6] END,
       round((150000 * random() - 10000)::numeric, 2), CASE WHEN i % 13 > 0 THEN round((2000 + 9000 * random())::numeric, 2) END,
       CASE WHEN i % 5 > 0 THEN round((150000 + 100000 * random())::numeric) END,
       CASE i % 4 WHEN 0 THEN 'mx-reference' WHEN 3 THEN 'whole' END
FROM generate_series(1, 120) i;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program)
VALUES ('unknown profile', 'Q', 100000, 5000, 'mx-reference'), ('unknown program', 'A', 100000, 5000, 'none such');
INSERT INTO vehicle (vehicle_id, currency, regular_price, status)
SELECT 'V' || i, CASE i % 3 WHEN 1 THEN 'JPY' ELSE 'MXN' END,
    120000 + round((300000 * random())::numeric, (i % 3 = 0)::integer * 2),
    CASE WHEN i % 9 > 0 THEN 'available' ELSE 'sold' END
FROM generate_series(1, 60) i;
CREATE FUNCTION pg_temp.tiers() RETURNS TABLE (customer_id text, vehicle_id text, tier text) LANGUAGE sql AS $$
    SELECT DISTINCT o.customer_id, o.vehicle_id, o.tier
    FROM tradeup.customer c, tradeup.offers(c.customer_id) o WHERE c.customer_id <> 'unknown program' AND o.tier IS NOT NULL $$;
CREATE TEMP TABLE tiers_before AS SELECT * FROM pg_temp.tiers();
CREATE TEMP TABLE vehicle_before AS SELECT * FROM vehicle;
CREATE TEMP TABLE compared (what text, gained bigint, lost bigint, gained_and_lost bigint, wrong bigint);
CREATE FUNCTION pg_temp.compare(what text) RETURNS void LANGUAGE sql AS $$
    WITH after AS (SELECT * FROM pg_temp.tiers()),
    expected AS (
        SELECT coalesce(b.customer_id, a.customer_id) AS customer_id, bool_or(b.customer_id IS NULL) AS gained,
        bool_or(a.customer_id IS NULL) AS lost
        FROM tiers_before b FULL JOIN after a USING (customer_id, vehicle_id, tier)
        WHERE a.customer_id IS NULL OR b.customer_id IS NULL GROUP BY 1),
    prices AS (
        SELECT currency, array_agg(o.price) AS old, array_agg(n.price) AS new, array_agg(o.year) AS oy, array_agg(n.year) AS ny,
               array_agg(o.kilometers) AS ok, array_agg(n.kilometers) AS nk, array_agg(o.make) AS om, array_agg(n.make) AS nm
        FROM (SELECT * FROM vehicle_before WHERE status = 'available') o
        FULL JOIN (SELECT * FROM tradeup.vehicle WHERE status = 'available') n USING (vehicle_id, currency) GROUP BY currency),
    found AS (SELECT c.* FROM prices p, tradeup.offer_changes(p.old, p.new, p.oy, p.ny, p.ok, p.nk, p.om, p.nm, p.currency) c)
    INSERT INTO compared
    SELECT $1, count(*) FILTER (WHERE f.gained), count(*) FILTER (WHERE f.lost), count(*) FILTER (WHERE f.gained AND f.lost),
           count(*) FILTER (WHERE (e.gained, e.lost) IS DISTINCT FROM (f.gained, f.lost))
    FROM expected e FULL JOIN found f USING (customer_id) $$;
UPDATE vehicle SET regular_price = regular_price + 5000 WHERE vehicle_id = 'V7';
DO $$ BEGIN PERFORM pg_temp.compare('one dearer'); END $$;
UPDATE vehicle SET regular_price = regular_price + 1 WHERE status = 'available';
DO $$ BEGIN PERFORM pg_temp.compare('all dearer by 1'); END $$;
UPDATE vehicle SET promotion_price = round(regular_price * 0.9) WHERE vehicle_id > 'V3';
DO $$ BEGIN PERFORM pg_temp.compare('promotions'); END $$;
UPDATE vehicle SET status = CASE status WHEN 'sold' THEN 'available' ELSE 'sold' END WHERE vehicle_id < 'V3';
DO $$ BEGIN PERFORM pg_temp.compare('status'); END $$;
DELETE FROM vehicle WHERE vehicle_id LIKE 'V%1';
DO $$ BEGIN PERFORM pg_temp.compare('some deleted'); END $$;
INSERT INTO vehicle (vehicle_id, currency, regular_price) SELECT 'W' || i, 'MXN', 100000 + i * 9999 FROM generate_series(1, 20) i;
DO $$ BEGIN PERFORM pg_temp.compare('some new'); END $$;
UPDATE vehicle SET currency = CASE currency WHEN 'JPY' THEN 'MXN' ELSE 'JPY' END
WHERE regular_price = trunc(regular_price) AND coalesce(promotion_price = trunc(promotion_price), true);
DO $$ BEGIN PERFORM pg_temp.compare('other currency'); END $$;
DELETE FROM vehicle;
DO $$ BEGIN PERFORM pg_temp.compare('all gone'); END $$;
SELECT * FROM compared;
-- The same where programs restrict vehicles, by one thing or several, two of them by the same; years are counted from this one.
SELECT place, in_use FROM tradeup_internal.vehicle_restrictions() WHERE program = 'mx-reference';
INSERT INTO program
SELECT (jsonb_populate_record(p, '{"name": "young", "published_at": null, "built_in": false, "max_age": 4}')).*
FROM current_program p WHERE name = 'mx-reference';
INSERT INTO program SELECT (jsonb_populate_record(p, v)).*
FROM program p, unnest(ARRAY['{"name": "also young"}', '{"name": "driven", "max_age": null, "max_kilometers": 60000}',
    '{"name": "made", "max_age": null, "makes": ["Audi", "BMW"]}',
    jsonb_build_object('name', 'all three', 'min_year', tradeup_internal.oldest_year(NULL, 6), 'max_age', NULL, 'max_kilometers',
                       90000, 'makes',
        '{Audi}'::text[]),
    '{"name": "nobody''s", "max_age": 1}']::jsonb[]) v WHERE p.name = 'young';
INSERT INTO program_profile SELECT n.name, 1, f.profile, f.annual_rate, f.down_payment_rate, f.insurance FROM program_profile f,
    program n WHERE f.program = 'mx-reference' AND n.published_at IS NULL;
INSERT INTO program_term SELECT n.name, 1, t.term, t.rate_adjustment FROM program_term t, program n
WHERE t.program = 'mx-reference' AND n.published_at IS NULL;
INSERT INTO program_tier SELECT n.name, 1, t.rank, t.name, t.lower_change, t.lower_inclusive, t.upper_change, t.upper_inclusive
FROM program_tier t, program n WHERE t.program = 'mx-reference' AND n.published_at IS NULL;
SELECT count(publish_program(name)) FROM program WHERE published_at IS NULL;
UPDATE customer SET program = (ARRAY['young', 'also young', 'driven', 'made', 'all three', 'mx-reference'])[1 + right(customer_id,
    3)::integer % 6] WHERE customer_id LIKE 'C%';
SELECT program, dense_rank() OVER (ORDER BY place) AS place, min_year - tradeup_internal.oldest_year(NULL, 0) AS years,
       max_kilometers, makes,
    in_use FROM tradeup_internal.vehicle_restrictions()
    WHERE program IN ('young', 'also young', 'driven', 'made', 'all three', 'mx-reference', 'nobody''s')
    ORDER BY place, program COLLATE "C";
INSERT INTO vehicle (vehicle_id, currency, regular_price, status, year, kilometers, make)
SELECT 'V' || i, 'MXN', 120000 + round((300000 * random())::numeric, 2), CASE WHEN i % 9 > 0 THEN 'available' ELSE 'sold' END,
       CASE WHEN i % 7 > 0 THEN tradeup_internal.oldest_year(NULL, i % 9) END, CASE WHEN i % 11 > 0 THEN i % 13 * 10000 END,
       (ARRAY['Audi', 'BMW', 'Kia', NULL])[1 + i % 4]
FROM generate_series(1, 60) i;
DELETE FROM compared;
DELETE FROM tiers_before;
DELETE FROM vehicle_before;
INSERT INTO tiers_before SELECT * FROM pg_temp.tiers();
INSERT INTO vehicle_before SELECT * FROM vehicle;
UPDATE vehicle SET year = year - 1 WHERE vehicle_id = 'V4';
DO $$ BEGIN PERFORM pg_temp.compare('one older'); END $$;
UPDATE vehicle SET kilometers = kilometers + 1;
DO $$ BEGIN PERFORM pg_temp.compare('a kilometre driven'); END $$;
UPDATE vehicle SET make = 'Audi' WHERE vehicle_id IN ('V11', 'V22');
DO $$ BEGIN PERFORM pg_temp.compare('other makes'); END $$;
UPDATE vehicle SET year = NULL, kilometers = NULL, make = NULL WHERE vehicle_id LIKE 'V1%';
DO $$ BEGIN PERFORM pg_temp.compare('unknown'); END $$;
UPDATE vehicle SET regular_price = round(regular_price * 0.9, 2), status = CASE WHEN vehicle_id LIKE '%5' THEN 'sold'
    ELSE 'available' END WHERE vehicle_id > 'V3';
DO $$ BEGIN PERFORM pg_temp.compare('prices and status'); END $$;
SELECT * FROM compared;
-- What is not given is not known, and what is not known is not met.
SELECT c.program, bool_or(o.gained) AS gained FROM customer c JOIN offer_changes('{NULL}', '{330000}') o USING (customer_id)
GROUP BY 1 ORDER BY c.program COLLATE "C";
SELECT c.program, bool_or(o.gained) AS gained FROM customer c
JOIN offer_changes('{NULL}', '{330000}', new_years => ARRAY[tradeup_internal.oldest_year(NULL, 0)], new_kilometers => '{60000}',
    new_makes => '{Audi}') o USING (customer_id) GROUP BY 1 ORDER BY c.program COLLATE "C";
ROLLBACK;

-- Watching: opt-in, for the own inventory and for any table, under the rights of whoever asks.
SELECT watch_inventory();
SELECT watch_inventory(); -- again is no more
SELECT tgname FROM pg_trigger WHERE tgrelid = 'vehicle'::regclass AND NOT tgisinternal ORDER BY 1;
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('N1', 'MXN', 250000), ('N2', 'MXN', 260000);
UPDATE vehicle SET regular_price = regular_price - 1000;
UPDATE vehicle SET color = 'red';
UPDATE vehicle SET vehicle_id = 'N3' WHERE vehicle_id = 'N1';
DELETE FROM vehicle WHERE vehicle_id LIKE 'N%';
SELECT unwatch_inventory();
SELECT unwatch_inventory();
CREATE SCHEMA "Other's";
CREATE TABLE "Other's"."Used ""cars""" ("No." integer, "Asking, in $" money, "sold?" boolean, PRIMARY KEY ("No."));
SELECT watch_inventory('"Other''s"."Used ""cars"""', 'No.', 'Asking, in $', 'sold?', 'false', 'Price "news"',
    options => '{"max_named": 3, "max_vehicles": 10}');
SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'tradeup_offer_changes_update';
INSERT INTO "Other's"."Used ""cars""" VALUES (1, 250000, false), (2, 260000, true);
UPDATE "Other's"."Used ""cars""" SET "sold?" = NOT "sold?", "Asking, in $" = 300000;
DELETE FROM "Other's"."Used ""cars""";
TRUNCATE "Other's"."Used ""cars""";

-- Signs that mean something to format(), names as long as they can be, a domain, kilometres and years of other types.
CREATE DOMAIN "Other's".amount AS numeric CHECK (VALUE > 0);
CREATE TABLE "Other's"."100%s" ("%I$s" text PRIMARY KEY, "%%L" "Other's".amount, "50% off" text,
    "a name of sixty-three bytes, which is as much as a name can hav" smallint,
    "é%" numeric, "make; %1$L'" varchar(10));
SELECT watch_inventory('"Other''s"."100%s"', '%I$s', '%%L', '50% off', '100% ''yes''', 'per%cent',
    '{"max_named": 5, "max_vehicles": 5, "year_column": "a name of sixty-three bytes, which is as much as a name can hav",
      "kilometers_column": "é%", "make_column": "make; %1$L''"}');
INSERT INTO "Other's"."100%s" VALUES ('1%', 250000, '100% ''yes''', 2020, 1e30, 'Audi'), ('%s', 260000, 'no', NULL, NULL, NULL);
UPDATE "Other's"."100%s" SET "é%" = 'NaN', "%%L" = 251000;
DELETE FROM "Other's"."100%s";

-- Mistakes.
SELECT watch_inventory('vehicle', options => '{"year_column": "model"}');
SELECT watch_inventory('vehicle', options => '{"kilometers_column": "miles"}');
SELECT watch_inventory('vehicle', price_column => 'prize');
SELECT watch_inventory('vehicle', price_column => 'make');
SELECT watch_inventory('vehicle', price_column => 'color; DROP TABLE vehicle');
SELECT watch_inventory(NULL);
SELECT watch_inventory(for_sale => NULL);
SELECT watch_inventory(channel => '');
SELECT watch_inventory(options => '{"max_named": 1001}');
SELECT watch_inventory(options => '{"max_vehicles": -1}');
SELECT watch_inventory(options => '{"max_vehicles": 1.5}');
SELECT watch_inventory(options => '{"max_named": null}');
SELECT watch_inventory(options => '{"make_column": 5}');
SELECT watch_inventory(options => '{"max_name": 5}');
SELECT watch_inventory(options => '["max_named"]');
SELECT watch_inventory('current_program', 'name', 'bonus', NULL);
SELECT unwatch_inventory(NULL);

-- A failure stops no change of the inventory, and is told: a column that is gone, rights that are missing.
ALTER TABLE "Other's"."Used ""cars""" RENAME COLUMN "Asking, in $" TO asking;
INSERT INTO "Other's"."Used ""cars""" VALUES (3, 200000, false);
SELECT count(*) FROM "Other's"."Used ""cars""";
SELECT watch_inventory('"Other''s"."Used ""cars"""', 'No.', 'asking', NULL);
CREATE ROLE tradeup_clerk NOLOGIN;
GRANT USAGE ON SCHEMA tradeup, "Other's" TO tradeup_clerk;
GRANT SELECT, UPDATE ON "Other's"."Used ""cars""" TO tradeup_clerk;
SET ROLE tradeup_clerk;
UPDATE "Other's"."Used ""cars""" SET asking = 210000;
SELECT * FROM offer_changes('{1}', '{2}');
SELECT watch_inventory('"Other''s"."Used ""cars"""', 'No.', 'asking', NULL);
SELECT unwatch_inventory('"Other''s"."Used ""cars"""');
RESET ROLE;
SELECT asking = 210000::money AS updated FROM "Other's"."Used ""cars""";
GRANT SELECT ON customer, program, program_profile, program_term, program_region, program_default, current_program
    TO tradeup_clerk;
SET ROLE tradeup_clerk;
UPDATE "Other's"."Used ""cars""" SET asking = 220000;
RESET ROLE;

-- What belongs to a table is watched with it, however far below: a statement fires the triggers of the table that it names alone.
CREATE TABLE "Other's".lots (id text, asking numeric, site text) PARTITION BY LIST (site);
CREATE TABLE "Other's"."lot: North" PARTITION OF "Other's".lots FOR VALUES IN ('north');
CREATE TABLE "Other's".south PARTITION OF "Other's".lots FOR VALUES IN ('south', 'far south') PARTITION BY LIST (site);
CREATE TABLE "Other's".far PARTITION OF "Other's".south FOR VALUES IN ('far south');
CREATE TABLE "Other's".bikes () INHERITS (vehicle);
CREATE VIEW "Other's".watched AS SELECT t.tgrelid::regclass AS relation, count(*) AS triggers,
    count(DISTINCT t.tgargs) AS arguments
    FROM pg_trigger t WHERE NOT t.tgisinternal AND t.tgfoid = 'tradeup_internal.notify_offer_changes'::regproc
        AND t.tgname LIKE 'tradeup%' GROUP BY 1;
SELECT * FROM tradeup_internal.children_of('"Other''s".lots') ORDER BY child::text COLLATE "C";
SELECT watch_inventory('"Other''s".lots', 'id', 'asking', NULL), watch_inventory();
SELECT watch_inventory('"Other''s".lots', 'id', 'asking', NULL, channel => 'again'); -- again is no more
SELECT * FROM "Other's".watched ORDER BY relation::text COLLATE "C";
-- A statement on the parent and one on a child tell once; on a part of the tree too.
CREATE FUNCTION pg_temp.told(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT json) ' || statement INTO STRICT statement;
    RETURN (SELECT sum((t ->> 'Calls')::bigint) FROM jsonb_path_query(statement::jsonb, '$[0].Triggers[*]') t);
END $$;
SELECT s, pg_temp.told(s)
FROM unnest(ARRAY['INSERT INTO "Other''s".lots VALUES (1, 250000, ''north''), (2, 260000, ''far south'')',
    'UPDATE "Other''s".lots SET asking = 1', 'UPDATE "Other''s".far SET asking = 2',
    'UPDATE "Other''s"."lot: North" SET asking = 2', 'DELETE FROM "Other''s".south',
    'INSERT INTO "Other''s".bikes (vehicle_id, currency, regular_price) VALUES (''B'', ''MXN'', 1)',
    'DELETE FROM tradeup.vehicle']) WITH ORDINALITY x (s, n) ORDER BY n;
-- A part of it is unwatched, all of it is; a child that leaves keeps its triggers.
SELECT unwatch_inventory('"Other''s".south'), unwatch_inventory('"Other''s".south');
SELECT * FROM "Other's".watched ORDER BY relation::text COLLATE "C";
SELECT unwatch_inventory(), unwatch_inventory();
ALTER TABLE "Other's".lots DETACH PARTITION "Other's"."lot: North";
SELECT unwatch_inventory('"Other''s".lots');
SELECT * FROM "Other's".watched ORDER BY relation::text COLLATE "C";
SELECT unwatch_inventory('"Other''s"."lot: North"');
-- What cannot be watched is refused, and nothing is watched then: not a part either.
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE "Other's".shard PARTITION OF "Other's".south FOR VALUES IN ('south') SERVER nowhere;
SELECT * FROM tradeup_internal.children_of('"Other''s".south') ORDER BY child::text COLLATE "C";
SELECT watch_inventory('"Other''s".lots', 'id', 'asking', NULL);
SELECT watch_inventory('"Other''s".shard', 'id', 'asking', NULL);
SELECT watch_inventory('"Other''s".far', 'id', 'asking', NULL);
SELECT * FROM "Other's".watched ORDER BY relation::text COLLATE "C";
-- Who may watch a table may not watch those below it.
CREATE ROLE tradeup_keeper NOLOGIN;
GRANT USAGE ON SCHEMA tradeup, "Other's" TO tradeup_keeper;
GRANT SELECT, TRIGGER ON vehicle TO tradeup_keeper;
SET ROLE tradeup_keeper;
SELECT watch_inventory();
RESET ROLE;
SELECT * FROM "Other's".watched ORDER BY relation::text COLLATE "C";
REVOKE ALL ON vehicle FROM tradeup_keeper;
REVOKE ALL ON SCHEMA tradeup, "Other's" FROM tradeup_keeper;
DROP ROLE tradeup_keeper;
SELECT count(*) FROM tradeup_internal.children_of(NULL);

\set VERBOSITY terse
DROP SCHEMA "Other's" CASCADE;
\set VERBOSITY default
DROP SERVER nowhere;
DROP FOREIGN DATA WRAPPER nowhere;
REVOKE ALL ON SCHEMA tradeup FROM tradeup_clerk;
REVOKE ALL ON ALL TABLES IN SCHEMA tradeup FROM tradeup_clerk;
DROP ROLE tradeup_clerk;
DELETE FROM customer;
DELETE FROM vehicle;
