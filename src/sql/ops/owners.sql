-- Owners of the statistics.

ALTER VIEW tradeup.function_stats OWNER TO @extowner@;
ALTER VIEW tradeup.offer_stats OWNER TO @extowner@;
ALTER VIEW tradeup.quote_stats OWNER TO @extowner@;
ALTER VIEW tradeup.stats OWNER TO @extowner@;
