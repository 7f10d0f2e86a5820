-- The risk of a fleet under toggles.

-- No body of SQL groups by evidence: pg_upgrade makes it again before the operator class that says when two are equal.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.fleet_patterns(dealer text, model text)
RETURNS TABLE (cohort text, evidence tradeup_leads.evidence, vehicle_class text, vehicles bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 100000 ROWS 1000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT v.cohort, v.evidence, v.vehicle_class, count(*)
    FROM tradeup_leads.owned_vehicle v
    WHERE v.dealer = fleet_patterns.dealer AND v.model = fleet_patterns.model AND v.evidence IS NOT NULL
      AND v.cohort IS NOT NULL AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
    GROUP BY v.cohort, v.evidence, v.vehicle_class;
END
$$;
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
                /* As a rule there is one: two looks into the index say so, and nobody counts. */
                (SELECT CASE WHEN e.first = e.last THEN e.first
                             ELSE (SELECT v.model FROM tradeup_leads.owned_vehicle v
                                   WHERE v.dealer = model_of_dealer.dealer AND v.model IS NOT NULL
                                   GROUP BY v.model ORDER BY count(*) DESC, v.model COLLATE "C" LIMIT 1) END
                 FROM (SELECT min(v.model) AS first, max(v.model) AS last FROM tradeup_leads.owned_vehicle v
                       WHERE v.dealer = model_of_dealer.dealer OFFSET 0) e),
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
        SELECT l.*, tradeup_leads_internal.stored_toggles(fleet_risk.dealer, l.model, l.version) AS stored,
               l.severities || '{uncertain,unscored}'::text[] AS names
        FROM (SELECT tradeup_leads_internal.model_of_dealer(fleet_risk.dealer, fleet_risk.model) OFFSET 0) w (model)
        LEFT JOIN tradeup_leads_internal.lead_models() l ON l.model = w.model
        /* What is no model or no toggle is an error also where nobody has a vehicle. */
        WHERE CASE WHEN w.model IS NULL THEN false
                   WHEN tradeup_leads_internal.require_model(w.model, NULL::integer, l.model)
                   THEN tradeup_leads_internal.require_toggles(fleet_risk.toggles,
                                                               ARRAY(SELECT x.stressor FROM tradeup_leads.stressor x
                                                                     WHERE x.model = l.model AND x.version = l.version
                                                                     ORDER BY x.position)) END
    ), compiled AS MATERIALIZED (
        SELECT m.*, b.scorers AS before, a.cohorts, a.scorers
        FROM model m,
             LATERAL (SELECT array_agg(s.scorer ORDER BY s.cohort) AS scorers
                      FROM tradeup_leads.scorers(m.model, m.version, m.stored) s) b,
             LATERAL (SELECT array_agg(s.cohort ORDER BY s.cohort) AS cohorts, array_agg(s.scorer ORDER BY s.cohort) AS scorers
                      FROM tradeup_leads.scorers(m.model, m.version,
                                                 CASE WHEN fleet_risk.toggles IS NULL THEN m.stored
                                                      ELSE coalesce(m.stored, '{}'::jsonb) || fleet_risk.toggles END) s) a
    ), share AS MATERIALIZED (
        SELECT s.*, r.parts + r.service AS revenue
        FROM compiled m
        CROSS JOIN LATERAL (
            SELECT tradeup_leads_internal.fleet_shares(
                       CASE WHEN v.model IS NOT NULL THEN v.cohort END, v.vehicle_class, v.evidence, m.cohorts, m.scorers,
                       m.before, m.severity_from, m.level, m.uncertain_classes) AS shares
            FROM tradeup_leads.owned_vehicle v
            WHERE v.dealer = fleet_risk.dealer AND (v.model = m.model OR v.model IS NULL)
              AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())) g
        CROSS JOIN LATERAL unnest(g.shares) s
        LEFT JOIN tradeup_leads.repair_value r ON r.model = m.model AND r.version = m.version
                                              AND r.vehicle_class = s.vehicle_class
    ), ranked AS (
        SELECT x.severity, x.vehicle_id,
               row_number() OVER (PARTITION BY x.severity ORDER BY x.risk DESC NULLS LAST, x.vehicle_id COLLATE "C") AS place
        FROM (SELECT v.vehicle_id,
                     CASE WHEN t.takes THEN tradeup_leads.risk(c.scorer, v.evidence) END AS risk,
                     CASE WHEN t.takes
                          THEN coalesce(tradeup_leads_internal.risk_class(c.scorer, v.evidence, m.severity_from, m.level,
                                                                          m.uncertain_classes),
                                        cardinality(m.names) - 1)
                          ELSE cardinality(m.names) END AS severity
              FROM compiled m
              JOIN tradeup_leads.owned_vehicle v ON v.dealer = fleet_risk.dealer AND (v.model = m.model OR v.model IS NULL)
              LEFT JOIN LATERAL unnest(m.cohorts, m.scorers) c (cohort, scorer) ON v.model IS NOT NULL AND c.cohort = v.cohort
              CROSS JOIN LATERAL (SELECT coalesce(tradeup_leads_internal.takes_evidence(c.scorer, v.evidence), false)) t (takes)
              WHERE fleet_risk.at_most > 0
                AND tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())) x
    )
    SELECT n.severity, coalesce(a.vehicles, 0::bigint), coalesce(b.vehicles, 0::bigint), coalesce(a.moved_here, 0::bigint),
           CASE WHEN n.is_scored THEN coalesce(a.expected_failures, 0::numeric) END,
           CASE WHEN n.is_scored THEN coalesce(a.revenue, 0::numeric) END,
           CASE WHEN n.is_scored THEN coalesce(a.expected_revenue, 0::numeric) END,
           CASE WHEN fleet_risk.at_most > 0
                THEN ARRAY(SELECT r.vehicle_id FROM ranked r WHERE r.severity = n.place AND r.place <= fleet_risk.at_most
                           ORDER BY r.place) END
    FROM (SELECT s.name, s.place, s.place < cardinality(m.names)
          FROM model m, unnest(m.names) WITH ORDINALITY s (name, place)) n (severity, place, is_scored)
    LEFT JOIN (SELECT s.severity, sum(s.vehicles)::bigint AS vehicles,
                      coalesce(sum(s.vehicles) FILTER (WHERE s.severity_before <> s.severity), 0::numeric)::bigint AS moved_here,
                      round(sum(s.expected_failures::numeric), 6) AS expected_failures, sum(s.vehicles * s.revenue) AS revenue,
                      round(sum(s.expected_failures::numeric * s.revenue), 2) AS expected_revenue
               FROM share s GROUP BY s.severity) a ON a.severity = n.place
    LEFT JOIN (SELECT s.severity_before, sum(s.vehicles)::bigint AS vehicles FROM share s GROUP BY s.severity_before) b
         ON b.severity_before = n.place
    ORDER BY n.place;
END;
COMMENT ON FUNCTION tradeup_leads.fleet_risk(text, jsonb, integer, text) IS
    'Vehicles of a dealer by severity, with expected failures and revenue, under toggles such as {"towing_load": false}';
