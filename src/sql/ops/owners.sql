-- Privileges on the statistics. Views stay with whoever runs this script: their owner could replace what they select
-- (CREATE RULE), and a superuser who calls health() would run it.

GRANT SELECT ON tradeup.function_stats TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.offer_stats TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.quote_stats TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.stats TO @extowner@ WITH GRANT OPTION;
