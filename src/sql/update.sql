\echo Use "ALTER EXTENSION EXTENSION_NAME UPDATE" to load this file. \quit

SET LOCAL search_path = pg_catalog, pg_temp;

-- This script runs as a superuser. A function that somebody put into the schema could be what a call of ours resolves to: one
-- that is not part of the extension, or one that the owner of the extension, who need not be a superuser, has made part of it.
DO $guard$
DECLARE
    extension CONSTANT oid := (SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = 'EXTENSION_NAME');
    stranger text;
BEGIN
    SELECT min(pg_describe_object(o.classid, o.objid, 0)) INTO stranger
    FROM pg_catalog.pg_depend o
    WHERE o.refclassid = 'pg_catalog.pg_namespace'::regclass AND o.deptype = 'n'
      AND o.refobjid IN (SELECT n.objid FROM pg_catalog.pg_depend n
                         WHERE n.classid = 'pg_catalog.pg_namespace'::regclass AND n.deptype = 'e'
                           AND n.refclassid = 'pg_catalog.pg_extension'::regclass AND n.refobjid = extension)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend m
                      WHERE m.classid = o.classid AND m.objid = o.objid AND m.deptype = 'e'
                        AND m.refclassid = 'pg_catalog.pg_extension'::regclass AND m.refobjid = extension);
    IF stranger IS NOT NULL THEN
        RAISE EXCEPTION 'schema of the extension holds an object that is not part of it'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The object is: %s.', stranger),
                  HINT = 'Drop the object or move it to another schema, revoke CREATE on the schema, and update again.';
    END IF;

    SELECT min(pg_describe_object(m.classid, m.objid, 0)) INTO stranger
    FROM pg_catalog.pg_depend m
    LEFT JOIN pg_catalog.pg_proc p ON m.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = m.objid
    LEFT JOIN pg_catalog.pg_operator o ON m.classid = 'pg_catalog.pg_operator'::regclass AND o.oid = m.objid
    LEFT JOIN pg_catalog.pg_type t ON m.classid = 'pg_catalog.pg_type'::regclass AND t.oid = m.objid
         /* From 17 on the types of rows, and arrays of them, are parts too. They belong to whom the tables do. */
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e JOIN pg_catalog.pg_class c ON c.oid = e.typrelid
                         WHERE t.oid IN (e.oid, e.typarray) AND c.relkind <> 'c')
    JOIN pg_catalog.pg_roles r ON r.oid = coalesce(p.proowner, o.oprowner, t.typowner)
    WHERE m.deptype = 'e' AND m.refclassid = 'pg_catalog.pg_extension'::regclass AND m.refobjid = extension AND NOT r.rolsuper;
    IF stranger IS NOT NULL THEN
        RAISE EXCEPTION 'object of the extension does not belong to a superuser'
            USING ERRCODE = 'object_not_in_prerequisite_state', DETAIL = format('The object is: %s.', stranger),
                  HINT = 'Take the object out of the extension with ALTER EXTENSION ... DROP if somebody added it, or give it to '
                         'a superuser.';
    END IF;
END
$guard$;
