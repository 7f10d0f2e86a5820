-- Leads of a made-up fleet: the list, what is written of it, toggles; under row-level security too.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
BEGIN;
\i examples/leads_fleet.sql
-- The numbers below are those of a first run, whatever ran before.
ALTER SEQUENCE lead_lead_id_seq RESTART;
ALTER TABLE message ALTER message_id RESTART;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    RETURN format('%s %s', SQLSTATE, SQLERRM);
END $$;
\pset footer off
SELECT vehicle_id, priority, round(risk::numeric, 6) AS risk, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high,
    severity,
       round(percentile::numeric, 6) AS percentile, reason, channel, expected_value, revenue
FROM leads('north') LIMIT 8;
SELECT vehicle_id, text FROM leads('north', '{"priorities": ["high"]}') WHERE channel = 'phone' LIMIT 2;
SELECT priority, count(*), sum(revenue) = sum(parts) + sum(service) AS adds_up FROM leads('north') GROUP BY 1 ORDER BY 1;

-- Against brute force, vehicle by vehicle.
CREATE TEMP TABLE brute AS
SELECT v.vehicle_id, v.cohort, v.vehicle_class, s.scorer, risk(s.scorer, v.evidence) AS risk, i.low, i.median, i.high
FROM owned_vehicle v
JOIN scorers('battery') s ON s.cohort = v.cohort
CROSS JOIN LATERAL risk_interval(s.scorer, v.evidence, 0.8) i
WHERE v.dealer = 'north' AND v.sold_on IS NULL;
CREATE TEMP TABLE brute_lead AS
SELECT b.*, c.channel, c.value, b.percentile AS percentile_of,
       CASE WHEN b.risk >= 0.2 AND c.value >= 15 THEN 'high' WHEN b.risk >= 0.1 AND c.value >= 5 THEN 'moderate'
            WHEN b.risk >= 0.05 AND c.value >= 0 THEN 'follow_up' WHEN b.risk <= 0.01 THEN 'retention' END AS priority
FROM (SELECT x.*, percent_rank() OVER (PARTITION BY x.cohort ORDER BY x.risk) AS percentile FROM brute x) b
LEFT JOIN repair_value r ON r.model = 'battery' AND r.vehicle_class = b.vehicle_class
LEFT JOIN LATERAL (SELECT h.channel, expected_value((h.succeeded + 0.5) / (h.tried + 1.0)::double precision, b.risk,
    r.margin_if_needed,
                                                    r.margin_otherwise, h.cost) AS value
                   FROM contact_channel h WHERE h.model = 'battery' ORDER BY 2 DESC, h.channel LIMIT 1) c ON true;
SELECT count(*) > 100 AS many, count(*) FILTER (WHERE l.vehicle_id IS NULL OR b.vehicle_id IS NULL) AS missing,
       count(*) FILTER (WHERE (l.risk, l.low, l.high, l.channel, l.expected_value, l.priority)
                              IS DISTINCT FROM (b.risk, b.low, b.high, b.channel, b.value, b.priority)) AS other,
       count(*) FILTER (WHERE abs(l.percentile - b.percentile_of) > 1e-12) AS other_percentile
FROM (SELECT * FROM brute_lead WHERE priority IS NOT NULL) b FULL JOIN leads('north') l USING (vehicle_id);
-- Filters.
SELECT count(*) FILTER (WHERE priority <> 'moderate') AS others, count(*) > 0 AS some FROM leads('north',
    '{"priorities": ["moderate"]}');
SELECT (SELECT count(*) FROM leads('north',
    '{"min_risk": 0.1, "min_value": 8, "vehicle_classes": ["van"], "regions": ["north"]}'))
       = (SELECT count(*) FROM leads('north') WHERE risk >= 0.1 AND expected_value >= 8 AND revenue = 309.50) AS same;
