-- The owner of inventories, whose rows belong in a dump. One whose table is gone would be dumped as a number.

ALTER TABLE tradeup.inventory OWNER TO @extowner@;
SELECT pg_extension_config_dump('tradeup.inventory', 'WHERE relation IN (SELECT c.oid FROM pg_catalog.pg_class c)');
