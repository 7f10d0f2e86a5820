-- Owners of shops and of what their files hold. Whoever creates the extension owns the rows: she loads them, grants them and puts
-- policies on them. All rows belong in a dump, but for the aliases that the extension brings and for parts on their way.

ALTER TABLE tradeup_bundles.shop OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.upload OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.upload_part OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.rejected_row OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.column_alias OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.shop_order OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.order_line OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.variant OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.inventory_level OWNER TO @extowner@;
ALTER TABLE tradeup_bundles.catalog_item OWNER TO @extowner@;
-- Views stay with whoever runs this script.
GRANT SELECT ON tradeup_bundles.upload_statistics TO @extowner@ WITH GRANT OPTION;

SELECT pg_extension_config_dump('tradeup_bundles.shop', '');
SELECT pg_extension_config_dump('tradeup_bundles.upload', '');
SELECT pg_extension_config_dump('tradeup_bundles.upload_upload_id_seq', '');
SELECT pg_extension_config_dump('tradeup_bundles.rejected_row', '');
SELECT pg_extension_config_dump('tradeup_bundles.column_alias', 'WHERE NOT built_in');
SELECT pg_extension_config_dump('tradeup_bundles.shop_order', '');
SELECT pg_extension_config_dump('tradeup_bundles.order_line', '');
SELECT pg_extension_config_dump('tradeup_bundles.variant', '');
SELECT pg_extension_config_dump('tradeup_bundles.inventory_level', '');
SELECT pg_extension_config_dump('tradeup_bundles.catalog_item', '');
