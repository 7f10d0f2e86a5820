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

CREATE OR REPLACE FUNCTION tradeup_internal.health_vehicles_that_programs_ask_about()
RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
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
        SELECT tradeup_internal.share_of_pages('tradeup.vehicle'::regclass, 300) AS share, count(*) AS without,
               (array_agg(x.vehicle_id ORDER BY x.vehicle_id))[1] AS example,
               (array_agg(x.lacks ORDER BY x.vehicle_id))[1] AS lacks
        FROM (SELECT v.vehicle_id, concat_ws(', ', CASE WHEN a.year AND v.year IS NULL THEN 'year' END,
                                             CASE WHEN a.kilometers AND v.kilometers IS NULL THEN 'kilometers' END,
                                             CASE WHEN a.make AND v.make IS NULL THEN 'make' END) AS lacks
              FROM asked a
              JOIN tradeup.vehicle v TABLESAMPLE system (100 * tradeup_internal.share_of_pages('tradeup.vehicle'::regclass, 300))
                ON v.status = 'available'
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
    FROM (SELECT s.*, c.reltuples >= 10000 AND s.of_table >= 100 AND s.of_index = 0 AS only_table
          FROM pg_class c
          CROSS JOIN (SELECT current_setting('track_counts')::boolean AS measured,
                             coalesce((SELECT i.idx_scan FROM pg_stat_user_indexes i
                                       WHERE i.indexrelid = to_regclass('tradeup.vehicle_available_by_price')), 0) AS of_index,
                             coalesce((SELECT t.seq_scan FROM pg_stat_user_tables t
                                       WHERE t.relid = 'tradeup.vehicle'::regclass), 0) AS of_table) s
          WHERE c.oid = 'tradeup.vehicle'::regclass) x;
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
                 string_agg(format('%s: %s of %s rows changed, last analyzed %s', s.relname, s.n_mod_since_analyze,
                                   greatest(s.n_live_tup, 0),
                                   coalesce(greatest(s.last_analyze, s.last_autoanalyze)::date::text, 'never')),
                            '; ' ORDER BY s.relname) AS stale,
                 string_agg(format('ANALYZE tradeup.%I;', s.relname), ' ' ORDER BY s.relname) AS advice
          FROM pg_stat_user_tables s
          WHERE s.schemaname = 'tradeup' AND s.relname IN ('vehicle', 'customer', 'quote', 'quote_event')
            AND s.n_mod_since_analyze > 500 + 0.2 * greatest((SELECT c.reltuples FROM pg_class c WHERE c.oid = s.relid), 0)) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_planner_statistics() IS
    'Health: no large part of a table changed since it was analyzed';

CREATE OR REPLACE FUNCTION tradeup_internal.health_visibility_map() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT x.status, format('%s of %s pages', x.relallvisible, x.relpages),
           CASE WHEN x.status <> 'ok' THEN 'Scans of the price index must look into the table: VACUUM tradeup.vehicle, and let '
                                           'autovacuum run more often.' END
    FROM (SELECT c.relallvisible, c.relpages,
                 CASE WHEN c.relpages >= 100 AND c.relallvisible < 0.8 * c.relpages THEN 'warning' ELSE 'ok' END AS status
          FROM pg_class c WHERE c.oid = 'tradeup.vehicle'::regclass) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_visibility_map() IS
    'Health: scans of the price index seldom look into the table';

CREATE OR REPLACE FUNCTION tradeup_internal.health_inventory() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    WITH stock AS (
        SELECT tradeup_internal.share_of_pages('tradeup.vehicle'::regclass, 300) AS share, count(*) AS available,
               count(*) FILTER (WHERE v.listed_on < tradeup_internal.today() - 180) AS old,
               count(*) FILTER (WHERE v.listed_on IS NULL) AS undated, max(v.listed_on) AS newest
        FROM tradeup.vehicle v TABLESAMPLE system (100 * tradeup_internal.share_of_pages('tradeup.vehicle'::regclass, 300))
        WHERE v.status = 'available'
    )
    SELECT coalesce(j.status, 'ok'),
           format('%s%s available, %s%% listed over 180 days ago, newest %s, %s%% without a day',
                  CASE WHEN s.share < 1 THEN 'about ' ELSE '' END, round(s.available / s.share),
                  coalesce(round(100.0 * s.old / nullif(s.available, 0)), 0), coalesce(s.newest::text, 'unknown'),
                  coalesce(round(100.0 * s.undated / nullif(s.available, 0)), 0)),
           j.advice
    FROM stock s
    LEFT JOIN LATERAL (
        SELECT y.status, y.advice
        FROM (VALUES (1, s.available = 0, 'warning', 'Nobody has offers: load tradeup.vehicle.'),
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
