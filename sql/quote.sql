-- Quotes: saved as promised, never changed, verified from what they were made of.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
INSERT INTO vehicle (vehicle_id, currency, make, regular_price, status) VALUES
    ('V1', 'MXN', 'Make', 455000, 'available'), ('V2', 'MXN', 'Make', 300000, 'available'), ('V3', 'MXN', 'Make', 390000, 'sold'),
    ('V4', 'MXN', 'Make', 900000, 'available');
INSERT INTO customer (customer_id, risk_profile, equity, current_payment, current_price, program) VALUES
    ('C1', 'AAA', 241762.50, 11333.19, 292999, 'mx-reference'), ('C2', 'B', 150000, NULL, NULL, 'mx-2025'),
    ('C3', 'nobody', 1, 1, 1, 'mx-reference');
-- What an error says, without times.
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM,
        nullif(regexp_replace(detail, '\d{4}-\d\d-\d\d [-:.+\d]+|\w{3} \w{3} \d\d [:.\d]+ \d{4} \w+', 'TIME', 'g'), ''),
        nullif(hint, ''));
END $$;
-- The numbers go on from run to run, and those of purged quotes are never used again.
ALTER TABLE quote_retention DISABLE TRIGGER refuse_quote_change;
DELETE FROM quote_retention;
ALTER TABLE quote_retention ENABLE TRIGGER refuse_quote_change;
ALTER SEQUENCE quote_quote_id_seq RESTART;

SELECT save_quote('C1', 'V1', 48);
SELECT save_quote('C1', 'V1', 60, program => 'mx-2025', overrides => '{"annual_percent": 33, "bonus": 5000}',
    valid_for => '1 hour');
SELECT save_quote('C2', 'V2', 36, valid_for => '1 microsecond');
SELECT quote_id, customer_id, vehicle_id, program, version, profile, term, overrides, equity, current_payment, current_price,
    price FROM quote ORDER BY quote_id;
SELECT quote_id, annual_rate, tier, tier_rank, payment, payment_change, loan_amount, effective_equity, service_fee, opening_fee,
    margin FROM quote ORDER BY quote_id;
SELECT quote_id, quoted_by = current_user AS by_me, quoted_at BETWEEN now() - interval '1 minute'
    AND clock_timestamp() AS just_now, valid_for, valid_until - quoted_at AS span FROM quote ORDER BY quote_id;
-- They are the offers, figure by figure; the deal gives what no column does.
SELECT q.quote_id, (q.tier, q.payment, q.payment_change, q.loan_amount, q.effective_equity, q.service_fee,
    q.opening_fee, q.margin)
       IS NOT DISTINCT FROM (o.tier, o.payment, o.payment_change, o.loan_amount, o.effective_equity, o.service_fee, o.opening_fee,
           o.margin) AS same
FROM quote q, LATERAL offers(q.customer_id, q.program, q.overrides) o
WHERE o.vehicle_id = q.vehicle_id AND o.term = q.term ORDER BY 1;
SELECT s.number, s.payment FROM quote q, LATERAL schedule(q.deal::deal, q.price) s WHERE q.quote_id = 1 AND s.number <= 2;
-- A quote and its first event come into being together.
SELECT e.quote_id, seq, event, happened_at = quoted_at AND happened_by = quoted_by AS of_the_quote, note FROM quote_event e
JOIN quote USING (quote_id) ORDER BY 1;

