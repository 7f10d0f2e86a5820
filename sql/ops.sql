-- Health: each thing is broken, and exactly its check turns; statistics; grants, statement by statement and role by role.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
SET client_min_messages = warning;
-- Plans of searches cost enough to be compiled, which takes longer than all the rest.
SET jit = off;
SELECT tradeup_internal.library_version() = extversion AS library_is_of_the_extension FROM pg_extension WHERE extname = 'tradeup';

-- An empty database says what it lacks.
SELECT check_name, status, advice FROM health() WHERE check_name IN ('default program', 'inventory');

SELECT set_default_program('mx-reference');
INSERT INTO vehicle (vehicle_id, currency, dealer, regular_price)
SELECT 'V' || n, 'MXN', CASE n % 2 WHEN 0 THEN 'north' ELSE 'south' END,
    300000 + 1000 * n FROM generate_series(1, 40) n;
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, program) VALUES
    ('C1', 'AAA', 200000, 11000, NULL), ('C2', 'B', 250000, 12000, 'mx-2025'), ('C3', 'prime', 90000, NULL, 'us-simple');
SELECT count(save_quote('C1', v, t)) FROM unnest('{V1,V2}'::text[]) v, unnest('{48,60}'::integer[]) t;
ALTER TABLE vehicle SET (autovacuum_enabled = false);
VACUUM (FULL, ANALYZE) vehicle, customer, quote, quote_event;
VACUUM vehicle, customer, quote, quote_event;
SELECT pg_stat_force_next_flush();
SELECT check_name, status, CASE WHEN check_name NOT IN ('version', 'price index is used', 'inventory') THEN value END AS value,
    advice FROM health();
-- Every check is asked.
SELECT p.proname FROM pg_proc p WHERE p.pronamespace = ANY ('{tradeup,tradeup_internal,tradeup_bi}'::regnamespace[])
  AND p.proname LIKE 'health\_%'
    AND p.proname NOT IN (SELECT 'health_' || translate(h.check_name, ' -', '__') FROM health() h);
SELECT replace(value, tradeup_internal.today()::text, 'today') AS inventory FROM health() WHERE check_name = 'inventory';

-- Quotes once more, as a restore brings them, with other numbers and of an earlier day.
CREATE FUNCTION pg_temp.age(beyond bigint, days interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format('INSERT INTO tradeup.quote (%1$s) OVERRIDING SYSTEM VALUE SELECT %1$s FROM (SELECT (jsonb_populate_record(q, jsonb_build_object(''quote_id'', q.quote_id + $1, ''quoted_at'', q.quoted_at - $2, ''valid_for'', ''2 days''))).* FROM tradeup.quote q) x',
                           string_agg(a.attname, ', ' ORDER BY a.attnum))
             FROM pg_attribute a WHERE a.attrelid = 'tradeup.quote'::regclass AND a.attnum > 0 AND a.attgenerated = '')
                 USING beyond, days;
END $$;

-- What turned, against that.
CREATE TEMP TABLE fine AS SELECT * FROM health();
CREATE VIEW pg_temp.turned AS SELECT h.check_name, h.status,
    replace(replace(h.value, tradeup_internal.today()::text, 'today'), tradeup_internal.library_version(), 'LIBRARY') AS value,
    h.advice
    FROM health() h JOIN fine f USING (check_name) WHERE h.status <> f.status OR h.advice IS DISTINCT FROM f.advice;
\pset format unaligned
\pset tuples_only on
SELECT * FROM pg_temp.turned;

\echo version
BEGIN; UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'tradeup'; SELECT * FROM pg_temp.turned; ROLLBACK;
\echo parts of programs
BEGIN;
INSERT INTO program_profile VALUES ('nobody', 3, 'A', 0.1, 0), ('nobody', 3, 'B', 0.1, 0);
ALTER TABLE program_term DISABLE TRIGGER protect_published_parts;
DELETE FROM program_term WHERE program = 'us-simple' AND term = 36;
ALTER TABLE program_term ENABLE TRIGGER protect_published_parts;
SELECT * FROM pg_temp.turned;
ROLLBACK;
\echo events of quotes
BEGIN;
INSERT INTO quote_event (quote_id, seq, event, happened_at) VALUES (4711, 2, 'accepted', '2024-01-01');
ALTER TABLE quote_event DISABLE TRIGGER ALL;
SELECT min(quote_id) AS first FROM quote \gset
DELETE FROM quote_event WHERE quote_id = :first;
INSERT INTO quote_event (quote_id, seq, event, happened_at, happened_by) VALUES (:first + 1, 2, 'withdrawn', now(), 'me'),
    (:first + 1, 3, 'viewed', now(), 'me');
