-- Health of customers and of the inventory.

-- Pairs of program and profile are few and come from the index, each by one look into it; customers are counted for those only
-- that are wrong, and no further than 1000 for each.
CREATE OR REPLACE FUNCTION tradeup_internal.health_programs_of_customers() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE named AS (
        (SELECT c.program, c.risk_profile FROM tradeup.customer c WHERE c.program IS NOT NULL
         ORDER BY c.program, c.risk_profile LIMIT 1)
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
        FROM (SELECT n.program AS own_program, n.risk_profile FROM named n
              UNION ALL SELECT NULL, u.risk_profile FROM unnamed u) x
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
               format(' (customer "%s", %s, profile "%s")', tradeup_internal.shown(s.first),
                      coalesce('program "' || tradeup_internal.shown(j.program) || '"', 'no program'),
                      tradeup_internal.shown(j.risk_profile)) AS example
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
    ), found AS (
        SELECT max(s.many || ' without a valid program' || s.example) FILTER (WHERE s.lacks = 'program') AS program,
               max(s.many || ' whose profile their program has not' || s.example) FILTER (WHERE s.lacks = 'profile') AS profile,
               max(s.many || ' for whose rate their program has no term' || s.example) FILTER (WHERE s.lacks = 'term') AS term
        FROM summed s
    )
    SELECT CASE WHEN f.program IS NOT NULL THEN 'failed' WHEN num_nonnulls(f.profile, f.term) > 0 THEN 'warning' ELSE 'ok' END,
           coalesce(nullif(concat_ws(', ', f.program, f.profile, f.term), ''), 'all valid'),
           CASE WHEN num_nonnulls(f.program, f.profile, f.term) > 0
                THEN 'They get no offers: correct customer.program and customer.risk_profile, or publish what they need.' END
    FROM found f;
END;
COMMENT ON FUNCTION tradeup_internal.health_programs_of_customers() IS
    'Health: every customer has a valid program, with her profile and a term at her rate';

-- The first 10,000 customers of each program that taxes the difference: those of no program of their own belong to the default.
CREATE OR REPLACE FUNCTION tradeup_internal.health_trade_values_of_customers()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN f.unknown > 0 THEN 'warning' ELSE 'ok' END,
           CASE WHEN f.programs = 0 THEN 'no program taxes the difference'
                WHEN f.unknown = 0 THEN 'all known'
                ELSE format('%s of %s have none (customer "%s")', f.unknown, f.customers, tradeup_internal.shown(f.example)) END,
           CASE WHEN f.unknown > 0
                THEN 'They get no offers, because sales tax is on the difference to it: set customer.trade_value and payoff, 0 '
                     'for who trades nothing in.' END
    FROM (SELECT count(DISTINCT p.name) AS programs, count(c.customer_id) AS customers,
                 count(c.customer_id) FILTER (WHERE c.trade_value IS NULL) AS unknown,
                 min(c.customer_id COLLATE "C") FILTER (WHERE c.trade_value IS NULL) AS example
          FROM tradeup.current_program p
          LEFT JOIN LATERAL (
              (SELECT x.customer_id, x.trade_value FROM tradeup.customer x WHERE x.program = p.name
               ORDER BY x.program, x.risk_profile LIMIT 10000)
              UNION ALL
              (SELECT x.customer_id, x.trade_value FROM tradeup.customer x
               WHERE x.program IS NULL AND p.name = (SELECT d.program FROM tradeup.program_default d)
               ORDER BY x.program, x.risk_profile LIMIT 10000)) c ON true
          WHERE p.sales_tax_base = 'difference') f;
END;
COMMENT ON FUNCTION tradeup_internal.health_trade_values_of_customers() IS
    'Health: customers of programs that tax the difference have a trade value';

