-- Owners of finance programs. Whoever creates the extension, superuser or not, owns its rows: she loads them, grants them and
-- puts policies on them. No script changes a row of these tables from here on: her triggers would run as a superuser.

ALTER TABLE tradeup.program OWNER TO @extowner@;
ALTER TABLE tradeup.program_profile OWNER TO @extowner@;
ALTER TABLE tradeup.program_term OWNER TO @extowner@;
ALTER TABLE tradeup.program_tier OWNER TO @extowner@;
ALTER TABLE tradeup.program_region OWNER TO @extowner@;
ALTER TABLE tradeup.program_default OWNER TO @extowner@;
-- Views stay with whoever runs this script, see ops/owners.
GRANT SELECT ON tradeup.current_program TO @extowner@ WITH GRANT OPTION;
GRANT SELECT ON tradeup.rate_sheet TO @extowner@ WITH GRANT OPTION;

-- Users' rows belong in a dump; what the extension ships comes back with it.
SELECT pg_extension_config_dump('tradeup.program', 'WHERE NOT built_in');
SELECT pg_extension_config_dump('tradeup.program_profile',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_term',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_tier',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_region',
    'WHERE (program, version) NOT IN (SELECT name, version FROM tradeup.program WHERE built_in)');
SELECT pg_extension_config_dump('tradeup.program_default', '');
