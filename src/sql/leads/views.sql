-- Views over evidence, leads and messages.

-- Leads and messages are each counted by themselves: a lead with two messages is one lead.
CREATE VIEW tradeup_leads.lead_statistics WITH (security_invoker = true) AS
SELECT l.dealer, l.day, l.priority, l.leads, l.contacted, l.scheduled, l.serviced, l.abandoned, l.revenue,
       coalesce(m.messages, 0::bigint) AS messages, coalesce(m.waiting, 0::bigint) AS waiting, m.oldest_waiting,
       coalesce(m.sent, 0::bigint) AS sent, coalesce(m.sent_as_template, 0::bigint) AS sent_as_template,
       m.seconds_to_sent, m.seconds_to_sent_squared, m.seconds_to_sent_quantiles
FROM (SELECT x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date AS day, x.priority,
             count(*) AS leads,
             count(*) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('contacted'::text)) AS contacted,
             count(*) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('scheduled'::text)) AS scheduled,
             count(*) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('serviced'::text)) AS serviced,
             count(*) FILTER (WHERE e.abandoned) AS abandoned,
             sum(x.revenue) FILTER (WHERE e.reached >= tradeup_leads_internal.lead_event_rank('serviced'::text)) AS revenue
      FROM tradeup_leads.lead x
      LEFT JOIN LATERAL (
          SELECT max(tradeup_leads_internal.lead_event_rank(y.event))
                     FILTER (WHERE NOT tradeup_leads_internal.ends_lead(y.event)) AS reached,
                 bool_or(y.event = 'abandoned') AS abandoned
          FROM tradeup_leads.lead_event y
          WHERE y.lead_id = x.lead_id) e ON true
      GROUP BY x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date, x.priority) l
LEFT JOIN (
    SELECT x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date AS day, x.priority,
           count(*) AS messages,
           count(*) FILTER (WHERE y.state IN ('queued', 'taken', 'written')) AS waiting,
           min(y.queued_at) FILTER (WHERE y.state IN ('queued', 'taken', 'written')) AS oldest_waiting,
           count(*) FILTER (WHERE y.state = 'sent') AS sent,
           count(*) FILTER (WHERE y.state = 'sent' AND y.fallback) AS sent_as_template,
           sum(extract(epoch FROM y.sent_at - y.queued_at)) AS seconds_to_sent,
           sum(extract(epoch FROM y.sent_at - y.queued_at) * extract(epoch FROM y.sent_at - y.queued_at))
               AS seconds_to_sent_squared,
           percentile_cont(ARRAY[0.5, 0.9, 0.99]::double precision[])
               WITHIN GROUP (ORDER BY extract(epoch FROM y.sent_at - y.queued_at)::double precision)
               AS seconds_to_sent_quantiles
    FROM tradeup_leads.lead x
    JOIN tradeup_leads.message y ON y.lead_id = x.lead_id
    GROUP BY x.dealer, (x.created_at AT TIME ZONE 'UTC'::text)::date, x.priority
) m ON m.dealer = l.dealer AND m.day = l.day AND m.priority = l.priority;
COMMENT ON VIEW tradeup_leads.lead_statistics IS
    'Leads and what came of them by dealer, day and priority, with their messages: waiting, fallbacks, seconds to sent';
COMMENT ON COLUMN tradeup_leads.lead_statistics.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.lead_statistics.day IS 'Day on which the leads were made, in UTC';
COMMENT ON COLUMN tradeup_leads.lead_statistics.priority IS 'Priority of the leads';
COMMENT ON COLUMN tradeup_leads.lead_statistics.leads IS 'Number of leads';
COMMENT ON COLUMN tradeup_leads.lead_statistics.contacted IS 'Leads whose customer was contacted, or that went further';
COMMENT ON COLUMN tradeup_leads.lead_statistics.scheduled IS 'Leads with a visit scheduled, or that went further';
COMMENT ON COLUMN tradeup_leads.lead_statistics.serviced IS 'Leads whose vehicle was serviced';
COMMENT ON COLUMN tradeup_leads.lead_statistics.abandoned IS 'Leads that were abandoned';
COMMENT ON COLUMN tradeup_leads.lead_statistics.revenue IS 'Parts and work of the leads whose vehicle was serviced';
COMMENT ON COLUMN tradeup_leads.lead_statistics.messages IS 'Number of messages';
COMMENT ON COLUMN tradeup_leads.lead_statistics.waiting IS 'Messages that are neither sent nor failed nor dropped';
COMMENT ON COLUMN tradeup_leads.lead_statistics.oldest_waiting IS 'When the oldest of them was queued';
COMMENT ON COLUMN tradeup_leads.lead_statistics.sent IS 'Messages that were sent';
COMMENT ON COLUMN tradeup_leads.lead_statistics.sent_as_template IS 'Sent messages whose text is the rendered template';
COMMENT ON COLUMN tradeup_leads.lead_statistics.seconds_to_sent IS 'Seconds from queued to sent, summed over sent messages';
COMMENT ON COLUMN tradeup_leads.lead_statistics.seconds_to_sent_squared IS 'Squares of these seconds, summed';
COMMENT ON COLUMN tradeup_leads.lead_statistics.seconds_to_sent_quantiles IS
    'Median, 90th and 99th percentile of these seconds';