ALTER TABLE quote_event ENABLE TRIGGER ALL;
SELECT regexp_replace(value, '\d+:', 'N:', 'g') FROM pg_temp.turned WHERE check_name = 'events of quotes';
ROLLBACK;
\echo price indexes
BEGIN; DROP INDEX vehicle_available_by_price; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'vehicle_available_by_year'::regclass;
SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; UPDATE pg_index SET indisready = false WHERE indexrelid = 'vehicle_available_by_kilometers'::regclass;
SELECT * FROM pg_temp.turned; ROLLBACK;
-- The advice is the index: with it, all is as before.
BEGIN;
CREATE TEMP TABLE index_before AS
SELECT pg_get_indexdef(indexrelid) AS definition FROM pg_index WHERE indrelid = 'vehicle'::regclass;
DROP INDEX vehicle_available_by_price, vehicle_available_by_year, vehicle_available_by_kilometers;
CREATE TEMP TABLE gone AS SELECT advice FROM health() WHERE check_name = 'price indexes';
SELECT advice FROM gone \gexec
SELECT * FROM pg_temp.turned;
SELECT count(*) AS indexes, count(b.definition) AS as_before
FROM pg_index i LEFT JOIN index_before b ON b.definition = pg_get_indexdef(i.indexrelid) WHERE i.indrelid = 'vehicle'::regclass;
ROLLBACK;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'vehicle'::regclass AND NOT indisprimary ORDER BY 1;
\echo protection
BEGIN; ALTER TABLE program_term DISABLE TRIGGER protect_published_parts; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; ALTER TABLE quote_event ENABLE REPLICA TRIGGER refuse_quote_change; SELECT * FROM pg_temp.turned; ROLLBACK;
\echo schema
BEGIN; CREATE ROLE tradeup_maker; GRANT CREATE ON SCHEMA tradeup TO tradeup_maker; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; GRANT CREATE ON SCHEMA tradeup TO PUBLIC; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; GRANT CREATE ON SCHEMA tradeup_internal TO PUBLIC; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; CREATE FUNCTION tradeup_internal.today(integer) RETURNS date LANGUAGE sql AS 'SELECT NULL::date';
CREATE TABLE tradeup.own ();
SELECT * FROM pg_temp.turned; ROLLBACK;
\echo watched tables
BEGIN; SELECT watch_inventory(); SELECT value FROM health() WHERE check_name = 'watched tables'; SELECT * FROM pg_temp.turned;
ALTER TABLE vehicle DISABLE TRIGGER tradeup_offer_changes_update; SELECT * FROM pg_temp.turned; ROLLBACK;
\echo children of watched tables
BEGIN;
CREATE TABLE public.lots (id text, asking numeric, site integer) PARTITION BY LIST (site);
CREATE TABLE public.lot_1 PARTITION OF public.lots FOR VALUES IN (1);
SELECT watch_inventory('public.lots', 'id', 'asking', NULL);
SELECT check_name, value FROM health() WHERE check_name IN ('watched tables', 'children of watched tables');
SELECT * FROM pg_temp.turned;
CREATE TABLE public.lot_2 PARTITION OF public.lots FOR VALUES IN (2, 3, 4, 5, 6, 7, 8) PARTITION BY LIST (site);
SELECT format('CREATE TABLE public."lot 2.%s" PARTITION OF public.lot_2 FOR VALUES IN (%s)', n, n)
FROM generate_series(2, 7) n \gexec
SELECT * FROM pg_temp.turned;
-- What the advice says helps.
SAVEPOINT before;
SELECT watch_inventory('public.lots', 'id', 'asking', NULL);
SELECT * FROM pg_temp.turned;
SELECT value FROM health() WHERE check_name = 'children of watched tables';
ROLLBACK TO before;
-- A foreign one is worse: statements on the parent fail.
CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE public.lot_8 PARTITION OF public.lot_2 FOR VALUES IN (8) SERVER nowhere;
SELECT * FROM pg_temp.turned;
SELECT unwatch_inventory('public.lots');
SELECT * FROM pg_temp.turned;
-- One that is watched in part is named by its name.
SELECT watch_inventory('public.lot_1', 'id', 'asking', NULL);
ALTER TABLE public.lot_1 DISABLE TRIGGER tradeup_offer_changes_delete;
SELECT * FROM pg_temp.turned;
ROLLBACK;
\echo tables below the inventory
BEGIN;
SELECT watch_inventory();
SELECT add_vehicle_child('public."North lot"');
SELECT tradeup_internal.index_definition(indexrelid) AS definition, indisunique FROM pg_index
WHERE indrelid = 'public."North lot"'::regclass ORDER BY 1;
SELECT count(*) AS triggers FROM pg_trigger WHERE tgrelid = 'public."North lot"'::regclass;
-- Watched by its own name, it has the columns of the inventory all the same.
SELECT watch_inventory('public."North lot"');
SELECT count(*) AS of_all_columns FROM pg_trigger
WHERE tgrelid = 'public."North lot"'::regclass
  AND pg_get_triggerdef(oid) LIKE '%''year'', ''kilometers'', ''make'', ''currency'')';
