-- The risk of a fleet under toggles.

CREATE OR REPLACE FUNCTION tradeup_leads_internal.fleet_patterns(dealer text, model text)
RETURNS TABLE (cohort text, evidence tradeup_leads.evidence, vehicle_class text, vehicles bigint)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1000
BEGIN ATOMIC
    SELECT v.cohort, v.evidence, v.vehicle_class, count(*)
    FROM tradeup_leads.owned_vehicle v
    WHERE v.dealer = fleet_patterns.dealer AND v.model = fleet_patterns.model AND v.evidence IS NOT NULL
      AND v.cohort IS NOT NULL AND (v.sold_on IS NULL OR v.sold_on > tradeup_leads_internal.today())
    GROUP BY v.cohort, v.evidence, v.vehicle_class;
END;
COMMENT ON FUNCTION tradeup_leads_internal.fleet_patterns(text, text) IS
    'Vehicles of a dealer by cohort, evidence and class';

-- Each toggle alone, against what is stored; the first reason that holds.
CREATE OR REPLACE FUNCTION tradeup_leads.toggles_without_effect(dealer text, toggles jsonb, model text DEFAULT NULL::text)
RETURNS TABLE (stressor text, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 5 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    of_model CONSTANT text := tradeup_leads_internal.model_of_dealer(toggles_without_effect.dealer, toggles_without_effect.model);
    of_version CONSTANT integer := (SELECT m.version FROM tradeup_leads.current_model m WHERE m.name = of_model);
    stored CONSTANT jsonb := coalesce(
        tradeup_leads_internal.stored_toggles(toggles_without_effect.dealer, of_model, of_version), '{}');
BEGIN
    /* What is no toggle is an error also where nobody has a vehicle. */
    PERFORM FROM tradeup_leads.scorers(of_model, of_version, toggles_without_effect.toggles);
    RETURN QUERY
    WITH pattern AS MATERIALIZED (
        SELECT p.cohort, p.evidence, sum(p.vehicles) AS vehicles
        FROM tradeup_leads_internal.fleet_patterns(toggles_without_effect.dealer, of_model) p
        GROUP BY p.cohort, p.evidence
    ), toggle AS MATERIALIZED (
        SELECT s.stressor, s.position, coalesce((stored -> s.stressor)::boolean, s.enabled) AS before, t.value::boolean AS now
        FROM jsonb_each(toggles_without_effect.toggles) t
        JOIN tradeup_leads.stressor s ON s.model = of_model AND s.version = of_version AND s.stressor = t.key
    ), moved AS (
        SELECT t.stressor,
               bool_or(tradeup_leads.risk(b.scorer, p.evidence) <> tradeup_leads.risk(a.scorer, p.evidence)) AS moves,
               bool_or(tradeup_leads_internal.stressor_weighs(a.scorer, p.evidence, t.position)
                       OR tradeup_leads_internal.stressor_weighs(b.scorer, p.evidence, t.position)) AS weighs,
               bool_or(tradeup_leads_internal.stressor_probability(p.evidence, t.position) > 0) AS known
        FROM toggle t
        CROSS JOIN LATERAL (SELECT s.cohort, s.scorer FROM tradeup_leads.scorers(of_model, of_version, stored) s OFFSET 0) a
        JOIN LATERAL (SELECT s.cohort, s.scorer
                      FROM tradeup_leads.scorers(of_model, of_version, stored || jsonb_build_object(t.stressor, t.now)) s
                      OFFSET 0) b ON b.cohort = a.cohort
        JOIN pattern p ON p.cohort = a.cohort
        WHERE a.scorer IS NOT NULL AND tradeup_leads_internal.takes_evidence(a.scorer, p.evidence)
        GROUP BY t.stressor
    )
    SELECT t.stressor,
           CASE WHEN t.before = t.now THEN 'it is ' || CASE WHEN t.now THEN 'on' ELSE 'off' END || ' already'
                WHEN m.known IS NOT TRUE THEN 'nobody has it'
                WHEN m.weighs IS NOT TRUE THEN 'its ratio is 1'
                ELSE 'its group has a stronger one' END
    FROM toggle t LEFT JOIN moved m ON m.stressor = t.stressor
    WHERE m.moves IS NOT TRUE
    ORDER BY t.stressor COLLATE "C";
END
$$;
COMMENT ON FUNCTION tradeup_leads.toggles_without_effect(text, jsonb, text) IS
    'Which toggles change no risk of a dealer''s vehicles, and why';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.model_of_dealer(dealer text, model text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN coalesce(model_of_dealer.model,
                (SELECT v.model FROM tradeup_leads.owned_vehicle v
                 WHERE v.dealer = model_of_dealer.dealer AND v.model IS NOT NULL
                 GROUP BY v.model ORDER BY count(*) DESC, v.model COLLATE "C" LIMIT 1),
                (SELECT m.name FROM tradeup_leads.current_model m ORDER BY m.name COLLATE "C" LIMIT 1));
COMMENT ON FUNCTION tradeup_leads_internal.model_of_dealer(text, text) IS
    'The model asked for; otherwise that of most vehicles of a dealer';

CREATE OR REPLACE FUNCTION tradeup_leads.fleet_risk(dealer text, toggles jsonb DEFAULT NULL::jsonb,
                                                    at_most integer DEFAULT 0, model text DEFAULT NULL::text)
RETURNS TABLE (severity text, vehicles bigint, vehicles_before bigint, moved_here bigint, expected_failures numeric,
               revenue numeric, expected_revenue numeric, top text[])
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 6
BEGIN ATOMIC
    WITH model AS MATERIALIZED (
        SELECT l.*, tradeup_leads_internal.stored_toggles(fleet_risk.dealer, l.model, l.version) AS stored
        FROM (SELECT tradeup_leads_internal.model_of_dealer(fleet_risk.dealer, fleet_risk.model)) w (model)
        LEFT JOIN tradeup_leads_internal.lead_models() l ON l.model = w.model
        /* What is no model or no toggle is an error also where nobody has a vehicle. */
        WHERE CASE WHEN w.model IS NULL THEN false
                   WHEN tradeup_leads_internal.require_model(w.model, NULL::integer, l.model)
                   THEN tradeup_leads_internal.require_toggles(fleet_risk.toggles,
                                                               ARRAY(SELECT x.stressor FROM tradeup_leads.stressor x
                                                                     WHERE x.model = l.model AND x.version = l.version
                                                                     ORDER BY x.position)) END
    ), scored AS MATERIALIZED (
        SELECT p.cohort, p.evidence, p.vehicle_class, p.vehicles, n.risk, r.parts + r.service AS revenue,
               coalesce(m.severities[tradeup_leads_internal.risk_class(n.scorer, p.evidence, m.severity_from, m.level,
                                                                       m.uncertain_classes)], 'uncertain') AS severity,
               coalesce(m.severities[tradeup_leads_internal.risk_class(n.scorer_before, p.evidence, m.severity_from, m.level,
                                                                       m.uncertain_classes)], 'uncertain') AS severity_before
        FROM model m
        CROSS JOIN LATERAL tradeup_leads_internal.fleet_patterns(fleet_risk.dealer, m.model) p
        JOIN LATERAL (SELECT s.cohort, s.scorer FROM tradeup_leads.scorers(m.model, m.version, m.stored) s OFFSET 0) b
             ON b.cohort = p.cohort
        JOIN LATERAL (SELECT s.cohort, s.scorer
                      FROM tradeup_leads.scorers(m.model, m.version,
                                                 CASE WHEN fleet_risk.toggles IS NULL THEN m.stored
                                                      ELSE coalesce(m.stored, '{}'::jsonb) || fleet_risk.toggles END) s
                      OFFSET 0) a ON a.cohort = p.cohort
        CROSS JOIN LATERAL (SELECT a.scorer, b.scorer AS scorer_before, tradeup_leads.risk(a.scorer, p.evidence) AS risk) n
        LEFT JOIN tradeup_leads.repair_value r ON r.model = m.model AND r.version = m.version
                                              AND r.vehicle_class = p.vehicle_class
        WHERE a.scorer IS NOT NULL AND b.scorer IS NOT NULL AND tradeup_leads_internal.takes_evidence(a.scorer, p.evidence)
    ), named (severity, place) AS (
        SELECT s.name, s.place FROM model m, unnest(m.severities || 'uncertain'::text) WITH ORDINALITY s (name, place)
    ), ranked AS (
        SELECT s.severity, v.vehicle_id,
               row_number() OVER (PARTITION BY s.severity ORDER BY s.risk DESC, v.vehicle_id COLLATE "C") AS place
        FROM model m
        JOIN tradeup_leads.owned_vehicle v ON v.dealer = fleet_risk.dealer AND v.model = m.model
        JOIN scored s ON s.cohort = v.cohort AND s.evidence OPERATOR(tradeup_leads.=) v.evidence
                     AND s.vehicle_class IS NOT DISTINCT FROM v.vehicle_class
        WHERE fleet_risk.at_most > 0 AND (v.sold_on IS NULL OR v.sold_on > tradeup_leads_internal.today())
    )
    SELECT n.severity, coalesce(a.vehicles, 0::bigint), coalesce(b.vehicles, 0::bigint), coalesce(a.moved_here, 0::bigint),
           coalesce(a.expected_failures, 0::numeric), coalesce(a.revenue, 0::numeric),
           coalesce(a.expected_revenue, 0::numeric),
           CASE WHEN fleet_risk.at_most > 0
                THEN ARRAY(SELECT r.vehicle_id FROM ranked r WHERE r.severity = n.severity AND r.place <= fleet_risk.at_most
                           ORDER BY r.place) END
    FROM named n
    LEFT JOIN (SELECT s.severity, sum(s.vehicles)::bigint AS vehicles,
                      coalesce(sum(s.vehicles) FILTER (WHERE s.severity_before <> s.severity), 0::numeric)::bigint AS moved_here,
                      round(sum((s.vehicles * s.risk)::numeric), 6) AS expected_failures, sum(s.vehicles * s.revenue) AS revenue,
                      round(sum((s.vehicles * s.risk)::numeric * s.revenue), 2) AS expected_revenue
               FROM scored s GROUP BY s.severity) a ON a.severity = n.severity
    LEFT JOIN (SELECT s.severity_before, sum(s.vehicles)::bigint AS vehicles FROM scored s GROUP BY s.severity_before) b
         ON b.severity_before = n.severity
    ORDER BY n.place;
END;
COMMENT ON FUNCTION tradeup_leads.fleet_risk(text, jsonb, integer, text) IS
    'Vehicles of a dealer by severity, with expected failures and revenue, under toggles such as {"towing_load": false}';