CREATE VIEW tradeup_leads.evidence_row WITH (security_invoker = true) AS
SELECT v.vehicle_id, v.dealer, v.model, e.stressor, e.state, e.probability
FROM tradeup_leads.current_model m
CROSS JOIN LATERAL tradeup_leads.scorers(m.name, m.version, NULL::jsonb) s
JOIN tradeup_leads.owned_vehicle v ON v.model = m.name AND v.cohort = s.cohort
CROSS JOIN LATERAL tradeup_leads.evidence_rows(
    CASE WHEN tradeup_leads_internal.takes_evidence(s.scorer, v.evidence) THEN s.scorer END, v.evidence) e
WHERE e.state <> 'unknown';
COMMENT ON VIEW tradeup_leads.evidence_row IS 'Evidence of vehicles, one row for each stressor whose state is known';
COMMENT ON COLUMN tradeup_leads.evidence_row.vehicle_id IS 'Vehicle';
COMMENT ON COLUMN tradeup_leads.evidence_row.dealer IS 'Dealer who looks after it';
COMMENT ON COLUMN tradeup_leads.evidence_row.model IS 'Model of risk';
COMMENT ON COLUMN tradeup_leads.evidence_row.stressor IS 'Stressor';
COMMENT ON COLUMN tradeup_leads.evidence_row.state IS 'present, absent or probable';
COMMENT ON COLUMN tradeup_leads.evidence_row.probability IS 'Probability that it is present: 1, 0 or between';

CREATE VIEW tradeup_leads.stressor_toggles WITH (security_invoker = true) AS
SELECT d.dealer, m.name AS model, m.version, s.stressor, s.title, coalesce(t.enabled, s.enabled) AS enabled, d.vehicles
FROM tradeup_leads.current_model m
JOIN tradeup_leads.stressor s ON s.model = m.name AND s.version = m.version
JOIN (SELECT v.dealer, v.model, x.stressor,
             count(*) FILTER (WHERE tradeup_leads_internal.takes_evidence(c.scorer, v.evidence)
                                AND tradeup_leads_internal.stressor_probability(v.evidence, x.position) > 0.5) AS vehicles
      FROM (SELECT y.name, y.version, z.scorer
            FROM tradeup_leads.current_model y
            LEFT JOIN LATERAL (SELECT w.scorer FROM tradeup_leads.scorers(y.name, y.version, NULL::jsonb) w
                               WHERE w.scorer IS NOT NULL LIMIT 1) z ON true) c
      JOIN tradeup_leads.owned_vehicle v ON v.model = c.name
      JOIN tradeup_leads.stressor x ON x.model = c.name AND x.version = c.version
      WHERE tradeup_leads_internal.is_kept(v.sold_on, tradeup_leads_internal.today())
      GROUP BY v.dealer, v.model, x.stressor) d ON d.model = m.name AND d.stressor = s.stressor
LEFT JOIN tradeup_leads.stressor_toggle t ON t.dealer = d.dealer AND t.model = m.name AND t.stressor = s.stressor;
COMMENT ON VIEW tradeup_leads.stressor_toggles IS
    'Each stressor of each dealer, on or off, and how many vehicles have it, for certain or probably';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.dealer IS 'Dealer';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.model IS 'Model of risk';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.version IS 'Version of the model';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.stressor IS 'Stressor';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.title IS 'What people call the stressor';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.enabled IS 'Whether it counts for vehicles of the dealer';
COMMENT ON COLUMN tradeup_leads.stressor_toggles.vehicles IS 'Vehicles of the dealer that have it, for certain or probably';