-- Programs with regions only; of the customers of each, the first 10,000, as of the trade values above.
CREATE OR REPLACE FUNCTION tradeup_internal.health_regions_of_customers()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN f.unknown > 0 THEN 'warning' ELSE 'ok' END,
           CASE WHEN f.programs = 0 THEN 'no program has regions'
                WHEN f.unknown = 0 THEN 'all known'
                ELSE format('%s of %s are in no region of their program (customer "%s")', f.unknown, f.customers,
                            tradeup_internal.shown(f.example)) END,
           CASE WHEN f.unknown > 0
                THEN 'They have the sales tax and the document fee of the program itself: correct customer.region, or publish a '
                     'version with a row for their region.' END
    FROM (SELECT count(DISTINCT p.name) AS programs, count(c.customer_id) AS customers,
                 count(c.customer_id) FILTER (WHERE r.region IS NULL) AS unknown,
                 min(c.customer_id COLLATE "C") FILTER (WHERE r.region IS NULL) AS example
          FROM tradeup.current_program p
          LEFT JOIN LATERAL (
              (SELECT x.customer_id, x.region FROM tradeup.customer x WHERE x.program = p.name
               ORDER BY x.program, x.risk_profile LIMIT 10000)
              UNION ALL
              (SELECT x.customer_id, x.region FROM tradeup.customer x
               WHERE x.program IS NULL AND p.name = (SELECT d.program FROM tradeup.program_default d)
               ORDER BY x.program, x.risk_profile LIMIT 10000)) c ON true
          LEFT JOIN tradeup.program_region r ON r.program = p.name AND r.version = p.version AND r.region = c.region
          WHERE p.region_count > 0) f;
END;
COMMENT ON FUNCTION tradeup_internal.health_regions_of_customers() IS
    'Health: customers of programs that have regions are in one of them';

CREATE OR REPLACE FUNCTION tradeup_internal.health_payments_of_customers() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT x.status,
           format('%s%s without a current payment', CASE WHEN x.share < 1 THEN 'about ' ELSE '' END, round(x.without / x.share))
           || coalesce(' (customer "' || tradeup_internal.shown(x.example) || '")', ''),
           CASE WHEN x.status <> 'ok'
                THEN 'Without it an offer has no tier, and portfolios leave the customer out: fill customer.current_payment.' END
    FROM (SELECT tradeup_internal.share_of_pages('tradeup.customer'::regclass, 300) AS share,
                 count(*) FILTER (WHERE c.current_payment IS NULL) AS without,
                 min(c.customer_id COLLATE "C") FILTER (WHERE c.current_payment IS NULL) AS example,
                 CASE WHEN 2 * count(*) FILTER (WHERE c.current_payment IS NULL) > count(*) THEN 'warning' ELSE 'ok' END AS status
          FROM tradeup.customer c TABLESAMPLE system (100 * tradeup_internal.share_of_pages('tradeup.customer'::regclass,
                                                                                            300))) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_payments_of_customers() IS
    'Health: half of the customers, in a sample, have a current payment, without which offers have no tier';

-- A sample of a table with foreign tables below it would read those from end to end, so the local ones are then sampled each by
-- itself. All have one share, so that figures of the sample are figures of the whole.
CREATE OR REPLACE FUNCTION tradeup_internal.share_of_inventory(pages integer) RETURNS double precision
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
RETURN (SELECT least(1::double precision,
                     share_of_inventory.pages / greatest(sum(pg_relation_size(t.relation))
                                                         / current_setting('block_size'::text)::double precision,
                                                         1::double precision))
        FROM tradeup_internal.vehicle_tables() t WHERE NOT t.is_foreign);
COMMENT ON FUNCTION tradeup_internal.share_of_inventory(integer) IS
    'The share of the local tables of the inventory that so many of their pages are, 1 when they have no more';

CREATE OR REPLACE FUNCTION tradeup_internal.sample_of_inventory(pages integer) RETURNS SETOF tradeup.vehicle
LANGUAGE plpgsql VOLATILE COST 10000 ROWS 10000 SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    share CONSTANT double precision := tradeup_internal.share_of_inventory(pages);
    sampled text;
BEGIN
    FOR sampled IN
        SELECT CASE WHEN t.with_foreign THEN 'ONLY ' ELSE '' END || t.relation
        FROM (SELECT x.relation, bool_or(x.is_foreign) OVER () AS with_foreign, x.is_foreign
              FROM tradeup_internal.vehicle_tables() x) t
        WHERE NOT t.is_foreign AND (t.with_foreign OR t.relation = 'tradeup.vehicle'::regclass)
    LOOP
        RETURN QUERY EXECUTE format('SELECT (v::tradeup.vehicle).* FROM %s v TABLESAMPLE system (%s)', sampled, 100 * share);
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup_internal.sample_of_inventory(integer) IS
    'The vehicles of about so many pages, at random, of the local tables of the inventory';