SELECT relation, is_foreign FROM tradeup_internal.vehicle_tables() ORDER BY relation::text COLLATE "C";
INSERT INTO public."North lot" (vehicle_id, currency, regular_price) VALUES ('N1', 'MXN', 300000);
SELECT count(*) FROM tradeup_internal.sample_of_inventory(300);
SELECT tradeup_internal.share_of_inventory(300), tradeup_internal.share_of_inventory(1) < 1 AS less;
SELECT * FROM pg_temp.turned;
SELECT object, privileges FROM tradeup_internal.grants_of('reader') WHERE object LIKE '%lot%';
SELECT object, privileges FROM tradeup_internal.grants_of('admin') WHERE object LIKE '%lot%';
-- What the advice says helps.
ALTER TABLE public."North lot" DROP CONSTRAINT "North lot_pkey";
SELECT format('DROP INDEX %s', indexrelid::regclass) FROM pg_index WHERE indrelid = 'public."North lot"'::regclass
  AND tradeup_internal.index_definition(indexrelid) LIKE '%kilometers, price%' \gexec
SELECT * FROM pg_temp.turned;
SELECT remedy FROM tradeup_internal.indexes_lacking('public."North lot"') \gexec
SELECT * FROM pg_temp.turned;
INSERT INTO public."North lot" (vehicle_id, currency, regular_price) VALUES ('V7', 'MXN', 300000);
SELECT * FROM pg_temp.turned;
DELETE FROM public."North lot";
-- One that nobody analyzed, and that no server has.
SELECT unwatch_inventory();
CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER nowhere FOREIGN DATA WRAPPER nowhere;
CREATE FOREIGN TABLE public.far () INHERITS (vehicle) SERVER nowhere;
SELECT * FROM pg_temp.turned;
ROLLBACK;
-- What is no table to be made.
SELECT add_vehicle_child(NULL);
SELECT add_vehicle_child('north');
SELECT add_vehicle_child('tradeup.north');
SELECT add_vehicle_child('public.north', options => '{}');
SELECT add_vehicle_child('public.north', 'nowhere', '[]');
SELECT add_vehicle_child('public.north', 'no server');
BEGIN; SELECT watch_inventory(); SELECT add_vehicle_child('public.north', 'nowhere'); ROLLBACK;
\echo row-level security
BEGIN; CREATE POLICY forgotten ON vehicle USING (dealer = 'north'); SELECT * FROM pg_temp.turned; ROLLBACK;
\echo default program
BEGIN; DELETE FROM program_default; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; UPDATE program_default SET program = 'gone'; SELECT * FROM pg_temp.turned; ROLLBACK;
\echo programs that end
CREATE FUNCTION pg_temp.publish(n text, v integer, valid_from date, valid_to date) RETURNS timestamptz LANGUAGE sql AS $$
    INSERT INTO tradeup.program (name, version, currency, valid_from, valid_to) VALUES (n, v, 'MXN', valid_from, valid_to);
    INSERT INTO tradeup.program_profile VALUES (n, v, 'AAA', 0.1, 0);
    INSERT INTO tradeup.program_term VALUES (n, v, 48);
    SELECT tradeup.publish_program(n, v) $$;
