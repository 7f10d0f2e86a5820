SELECT c.model, b.mean_p, b.observed_rate, b.low, b.high, b.size, b.failures
FROM (SELECT j.model, tradeup_leads.reliability(j.p, j.failed) AS bins FROM tradeup_leads.judged_prediction j GROUP BY j.model) c, unnest(c.bins) b
ORDER BY c.model, b.bin_from;