-- No such offer: the error names the rule.
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V4', 48)$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V3', 48)$$);
SELECT pg_temp.error_of($$SELECT save_quote('C3', 'V1', 48)$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V1', 47)$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V1', 48, overrides => '{"terms": [60]}')$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V1', 48, overrides => '{"bonus": 10001}')$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V1', 48, overrides => '{"discount": 1}')$$);
SELECT pg_temp.error_of($$SELECT save_quote('nobody', 'V1', 48)$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'none', 48)$$);
SELECT pg_temp.error_of($$SELECT save_quote('C1', 'V1', 48, 'no such')$$);
SELECT pg_temp.error_of(format('SELECT save_quote(%s)', a))
FROM unnest('{"NULL, ''V1'', 48", "''C1'', NULL, 48", "''C1'', ''V1'', NULL"}'::text[]) a;
SELECT pg_temp.error_of(format('SELECT save_quote(''C1'', ''V1'', 48, valid_for => %L)', v))
FROM unnest('{0,"-1 s","367 days","1 year 6 days","178000000 years",NULL}'::text[]) v;
-- A day has 24 hours, whatever the time zone of the session.
BEGIN;
SET LOCAL TimeZone = 'America/New_York';
SELECT count(save_quote('C1', 'V1', 48, valid_for => make_interval(days => n))) FROM generate_series(1, 361, 30) n;
SELECT DISTINCT extract(epoch FROM valid_until - quoted_at)::integer % 86400 AS seconds_of_a_day FROM quote
WHERE quote_id > 3 ORDER BY 1;
ROLLBACK;

-- Many at once, from offers; the order is kept, and what is no offer any more is refused as a whole.
BEGIN;
SELECT count(*) FROM save_quotes(ARRAY(SELECT o FROM offers('C1') o));
SELECT count(*) FROM save_quotes('{}') a, save_quotes(NULL) b;
SELECT count(*), bool_and(q.payment = o.payment AND q.term = o.term AND q.vehicle_id = o.vehicle_id) AS in_order
FROM ROWS
FROM (save_quotes(ARRAY(SELECT o FROM offers('C1', overrides => '{"bonus": 100}') o ORDER BY o.margin DESC, o.term),
    '{"bonus": 100}')) WITH ORDINALITY s (quote_id, n)
JOIN (SELECT o.*, row_number() OVER (ORDER BY o.margin DESC, o.term) AS n FROM offers('C1', overrides => '{"bonus": 100}') o) o
    USING (n) JOIN quote q USING (quote_id);
SELECT count(*) AS quotes, count(*) FILTER (WHERE quote_verifies(q)) AS verify, count(DISTINCT e.quote_id) AS issued FROM quote q
LEFT JOIN quote_event e USING (quote_id);
ROLLBACK;
SELECT pg_temp.error_of($$SELECT save_quotes(ARRAY(SELECT o FROM offers('C1', overrides => '{"bonus": 100}') o ORDER BY o.vehicle_id DESC, o.term))$$);
SELECT pg_temp.error_of($$SELECT save_quotes(ARRAY(SELECT ROW(customer_id, program, 9, profile, term, annual_rate, vehicle_id, make, model, body, year, kilometers, color, region, dealer, currency, price_before_rebate, price, price_minor, tier, tier_rank, current_payment, payment, payment_frequency, monthly_payment, payment_change, loan_amount, effective_equity, service_fee, opening_fee, margin, gross)::offer FROM offers('C1') o ORDER BY o.vehicle_id DESC, o.term))$$);
SELECT count(*) FROM quote;

-- Events: which may follow which.
SELECT * FROM tradeup_internal.quote_transitions() ORDER BY standing NULLS FIRST, event COLLATE "C";
SELECT record_event(1, 'viewed'), record_event(1, 'viewed', 'by telephone');
SELECT record_event(1, 'accepted');
SELECT pg_temp.error_of(format('SELECT record_event(1, %L)', e)) FROM unnest('{viewed,accepted,rejected}'::text[]) e;
SELECT pg_temp.error_of($$SELECT record_event(2, 'expired')$$);
SELECT pg_temp.error_of($$SELECT record_event(3, 'accepted')$$);
SELECT pg_temp.error_of(format('SELECT record_event(%s, %L)', q, e))
FROM (VALUES ('4711', 'viewed'), ('NULL', 'viewed'), ('2', 'issued'), ('2', 'sold'), ('2', NULL)) x (q, e);
SELECT pg_temp.error_of($$INSERT INTO quote_event (quote_id, seq, event) VALUES (2, 3, 'viewed')$$);
SELECT pg_temp.error_of($$INSERT INTO quote_event (quote_id, seq, event) VALUES (2, 2, 'sold')$$);
SELECT pg_temp.error_of($$INSERT INTO quote_event (quote_id, seq, event) VALUES (2, 2, 'issued')$$);
SELECT pg_temp.error_of($$INSERT INTO quote_event (quote_id, seq, event) VALUES (2, 2, 'viewed'), (2, 3, 'rejected'), (2, 4, 'viewed')$$);
SELECT quote_id, event, status FROM quote_status ORDER BY quote_id;
SELECT expire_quotes();
SELECT expire_quotes();
SELECT quote_id, seq, event, status, note FROM quote_status ORDER BY quote_id;