SELECT pg_temp.refused($$SELECT * FROM leads('north', '{"colour": 1}')$$),
    pg_temp.refused($$SELECT * FROM leads('north', '[]')$$),
       pg_temp.refused($$SELECT * FROM leads('north', '{"min_risk": "a"}')$$),
       pg_temp.refused($$SELECT * FROM leads('north', '{"min_risk": 1e-400}')$$);
SELECT count(*) FROM leads('nobody');

-- What is written, once.
SELECT make_leads('north', at_most => 5) AS made, make_leads('north', at_most => 5) AS then_others;
SELECT count(*) AS open, count(DISTINCT vehicle_id) AS vehicles FROM open_lead;
SELECT (SELECT array_agg(vehicle_id ORDER BY lead_id) FROM lead) <@ (SELECT array_agg(l.vehicle_id) FROM (SELECT *
    FROM leads('north') LIMIT 10) l) AS the_best;
SELECT lead_id IS NOT NULL AS numbered, seq, event, dealer FROM lead_event ORDER BY lead_id LIMIT 1;
INSERT INTO lead_capacity VALUES ('south', 'south', 3);
SELECT make_leads('south') AS made, make_leads('south') AS no_room;
SELECT pg_temp.refused($$SELECT make_leads('north', '2020-01-01')$$),
    pg_temp.refused($$SELECT make_leads('north', at_most => -1)$$);
SELECT pg_temp.refused($$INSERT INTO lead (vehicle_id, dealer, model, version, cohort, evidence, as_of, risk, low, high, severity,
        priority)
    SELECT vehicle_id, dealer, model, 1, cohort, evidence, current_date, 0.5, 0.4, 0.6, 'high', 'high'
        FROM owned_vehicle LIMIT 1$$);

-- A vehicle that another dealer looks after now: its lead ends, takes no room from its old dealer, and the new one makes its own.
SAVEPOINT moved;
SELECT vehicle_id AS best FROM open_lead WHERE dealer = 'south' ORDER BY lead_id LIMIT 1 \gset moved_
UPDATE owned_vehicle SET dealer = 'north', region = 'north' WHERE vehicle_id = :'moved_best';
SELECT event, note FROM lead_event e JOIN lead l USING (lead_id) WHERE l.vehicle_id = :'moved_best' ORDER BY seq;
SELECT make_leads('south') AS made, make_leads('south') AS no_room;
SELECT make_leads('north') > 0 AS made;
SELECT dealer FROM open_lead WHERE vehicle_id = :'moved_best';
ROLLBACK TO moved;

-- The life of a lead.
SELECT min(lead_id) AS first FROM lead \gset lead_
SELECT record_lead_event(:lead_first, 'contacted', 'by phone'), record_lead_event(:lead_first, 'scheduled');
SELECT pg_temp.refused(format('SELECT record_lead_event(%s, ''engaged'')', :lead_first)),
       pg_temp.refused(format('SELECT record_lead_event(%s, ''created'')', :lead_first)),
       pg_temp.refused('SELECT record_lead_event(-1, ''closed'')'),
       pg_temp.refused('UPDATE lead SET priority = ''high'''), pg_temp.refused('DELETE FROM lead_event');
SELECT record_lead_event(:lead_first, 'serviced'), record_lead_event(:lead_first, 'closed');
SELECT pg_temp.refused(format('SELECT record_lead_event(%s, ''abandoned'')', :lead_first));
SELECT count(*) AS open_after FROM open_lead WHERE lead_id = :lead_first;
SELECT leads, contacted, scheduled, serviced, abandoned, waiting FROM lead_statistics WHERE dealer = 'north' AND contacted > 0;

