-- The schema tradeup is a table of contents: what a user calls. Whatever else functions are made of lives in tradeup_internal.
SELECT DISTINCT p.proname AS function FROM pg_proc p WHERE p.pronamespace = 'tradeup'::regnamespace ORDER BY 1;
SELECT DISTINCT p.proname AS function FROM pg_proc p WHERE p.pronamespace = 'tradeup_leads'::regnamespace ORDER BY 1;
SELECT DISTINCT p.proname AS function FROM pg_proc p WHERE p.pronamespace = 'tradeup_bundles'::regnamespace ORDER BY 1;
-- Input and output of types, steps of aggregates, triggers and support functions are not called by users, whatever their names.
SELECT p.oid::regprocedure AS not_for_users FROM pg_proc p
WHERE p.pronamespace = ANY ('{tradeup,tradeup_leads,tradeup_bundles}'::regnamespace[]) AND p.prokind = 'f'
  AND ('{internal,cstring,trigger}'::regtype[]::oid[] && (p.proargtypes::oid[] || p.prorettype)
       OR p.oid IN (SELECT t.typsend FROM pg_type t UNION SELECT t.typreceive FROM pg_type t));
-- A line of \df fits a screen, where the schema is in the search path.
SET search_path = tradeup, tradeup_leads, tradeup_bundles, public;
SELECT x.function, x.width
FROM (SELECT p.oid::regproc AS function,
             length(concat_ws(' ', n.nspname, p.proname, pg_get_function_result(p.oid), pg_get_function_arguments(p.oid),
                              CASE p.prokind WHEN 'a' THEN 'agg' ELSE 'func' END)) AS width
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = ANY ('{tradeup,tradeup_leads,tradeup_bundles}')) x
WHERE x.width > 415 ORDER BY x.width DESC, 1::text;
RESET search_path;
-- What analysts have: views, a table, and what fills it.
SELECT c.relname AS relation, c.relkind AS kind, count(*) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'tradeup_bi'::regnamespace AND c.relkind IN ('r', 'v') GROUP BY c.relname, c.relkind ORDER BY 1;
SELECT p.proname AS function FROM pg_proc p WHERE p.pronamespace = 'tradeup_bi'::regnamespace ORDER BY 1;
-- Whoever calls functions with a body in PL/pgSQL looks up names in the internal schemas; nobody may create anything there.
SELECT n.nspname AS schema, has_schema_privilege('public', n.oid, 'USAGE') AS usage,
       has_schema_privilege('public', n.oid, 'CREATE') AS "create"
FROM pg_namespace n WHERE n.nspname LIKE 'tradeup%' ORDER BY 1;
-- What groups or sorts by a type of ours in a body of SQL or a view is made again by pg_upgrade before the operator class that it
-- needs, and so not at all.
SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) AS before_its_operator_class
FROM pg_opclass c JOIN pg_amop o ON o.amopfamily = c.opcfamily
JOIN pg_depend d ON d.refclassid = 'pg_operator'::regclass AND d.refobjid = o.amopopr
WHERE c.opcnamespace::regnamespace::text LIKE 'tradeup%' AND d.classid IN ('pg_proc'::regclass, 'pg_rewrite'::regclass)
  AND d.deptype = 'n' AND NOT EXISTS (SELECT FROM pg_aggregate a WHERE a.aggfnoid = d.objid);