-- Nobody changes or deletes, not even a superuser.
SELECT pg_temp.error_of($$UPDATE quote SET payment = 1$$);
SELECT pg_temp.error_of(s) ~ '^55000' AS refused
FROM unnest(ARRAY['UPDATE quote SET payment = payment WHERE false', 'DELETE FROM quote', 'TRUNCATE quote CASCADE',
    'UPDATE quote_event SET note = NULL', 'DELETE FROM quote_event', 'TRUNCATE quote_event',
    'INSERT INTO quote_event VALUES (1, 1, ''issued'') ON CONFLICT (quote_id, seq) DO UPDATE SET note = NULL']) s;

-- A role with plain grants saves quotes and events, and forges none.
CREATE ROLE tradeup_desk NOLOGIN;
GRANT USAGE ON SCHEMA tradeup TO tradeup_desk;
GRANT SELECT ON ALL TABLES IN SCHEMA tradeup TO tradeup_desk;
SET ROLE tradeup_desk;
SELECT save_quote('C1', 'V1', 48);
RESET ROLE;
SELECT grant_desk('tradeup_desk');
ALTER SEQUENCE quote_quote_id_seq RESTART 11;
SET ROLE tradeup_desk;
SELECT save_quote('C1', 'V1', 72), record_event(11, 'viewed'), expire_quotes();
SELECT quoted_by, happened_by, status FROM quote_status WHERE quote_id = 11;
CREATE TEMP TABLE forged AS SELECT * FROM quote WHERE quote_id = 11;
-- What a forger tries: each column of a true quote changed. Number, role and time are no columns that a desk may write.
CREATE FUNCTION pg_temp.forge(change jsonb, more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format('INSERT INTO tradeup.quote (%1$s) OVERRIDING SYSTEM VALUE SELECT %1$s FROM (SELECT (jsonb_populate_record(NULL::tradeup.quote, to_jsonb(f) || $1)).* FROM forged f) x',
                           string_agg(a.attname, ', ' ORDER BY a.attnum))
             FROM pg_attribute a
             WHERE a.attrelid = 'tradeup.quote'::regclass AND a.attnum > 0
                 AND (a.attname = more OR a.attgenerated = '' AND a.attname NOT IN ('quote_id', 'quoted_by', 'quoted_at')))
    USING change;
    RETURN 'saved';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT change, pg_temp.forge(change::jsonb)
FROM unnest(ARRAY['{"equity": 300000}', '{"current_payment": null}', '{"current_price": 1}', '{"price": 300000}',
    '{"profile": "AA"}', '{"version": 2}', '{"program": "mx-2025"}', '{"term": 60}', '{"overrides": {"bonus": 1}}',
    '{"overrides": {"bonus": 99999}}',
    '{"annual_rate": 0.1}', '{"tier": "Refresh"}', '{"tier_rank": 3}', '{"payment": 1.00}', '{"payment_change": 0}',
    '{"loan_amount": 1}', '{"effective_equity": 1}',
    '{"service_fee": 0}', '{"opening_fee": 0}', '{"margin": 0}', '{"deal": "v1 annual_rate=0 term=72"}', '{"vehicle_id": "V3"}',
    '{"customer_id": "C2"}',
    '{"valid_for": "367 days"}', '{"valid_for": "-1 s"}', '{"valid_for": "0"}']) change;
