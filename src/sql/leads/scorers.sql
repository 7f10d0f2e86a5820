-- Scorers of models' cohorts, and evidence from measures.

-- Names of toggles that are no stressors of the model are an error; values are true or false.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_toggles(toggles jsonb, names text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF toggles IS NULL THEN
        RETURN true;
    ELSIF jsonb_typeof(toggles) <> 'object' THEN
        RAISE EXCEPTION 'toggles must be an object such as {"towing_load": false}'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', tradeup_leads_internal.shown(toggles::text));
    END IF;
    SELECT t.key, t.value INTO wrong FROM jsonb_each(toggles) t
    WHERE t.key <> ALL (names) OR jsonb_typeof(t.value) <> 'boolean' ORDER BY t.key LIMIT 1;
    IF NOT FOUND THEN
        RETURN true;
    ELSIF wrong.key = ANY (names) THEN
        RAISE EXCEPTION 'toggle "%" must be true or false', wrong.key
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', tradeup_leads_internal.shown(wrong.value::text));
    END IF;
    RAISE EXCEPTION 'unknown stressor "%"', tradeup_leads_internal.shown(wrong.key)
        USING ERRCODE = 'invalid_parameter_value',
              HINT = 'Use ' || left(array_to_string(names, ', '::text), 1000) || '.';
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_toggles(jsonb, text[]) IS
    'True when toggles are an object of stressors that are on or off; otherwise the error that says what is wrong';

-- Arrays in the order of positions. A cohort that makes a relative risk a probability of 1 or more has no scorer; health names
-- it.
CREATE OR REPLACE FUNCTION tradeup_leads.scorers(model text, version integer DEFAULT NULL::integer,
                                                 toggles jsonb DEFAULT NULL::jsonb)
RETURNS TABLE (model_version integer, cohort text, scorer tradeup_leads.risk_scorer)
LANGUAGE sql STABLE PARALLEL SAFE COST 20000 ROWS 20
BEGIN ATOMIC
    SELECT m.version, c.cohort,
           CASE WHEN s.worst IS NULL
                     OR s.worst * (c.a / (c.a + c.b)) < 1
                THEN tradeup_leads_internal.compiled_scorer(
                         s.names, c.a, c.b, s.present_failed, s.absent_failed, s.present_sound, s.absent_sound, s.ratio_present,
                         s.ratio_absent, s.uncertainty_factor, s.relative_risk, s.prevalence, s.groups, s.enabled, m.counts_form,
                         m.intercept, m.slope, c.known) END
    FROM (SELECT scorers.model, scorers.version, scorers.toggles) q (model, version, toggles)
    LEFT JOIN tradeup_leads.risk_model m
           ON m.name = q.model
          AND m.version = coalesce(q.version, (SELECT x.version FROM tradeup_leads.current_model x WHERE x.name = q.model)),
    LATERAL (SELECT x.cohort,
                    coalesce(x.discount * x.published_rate * x.published_size, 0.5::double precision) + x.local_failures AS a,
                    coalesce(x.discount * (1::double precision - x.published_rate) * x.published_size, 0.5::double precision)
                        + (x.local_size - x.local_failures) AS b,
                    x.published_rate IS NOT NULL OR x.local_size > 0 AS known
             FROM tradeup_leads.risk_cohort x WHERE x.model = m.name AND x.version = m.version) c,
    LATERAL (SELECT array_agg(x.stressor ORDER BY x.position) AS names,
                    array_agg(x.present_failed ORDER BY x.position) AS present_failed,
                    array_agg(x.absent_failed ORDER BY x.position) AS absent_failed,
                    array_agg(x.present_sound ORDER BY x.position) AS present_sound,
                    array_agg(x.absent_sound ORDER BY x.position) AS absent_sound,
                    array_agg(x.ratio_present ORDER BY x.position) AS ratio_present,
                    array_agg(x.ratio_absent ORDER BY x.position) AS ratio_absent,
                    array_agg(CASE WHEN x.present_failed IS NULL THEN x.uncertainty_factor END ORDER BY x.position)
                        AS uncertainty_factor,
                    array_agg(x.relative_risk ORDER BY x.position) AS relative_risk,
                    array_agg(x.prevalence ORDER BY x.position) AS prevalence,
                    array_agg(x.dependence_group ORDER BY x.position) AS groups,
                    array_agg(CASE jsonb_typeof(q.toggles -> x.stressor) WHEN 'boolean' THEN (q.toggles -> x.stressor)::boolean
                                   ELSE x.enabled END ORDER BY x.position) AS enabled,
                    max(greatest(x.relative_risk, 1::double precision)
                        / (1::double precision + x.prevalence * (x.relative_risk - 1::double precision)))
                        FILTER (WHERE x.relative_risk IS NOT NULL) AS worst
             FROM tradeup_leads.stressor x WHERE x.model = m.name AND x.version = m.version) s
    WHERE tradeup_leads_internal.require_model(q.model, q.version, m.name)
      AND tradeup_leads_internal.require_toggles(q.toggles, coalesce(s.names, '{}'::text[]))
    /* A scorer is compiled once, and not for each vehicle that it is joined with. */
    OFFSET 0;
END;
COMMENT ON FUNCTION tradeup_leads.scorers(text, integer, jsonb) IS
    'The scorers of all cohorts of a model; null for a cohort whose rate a relative risk makes a probability of 1 or more';

CREATE OR REPLACE FUNCTION tradeup_leads.scorer(model text, version integer, cohort text, toggles jsonb DEFAULT NULL::jsonb)
RETURNS tradeup_leads.risk_scorer
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    answer record;
BEGIN
    SELECT s.scorer INTO answer FROM tradeup_leads.scorers(model, version, toggles) s WHERE s.cohort = scorer.cohort;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'cohort "%" does not exist', tradeup_leads_internal.shown(cohort)
            USING ERRCODE = 'no_data_found',
                  DETAIL = format('Model "%s" version %s has no such cohort.', tradeup_leads_internal.shown(model),
                                  coalesce(version::text, 'null')),
                  HINT = 'Look in the table tradeup_leads.risk_cohort.';
    ELSIF answer.scorer IS NULL THEN
        RAISE EXCEPTION 'relative risk makes a probability of 1 or more'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is that of a stressor in cohort "%s".', tradeup_leads_internal.shown(cohort)),
                  HINT = 'Give the stressor counts or ratios, or a lower relative risk, in a new version.';
    END IF;
    RETURN answer.scorer;
END
$$;
COMMENT ON FUNCTION tradeup_leads.scorer(text, integer, text, jsonb) IS
    'The scorer of a cohort of a model; toggles such as {"towing_load": false} switch stressors off, or on';

-- A rule holds for numbers by comparison, for texts and truths as one of its words. A measure of another kind is not known to it.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.rule_holds(rule tradeup_leads.stressor_rule, measures jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10
RETURN CASE
    WHEN (rule).comparison = 'in' THEN
        CASE WHEN jsonb_typeof(measures -> (rule).measure) IN ('string', 'boolean', 'number')
             THEN (measures ->> (rule).measure) = ANY ((rule).words) END
    WHEN jsonb_typeof(measures -> (rule).measure) = 'number' THEN
        CASE (rule).comparison
            WHEN '<' THEN (measures -> (rule).measure)::numeric < (rule).threshold
            WHEN '<=' THEN (measures -> (rule).measure)::numeric <= (rule).threshold
            WHEN '=' THEN (measures -> (rule).measure)::numeric = (rule).threshold
            WHEN '>=' THEN (measures -> (rule).measure)::numeric >= (rule).threshold
            WHEN '>' THEN (measures -> (rule).measure)::numeric > (rule).threshold END END;
COMMENT ON FUNCTION tradeup_leads_internal.rule_holds(tradeup_leads.stressor_rule, jsonb) IS
    'Whether a rule holds for measures; null: its measure is not known';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.observed_text(model text, version integer, measures jsonb) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN (SELECT coalesce(string_agg(x.stressor || '=' || CASE WHEN x.holds THEN coalesce(x.probability::text, 'present')
                                                             ELSE 'absent' END, ' '::text ORDER BY x.stressor), '')
        FROM (SELECT r.stressor, bool_or(h.holds) AS holds, bool_and(h.holds IS NOT NULL) AS known,
                     max(coalesce(r.probability, 1::double precision)) FILTER (WHERE h.holds) AS strongest,
                     CASE WHEN bool_or(h.holds AND r.probability IS NULL) THEN NULL
                          ELSE max(r.probability) FILTER (WHERE h.holds) END AS probability
              FROM tradeup_leads.stressor_rule r,
                   LATERAL (SELECT tradeup_leads_internal.rule_holds(r, observed_text.measures)) h (holds)
              WHERE r.model = observed_text.model AND r.version = observed_text.version
              GROUP BY r.stressor) x
        WHERE x.holds OR x.known);
COMMENT ON FUNCTION tradeup_leads_internal.observed_text(text, integer, jsonb) IS
    'What measures say of the stressors of a model, as evidence is written with names';

CREATE OR REPLACE FUNCTION tradeup_leads.observe(model text, version integer, measures jsonb) RETURNS tradeup_leads.evidence
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 20000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    any_scorer CONSTANT tradeup_leads.risk_scorer :=
        (SELECT s.scorer FROM tradeup_leads.scorers(model, version, NULL::jsonb) s WHERE s.scorer IS NOT NULL LIMIT 1);
BEGIN
    IF jsonb_typeof(measures) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'measures must be an object such as {"trips": 45}'
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = format('It is %s.', coalesce(tradeup_leads_internal.shown(measures::text), 'null'));
    END IF;
    RETURN tradeup_leads.evidence(any_scorer, tradeup_leads_internal.observed_text(
        model, coalesce(version, (SELECT m.version FROM tradeup_leads.current_model m WHERE m.name = model)), measures));
END
$$;
COMMENT ON FUNCTION tradeup_leads.observe(text, integer, jsonb) IS
    'Evidence that the rules of a model make of measures such as {"trips": 45, "region": "Texas"}; version null: the current one';

CREATE OR REPLACE FUNCTION tradeup_leads.observe_vehicles(dealer text, as_of date DEFAULT NULL::date) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    changed bigint;
    last_day CONSTANT date := coalesce(as_of, tradeup_leads_internal.today());
BEGIN
    UPDATE tradeup_leads.owned_vehicle v
    SET evidence = n.evidence, observed_at = n.measured_on AT TIME ZONE 'UTC'
    FROM (SELECT x.vehicle_id, tradeup_leads.evidence(p.scorer, tradeup_leads_internal.observed_text(x.model, c.version,
                                                                                                   g.measures)) AS evidence,
                 g.measured_on
          FROM tradeup_leads.owned_vehicle x
          JOIN tradeup_leads.current_model c ON c.name = x.model
          JOIN LATERAL (SELECT s.scorer FROM tradeup_leads.scorers(c.name, c.version, NULL::jsonb) s
                        WHERE s.scorer IS NOT NULL LIMIT 1) p ON true
          JOIN LATERAL (SELECT jsonb_object_agg(y.measure, y.value) AS measures, max(y.measured_on)::timestamp AS measured_on
                        FROM (SELECT DISTINCT ON (w.measure) w.measure, w.value, w.measured_on
                              FROM tradeup_leads.vehicle_measure w
                              WHERE w.vehicle_id = x.vehicle_id AND w.measured_on <= last_day
                              ORDER BY w.measure, w.measured_on DESC) y) g ON g.measures IS NOT NULL
          WHERE x.dealer = observe_vehicles.dealer) n
    WHERE v.vehicle_id = n.vehicle_id;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION tradeup_leads.observe_vehicles(text, date) IS
    'Makes evidence of the newest measures of a dealer''s vehicles until a day, and returns how many vehicles have any';
