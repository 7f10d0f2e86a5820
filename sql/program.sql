-- Finance programs: built-in data, drafts, publication, immutability, the default.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never

SELECT name, version, title, currency, profile_count, term_count, tiers FROM current_program ORDER BY name;

-- The two Mexican programs differ in columns only.
SELECT r.key, r.value AS "mx-reference", n.value AS "mx-2025"
FROM program a, program b, jsonb_each(to_jsonb(a)) r JOIN LATERAL jsonb_each(to_jsonb(b)) n USING (key)
WHERE a.name = 'mx-reference' AND b.name = 'mx-2025' AND r.value <> n.value AND r.key NOT IN ('name', 'title', 'published_at')
ORDER BY r.key;

-- A draft may be changed; nobody's offers see it.
INSERT INTO program (name, currency, title, service_fee_rate) VALUES ('test-lender', 'MXN', 'Test lender', 0.03);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('test-lender', 1, 'good', 0.08, 0.1);
INSERT INTO program_term (program, version, term) VALUES ('test-lender', 1, 36), ('test-lender', 1, 48);
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
VALUES ('test-lender', 1, 1, 'Less', NULL, 0), ('test-lender', 1, 2, 'More', 0, NULL);
UPDATE program SET service_fee_rate = 0.02 WHERE name = 'test-lender';
UPDATE program_profile SET annual_rate = 0.09 WHERE program = 'test-lender';
DELETE FROM program_term WHERE program = 'test-lender' AND term = 36;
SELECT count(*) FROM current_program WHERE name = 'test-lender';
SELECT count(*) FROM rate_sheet WHERE name = 'test-lender';

SELECT publish_program('test-lender') IS NOT NULL AS published;
SELECT name, service_fee_rate, profile_count, term_count, tier_count, tiers FROM current_program WHERE name = 'test-lender';
SELECT profile, annual_rate, term, tiers FROM rate_sheet WHERE name = 'test-lender';

-- Once published, nothing can change it.
UPDATE program SET service_fee_rate = 0.01 WHERE name = 'test-lender';
UPDATE program_profile SET annual_rate = 0.01 WHERE program = 'test-lender';
UPDATE program_term SET rate_adjustment = 0.01 WHERE program = 'test-lender';
UPDATE program_tier SET name = 'Other' WHERE program = 'test-lender' AND rank = 1;
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('test-lender', 1, 'bad', 0.2, 0.1);
INSERT INTO program_term (program, version, term) VALUES ('test-lender', 1, 60);
INSERT INTO program_tier (program, version, rank, name) VALUES ('test-lender', 1, 3, 'Third');
DELETE FROM program_profile WHERE program = 'test-lender';
DELETE FROM program_tier WHERE program = 'test-lender';
DELETE FROM program WHERE name IN ('test-lender', 'shop');
UPDATE program_term SET program = 'test-lender' WHERE program = 'us-simple' AND term = 36;
UPDATE program SET bonus = 1 WHERE name = 'mx-reference';

SET client_min_messages = warning;
TRUNCATE program CASCADE;
RESET client_min_messages;
TRUNCATE program_tier;

-- Nobody else's program is built in, so all of them are dumped.
INSERT INTO program (name, currency, built_in) VALUES ('copied', 'MXN', true);
UPDATE program SET built_in = true WHERE name = 'copied';
SELECT name, built_in FROM program ORDER BY name;
DELETE FROM program WHERE name = 'copied';

-- A part of a draft cannot be moved into a published version.
INSERT INTO program (name, currency, version) VALUES ('test-lender', 'MXN', 2);
INSERT INTO program_term (program, version, term) VALUES ('test-lender', 2, 72);
UPDATE program_term SET version = 1 WHERE program = 'test-lender' AND term = 72;

-- A version without profiles is not complete; a new version takes the place of the old one once it is published.
SELECT publish_program('test-lender', 2);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('test-lender', 2, 'good', 0.07, 0.1);
SELECT version FROM current_program WHERE name = 'test-lender';
SELECT publish_program('test-lender', 2) IS NOT NULL AS published;
SELECT version, tiers FROM current_program WHERE name = 'test-lender';
SELECT publish_program('test-lender', 3);