SELECT more, pg_temp.forge('{"quote_id": 5, "quoted_by": "somebody", "quoted_at": "2024-01-01", "valid_until": "2024-01-02"}', more) FROM unnest('{quote_id,quoted_by,quoted_at,valid_until}'::text[]) more;
BEGIN;
SELECT pg_temp.forge('{}');
ROLLBACK;
-- Nor does a role that may write these columns: it gets no quote at all.
RESET ROLE;
BEGIN;
GRANT INSERT ON quote TO tradeup_desk;
SET LOCAL ROLE tradeup_desk;
SELECT pg_temp.error_of($$SELECT tradeup.save_quote('C1', 'V1', 72)$$);
ROLLBACK;
SET ROLE tradeup_desk;
SELECT pg_temp.error_of($$INSERT INTO tradeup.quote_event (quote_id, seq, event, happened_by) VALUES (11, 3, 'accepted', 'tradeup_customer')$$);
SELECT pg_temp.error_of($$INSERT INTO tradeup.quote_event (quote_id, seq, event, happened_at) VALUES (11, 3, 'accepted', now() - interval '1 day')$$) ~ '^42501' AS refused;
SELECT pg_temp.error_of(s) ~ '^42501' AS refused
FROM unnest(ARRAY['UPDATE tradeup.quote SET payment = 1', 'DELETE FROM tradeup.quote', 'SELECT tradeup.purge_quotes(now())']) s;
-- Nor does a transaction that began in time accept late.
BEGIN;
SELECT save_quote('C1', 'V1', 36, valid_for => '1 ms') AS late \gset
DO $$ BEGIN PERFORM pg_sleep(0.005); END $$;
SELECT pg_temp.error_of(format('SELECT tradeup.record_event(%s, ''accepted'')', :late)) ~ 'no longer valid' AS refused;
-- Nor does a statement that began in time.
SELECT save_quote('C1', 'V1', 36, valid_for => '300 ms') AS late \gset
SELECT pg_temp.error_of(format('DO $d$ BEGIN PERFORM pg_sleep(0.35); PERFORM tradeup.record_event(%s, ''accepted''); END $d$', :late)) ~ 'no longer valid' AS refused;
ROLLBACK;
-- Nor one that accepts in time and commits late, whatever it does about constraints and savepoints.
\set VERBOSITY sqlstate
SELECT save_quote('C1', 'V1', 36, valid_for => '3 s') AS early, save_quote('C1', 'V1', 60, valid_for => '1 day') AS lasting \gset
BEGIN;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT record_event(:lasting, 'accepted');
SAVEPOINT a;
SELECT record_event(:early, 'accepted');
SAVEPOINT b;
RELEASE b;
RELEASE a;
SELECT pg_sleep_until(valid_until + interval '10 ms') FROM quote WHERE quote_id = :early;
COMMIT;
SELECT count(*) FROM quote_event WHERE event = 'accepted' AND quote_id IN (:early, :lasting);
-- What is rolled back is forgotten, whether a savepoint or a block did it.
SELECT save_quote('C1', 'V1', 36, valid_for => '3 s') AS early \gset
BEGIN;
SELECT record_event(:lasting, 'accepted');
SAVEPOINT a;
SELECT record_event(:early, 'accepted');
SAVEPOINT b;
SELECT record_event(:early, 'withdrawn');
ROLLBACK TO a;
DO $d$ BEGIN PERFORM tradeup.record_event((SELECT max(quote_id) FROM tradeup.quote), 'accepted'); RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END $d$;
SELECT pg_sleep_until(valid_until + interval '10 ms') FROM quote WHERE quote_id = :early;
COMMIT;
SELECT count(*) FROM quote_event WHERE event = 'accepted' AND quote_id IN (:early, :lasting);
-- A prepared transaction could be committed at any time.
SELECT save_quote('C1', 'V1', 48) AS lasting \gset
BEGIN;
SELECT record_event(:lasting, 'accepted');
PREPARE TRANSACTION 'late';
\set VERBOSITY default
-- Nothing is written above READ COMMITTED, nor after midnight with the programs of the day before.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_temp.error_of($$SELECT tradeup.save_quote('C1', 'V1', 48)$$);
SELECT pg_temp.forge('{}');
SELECT pg_temp.error_of(format('SELECT tradeup.record_event(%s, ''accepted'')', :lasting)) ~ '^40001' AS refused;
SELECT pg_temp.error_of(format('INSERT INTO tradeup.quote_event (quote_id, seq, event) VALUES (%s, 2, ''viewed'')',
    :lasting)) ~ '^40001' AS refused;
