-- Health, for operators: one function a check, and the list of them. The columns are those of tradeup.health().

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_vehicles_without_cohort_or_evidence()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.bare = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s', x.bare, x.vehicles),
           CASE WHEN x.bare > 0 THEN 'They make no leads: fill in model, cohort and evidence, or call observe_vehicles.' END
    FROM (SELECT count(*) AS vehicles,
                 count(*) FILTER (WHERE v.evidence IS NULL
                                     OR NOT EXISTS (SELECT FROM tradeup_leads.current_model m
                                                    JOIN tradeup_leads.risk_cohort c ON c.model = m.name
                                                                                    AND c.version = m.version
                                                    WHERE m.name = v.model AND c.cohort = v.cohort)) AS bare
          FROM tradeup_leads.owned_vehicle v WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_vehicles_without_cohort_or_evidence() IS
    'Health: vehicles have a cohort of a published model, and evidence';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_evidence_of_other_stressors()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.others = 0 THEN 'ok' ELSE 'warning' END, x.others::text,
           CASE WHEN x.others > 0 THEN 'The list of stressors has changed since: call observe_vehicles for the dealers.' END
    FROM (SELECT count(*) AS others
          FROM tradeup_leads.current_model m
          CROSS JOIN LATERAL (SELECT s.scorer FROM tradeup_leads.scorers(m.name, m.version, NULL::jsonb) s
                              WHERE s.scorer IS NOT NULL LIMIT 1) s
          JOIN tradeup_leads.owned_vehicle v ON v.model = m.name
          WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
            AND NOT tradeup_leads_internal.takes_evidence(s.scorer, v.evidence)) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_evidence_of_other_stressors() IS
    'Health: evidence belongs to the stressors of the current model';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_old_evidence() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.old = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s older than 30 days', x.old, x.vehicles),
           CASE WHEN x.old > 0 THEN 'Load new measures, and call observe_vehicles.' END
    FROM (SELECT count(*) AS vehicles,
                 count(*) FILTER (WHERE v.observed_at < statement_timestamp() - interval '30 days') AS old
          FROM tradeup_leads.owned_vehicle v
          WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today()) AND v.evidence IS NOT NULL) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_old_evidence() IS 'Health: evidence is not older than 30 days';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_published_rates() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.old + x.unverified = 0 THEN 'ok' ELSE 'warning' END,
           format('%s of %s older than a year, %s unverified', x.old, x.cohorts, x.unverified),
           CASE WHEN x.old + x.unverified > 0 THEN 'Check the sources, and publish a version with rated_on and verified.' END
    FROM (SELECT count(*) AS cohorts,
                 count(*) FILTER (WHERE c.rated_on < tradeup_leads_internal.today() - 365) AS old,
                 count(*) FILTER (WHERE NOT c.verified) AS unverified
          FROM tradeup_leads.current_model m
          JOIN tradeup_leads.risk_cohort c ON c.model = m.name AND c.version = m.version AND c.published_rate IS NOT NULL) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_published_rates() IS
    'Health: published rates are of this year, and somebody has checked them';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_cohorts_without_scorer()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           left(coalesce(string_agg(format('%s: %s', m.name, s.cohort), ', '::text ORDER BY m.name, s.cohort), '0'), 200),
           CASE WHEN count(*) > 0 THEN 'A relative risk makes a probability of 1 or more there: publish a version without it.' END
    FROM tradeup_leads.current_model m
    CROSS JOIN LATERAL tradeup_leads.scorers(m.name, m.version, NULL::jsonb) s
    WHERE s.scorer IS NULL;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_cohorts_without_scorer() IS 'Health: every cohort can be scored';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_outcomes_overdue() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.overdue = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s past their horizon', x.overdue, x.past),
           CASE WHEN x.overdue > 0 THEN 'Record what happened: record_outcome.' END
    FROM (SELECT count(*) AS past, count(*) FILTER (WHERE j.censored) AS overdue
          FROM tradeup_leads.judged_prediction j WHERE j.judged_on < tradeup_leads_internal.today()) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_outcomes_overdue() IS
    'Health: predictions past their horizon have an outcome';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_calibration() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    /* Where all predictions are alike there is neither z nor slope; the number of failures tells then, and of 0 and 1 always. */
    SELECT CASE WHEN x.wrong IS NOT NULL THEN 'failed' WHEN x.models IS NULL OR x.open THEN 'unknown' ELSE 'ok' END,
           left(coalesce(x.wrong, x.models, 'no model has more than 50 failures judged'), 200),
           CASE WHEN x.wrong IS NOT NULL THEN 'Publish a version with the intercept and slope that recalibration gives.'
                WHEN x.open THEN 'The number of failures agrees; predictions are too much alike for more to be said.' END
    FROM (SELECT string_agg(z.said, ', '::text ORDER BY z.model, z.version) AS models,
                 string_agg(z.said, ', '::text ORDER BY z.model, z.version) FILTER (WHERE z.wrong) AS wrong,
                 bool_or(z.open) AS open
          FROM (SELECT y.model, y.version,
                       format('%s version %s: z %s, slope %s, %s failed of %s expected', y.model, y.version,
                              coalesce(round((y.c).spiegelhalter_z::numeric, 1)::text, 'unknown'),
                              coalesce(round((y.c).slope::numeric, 2)::text, 'unknown'), y.failures,
                              round(y.expected::numeric, 1)) AS said,
                       coalesce(abs((y.c).spiegelhalter_z) > 3, false) OR coalesce((y.c).slope NOT BETWEEN 0.7 AND 1.3, false)
                           OR abs(y.failures - y.expected) > 3 * sqrt(y.variance) AS wrong,
                       (y.c).spiegelhalter_z IS NULL OR (y.c).slope IS NULL AS open
                FROM (SELECT j.model, j.version, count(*) FILTER (WHERE j.failed) AS failures, sum(j.p) AS expected,
                             sum(j.p * (1 - j.p)) AS variance,
                             tradeup_leads.calibration(j.p, j.failed) FILTER (WHERE j.p > 0 AND j.p < 1) AS c
                      FROM tradeup_leads.judged_prediction j
                      WHERE NOT j.censored
                      GROUP BY j.model, j.version HAVING count(*) FILTER (WHERE j.failed) > 50) y) z) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_calibration() IS
    'Health: predictions with more than 50 failures agree with outcomes, by Spiegelhalter''s z, by slope and in number';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_messages() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.late + x.failed + x.waiting = 0 THEN 'ok' ELSE 'warning' END,
           format('%s leases ran out, %s failed, %s waiting for more than a day', x.late, x.failed, x.waiting),
           CASE WHEN x.late + x.failed + x.waiting > 0
                THEN 'See whether workers run; column reason of tradeup_leads.message says what failed.' END
    FROM (SELECT count(*) FILTER (WHERE m.state = 'taken' AND m.leased_until < statement_timestamp()) AS late,
                 count(*) FILTER (WHERE m.state = 'failed') AS failed,
                 count(*) FILTER (WHERE m.state IN ('queued', 'written')
                                    AND m.queued_at < statement_timestamp() - interval '1 day') AS waiting
          FROM tradeup_leads.message m) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_messages() IS
    'Health: no lease of a message has run out, none has failed, none waits for more than a day';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_leads_without_text()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.bare = 0 THEN 'ok' ELSE 'warning' END, format('%s of %s open leads', x.bare, x.leads),
           CASE WHEN x.bare > 0
                THEN 'They get no message, as vehicle ' || tradeup_leads_internal.shown(x.example)
                     || ': the customer, the value of the class, a template or one of its slots is missing.' END
    FROM (SELECT count(*) AS leads, count(*) FILTER (WHERE y.text IS NULL) AS bare,
                 min(y.vehicle_id) FILTER (WHERE y.text IS NULL) AS example
          FROM (SELECT o.vehicle_id,
                       CASE WHEN l.customer_id IS NOT NULL
                            THEN tradeup_leads_internal.lead_text(t.body, t.defaults, s.slots, l.vehicle_class, v.model_year,
                                                                  l.reason, l.percentile) END AS text
                FROM tradeup_leads.open_lead o
                JOIN tradeup_leads.lead l ON l.lead_id = o.lead_id
                LEFT JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = l.vehicle_id
                LEFT JOIN tradeup_leads.dealer_slots s ON s.dealer = l.dealer
                LEFT JOIN tradeup_leads.message_template t ON t.model = l.model AND t.version = l.version
                                                          AND t.priority = l.priority AND t.channel = l.channel) y) x;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_leads_without_text() IS 'Health: open leads have a text';