CREATE OR REPLACE FUNCTION tradeup_internal.health_vehicles_that_programs_ask_about()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    /* Whether somebody has a program is one look into the index, where an EXISTS might read all customers. */
    WITH asked AS MATERIALIZED (
        SELECT coalesce(bool_or(num_nonnulls(p.min_year, p.max_age) > 0), false) AS year,
               coalesce(bool_or(p.max_kilometers IS NOT NULL), false) AS kilometers,
               coalesce(bool_or(p.makes IS NOT NULL), false) AS make
        FROM tradeup.current_program p
        WHERE num_nonnulls(p.min_year, p.max_age, p.max_kilometers, p.makes) > 0
          AND (p.name IN (SELECT d.program FROM tradeup.program_default d)
               OR (SELECT c.program FROM tradeup.customer c WHERE c.program = p.name LIMIT 1) IS NOT NULL)
    ), found AS (
        SELECT tradeup_internal.share_of_inventory(300) AS share, count(*) AS without,
               (array_agg(x.vehicle_id ORDER BY x.vehicle_id))[1] AS example,
               (array_agg(x.lacks ORDER BY x.vehicle_id))[1] AS lacks
        FROM (SELECT v.vehicle_id, concat_ws(', ', CASE WHEN a.year AND v.year IS NULL THEN 'year' END,
                                             CASE WHEN a.kilometers AND v.kilometers IS NULL THEN 'kilometers' END,
                                             CASE WHEN a.make AND v.make IS NULL THEN 'make' END) AS lacks
              FROM asked a
              JOIN tradeup_internal.sample_of_inventory(300) v ON v.status = 'available'
              WHERE a.year OR a.kilometers OR a.make) x
        WHERE x.lacks <> ''
    )
    SELECT CASE WHEN f.without = 0 THEN 'ok' ELSE 'warning' END,
           format('%s%s lack what a program asks', CASE WHEN f.share < 1 THEN 'about ' ELSE '' END, round(f.without / f.share))
           || coalesce(' (vehicle "' || tradeup_internal.shown(f.example) || '": ' || f.lacks || ')', ''),
           CASE WHEN f.without > 0 THEN 'Such a program makes no offers of them: fill year, kilometers and make.' END
    FROM found f;
END;
COMMENT ON FUNCTION tradeup_internal.health_vehicles_that_programs_ask_about() IS
    'Health: available vehicles, in a sample, have the year, kilometres and make that a program in use asks for';

CREATE OR REPLACE FUNCTION tradeup_internal.health_price_index_is_used() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN NOT x.measured THEN 'unknown' WHEN x.only_table THEN 'warning' ELSE 'ok' END,
           format('%s scans of the index, %s of the table', x.of_index, x.of_table),
           CASE WHEN NOT x.measured THEN 'Nothing is counted: set track_counts = on.'
                WHEN x.only_table
                THEN 'A large table is read from end to end and its index never: look at EXPLAIN of your queries; compare '
                     'price_minor with bounds.' END
    FROM (SELECT s.*, s.vehicles >= 10000 AND s.of_table >= 100 AND s.of_index = 0 AS only_table
          FROM (SELECT current_setting('track_counts')::boolean AS measured, coalesce(sum(c.reltuples), 0) AS vehicles,
                       coalesce(sum(i.scans), 0) AS of_index, coalesce(sum(pg_stat_get_numscans(t.relation)), 0) AS of_table
                FROM tradeup_internal.vehicle_tables() t
                JOIN pg_class c ON c.oid = t.relation
                CROSS JOIN LATERAL (
                    SELECT sum(pg_stat_get_numscans(x.indexrelid)) AS scans FROM pg_index x
                    WHERE x.indrelid = t.relation
                      AND tradeup_internal.index_definition(x.indexrelid::regclass)
                          = tradeup_internal.index_definition(to_regclass('tradeup.vehicle_available_by_price'))) i
                WHERE NOT t.is_foreign) s) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_price_index_is_used() IS
    'Health: a large inventory is not only read from end to end';

