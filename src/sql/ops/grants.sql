-- The grants of readers, desks and administrators. A desk chooses neither the number nor the role nor the time of a quote.

CREATE OR REPLACE FUNCTION tradeup_internal.grants_of(level text) RETURNS TABLE (kind text, object text, privileges text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 30
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT array_position('{reader,desk,admin}', grants_of.level) AS rank
        WHERE tradeup_internal.require_one_of('level'::text, grants_of.level, '{reader,desk,admin}'::text[])
    )
    SELECT 'SCHEMA', s.name, 'USAGE' FROM wanted, unnest('{tradeup,tradeup_bi}'::text[]) s (name)
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           concat_ws(', ', 'SELECT', CASE WHEN w.rank >= 2 AND c.relname = 'quote'
                                          THEN (SELECT format('INSERT (%s)',
                                                               string_agg(quote_ident(a.attname::text), ', ' ORDER BY a.attnum))
                                                FROM pg_catalog.pg_attribute a
                                                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                                                    AND a.attgenerated = ''
                                                  AND a.attname NOT IN ('quote_id', 'quoted_by', 'quoted_at'))
                                          WHEN w.rank >= 2 AND c.relname = 'quote_event' THEN 'INSERT' END,
                     CASE WHEN w.rank >= 3 AND c.relname IN ('vehicle', 'customer', 'program', 'program_profile', 'program_term',
                                                             'program_tier', 'program_region', 'program_default',
                                                             'inventory', 'offer_history')
                          THEN 'INSERT, UPDATE, DELETE' END)
    FROM wanted w
    JOIN pg_catalog.pg_extension e ON e.extname = 'tradeup'
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
                               AND d.classid = 'pg_catalog.pg_class'::regclass
    JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'v', 'm')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    UNION ALL
    /* What tradeup.vehicle shows of them needs no grant; health, and writing to one by its name, do. */
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           CASE WHEN w.rank >= 3 THEN 'SELECT, INSERT, UPDATE, DELETE' ELSE 'SELECT' END
    FROM wanted w
    CROSS JOIN tradeup_internal.vehicle_tables() t
    JOIN pg_catalog.pg_class c ON c.oid = t.relation
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE t.relation <> 'tradeup.vehicle'::pg_catalog.regclass;
END;
COMMENT ON FUNCTION tradeup_internal.grants_of(text) IS 'The privileges that a reader, a desk or an admin has, object by object';

CREATE OR REPLACE FUNCTION tradeup_internal.require_grantable(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'role must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Create it first: CREATE ROLE. Upper and lower case differ here.';
    ELSIF NOT (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'tradeup.quote'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the tables can grant rights on them'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_internal.require_grantable(name) IS
    'The error when a role does not exist, or the caller does not own the tables; nothing otherwise';

-- GRANT takes no parameters, hence statements from strings; grants_of quotes its objects.
CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_grant_level(role name, level text)
RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object, g.privileges FROM tradeup_internal.grants_of(level) g LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', given.privileges, given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_grant_level(name, text) IS 'The steps of grant_level';

CREATE OR REPLACE FUNCTION tradeup_internal.grant_level(role name, level text) RETURNS void
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup_internal.grant_level(name, text) IS 'Grants a role the privileges of a level: reader, desk or admin';

CREATE OR REPLACE FUNCTION tradeup.grant_reader(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_internal.grant_level(role, 'reader');
COMMENT ON FUNCTION tradeup.grant_reader(name) IS 'Grants a role to read all: offers, searches, quotes, statistics, health';

CREATE OR REPLACE FUNCTION tradeup.grant_desk(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_internal.grant_level(role, 'desk');
COMMENT ON FUNCTION tradeup.grant_desk(name) IS 'Grants a role to read all, to save quotes and to record their events';

CREATE OR REPLACE FUNCTION tradeup.grant_admin(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_internal.grant_level(role, 'admin');
COMMENT ON FUNCTION tradeup.grant_admin(name) IS
    'Grants a role what a desk has, and to write customers, vehicles and programs; quotes stay as they are';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_revoke_grants(role name)
RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object FROM tradeup_internal.grants_of('admin') g LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_revoke_grants(name) IS 'The steps of revoke_grants';

CREATE OR REPLACE FUNCTION tradeup.revoke_grants(role name) RETURNS void
LANGUAGE c COST 10000 AS 'MODULE_PATHNAME', 'of_steps';
COMMENT ON FUNCTION tradeup.revoke_grants(name) IS
    'Takes from a role whatever the owner granted on schema, tables, views and the sequence of quotes';