SELECT pg_temp.error_of('SELECT tradeup.expire_quotes()') ~ '^40001' AS refused;
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT pg_temp.error_of($$SELECT tradeup.save_quote('C1', 'V1', 48)$$) ~ '^40001' AS refused;
ROLLBACK;
SELECT pg_temp.error_of(format($$SELECT tradeup_internal.require_current_snapshot('read committed', '2024-02-29 23:59:59Z', %L)$$,
                               moment))
FROM unnest('{2024-02-29 23:59:59.9Z,2024-03-01 00:00Z}'::text[]) moment;
RESET ROLE;
-- Row-level security hides customers and vehicles from saving, and quotes from events.
ALTER TABLE vehicle ENABLE ROW LEVEL SECURITY;
ALTER TABLE quote ENABLE ROW LEVEL SECURITY;
CREATE POLICY cheap ON vehicle FOR SELECT TO tradeup_desk USING (price < 350000);
CREATE POLICY own ON quote TO tradeup_desk USING (quoted_by = current_user);
SET ROLE tradeup_desk;
SELECT pg_temp.error_of($$SELECT tradeup.save_quote('C1', 'V1', 48)$$);
SELECT pg_temp.forge('{}');
SELECT count(*) FROM quote;
SELECT pg_temp.error_of($$SELECT tradeup.record_event(2, 'accepted')$$);
SELECT pg_temp.error_of($$SELECT tradeup.verify_quote(2)$$);
RESET ROLE;
DROP POLICY cheap ON vehicle;
DROP POLICY own ON quote;
ALTER TABLE vehicle DISABLE ROW LEVEL SECURITY;
ALTER TABLE quote DISABLE ROW LEVEL SECURITY;
-- A policy that hides some events of a quote makes an event an error, not a search for its number that never ends.
BEGIN;
SELECT max(quote_id) AS partly FROM quote_status WHERE status IN ('issued', 'viewed') AND quoted_by = 'tradeup_desk' \gset
ALTER TABLE quote_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON quote_event TO tradeup_desk USING (happened_by = current_user);
SELECT record_event(:partly, 'viewed') > 1 AS recorded;
SET LOCAL ROLE tradeup_desk;
SET LOCAL statement_timeout = '30s';
SELECT regexp_replace(pg_temp.error_of(format('SELECT tradeup.record_event(%s, ''rejected'')', :partly)), '\d+ has', 'N has');
ROLLBACK;
-- Nor does it keep the quotes whose events are shown from their expiry; those with hidden events are left as they were.
BEGIN;
SELECT expire_quotes() AS before;
SELECT save_quote('C1', 'V1', 48, valid_for => '1 microsecond') AS hidden \gset
SET LOCAL ROLE tradeup_desk;
SELECT save_quote('C1', 'V1', 48, valid_for => '1 s') AS partly,
    save_quote('C1', 'V1', 48, valid_for => '1 microsecond') AS shown \gset
RESET ROLE;
SELECT record_event(:partly, 'viewed');
ALTER TABLE quote_event ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON quote_event TO tradeup_desk USING (happened_by = current_user);
SET LOCAL ROLE tradeup_desk;
SELECT pg_sleep_until(valid_until + interval '10 ms') FROM quote WHERE quote_id = :partly;
SELECT expire_quotes(), expire_quotes() AS again;
RESET ROLE;
SELECT CASE quote_id WHEN :hidden THEN 'hidden' WHEN :partly THEN 'partly' ELSE 'shown' END AS events, seq, event,
    happened_by = quoted_by AS by_its_role
FROM quote_status WHERE quote_id IN (:hidden, :partly, :shown) ORDER BY quote_id;
ROLLBACK;