CREATE OR REPLACE FUNCTION tradeup_internal.health_planner_statistics() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN NOT x.measured THEN 'unknown' WHEN x.stale IS NULL THEN 'ok' ELSE 'warning' END,
           CASE WHEN x.measured THEN coalesce(x.stale, 'fresh') END,
           CASE WHEN x.measured THEN x.advice ELSE 'Nothing is counted: set track_counts = on.' END
    FROM (SELECT current_setting('track_counts')::boolean AS measured,
                 string_agg(y.stale, '; ' ORDER BY y.place, y.name COLLATE "C") AS stale,
                 string_agg(format('ANALYZE %s;', y.name), ' ' ORDER BY y.place, y.name COLLATE "C") AS advice
          FROM (SELECT 1 AS place, s.relid::regclass::text AS name,
                       format('%s: %s of %s rows changed, last analyzed %s', s.relname, s.n_mod_since_analyze,
                              greatest(s.n_live_tup, 0),
                              coalesce(greatest(s.last_analyze, s.last_autoanalyze)::date::text, 'never')) AS stale
                FROM pg_stat_user_tables s
                WHERE (s.schemaname = 'tradeup' AND s.relname IN ('vehicle', 'customer', 'quote', 'quote_event')
                       OR s.relid IN (SELECT t.relation FROM tradeup_internal.vehicle_tables() t))
                  AND s.n_mod_since_analyze
                      > 500 + 0.2 * greatest((SELECT c.reltuples FROM pg_class c WHERE c.oid = s.relid), 0)
                UNION ALL
                SELECT 2, t.relation::text, t.relation || ': a foreign table that was never analyzed'
                FROM tradeup_internal.vehicle_tables() t JOIN pg_class c ON c.oid = t.relation
                WHERE t.is_foreign AND c.reltuples < 0) y) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_planner_statistics() IS
    'Health: no large part of a table changed since it was analyzed, and foreign tables were analyzed';

CREATE OR REPLACE FUNCTION tradeup_internal.health_visibility_map() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.worse IS NULL THEN 'ok' ELSE 'warning' END, format('%s of %s pages', x.visible, x.pages),
           'Scans of the price index must look into the table: VACUUM ' || x.worse || ', and let autovacuum run more often.'
    FROM (SELECT sum(c.relallvisible) AS visible, sum(c.relpages) AS pages,
                 string_agg(t.relation::text, ', ' ORDER BY t.relation::text COLLATE "C")
                 FILTER (WHERE c.relpages >= 100 AND c.relallvisible < 0.8 * c.relpages) AS worse
          FROM tradeup_internal.vehicle_tables() t JOIN pg_class c ON c.oid = t.relation WHERE NOT t.is_foreign) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_visibility_map() IS
    'Health: scans of the price index seldom look into the table';

CREATE OR REPLACE FUNCTION tradeup_internal.health_inventory() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql VOLATILE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH stock AS (
        SELECT tradeup_internal.share_of_inventory(300) AS share, count(*) AS available,
               count(*) FILTER (WHERE v.listed_on < tradeup_internal.today() - 180) AS old,
               count(*) FILTER (WHERE v.listed_on IS NULL) AS undated, max(v.listed_on) AS newest,
               (SELECT sum(greatest(c.reltuples, 0)) FROM tradeup_internal.vehicle_tables() t
                JOIN pg_class c ON c.oid = t.relation WHERE t.is_foreign) AS elsewhere
        FROM tradeup_internal.sample_of_inventory(300) v
        WHERE v.status = 'available'
    )
    SELECT coalesce(j.status, 'ok'),
           format('%s%s available, %s%% listed over 180 days ago, newest %s, %s%% without a day',
                  CASE WHEN s.share < 1 THEN 'about ' ELSE '' END, round(s.available / s.share),
                  coalesce(round(100.0 * s.old / nullif(s.available, 0)), 0), coalesce(s.newest::text, 'unknown'),
                  coalesce(round(100.0 * s.undated / nullif(s.available, 0)), 0))
           || coalesce('; about ' || round(s.elsewhere::numeric) || ' on other servers, not looked at', ''),
           j.advice
    FROM stock s
    LEFT JOIN LATERAL (
        SELECT y.status, y.advice
        FROM (VALUES (1, s.available = 0 AND coalesce(s.elsewhere, 0) = 0, 'warning', 'Nobody has offers: load tradeup.vehicle.'),
                     (2, 2 * s.undated > s.available, 'unknown',
                      'Most vehicles have no day of listing: fill vehicle.listed_on.'),
                     (3, s.newest < tradeup_internal.today() - 30, 'warning',
                      'Nothing was listed for 30 days: see whether the loading of vehicles still runs.'),
                     (4, 2 * s.old > s.available, 'warning',
                      'More than half is older than 180 days: see whether sold vehicles are marked.'))
             y (place, holds, status, advice)
        WHERE y.holds ORDER BY y.place LIMIT 1) j ON true;
END;
COMMENT ON FUNCTION tradeup_internal.health_inventory() IS
    'Health: vehicles are available, and new ones are listed';

CREATE OR REPLACE FUNCTION tradeup_internal.health_foreign_tables() RETURNS TABLE (status text, value text, advice text)
LANGUAGE plpgsql VOLATILE COST 100000 ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    looked record;
    found record;
    tables bigint := 0;
    problems text[] := '{}';
    remedies text[] := '{}';
