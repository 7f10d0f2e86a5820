-- A table that the extension does not own, with an index on its price.
CREATE TABLE stock (sku text PRIMARY KEY, asking numeric NOT NULL);
INSERT INTO stock SELECT 'S' || i, 10000 + i * 3.25 FROM generate_series(1, 20000) i;
CREATE INDEX ON stock (asking);
ANALYZE stock;

CREATE VIEW my_offers AS
SELECT s.sku, s.asking, w.tier, tradeup.payment(d.deal, s.asking) AS payment, tradeup.payment_change(d.deal, s.asking) AS change
FROM (SELECT tradeup.deal(annual_rate => 0.0599, term => 60, equity => 5000, current_payment => 450) AS deal OFFSET 0) d
CROSS JOIN LATERAL tradeup.windows(d.deal) w
JOIN stock s ON s.asking BETWEEN w.lowest_price AND w.highest_price;

SELECT tier, count(*), min(asking), max(asking), min(payment), max(payment), min(change), max(change) FROM my_offers GROUP BY tier
ORDER BY min(asking);
EXPLAIN (COSTS OFF) SELECT * FROM my_offers WHERE tier = 'Upgrade';
-- The same offers without windows: every row of the table is looked at.
SELECT tradeup.tier(d.deal, s.asking) AS tier, count(*), min(s.asking), max(s.asking)
FROM (SELECT tradeup.deal(annual_rate => 0.0599, term => 60, equity => 5000, current_payment => 450) AS deal OFFSET 0) d, stock s
WHERE tradeup.eligible(d.deal, s.asking) GROUP BY 1 ORDER BY 3;
-- A deal can be a column.
CREATE TABLE kept (id int, deal tradeup.deal);
INSERT INTO kept VALUES (1, tradeup.deal(annual_rate => 0.05, term => 36)), (2, 'v1 annual_rate=0.06 term=48');
SELECT id, deal, tradeup.payment(deal, 20000) FROM kept ORDER BY id;

DROP VIEW my_offers;
DROP TABLE stock, kept;
