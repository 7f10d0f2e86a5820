-- Leads, predictions and risks follow from as_of: neither the time zone of a session nor the day of the call changes them.
SET client_min_messages = warning;
SET search_path = tradeup_leads, public;
\pset footer off
BEGIN;
SELECT model_from_json('{"name": "m", "cause": "c", "priorities": [{"priority": "high"}],
    "cohorts": [{"cohort": "a", "published_rate": 0.1, "published_size": 100}],
    "stressors": [{"stressor": "s", "position": 1, "ratio_present": 2, "ratio_absent": 0.5},
                  {"stressor": "t", "position": 2, "ratio_present": 3, "ratio_absent": 0.9}],
    "values": [{"vehicle_class": "van", "parts": 200, "service": 109.5, "margin_if_needed": 100}],
    "channels": [{"channel": "email", "cost": 0.1, "succeeded": 10, "tried": 100}],
    "templates": [{"priority": "high", "channel": "email", "body": "Hello, {model}"}]}') AS version;
-- Some are sold: before all days of this test, or after them.
INSERT INTO owned_vehicle (vehicle_id, customer_id, dealer, vehicle_class, model_year, model, cohort, evidence, sold_on)
SELECT 'V' || i, 'C' || i, 'north', 'van', 2020, 'm', 'a',
       evidence(scorer('m', 1, 'a'), format('s=%s t=%s', CASE i % 3 WHEN 0 THEN 'present' ELSE 'absent' END,
                                            CASE i % 2 WHEN 0 THEN 'present' ELSE 'absent' END)),
       CASE i % 10 WHEN 0 THEN tradeup_leads_internal.today() - 20 WHEN 1 THEN tradeup_leads_internal.today() + 300 END
FROM generate_series(1, 40) i;

-- What a dealer is told, and what is written for a day, as one text.
CREATE FUNCTION pg_temp.told(as_of date) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text;
BEGIN
    PERFORM tradeup_leads.make_leads('north', as_of, 5), tradeup_leads.predict('north', as_of);
    SELECT concat_ws(E'\n',
        (SELECT string_agg(l::text, E'\n') FROM tradeup_leads.leads('north') l),
        (SELECT string_agg(concat_ws(' ', l.vehicle_id, l.as_of, l.risk, l.low,
                                     l.high, l.severity, l.percentile, l.priority, l.reason, l.expected_value), E'\n'
                           ORDER BY l.lead_id) FROM tradeup_leads.lead l),
        (SELECT string_agg(concat_ws(' ', p.vehicle_id, p.as_of, p.p, p.low, p.high), E'\n' ORDER BY p.vehicle_id)
         FROM tradeup_leads.prediction p),
        (SELECT string_agg(f::text, E'\n') FROM tradeup_leads.fleet_risk('north', '{"s": false}', 3) f)) INTO told;
    RAISE EXCEPTION USING MESSAGE = told, ERRCODE = 'P0003';
EXCEPTION WHEN too_many_rows THEN
    RETURN SQLERRM;
END $$;

-- In these two zones it is never the same day. Without as_of the day is that of UTC.
SET timezone = 'Pacific/Kiritimati';
SELECT current_date AS day, pg_temp.told(NULL) AS without, pg_temp.told(tradeup_leads_internal.today() + 200) AS told,
       pg_temp.told(tradeup_leads_internal.today() + 201) AS later \gset east_
SET timezone = 'Etc/GMT+12';
SELECT current_date AS day, pg_temp.told(NULL) AS without, pg_temp.told(tradeup_leads_internal.today() + 200) AS told \gset west_
SELECT :'east_day' <> :'west_day' AS other_day, :'east_without' = :'west_without' AS same_without_as_of,
       :'east_told' = :'west_told' AS same, :'east_told' <> :'east_later' AS follows_as_of,
       cardinality(string_to_array(:'east_told', E'\n')) AS lines;

-- A hundred days later.
SELECT tradeup_leads_internal.today() AS day, tradeup_leads_internal.today() + 200 AS as_of \gset
CREATE OR REPLACE FUNCTION tradeup_leads_internal.today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE 'UTC')::date + 100;
SELECT tradeup_leads_internal.today() - :'day' AS days_later, pg_temp.told(:'as_of') = :'east_told' AS same,
       pg_temp.told(NULL) <> :'east_without' AS follows_the_day_without_as_of;
-- Whatever computes a risk reads neither table nor clock nor setting.
SELECT count(*) > 20 AS functions, count(*) FILTER (WHERE provolatile <> 'i') AS not_immutable
FROM pg_proc WHERE pronamespace IN ('tradeup_leads'::regnamespace, 'tradeup_leads_internal'::regnamespace)
               AND ('risk_scorer'::regtype = ANY (proargtypes) OR 'evidence'::regtype = ANY (proargtypes));
ROLLBACK;
