-- Owners of customers and vehicles, whose rows belong in a dump.

ALTER TABLE tradeup.customer OWNER TO @extowner@;
ALTER TABLE tradeup.vehicle OWNER TO @extowner@;
SELECT pg_extension_config_dump('tradeup.customer', '');
SELECT pg_extension_config_dump('tradeup.vehicle', '');
