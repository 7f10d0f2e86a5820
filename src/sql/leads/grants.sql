-- The grants of readers, desks, workers and administrators.

-- A desk makes leads, records events, outcomes and permissions, and sets toggles. A worker takes messages, sends them and says
-- so.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.grants_of(level text) RETURNS TABLE (kind text, object text, privileges text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 30
BEGIN ATOMIC
    SELECT 'SCHEMA', 'tradeup_leads', 'USAGE'
    WHERE tradeup_leads_internal.require_one_of('level'::text, grants_of.level, '{reader,desk,worker,admin}'::text[])
    UNION ALL
    SELECT 'TABLE', format('%I.%I', n.nspname, c.relname),
           concat_ws(', ', 'SELECT',
                     CASE WHEN grants_of.level IN ('desk', 'admin')
                               AND c.relname IN ('lead', 'outcome', 'prediction', 'contact_permission') THEN 'INSERT' END,
                     CASE WHEN grants_of.level IN ('desk', 'worker', 'admin') AND c.relname = 'lead_event' THEN 'INSERT' END,
                     CASE WHEN grants_of.level IN ('desk', 'admin') AND c.relname = 'open_lead' THEN 'INSERT, DELETE' END,
                     CASE WHEN grants_of.level IN ('desk', 'admin') AND c.relname = 'stressor_toggle'
                          THEN 'INSERT, UPDATE, DELETE' END,
                     CASE WHEN grants_of.level IN ('desk', 'admin') AND c.relname = 'message'
                          THEN 'INSERT (lead_id, customer_id, dealer, channel, priority, model, version, template, slots, '
                               'key, text)' END,
                     CASE WHEN grants_of.level IN ('worker', 'admin') AND c.relname = 'message'
                          THEN 'UPDATE (text, fallback, state, stage, attempts, lease, leased_by, leased_role, leased_until, '
                               'due_at, reason, written_at, sent_at)' END,
                     CASE WHEN grants_of.level = 'desk' AND c.relname = 'owned_vehicle' THEN 'UPDATE (evidence, observed_at)' END,
                     CASE WHEN grants_of.level = 'admin' AND c.relname = 'message' THEN 'DELETE' END,
                     CASE WHEN grants_of.level = 'admin'
                               AND c.relname IN ('risk_model', 'risk_cohort', 'stressor', 'stressor_rule', 'priority_rule',
                                                 'repair_value', 'contact_channel', 'message_template', 'owned_vehicle',
                                                 'vehicle_measure', 'lead_capacity', 'dealer_slots')
                          THEN 'INSERT, UPDATE, DELETE' END)
    FROM pg_catalog.pg_extension e
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
                               AND d.classid = 'pg_catalog.pg_class'::regclass
    JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'v')
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE e.extname = 'tradeup_leads'
    UNION ALL
    SELECT 'SEQUENCE', 'tradeup_leads.lead_lead_id_seq', 'USAGE' WHERE grants_of.level IN ('desk', 'admin');
END;
COMMENT ON FUNCTION tradeup_leads_internal.grants_of(text) IS
    'The privileges that a reader, a desk, a worker or an admin has, object by object';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.require_grantable(role name) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF role IS NULL THEN
        RAISE EXCEPTION 'role must not be null' USING ERRCODE = 'null_value_not_allowed';
    ELSIF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = role) THEN
        RAISE EXCEPTION 'role "%" does not exist', role
            USING ERRCODE = 'undefined_object', HINT = 'Create it first: CREATE ROLE. Upper and lower case differ here.';
    ELSIF NOT tradeup_leads_internal.may_restore('tradeup_leads.lead'::regclass) THEN
        RAISE EXCEPTION 'only the owner of the tables can grant rights on them'
            USING ERRCODE = 'insufficient_privilege', DETAIL = format('The role is "%s".', current_user);
    END IF;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.require_grantable(name) IS
    'The error when a role does not exist, or the caller does not own the tables; nothing otherwise';

-- GRANT takes no parameters, hence statements from strings; grants_of quotes its objects.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.grant_level(role name, level text) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_leads_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object, g.privileges FROM tradeup_leads_internal.grants_of(level) g LOOP
        EXECUTE format('GRANT %s ON %s %s TO %I', given.privileges, given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads_internal.grant_level(name, text) IS
    'Grants a role what a reader, a desk, a worker (of messages) or an admin needs';

CREATE OR REPLACE FUNCTION tradeup_leads.grant_reader(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'reader'::text);
COMMENT ON FUNCTION tradeup_leads.grant_reader(name) IS
    'Grants a role to read all: models, vehicles, leads, messages, outcomes, health';

CREATE OR REPLACE FUNCTION tradeup_leads.grant_desk(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'desk'::text);
COMMENT ON FUNCTION tradeup_leads.grant_desk(name) IS
    'Grants a role to read all, to make leads, to record events, outcomes and permissions, and to queue messages';

CREATE OR REPLACE FUNCTION tradeup_leads.grant_worker(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'worker'::text);
COMMENT ON FUNCTION tradeup_leads.grant_worker(name) IS
    'Grants a role to read all, and to take and finish messages';

CREATE OR REPLACE FUNCTION tradeup_leads.grant_admin(role name) RETURNS void LANGUAGE sql VOLATILE COST 10000
RETURN tradeup_leads_internal.grant_level(role, 'admin'::text);
COMMENT ON FUNCTION tradeup_leads.grant_admin(name) IS
    'Grants a role what a desk and a worker have, and to write models, vehicles, measures, capacities and slots';

CREATE OR REPLACE FUNCTION tradeup_leads.revoke_grants(role name) RETURNS void
LANGUAGE plpgsql COST 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    given record;
BEGIN
    PERFORM tradeup_leads_internal.require_grantable(role);
    FOR given IN SELECT g.kind, g.object FROM tradeup_leads_internal.grants_of('admin'::text) g LOOP
        EXECUTE format('REVOKE ALL ON %s %s FROM %I', given.kind, given.object, role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_leads.revoke_grants(name) IS
    'Takes from a role whatever the owner granted on the schema, its tables and views';
