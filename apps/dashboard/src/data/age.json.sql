SELECT i.currency, i.dealer, i.age, i.age_rank, sum(i.vehicles)::float8 AS vehicles, sum(i.value)::float8 AS value
FROM tradeup_bi.inventory_age i GROUP BY i.currency, i.dealer, i.age, i.age_rank ORDER BY i.currency, i.dealer, i.age_rank;
