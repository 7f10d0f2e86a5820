-- Owners of quotes, whose rows belong in a dump.

ALTER TABLE tradeup.quote OWNER TO @extowner@;
ALTER TABLE tradeup.quote_event OWNER TO @extowner@;
ALTER TABLE tradeup.quote_retention OWNER TO @extowner@;
-- Views stay with whoever runs this script, see ops/owners.
GRANT SELECT ON tradeup.quote_status TO @extowner@ WITH GRANT OPTION;

-- The first event of a quote is not dumped: it says what the quote says, and restoring the quote records it anew.
SELECT pg_extension_config_dump('tradeup.quote', '');
SELECT pg_extension_config_dump('tradeup.quote_event', 'WHERE seq > 1');
SELECT pg_extension_config_dump('tradeup.quote_retention', '');
SELECT pg_extension_config_dump('tradeup.quote_quote_id_seq', '');
SELECT pg_extension_config_dump('tradeup.quote_retention_purge_id_seq', '');
