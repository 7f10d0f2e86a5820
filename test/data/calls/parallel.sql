-- Every function of an extension that is marked safe runs in a parallel worker: each is called by a line of the list beside this
-- file. Included by sql/*parallel.sql, which sets calls.extension and :list, and makes the table public.example.
CREATE TEMP TABLE member AS
SELECT e.objid AS oid FROM pg_depend e JOIN pg_extension x ON e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid
WHERE e.classid = 'pg_proc'::regclass AND e.deptype = 'e' AND x.extname = current_setting('calls.extension');
-- Each line is what a call needs (nothing: pure; SELECT: reads; more: writes), and the call.
CREATE TABLE line (n serial, text text, needs text GENERATED ALWAYS AS (substring(text from '^\w+')) STORED,
                   query text GENERATED ALWAYS AS (substring(text from '^\w+ (.*)$')) STORED);
:load
SELECT text AS malformed FROM line WHERE needs NOT IN ('pure', 'reads', 'writes') OR query NOT LIKE 'SELECT %' OR query IS NULL;

-- Which functions a line calls is what a view of it depends on.
CREATE TABLE called (n integer, function regprocedure);
DO $$
DECLARE
    l record;
BEGIN
    FOR l IN SELECT * FROM line LOOP
        EXECUTE format('CREATE OR REPLACE TEMP VIEW seen AS SELECT (SELECT count(*) FROM (%s) x)', l.query);
        INSERT INTO called
        SELECT DISTINCT l.n, d.refobjid FROM pg_depend d
        JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
        WHERE r.ev_class = 'seen'::regclass AND d.refclassid = 'pg_proc'::regclass;
    END LOOP;
END $$;
DROP VIEW seen;
-- The list is complete: it calls every function of the extension but steps of aggregates, input and output, and triggers. What a
-- function steps_of_NAME does is done by NAME.
SELECT p.oid::regprocedure AS not_in_test_data_calls_list
FROM pg_depend e JOIN pg_extension x ON e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND x.extname = current_setting('calls.extension')
JOIN pg_proc p ON e.classid = 'pg_proc'::regclass AND p.oid = e.objid
WHERE NOT ('{internal,cstring,trigger}'::regtype[]::oid[] && (p.proargtypes::oid[] || p.prorettype))
  AND p.proname !~ '^steps_of_' AND NOT EXISTS (SELECT FROM called c WHERE c.function = p.oid) ORDER BY 1::text COLLATE "C";

-- What is marked safe has no handler of exceptions in its body, which is a subtransaction, and calls nothing that is not safe.
SELECT p.oid::regprocedure AS not_safe FROM pg_proc p
WHERE p.oid IN (SELECT m.oid FROM member m)
  AND p.proparallel = 's' AND p.prosrc ~ '\mEXCEPTION\s+WHEN\M'
ORDER BY 1::text COLLATE "C";
SELECT p.oid::regprocedure AS not_safe, u.oid::regprocedure AS because_of FROM pg_proc p
JOIN pg_proc u ON u.oid IN (SELECT m.oid FROM member m)
    AND u.proparallel <> 's' AND u.oid <> p.oid
WHERE p.oid IN (SELECT m.oid FROM member m) AND p.proparallel = 's' AND p.prokind = 'f'
  AND CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ~ ('\mtradeup\w*\.' || u.proname || '\s*\(')
           ELSE EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'n'
                                                  AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = u.oid) END
ORDER BY 1::text COLLATE "C", 2::text COLLATE "C";

SELECT count(set_config(name, 'on', true)) AS forced FROM pg_settings
WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
CREATE FUNCTION public.run(query text) RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL SAFE AS $$ BEGIN EXECUTE query; END $$;
EXPLAIN (costs off) SELECT public.run(query) FROM line WHERE n = 1;
CREATE FUNCTION public.state(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE query;
    RETURN 'ok';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
-- As a query of its own, whose plan has a worker where it may; then all of it in a worker, its constants too.
SELECT l.query, x.state FROM line l, LATERAL public.state(l.query) x (state)
WHERE l.needs <> 'writes' AND x.state <> 'ok' ORDER BY l.n;
CREATE TABLE safe AS
SELECT l.* FROM line l WHERE NOT EXISTS (SELECT FROM called c JOIN pg_proc p ON p.oid = c.function
    WHERE c.n = l.n AND p.proparallel <> 's');
SELECT s.query, x.state
FROM safe s, LATERAL public.state(format('SELECT public.run(query) FROM line WHERE n = %s', s.n)) x (state)
WHERE x.state <> 'ok' ORDER BY s.n;
SELECT p.oid::regprocedure AS safe_but_not_run FROM pg_proc p JOIN called c ON c.function = p.oid
WHERE p.oid IN (SELECT m.oid FROM member m) AND p.proparallel = 's'
GROUP BY p.oid HAVING NOT bool_or(c.n IN (SELECT s.n FROM safe s)) ORDER BY 1::text COLLATE "C";
