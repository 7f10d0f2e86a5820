-- The schemas of the extension, and types that are named before they are complete. Why the script makes the schemas itself is
-- said in base/namespace.

CREATE SCHEMA tradeup_bundles;
COMMENT ON SCHEMA tradeup_bundles IS 'CSV files of a shop into tables, and what sells together';
GRANT USAGE ON SCHEMA tradeup_bundles TO @extowner@ WITH GRANT OPTION;

-- What the functions of tradeup_bundles are made of. Whoever calls a function with a PL/pgSQL body, or fires a trigger, looks
-- names up here with rights of her own: hence PUBLIC. No function runs with its owner's rights.
CREATE SCHEMA tradeup_bundles_internal;
COMMENT ON SCHEMA tradeup_bundles_internal IS
    'What the functions of schema tradeup_bundles are made of; no user needs to call it';
GRANT USAGE ON SCHEMA tradeup_bundles_internal TO @extowner@ WITH GRANT OPTION;
GRANT USAGE ON SCHEMA tradeup_bundles_internal TO PUBLIC;
