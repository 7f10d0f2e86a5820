-- What is not sent, and not sent twice: leads that were acted on or have ended, vehicles that were sold or have moved, messages
-- without a text, workers that die.
SET client_min_messages = warning;
SET search_path = tradeup_leads, public;
BEGIN;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN format('%s %s', SQLSTATE, SQLERRM);
END $$;
\pset footer off
SELECT model_from_json('{"name": "m", "cause": "c", "priorities": [{"priority": "high"}],
    "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "stressors": [{"stressor": "s", "position": 1, "ratio_present": 2, "ratio_absent": 0.5}],
    "values": [{"vehicle_class": "van", "parts": 200, "service": 109.5, "margin_if_needed": 100},
               {"vehicle_class": "lorry", "parts": 900, "service": 300, "margin_if_needed": 500}],
    "channels": [{"channel": "email", "cost": 0.1, "succeeded": 10, "tried": 100}],
    "templates": [{"priority": "high", "channel": "email", "body": "Your {model}: {stressor}."}]}') AS version;
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, model_year, model, cohort, evidence)
SELECT 'V' || i, 'C' || i, 'north', 'van', 2020, 'm', 'a', evidence(scorer('m', 1, 'a'), 's=present')
FROM generate_series(1, 8) i;
SELECT make_leads('north') AS leads;
CREATE TEMP VIEW waiting AS
SELECT l.vehicle_id, m.state, m.stage, m.attempts, m.reason FROM message m JOIN lead l USING (lead_id)
ORDER BY l.vehicle_id;
SELECT pg_temp.refused($$SELECT queue_messages('north', -1)$$), pg_temp.refused($$SELECT queue_messages('north', NULL)$$);
-- Not queued: a lead that somebody has acted on, that has ended; a vehicle that was sold, that has another customer or dealer.
SELECT record_lead_event(lead_id, 'contacted') FROM lead WHERE vehicle_id = 'V8';
UPDATE owned_vehicle SET sold_on = current_date - 2 WHERE vehicle_id = 'V7';
SELECT queue_messages('north') AS queued;
SELECT * FROM waiting;
-- Not taken: the same, when it comes about after queueing. What is dropped takes nobody's place.
SELECT record_lead_event(lead_id, 'abandoned') FROM lead WHERE vehicle_id = 'V1';
UPDATE owned_vehicle SET sold_on = current_date - 2 WHERE vehicle_id = 'V2';
UPDATE owned_vehicle SET customer_id = 'C99', dealer = 'south' WHERE vehicle_id = 'V3';
DELETE FROM owned_vehicle WHERE vehicle_id = 'V4';
UPDATE owned_vehicle SET sold_on = current_date + 30 WHERE vehicle_id = 'V5';
SELECT customer_id FROM take_messages('w', 2);
SELECT * FROM waiting;
-- Sent, and forgotten: a lead is queued once.
SELECT finish_message(m.message_id, m.lease, 'Dear owner') FROM message m WHERE m.state = 'taken';
SELECT finish_message(t.message_id, t.lease) FROM take_messages('w', 10, 'send') t;
SELECT forget_messages(clock_timestamp() + interval '1 day') AS forgotten, queue_messages('north') AS queued_again;

-- A lease that runs out is an attempt: at the eighth the template stands, and then sending has failed.
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, model_year, model, cohort, evidence)
SELECT 'W' || i, 'D' || i, 'north', 'van', 2020, 'm', 'a', evidence(scorer('m', 1, 'a'), 's=present')
FROM generate_series(1, 1) i;
SELECT make_leads('north') AS leads, queue_messages('north') AS queued;
CREATE FUNCTION pg_temp.die(times integer, at_stage text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    taken bigint := 0;
BEGIN
    FOR i IN 1..times LOOP
        taken := taken + (SELECT count(*) FROM tradeup_leads.take_messages('w', 10, at_stage));
        UPDATE tradeup_leads.message SET leased_until = clock_timestamp() - interval '1 second' WHERE state = 'taken';
    END LOOP;
    RETURN taken;
END $$;
SELECT pg_temp.die(8, 'write') AS taken;
SELECT * FROM waiting;
SELECT pg_temp.die(1, 'write') AS taken;
SELECT * FROM waiting;
SELECT pg_temp.die(9, 'send') AS taken;
SELECT * FROM waiting;

-- Lorries are worth most, but nothing speaks against them: leads without a text take no place of others.
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, model_year, model, cohort, evidence)
SELECT 'X' || i, 'E' || i, 'west', CASE WHEN i < 3 THEN 'lorry' ELSE 'van' END, 2020, 'm', 'a',
       evidence(scorer('m', 1, 'a'), CASE WHEN i < 3 THEN 's=absent' ELSE 's=present' END)
FROM generate_series(1, 3) i;
SELECT make_leads('west') AS leads, queue_messages('west', 1) AS queued;
SELECT vehicle_id FROM waiting WHERE state = 'queued';
ROLLBACK;
