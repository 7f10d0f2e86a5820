SELECT t.currency, t.dealer, t.in_stock, t.value::float8 AS value, t.sold_90_days, t.mean_days_to_sell::float8 AS mean_days_to_sell
FROM tradeup_bi.inventory_turn t ORDER BY t.currency, t.dealer;
