\echo Use "ALTER EXTENSION tradeup UPDATE" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

-- This script runs as a superuser. A function that somebody put into the schema could be what a call of ours resolves to.
DO $guard$
DECLARE
    stranger text;
BEGIN
    SELECT min(pg_describe_object(d.classid, d.objid, 0)) INTO stranger
    FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_namespace'::regclass AND d.deptype = 'n'
      AND d.refobjid IN (SELECT n.objid FROM pg_catalog.pg_depend n
                         WHERE n.classid = 'pg_catalog.pg_namespace'::regclass AND n.deptype = 'e'
                           AND n.refclassid = 'pg_catalog.pg_extension'::regclass
                           AND n.refobjid = (SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = 'tradeup'))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m
                      WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e'
                        AND m.refclassid = 'pg_catalog.pg_extension'::regclass
                        AND m.refobjid = (SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = 'tradeup'));
    IF stranger IS NOT NULL THEN
        RAISE EXCEPTION 'schema of the extension holds an object that is not part of it'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The object is: %s.', stranger),
                  HINT = 'Drop the object or move it to another schema, revoke CREATE on the schema, and update again.';
    END IF;
END
$guard$;
