-- The grants of readers, desks and administrators. A desk sends files, saves bundles and decides about them; it chooses neither
-- the number nor the role nor the time of an upload or a bundle.

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.require_one_of(what text, value text, allowed text[]) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_bundles_internal.require_one_of(text, text, text[]) IS
    'True when the value is one of the allowed words; otherwise the error that lists them';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.grants_of(level text)
RETURNS TABLE (kind text, object text, privileges text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 20
BEGIN ATOMIC
    SELECT 'SCHEMA', 'tradeup_bundles', 'USAGE'
    WHERE tradeup_bundles_internal.require_one_of('level'::text, grants_of.level, '{reader,desk,admin}'::text[])
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           concat_ws(', ', 'SELECT',
                     CASE WHEN grants_of.level IN ('desk', 'admin') THEN
                         CASE WHEN c.relname = 'upload' THEN
                                  (SELECT format('INSERT (shop, kind, run, file_name, options, retries), UPDATE (%s)',
                                                 string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum))
                                   FROM pg_catalog.pg_attribute a
                                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                     AND a.attname NOT IN ('upload_id', 'uploaded_by', 'begun_at'))
                              WHEN c.relname = 'bundle' THEN
                                  (SELECT format('INSERT (%1$s), UPDATE (%1$s), DELETE',
                                                 string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum))
                                   FROM pg_catalog.pg_attribute a
                                   WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                     AND a.attname NOT IN ('bundle_id', 'saved_by', 'saved_at'))
                              WHEN c.relname IN ('upload_part', 'rejected_row') THEN 'INSERT, UPDATE, DELETE'
                              WHEN c.relname IN ('shop_order', 'order_line', 'variant', 'inventory_level', 'catalog_item')
                              THEN 'INSERT, UPDATE'
                              WHEN c.relname IN ('shop', 'bundle_event') THEN 'INSERT' END END,
                     CASE WHEN grants_of.level = 'admin' THEN
                         CASE WHEN c.relname IN ('upload', 'shop_order', 'order_line', 'variant', 'inventory_level',
                                                 'catalog_item') THEN 'DELETE'
                              WHEN c.relname = 'shop' THEN 'UPDATE, DELETE'
                              WHEN c.relname = 'column_alias' THEN 'INSERT, UPDATE, DELETE' END END)
    FROM pg_catalog.pg_extension e, pg_catalog.pg_depend d, pg_catalog.pg_class c, pg_catalog.pg_namespace n
    WHERE e.extname = 'tradeup_bundles' AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid
      AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'v')
      AND n.oid = c.relnamespace
    UNION ALL
    /* A bundle that changes gets another number. */
    SELECT 'SEQUENCE', 'tradeup_bundles.bundle_bundle_id_seq', 'USAGE' WHERE grants_of.level IN ('desk', 'admin');
END;
COMMENT ON FUNCTION tradeup_bundles_internal.grants_of(text) IS
    'The privileges that a reader, a desk or an admin has, object by object';

CREATE OR REPLACE FUNCTION tradeup_bundles_internal.require_grantable(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'role must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Create it first: CREATE ROLE. Upper and lower case differ here.';
    ELSIF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c
               WHERE c.oid = 'tradeup_bundles.order_line'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the tables can grant rights on them'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.require_grantable(name) IS
    'The error when a role does not exist, or the caller does not own the tables; nothing otherwise';

-- GRANT takes no parameters, hence statements from strings; grants_of quotes its objects.
CREATE OR REPLACE FUNCTION tradeup_bundles_internal.grant_level(role name, level text) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_bundles_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object, g.privileges FROM tradeup_bundles_internal.grants_of(level) g LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', given.privileges, given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_bundles_internal.grant_level(name, text) IS
    'Grants a role the privileges of a level: reader, desk or admin';

CREATE OR REPLACE FUNCTION tradeup_bundles.grant_reader(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_bundles_internal.grant_level(role, 'reader'::text);
COMMENT ON FUNCTION tradeup_bundles.grant_reader(name) IS
    'Grants a role to read all: shops, uploads, orders, pairs, proposed and saved bundles, health';

CREATE OR REPLACE FUNCTION tradeup_bundles.grant_desk(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_bundles_internal.grant_level(role, 'desk'::text);
COMMENT ON FUNCTION tradeup_bundles.grant_desk(name) IS
    'Grants a role to read all, to upload files, and to save, approve and retire bundles';

CREATE OR REPLACE FUNCTION tradeup_bundles.grant_admin(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_bundles_internal.grant_level(role, 'admin'::text);
COMMENT ON FUNCTION tradeup_bundles.grant_admin(name) IS
    'Grants a role what a desk has, to write shops and aliases, and to delete what was loaded; decisions about bundles stay as '
    'they are';

CREATE OR REPLACE FUNCTION tradeup_bundles.revoke_grants(role name) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_bundles_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object FROM tradeup_bundles_internal.grants_of('admin'::text) g LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_bundles.revoke_grants(name) IS
    'Takes from a role whatever the owner granted on the schema, its tables, views and the sequence of bundles';
