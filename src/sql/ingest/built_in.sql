-- The aliases that the extension brings.

INSERT INTO tradeup_bundles.column_alias (kind, alias, column_name, preference, unless, built_in)
SELECT a.kind, a.alias, a.column_name, a.preference, a.unless, true FROM tradeup_bundles_internal.column_aliases() a;