-- Tiers are checked when the version is published.
INSERT INTO program (name, currency, version) VALUES ('test-lender', 'MXN', 4);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('test-lender', 4, 'good', 0.07, 0.1);
INSERT INTO program_term (program, version, term) VALUES ('test-lender', 4, 72);
INSERT INTO program_tier (program, version, rank, name, lower_change, upper_change)
VALUES ('test-lender', 4, 1, 'Low', 0, 0.2), ('test-lender', 4, 2, 'High', 0.1, 0.3);
SELECT publish_program('test-lender', 4);

-- So are the limits of the program.
DELETE FROM program_tier WHERE program = 'test-lender' AND version = 4;
UPDATE program_profile SET annual_rate = 1.5 WHERE program = 'test-lender' AND version = 4;
SELECT publish_program('test-lender', 4);
UPDATE program_profile SET annual_rate = 0.1 WHERE program = 'test-lender' AND version = 4;
INSERT INTO program_term (program, version, term) VALUES ('test-lender', 4, 121);
SELECT publish_program('test-lender', 4);

-- Figures that no deal can hold are refused.
\set VERBOSITY terse
INSERT INTO program (name, currency, version, protection) VALUES ('test-lender', 'MXN', 5, 0.1234567890123456789);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('test-lender', 4, 'x', 0.1234567890123456, 0.1);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate)
VALUES ('test-lender', 4, 'x', 0.1, 1e-19);
INSERT INTO program_term (program, version, term, rate_adjustment) VALUES ('test-lender', 4, 60, 1e-16);
\set VERBOSITY default

-- A version that is inserted as published, as a restore does, counts when it is what it says it is; until then nobody gets
-- offers of it, and it can be deleted.
INSERT INTO vehicle (vehicle_id, currency, regular_price) VALUES ('V', 'MXN', 250000);
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program) VALUES ('C', 'A1', 100000, 7000, 'mx-2025'),
    ('D', 'good', 100000, 7000, 'shop');
\set VERBOSITY terse
INSERT INTO program (name, currency, published_at, profile_count, term_count, tier_count, region_count, tiers)
VALUES ('shop', 'MXN', now(), 1, 1, 0, 0, 'garbage');
\set VERBOSITY default
INSERT INTO program (name, currency, version, published_at, profile_count, term_count, tier_count, region_count, tiers) VALUES
    ('shop', 'MXN', 1, now(), 1, 1, 1, 0, 'Any (,)'), ('mx-2025', 'MXN', 2, now(), 1, 1, 0, 0, NULL),
    ('shop', 'MXN', 2, now(), 1, 1, 0, 0, NULL),
    ('shop', 'MXN', 3, now(), 1, 1, 0, 0, NULL);
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate) VALUES ('shop', 1, 'good', 0.07, 0),
    ('shop', 2, 'good', 0.08, 0), ('shop', 3, 'good', 1.08, 0);
INSERT INTO program_term (program, version, term) VALUES ('shop', 2, 121), ('shop', 3, 60);
SELECT name, version FROM current_program WHERE name IN ('mx-2025', 'shop');
SELECT count(*) FROM offers('C');
SELECT customer_id, count(*) FROM portfolio(9) GROUP BY 1;
SELECT sum(offers) FROM portfolio_summary();
SELECT count(*) FROM offers('D');
SELECT count(*) FROM rate_sheet WHERE name = 'shop';
SELECT set_default_program('shop');
-- The last of its parts makes it whole.
INSERT INTO program_tier (program, version, rank, name, lower_inclusive, upper_inclusive)
VALUES ('shop', 1, 1, 'Any', false, false);
INSERT INTO program_term (program, version, term) VALUES ('shop', 1, 60);
SELECT name, version, program_is_whole(p) FROM program p WHERE name IN ('mx-2025', 'shop') ORDER BY 1, 2;
SELECT tier, count(*) FROM offers('D') GROUP BY tier;
DELETE FROM program WHERE (name, version) = ('shop', 1);
DELETE FROM program WHERE name = 'shop' AND version > 1;
DELETE FROM program WHERE (name, version) = ('mx-2025', 2);
DELETE FROM customer;
DELETE FROM vehicle;
SELECT tradeup_internal.have_at_most_18_digits(ARRAY[999999999999999999, 0.999999999999999999, NULL]) AS yes,
    tradeup_internal.have_at_most_18_digits(ARRAY[1, 1e-19]) AS decimals,
       tradeup_internal.have_at_most_18_digits(ARRAY[1000000000000000000]) AS digits,
       tradeup_internal.have_at_most_18_digits('{}') AS none;