-- Verification: a new version of the program, customers and vehicles changed and gone, and every quote is still what it was.
BEGIN;
INSERT INTO program SELECT (jsonb_populate_record(p, '{"version": 2, "published_at": null, "built_in": false, "service_fee_rate": 0.01, "bonus": 2500, "max_bonus": 2500, "max_what_if_bonus": 2500}')).* FROM program p WHERE name IN ('mx-reference', 'mx-2025');
INSERT INTO program_profile SELECT program, 2, profile, annual_rate / 2, 0.01, 0 FROM program_profile
WHERE program LIKE 'mx-%' AND version = 1;
INSERT INTO program_term SELECT program, 2, 48, 0.01 FROM program_term WHERE program LIKE 'mx-%' AND version = 1 AND term = 48;
SELECT publish_program(name, 2) IS NOT NULL AS published FROM (VALUES ('mx-reference'), ('mx-2025')) x (name);
SELECT payment = (SELECT payment FROM quote WHERE quote_id = 1) AS same_offer FROM offers('C1')
WHERE vehicle_id = 'V1' AND term = 48;
UPDATE customer SET equity = 0, risk_profile = 'Z', current_payment = 1, program = NULL;
DELETE FROM customer WHERE customer_id = 'C1';
UPDATE vehicle SET regular_price = 1;
DELETE FROM vehicle WHERE vehicle_id = 'V1';
SELECT quote_id, quote_verifies(q) FROM quote q ORDER BY quote_id;
SELECT field, CASE WHEN field = 'deal' THEN length(stored)::text ELSE stored END AS stored, CASE WHEN field = 'deal'
    THEN length(recomputed)::text ELSE recomputed END AS recomputed, equal FROM verify_quote(2) WHERE field NOT LIKE 'quoted%';
