SELECT d.dealer, replace(l.priority, '_', ' ') AS priority, l.severity, avg(l.risk)::float8 AS risk, count(*)::float8 AS vehicles, sum(l.expected_value)::float8 AS expected_value
FROM (SELECT DISTINCT v.dealer FROM tradeup_leads.owned_vehicle v) d, tradeup_leads.leads(d.dealer) l
GROUP BY d.dealer, l.priority, l.severity ORDER BY d.dealer, l.priority, l.severity;