-- Where who moved a vehicle did not see its lead, row-level security has left the lead open.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_leads_of_another_dealer()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 100000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
           left(coalesce(string_agg(format('%s: lead %s of %s', o.dealer, o.lead_id, tradeup_leads_internal.shown(o.vehicle_id)),
                                    ', '::text ORDER BY o.lead_id), '0'), 200),
           CASE WHEN count(*) > 0
                THEN format('Another dealer looks after the vehicle. End each, as with SELECT tradeup_leads.record_lead_event('
                            '%s, ''abandoned''); and let roles that move vehicles see and end the leads of all dealers.',
                            min(o.lead_id)) END
    FROM tradeup_leads.open_lead o
    JOIN tradeup_leads.owned_vehicle v ON v.vehicle_id = o.vehicle_id AND v.dealer <> o.dealer;
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_leads_of_another_dealer() IS
    'Health: open leads are of the dealer who looks after the vehicle';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.health_toggles_without_stressor()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
           left(coalesce(string_agg(format('%s: %s of %s', t.dealer, t.stressor, t.model), ', '::text
                                    ORDER BY t.dealer, t.model, t.stressor), '0'), 200),
           CASE WHEN count(*) > 0
                THEN 'The current model has no such stressor, so they do nothing: correct or delete rows of stressor_toggle.' END
    FROM tradeup_leads.stressor_toggle t
    WHERE NOT EXISTS (SELECT FROM tradeup_leads.current_model m, tradeup_leads.stressor s
                      WHERE m.name = t.model AND s.model = m.name AND s.version = m.version AND s.stressor = t.stressor);