BEGIN
    status := 'ok';
    FOR looked IN SELECT t.relation, s.srvname FROM tradeup_internal.vehicle_tables() t
                  JOIN pg_foreign_table f ON f.ftrelid = t.relation JOIN pg_foreign_server s ON s.oid = f.ftserver
                  WHERE t.is_foreign ORDER BY t.relation::text COLLATE "C" LOOP
        tables := tables + 1;
        IF NOT has_table_privilege(looked.relation, 'SELECT') THEN
            status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
            remedies := remedies || format('GRANT SELECT ON %s TO %I;', looked.relation, current_user);
            CONTINUE;
        END IF;
        BEGIN
            SELECT p.* INTO found FROM tradeup_internal.wrong_prices(looked.relation, 1000) p;
            IF found.wrong > 0 THEN
                status := 'failed';
                problems := problems || format('%s: %s of %s prices are wrong (vehicle "%s")', looked.relation, found.wrong,
                                               found.looked_at, tradeup_internal.shown(found.example));
                remedies := remedies || format('Of %s, price and price_minor are read and not computed: let its server compute '
                                               'them, as tradeup.vehicle does.', looked.relation);
            END IF;
        EXCEPTION WHEN OTHERS THEN
            status := 'failed';
            problems := problems || format('%s: %s', looked.relation, tradeup_internal.shown(SQLERRM));
            remedies := remedies || format('All offers fail as long as server %I does not answer: start it, or leave its '
                                           'vehicles out: ALTER TABLE %s NO INHERIT tradeup.vehicle;', looked.srvname,
                                           looked.relation);
        END;
    END LOOP;
    value := coalesce(nullif(array_to_string(problems, '; '), ''), CASE tables WHEN 0 THEN 'none' ELSE tables || ' answer' END);
    advice := nullif(array_to_string(remedies, ' '), '');
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup_internal.health_foreign_tables() IS
    'Health: the servers of foreign tables below the inventory answer, and their prices are right, in a sample';

-- Each table has its own primary key, and none sees the others.
CREATE OR REPLACE FUNCTION tradeup_internal.health_repeated_vehicles() RETURNS TABLE (status text, value text, advice text)
LANGUAGE plpgsql VOLATILE COST 100000 ROWS 1 SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    looked record;
    part text[];
    ids text[] := '{}';
    repeated bigint;
    example text;
    places text;
BEGIN
    status := 'ok';
    value := 'one table';
    IF NOT EXISTS (SELECT FROM tradeup_internal.children_of('tradeup.vehicle'::regclass)) THEN
        RETURN NEXT;
        RETURN;
    END IF;
    BEGIN
        FOR looked IN SELECT t.relation, t.is_foreign FROM tradeup_internal.vehicle_tables() t LOOP
            EXECUTE format('SELECT array_agg(x.vehicle_id) FROM (%s) x',
                           CASE WHEN looked.is_foreign
                                THEN tradeup_internal.some_of_foreign(looked.relation, 'v.vehicle_id'::text, 1000)
                                ELSE format('SELECT v.vehicle_id FROM ONLY %s v TABLESAMPLE system (%s) LIMIT 1000',
                                            looked.relation,
                                            100 * tradeup_internal.share_of_pages(looked.relation, 30)) END)
            INTO part;
            ids := ids || part;
        END LOOP;
        SELECT count(*), min(x.vehicle_id), min(x.places) INTO repeated, example, places
        FROM (SELECT v.vehicle_id, string_agg(v.tableoid::regclass::text, ', ' ORDER BY v.tableoid::regclass::text COLLATE "C")
                                   AS places
              FROM tradeup.vehicle v WHERE v.vehicle_id = ANY (ids) GROUP BY v.vehicle_id HAVING count(*) > 1
              ORDER BY v.vehicle_id) x;
        value := format('%s of %s', repeated, cardinality(ids));
        IF repeated > 0 THEN
            status := 'failed';
            value := value || format(' (vehicle "%s" in %s)', tradeup_internal.shown(example), places);
            advice := 'Offers show such a vehicle several times: delete it from all tables but one.';
        END IF;
    EXCEPTION WHEN OTHERS THEN
        status := 'unknown';
        value := tradeup_internal.shown(SQLERRM);
        advice := 'Not all tables of the inventory can be read: see the check of foreign tables.';
    END;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup_internal.health_repeated_vehicles() IS
    'Health: vehicles, in a sample, stand in one table of the inventory only';
