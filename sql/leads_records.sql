-- Outcomes, predictions and permissions: recorded in the name of the role, never changed, judged as they came.
SET search_path = tradeup_leads, public;
SET client_min_messages = warning;
CREATE PROCEDURE pg_temp.refused(statement text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE WARNING 'done: %', statement;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING '% %', SQLSTATE, regexp_replace(SQLERRM, '\m\d+\M', 'N');
END $$;
BEGIN;
SELECT model_from_json('{"name": "m", "cause": "battery", "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "priorities": [{"priority": "high"}], "channels": [{"channel": "email"}, {"channel": "sms"}],
    "templates": [{"priority": "high", "channel": "email", "body": "Hello"}, {"priority": "high", "channel": "sms", "body": "Hello"}],
    "stressors": [{"stressor": "s", "position": 1, "ratio_present": 2, "ratio_absent": 0.5}]}');
INSERT INTO owned_vehicle (vehicle_id, dealer, model, cohort, evidence)
SELECT 'V' || i, 'north', 'm', 'a', evidence(scorer('m', 1, 'a'), CASE WHEN i % 2 = 0 THEN 's=present' ELSE 's=absent' END)
FROM generate_series(1, 12) i;

-- Predictions of a year ago are what a restore brings; today's come from predict.
INSERT INTO prediction (vehicle_id, dealer, model, version, cohort, as_of, p, predicted_at)
SELECT v.vehicle_id, v.dealer, 'm', 1, 'a', '2024-01-01', 0.1, '2023-12-31 12:00+00' FROM owned_vehicle v;
SELECT predict('north'), predict('north') AS again;
-- 1: failed within the year. 2: failed on the day itself, which is before. 3: failed a day too late, watched to the end.
-- 4: watched to the end. 5: watched too short. 6: watched with a gap. 7: watched in two parts. 8: another cause. 9: none.
-- 10: failed, said a correction; 11: did not, said a correction. 12: two outcomes, one of them a failure.
SELECT record_outcome('V1', 'battery', '2024-01-01', '2024-06-01', '2024-06-01'),
       record_outcome('V2', 'battery', '2024-01-01', '2024-01-01', '2024-01-01'),
       record_outcome('V3', 'battery', '2024-01-02', '2025-01-02', '2025-01-02'),
       record_outcome('V4', 'battery', '2024-01-02', '2025-01-01'),
       record_outcome('V5', 'battery', '2024-01-01', '2024-12-31'),
       record_outcome('V6', 'battery', '2024-01-01', '2024-03-01'), record_outcome('V6', 'battery', '2024-03-03', '2025-02-01'),
       record_outcome('V7', 'battery', '2024-01-01', '2024-03-01'), record_outcome('V7', 'battery', '2024-03-02', '2025-02-01'),
       record_outcome('V10', 'battery', '2024-01-01', '2025-02-01') AS tenth,
       record_outcome('V11', 'battery', '2024-01-01', '2024-02-01', '2024-02-01') AS eleventh,
       record_outcome('V12', 'battery', '2023-01-01', '2024-01-31', '2024-01-31'),
       record_outcome('V12', 'battery', '2024-02-01', '2025-03-01') \gset n_
-- Rows of other causes are there too, for models to come.
INSERT INTO outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at)
VALUES ('V8', 'north', 'brakes', '2024-01-01', '2025-02-01', '2024-05-05');
SELECT correct_outcome(:n_tenth, '2024-01-01', '2024-07-07', '2024-07-07', 'found later') > :n_tenth AS corrected,
       correct_outcome(:n_eleventh, '2024-01-01', '2025-02-01') > :n_eleventh AS corrected;
SELECT vehicle_id, as_of, judged_on, failed, censored FROM judged_prediction WHERE as_of = '2024-01-01'
ORDER BY length(vehicle_id), vehicle_id;
SELECT count(*), count(*) FILTER (WHERE censored) AS open FROM judged_prediction WHERE as_of > '2024-01-01';
SELECT cohort, failures, size FROM cohort_outcomes('m', '2025-12-31');
-- Before their horizon has passed nothing is counted: the failures alone would make a rate of 1.
SELECT cohort, failures, size FROM cohort_outcomes('m', '2024-12-30');
SELECT check_name, status, value FROM health() WHERE check_name IN ('outcomes overdue', 'calibration');