SELECT field, equal FROM verify_quote(2) WHERE field LIKE 'quoted%';
SELECT pg_temp.error_of(format('SELECT verify_quote(%s)', q)) FROM unnest('{4711,NULL::bigint}'::text[]) q;
-- Who disables the trigger can change a figure or an input; verification finds it, field by field.
ALTER TABLE quote DISABLE TRIGGER refuse_quote_change;
CREATE FUNCTION pg_temp.found(change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE 'UPDATE tradeup.quote SET ' || change || ' WHERE quote_id = 2';
    SELECT string_agg(field || CASE WHEN field = 'inputs' THEN ': ' || recomputed ELSE '' END, ', ') INTO found
    FROM tradeup.verify_quote(2) WHERE NOT equal;
    ASSERT (found IS NULL) = (SELECT tradeup.quote_verifies(q) FROM tradeup.quote q WHERE q.quote_id = 2);
    RAISE EXCEPTION USING ERRCODE = 'UNDO1', MESSAGE = coalesce(found, 'nothing');
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
    RETURN SQLERRM;
END $$;
SELECT change, pg_temp.found(change)
FROM unnest(ARRAY['payment = payment', 'payment = payment + 0.01', 'payment_change = payment_change + 0.000001',
    'annual_rate = 0.2',
    'tier = ''Upgrade''', 'tier = NULL', 'tier_rank = 7', 'loan_amount = 1', 'effective_equity = 1',
    'service_fee = service_fee - 0.01', 'opening_fee = 0', 'margin = margin + 1',
    'deal = replace(deal, ''bonus=5000'', ''bonus=5001'')', 'price = price + 0.01', 'equity = equity + 0.01',
    'current_payment = 9999', 'current_price = 1', 'term = 48', 'version = 2', 'profile = ''AA''',
    'overrides = NULL', 'term = 7', 'version = 9', 'program = ''gone''', 'price = -1', 'price = 900000', 'price = 1.001',
    'overrides = ''{"bonus": 99999}''', 'overrides = ''[]''', 'quoted_by = ''somebody''',
    'quoted_at = quoted_at - interval ''1 microsecond''']) change;
ALTER TABLE quote_event DISABLE TRIGGER check_quote_deletion;
DELETE FROM quote_event WHERE quote_id = 3;
SELECT quote_id, quote_verifies(q) FROM quote q WHERE quote_id = 3;
ROLLBACK;

-- The figures of a version, for whatever customer and price; the first row of what a quote would be now.
SELECT payment, tier, margin
FROM tradeup_internal.quote_figures('mx-reference', 1, 'AAA', 48, NULL, 241762.50, 11333.19, 292999, 455000);
SELECT count(*) FROM tradeup_internal.quote_figures('mx-reference', 1, 'none', 48, NULL, 1, 1, 1, 1);
SELECT profile, equity, price, payment FROM tradeup_internal.quotable('C1', 'V1', 'mx-reference', 1, 48);
SELECT count(*) FROM tradeup_internal.quotable('C1', 'V3', 'mx-reference', 1, 48);
SELECT count(*) FROM tradeup_internal.quotable('C1', 'V1', 'mx-reference', 2, 48);

-- Every restriction of a program holds for quotes as for offers: 64 vehicles, 6 programs, and the same offers saved as there are.
BEGIN;
INSERT INTO vehicle (vehicle_id, currency, make, year, kilometers, regular_price)
SELECT 'R' || x, 'MXN', CASE x % 3 WHEN 0 THEN 'Audi' WHEN 1 THEN 'Kia' END, 2016 + x % 8, x * 2000, 300000 + 5000 * x
FROM generate_series(1, 64) x;
INSERT INTO program
SELECT (jsonb_populate_record(p, x.change || jsonb_build_object('name', x.name, 'version', 1, 'published_at', NULL,
    'built_in', false))).*
FROM program p, (VALUES ('r-year', '{"min_year": 2019}'::jsonb), ('r-age', '{"max_age": 7}'),
    ('r-makes', '{"makes": ["Audi", "Kia"]}'),
                        ('r-kilometers', '{"max_kilometers": 50000}'), ('r-price', '{"min_price": 330000, "max_price": 420000}'),
                        ('r-value', '{}')) x (name, change)
WHERE p.name = 'mx-reference' AND p.version = 1;
INSERT INTO program_profile SELECT p.name, 1, f.profile, f.annual_rate, f.down_payment_rate, f.insurance,
    CASE p.name WHEN 'r-value' THEN 0.4 END
FROM program p, program_profile f WHERE p.name LIKE 'r-%' AND f.program = 'mx-reference' AND f.version = 1;
INSERT INTO program_term SELECT p.name, 1, t.term, t.rate_adjustment FROM program p, program_term t
WHERE p.name LIKE 'r-%' AND t.program = 'mx-reference' AND t.version = 1;
SELECT count(publish_program(name)) FROM program WHERE name LIKE 'r-%';
CREATE TEMP TABLE before AS SELECT max(quote_id) AS quote_id FROM quote;
SELECT count(*) = (SELECT count(*) FROM program p, offers('C1', p.name) WHERE p.name LIKE 'r-%') AS all_saved
FROM save_quotes(ARRAY(SELECT o FROM program p, offers('C1', p.name) o WHERE p.name LIKE 'r-%'));
SELECT p.name, count(o.vehicle_id) > 0 AS offers, count(*) > count(o.vehicle_id) AS refused,
    count(*) FILTER (WHERE (o.vehicle_id IS NULL) <> (q.price IS NULL)) AS disagree
FROM program p CROSS JOIN vehicle v CROSS JOIN program_term t
LEFT JOIN LATERAL tradeup_internal.quotable('C1', v.vehicle_id, p.name, 1, t.term) q ON true
LEFT JOIN LATERAL offers('C1', p.name) o ON o.vehicle_id = v.vehicle_id AND o.term = t.term
WHERE p.name LIKE 'r-%' AND t.program = p.name GROUP BY p.name ORDER BY p.name COLLATE "C";
SELECT count(*) > 100 AS many, bool_and(quote_verifies(q)) AS verify FROM quote q, before b WHERE q.quote_id > b.quote_id;
ROLLBACK;

-- Retention: the owner deletes what has ended, and leaves a record.
SELECT pg_temp.error_of($$SELECT purge_quotes(now() + interval '1 day')$$) ~ 'must be a time in the past' AS refused,
    pg_temp.error_of($$SELECT purge_quotes(NULL)$$);
SELECT purge_quotes(now() - interval '1 hour');
SELECT record_event(11, 'withdrawn');
SELECT purge_quotes(statement_timestamp());
SELECT quote_id, status FROM quote_status ORDER BY quote_id;
SELECT count(*) FROM quote_event e WHERE NOT EXISTS (SELECT FROM quote q WHERE q.quote_id = e.quote_id);
SELECT record_event(2, 'rejected');
SELECT pg_sleep(0.001);
SELECT purge_quotes(statement_timestamp(), accepted_too => true);
SELECT accepted_too, purged_by = current_user AS by_me, quotes FROM quote_retention ORDER BY purge_id;
SELECT count(*) FROM quote;
-- Not even the owner deletes beside it, changes the record, or uses a number again.
SELECT save_quote('C1', 'V1', 48) > 11 AS saved;
SELECT pg_temp.error_of('DELETE FROM quote') ~ '^55000' AS refused,
       pg_temp.error_of('INSERT INTO quote_retention (ended_before, accepted_too) VALUES (now(), true)') ~
           '^23502' AS refused_too;
SELECT pg_temp.error_of(s) FROM unnest(ARRAY['UPDATE quote_retention SET quotes = 0',
    'DELETE FROM quote_retention', 'TRUNCATE quote_retention',
    'INSERT INTO quote_retention (ended_before, accepted_too, quotes, numbers) VALUES (now(), true, 0, ''{[1,1000]}'')',
    'INSERT INTO quote_retention (ended_before, accepted_too, quotes, numbers) VALUES (now(), true, 0, ''{[1,)}'')',
    'INSERT INTO quote_retention (ended_before, accepted_too, quotes, numbers) SELECT now(), true, 1, int8multirange(int8range(max(quote_id), max(quote_id), ''[]'')) FROM quote']) s;
CREATE FUNCTION pg_temp.again(number bigint, at timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE (SELECT format('INSERT INTO tradeup.quote (%1$s) OVERRIDING SYSTEM VALUE SELECT %1$s FROM (SELECT (jsonb_populate_record(NULL::tradeup.quote, to_jsonb(q) || jsonb_build_object(''quote_id'', $1, ''quoted_at'', $2))).* FROM (SELECT * FROM tradeup.quote ORDER BY quote_id DESC LIMIT 1) q) x',
                           string_agg(a.attname, ', ' ORDER BY a.attnum))
             FROM pg_attribute a WHERE a.attrelid = 'tradeup.quote'::regclass AND a.attnum > 0 AND a.attgenerated = '')
                 USING number, at;
    RETURN 'saved';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT number, pg_temp.again(number, '2024-01-01') AS long_ago, pg_temp.again(number, now() + interval '1 s') AS now
FROM unnest('{2,11}'::bigint[]) number;
SELECT pg_temp.again(1000000, '2024-01-01');

ALTER TABLE quote DISABLE TRIGGER check_quote_deletion;
ALTER TABLE quote_event DISABLE TRIGGER check_quote_deletion;
ALTER TABLE quote_retention DISABLE TRIGGER refuse_quote_change;
DELETE FROM quote;
DELETE FROM quote_event;
DELETE FROM quote_retention;
ALTER TABLE quote ENABLE TRIGGER check_quote_deletion;
ALTER TABLE quote_event ENABLE TRIGGER check_quote_deletion;
ALTER TABLE quote_retention ENABLE TRIGGER refuse_quote_change;
DELETE FROM customer;
DELETE FROM vehicle;
REVOKE ALL ON ALL TABLES IN SCHEMA tradeup, tradeup_bi FROM tradeup_desk;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA tradeup FROM tradeup_desk;
REVOKE ALL ON SCHEMA tradeup, tradeup_bi FROM tradeup_desk;
DROP TABLE forged;
DROP FUNCTION pg_temp.forge(jsonb, text);
DROP ROLE tradeup_desk;
