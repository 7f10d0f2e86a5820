-- Leads: which vehicles are worth a call. Scores are worked out once for each cohort and evidence that occurs, not for each
-- vehicle.

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
RETURNS TABLE (key bytea, model text, version integer, cohort text, evidence tradeup_leads.evidence, vehicle_class text,
               risk double precision, low double precision, high double precision, severity text, percentile double precision,
               priority text, stressor text, channel text, expected_value numeric, parts numeric, service numeric)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 200
BEGIN ATOMIC
    WITH m AS MATERIALIZED (
        SELECT l.*, s.cohorts, s.scorers
        FROM tradeup_leads_internal.lead_models() l,
             LATERAL (SELECT array_agg(x.cohort) AS cohorts, array_agg(x.scorer) AS scorers
                      FROM tradeup_leads.scorers(l.model, l.version, tradeup_leads_internal.stored_toggles(
                          lead_patterns.dealer, l.model, l.version)) x) s
        /* Two looks into the index leave out the models that the dealer does not use. */
        WHERE l.model BETWEEN (SELECT min(v.model) FROM tradeup_leads.owned_vehicle v WHERE v.dealer = lead_patterns.dealer)
                          AND (SELECT max(v.model) FROM tradeup_leads.owned_vehicle v WHERE v.dealer = lead_patterns.dealer)
    ), valued AS MATERIALIZED (
        SELECT r.model, r.version, r.vehicle_class, r.parts, r.service, r.margin_if_needed, r.margin_otherwise, h.channels,
               h.contacts, h.costs
        FROM tradeup_leads.repair_value r,
             LATERAL (SELECT array_agg(x.channel ORDER BY x.channel COLLATE "C") AS channels,
                             array_agg((x.succeeded + 0.5::double precision) / (x.tried + 1::double precision)
                                       ORDER BY x.channel COLLATE "C") AS contacts,
                             array_agg(x.cost ORDER BY x.channel COLLATE "C") AS costs
                      FROM tradeup_leads.contact_channel x WHERE x.model = r.model AND x.version = r.version) h
    ), called AS (
        SELECT f.*, m.model, m.version, m.severities, m.min_risk, m.max_risk, m.min_percentile, m.min_value, v.parts, v.service,
               tradeup_leads_internal.best_call(f.risk, v.margin_if_needed, v.margin_otherwise, v.channels, v.contacts,
                                                v.costs) AS call
        FROM (SELECT x.model, tradeup_leads_internal.scored_patterns(
                         v.cohort, v.vehicle_class, v.evidence, x.cohorts, x.scorers, NULL::tradeup_leads.risk_scorer[],
                         x.severity_from, x.level, x.uncertain_classes) AS patterns
              FROM m x, tradeup_leads.owned_vehicle v
              WHERE v.dealer = lead_patterns.dealer AND v.model = x.model
                AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
              GROUP BY x.model) g
        JOIN m ON m.model = g.model
        CROSS JOIN LATERAL tradeup_leads_internal.pattern_rows(g.patterns) f
        LEFT JOIN valued v ON v.model = m.model AND v.version = m.version AND v.vehicle_class = f.vehicle_class
        OFFSET 0
    ), judged AS (
        SELECT c.*, (c.call).channel, (c.call).expected_value,
               coalesce((c.call).expected_value, '-Infinity'::numeric) AS value, coalesce(c.percentile, -1) AS rank
        FROM called c
        OFFSET 0
    )
    SELECT tradeup_leads_internal.pattern_key(j.model, j.cohort, j.vehicle_class, j.evidence),
           j.model, j.version, j.cohort, j.evidence, j.vehicle_class, j.risk, j.low, j.high,
           coalesce(j.severities[j.severity], 'uncertain'), j.percentile,
           CASE WHEN NOT j.known THEN NULL
                WHEN j.risk >= j.min_risk[1] AND j.risk <= j.max_risk[1] AND j.rank >= j.min_percentile[1]
                     AND j.value >= j.min_value[1] THEN 'high'
                WHEN j.risk >= j.min_risk[2] AND j.risk <= j.max_risk[2] AND j.rank >= j.min_percentile[2]
                     AND j.value >= j.min_value[2] THEN 'moderate'
                WHEN j.risk >= j.min_risk[3] AND j.risk <= j.max_risk[3] AND j.rank >= j.min_percentile[3]
                     AND j.value >= j.min_value[3] THEN 'follow_up'
                WHEN j.risk >= j.min_risk[4] AND j.risk <= j.max_risk[4] AND j.rank >= j.min_percentile[4]
                     AND j.value >= j.min_value[4] AND j.informed
                THEN 'retention' END,
           j.stressor, j.channel, j.expected_value, j.parts, j.service
    FROM judged j;
END;
COMMENT ON FUNCTION tradeup_leads_internal.lead_patterns(text) IS
    'Scores, percentiles, values and priorities of each cohort, class and evidence that vehicles of a dealer have';

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
    /* Vehicles are sorted while their rows are short, by the place of their pattern; then they meet the patterns, in the order of
       places too. Patterns of one value and risk share a place. */
    WITH pattern AS MATERIALIZED (
        SELECT p.*, row_number() OVER () AS number, rank() OVER (ORDER BY p.expected_value DESC NULLS LAST, p.risk DESC) AS place
        FROM tradeup_leads_internal.lead_patterns(leads.dealer) p
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
           tradeup_leads_internal.lead_text(p.body, p.defaults,
                                            (SELECT d.slots FROM tradeup_leads.dealer_slots d WHERE d.dealer = leads.dealer),
                                            v.vehicle_class, v.model_year, p.reason, p.percentile)
    FROM (SELECT x.vehicle_id, x.customer_id, x.region, x.vehicle_class, x.model_year, k.number, k.place
          FROM (SELECT y.key, y.number, y.place FROM pattern y) k, tradeup_leads.owned_vehicle x
          WHERE x.dealer = leads.dealer
            AND tradeup_leads_internal.pattern_key(x.model, x.cohort, x.vehicle_class, x.evidence) = k.key
            AND tradeup_leads_internal.is_kept(x.sold_on, tradeup_leads_internal.today())
            AND (leads.filter -> 'regions' IS NULL OR coalesce(leads.filter -> 'regions' ? x.region, false))
          ORDER BY k.place, x.vehicle_id COLLATE "C") v,
         (SELECT z.*, coalesce(s.title, z.stressor) AS reason, t.body, t.defaults
          FROM pattern z
          LEFT JOIN tradeup_leads.stressor s ON s.model = z.model AND s.version = z.version AND s.stressor = z.stressor
          LEFT JOIN tradeup_leads.message_template t ON t.model = z.model AND t.version = z.version AND t.priority = z.priority
                                                    AND t.channel = z.channel) p
    /* As a function, so that planning does not take it for rare. */
    WHERE p.place = v.place AND int8eq(p.number, v.number)
    ORDER BY v.place, v.vehicle_id COLLATE "C";
END;
COMMENT ON FUNCTION tradeup_leads.leads(text, jsonb) IS
    'The vehicles of a dealer that are worth a call now, best first, with risk, interval, priority, value, reason and text';
