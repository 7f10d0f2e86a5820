-- Sequences that are behind their tables, as after logical replication, go on after the highest number that anything knows.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL search_path = public;
\set SHOW_CONTEXT never
-- Whatever ran before: a sequence that begins anew is as it was after the rollback.
ALTER SEQUENCE tradeup.quote_quote_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup.quote_retention_purge_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_leads.contact_permission_permission_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_leads.lead_lead_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_leads.message_message_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_leads.outcome_outcome_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_leads.prediction_prediction_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_bundles.bundle_bundle_id_seq RESTART WITH 1000000;
ALTER SEQUENCE tradeup_bundles.upload_upload_id_seq RESTART WITH 1000000;
CREATE VIEW pg_temp.advanced AS
SELECT * FROM tradeup.advance_numbers() UNION ALL SELECT * FROM tradeup_leads.advance_numbers()
UNION ALL SELECT * FROM tradeup_bundles.advance_numbers();
-- All are ahead.
TABLE pg_temp.advanced;

-- Rows as replication brings them, without triggers: the highest number may be known to another table only.
SET LOCAL session_replication_role = replica;
INSERT INTO tradeup.quote_retention (purge_id, ended_before, accepted_too, quotes, numbers) OVERRIDING SYSTEM VALUE
VALUES (2000000, '2020-01-01', false, 1, '{[3000000,3000000]}'), (2000001, '2020-01-01', false, 0, '{}');
INSERT INTO tradeup_leads.contact_permission (permission_id, customer_id, channel, allowed) OVERRIDING SYSTEM VALUE
VALUES (2000000, 'numbers', 'email', true);
INSERT INTO tradeup_leads.lead (lead_id, vehicle_id, dealer, model, version, cohort, evidence, as_of, risk, low, high, severity,
                                priority)
VALUES (2000000, 'numbers', 'd', 'm', 1, 'c', '', '2026-01-01', 0.1, 0, 1, 'low', 'high');
INSERT INTO tradeup_leads.message (message_id, lead_id, customer_id, dealer, channel, priority, model, version, template, slots,
                                   key, text)
OVERRIDING SYSTEM VALUE VALUES (2000000, 2000000, 'numbers', 'd', 'email', 'high', 'm', 1, '', '{}', 'numbers', '');
INSERT INTO tradeup_leads.outcome (outcome_id, vehicle_id, dealer, cause, watched_from, watched_to) OVERRIDING SYSTEM VALUE
VALUES (2000000, 'numbers', 'd', 'c', '2026-01-01', '2026-02-01');
INSERT INTO tradeup_leads.prediction (prediction_id, vehicle_id, dealer, model, version, cohort, as_of, p, predicted_at)
OVERRIDING SYSTEM VALUE VALUES (2000000, 'numbers', 'd', 'm', 1, 'c', '2026-01-01', 0.1, '2026-01-01');
INSERT INTO tradeup_bundles.bundle_event (bundle_id, seq, event) VALUES (3000000, 1, 'approved');
INSERT INTO tradeup_bundles.inventory_level (shop, inventory_item_id, location_id, upload_id)
VALUES ('numbers', 'i', 'l', 3000000);
SET LOCAL session_replication_role = origin;
SELECT * FROM pg_temp.advanced ORDER BY table_name COLLATE "C";
SELECT count(*) AS again FROM pg_temp.advanced;
SELECT nextval('tradeup.quote_quote_id_seq') AS quote, nextval('tradeup_bundles.upload_upload_id_seq') AS upload;
-- Each table that knows an upload counts; a sequence that has given no number yet, too.
SET LOCAL session_replication_role = replica;
CREATE FUNCTION pg_temp.next_upload(statement text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    number bigint;
BEGIN
    EXECUTE statement;
    SELECT a.next_number INTO STRICT number FROM tradeup_bundles.advance_numbers() a;
    RETURN number;
END $$;
SELECT pg_temp.next_upload(s)
FROM unnest(ARRAY[$$INSERT INTO tradeup_bundles.shop_order (shop, order_id, upload_id) VALUES ('numbers', 'o', 4000000)$$,
$$INSERT INTO tradeup_bundles.order_line (shop, order_id, line_key, quantity, unit_price, line_total, upload_id)
  VALUES ('numbers', 'o', 'k', 1, 1, 1, 4000010)$$,
$$INSERT INTO tradeup_bundles.variant (shop, variant_id, product_id, price, upload_id) VALUES ('numbers', 'v', 'p', 1, 4000020)$$,
$$INSERT INTO tradeup_bundles.catalog_item (shop, variant_id, product_id, price, upload_id) VALUES ('numbers', 'v', 'p', 1, 4000030)$$,
$$INSERT INTO tradeup_bundles.rejected_row (upload_id, row, line, reason, value, raw, cut) VALUES (4000040, 1, 1, 'missing', '', '', false)$$,
$$INSERT INTO tradeup_bundles.upload (upload_id, shop) OVERRIDING SYSTEM VALUE VALUES (4000050, 'numbers')$$]) s;
ALTER SEQUENCE tradeup_bundles.bundle_bundle_id_seq RESTART WITH 3000000;
SELECT * FROM tradeup_bundles.advance_numbers();
SET LOCAL session_replication_role = origin;

-- Who does not own the tables; whose view of them a policy narrows.
CREATE ROLE regress_numbers;
GRANT USAGE ON SCHEMA tradeup, tradeup_leads, tradeup_bundles TO regress_numbers;
GRANT SELECT ON ALL TABLES IN SCHEMA tradeup, tradeup_leads, tradeup_bundles TO regress_numbers;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA tradeup, tradeup_leads, tradeup_bundles TO regress_numbers;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN format('%s %s', SQLSTATE, SQLERRM);
END $$;
ALTER SEQUENCE tradeup.quote_quote_id_seq RESTART;
ALTER SEQUENCE tradeup_leads.lead_lead_id_seq RESTART;
ALTER SEQUENCE tradeup_bundles.upload_upload_id_seq RESTART;
SET LOCAL ROLE regress_numbers;
SELECT pg_temp.refused(format('SELECT * FROM %s.advance_numbers()', s))
FROM unnest('{tradeup,tradeup_leads,tradeup_bundles}'::text[]) s;
RESET ROLE;
GRANT UPDATE ON SEQUENCE tradeup.quote_quote_id_seq, tradeup_leads.lead_lead_id_seq, tradeup_bundles.upload_upload_id_seq
TO regress_numbers;
ALTER TABLE tradeup.quote ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup_leads.lead ENABLE ROW LEVEL SECURITY;
ALTER TABLE tradeup_bundles.order_line ENABLE ROW LEVEL SECURITY;
SET LOCAL ROLE regress_numbers;
SELECT pg_temp.refused(format('SELECT * FROM %s.advance_numbers()', s))
FROM unnest('{tradeup,tradeup_leads,tradeup_bundles}'::text[]) s;
ROLLBACK;