BEGIN;
SELECT pg_temp.publish('season', 1, NULL, tradeup_internal.today() + 30) IS NOT NULL;
SELECT check_name, status, replace(value, (tradeup_internal.today() + 30)::text, 'in 30 days'), advice FROM pg_temp.turned;
SAVEPOINT followed; SELECT pg_temp.publish('season', 2, tradeup_internal.today() + 30, NULL) IS NOT NULL;
SELECT * FROM pg_temp.turned;
ROLLBACK TO followed; SELECT pg_temp.publish('season', 2, tradeup_internal.today() + 31, NULL) IS NOT NULL;
SELECT check_name, status FROM pg_temp.turned;
ROLLBACK TO followed; SELECT pg_temp.publish('later', 1, NULL, tradeup_internal.today() + 31) IS NOT NULL;
SELECT check_name, status, value = 'season on ' || (tradeup_internal.today() + 30) FROM pg_temp.turned;
ROLLBACK;
-- The default one has ended, and customers with it.
BEGIN; SELECT pg_temp.publish('ended', 1, NULL, tradeup_internal.today()) IS NOT NULL;
UPDATE program_default SET program = 'ended';
SELECT * FROM pg_temp.turned; ROLLBACK;
\echo programs of customers
BEGIN; UPDATE customer SET program = 'gone' WHERE customer_id = 'C2'; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; UPDATE customer SET risk_profile = 'prime'; SELECT * FROM pg_temp.turned; ROLLBACK;
-- All pairs are found: brute force over random customers.
BEGIN;
SELECT setseed(0.5);
INSERT INTO customer (customer_id, risk_profile, program)
SELECT 'R' || n, (ARRAY['AAA', 'prime', 'none', 'B'])[1 + floor(random() * 4)],
    (ARRAY['mx-2025', 'us-simple', 'lost', 'Lost', NULL])[1 + floor(random() * 5)] FROM generate_series(1, 500) n;
SELECT regexp_replace(value, ' \([^)]*\)', '', 'g') = format('%s without a valid program, %s whose profile their program has not',
    count(*) FILTER (WHERE p.name IS NULL), count(*) FILTER (WHERE p.name IS NOT NULL)), count(*) > 200
FROM health() h, customer c LEFT JOIN current_program p ON p.name = coalesce(c.program, 'mx-reference')
LEFT JOIN program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = c.risk_profile
WHERE f.profile IS NULL AND h.check_name = 'programs of customers' GROUP BY h.value;
ROLLBACK;
-- A program none of whose terms is left at the rate of a profile.
BEGIN;
INSERT INTO program (name, currency, max_adjusted_rate) VALUES ('strict', 'MXN', 0.2);
INSERT INTO program_profile VALUES ('strict', 1, 'good', 0.2, 0), ('strict', 1, 'bad', 0.21, 0);
INSERT INTO program_term VALUES ('strict', 1, 48);
SELECT publish_program('strict') IS NOT NULL;
INSERT INTO customer (customer_id, risk_profile, current_payment, program) VALUES ('T2', 'bad', 100, 'strict'),
    ('T1', 'bad', 100, 'strict'), ('T0', 'good', 100, 'strict');