END;
COMMENT ON FUNCTION tradeup_leads_internal.health_toggles_without_stressor() IS
    'Health: what dealers have switched on or off is a stressor of the current model';

CREATE OR REPLACE FUNCTION tradeup_leads.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 200000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    reads text[];
    unreadable text;
    hidden text;
BEGIN
    FOR check_name, reads IN VALUES
        ('vehicles without cohort or evidence', '{owned_vehicle,risk_model,risk_cohort,current_model}'::text[]),
        ('evidence of other stressors', '{owned_vehicle,risk_model,risk_cohort,stressor,current_model}'),
        ('old evidence', '{owned_vehicle}'),
        ('published rates', '{risk_model,risk_cohort,current_model}'),
        ('cohorts without scorer', '{risk_model,risk_cohort,stressor,current_model}'),
        ('outcomes overdue', '{prediction,outcome,risk_model,current_outcome,judged_prediction}'),
        ('calibration', '{prediction,outcome,risk_model,current_outcome,judged_prediction}'),
        ('leads without text', '{open_lead,lead,owned_vehicle,dealer_slots,message_template}'),
        ('leads of another dealer', '{open_lead,owned_vehicle}'),
        ('toggles without stressor', '{stressor_toggle,stressor,risk_model,risk_cohort,current_model}'),
        ('messages', '{message}')
    LOOP
        unreadable := (SELECT string_agg('tradeup_leads.' || t.name, ', ' ORDER BY t.place)
                       FROM unnest(reads) WITH ORDINALITY t (name, place)
                       WHERE NOT has_table_privilege('tradeup_leads.' || quote_ident(t.name), 'SELECT'));
        IF unreadable IS NOT NULL THEN
            status := 'unknown';
            value := NULL;
            advice := format('GRANT SELECT ON %s TO %I;', unreadable, current_user);
        ELSE
            EXECUTE format('SELECT h.status, h.value, h.advice FROM tradeup_leads_internal.health_%s() h',
                           translate(check_name, ' ', '_'))
            INTO STRICT status, value, advice;
            hidden := (SELECT string_agg('tradeup_leads.' || t.name, ', ' ORDER BY t.name)
                       FROM unnest(reads) t (name) WHERE row_security_active('tradeup_leads.' || quote_ident(t.name)));
            IF hidden IS NOT NULL THEN
                status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
                advice := concat_ws(' ', advice, 'Row-level security may hide rows of ' || hidden
                                                 || ': ask as a role that sees all of them.');
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