-- An outcome belongs to the vehicle: the dealer who predicted sees what another one entered, where the policy of the page holds.
SAVEPOINT policies;
CREATE ROLE regress_leads_north;
SELECT grant_desk('regress_leads_north');
UPDATE owned_vehicle SET dealer = 'south' WHERE vehicle_id IN ('V9', 'V5');
SELECT record_outcome('V9', 'battery', '2024-01-01', '2024-09-09', '2024-09-09') > 0 AS by_another;
ALTER TABLE prediction ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON prediction USING (dealer = 'north');
ALTER TABLE owned_vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON owned_vehicle USING (dealer = 'north');
ALTER TABLE outcome ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON outcome USING (dealer = 'north');
CREATE POLICY of_predicted_vehicle ON outcome FOR SELECT
    USING (EXISTS (SELECT FROM prediction p WHERE p.vehicle_id = outcome.vehicle_id));
SET CONSTRAINTS ALL IMMEDIATE;
SET LOCAL ROLE regress_leads_north;
SELECT vehicle_id, failed, censored FROM judged_prediction WHERE as_of = '2024-01-01' AND vehicle_id IN ('V1', 'V9') ORDER BY 1;
CALL pg_temp.refused($$SELECT record_outcome('V9', 'battery', '2024-01-01', '2024-02-01')$$);
RESET ROLE;
ROLLBACK TO policies;

-- What cannot be recorded.
CALL pg_temp.refused(format('SELECT correct_outcome(%s, ''2024-01-01'', ''2024-02-01'')', :n_tenth));
CALL pg_temp.refused($$SELECT correct_outcome(-1, '2024-01-01', '2024-02-01')$$);
CALL pg_temp.refused($$SELECT record_outcome('V99', 'battery', '2024-01-01', '2024-02-01')$$);
CALL pg_temp.refused($$SELECT record_outcome('V1', 'battery', '2024-03-01', '2024-02-01')$$);
CALL pg_temp.refused($$SELECT record_outcome('V1', 'battery', '2024-01-01', '2024-02-01', '2024-03-01')$$);
CALL pg_temp.refused($$SELECT record_outcome('V1', 'battery', 'infinity', 'infinity')$$);
CALL pg_temp.refused($$SELECT record_outcome('V1', 'battery', '2024-01-01', current_date + 2)$$);
CALL pg_temp.refused($$SELECT record_outcome('V1', 'tyres', '2024-01-01', '2024-02-01')$$);
CALL pg_temp.refused($$SELECT allow_contact('C1', 'mail', false)$$);
CALL pg_temp.refused($$SELECT predict('north', '2020-01-01')$$);
CALL pg_temp.refused($$UPDATE outcome SET failed_at = NULL$$);
CALL pg_temp.refused($$DELETE FROM outcome$$);
CALL pg_temp.refused($$TRUNCATE prediction$$);
CALL pg_temp.refused($$UPDATE prediction SET p = 0$$);
CALL pg_temp.refused($$DELETE FROM contact_permission$$);
CALL pg_temp.refused($$INSERT INTO outcome (vehicle_id, dealer, cause, watched_from, watched_to, entered_by)
    VALUES ('V1', 'north', 'battery', '2024-01-01', '2024-02-01', 'somebody')$$);
-- Nothing is scored after the fact, nor in the future's name.
CALL pg_temp.refused($$INSERT INTO prediction (vehicle_id, dealer, model, version, cohort, as_of, p)
    VALUES ('V1', 'north', 'm', 1, 'a', '2024-02-01', 0.9)$$);
CALL pg_temp.refused($$INSERT INTO prediction (vehicle_id, dealer, model, version, cohort, as_of, p, predicted_at)
    VALUES ('V1', 'north', 'm', 1, 'a', '2999-01-01', 0.9, '2998-01-01')$$);
CALL pg_temp.refused($$INSERT INTO prediction (vehicle_id, dealer, model, version, cohort, as_of, p)
    VALUES ('V1', 'north', 'm', 1, 'a', current_date + 2, 1.1)$$);

-- The newest permission of a customer and channel holds.
SELECT tradeup_leads_internal.may_contact('C1', 'email') AS without_one;
SELECT allow_contact('C1', 'email', false) > 0, allow_contact('C2', 'email', false) > 0;
SELECT allow_contact('C2', 'email', true, 'asked again') > 0;
SELECT tradeup_leads_internal.may_contact('C1', 'email') AS c1, tradeup_leads_internal.may_contact('C2', 'email') AS c2,
       tradeup_leads_internal.may_contact('C1', 'sms') AS another_channel;
ROLLBACK;
