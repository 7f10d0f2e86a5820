-- Leads: which vehicles are worth a call. Scores are worked out once for each cohort and evidence that occurs, not for each
-- vehicle.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.severity(median double precision, low double precision, high double precision,
                                                           known boolean, severities text[], severity_from double precision[],
                                                           uncertain_classes integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 5
RETURN CASE WHEN NOT known OR width_bucket(high, severity_from) - width_bucket(low, severity_from) >= uncertain_classes
            THEN 'uncertain' ELSE severities[1 + width_bucket(median, severity_from)] END;
COMMENT ON FUNCTION tradeup_leads_internal.severity(double precision, double precision, double precision, boolean, text[],
                                                    double precision[], integer) IS
    'The class in which the median of a risk lies; uncertain where its interval reaches over more classes than it may';

-- The toggles that a dealer has stored, for scorers.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.stored_toggles(dealer text, model text, version integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 100
RETURN (SELECT jsonb_object_agg(t.stressor, t.enabled)
        FROM tradeup_leads.stressor_toggle t
        JOIN tradeup_leads.stressor s ON s.model = t.model AND s.version = stored_toggles.version AND s.stressor = t.stressor
        WHERE t.dealer = stored_toggles.dealer AND t.model = stored_toggles.model);
COMMENT ON FUNCTION tradeup_leads_internal.stored_toggles(text, text, integer) IS
    'The toggles that a dealer has stored for a model, as scorers take them; null: none';

-- The current models as leads read them. Conditions of priorities are arrays, so that a pattern is judged by comparing and not by
-- looking rows up; a priority without a rule has conditions that nothing fulfils.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_models()
RETURNS TABLE (model text, version integer, level double precision, severities text[], severity_from double precision[],
               uncertain_classes integer, min_risk double precision[], max_risk double precision[],
               min_percentile double precision[], min_value numeric[])
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 2
BEGIN ATOMIC
    SELECT m.name, m.version, m.uncertain_level, m.severities, m.severity_from, m.uncertain_classes, r.min_risk, r.max_risk,
           r.min_percentile, r.min_value
    FROM tradeup_leads.current_model m,
    LATERAL (SELECT array_agg(CASE WHEN x.priority IS NULL THEN 2 ELSE coalesce(x.min_risk, -1) END ORDER BY p.place) AS min_risk,
                    array_agg(coalesce(x.max_risk, 2) ORDER BY p.place) AS max_risk,
                    array_agg(coalesce(x.min_percentile, -1) ORDER BY p.place) AS min_percentile,
                    array_agg(coalesce(x.min_value, '-Infinity'::numeric) ORDER BY p.place) AS min_value
             FROM unnest('{high,moderate,follow_up,retention}'::text[]) WITH ORDINALITY p (priority, place)
             LEFT JOIN tradeup_leads.priority_rule x ON x.model = m.name AND x.version = m.version AND x.priority = p.priority) r
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup_leads_internal.lead_models() IS
    'The current models as leads read them: thresholds, and the conditions of the priorities in arrays';

-- What is worked out once for all vehicles of a cohort, a class and an evidence. The percentile is the share of the dealer's
-- other vehicles of the cohort with a lower risk. A cohort whose rate is not known makes no lead, and a vehicle of which nothing
-- is known is not praised.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_patterns(dealer text)
RETURNS TABLE (model text, version integer, cohort text, evidence tradeup_leads.evidence, vehicle_class text,
               risk double precision, low double precision, high double precision, severity text, percentile double precision,
               priority text, stressor text, channel text, expected_value numeric, parts numeric, service numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    WITH m AS MATERIALIZED (
        SELECT l.*, tradeup_leads_internal.stored_toggles(lead_patterns.dealer, l.model, l.version) AS toggles
        FROM tradeup_leads_internal.lead_models() l
    ), s AS MATERIALIZED (
        SELECT m.model, x.cohort, x.scorer FROM m CROSS JOIN LATERAL tradeup_leads.scorers(m.model, m.version, m.toggles) x
        WHERE x.scorer IS NOT NULL
    ), scored AS MATERIALIZED (
        /* Scorers are large, so nothing after this carries them. */
        SELECT m.model, m.version, p.cohort, p.evidence, p.vehicle_class, p.vehicles,
               tradeup_leads_internal.rate_is_known(s.scorer) AS known,
               tradeup_leads_internal.strongest_stressor(s.scorer, p.evidence) AS stressor,
               tradeup_leads.risk(s.scorer, p.evidence) AS risk,
               CASE WHEN tradeup_leads.risk(s.scorer, p.evidence) <= m.max_risk[4]
                    THEN EXISTS (SELECT FROM tradeup_leads.explain_risk(s.scorer, p.evidence) x WHERE x.counted) END AS informed,
               tradeup_leads_internal.risk_ends(s.scorer, p.evidence, m.level) AS spread
        FROM (SELECT v.model, v.cohort, v.evidence, v.vehicle_class, count(*) AS vehicles
              FROM tradeup_leads.owned_vehicle v
              WHERE v.dealer = lead_patterns.dealer AND v.evidence IS NOT NULL
                AND (v.sold_on IS NULL OR v.sold_on > tradeup_leads_internal.today())
              GROUP BY v.model, v.cohort, v.evidence, v.vehicle_class) p
        JOIN s ON s.model = p.model AND s.cohort = p.cohort AND tradeup_leads_internal.takes_evidence(s.scorer, p.evidence)
        JOIN m ON m.model = p.model
    ), valued AS MATERIALIZED (
        SELECT c.model, c.version, r.vehicle_class, h.channel, r.parts, r.service, r.margin_if_needed, r.margin_otherwise, h.cost,
               (h.succeeded + 0.5::double precision) / (h.tried + 1::double precision) AS contact
        FROM m c
        JOIN tradeup_leads.repair_value r ON r.model = c.model AND r.version = c.version
        LEFT JOIN tradeup_leads.contact_channel h ON h.model = c.model AND h.version = c.version
    ), judged AS (
        SELECT f.*, v.channel, v.expected_value, v.parts, v.service,
               CASE WHEN sum(f.vehicles) OVER (PARTITION BY f.model, f.cohort) >= 10
                    THEN (sum(f.vehicles) OVER (PARTITION BY f.model, f.cohort ORDER BY f.risk)
                          - sum(f.vehicles) OVER (PARTITION BY f.model, f.cohort, f.risk))::double precision
                         / (sum(f.vehicles) OVER (PARTITION BY f.model, f.cohort) - 1)::double precision END AS percentile
        FROM scored f
        LEFT JOIN LATERAL (SELECT x.channel, x.parts, x.service,
                                  tradeup_leads.expected_value(x.contact, f.risk, x.margin_if_needed, x.margin_otherwise,
                                                               x.cost) AS expected_value
                           FROM valued x
                           WHERE x.model = f.model AND x.version = f.version AND x.vehicle_class = f.vehicle_class
                           ORDER BY 4 DESC NULLS LAST, x.channel LIMIT 1) v ON true
        OFFSET 0
    )
    SELECT j.model, j.version, j.cohort, j.evidence, j.vehicle_class, j.risk, (j.spread).low, (j.spread).high,
           tradeup_leads_internal.severity((j.spread).median, (j.spread).low, (j.spread).high,
                                           j.known, m.severities, m.severity_from,
                                           m.uncertain_classes),
           j.percentile,
           CASE WHEN NOT j.known THEN NULL
                WHEN j.risk >= m.min_risk[1] AND j.risk <= m.max_risk[1] AND coalesce(j.percentile, -1) >= m.min_percentile[1]
                     AND coalesce(j.expected_value, '-Infinity'::numeric) >= m.min_value[1] THEN 'high'
                WHEN j.risk >= m.min_risk[2] AND j.risk <= m.max_risk[2] AND coalesce(j.percentile, -1) >= m.min_percentile[2]
                     AND coalesce(j.expected_value, '-Infinity'::numeric) >= m.min_value[2] THEN 'moderate'
                WHEN j.risk >= m.min_risk[3] AND j.risk <= m.max_risk[3] AND coalesce(j.percentile, -1) >= m.min_percentile[3]
                     AND coalesce(j.expected_value, '-Infinity'::numeric) >= m.min_value[3] THEN 'follow_up'
                WHEN j.risk >= m.min_risk[4] AND j.risk <= m.max_risk[4] AND coalesce(j.percentile, -1) >= m.min_percentile[4]
                     AND coalesce(j.expected_value, '-Infinity'::numeric) >= m.min_value[4] AND j.informed THEN 'retention' END,
           j.stressor, j.channel, j.expected_value, j.parts, j.service
    FROM judged j JOIN m ON m.model = j.model;
END;
COMMENT ON FUNCTION tradeup_leads_internal.lead_patterns(text) IS
    'Scores, percentiles, values and priorities of each cohort, class and evidence that vehicles of a dealer have';

-- What a lead puts into the slots; those of its dealer, such as its name, come first. Of a percentile of 0.29, which is a little
-- less in binary, it is 29.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.lead_slots(dealer_slots jsonb, vehicle_class text, model_year integer,
                                                             reason text, percentile double precision) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10
RETURN coalesce(dealer_slots, '{}'::jsonb)
    || jsonb_object(ARRAY['model', coalesce(vehicle_class || ' ' || model_year::text, vehicle_class, model_year::text),
                          'stressor', reason,
                          'percentile', floor(100::double precision * percentile + 1e-9::double precision)::text]);
COMMENT ON FUNCTION tradeup_leads_internal.lead_slots(jsonb, text, integer, text, double precision) IS
    'The slots of a lead''s message: those of its dealer, the vehicle, the reason and the percentile';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.rendered(body text, slots jsonb, defaults jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100
RETURN CASE WHEN jsonb_strip_nulls(defaults || jsonb_strip_nulls(slots)) ?& tradeup_leads.template_slots(body)
            THEN tradeup_leads.render(body, slots, defaults) END;
COMMENT ON FUNCTION tradeup_leads_internal.rendered(text, jsonb, jsonb) IS
    'The text of a template; null where a slot is missing';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_lead_filter(filter jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF filter IS NULL THEN
        RETURN true;
    ELSIF jsonb_typeof(filter) <> 'object' THEN
        RAISE EXCEPTION 'filter must be an object such as {"priorities": ["high"]}'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', tradeup_leads_internal.shown(filter::text));
    END IF;
    SELECT f.key, f.value, k.kind INTO wrong
    FROM jsonb_each(filter) f
    LEFT JOIN (VALUES ('priorities', 'texts'), ('severities', 'texts'), ('regions', 'texts'), ('vehicle_classes', 'texts'),
                      ('min_risk', 'number'), ('min_value', 'number')) k (key, kind) ON k.key = f.key
    WHERE k.kind IS NULL OR NOT tradeup_leads_internal.value_fits(f.value, k.kind, -1e15, 1e15)
    ORDER BY f.key LIMIT 1;
    IF NOT FOUND THEN
        RETURN true;
    ELSIF wrong.kind IS NULL THEN
        RAISE EXCEPTION 'unknown filter "%"', tradeup_leads_internal.shown(wrong.key)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Use min_risk, min_value, priorities, regions, severities, vehicle_classes.';
    END IF;
    RAISE EXCEPTION 'filter "%" must be %', wrong.key, tradeup_leads_internal.kind_words(wrong.kind, -1e15, 1e15)
        USING ERRCODE = 'invalid_parameter_value',
              DETAIL = format('It is %s.', tradeup_leads_internal.shown(wrong.value::text));
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_lead_filter(jsonb) IS
    'True when a filter of leads is one; otherwise the error that says what is wrong';

CREATE OR REPLACE FUNCTION tradeup_leads.leads(dealer text, filter jsonb DEFAULT NULL::jsonb)
RETURNS TABLE (vehicle_id text, customer_id text, region text, model text, version integer, cohort text,
               risk double precision, low double precision, high double precision, severity text, percentile double precision,
               priority text, reason text, channel text, expected_value numeric, parts numeric, service numeric, revenue numeric,
               "text" text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    WITH pattern AS MATERIALIZED (
        /* Patterns are ranked, so that vehicles are sorted by one number. */
        SELECT p.*, coalesce(s.title, p.stressor) AS reason, t.body, t.defaults, d.slots,
               rank() OVER (ORDER BY p.expected_value DESC NULLS LAST, p.risk DESC) AS place
        FROM tradeup_leads_internal.lead_patterns(leads.dealer) p
        LEFT JOIN tradeup_leads.stressor s ON s.model = p.model AND s.version = p.version AND s.stressor = p.stressor
        LEFT JOIN tradeup_leads.message_template t ON t.model = p.model AND t.version = p.version AND t.priority = p.priority
                                                  AND t.channel = p.channel
        LEFT JOIN tradeup_leads.dealer_slots d ON d.dealer = leads.dealer
        WHERE p.priority IS NOT NULL
          AND tradeup_leads_internal.require_lead_filter(leads.filter)
          AND (leads.filter -> 'priorities' IS NULL OR leads.filter -> 'priorities' ? p.priority)
          AND (leads.filter -> 'severities' IS NULL OR leads.filter -> 'severities' ? p.severity)
          AND (leads.filter -> 'vehicle_classes' IS NULL OR coalesce(leads.filter -> 'vehicle_classes' ? p.vehicle_class, false))
          AND (leads.filter -> 'min_risk' IS NULL
               OR p.risk >= CASE jsonb_typeof(leads.filter -> 'min_risk')
                                WHEN 'number' THEN (leads.filter -> 'min_risk')::double precision END)
          AND (leads.filter -> 'min_value' IS NULL
               OR coalesce(p.expected_value >= CASE jsonb_typeof(leads.filter -> 'min_value')
                                                   WHEN 'number' THEN (leads.filter -> 'min_value')::numeric END, false))
    )
    SELECT v.vehicle_id, v.customer_id, v.region, p.model, p.version, p.cohort, p.risk, p.low, p.high,
           p.severity, p.percentile, p.priority, p.reason, p.channel, p.expected_value, p.parts, p.service, p.parts + p.service,
           tradeup_leads_internal.lead_text(p.body, p.defaults, p.slots, v.vehicle_class, v.model_year, p.reason, p.percentile)
    FROM pattern p
    JOIN tradeup_leads.owned_vehicle v
         ON v.dealer = leads.dealer AND v.model = p.model AND v.cohort = p.cohort
        AND v.evidence OPERATOR(tradeup_leads.=) p.evidence
        AND v.vehicle_class IS NOT DISTINCT FROM p.vehicle_class
        AND (v.sold_on IS NULL OR v.sold_on > tradeup_leads_internal.today())
    WHERE leads.filter -> 'regions' IS NULL OR coalesce(leads.filter -> 'regions' ? v.region, false)
    ORDER BY p.place, v.vehicle_id COLLATE "C";
END;
COMMENT ON FUNCTION tradeup_leads.leads(text, jsonb) IS
    'The vehicles of a dealer that are worth a call now, best first, with risk, interval, priority, value, reason and text';
