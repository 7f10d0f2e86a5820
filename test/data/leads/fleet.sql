-- Loads a fleet of make_fleet.py from the directory :dir, with two models: one of the true rates, one of the published rates and
-- local outcomes. Table scored has each vehicle's probability as it is, and as it is scored.
CREATE EXTENSION tradeup_leads;
SET search_path = tradeup_leads, public;
CREATE TABLE public.cohort_row (cohort text, vehicle_class text, region text, published_rate double precision,
    published_size integer, true_rate double precision, local_failures integer, local_size integer);
CREATE TABLE public.stressor_row (stressor text, present_given_failed double precision, present_given_sound double precision,
    dependence_group text);
CREATE TABLE public.fleet_row (vehicle_id text, customer_id text, cohort text, vehicle_class text, region text, age_years integer,
    odometer integer, soc_decline boolean, trip_cycling boolean, climate_stress boolean, maintenance_skip boolean,
    deep_discharge boolean, towing_load boolean, vibration boolean, extended_idle boolean);
CREATE TABLE public.outcome_row (vehicle_id text, failed boolean, probability double precision);
\set load '\\copy cohort_row from ' :dir '/cohorts.csv csv header'
:load
\set load '\\copy stressor_row from ' :dir '/stressors.csv csv header'
:load
\set load '\\copy fleet_row from ' :dir '/fleet.csv csv header'
:load
\set load '\\copy outcome_row from ' :dir '/outcomes.csv csv header'
:load

CREATE FUNCTION public.fleet_model(name text, learnt boolean, absent boolean) RETURNS jsonb LANGUAGE sql
RETURN jsonb_build_object(
    'name', name, 'cause', 'battery', 'absent_counts', absent,
    'cohorts', (SELECT jsonb_agg(jsonb_build_object('cohort', c.cohort,
                    'published_rate', CASE WHEN learnt THEN c.published_rate ELSE c.true_rate END,
                    'published_size', c.published_size, 'discount', 0.2,
                    'local_failures', CASE WHEN learnt THEN c.local_failures ELSE 0 END,
                    'local_size', CASE WHEN learnt THEN c.local_size ELSE 0 END)) FROM public.cohort_row c),
    'stressors', (SELECT jsonb_agg(jsonb_build_object('stressor', s.stressor, 'position', s.n, 'title', replace(s.stressor, '_', ' '),
                      'ratio_present', s.present_given_failed / s.present_given_sound,
                      'ratio_absent', CASE WHEN absent THEN (1 - s.present_given_failed) / (1 - s.present_given_sound) ELSE 1 END))
                  FROM (SELECT *, row_number() OVER () AS n FROM public.stressor_row) s),
    'priorities', '[{"priority": "high", "min_risk": 0.2}, {"priority": "moderate", "min_risk": 0.1},
                    {"priority": "follow_up", "min_risk": 0.04}, {"priority": "retention", "max_risk": 0.04}]'::jsonb,
    'values', (SELECT jsonb_agg(DISTINCT jsonb_build_object('vehicle_class', c.vehicle_class, 'parts', 189.9, 'service', 79,
                                'margin_if_needed', 110.25, 'margin_otherwise', 12)) FROM public.cohort_row c),
    'channels', '[{"channel": "email", "cost": 0.05, "succeeded": 60, "tried": 900}]'::jsonb,
    'templates', (SELECT jsonb_agg(jsonb_build_object('priority', p.priority, 'channel', 'email',
                      'body', 'Hello, this is {advisor} at {dealer}. Readings of your {model} show {stressor}. ' || p.priority,
                      'defaults', '{"model": "vehicle", "stressor": "nothing"}'::jsonb))
                  FROM unnest('{high,moderate,follow_up,retention}'::text[]) p (priority)));
SELECT model_from_json(fleet_model('battery', false, true)), model_from_json(fleet_model('learnt', true, true)),
       model_from_json(fleet_model('without-absent', false, false)) \gset ignored_
INSERT INTO dealer_slots VALUES ('north', '{"advisor": "Jo Reyes", "dealer": "Lakeside Service"}');

CREATE FUNCTION public.state(name text, has boolean) RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE WHEN has THEN name || '=present ' WHEN NOT has THEN name || '=absent ' ELSE '' END;
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, region, model_year, odometer, model, cohort, evidence, observed_at)
SELECT f.vehicle_id, f.customer_id, 'north', f.vehicle_class, f.region, 2026 - f.age_years, f.odometer, 'battery', f.cohort,
       evidence(s.scorer, state('soc_decline', f.soc_decline) || state('trip_cycling', f.trip_cycling)
                          || state('climate_stress', f.climate_stress) || state('maintenance_skip', f.maintenance_skip)
                          || state('deep_discharge', f.deep_discharge) || state('towing_load', f.towing_load)
                          || state('vibration', f.vibration) || state('extended_idle', f.extended_idle)), now()
FROM fleet_row f CROSS JOIN (SELECT scorer FROM scorers('battery') LIMIT 1) s;
ANALYZE;
CREATE TABLE public.scored AS
SELECT v.vehicle_id, o.failed, o.probability, c.true_rate AS rate, risk(t.scorer, v.evidence) AS risk,
       risk(l.scorer, v.evidence) AS learnt, risk(w.scorer, v.evidence) AS risk_without_absent
FROM owned_vehicle v
JOIN outcome_row o USING (vehicle_id)
JOIN cohort_row c USING (cohort)
JOIN scorers('battery') t USING (cohort)
JOIN scorers('learnt') l USING (cohort)
JOIN scorers('without-absent') w USING (cohort);
