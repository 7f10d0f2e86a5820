-- What a function says of itself holds for what it calls: none is less volatile or safer in parallel than a function of its body,
-- PostgreSQL's own among them.
SET client_min_messages = warning;
CREATE VIEW public.call AS
SELECT p.oid AS caller, m[2]::oid AS called
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
CROSS JOIN LATERAL regexp_matches(p.prosqlbody::text, ':(funcid|opfuncid|aggfnoid|winfnoid) (\d+)', 'g') m
WHERE n.nspname LIKE 'tradeup%';
SELECT count(DISTINCT caller) > 50 AS many_functions_have_a_body_to_read FROM public.call;
SELECT DISTINCT c.caller::regprocedure, c.called::regprocedure
FROM public.call c JOIN pg_proc p ON p.oid = c.caller JOIN pg_proc q ON q.oid = c.called
WHERE array_position('{s,r,u}', p.proparallel::text) < array_position('{s,r,u}', q.proparallel::text)
ORDER BY 1, 2;
SELECT DISTINCT c.caller::regprocedure, c.called::regprocedure
FROM public.call c JOIN pg_proc p ON p.oid = c.caller JOIN pg_proc q ON q.oid = c.called
WHERE array_position('{i,s,v}', p.provolatile::text) < array_position('{i,s,v}', q.provolatile::text)
  -- Of texts and numbers these are immutable; of other types they would use settings. The size is a hint for sampling.
  AND q.proname NOT IN ('format', 'convert_to', 'jsonb_build_array', 'pg_relation_size')
ORDER BY 1, 2;
DROP VIEW public.call;
-- A function of steps says of itself what its steps say, and takes and gives the same; and no steps stand alone.
SELECT coalesce(f.oid, s.oid)::regprocedure AS differs
FROM (SELECT p.* FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE l.lanname = 'c' AND p.prosrc = 'of_steps') f
FULL JOIN (SELECT p.* FROM pg_proc p WHERE p.pronamespace = 'tradeup_internal'::regnamespace AND p.proname ~ '^steps_of_') s
    ON s.proname = 'steps_of_' || f.proname AND s.proargtypes = f.proargtypes
WHERE (f.prorettype, f.proretset, f.proallargtypes, f.proargmodes, f.proargnames, f.provolatile, f.proparallel, f.proisstrict,
       f.procost, f.prorows, f.prosecdef, f.proconfig IS NULL)
      IS DISTINCT FROM
      (s.prorettype, s.proretset, s.proallargtypes, s.proargmodes, s.proargnames, s.provolatile, s.proparallel, s.proisstrict,
       s.procost, s.prorows, s.prosecdef, true)
ORDER BY 1;
SELECT count(*) > 10 AS some FROM pg_proc p WHERE p.prosrc = 'of_steps';
