-- Models of risk as data: documents, publication, what protects a published version; models of an earlier service.
SET search_path = tradeup_leads, public;
SET client_min_messages = warning;
-- A document with one mistake of each kind: all are told at once.
SELECT path, problem FROM model_problems('{
    "name": "", "cause": "battery", "horizon_months": 0, "counts_form": "neat", "colour": "red", "severity_from": [0.2, 0.1],
    "severities": ["low", "high"], "uncertain_level": 1,
    "cohorts": [{"cohort": "a", "published_rate": 0.6, "published_size": 10, "factors": ["age"]}, {"cohort": "a"},
                {"cohort": "b", "published_rate": 0.1}, {"cohort": "c", "local_failures": 3, "local_size": 2}, 5],
    "stressors": [{"stressor": "Heat", "position": 1, "ratio_present": 2, "ratio_absent": 0.5},
                  {"stressor": "cold", "position": 2, "ratio_present": 2, "ratio_absent": 1.5},
                  {"stressor": "old", "position": 3, "relative_risk": 3, "prevalence": 0.1, "factor": "age"},
                  {"stressor": "idle", "position": 5, "ratio_present": 2},
                  {"stressor": "dry", "position": 6, "ratio_present": 2, "ratio_absent": 0.5, "relative_risk": 2,
                      "prevalence": 0.5}],
    "rules": [{"stressor": "gone", "measure": "m", "comparison": ">", "threshold": 1},
              {"stressor": "cold", "measure": "m", "comparison": "in", "threshold": 1}, {"stressor": "cold", "measure": "m"}],
    "priorities": [{"priority": "high", "min_risk": 0.5, "max_risk": 0.1}, {"priority": "urgent"}],
    "values": [{"vehicle_class": "van", "parts": 1.005, "service": 5}],
    "channels": [{"channel": "email", "succeeded": 5, "tried": 4}],
    "templates": [{"priority": "low", "channel": "email", "body": "Hello"}, {"priority": "high", "channel": "sms",
        "body": "Hello {na"}],
    "source": null}');
-- What only compiling finds is a problem too: here rounding makes a probability of 1.
SELECT path, problem FROM model_problems('{"name": "edge", "cause": "c", "priorities": [{"priority": "high"}],
    "cohorts": [{"cohort": "a", "published_rate": 0.5851304347826087, "published_size": 1000, "discount": 1}],
    "stressors": [{"stressor": "blue", "position": 1, "relative_risk": 2.3, "prevalence": 0.266}]}');
SELECT path, problem FROM model_problems('[]');
SELECT path, problem FROM model_problems('{"cohorts": {}, "priorities": []}');
SELECT count(*) FROM model_problems(NULL);
DO $$ BEGIN PERFORM model_from_json('{"name": "m", "cause": "c"}');
EXCEPTION WHEN invalid_parameter_value THEN RAISE WARNING '%', SQLERRM; END $$;

-- Counts of zero need the jeffreys form.
SELECT path, problem FROM model_problems('{"name": "m", "cause": "c", "counts_form": "plain", "cohorts": [{"cohort": "a"}],
    "priorities": [{"priority": "high"}], "stressors": [{"stressor": "s", "position": 1, "present_failed": 0, "absent_failed": 5,
    "present_sound": 1, "absent_sound": 9}]}');
SELECT path, problem FROM model_problems('{"name": "m", "cause": "c", "cohorts": [{"cohort": "a"}], "absent_counts": false,
    "priorities": [{"priority": "high"}], "stressors": [{"stressor": "s", "position": 1, "ratio_present": 2,
        "ratio_absent": 0.5}]}');

