-- What statistics, toggles and health say: a lead with two messages, evidence of another list, vehicles to be sold, toggles of
-- nothing, calibration where predictions are all alike.
SET client_min_messages = warning;
SET search_path = tradeup_leads, public;
BEGIN;
\pset footer off
SELECT model_from_json('{"name": "m", "cause": "c", "priorities": [{"priority": "high"}],
    "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "stressors": [{"stressor": "s", "position": 1, "ratio_present": 2, "ratio_absent": 0.5},
                  {"stressor": "t", "position": 2, "ratio_present": 2, "ratio_absent": 0.5}],
    "values": [{"vehicle_class": "van", "parts": 200, "service": 109.5, "margin_if_needed": 100}],
    "channels": [{"channel": "email", "cost": 0.1, "succeeded": 10, "tried": 100}],
    "templates": [{"priority": "high", "channel": "email", "body": "Hello"}]}') AS version;
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, model, cohort, evidence)
SELECT 'V' || i, 'C' || i, 'north', 'van', 'm', 'a', evidence(scorer('m', 1, 'a'), 's=present t=absent')
FROM generate_series(1, 3) i;

-- A lead counts once, however many messages it has.
SELECT make_leads('north', at_most => 1) AS leads, queue_messages('north') AS queued;
INSERT INTO message (lead_id, customer_id, dealer, channel, priority, model, version, template, slots, key, text, state, sent_at)
SELECT lead_id, customer_id, dealer, 'phone', priority, model, version, template, slots, 'another', text, 'sent',
       clock_timestamp()
FROM message;
SELECT record_lead_event(lead_id, 'serviced') FROM lead;
SELECT dealer, leads, contacted, serviced, revenue, messages, waiting, sent, sent_as_template, seconds_to_sent < 60 AS soon,
       seconds_to_sent_squared >= 0 AS squares, cardinality(seconds_to_sent_quantiles) AS quantiles FROM lead_statistics;
DELETE FROM message;
SELECT leads, revenue, messages, waiting, oldest_waiting, sent, sent_as_template, seconds_to_sent FROM lead_statistics;

-- A vehicle counts until it is sold. After a republication that swaps stressors old evidence says nothing by position.
UPDATE owned_vehicle SET sold_on = current_date + 30 WHERE vehicle_id = 'V1';
UPDATE owned_vehicle SET sold_on = current_date - 2 WHERE vehicle_id = 'V2';
SELECT stressor, vehicles FROM stressor_toggles ORDER BY 1;
SELECT check_name, value FROM health() WHERE check_name IN ('vehicles without cohort or evidence', 'old evidence');
SELECT model_from_json('{"name": "m", "cause": "c", "priorities": [{"priority": "high"}],
    "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "stressors": [{"stressor": "t", "position": 1, "ratio_present": 2, "ratio_absent": 0.5},
                  {"stressor": "s", "position": 2, "ratio_present": 2, "ratio_absent": 0.5}]}') AS version;
SELECT stressor, vehicles FROM stressor_toggles ORDER BY 1;
SELECT check_name, status, value FROM health() WHERE check_name = 'evidence of other stressors';

-- Toggles of stressors that the current model does not have.
INSERT INTO stressor_toggle VALUES ('north', 'm', 's', false);
SELECT status, value FROM health() WHERE check_name = 'toggles without stressor';
INSERT INTO stressor_toggle VALUES ('north', 'm', 'towng', false), ('south', 'n', 's', true);
SELECT status, value, advice FROM health() WHERE check_name = 'toggles without stressor';

-- Open leads whose vehicle another dealer looks after. Who moves a vehicle ends its lead; who does not see the lead leaves it.
SAVEPOINT moved;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT lead_id AS open, vehicle_id AS vehicle FROM open_lead \gset
SELECT status, value, advice FROM health() WHERE check_name = 'leads of another dealer';
CREATE ROLE regress_registry;
CREATE ROLE regress_half_blind;
SELECT grant_desk('regress_half_blind');
GRANT USAGE ON SCHEMA tradeup_leads TO regress_registry;
GRANT SELECT, UPDATE (dealer) ON owned_vehicle TO regress_registry, regress_half_blind;
\set VERBOSITY terse
SAVEPOINT refused;
SET ROLE regress_registry;
UPDATE owned_vehicle SET dealer = 'south' WHERE vehicle_id = :'vehicle';
\echo :SQLSTATE
ROLLBACK TO refused;
\set VERBOSITY default
GRANT SELECT, DELETE ON open_lead TO regress_registry;
GRANT SELECT, INSERT ON lead, lead_event TO regress_registry;
ALTER TABLE open_lead ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_dealers ON open_lead TO regress_registry USING (true);
SET ROLE regress_half_blind;
UPDATE owned_vehicle SET dealer = 'south' WHERE vehicle_id = :'vehicle';
SELECT status, advice FROM health() WHERE check_name = 'leads of another dealer';
RESET ROLE;
SELECT status, replace(value, 'lead ' || :open, 'lead N') AS value, replace(advice, '(' || :open, '(N') AS advice
FROM health() WHERE check_name = 'leads of another dealer';
UPDATE owned_vehicle SET dealer = 'north' WHERE vehicle_id = :'vehicle';
SELECT status FROM health() WHERE check_name = 'leads of another dealer';
SET ROLE regress_registry;
UPDATE owned_vehicle SET dealer = 'south' WHERE vehicle_id = :'vehicle';
RESET ROLE;
SELECT event FROM lead_event WHERE lead_id = :open ORDER BY seq;
SELECT status, value FROM health() WHERE check_name = 'leads of another dealer';
ROLLBACK TO moved;

-- Calibration of predictions that are all alike, so that there is neither z nor slope: by the number of failures.
INSERT INTO owned_vehicle (vehicle_id, dealer) SELECT 'P' || i, 'north' FROM generate_series(1, 200) i;
CREATE FUNCTION pg_temp.calibrated(p double precision, failures integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    INSERT INTO tradeup_leads.prediction (vehicle_id, dealer, model, version, cohort, as_of, p, predicted_at)
    SELECT 'P' || i, 'north', 'm', 2, 'a', '2024-01-01', p, '2023-12-31 12:00+00' FROM generate_series(1, 200) i;
    INSERT INTO tradeup_leads.outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at)
    SELECT 'P' || i, 'north', 'c', '2024-01-01', '2025-02-01', CASE WHEN i <= failures THEN date '2024-05-05' END
    FROM generate_series(1, 200) i;
    SELECT h.status || ': ' || h.value INTO said FROM tradeup_leads.health() h WHERE h.check_name = 'calibration';
    RAISE EXCEPTION USING MESSAGE = said, ERRCODE = 'P0003';
EXCEPTION WHEN too_many_rows THEN
    RETURN SQLERRM;
END $$;
SELECT pg_temp.calibrated(0.5, 60) AS too_few;
SELECT pg_temp.calibrated(0.5, 98) AS as_many;
SELECT pg_temp.calibrated(5e-324, 60) AS never_expected;
SELECT pg_temp.calibrated(0, 60) AS excluded;
SELECT pg_temp.calibrated(1, 200) AS certain;
ROLLBACK;
