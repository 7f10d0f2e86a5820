-- Every object of the extensions has a comment, every column of its tables and views too; every function states its properties.
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE e.extname LIKE 'tradeup%'
  AND obj_description(d.objid, d.classid::regclass::name) IS NULL
  -- Row types come with their tables, array types with their types, rules with their views.
  AND NOT (d.classid = 'pg_type'::regclass
           AND EXISTS (SELECT FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
                       WHERE t.oid = d.objid AND (t.typcategory = 'A' OR c.relkind <> 'c')));

SELECT c.relname AS "table", a.attname AS column_without_comment
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = ANY ('{tradeup,tradeup_bi,tradeup_leads,tradeup_bundles}'::regnamespace[]) AND c.relkind IN ('r', 'v')
  AND a.attnum > 0 AND NOT a.attisdropped
  AND col_description(c.oid, a.attnum) IS NULL;

-- A comment is one line in psql's lists.
SELECT d.objoid::regprocedure AS comment_of_several_lines FROM pg_description d JOIN pg_proc p ON p.oid = d.objoid
WHERE d.classoid = 'pg_proc'::regclass AND d.description LIKE E'%\n%'
  AND p.pronamespace::regnamespace::text LIKE 'tradeup%';
SELECT d.objoid::regtype AS comment_of_several_lines FROM pg_description d JOIN pg_type t ON t.oid = d.objoid
WHERE d.classoid = 'pg_type'::regclass AND d.description LIKE E'%\n%' AND t.typnamespace::regnamespace::text LIKE 'tradeup%';

-- A comment stands alone: whoever reads it has not read the one before.
SELECT pg_describe_object(d.classoid, d.objoid, d.objsubid) AS leans_on_another, d.description
FROM pg_description d JOIN pg_depend e ON e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e'
JOIN pg_extension x ON e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND x.extname LIKE 'tradeup%'
WHERE d.description ~* '^(the same|likewise|also|its|and)\M|\mof that tier\M' ORDER BY 1;

-- An immutable function reads no table: no SQL body of one names a table or view behind FROM or JOIN.
SELECT p.oid::regprocedure AS immutable, c.relname AS reads FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
JOIN pg_class c ON c.relnamespace = ANY ('{tradeup,tradeup_leads,tradeup_bundles}'::regnamespace[])
    AND c.relkind IN ('r', 'v', 'm')
WHERE p.pronamespace::regnamespace::text LIKE 'tradeup%' AND p.provolatile = 'i' AND l.lanname = 'sql'
  AND CASE WHEN p.prokind = 'f' THEN pg_get_functiondef(p.oid) ~ ('\m(FROM|JOIN)\M[ (]+(tradeup\w*\.)?' || c.relname || '\M') END;
SELECT count(*) > 10 AS such_bodies_are_found FROM pg_proc p JOIN pg_class c ON c.relnamespace = 'tradeup'::regnamespace
    AND c.relkind IN ('r', 'v', 'm')
WHERE p.pronamespace::regnamespace::text LIKE 'tradeup%' AND p.provolatile = 's' AND p.prokind = 'f'
  AND pg_get_functiondef(p.oid) ~ ('\m(FROM|JOIN)\M[ (]+(tradeup\w*\.)?' || c.relname || '\M');
SELECT p.oid::regprocedure AS unsafe_in_parallel FROM pg_proc p
WHERE p.pronamespace::regnamespace::text LIKE 'tradeup%'
  AND p.proparallel <> 's' AND p.prorettype <> 'trigger'::regtype
ORDER BY p.oid::regprocedure::text COLLATE "C";
SELECT provolatile, count(*) > 0 AS some FROM pg_proc
WHERE pronamespace::regnamespace::text LIKE 'tradeup%'
GROUP BY 1 ORDER BY 1;

-- The extensions have no settings: nothing outside their arguments and tables decides a result.
SELECT count(*) AS settings FROM pg_settings WHERE name LIKE 'tradeup%';
-- The arguments of compiled_deal(...) are the fields of a deal's text, in their order.
SELECT count(*) AS arguments FROM pg_proc p, unnest(p.proargnames) WHERE p.oid = 'tradeup_internal.compiled_deal'::regproc;