-- What was sold makes no lead; nor what lacks cohort or evidence, or has that of another list, which health counts.
SELECT vehicle_id AS best FROM leads('north') LIMIT 1 \gset lead_
UPDATE owned_vehicle SET sold_on = current_date - 2 WHERE vehicle_id = :'lead_best';
SELECT count(*) FROM leads('north') WHERE vehicle_id = :'lead_best';
UPDATE owned_vehicle SET sold_on = NULL, evidence = 'list=00000001 1=present' WHERE vehicle_id = :'lead_best';
SELECT count(*) FROM leads('north') WHERE vehicle_id = :'lead_best';
UPDATE owned_vehicle SET cohort = NULL WHERE vehicle_id = :'lead_best';
SELECT count(*) FROM leads('north') WHERE vehicle_id = :'lead_best';
-- They are counted and named: those without model, cohort or evidence, and those whose cohort or evidence is another's.
UPDATE owned_vehicle SET evidence = NULL WHERE vehicle_id = 'V0002';
UPDATE owned_vehicle SET evidence = 'list=00000001 1=present' WHERE vehicle_id = 'V0004';
UPDATE owned_vehicle SET cohort = 'nobody knows' WHERE vehicle_id = 'V0005';
UPDATE owned_vehicle SET model = NULL WHERE vehicle_id = 'V0007';
SELECT f.severity, f.vehicles, f.vehicles_before, f.moved_here, f.expected_failures, f.revenue,
       f.top @> ARRAY['V0002', 'V0004', 'V0005', 'V0007', :'lead_best'] AS named
FROM fleet_risk('north', '{"heat": false}', 9) f WHERE f.severity = 'unscored';
SELECT sum(vehicles) = (SELECT count(*) FROM owned_vehicle WHERE dealer = 'north') AS all_of_them FROM fleet_risk('north');
UPDATE owned_vehicle SET model = 'battery', cohort = vehicle_class || '/north' WHERE vehicle_id IN ('V0005', 'V0007');
SELECT check_name, status, value FROM health() WHERE check_name IN ('vehicles without cohort or evidence',
    'evidence of other stressors', 'messages');
SELECT observe_vehicles('north') > 0 AS observed;
UPDATE owned_vehicle SET cohort = vehicle_class || '/north' WHERE vehicle_id = :'lead_best';
SELECT count(*) FROM leads('north') WHERE vehicle_id = :'lead_best';

-- Toggles.
SELECT severity, vehicles, vehicles_before, moved_here, round(expected_failures, 3) AS failures, revenue, expected_revenue, top
FROM fleet_risk('north', '{"short_trips": false}', 2);
SELECT sum(vehicles) = (SELECT count(*) FROM owned_vehicle WHERE dealer = 'north') AS all_of_them, sum(moved_here) AS moved
    FROM fleet_risk('north');
-- Against brute force, vehicle by vehicle, with probable evidence too.
SELECT d.dealer, count(*) AS severities, sum(f.vehicles) AS vehicles,
       count(*) FILTER (WHERE (f.vehicles, f.expected_failures, f.vehicles_before, f.moved_here)
                              IS DISTINCT FROM (b.vehicles, b.failures, b.before, b.moved)) AS other
FROM unnest('{north,south}'::text[]) d (dealer)
CROSS JOIN LATERAL fleet_risk(d.dealer, '{"heat": false, "soc_decline": false}') f
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.now = f.severity) AS vehicles, count(*) FILTER (WHERE x.before = f.severity) AS before,
           count(*) FILTER (WHERE x.now = f.severity AND x.before <> x.now) AS moved,
           coalesce(round(sum(x.risk::numeric) FILTER (WHERE x.now = f.severity), 6), 0) AS failures
    FROM (SELECT risk(n.scorer, v.evidence) AS risk,
                 tradeup_leads_internal.risk_severity(n.scorer, v.evidence, m.severity_from, m.severities, 0.8, 2) AS now,
                 tradeup_leads_internal.risk_severity(b.scorer, v.evidence, m.severity_from, m.severities, 0.8, 2) AS before
          FROM owned_vehicle v, current_model m, scorers('battery', 1, '{"heat": false, "soc_decline": false}') n,
               scorers('battery', 1) b
          WHERE v.dealer = d.dealer AND m.name = 'battery' AND n.cohort = v.cohort AND b.cohort = v.cohort
            AND tradeup_leads_internal.takes_evidence(n.scorer, v.evidence)) x) b
