-- What a desk would have after a while, on top of apps/api/dev.sql: predictions of a year ago with what became of them, and quotes.
INSERT INTO tradeup_leads.prediction (vehicle_id, dealer, model, version, cohort, as_of, p, low, high, predicted_at)
SELECT v.vehicle_id, v.dealer, 'battery', 1, v.cohort, current_date - 400, l.risk, l.low, l.high, current_date - 401
FROM tradeup_leads.owned_vehicle v,
     LATERAL (SELECT tradeup_leads.risk(s.scorer, v.evidence) AS risk, (tradeup_leads.risk_interval(s.scorer, v.evidence, 0.8)).*
              FROM tradeup_leads.scorers('battery') s WHERE s.cohort = v.cohort) l
WHERE v.evidence IS NOT NULL;
-- The same each time: a vehicle failed when a digest of its number is below its risk.
INSERT INTO tradeup_leads.outcome (vehicle_id, dealer, cause, watched_from, watched_to, failed_at)
SELECT p.vehicle_id, p.dealer, 'battery', p.as_of, p.as_of + 380, CASE WHEN u.u < p.p THEN p.as_of + 10 + (340 * u.u / p.p)::integer END
FROM tradeup_leads.prediction p, LATERAL (SELECT ('x' || substr(md5('outcome ' || p.vehicle_id), 1, 7))::bit(28)::integer / 268435456.0 AS u) u
ORDER BY p.vehicle_id;
ANALYZE tradeup_leads.prediction, tradeup_leads.outcome;

SELECT count(tradeup.save_quote(b.customer_id, b.vehicle_id, b.term)) FROM (
    SELECT DISTINCT ON (o.customer_id) o.customer_id, o.vehicle_id, o.term
    FROM tradeup.customer c, LATERAL tradeup.best_offers(c.customer_id, per_tier => 1) o
    WHERE c.customer_id BETWEEN 'D1001' AND 'D1029' ORDER BY o.customer_id, o.tier_rank) b;
SELECT count(tradeup.record_event(q.quote_id, CASE q.quote_id % 3 WHEN 0 THEN 'accepted' WHEN 1 THEN 'viewed' ELSE 'rejected' END))
FROM tradeup.quote q WHERE q.quote_id % 4 > 0;
