SELECT a.currency, a.price::float8 AS price, a.share::float8 AS share, a.customers_in_tier::float8 / nullif(a.all_customers, 0) AS share_in_tier
FROM tradeup_bi.affordability a ORDER BY a.currency, a.price;
