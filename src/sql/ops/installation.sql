-- Health of what was installed: versions, indexes, triggers, privileges, policies.

CREATE OR REPLACE FUNCTION tradeup_internal.library_version() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup_internal.library_version() IS 'The version of the library that this session has loaded';

CREATE OR REPLACE FUNCTION tradeup_internal.health_version() RETURNS TABLE (status text, value text, advice text)
LANGUAGE plpgsql STABLE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    installed text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'tradeup');
    library text := tradeup_internal.library_version();
    leads_to text;
BEGIN
    status := 'failed';
    /* The files that are installed tell to which versions this one can be updated. */
    BEGIN
        SELECT max(p.target) FILTER (WHERE p.target = library OR library = installed) INTO leads_to
        FROM pg_extension_update_paths('tradeup') p
        WHERE p.source = installed AND p.path IS NOT NULL AND p.target <> installed;
        value := format('library %s, extension %s', library, coalesce(installed, 'none'));
        IF installed IS NULL THEN
            advice := 'The objects belong to no extension: restore a dump into a new database.';
        ELSIF leads_to = library THEN
            status := 'warning';
            advice := 'ALTER EXTENSION tradeup UPDATE;';
        ELSIF library <> installed THEN
            advice := 'The library of this session is of another version: connect anew; if it stays, install the files again.';
        ELSIF leads_to IS NOT NULL THEN
            status := 'warning';
            advice := format('Files of version %s are there: connect anew, then ALTER EXTENSION tradeup UPDATE;', leads_to);
        ELSE
            status := 'ok';
        END IF;
    EXCEPTION WHEN OTHERS THEN
        value := SQLERRM;
        advice := 'The files of the extension are not to be read: install them again.';
    END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup_internal.health_version() IS
    'Health: library, extension and the files on the server are of one version';

CREATE OR REPLACE FUNCTION tradeup_internal.health_price_indexes() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH lacking AS (
        SELECT 1 AS place, x.name,
               x.name || ' is ' || CASE WHEN i.indexrelid IS NULL THEN 'missing' ELSE 'invalid' END AS problem,
               CASE WHEN i.indexrelid IS NULL
                    THEN format('CREATE INDEX %s ON tradeup.vehicle %s WHERE status = ''available'';', x.name, x.columns)
                    ELSE format('REINDEX INDEX tradeup.%s;', x.name) END AS remedy
        FROM (VALUES ('vehicle_available_by_price',
                      '(currency, price_minor, vehicle_id) INCLUDE (make, body, region, dealer, year, kilometers)'),
                     ('vehicle_available_by_year',
                      '(currency, year NULLS FIRST, price_minor, vehicle_id) INCLUDE (make, dealer, kilometers)'),
                     ('vehicle_available_by_kilometers',
                      '(currency, kilometers, price_minor, vehicle_id) INCLUDE (make, dealer, year)'))
                 x (name, columns)
        LEFT JOIN pg_index i ON i.indexrelid = to_regclass('tradeup.' || x.name) AND i.indrelid = 'tradeup.vehicle'::regclass
        WHERE i.indexrelid IS NULL OR NOT i.indisvalid OR NOT i.indisready OR NOT i.indislive
        UNION ALL
        SELECT 2, t.relation || ' ' || l.like_index, format('%s of %s is %s', l.like_index, t.relation, l.state), l.remedy
        FROM tradeup_internal.vehicle_tables() t CROSS JOIN LATERAL tradeup_internal.indexes_lacking(t.relation) l
        WHERE NOT t.is_foreign AND t.relation <> 'tradeup.vehicle'::regclass
    )
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce(string_agg(l.problem, ', ' ORDER BY l.place, l.name COLLATE "C"), 'present and valid'),
           string_agg(l.remedy, ' ' ORDER BY l.place, l.name COLLATE "C")
    FROM lacking l;
END;
COMMENT ON FUNCTION tradeup_internal.health_price_indexes() IS
    'Health: the indexes of available vehicles are there and valid, those of the tables below as well';

CREATE OR REPLACE FUNCTION tradeup_internal.health_protection() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce(string_agg(format('%s on %s is %s', x.trigger, x.relation,
                                      CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'disabled' END), ', '
                               ORDER BY x.relation, x.trigger), 'triggers enabled'),
           CASE WHEN count(*) > 0
                THEN 'Published programs, quotes or events can be changed: ALTER TABLE ... ENABLE TRIGGER ...; then look at what '
                     'changed.' END
    FROM (VALUES ('program', 'protect_published_program'), ('program', 'carry_program_parts'), ('program', 'refuse_truncate'),
                 ('program_profile', 'protect_published_parts'), ('program_profile', 'refuse_truncate'),
                 ('program_term', 'protect_published_parts'), ('program_term', 'refuse_truncate'),
                 ('program_tier', 'protect_published_parts'), ('program_tier', 'refuse_truncate'),
                 ('program_region', 'protect_published_parts'), ('program_region', 'refuse_truncate'),
                 ('quote', 'check_quotes'), ('quote', 'refuse_quote_change'), ('quote', 'check_quote_deletion'),
                 ('quote_event', 'stamp_quote_event'), ('quote_event', 'check_quote_events'),
                 ('quote_event', 'refuse_quote_change'), ('quote_event', 'check_quote_deletion'),
                 ('quote_retention', 'delete_purged_quotes'), ('quote_retention', 'refuse_quote_change')) x (relation, trigger)
    LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('tradeup.' || x.relation) AND t.tgname = x.trigger AND NOT t.tgisinternal
    WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A');