-- What no scorer can be made of, or no number of a row: a problem, and not a failure of whoever reads the model later.
CREATE FUNCTION pg_temp.small(change jsonb) RETURNS jsonb LANGUAGE sql
RETURN '{"name": "small", "cause": "c", "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "priorities": [{"priority": "high"}]}'::jsonb || change;
SELECT n, path, problem FROM (VALUES
    (1, '{"stressors": [{"stressor": "s", "position": 1, "ratio_present": 2, "ratio_absent": 0.5,
        "dependence_group": "cold start"}]}'::jsonb),
    (2, '{"counts_form": "plain", "stressors": [{"stressor": "s", "position": 1, "present_failed": 0.00001, "absent_failed": 5,
        "present_sound": 1, "absent_sound": 900000000000}]}'),
    (3, '{"counts_form": "plain", "stressors": [{"stressor": "s", "position": 1, "present_failed": 0.00001,
        "absent_failed": 0.00001, "present_sound": 1, "absent_sound": 9}]}'),
    (4, '{"cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 1e12}, {"cohort": "b",
        "local_size": 2147483647}]}'),
    (5, '{"cohorts": [{"cohort": "a", "published_rate": 0.5, "published_size": 1e9, "local_size": 1000000000},
        {"cohort": "b", "published_rate": 1e-11, "published_size": 1e-9}]}'),
    (6, '{"severities": ["low", "high", "low"], "severity_from": [0.1, 0.2]}'),
    (7, '{"severities": ["low", "high"], "severity_from": [1e400]}'),
    (8, '{"severities": ["low", "high"], "severity_from": [1e-400]}'),
    (9, '{"stressors": [{"stressor": "s", "position": 1, "present_failed": 1e-400, "absent_failed": 5, "present_sound": 1,
        "absent_sound": 9}], "priorities": [{"priority": "high", "min_risk": 1e-400}]}'),
    (10, '{"templates": [{"priority": "high", "channel": "sms", "body": "{who}", "defaults": {"who": {"a": 1}}},
        {"priority": "high", "channel": "email", "body": "{who}", "defaults": {"who": [1]}}]}'),
    /* Each ratio of shares lies on its side of 1, but the weights made of them do not. */
    (11, '{"stressors": [{"stressor": "s", "position": 1, "present_failed": 2, "absent_failed": 3, "present_sound": 40,
        "absent_sound": 55}]}'),
    (12, '{"stressors": [{"stressor": "heat", "position": 1, "ratio_present": 2, "ratio_absent": 0.5}],
        "cohorts": [{"cohort": "a", "factors": ["heat"]}]}'))
    v (n, change) CROSS JOIN LATERAL model_problems(pg_temp.small(change)) p ORDER BY n, path, problem;
-- The largest and smallest figures that are allowed make scorers.
BEGIN;
SELECT model_from_json(pg_temp.small('{"name": "large", "counts_form": "plain", "slope": 5, "intercept": -20,
    "cohorts": [{"cohort": "large", "published_rate": 0.5, "published_size": 1e9, "local_size": 500000000},
                {"cohort": "small", "published_rate": 2e-6, "published_size": 1}],
    "stressors": [{"stressor": "counted", "position": 1, "present_failed": 0.001, "absent_failed": 1e9, "present_sound": 1e9,
                      "absent_sound": 0.001},
                  {"stressor": "given", "position": 2, "ratio_present": 1e9, "ratio_absent": 1e-9, "uncertainty_factor": 1e6,
                      "dependence_group": "cold/start"}]}'));
SELECT s.cohort, i.low <= i.median AND i.median <= i.high AS ordered
FROM scorers('large') s, risk_interval(s.scorer, '1=present 2=absent', 0.8) i ORDER BY 1;
ROLLBACK;

-- In, out, and in again.
SELECT model_from_json('{"name": "m", "cause": "c", "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "priorities": [{"priority": "high", "min_risk": 0.2}], "stressors": [{"stressor": "s", "position": 1, "ratio_present": 2,
    "ratio_absent": 0.5}], "channels": [{"channel": "email"}],
    "templates": [{"priority": "high", "channel": "email", "body": "Hello {name}", "defaults": {"name": "you"}}]}');