WHERE f.severity <> 'unscored'
GROUP BY d.dealer ORDER BY d.dealer;
SELECT stressor, reason FROM toggles_without_effect('north',
    '{"short_trips": false, "towing": true, "soc_decline": false, "deep_discharge": false}');
INSERT INTO owned_vehicle (vehicle_id, dealer, model, cohort, evidence)
SELECT 'alone', 'lone', 'battery', 'van/north', evidence(scorer('battery', 1, 'van/north'),
    'soc_decline=present deep_discharge=present');
SELECT stressor, reason FROM toggles_without_effect('lone', '{"deep_discharge": false, "soc_decline": false, "heat": false}');
SELECT model_from_json('{"name": "even", "cause": "c", "cohorts": [{"cohort": "a"}], "priorities": [{"priority": "high"}],
    "stressors": [{"stressor": "blue", "position": 1, "ratio_present": 1, "ratio_absent": 1}]}');
INSERT INTO owned_vehicle (vehicle_id, dealer, model, cohort, evidence) VALUES ('blue', 'lone', 'even', 'a', '1=present');
SELECT stressor, reason FROM toggles_without_effect('lone', '{"blue": false}', 'even');
-- A cohort without a published rate and without outcomes: Jeffreys, and uncertain whatever the interval.
SELECT severity, vehicles, round(expected_failures, 3) AS failures FROM fleet_risk('lone', model => 'even') WHERE vehicles > 0;
-- Nor does it make a lead, although its risk of a half is high enough for one.
SELECT count(*) FROM leads('lone') WHERE model = 'even';
-- A vehicle of which nothing is known is not praised, however low the rate of its cohort.
SELECT model_from_json('{"name": "calm", "cause": "c", "cohorts": [{"cohort": "a", "published_rate": 0.005,
    "published_size": 1000}], "priorities": [{"priority": "retention", "max_risk": 0.01}, {"priority": "high", "min_risk": 0.9}],
    "stressors": [{"stressor": "blue", "position": 1, "ratio_present": 2, "ratio_absent": 0.5},
                  {"stressor": "red", "position": 2, "ratio_present": 2, "ratio_absent": 0.5, "enabled": false}]}');
INSERT INTO owned_vehicle (vehicle_id, dealer, model, cohort, evidence)
SELECT 'calm ' || n, 'lone', 'calm', 'a', e::evidence
FROM (VALUES (1, ''), (2, '1=absent'), (3, '2=absent'), (4, '1=unknown')) v (n, e);
SELECT vehicle_id, priority FROM leads('lone') WHERE model = 'calm' ORDER BY 1;
DELETE FROM owned_vehicle WHERE dealer = 'lone';
INSERT INTO stressor_toggle VALUES ('north', 'battery', 'short_trips', false);
SELECT severity, vehicles, vehicles_before, moved_here FROM fleet_risk('north', '{"short_trips": true}');
SELECT stressor, enabled, vehicles > 50 AS many FROM stressor_toggles WHERE dealer = 'north' ORDER BY 1;
SELECT count(*) > 0 AS some FROM leads('north') WHERE reason = 'many short trips';
DELETE FROM stressor_toggle;
SELECT pg_temp.refused($$SELECT * FROM fleet_risk('north', '{"nothing": true}')$$),
    pg_temp.refused($$SELECT * FROM fleet_risk('north', '{"towing": 1}')$$);
-- Where nobody has a vehicle too.
SELECT pg_temp.refused($$SELECT * FROM fleet_risk('nobody', '{"nothing": true}')$$),
    pg_temp.refused($$SELECT * FROM fleet_risk('nobody', '[]')$$),
    pg_temp.refused($$SELECT * FROM fleet_risk('north', NULL, 0, 'x')$$);
