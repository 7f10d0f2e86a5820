-- Health, for operators.

CREATE OR REPLACE FUNCTION tradeup.library_version() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION tradeup.library_version() IS 'The version of the library that this session has loaded';

CREATE OR REPLACE FUNCTION tradeup.unreadable(table_names text[]) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT string_agg('tradeup.' || t.name, ', ' ORDER BY t.place)
        FROM unnest(table_names) WITH ORDINALITY t (name, place)
        WHERE NOT has_table_privilege('tradeup.' || quote_ident(t.name), 'SELECT'));
COMMENT ON FUNCTION tradeup.unreadable(text[]) IS
    'Those of these tables of the extension that the role may not read; null: it may read all';

-- Each function of health gives its checks with the tables that they read, so that health can say what row-level security
-- hides. Their work is bounded: look-ups in the catalogue, by key, and samples.
CREATE OR REPLACE FUNCTION tradeup.health_of_installation()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 5 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    installed text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'tradeup');
    library text := tradeup.library_version();
    leads_to text;
    found text;
BEGIN
    reads := '{}';
    check_name := 'version';
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

    check_name := 'price indexes';
    SELECT string_agg(format('%s is %s', x.name, CASE WHEN i.indexrelid IS NULL THEN 'missing' ELSE 'invalid' END),
                      ', ' ORDER BY x.name),
           string_agg(CASE WHEN i.indexrelid IS NULL
                      THEN format('CREATE INDEX %s ON tradeup.vehicle %s WHERE status = ''available'';', x.name, x.columns)
                           ELSE format('REINDEX INDEX tradeup.%s;', x.name) END, ' ' ORDER BY x.name)
    INTO value, advice
    FROM (VALUES ('vehicle_available_by_price', '(price, vehicle_id) INCLUDE (make, body, region, year, kilometers)'),
                 ('vehicle_available_by_year', '(coalesce(year, 0), price, vehicle_id)'),
                 ('vehicle_available_by_kilometers', '(coalesce(kilometers, 2147483647), price, vehicle_id)')) x (name, columns)
    LEFT JOIN pg_index i ON i.indexrelid = to_regclass('tradeup.' || x.name) AND i.indrelid = 'tradeup.vehicle'::regclass
    WHERE i.indexrelid IS NULL OR NOT i.indisvalid OR NOT i.indisready OR NOT i.indislive;
    status := CASE WHEN value IS NULL THEN 'ok' ELSE 'failed' END;
    value := coalesce(value, 'present and valid');
    RETURN NEXT;

    check_name := 'protection';
    SELECT string_agg(format('%s on %s is %s', x.trigger, x.relation, CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R'
                             THEN 'disabled' ELSE 'missing' END), ', '
                      ORDER BY x.relation, x.trigger)
    INTO value
    FROM (VALUES ('program', 'protect_published_program'), ('program', 'carry_program_parts'), ('program', 'refuse_truncate'),
                 ('program_profile', 'protect_published_parts'), ('program_profile', 'refuse_truncate'),
                 ('program_term', 'protect_published_parts'), ('program_term', 'refuse_truncate'),
                 ('program_tier', 'protect_published_parts'), ('program_tier', 'refuse_truncate'),
                 ('quote', 'check_quotes'), ('quote', 'refuse_quote_change'), ('quote', 'check_quote_deletion'),
                 ('quote_event', 'stamp_quote_event'), ('quote_event', 'check_quote_events'),
                 ('quote_event', 'refuse_quote_change'), ('quote_event', 'check_quote_deletion'),
                 ('quote_retention', 'delete_purged_quotes'), ('quote_retention', 'refuse_quote_change')) x (relation, trigger)
    LEFT JOIN pg_trigger t ON t.tgrelid = to_regclass('tradeup.' || x.relation) AND t.tgname = x.trigger AND NOT t.tgisinternal
    WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A');
    status := CASE WHEN value IS NULL THEN 'ok' ELSE 'failed' END;
    advice := CASE WHEN value IS NOT NULL
        THEN 'Published programs, quotes or events can be changed: ALTER TABLE ... ENABLE TRIGGER ...; then look at what '
             'changed.' END;
    value := coalesce(value, 'triggers enabled');
    RETURN NEXT;

    check_name := 'schema';
    SELECT string_agg(x.who, ', ' ORDER BY x.who) INTO value
    FROM (SELECT DISTINCT coalesce(r.rolname::text, 'PUBLIC') AS who
          FROM pg_namespace n CROSS JOIN LATERAL aclexplode(n.nspacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
          WHERE n.nspname = 'tradeup' AND a.privilege_type = 'CREATE' AND a.grantee <> n.nspowner) x;
    SELECT string_agg(x.object, ', ' ORDER BY x.object COLLATE "C") INTO found
    FROM (SELECT pg_describe_object(d.classid, d.objid, 0) AS object
          FROM pg_depend d
          WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'tradeup'::regnamespace AND d.deptype = 'n'
            AND NOT EXISTS (SELECT FROM pg_depend m JOIN pg_extension e ON e.oid = m.refobjid AND e.extname = 'tradeup'
                            WHERE m.classid = d.classid AND m.objid = d.objid AND m.deptype = 'e'
                              AND m.refclassid = 'pg_extension'::regclass)
          ORDER BY 1 LIMIT 10) x;
    status := CASE WHEN value IS NULL AND found IS NULL THEN 'ok' ELSE 'failed' END;
    advice := nullif(concat_ws(' ',
        CASE WHEN value IS NOT NULL
            THEN 'Whoever may create objects there runs code as whoever calls: REVOKE CREATE ON SCHEMA tradeup FROM ...;' END,
        CASE WHEN found IS NOT NULL
            THEN 'Look who made the objects that are no part of the extension, and drop or move them.' END), '');
    value := coalesce(concat_ws('; ', 'CREATE for ' || value, 'not of the extension: ' || found), '');
    value := CASE WHEN value = '' THEN 'objects of the extension alone' ELSE value END;
    RETURN NEXT;

    check_name := 'watched tables';
    SELECT string_agg(format('%s %s', w.relation, w.watched), ', ' ORDER BY w.relation::text COLLATE "C"),
           string_agg(CASE WHEN w.watched <> 'watched' THEN w.relation::text END, ', ' ORDER BY w.relation::text COLLATE "C")
    INTO value, found
    FROM (SELECT t.tgrelid::regclass AS relation,
                 CASE WHEN count(*) FILTER (WHERE t.tgenabled IN ('O', 'A')) = 4 THEN 'watched'
                     ELSE 'watched in part' END AS watched
          FROM pg_trigger t WHERE t.tgfoid = 'tradeup.notify_offer_changes()'::regprocedure AND NOT t.tgisinternal
          GROUP BY t.tgrelid) w
    /* Children that are watched with their parent are counted by a check of their own. */
    WHERE w.watched <> 'watched'
       OR NOT EXISTS (SELECT FROM pg_inherits i JOIN pg_trigger t ON t.tgrelid = i.inhparent
                      WHERE i.inhrelid = w.relation AND NOT t.tgisinternal
                        AND t.tgfoid = 'tradeup.notify_offer_changes()'::regprocedure);
    status := CASE WHEN found IS NULL THEN 'ok' ELSE 'warning' END;
    advice := CASE WHEN found IS NOT NULL
        THEN format('Triggers of %s are disabled or missing: enable them, or call watch_inventory again.', found) END;
    value := coalesce(value, 'none');
    RETURN NEXT;

    check_name := 'row-level security';
    SELECT string_agg(DISTINCT c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text) INTO found
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'tradeup'::regnamespace AND NOT c.relrowsecurity;
    SELECT format('%s policies', count(*)) INTO value
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'tradeup'::regnamespace;
    status := CASE WHEN found IS NULL THEN 'ok' ELSE 'warning' END;
    advice := CASE WHEN found IS NOT NULL
        THEN format('Policies without effect on %s: ALTER TABLE ... ENABLE ROW LEVEL SECURITY, or drop them.', found) END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_installation() IS
    'The checks of health on versions, indexes, triggers and policies, each with the tables that it reads';

CREATE OR REPLACE FUNCTION tradeup.health_of_watched_children()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    most CONSTANT integer := 5; /* to name */
    found record;
BEGIN
    check_name := 'children of watched tables';
    reads := '{}';
    WITH RECURSIVE watched AS (
        SELECT DISTINCT t.tgrelid::regclass AS relation
        FROM pg_trigger t WHERE t.tgfoid = 'tradeup.notify_offer_changes()'::regprocedure AND NOT t.tgisinternal
    ), below AS (
        SELECT w.relation AS parent, c.child, c.is_foreign FROM watched w CROSS JOIN LATERAL tradeup.children_of(w.relation) c
        UNION
        SELECT b.parent, c.child, c.is_foreign FROM below b CROSS JOIN LATERAL tradeup.children_of(b.child) c
    ), judged AS (
        SELECT b.parent::text AS parent, b.child::text AS child, b.is_foreign, w.relation IS NOT NULL AS watched
        FROM below b LEFT JOIN watched w ON w.relation = b.child
        WHERE b.parent NOT IN (SELECT x.child FROM below x)
    ), named AS (
        SELECT j.child, row_number() OVER (ORDER BY j.child COLLATE "C") AS place
        FROM (SELECT DISTINCT j.child FROM judged j WHERE NOT j.watched) j
    )
    SELECT (SELECT count(DISTINCT j.child) FROM judged j WHERE j.watched) AS watched,
           (SELECT string_agg(n.child, ', ' ORDER BY n.place) FROM named n WHERE n.place <= most) AS unwatched,
           (SELECT greatest(max(n.place) - most, 0) FROM named n) AS more,
           (SELECT string_agg(DISTINCT j.parent, ', ' ORDER BY j.parent)
            FROM judged j WHERE NOT j.watched AND NOT j.is_foreign) AS again,
           (SELECT string_agg(DISTINCT j.parent, ', ' ORDER BY j.parent) FROM judged j WHERE j.is_foreign) AS impossible
    INTO found;
    status := CASE WHEN found.impossible IS NOT NULL THEN 'failed' WHEN found.again IS NOT NULL THEN 'warning' ELSE 'ok' END;
    value := CASE WHEN found.watched = 0 AND found.unwatched IS NULL THEN 'none' ELSE format('%s watched', found.watched) END
          || coalesce('; not watched: ' || found.unwatched, '')
          || CASE WHEN found.more > 0 THEN format(' and %s more', found.more) ELSE '' END;
    advice := nullif(concat_ws(' ',
        CASE WHEN found.again IS NOT NULL
             THEN format('Statements on them tell nothing: call watch_inventory again, with the same arguments, for %s.',
                         found.again) END,
        CASE WHEN found.impossible IS NOT NULL
             THEN format('Statements that change foreign tables through %s fail: call unwatch_inventory for it, and watch the '
                         'local tables below it one by one.', found.impossible) END), '');
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_watched_children() IS
    'The check of health on partitions and children of watched tables that are not watched themselves';

CREATE OR REPLACE FUNCTION tradeup.health_of_programs()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 2 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    standing text;
BEGIN
    check_name := 'default program';
    reads := '{program,program_default,current_program}';
    IF tradeup.unreadable(reads) IS NOT NULL THEN
        status := 'unknown';
    ELSE
        standing := (SELECT d.program FROM tradeup.program_default d);
        value := coalesce(standing, 'none');
        IF standing IS NULL THEN
            status := 'warning';
            advice := 'Customers without a program of their own have no offers: set_default_program(program).';
        ELSIF EXISTS (SELECT FROM tradeup.current_program p WHERE p.name = standing) THEN
            status := 'ok';
        ELSE
            status := 'failed';
            advice := format('No published version of program "%s" is valid today: publish one, or call set_default_program.',
                             standing);
        END IF;
    END IF;
    RETURN NEXT;

    check_name := 'programs that end';
    reads := '{program,current_program}';
    status := 'unknown';
    value := NULL;
    advice := NULL;
    IF tradeup.unreadable(reads) IS NULL THEN
        SELECT string_agg(format('%s on %s', p.name, p.valid_to), ', ' ORDER BY p.valid_to, p.name) INTO value
        FROM tradeup.current_program p
        WHERE p.valid_to <= tradeup.today() + 30
          AND NOT EXISTS (SELECT FROM tradeup.program n
                          WHERE n.name = p.name AND n.published_at IS NOT NULL
                            AND (n.valid_from IS NULL OR n.valid_from <= p.valid_to)
                            AND (n.valid_to IS NULL OR n.valid_to > p.valid_to));
        status := CASE WHEN value IS NULL THEN 'ok' ELSE 'warning' END;
        advice := CASE WHEN value IS NOT NULL THEN 'From that day there are no offers of it: publish a version that follows.' END;
        value := coalesce(value, 'none within 30 days');
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_programs() IS
    'The checks of health on programs, each with the tables that it reads';

CREATE OR REPLACE FUNCTION tradeup.health_of_customer_programs()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    wrong record;
BEGIN
    /* Pairs of program and profile are few and come from the index, each by one look into it; customers are counted for
       those only that are wrong, and no further than 1000 for each. */
    check_name := 'programs of customers';
    reads := '{customer,program,program_profile,program_term,program_default,current_program}';
    status := 'unknown';
    IF tradeup.unreadable(reads) IS NULL THEN
        WITH RECURSIVE named AS (
            (SELECT c.program, c.risk_profile FROM tradeup.customer c WHERE c.program IS NOT NULL ORDER BY c.program,
             c.risk_profile LIMIT 1)
            UNION ALL
            SELECT n.program, n.risk_profile
            FROM named p CROSS JOIN LATERAL (
                SELECT c.program, c.risk_profile FROM tradeup.customer c
                WHERE (c.program, c.risk_profile) > (p.program, p.risk_profile) ORDER BY c.program, c.risk_profile LIMIT 1) n
        ), unnamed AS (
            (SELECT c.risk_profile FROM tradeup.customer c WHERE c.program IS NULL ORDER BY c.program, c.risk_profile LIMIT 1)
            UNION ALL
            SELECT n.risk_profile
            FROM unnamed p CROSS JOIN LATERAL (
                SELECT c.risk_profile FROM tradeup.customer c
                WHERE c.program IS NULL AND c.risk_profile > p.risk_profile ORDER BY c.program, c.risk_profile LIMIT 1) n
        ), looked_at AS (
            SELECT x.own_program, x.risk_profile,
                coalesce(x.own_program, (SELECT d.program FROM tradeup.program_default d)) AS program
            FROM (SELECT n.program AS own_program, n.risk_profile FROM named n UNION ALL SELECT NULL, u.risk_profile
                  FROM unnamed u) x
            LIMIT 10000
        ), judged AS (
            SELECT x.own_program, x.risk_profile, x.program,
                   CASE WHEN p.name IS NULL THEN 'program' WHEN f.profile IS NULL THEN 'profile' ELSE 'term' END AS lacks
            FROM looked_at x
            LEFT JOIN tradeup.current_program p ON p.name = x.program
            LEFT JOIN tradeup.program_profile f ON f.program = p.name AND f.version = p.version AND f.profile = x.risk_profile
            WHERE f.profile IS NULL
               OR NOT EXISTS (SELECT FROM tradeup.program_term t
                              WHERE t.program = p.name AND t.version = p.version
                                AND (p.max_adjusted_rate IS NULL OR f.annual_rate + t.rate_adjustment <= p.max_adjusted_rate))
        ), counted AS (
            SELECT j.lacks, s.customers, s.first,
                   format(' (customer "%s", %s, profile "%s")', tradeup.shown(s.first),
                          coalesce('program "' || tradeup.shown(j.program) || '"', 'no program'),
                          tradeup.shown(j.risk_profile)) AS example
            FROM judged j
            CROSS JOIN LATERAL (
                SELECT count(*) AS customers, min(y.customer_id COLLATE "C") AS first
                FROM (SELECT c.customer_id FROM tradeup.customer c
                      WHERE j.own_program IS NULL AND c.program IS NULL AND c.risk_profile = j.risk_profile LIMIT 1000) y
                WHERE j.own_program IS NULL
                UNION ALL
                SELECT count(*), min(y.customer_id COLLATE "C")
                FROM (SELECT c.customer_id FROM tradeup.customer c
                      WHERE c.program = j.own_program AND c.risk_profile = j.risk_profile LIMIT 1000) y
                WHERE j.own_program IS NOT NULL) s
            WHERE s.customers > 0
        ), summed AS (
            SELECT c.lacks, CASE WHEN bool_or(c.customers = 1000) THEN 'at least ' ELSE '' END || sum(c.customers) AS many,
                   (array_agg(c.example ORDER BY c.first COLLATE "C"))[1] AS example
            FROM counted c GROUP BY c.lacks
        )
        SELECT max(s.many || ' without a valid program' || s.example) FILTER (WHERE s.lacks = 'program') AS program,
               max(s.many || ' whose profile their program has not' || s.example) FILTER (WHERE s.lacks = 'profile') AS profile,
               max(s.many || ' for whose rate their program has no term' || s.example) FILTER (WHERE s.lacks = 'term') AS term
        INTO wrong FROM summed s;
        value := coalesce(nullif(concat_ws(', ', wrong.program, wrong.profile, wrong.term), ''), 'all valid');
        status := CASE WHEN wrong.program IS NOT NULL THEN 'failed' WHEN value = 'all valid' THEN 'ok' ELSE 'warning' END;
        advice := CASE WHEN status <> 'ok'
            THEN 'They get no offers: correct customer.program and customer.risk_profile, or publish what they need.' END;
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_customer_programs() IS
    'The check of health on customers who have no offers, for want of a valid program, of its profile or of a term';

CREATE OR REPLACE FUNCTION tradeup.health_of_payments()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    pages CONSTANT integer := 300; /* to read of the customers */
    share double precision;
    found record;
BEGIN
    check_name := 'payments of customers';
    reads := '{customer}';
    status := 'unknown';
    IF tradeup.unreadable(reads) IS NULL THEN
        share := least(1, pages / greatest(pg_relation_size('tradeup.customer')
                                           / current_setting('block_size')::double precision, 1));
        SELECT count(*) AS customers, count(*) FILTER (WHERE c.current_payment IS NULL) AS without,
               min(c.customer_id COLLATE "C") FILTER (WHERE c.current_payment IS NULL) AS example
        INTO found
        FROM tradeup.customer c TABLESAMPLE system (100 * share);
        status := CASE WHEN 2 * found.without > found.customers THEN 'warning' ELSE 'ok' END;
        value := format('%s%s without a current payment', CASE WHEN share < 1 THEN 'about ' ELSE '' END,
                        round(found.without / share))
              || coalesce(' (customer "' || tradeup.shown(found.example) || '")', '');
        advice := CASE WHEN status <> 'ok' THEN 'Without it an offer has no tier, and portfolios leave the customer out: '
                                                'fill customer.current_payment.' END;
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_payments() IS
    'The check of health on customers without a current payment, whose offers have no tier, in a sample';

CREATE OR REPLACE FUNCTION tradeup.health_of_unknown_vehicles()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 1 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    pages CONSTANT integer := 300; /* to read of the inventory */
    share double precision;
    asked record;
    found record;
BEGIN
    check_name := 'vehicles that programs ask about';
    reads := '{vehicle,customer,program,program_default,current_program}';
    status := 'unknown';
    IF tradeup.unreadable(reads) IS NULL THEN
        /* Whether somebody has a program is one look into the index, where an EXISTS might read all customers. */
        SELECT coalesce(bool_or(num_nonnulls(p.min_year, p.max_age) > 0), false) AS year,
               coalesce(bool_or(p.max_kilometers IS NOT NULL), false) AS kilometers,
               coalesce(bool_or(p.makes IS NOT NULL), false) AS make
        INTO asked
        FROM tradeup.current_program p
        WHERE num_nonnulls(p.min_year, p.max_age, p.max_kilometers, p.makes) > 0
          AND (p.name IN (SELECT d.program FROM tradeup.program_default d)
               OR (SELECT c.program FROM tradeup.customer c WHERE c.program = p.name LIMIT 1) IS NOT NULL);
        share := least(1, pages / greatest(pg_relation_size('tradeup.vehicle')
                                           / current_setting('block_size')::double precision, 1));
        SELECT count(*) AS without, (array_agg(x.vehicle_id ORDER BY x.vehicle_id))[1] AS example,
               (array_agg(x.lacks ORDER BY x.vehicle_id))[1] AS lacks
        INTO found
        FROM (SELECT v.vehicle_id, concat_ws(', ', CASE WHEN asked.year AND v.year IS NULL THEN 'year' END,
                                             CASE WHEN asked.kilometers AND v.kilometers IS NULL THEN 'kilometers' END,
                                             CASE WHEN asked.make AND v.make IS NULL THEN 'make' END) AS lacks
              FROM tradeup.vehicle v TABLESAMPLE system (100 * share)
              WHERE v.status = 'available' AND (asked.year OR asked.kilometers OR asked.make)) x
        WHERE x.lacks <> '';
        status := CASE WHEN found.without = 0 THEN 'ok' ELSE 'warning' END;
        value := format('%s%s lack what a program asks', CASE WHEN share < 1 THEN 'about ' ELSE '' END,
                        round(found.without / share))
              || coalesce(' (vehicle "' || tradeup.shown(found.example) || '": ' || found.lacks || ')', '');
        advice := CASE WHEN found.without > 0 THEN 'Such a program makes no offers of them: fill year, kilometers and make.' END;
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_unknown_vehicles() IS
    'The check of health on available vehicles without the year, kilometres or make that a program in use asks for, in a sample';

CREATE OR REPLACE FUNCTION tradeup.health_of_tables()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 4 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    measured boolean := current_setting('track_counts')::boolean;
    vehicles record;
    stale text;
    pages CONSTANT integer := 300; /* to read of the inventory */
    share double precision;
    stock record;
BEGIN
    SELECT c.reltuples, c.relpages, c.relallvisible, s.seq_scan,
           (SELECT i.idx_scan FROM pg_stat_user_indexes i
            WHERE i.indexrelid = to_regclass('tradeup.vehicle_available_by_price')) AS index_scans
    INTO vehicles
    FROM pg_class c LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid WHERE c.oid = 'tradeup.vehicle'::regclass;
    reads := '{}';

    check_name := 'price index is used';
    value := format('%s scans of the index, %s of the table', coalesce(vehicles.index_scans, 0), coalesce(vehicles.seq_scan, 0));
    IF NOT measured THEN
        status := 'unknown';
        advice := 'Nothing is counted: set track_counts = on.';
    ELSIF vehicles.reltuples >= 10000 AND vehicles.seq_scan >= 100 AND coalesce(vehicles.index_scans, 0) = 0 THEN
        status := 'warning';
        advice := 'A large table is read from end to end and its index never: look at EXPLAIN of your queries; compare price '
                  'with bounds.';
    ELSE
        status := 'ok';
    END IF;
    RETURN NEXT;

    check_name := 'planner statistics';
    SELECT string_agg(format('%s: %s of %s rows changed, last analyzed %s', s.relname, s.n_mod_since_analyze,
                             greatest(s.n_live_tup, 0),
                             coalesce(greatest(s.last_analyze, s.last_autoanalyze)::date::text, 'never')),
                                 '; ' ORDER BY s.relname),
           string_agg(format('ANALYZE tradeup.%I;', s.relname), ' ' ORDER BY s.relname)
    INTO stale, advice
    FROM pg_stat_user_tables s
    WHERE s.schemaname = 'tradeup' AND s.relname IN ('vehicle', 'customer', 'quote', 'quote_event')
      AND s.n_mod_since_analyze > 500 + 0.2 * greatest((SELECT c.reltuples FROM pg_class c WHERE c.oid = s.relid), 0);
    IF NOT measured THEN
        status := 'unknown';
        value := NULL;
        advice := 'Nothing is counted: set track_counts = on.';
    ELSE
        status := CASE WHEN stale IS NULL THEN 'ok' ELSE 'warning' END;
        value := coalesce(stale, 'fresh');
    END IF;
    RETURN NEXT;

    check_name := 'visibility map';
    value := format('%s of %s pages', vehicles.relallvisible, vehicles.relpages);
    status := CASE WHEN vehicles.relpages >= 100 AND vehicles.relallvisible < 0.8 * vehicles.relpages THEN 'warning'
        ELSE 'ok' END;
    advice := CASE WHEN status <> 'ok'
        THEN 'Scans of the price index must look into the table: VACUUM tradeup.vehicle, and let autovacuum run more often.' END;
    RETURN NEXT;

    check_name := 'inventory';
    reads := '{vehicle}';
    value := NULL;
    advice := NULL;
    status := 'unknown';
    IF tradeup.unreadable(reads) IS NULL THEN
        share := least(1, pages / greatest(pg_relation_size('tradeup.vehicle') / current_setting('block_size')::double precision,
                                           1));
        SELECT count(*) AS available, count(*) FILTER (WHERE v.listed_on < tradeup.today() - 180) AS old,
               count(*) FILTER (WHERE v.listed_on IS NULL) AS undated, max(v.listed_on) AS newest
        INTO stock
        FROM tradeup.vehicle v TABLESAMPLE system (100 * share) WHERE v.status = 'available';
        value := format('%s%s available, %s%% listed over 180 days ago, newest %s, %s%% without a day',
                        CASE WHEN share < 1 THEN 'about ' ELSE '' END,
                        round(stock.available / share), coalesce(round(100.0 * stock.old / nullif(stock.available, 0)), 0),
                        coalesce(stock.newest::text, 'unknown'),
                            coalesce(round(100.0 * stock.undated / nullif(stock.available, 0)), 0));
        CASE
            WHEN stock.available = 0 THEN
                status := 'warning';
                advice := 'Nobody has offers: load tradeup.vehicle.';
            WHEN 2 * stock.undated > stock.available THEN
                advice := 'Most vehicles have no day of listing: fill vehicle.listed_on.';
            WHEN stock.newest < tradeup.today() - 30 THEN
                status := 'warning';
                advice := 'Nothing was listed for 30 days: see whether the loading of vehicles still runs.';
            WHEN 2 * stock.old > stock.available THEN
                status := 'warning';
                advice := 'More than half is older than 180 days: see whether sold vehicles are marked.';
            ELSE
                status := 'ok';
        END CASE;
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_tables() IS
    'The checks of health on statistics, scans and the inventory, each with the tables that it reads';

CREATE OR REPLACE FUNCTION tradeup.health_of_quotes()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 100000 ROWS 2 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    sampled bigint;
    wrong bigint;
    examples text;
BEGIN
    check_name := 'quotes verify';
    reads := '{quote,quote_event,program,program_profile,program_term}';
    status := 'unknown';
    IF tradeup.unreadable(reads) IS NULL THEN
        SELECT count(*), count(*) FILTER (WHERE NOT x.verifies),
               string_agg(x.quote_id::text, ', ' ORDER BY x.quote_id) FILTER (WHERE NOT x.verifies)
        INTO sampled, wrong, examples
        FROM (SELECT q.quote_id, tradeup.quote_verifies(q) AS verifies
              FROM tradeup.some_quotes(100) s (quote_id) JOIN tradeup.quote q ON q.quote_id = s.quote_id) x;
        status := CASE WHEN wrong = 0 THEN 'ok' ELSE 'failed' END;
        value := format('%s of %s in a sample fail', wrong, sampled);
        advice := CASE WHEN wrong > 0
            THEN format('Somebody changed figures of quote %s: SELECT * FROM verify_quote(...) WHERE NOT equal.',
                        left(examples, 100)) END;
    END IF;
    RETURN NEXT;

    check_name := 'open quotes past their time';
    reads := '{quote,quote_event}';
    status := 'unknown';
    value := NULL;
    advice := NULL;
    IF tradeup.unreadable(reads) IS NULL THEN
        SELECT count(*), count(*) FILTER (WHERE q.valid_until < statement_timestamp() - interval '1 day'
                                            AND NOT EXISTS (SELECT FROM tradeup.quote_event e
                                                            WHERE e.quote_id = q.quote_id
                                                                AND e.event IN ('accepted', 'rejected', 'withdrawn', 'expired')))
        INTO sampled, wrong
        FROM tradeup.some_quotes(1000) s (quote_id) JOIN tradeup.quote q ON q.quote_id = s.quote_id;
        status := CASE WHEN wrong = 0 THEN 'ok' ELSE 'warning' END;
        value := format('%s of %s in a sample, by more than a day', wrong, sampled);
        advice := CASE WHEN wrong > 0 THEN 'SELECT tradeup.expire_quotes(); run it every day.' END;
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_quotes() IS
    'The checks of health on a sample of quotes, each with the tables that it reads';

CREATE OR REPLACE FUNCTION tradeup.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE sql STABLE COST 200000 ROWS 21
BEGIN ATOMIC
    SELECT h.check_name, CASE WHEN h.status = 'ok' AND r.hidden IS NOT NULL THEN 'unknown' ELSE h.status END, h.value,
           CASE WHEN r.unreadable IS NOT NULL THEN format('GRANT SELECT ON %s TO %I;', r.unreadable, current_user)
                WHEN r.hidden IS NOT NULL
                THEN concat_ws(' ', h.advice,
                               format('Row-level security may hide rows of %s: ask as a role that sees all of them.', r.hidden))
                ELSE h.advice END
    FROM (SELECT a.* FROM tradeup.health_of_installation() a
          UNION ALL SELECT w.* FROM tradeup.health_of_watched_children() w
          UNION ALL SELECT b.* FROM tradeup.health_of_programs() b
          UNION ALL SELECT k.* FROM tradeup.health_of_customer_programs() k
          UNION ALL SELECT m.* FROM tradeup.health_of_payments() m
          UNION ALL SELECT u.* FROM tradeup.health_of_unknown_vehicles() u
          UNION ALL SELECT c.* FROM tradeup.health_of_tables() c
          UNION ALL SELECT d.* FROM tradeup.health_of_quotes() d
          UNION ALL SELECT e.* FROM tradeup.health_of_integrity() e) h
    CROSS JOIN LATERAL (
        SELECT tradeup.unreadable(h.reads) AS unreadable,
               (SELECT string_agg('tradeup.' || t.name, ', ' ORDER BY t.name)
                FROM unnest(h.reads) t (name) WHERE row_security_active('tradeup.' || quote_ident(t.name))) AS hidden) r;
END;
COMMENT ON FUNCTION tradeup.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
