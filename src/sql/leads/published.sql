-- Views over published models and over outcomes.


CREATE VIEW tradeup_leads.current_model WITH (security_invoker = true) AS
SELECT m.*
FROM tradeup_leads.risk_model m
WHERE m.published_at IS NOT NULL
  AND m.version = (SELECT max(x.version) FROM tradeup_leads.risk_model x
                   WHERE x.name = m.name AND x.published_at IS NOT NULL AND tradeup_leads.model_is_whole(x));
COMMENT ON VIEW tradeup_leads.current_model IS 'The version of each model that leads use: the highest published one';
COMMENT ON COLUMN tradeup_leads.current_model.name IS 'Name by which vehicles, predictions and leads refer to the model';
COMMENT ON COLUMN tradeup_leads.current_model.version IS 'Version: the highest published one';
COMMENT ON COLUMN tradeup_leads.current_model.title IS 'What people call the model';
COMMENT ON COLUMN tradeup_leads.current_model.cause IS 'Cause of failure that it predicts; outcomes name it';
COMMENT ON COLUMN tradeup_leads.current_model.horizon_months IS 'Months within which the failure is predicted';
COMMENT ON COLUMN tradeup_leads.current_model.counts_form IS
    'How counts become ratios: plain, where a zero is an error, or jeffreys, which adds a half to each';
COMMENT ON COLUMN tradeup_leads.current_model.intercept IS 'Alpha of the recalibration: what is added to the log odds; 0: none';
COMMENT ON COLUMN tradeup_leads.current_model.slope IS 'Gamma of the recalibration: what all evidence is multiplied by; 1: none';
COMMENT ON COLUMN tradeup_leads.current_model.absent_counts IS
    'Whether an absent stressor lowers the risk; false only in models kept for comparison, which come out too high';
COMMENT ON COLUMN tradeup_leads.current_model.severities IS 'Names of the classes of risk, from the lowest up';
COMMENT ON COLUMN tradeup_leads.current_model.severity_from IS 'Risk from which each class but the lowest begins';
COMMENT ON COLUMN tradeup_leads.current_model.uncertain_level IS
    'Probability that the interval holds by which severity is uncertain';
COMMENT ON COLUMN tradeup_leads.current_model.uncertain_classes IS
    'Classes that this interval may reach over; where it reaches over more, severity is uncertain';
COMMENT ON COLUMN tradeup_leads.current_model.source IS 'Where the model comes from';
COMMENT ON COLUMN tradeup_leads.current_model.published_at IS 'When the version was published';
COMMENT ON COLUMN tradeup_leads.current_model.parts IS 'Number of rows of each part, recorded when the version is published';

CREATE VIEW tradeup_leads.current_outcome WITH (security_invoker = true) AS
SELECT o.outcome_id, o.vehicle_id, o.dealer, o.cause, o.watched_from, o.watched_to, o.failed_at
FROM tradeup_leads.outcome o
WHERE NOT EXISTS (SELECT FROM tradeup_leads.outcome c WHERE c.corrects = o.outcome_id);
COMMENT ON VIEW tradeup_leads.current_outcome IS 'Outcomes without those that a correction replaces';
COMMENT ON COLUMN tradeup_leads.current_outcome.outcome_id IS 'Number of the outcome';
COMMENT ON COLUMN tradeup_leads.current_outcome.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.current_outcome.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.current_outcome.cause IS 'Cause that was watched for, as models name it';
COMMENT ON COLUMN tradeup_leads.current_outcome.watched_from IS 'First day of the watch';
COMMENT ON COLUMN tradeup_leads.current_outcome.watched_to IS 'Last day of the watch';
COMMENT ON COLUMN tradeup_leads.current_outcome.failed_at IS 'Day of the failure; null: it did not fail';

CREATE VIEW tradeup_leads.judged_prediction WITH (security_invoker = true) AS
SELECT p.prediction_id, p.vehicle_id, p.dealer, p.model, p.version, p.cohort, p.as_of, p.p, p.low, p.high,
       (p.as_of + make_interval(months => m.horizon_months))::date AS judged_on,
       CASE WHEN o.failed OR o.sound THEN o.failed END AS failed,
       NOT coalesce(o.failed OR o.sound, false) AS censored
FROM tradeup_leads.prediction p
JOIN tradeup_leads.risk_model m ON m.name = p.model AND m.version = p.version
LEFT JOIN LATERAL (
    SELECT bool_or(coalesce(x.failed_at > p.as_of
                            AND x.failed_at <= p.as_of + make_interval(months => m.horizon_months), false)) AS failed,
           range_agg(daterange(x.watched_from, x.watched_to, '[]'::text))
               @> daterange(p.as_of + 1, (p.as_of + make_interval(months => m.horizon_months))::date, '[]'::text) AS sound
    FROM tradeup_leads.current_outcome x
    WHERE x.vehicle_id = p.vehicle_id AND x.cause = m.cause) o ON true;
COMMENT ON VIEW tradeup_leads.judged_prediction IS
    'Each prediction and what came of it: failed within the horizon, sound when watched to its end, otherwise censored';
COMMENT ON COLUMN tradeup_leads.judged_prediction.prediction_id IS 'Number of the prediction';
COMMENT ON COLUMN tradeup_leads.judged_prediction.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.judged_prediction.dealer IS 'Dealer who looked after it';
COMMENT ON COLUMN tradeup_leads.judged_prediction.model IS 'Name of the model';
COMMENT ON COLUMN tradeup_leads.judged_prediction.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.judged_prediction.cohort IS 'Cohort of the vehicle at that moment';
COMMENT ON COLUMN tradeup_leads.judged_prediction.as_of IS
    'Day after which the failure is predicted; never before the day on which the row was written';
COMMENT ON COLUMN tradeup_leads.judged_prediction.p IS 'Probability of a failure within the horizon';
COMMENT ON COLUMN tradeup_leads.judged_prediction.low IS 'Low end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.judged_prediction.high IS 'High end of its interval; null: not stated';
COMMENT ON COLUMN tradeup_leads.judged_prediction.judged_on IS 'Last day of the horizon';
COMMENT ON COLUMN tradeup_leads.judged_prediction.failed IS
    'Whether it failed after as_of, within the horizon; null: not known (censored)';
COMMENT ON COLUMN tradeup_leads.judged_prediction.censored IS
    'Whether it is not known: it did not fail, and was not watched to the end of the horizon';
