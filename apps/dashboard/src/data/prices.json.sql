SELECT p.currency, p.program, p.term, p.price_from::float8 AS price_from, p.price_to::float8 AS price_to, p.vehicles, p.offers::float8 AS offers,
       p.offers_in_tier::float8 / nullif(p.offers, 0) AS share
FROM tradeup_bi.price_by_term p ORDER BY p.currency, p.program, p.price_from, p.term;