SELECT model_from_json(model_to_json('m'));
SELECT model_to_json('m', 1) = model_to_json('m', 2) AS same;
SELECT jsonb_pretty(model_to_json('m'));
SELECT name, version, parts FROM current_model;
DO $$ BEGIN PERFORM model_to_json('nobody');
EXCEPTION WHEN no_data_found THEN RAISE WARNING '%', SQLERRM; END $$;
DO $$ BEGIN PERFORM model_to_json('m', 7);
EXCEPTION WHEN no_data_found THEN RAISE WARNING '%', SQLERRM; END $$;

-- A published version stays as it is, and its parts too.
CREATE PROCEDURE pg_temp.refused(statement text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RAISE WARNING 'done: %', statement;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING '% %', SQLSTATE, SQLERRM;
END $$;
CALL pg_temp.refused($$UPDATE risk_model SET title = 'x' WHERE name = 'm' AND version = 1$$);
CALL pg_temp.refused($$DELETE FROM risk_model WHERE name = 'm' AND version = 1$$);
CALL pg_temp.refused($$UPDATE risk_cohort SET discount = 0.5 WHERE model = 'm'$$);
CALL pg_temp.refused($$DELETE FROM stressor WHERE model = 'm'$$);
CALL pg_temp.refused($$INSERT INTO stressor_rule VALUES ('m', 1, 's', 1, 'x', '>', 1)$$);
CALL pg_temp.refused($$INSERT INTO priority_rule (model, version, priority) VALUES ('m', 1, 'moderate')$$);
CALL pg_temp.refused($$INSERT INTO repair_value VALUES ('m', 1, 'van', 1, 1, 1)$$);
CALL pg_temp.refused($$UPDATE contact_channel SET cost = 1 WHERE model = 'm'$$);
CALL pg_temp.refused($$UPDATE message_template SET body = 'x' WHERE model = 'm'$$);
CALL pg_temp.refused($$TRUNCATE risk_model$$);
CALL pg_temp.refused($$TRUNCATE stressor$$);
-- A draft may change; it is checked when it is published, by the same rules as a document.
INSERT INTO risk_model (name, version, cause) VALUES ('m', 3, 'c');
INSERT INTO risk_cohort (model, version, cohort, factors) VALUES ('m', 3, 'a', '{age}');
INSERT INTO stressor (model, version, stressor, position, ratio_present, ratio_absent, factor)
VALUES ('m', 3, 's', 2, 2, 0.5, 'age');
CALL pg_temp.refused($$SELECT publish_model('m', 3)$$);
SELECT path, problem FROM model_problems(model_to_json('m', 3));
UPDATE stressor SET position = 1, factor = NULL WHERE model = 'm' AND version = 3;
INSERT INTO priority_rule (model, version, priority) VALUES ('m', 3, 'high');
SELECT publish_model('m', 3) IS NOT NULL AS published;
CALL pg_temp.refused($$SELECT publish_model('m', 3)$$);
CALL pg_temp.refused($$SELECT publish_model('m', 4)$$);
-- A draft goes with its parts, and takes them along to another name.
INSERT INTO risk_model (name, version, cause) VALUES ('m', 4, 'c');
INSERT INTO risk_cohort (model, version, cohort) VALUES ('m', 4, 'a');
UPDATE risk_model SET name = 'n', version = 1 WHERE name = 'm' AND version = 4;
SELECT model, version, cohort FROM risk_cohort WHERE model IN ('m', 'n') ORDER BY 1, 2;
DELETE FROM risk_model WHERE name = 'n';
SELECT count(*) FROM risk_cohort WHERE model = 'n';
CALL pg_temp.refused($$INSERT INTO risk_model (name, cause, horizon_months) VALUES ('o', 'c', 0)$$);
CALL pg_temp.refused($$INSERT INTO risk_model (name, cause, severity_from) VALUES ('o', 'c', '{0.5,0.4,0.6,0.7}')$$);
CALL pg_temp.refused($$INSERT INTO risk_model (name, cause, severity_from) VALUES ('o', 'c', '{0.5}')$$);
CALL pg_temp.refused($$INSERT INTO stressor (model, version, stressor, position, ratio_present) VALUES ('m', 3, 't', 2, 2)$$);
INSERT INTO risk_model (name, cause) VALUES ('o', 'c');
CALL pg_temp.refused($$INSERT INTO stressor (model, stressor, position, ratio_present, ratio_absent, dependence_group)
    VALUES ('o', 's', 1, 2, 0.5, 'cold start')$$);
CALL pg_temp.refused($$INSERT INTO risk_cohort (model, cohort, local_size) VALUES ('o', 'a', 2147483647)$$);
CALL pg_temp.refused($$INSERT INTO risk_cohort (model, cohort, published_rate, published_size) VALUES ('o', 'a', 0.1, 1e10)$$);
CALL pg_temp.refused($$INSERT INTO message_template (model, priority, channel, body, defaults)
    VALUES ('o', 'high', 'sms', '{a}', '{"a": [1]}')$$);
CALL pg_temp.refused($$INSERT INTO dealer_slots VALUES ('d', '{"advisor": {"a": 1}}')$$);
INSERT INTO dealer_slots VALUES ('d', '{"advisor": "Ann", "size": 1, "open": true, "none": null}');
DELETE FROM dealer_slots WHERE dealer = 'd';
DELETE FROM risk_model WHERE name = 'o';

-- Scorers and evidence of a model.
CALL pg_temp.refused($$SELECT scorer('m', 1, 'zz')$$);
CALL pg_temp.refused($$SELECT scorer('zz', 1, 'a')$$);
CALL pg_temp.refused($$SELECT scorer('m', 1, 'a', '{"nothing": false}')$$);
CALL pg_temp.refused($$SELECT scorer('m', 1, 'a', '{"s": 1}')$$);
CALL pg_temp.refused($$SELECT scorer('m', 1, 'a', '[]')$$);
SELECT round(risk(scorer('m', 1, 'a'), evidence(scorer('m', 1, 'a'), 's=present'))::numeric, 12) AS risk,
       round((0.1 / 0.9 * 2) / (1 + 0.1 / 0.9 * 2), 12) AS by_hand,
       round(risk(scorer('m', 1, 'a', '{"s": false}'), evidence(scorer('m', 1, 'a'), 's=present'))::numeric, 12) AS switched_off;
CALL pg_temp.refused($$SELECT observe('m', 1, '[1]')$$);
SELECT cohort, model_version FROM scorers('m') ORDER BY 1;

-- A relative risk that a cohort's own outcomes make a probability of 1 or more: no scorer, but the other cohorts have theirs.
SELECT model_from_json('{"name": "high", "cause": "c", "priorities": [{"priority": "high"}],
    "cohorts": [{"cohort": "calm", "published_rate": 0.05, "published_size": 100},
                {"cohort": "wild", "local_failures": 60, "local_size": 100}],
    "stressors": [{"stressor": "s", "position": 1, "relative_risk": 3, "prevalence": 0.1}]}');
SELECT cohort, scorer IS NULL AS none FROM scorers('high') ORDER BY cohort;
CALL pg_temp.refused($$SELECT scorer('high', 1, 'wild')$$);
SELECT check_name, status, value FROM health() WHERE check_name = 'cohorts without scorer';

-- Models of an earlier service, kept for comparison: their figures, from models as data.
\getenv dir PG_ABS_SRCDIR
CREATE TEMP TABLE document (model jsonb);
\set load '\\copy document from ' :dir '/test/data/leads/reference_models.jsonl'
:load
SELECT d.model ->> 'name' AS name, model_from_json(d.model) AS version FROM document d ORDER BY 1;

-- The class model. An absent stressor counts for nothing there, which is why its risks come out too high.
CREATE TEMP TABLE class_row (id integer, vehicle_class text, region text, age_years integer, month integer, max_temp_7day numeric,
    commercial_use boolean, high_vibration boolean, deep_discharge_events integer, maintenance_deferred boolean,
    stressor_region text, driving_pattern text, high_charge_cycles boolean, internal_resistance_elevated boolean,
    prior double precision, combined_lr double precision, posterior_exact double precision,
    posterior_with_epsilon double precision, severity text, revenue_group text, revenue numeric);
\set load '\\copy class_row from ' :dir '/test/data/leads/risk_reference.csv csv header'
:load
CREATE FUNCTION pg_temp.hot(region text) RETURNS boolean LANGUAGE sql
RETURN region IN ('Arizona', 'Texas', 'Florida', 'Nevada', 'New Mexico', 'California', 'Louisiana', 'Alabama', 'Georgia',
                  'South Carolina');
CREATE FUNCTION pg_temp.far(a double precision, b double precision, tolerance double precision) RETURNS boolean LANGUAGE sql
RETURN coalesce(abs(a - b) > tolerance * abs(b), true);
CREATE TEMP TABLE class_scored AS
SELECT r.*, risk(s.scorer, e.evidence) AS risk, risk(s.scorer, evidence(s.scorer, '')) AS rate,
       (SELECT exp(sum(x.weight)) FROM explain_risk(s.scorer, e.evidence) x WHERE x.counted) AS ratio
FROM class_row r
JOIN scorers('reference-class') s
     ON s.cohort = CASE WHEN EXISTS (SELECT FROM risk_cohort c WHERE c.model = 'reference-class'
                                     AND c.cohort = r.vehicle_class || '/mild/new') THEN r.vehicle_class ELSE 'other' END
                   || CASE WHEN pg_temp.hot(r.region) THEN '/hot' ELSE '/mild' END
                   || CASE WHEN r.age_years >= 3 THEN '/old' ELSE '/new' END
CROSS JOIN LATERAL (SELECT observe('reference-class', 1, jsonb_strip_nulls(to_jsonb(r)))) e (evidence);
SELECT count(*) AS rows, count(*) FILTER (WHERE pg_temp.far(rate, prior, 1e-15)) AS wrong_prior,
       count(*) FILTER (WHERE pg_temp.far(coalesce(ratio, 1), combined_lr, 4e-15)) AS wrong_ratio,
       count(*) FILTER (WHERE pg_temp.far(risk, posterior_exact, 1e-14)) AS wrong_risk
FROM class_scored;
-- Severity of the earlier service was that of a risk with an epsilon in its odds. Only where the exact risk is a threshold itself
-- does that change the class.
SELECT id, risk, severity AS theirs, ('{low,moderate,high,critical,severe}'::text[])[1 + width_bucket(risk,
    '{0.03,0.07,0.12,0.2}')] AS ours
FROM class_scored WHERE severity <> ('{low,moderate,high,critical,severe}'::text[])[1 + width_bucket(risk,
    '{0.03,0.07,0.12,0.2}')];

-- The fleet model: fewer stressors, and no hot regions.
CREATE TEMP TABLE fleet_row (id integer, vehicle_class text, age integer, max_temp_7day numeric, commercial_use boolean,
    maintenance_deferred boolean, deep_discharge_events integer, prior double precision, combined_lr double precision,
    risk_score double precision, risk_level text, revenue numeric, active_stressors text);
\set load '\\copy fleet_row from ' :dir '/test/data/leads/fleet_reference.csv csv header'
:load
SELECT count(*) AS rows, count(*) FILTER (WHERE pg_temp.far(x.risk, x.risk_score, 1e-14)) AS wrong_risk,
       count(*) FILTER (WHERE x.risk_level <> ('{low,moderate,high,critical,severe}'::text[])
                                              [1 + width_bucket(x.risk, '{0.03,0.07,0.12,0.2}')]) AS wrong_severity
FROM (SELECT r.*, risk(s.scorer, observe('reference-fleet', 1, jsonb_strip_nulls(to_jsonb(r)))) AS risk
      FROM fleet_row r
      JOIN scorers('reference-fleet') s ON s.cohort = r.vehicle_class || '/mild' || CASE WHEN r.age >= 3 THEN '/old'
          ELSE '/new' END) x;

-- Toggles: all active stressors, and those that are on.
CREATE TEMP TABLE toggle_row (id integer, base_rate text, active text, combined_lr double precision,
    posterior_capped double precision, severity text, active_default_toggles text, combined_lr_default double precision,
    posterior_capped_default double precision, severity_default text);
\set load '\\copy toggle_row from ' :dir '/test/data/leads/toggle_reference.csv csv header'
:load
SELECT count(*) AS rows,
       count(*) FILTER (WHERE pg_temp.far(least(x.risk, 0.95), x.posterior_capped, 1e-12)) AS wrong_risk,
       count(*) FILTER (WHERE pg_temp.far(least(x.risk_default, 0.95), x.posterior_capped_default, 1e-12)) AS wrong_default,
       count(*) FILTER (WHERE x.severity <> ('{low,moderate,high,critical,severe}'::text[])
                                            [1 + width_bucket(x.risk, '{0.08,0.15,0.2,0.25}')]) AS wrong_severity
FROM (SELECT r.*, risk(every.scorer, evidence(every.scorer, coalesce(replace(r.active, '|', '=present ') || '=present', '')))
    AS risk,
             risk(every.scorer, evidence(every.scorer, coalesce(replace(r.active_default_toggles, '|', '=present ')
                                                                || '=present', ''))) AS risk_default
      FROM toggle_row r
      JOIN scorers('reference-toggles', NULL,
                   (SELECT jsonb_object_agg(stressor, true) FROM stressor WHERE model = 'reference-toggles')) every
           ON every.cohort = 'rate ' || r.base_rate) x;

-- Cohort models, with rates of five years.
CREATE TEMP TABLE cohort_row (id integer, soc_30day_trend numeric, trip_cycles_weekly numeric, climate_stress_index numeric,
    maintenance_compliance numeric, cohort_id text, active_stressors text, prior double precision, combined_lr double precision,
    posterior double precision, severity text, revenue numeric);
\set load '\\copy cohort_row from ' :dir '/test/data/leads/cohort_reference.csv csv header'
:load
SELECT count(*) AS rows, count(*) FILTER (WHERE pg_temp.far(x.risk, x.posterior, 1e-9)) AS wrong_risk,
       count(*) FILTER (WHERE x.active_stressors IS DISTINCT FROM x.active) AS wrong_stressors,
       count(*) FILTER (WHERE x.severity <> ('{low,moderate,high,critical,severe}'::text[])
                                            [1 + width_bucket(x.risk, '{0.03,0.07,0.12,0.2}')]) AS other_severity,
       -- A rate of five years against thresholds of one year: at a year's horizon most are of a lower class.
       count(*) FILTER (WHERE width_bucket(rate_over_years(x.risk, 0.2), '{0.03,0.07,0.12,0.2}')
                              < width_bucket(x.risk, '{0.03,0.07,0.12,0.2}')) AS lower_at_one_year
FROM (SELECT r.*, risk(s.scorer, e.evidence) AS risk,
             (SELECT string_agg(y.stressor, '|' ORDER BY y.position) FROM explain_risk(s.scorer, e.evidence) y
              WHERE y.state = 'present') AS active
      FROM cohort_row r
      CROSS JOIN LATERAL (SELECT 'reference-' || replace(r.cohort_id, '_', '-')) n (model)
      JOIN LATERAL scorers(n.model) s ON s.cohort = r.cohort_id
      CROSS JOIN LATERAL (SELECT observe(n.model, 1, jsonb_strip_nulls(to_jsonb(r) - 'active_stressors'))) e (evidence)) x;

-- Nothing of this stays.
SET session_replication_role = replica;
DELETE FROM risk_model; DELETE FROM risk_cohort; DELETE FROM stressor; DELETE FROM stressor_rule; DELETE FROM priority_rule;
DELETE FROM contact_channel; DELETE FROM message_template;
RESET session_replication_role;
