-- Quotes with what became of them.

CREATE VIEW tradeup.quote_status WITH (security_invoker = true) AS
SELECT q.quote_id, q.customer_id, q.vehicle_id, q.program, q.version, q.term, q.price, q.tier, q.payment, q.quoted_by,
    q.quoted_at,
       q.valid_until, e.seq, e.event,
       CASE WHEN e.event IN ('issued', 'viewed') AND q.valid_until < statement_timestamp() THEN 'expired'
           ELSE e.event END AS status,
       e.happened_at, e.happened_by, e.note
FROM tradeup.quote q
LEFT JOIN LATERAL (SELECT x.* FROM tradeup.quote_event x WHERE x.quote_id = q.quote_id ORDER BY x.seq DESC LIMIT 1) e ON true;

COMMENT ON VIEW tradeup.quote_status IS
    'Each quote with its latest event; status is that event, or expired when the quote is open and no longer valid';
