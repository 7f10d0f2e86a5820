SELECT o.currency, o.dealer, o.tier, o.tier_rank, sum(o.offers)::float8 AS offers
FROM tradeup_bi.offers_today o WHERE o.tier_rank > 0
GROUP BY o.currency, o.dealer, o.tier, o.tier_rank ORDER BY o.currency, o.dealer, o.tier_rank;