SELECT * FROM pg_temp.turned;
UPDATE customer SET program = repeat('no ', 100) WHERE customer_id = 'T1';
SELECT status, length(value) < 400 FROM pg_temp.turned;
ROLLBACK;
\echo payments of customers
BEGIN; UPDATE customer SET current_payment = NULL WHERE customer_id <> 'C1'; SELECT * FROM pg_temp.turned; ROLLBACK;
\echo vehicles that programs ask about
BEGIN;
SELECT value FROM health() WHERE check_name = 'vehicles that programs ask about';
INSERT INTO program SELECT (jsonb_populate_record(p, '{"name": "asks", "published_at": null, "built_in": false, "max_kilometers": 60000, "makes": ["Audi"]}')).* FROM program p WHERE p.name = 'mx-reference';
INSERT INTO program_profile SELECT 'asks', 1, f.profile, f.annual_rate, f.down_payment_rate, f.insurance FROM program_profile f
WHERE f.program = 'mx-reference';
INSERT INTO program_term SELECT 'asks', 1, t.term, t.rate_adjustment FROM program_term t WHERE t.program = 'mx-reference';
INSERT INTO program_tier SELECT 'asks', 1, t.rank, t.name, t.lower_change, t.lower_inclusive, t.upper_change, t.upper_inclusive
FROM program_tier t WHERE t.program = 'mx-reference';
SELECT publish_program('asks') IS NOT NULL;
-- As long as nobody has it, it asks for nothing.
SELECT * FROM pg_temp.turned;
UPDATE customer SET program = 'asks' WHERE customer_id = 'C1';
UPDATE vehicle SET make = 'Audi', kilometers = 1 WHERE vehicle_id > 'V2';
UPDATE vehicle SET make = 'Audi' WHERE vehicle_id = 'V10';
UPDATE vehicle SET status = 'sold' WHERE vehicle_id = 'V1';
SELECT * FROM pg_temp.turned;
UPDATE vehicle SET make = 'Kia', kilometers = 1;
SELECT * FROM pg_temp.turned;
ROLLBACK;
\echo price index is used
SELECT pg_stat_reset_single_table_counters(r::regclass) FROM unnest('{vehicle,vehicle_available_by_price}'::text[]) r;
DO $$ BEGIN FOR i IN 1..100 LOOP PERFORM sum(v.regular_price) FROM tradeup.vehicle v; END LOOP; END $$;
SELECT pg_stat_force_next_flush();
SELECT * FROM pg_temp.turned;
-- How often the table was read depends on whoever else looks at it.
BEGIN; UPDATE pg_class SET reltuples = 10000 WHERE oid = 'vehicle'::regclass;
SELECT check_name, status, regexp_replace(value, '\d+ of the table', 'N of the table') AS value, advice FROM pg_temp.turned;
ROLLBACK;
-- This order is that of the price index alone, whatever else a planner can do with the others.
SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off;
SELECT price FROM vehicle WHERE status = 'available' AND currency = 'MXN' AND price_minor >= 30100000
ORDER BY price_minor, vehicle_id LIMIT 1;
RESET enable_seqscan; RESET enable_sort; RESET enable_bitmapscan;
SELECT pg_stat_force_next_flush();
BEGIN; UPDATE pg_class SET reltuples = 10000 WHERE oid = 'vehicle'::regclass;
SELECT check_name, status FROM pg_temp.turned; ROLLBACK;
BEGIN; SET LOCAL track_counts = off; SELECT check_name, status, advice FROM pg_temp.turned; ROLLBACK;
\echo planner statistics
UPDATE vehicle SET color = 'red' FROM generate_series(1, 1);
DO $$ BEGIN FOR i IN 1..13 LOOP UPDATE tradeup.vehicle SET color = 'blue'; END LOOP; END $$;
SELECT pg_stat_force_next_flush();
SELECT check_name, status, regexp_replace(value, '\d{4}-\d\d-\d\d', 'DAY'), advice FROM pg_temp.turned;
VACUUM (FULL, ANALYZE) vehicle;
SELECT pg_stat_force_next_flush();
SELECT * FROM pg_temp.turned;
\echo visibility map
BEGIN; UPDATE pg_class SET relpages = 100, relallvisible = 79 WHERE oid = 'vehicle'::regclass;
SELECT * FROM pg_temp.turned; ROLLBACK;
\echo inventory
BEGIN; UPDATE vehicle SET status = 'sold'; SELECT check_name, status, advice FROM pg_temp.turned; ROLLBACK;
BEGIN; UPDATE vehicle SET listed_on = NULL WHERE vehicle_id < 'V3'; SELECT * FROM pg_temp.turned; ROLLBACK;
BEGIN; UPDATE vehicle SET listed_on = tradeup_internal.today() - 31; SELECT check_name, status, advice FROM pg_temp.turned;
ROLLBACK;
BEGIN; UPDATE vehicle SET listed_on = tradeup_internal.today() - 181 WHERE vehicle_id < 'V32'; SELECT * FROM pg_temp.turned;
ROLLBACK;
\echo quotes verify
BEGIN;
SET LOCAL session_replication_role = replica;
CREATE TEMP TABLE tampered AS SELECT min(quote_id) AS id FROM quote;
UPDATE quote SET payment = payment - 0.01 FROM tampered WHERE quote_id = id;
SELECT check_name, status, value, replace(advice, (SELECT id::text FROM tampered), 'N') FROM pg_temp.turned;
ROLLBACK;
\echo open quotes past their time
BEGIN;
SELECT pg_temp.age(1000000000, '9 days');
SELECT * FROM pg_temp.turned;
SELECT expire_quotes();
SELECT * FROM pg_temp.turned;
-- At most so many, whatever there is.
SELECT count(*), count(DISTINCT n) FROM tradeup_internal.some_quotes(100) n;
SELECT count(*) BETWEEN 1 AND 3 FROM tradeup_internal.some_quotes(3);
SELECT count(*) FROM tradeup_internal.some_quotes(0);
ROLLBACK;

