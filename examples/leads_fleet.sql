-- A made-up fleet for trying tradeup_leads: a model of battery failures, two dealers, 1,200 vehicles. The same each time.
CREATE EXTENSION IF NOT EXISTS tradeup_leads;
SET search_path = tradeup_leads, public;

SELECT model_from_json('{
    "name": "battery", "cause": "battery", "title": "Starter battery within a year", "source": "made up",
    "cohorts": [
        {"cohort": "pickup/north", "published_rate": 0.040, "published_size": 4000, "discount": 0.25, "rated_on": "2026-06-01"},
        {"cohort": "pickup/south", "published_rate": 0.062, "published_size": 2500, "discount": 0.25, "rated_on": "2026-06-01"},
        {"cohort": "van/north", "published_rate": 0.055, "published_size": 1200, "discount": 0.25, "rated_on": "2026-06-01"},
        {"cohort": "van/south", "local_failures": 9, "local_size": 120}],
    "stressors": [
        {"stressor": "soc_decline", "position": 1, "title": "state of charge falling", "dependence_group": "charge",
         "present_failed": 390, "absent_failed": 110, "present_sound": 1140, "absent_sound": 8360},
        {"stressor": "deep_discharge", "position": 2, "title": "deep discharges", "dependence_group": "charge",
         "ratio_present": 6, "ratio_absent": 0.74, "uncertainty_factor": 1.5},
        {"stressor": "short_trips", "position": 3, "title": "many short trips",
         "ratio_present": 2.8, "ratio_absent": 0.45, "uncertainty_factor": 1.3},
        {"stressor": "heat", "position": 4, "title": "heat", "relative_risk": 2.1, "prevalence": 0.18},
        {"stressor": "towing", "position": 5, "title": "towing", "ratio_present": 2.2, "ratio_absent": 0.87}],
    "rules": [
        {"stressor": "soc_decline", "measure": "soc_trend", "comparison": "<", "threshold": -0.1},
        {"stressor": "deep_discharge", "measure": "deep_discharges", "comparison": ">=", "threshold": 2},
        {"stressor": "short_trips", "measure": "trips_a_week", "comparison": ">", "threshold": 45},
        {"stressor": "heat", "measure": "region", "comparison": "in", "words": ["south"], "probability": 0.7},
        {"stressor": "towing", "measure": "towing", "comparison": "in", "words": ["true"]}],
    "priorities": [
        {"priority": "high", "min_risk": 0.2, "min_value": 15},
        {"priority": "moderate", "min_risk": 0.1, "min_value": 5},
        {"priority": "follow_up", "min_risk": 0.05, "min_value": 0},
        {"priority": "retention", "max_risk": 0.01}],
    "values": [
        {"vehicle_class": "pickup", "parts": 189.90, "service": 79.00, "margin_if_needed": 110, "margin_otherwise": 12},
        {"vehicle_class": "van", "parts": 214.50, "service": 95.00, "margin_if_needed": 131.50, "margin_otherwise": 12}],
    "channels": [
        {"channel": "email", "cost": 0.05, "succeeded": 60, "tried": 900},
        {"channel": "phone", "cost": 4.20, "succeeded": 140, "tried": 400}],
    "templates": [
        {"priority": "high", "channel": "email", "body": "{greeting} this is {advisor} at {dealer}. Readings of your {model} show {stressor}. May we look at it this week, at no charge?", "defaults": {"greeting": "Hello,", "model": "vehicle", "stressor": "a change in use"}},
        {"priority": "moderate", "channel": "email", "body": "{greeting} this is {advisor} at {dealer}. Your {model} shows {stressor}. A check at your next visit would be a good idea.", "defaults": {"greeting": "Hello,", "model": "vehicle", "stressor": "a change in use"}},
        {"priority": "follow_up", "channel": "email", "body": "{greeting} this is {advisor} at {dealer}. We keep an eye on your {model}: {stressor}.", "defaults": {"greeting": "Hello,", "model": "vehicle", "stressor": "a change in use"}},
        {"priority": "retention", "channel": "email", "body": "{greeting} all readings of your {model} are normal. Thank you for keeping it so. Reply STOP to end.", "defaults": {"greeting": "Hello,", "model": "vehicle"}},
        {"priority": "high", "channel": "phone", "body": "{advisor}: call about {stressor} of the {model}, and offer a check this week.", "defaults": {"model": "vehicle", "stressor": "a change in use"}},
        {"priority": "moderate", "channel": "phone", "body": "{advisor}: call about {stressor} of the {model}, and offer a check at the next visit.", "defaults": {"model": "vehicle", "stressor": "a change in use"}},
        {"priority": "follow_up", "channel": "phone", "body": "Ask how the {model} does; {stressor}.", "defaults": {"model": "vehicle", "stressor": "a change in use"}},
        {"priority": "retention", "channel": "phone", "body": "Say thank you for the {model}.", "defaults": {"model": "vehicle"}}]}');

INSERT INTO dealer_slots VALUES ('north', '{"dealer": "Lakeside Service", "advisor": "Jo Reyes"}'),
                                ('south', '{"dealer": "Harbor Motors", "advisor": "Ana Ruiz"}');

-- Vehicles, and what was measured on them. Every random figure is a digest of the vehicle's number.
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, region, model_year, odometer, model, cohort)
SELECT format('V%s', lpad(i::text, 4, '0')), format('C%s', lpad((i % 1000)::text, 4, '0')),
       CASE WHEN i % 3 = 0 THEN 'south' ELSE 'north' END, CASE WHEN i % 5 < 2 THEN 'van' ELSE 'pickup' END,
       CASE WHEN i % 3 = 0 THEN 'south' ELSE 'north' END, 2016 + i % 9, 4000 + 97 * (i % 1500), 'battery',
       CASE WHEN i % 5 < 2 THEN 'van' ELSE 'pickup' END || CASE WHEN i % 3 = 0 THEN '/south' ELSE '/north' END
FROM generate_series(1, 1200) i;

INSERT INTO vehicle_measure (vehicle_id, measure, measured_on, value)
SELECT v.vehicle_id, m.measure, '2026-10-01',
       CASE m.measure WHEN 'soc_trend' THEN to_jsonb(round(0.15 - 0.3 * u.u, 3))
                      WHEN 'deep_discharges' THEN to_jsonb(floor(2.3 * u.u * u.u))
                      WHEN 'trips_a_week' THEN to_jsonb(floor(10 + 50 * u.u))
                      WHEN 'region' THEN to_jsonb(v.region)
                      ELSE to_jsonb(u.u < 0.12) END
FROM owned_vehicle v
CROSS JOIN unnest('{soc_trend,deep_discharges,trips_a_week,region,towing}'::text[]) m (measure)
CROSS JOIN LATERAL (SELECT ('x' || substr(md5(m.measure || v.vehicle_id), 1, 7))::bit(28)::integer / 268435456.0) u (u)
-- One in ten is not known.
WHERE substr(md5(v.vehicle_id || m.measure), 1, 1) <> 'f' OR m.measure = 'region';

SELECT observe_vehicles('north') + observe_vehicles('south') AS vehicles_with_evidence;
ANALYZE owned_vehicle;