SELECT severity, vehicles FROM fleet_risk('nobody');

-- Evidence as rows.
SELECT stressor, state, round(probability::numeric, 3) AS probability, count(*) > 5 AS many FROM evidence_row
    WHERE dealer = 'south' AND stressor IN ('heat', 'towing') GROUP BY 1, 2, 3 ORDER BY 1, 2;

-- A dealer's own rows, with the index on the dealer.
CREATE ROLE regress_leads_desk;
SELECT grant_desk('regress_leads_desk');
ALTER TABLE owned_vehicle ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON owned_vehicle USING (dealer = 'north');
ALTER TABLE lead ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_dealer ON lead USING (dealer = 'north');
SELECT count(*) AS all_north FROM leads('north') \gset lead_
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SET LOCAL ROLE regress_leads_desk;
SELECT (SELECT count(*) FROM leads('north')) = :lead_all_north AS same, (SELECT count(*) FROM leads('south')) AS south;
SELECT make_leads('north', at_most => 2) AS made, make_leads('south') AS none;
SELECT pg_temp.refused('UPDATE risk_model SET title = NULL'), pg_temp.refused('INSERT INTO message DEFAULT VALUES'),
       pg_temp.refused('DELETE FROM owned_vehicle');
-- A desk forges nothing: neither figures nor names, times or events.
SELECT pg_temp.refused($$INSERT INTO prediction (vehicle_id, dealer, model, version, cohort, as_of, p)
    SELECT vehicle_id, dealer, model, 1, cohort, current_date + 1, 0.999 FROM owned_vehicle LIMIT 1$$) AS figure,
    pg_temp.refused($$INSERT INTO prediction (vehicle_id, dealer, model, version, cohort, as_of, p)
    VALUES ('ghost', 'north', 'battery', 1, 'van/north', current_date, 0.5)$$) AS ghost,
    pg_temp.refused($$SELECT predict('north', current_date + 4000)$$) AS far;
SELECT pg_temp.refused($$INSERT INTO lead_event VALUES (1000000, 1, 'south', 'created', '1999-01-01', 'boss')$$) AS first_event,
    pg_temp.refused($$DELETE FROM open_lead$$) AS open, pg_temp.refused($$UPDATE open_lead SET dealer = 'south'$$) AS dealer,
    pg_temp.refused($$INSERT INTO open_lead SELECT vehicle_id, model, 'north', 5000000 FROM owned_vehicle v
                      WHERE NOT EXISTS (SELECT FROM open_lead o WHERE o.vehicle_id = v.vehicle_id) LIMIT 1;
                      SET CONSTRAINTS ALL IMMEDIATE$$) AS without_lead,
    pg_temp.refused($$INSERT INTO open_lead VALUES ('V0003', 'battery', 'north', 5000001)$$) AS of_another;
SELECT pg_temp.refused($$INSERT INTO lead (vehicle_id, customer_id, dealer, region, vehicle_class, model, version, cohort,
        evidence, as_of, risk, low, high, severity, percentile, priority, expected_value)
    SELECT vehicle_id, customer_id, dealer, region, vehicle_class, model, version, cohort, evidence, current_date, risk, low,
        high,
           severity, percentile, priority, 1000 FROM lead LIMIT 1$$) ~ 'is not what the list gives' AS value,
    pg_temp.refused($$INSERT INTO contact_permission (customer_id, channel, allowed, since)
                      VALUES ('C1', 'email', true, '2020-01-01')$$);
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Index (Cond|Only Scan|Scan)|Bitmap' THEN RETURN NEXT trim(line); END IF;
    END LOOP;
END $$;
SELECT DISTINCT p FROM pg_temp.plan($$SELECT vehicle_id, risk FROM leads('north')$$) p
    WHERE p LIKE '%dealer%' OR p LIKE '%vehicles_of_dealer%' ORDER BY 1;
RESET enable_seqscan;
RESET ROLE;
ROLLBACK;