-- Constraints say what they are about.
INSERT INTO program (name, currency, service_fee_rate) VALUES ('x', 'MXN', 0.06);
INSERT INTO program (name, currency, rounding) VALUES ('x', 'MXN', 'sometimes');
\set VERBOSITY terse
INSERT INTO program (name, currency, published_at) VALUES ('x', 'MXN', now());
\set VERBOSITY default
INSERT INTO program_profile (program, version, profile, annual_rate, down_payment_rate) VALUES ('test-lender', 4, 'x', 0.1, 1.5);
INSERT INTO program_term (program, version, term) VALUES ('test-lender', 4, 0);
INSERT INTO program_tier (program, version, rank, name) VALUES ('test-lender', 4, 3, 'a, b');

-- Parts go where their draft goes; only a restore, which is the owner's, inserts parts before the program.
BEGIN;
INSERT INTO program (name, currency) VALUES ('moved', 'MXN');
INSERT INTO program_profile VALUES ('moved', 1, 'A', 0.1, 0);
INSERT INTO program_term VALUES ('moved', 1, 36);
INSERT INTO program_tier VALUES ('moved', 1, 1, 'Any');
UPDATE program SET name = 'further', version = 7 WHERE name = 'moved';
SELECT program, version, profile, term, rank FROM program_profile JOIN program_term USING (program, version)
JOIN program_tier USING (program, version)
WHERE program IN ('moved', 'further');
DELETE FROM program WHERE name = 'further';
SELECT (SELECT count(*) FROM program_profile WHERE program IN ('moved', 'further')) + (SELECT count(*) FROM program_term
    WHERE program IN ('moved', 'further'))
     + (SELECT count(*) FROM program_tier WHERE program IN ('moved', 'further')) AS left_over;
CREATE ROLE tradeup_admin NOLOGIN;
SELECT grant_admin('tradeup_admin');
SET ROLE tradeup_admin;
SAVEPOINT before;
INSERT INTO program_tier (program, version, rank, name) VALUES ('nobody', 1, 3, 'a');
ROLLBACK TO before;
INSERT INTO program (name, currency) VALUES ('somebody', 'MXN');
INSERT INTO program_tier (program, version, rank, name) VALUES ('somebody', 1, 3, 'a');
UPDATE program_tier SET program = 'nobody' WHERE program = 'somebody';
ROLLBACK TO before;
RESET ROLE;
INSERT INTO program_tier (program, version, rank, name) VALUES ('nobody', 1, 3, 'a');
SELECT * FROM tradeup_internal.parts_of_programs_problems();
ROLLBACK;

-- The default program.
SELECT set_default_program('test-lender');
SELECT set_default_program('us-simple');
SELECT program FROM program_default;
SELECT set_default_program('nobody');
INSERT INTO program_default (program) VALUES ('mx-2025');

DELETE FROM program_default;
ALTER TABLE program DISABLE TRIGGER protect_published_program;
ALTER TABLE program_profile DISABLE TRIGGER protect_published_parts;
ALTER TABLE program_term DISABLE TRIGGER protect_published_parts;
ALTER TABLE program_tier DISABLE TRIGGER protect_published_parts;
DELETE FROM program WHERE name IN ('test-lender', 'shop');
ALTER TABLE program ENABLE TRIGGER protect_published_program;
ALTER TABLE program_profile ENABLE TRIGGER protect_published_parts;
ALTER TABLE program_term ENABLE TRIGGER protect_published_parts;
ALTER TABLE program_tier ENABLE TRIGGER protect_published_parts;