\echo statistics
\pset format aligned
\pset tuples_only off
SELECT * FROM stats WHERE topic <> 'functions' AND topic NOT LIKE '%by program';
SELECT name, value FROM stats WHERE topic LIKE '%by program' ORDER BY name COLLATE "C";
SELECT day = tradeup_internal.today() AS today, tier, quotes, open, accepted, rejected, withdrawn, expired FROM quote_stats;
SELECT o.day = tradeup_internal.today() AS today, o.currency, o.tier, o.offers, o.customers,
       o.offers = (SELECT count(*) FROM customer c, offers(c.customer_id) x
           WHERE x.currency = o.currency AND x.tier IS NOT DISTINCT FROM o.tier) AS as_counted
FROM offer_stats o ORDER BY o.currency, o.tier_rank;
BEGIN;
SELECT count(record_event(quote_id, e))
FROM (SELECT quote_id, (ARRAY['accepted', 'rejected', 'withdrawn', 'viewed'])[row_number() OVER (ORDER BY quote_id)] AS e
    FROM quote) q;
SELECT pg_temp.age(1000000000, '9 days');
SELECT pg_temp.age(2000000000, '31 days');
SELECT tradeup_internal.today() - day AS days_ago, sum(quotes) AS quotes, sum(open) AS open, sum(accepted) AS accepted,
       sum(rejected) AS rejected,
    sum(withdrawn) AS withdrawn, sum(expired) AS expired FROM quote_stats GROUP BY day ORDER BY day;
SELECT name, value FROM stats WHERE topic = 'quotes of 30 days';
ROLLBACK;
SET track_functions = 'all';
SELECT count(*) FROM (SELECT tradeup.nper(0.01, -100, 1000 + n) FROM generate_series(1, 7) n OFFSET 0) x (y) WHERE y > 0;
RESET track_functions;
SELECT pg_stat_force_next_flush();
SELECT split_part(function::text, '(', 1) AS function, calls >= 7 AS counted, total_ms >= 0 AS timed, ms_per_call >= 0 AS average
FROM function_stats WHERE function::text LIKE 'nper(%';
SELECT name, value > 0 AS some FROM stats WHERE topic = 'functions';