END;
COMMENT ON FUNCTION tradeup_internal.health_protection() IS
    'Health: the triggers that guard published programs, quotes and events are there and enabled';

CREATE OR REPLACE FUNCTION tradeup_internal.health_schema() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH schemas AS (
        SELECT n.oid, n.nspname, n.nspowner, n.nspacl FROM pg_namespace n
        WHERE n.nspname IN ('tradeup', 'tradeup_bi', 'tradeup_internal')
    )
    SELECT CASE WHEN x.creators IS NULL AND x.strangers IS NULL THEN 'ok' ELSE 'failed' END,
           coalesce(nullif(concat_ws('; ', 'CREATE for ' || x.creators, 'not of the extension: ' || x.strangers), ''),
                    'objects of the extension alone'),
           nullif(concat_ws(' ',
               'Whoever may create objects there runs code as whoever calls: REVOKE CREATE ON SCHEMA ' || x.open || ' FROM ...;',
               CASE WHEN x.strangers IS NOT NULL
                    THEN 'Look who made the objects that are no part of the extension, and drop or move them.' END), '')
    FROM (SELECT (SELECT string_agg(DISTINCT coalesce(r.rolname::text, 'PUBLIC'), ', ')
                  FROM schemas s CROSS JOIN LATERAL aclexplode(s.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
                  WHERE a.privilege_type = 'CREATE' AND a.grantee <> s.nspowner) AS creators,
                 (SELECT string_agg(DISTINCT s.nspname::text, ', ')
                  FROM schemas s CROSS JOIN LATERAL aclexplode(s.nspacl) a
                  WHERE a.privilege_type = 'CREATE' AND a.grantee <> s.nspowner) AS open,
                 (SELECT string_agg(o.object, ', ' ORDER BY o.object COLLATE "C")
                  FROM (SELECT pg_describe_object(d.classid, d.objid, 0) AS object
                        FROM pg_depend d JOIN schemas s ON d.refobjid = s.oid
                        WHERE d.refclassid = 'pg_namespace'::regclass AND d.deptype = 'n'
                          AND NOT EXISTS (SELECT FROM pg_depend m JOIN pg_extension e ON e.oid = m.refobjid
                                          WHERE e.extname = 'tradeup' AND m.classid = d.classid AND m.objid = d.objid
                                            AND m.deptype = 'e' AND m.refclassid = 'pg_extension'::regclass)
                        ORDER BY 1 LIMIT 10) o) AS strangers) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_schema() IS
    'Health: only their owner may create objects in the schemas of the extension, and there are only those of the extension';

CREATE OR REPLACE FUNCTION tradeup_internal.health_row_level_security() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.idle IS NULL THEN 'ok' ELSE 'warning' END, format('%s policies', x.policies),
           'Policies without effect on ' || x.idle || ': ALTER TABLE ... ENABLE ROW LEVEL SECURITY, or drop them.'
    FROM (SELECT count(*) AS policies,
                 string_agg(DISTINCT c.oid::regclass::text, ', ') FILTER (WHERE NOT c.relrowsecurity) AS idle
          FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'tradeup'::regnamespace) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_row_level_security() IS
    'Health: every table that has policies has row-level security';

CREATE OR REPLACE FUNCTION tradeup_internal.health_policies_on_what_follows() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE hidden (relation, through) AS (
        SELECT c.oid, c.relname::text FROM pg_class c WHERE c.relnamespace = 'tradeup'::regnamespace AND c.relrowsecurity
    ), below AS (
        SELECT i.inhrelid AS relation, h.through FROM hidden h JOIN pg_inherits i ON i.inhparent = h.relation
        UNION
        SELECT i.inhrelid, b.through FROM below b JOIN pg_inherits i ON i.inhparent = b.relation
    ), follows AS (
        SELECT b.relation FROM below b
        UNION
        SELECT format('tradeup.%I', x.relation)::regclass::oid
        FROM hidden h
        JOIN (VALUES ('customer', 'quote'), ('customer', 'quote_event'), ('vehicle', 'quote'), ('vehicle', 'quote_event'),
                     ('quote', 'quote_event')) x (through, relation) ON x.through = h.through
    )
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce('without: ' || string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text), 'complete'),
           string_agg(format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', c.oid::regclass), ' ' ORDER BY c.oid::regclass::text)
           || ' Then add policies: what policies hide elsewhere is to be read there.'
    FROM follows f JOIN pg_class c ON c.oid = f.relation AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity;
END;
COMMENT ON FUNCTION tradeup_internal.health_policies_on_what_follows() IS
    'Health: where a table hides rows, so do its children and what says the same of them';
