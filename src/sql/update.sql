\echo Use "ALTER EXTENSION tradeup UPDATE" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

-- What changes in tables and types since the last release; functions that changed follow, then modules that are new.