-- Grants: what a role can do after each, statement by statement.
CREATE ROLE tradeup_reader; CREATE ROLE "Desk of ""Ann"""; CREATE ROLE tradeup_admin; CREATE ROLE tradeup_none;
SELECT grant_reader('tradeup_reader'), grant_desk('Desk of "Ann"'), grant_admin('tradeup_admin');
-- Once more, which changes nothing.
CREATE TEMP TABLE acls AS SELECT oid, relacl FROM pg_class WHERE relnamespace = 'tradeup'::regnamespace;
SELECT grant_reader('tradeup_reader'), grant_desk('Desk of "Ann"'), grant_admin('tradeup_admin');
SELECT count(*) AS changed FROM acls JOIN pg_class c USING (oid) WHERE c.relacl IS DISTINCT FROM acls.relacl;
CREATE FUNCTION pg_temp.state(role name, statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE format('SET LOCAL ROLE %I', role);
        EXECUTE statement;
        RAISE EXCEPTION USING ERRCODE = 'TRADE';
    EXCEPTION WHEN OTHERS THEN
        RETURN CASE SQLSTATE WHEN 'TRADE' THEN 'yes' ELSE SQLSTATE END;
    END;
END $$;
CREATE TEMP TABLE statement (n serial, statement text, needs integer);
INSERT INTO statement (needs, statement) VALUES
    (1, 'SELECT count(*) FROM tradeup.offers(''C1'')'), (1, 'SELECT count(*) FROM tradeup.portfolio(1)'),
    (1, 'SELECT tradeup.search_offers(''C1'')'),
    (1, 'SELECT count(*) FROM tradeup.stats'), (1, 'SELECT count(*) FROM tradeup.quote_status'),
    (1, 'SELECT tradeup.program_to_json(''mx-2025'')'),
    (2, 'SELECT tradeup.save_quote(''C1'', ''V3'', 48)'),
    (2, 'SELECT tradeup.record_event(min(quote_id), ''accepted'') FROM tradeup.quote'), (2, 'SELECT tradeup.expire_quotes()'),
    (3, 'INSERT INTO tradeup.vehicle (vehicle_id, currency, regular_price) VALUES (''W'', ''MXN'', 1)'),
    (3, 'UPDATE tradeup.vehicle SET promotion_price = 299000'), (3, 'DELETE FROM tradeup.vehicle'),
    (3, 'INSERT INTO tradeup.customer (customer_id, risk_profile) VALUES (''D'', ''A'')'),
    (3, 'UPDATE tradeup.customer SET equity = 0'), (3, 'DELETE FROM tradeup.customer'),
    (3, 'SELECT tradeup.program_from_json(jsonb_set(tradeup.program_to_json(''mx-2025''), ''{name}'', ''"own"''))'),
    (3, 'INSERT INTO tradeup.program (name, currency) VALUES (''own'', ''MXN'')'), (3, 'SELECT tradeup.set_default_program(''mx-2025'')'),
    (3, 'DELETE FROM tradeup.program_default'),
    (4, 'UPDATE tradeup.quote SET payment = 1'), (4, 'DELETE FROM tradeup.quote'),
    (4, 'UPDATE tradeup.quote_event SET note = ''x'''), (4, 'DELETE FROM tradeup.quote_event'),
    (4, 'SELECT tradeup.purge_quotes(now() - interval ''1 day'')'), (4, 'SELECT tradeup.advance_numbers()'),
    (4, 'INSERT INTO tradeup.quote_retention (ended_before, accepted_too) VALUES (now(), true)'),
    (4, 'INSERT INTO tradeup.quote (quote_id) OVERRIDING SYSTEM VALUE VALUES (5)'),
    (4, 'SELECT setval(''tradeup.quote_quote_id_seq'', 1)'), (4, 'SELECT nextval(''tradeup.quote_quote_id_seq'')'),
    (4, 'TRUNCATE tradeup.vehicle'), (4, 'SELECT tradeup.watch_inventory()'),
    (4, 'ALTER TABLE tradeup.quote DISABLE TRIGGER check_quotes'), (4, 'CREATE TABLE tradeup.own ()'),
    (4, 'SELECT tradeup.grant_admin(''tradeup_none'')');
SELECT s.statement, pg_temp.state('tradeup_none', s.statement) AS none, pg_temp.state('tradeup_reader', s.statement) AS reader,
    pg_temp.state('Desk of "Ann"', s.statement) AS desk, pg_temp.state('tradeup_admin', s.statement) AS admin
    FROM statement s ORDER BY s.n;
SELECT s.statement AS surprise, r.rank
FROM statement s, (VALUES (0, 'tradeup_none'), (1, 'tradeup_reader'), (2, 'Desk of "Ann"'), (3, 'tradeup_admin')) r (rank, role)
WHERE pg_temp.state(r.role, s.statement) <> CASE WHEN r.rank >= s.needs THEN 'yes' ELSE '42501' END;
-- Health of who sees all, and of who sees little.
SET ROLE tradeup_reader;
SELECT count(*) AS checks, count(*) FILTER (WHERE status = 'ok') AS ok FROM tradeup.health();
RESET ROLE;
GRANT USAGE ON SCHEMA tradeup TO tradeup_none;
SET ROLE tradeup_none;
SELECT check_name, status, value, advice FROM tradeup.health() WHERE status <> 'ok';
SELECT array_agg(tradeup_internal.unreadable(t)) FROM (VALUES ('{vehicle,Odd}'::text[]), ('{}'), (NULL)) x (t)
WHERE t IS DISTINCT FROM '{vehicle,Odd}';
SELECT tradeup_internal.unreadable('{vehicle,quote}');
RESET ROLE;
GRANT SELECT ON quote TO tradeup_none;
SET ROLE tradeup_none;
SELECT check_name, status, advice FROM tradeup.health() WHERE check_name LIKE '%quotes%';
SELECT tradeup.grant_reader('tradeup_none');
SELECT tradeup.revoke_grants('tradeup_reader');
RESET ROLE;
-- Who is no role, and no level
SELECT grant_desk('nobody');
SELECT grant_reader(NULL);
SELECT revoke_grants('public');
SELECT tradeup_internal.grant_level('tradeup_none', 'owner');
SELECT count(*) FROM tradeup_internal.grants_of(NULL);
SELECT kind, object, privileges FROM tradeup_internal.grants_of('admin') WHERE privileges <> 'SELECT' ORDER BY 1, 2;
-- Columns of one's own have any name.
BEGIN;
ALTER TABLE quote ADD "of ""A"", note" text;
SELECT grant_desk('tradeup_none');
SELECT has_column_privilege('tradeup_none', 'quote', 'of "A", note', 'INSERT') AS quoted;
ROLLBACK;
SELECT count(*) AS not_readable FROM pg_class c WHERE relnamespace = 'tradeup'::regnamespace AND relkind IN ('r', 'v')
    AND NOT has_table_privilege('tradeup_reader', c.oid, 'SELECT');

-- Row-level security: a desk of the north sees and quotes vehicles of the north.
CREATE TABLE public.desk_dealer (role name, dealer text);
INSERT INTO public.desk_dealer VALUES ('Desk of "Ann"', 'north');
GRANT SELECT ON public.desk_dealer TO "Desk of ""Ann""";
ALTER TABLE vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON vehicle FOR SELECT
    USING (dealer IN (SELECT d.dealer FROM public.desk_dealer d WHERE d.role = current_user));
ALTER TABLE quote ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON quote FOR SELECT USING (EXISTS (SELECT FROM tradeup.vehicle v WHERE v.vehicle_id = quote.vehicle_id));
CREATE POLICY any_true_quote ON quote FOR INSERT WITH CHECK (true);
-- The notes of events are a dealer's too.
SELECT status, value, advice FROM health() WHERE check_name = 'policies on what follows';
ALTER TABLE quote_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_its_quotes ON quote_event USING (EXISTS (SELECT FROM tradeup.quote q WHERE q.quote_id = quote_event.quote_id));
SELECT status, value, advice FROM health() WHERE check_name = 'policies on what follows';
BEGIN;
CREATE TABLE public.lot () INHERITS (vehicle);
CREATE TABLE public.row_of_the_lot () INHERITS (public.lot);
ALTER TABLE customer ENABLE ROW LEVEL SECURITY;
ALTER TABLE quote DISABLE ROW LEVEL SECURITY;
SELECT status, value, advice FROM health() WHERE check_name = 'policies on what follows';
ROLLBACK;
SET ROLE "Desk of ""Ann""";
SELECT DISTINCT dealer FROM offers('C1');
SELECT DISTINCT dealer FROM best_offers('C1', 20);
SELECT DISTINCT dealer FROM portfolio(20);
SELECT DISTINCT v.dealer FROM jsonb_path_query(search_offers('C1')::jsonb, '$.**.vehicle_id') x
JOIN vehicle v ON v.vehicle_id = x #>> '{}';
SELECT count(*) AS seen, count(*) FILTER (WHERE dealer IS DISTINCT FROM 'north') AS of_others FROM vehicle;
SELECT save_quote('C1', 'V1', 48);
SELECT save_quote('C1', 'V4', 48) IS NOT NULL AS saved;
SELECT vehicle_id, count(*) FROM quote GROUP BY 1 ORDER BY 1;
SELECT check_name, status, advice FROM health() WHERE status <> 'ok';
RESET ROLE;
DROP POLICY own_dealer ON vehicle; DROP POLICY own_dealer ON quote; DROP POLICY any_true_quote ON quote;
DROP POLICY of_its_quotes ON quote_event; ALTER TABLE quote_event DISABLE ROW LEVEL SECURITY;
ALTER TABLE vehicle DISABLE ROW LEVEL SECURITY;
ALTER TABLE quote DISABLE ROW LEVEL SECURITY;
DROP TABLE public.desk_dealer;

-- The way back.
SELECT revoke_grants(r) FROM unnest('{tradeup_reader,"Desk of \"Ann\"",tradeup_admin,tradeup_none}'::name[]) r;
DROP ROLE tradeup_reader, "Desk of ""Ann""", tradeup_admin, tradeup_none;
ALTER TABLE vehicle RESET (autovacuum_enabled);
SELECT expire_quotes() >= 0 AS expired;
SET session_replication_role = replica;
DELETE FROM quote_event; DELETE FROM quote;
RESET session_replication_role;
DELETE FROM vehicle; DELETE FROM customer; DELETE FROM program_default;
