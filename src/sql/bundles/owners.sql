-- Owners of bundles, whose rows belong in a dump.

ALTER TABLE tradeup_bundles.bundle OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.bundle_event OWNER TO @extowner@;
-- Views stay with whoever runs this script.
GRANT SELECT ON tradeup_bundles.objective TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bundles.bundle_item TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup_bundles.bundle_line TO @extowner@ WITH GRANT OPTION;

SELECT pg_extension_config_dump('tradeup_bundles.bundle', '');
SELECT pg_extension_config_dump('tradeup_bundles.bundle_bundle_id_seq', '');
SELECT pg_extension_config_dump('tradeup_bundles.bundle_event', '');
