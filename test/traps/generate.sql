-- Statements that plant overloads of all functions, aggregates and operators of an extension.
CREATE SCHEMA trap;

CREATE FUNCTION trap.members(catalogue regclass) RETURNS SETOF oid LANGUAGE sql AS $$
    SELECT d.objid FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
    WHERE d.deptype = 'e' AND d.classid = catalogue AND e.extname ~ '^tradeup'
$$;

-- Lists of argument types, near to those that a function takes: a type for each argument, its last one variadic or not.
CREATE FUNCTION trap.lists(given text[], required integer, OUT types text[], OUT is_variadic boolean) RETURNS SETOF record LANGUAGE sql AS $$
    -- fewer arguments
    SELECT given[:k], false FROM generate_series(0, cardinality(given) - 1) k
    -- variadic in place of the last ones
    UNION SELECT given[:k] || t, true
    FROM generate_series(greatest(required - 1, 0), cardinality(given) - 1) k, unnest('{text[],numeric[],anyarray}'::text[]) t
    -- one of another type
    UNION SELECT given[:i - 1] || t || given[i + 1:], false
    FROM generate_series(1, cardinality(given)) i, unnest('{text,integer,numeric,anyelement}'::text[]
        || CASE WHEN given[i] = 'text' THEN '{character varying,name}'::text[] WHEN given[i] LIKE '%any\_%[]' THEN '{anyarray,text[],numeric[],date[]}'
                WHEN given[i] LIKE '%any\_%' THEN '{jsonb,date,double precision}'
                WHEN given[i] LIKE '%[]' THEN '{anyarray,text[]}' ELSE '{}' END) t
    -- all of one type
    UNION SELECT array_fill(t, ARRAY[k]), false
    FROM generate_series(greatest(required, 1), cardinality(given)) k, unnest('{text,integer,numeric,anyelement}'::text[]) t
    -- one more
    UNION SELECT given || t, false FROM unnest('{text,integer,numeric,anyelement}'::text[]) t
$$;

CREATE FUNCTION trap.body(returns text) RETURNS text LANGUAGE sql AS $$
    SELECT format('LANGUAGE plpgsql AS $trap$ BEGIN PERFORM trap.spring(); RETURN%s; END $trap$', returns)
$$;

CREATE FUNCTION trap.statements(OUT target text, OUT statement text) RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    f record;
    l record;
    arguments text;
    step text;
    steps integer := 0;
    seen text[] := '{}';
BEGIN
    FOR f IN
        SELECT p.oid, p.proname, p.pronamespace::regnamespace AS home, p.prokind, p.proretset, p.pronargs - p.pronargdefaults AS required,
               p.oid::regprocedure::text AS identity,
               CASE WHEN p.prorettype IN ('trigger'::regtype, 'internal'::regtype, 'cstring'::regtype) THEN 'boolean'
                    ELSE pg_get_function_result(p.oid) END AS result,
               /* No PL/pgSQL function takes "any". */
               ARRAY(SELECT format_type(CASE WHEN t = '"any"'::regtype THEN 'anyelement'::regtype ELSE t END, NULL)
                     FROM unnest(p.proargtypes) WITH ORDINALITY a (t, n)
                     WHERE t NOT IN ('internal'::regtype, 'cstring'::regtype) ORDER BY n) AS given,
               (SELECT array_agg(a.name ORDER BY a.n) FROM unnest(p.proargnames) WITH ORDINALITY a (name, n)
                WHERE p.proargmodes IS NULL OR p.proargmodes[a.n] IN ('i', 'v')) AS names,
               coalesce((SELECT string_agg(format('OUT %I %s', a.name, format_type(a.t, NULL)), ', ' ORDER BY a.n)
                         FROM unnest(p.proargnames, p.proargmodes, p.proallargtypes) WITH ORDINALITY a (name, mode, t, n)
                         WHERE a.mode = 'o'), '') AS outs
        FROM pg_proc p WHERE p.oid IN (SELECT trap.members('pg_proc')) AND p.prokind IN ('f', 'a')
        ORDER BY p.oid
    LOOP
        FOR l IN
            SELECT DISTINCT ON (t.types) t.types, t.is_variadic FROM trap.lists(f.given, f.required) t
            WHERE NOT EXISTS (SELECT FROM pg_proc o WHERE o.proname = f.proname AND o.pronamespace = f.home
                              AND t.types = ARRAY(SELECT format_type(x, NULL) FROM unnest(o.proargtypes) WITH ORDINALITY a (x, n) ORDER BY n))
            ORDER BY t.types, t.is_variadic
        LOOP
            CONTINUE WHEN f.proname || l.types::text = ANY (seen);
            seen := seen || (f.proname || l.types::text);
            SELECT coalesce(string_agg(concat_ws(' ', CASE WHEN l.is_variadic AND a.n = cardinality(l.types) THEN 'VARIADIC' END,
                                                 CASE WHEN f.names[a.n] <> '' THEN quote_ident(f.names[a.n]) END, a.t), ', ' ORDER BY a.n), '')
            INTO arguments FROM unnest(l.types) WITH ORDINALITY a (t, n);
            target := f.identity;
            IF f.prokind = 'a' THEN
                CONTINUE WHEN l.is_variadic OR l.types = '{}';
                steps := steps + 1;
                step := format('trap.step_%s', steps);
                statement := format('CREATE FUNCTION %s(%s) RETURNS %s ', step, concat_ws(', ', f.result, array_to_string(l.types, ', ')), f.result)
                    || trap.body(' NULL');
                RETURN NEXT;
                statement := format('CREATE AGGREGATE %s.%I(%s) (SFUNC = %s, STYPE = %s)', f.home, f.proname, arguments, step, f.result);
                RETURN NEXT;
            ELSE
                statement := format('CREATE FUNCTION %s.%I(%s) %s ', f.home, f.proname, concat_ws(', ', nullif(arguments, ''), nullif(f.outs, '')),
                                    CASE WHEN f.outs <> '' AND NOT f.proretset THEN '' ELSE 'RETURNS ' || f.result END)
                    || trap.body(CASE WHEN f.proretset OR f.outs <> '' OR f.result = 'void' THEN '' ELSE ' NULL' END);
                RETURN NEXT;
            END IF;
        END LOOP;
    END LOOP;

    FOR f IN
        SELECT DISTINCT o.oid, o.oprname, o.oprnamespace::regnamespace AS home, o.oprresult::regtype::text AS result, a.l, a.r, o.oid::regoperator::text AS identity
        FROM pg_operator o, unnest('{text,integer,numeric,anyelement}'::text[]) t,
             LATERAL (VALUES (o.oprleft::regtype::text, t), (t, o.oprright::regtype::text), (t, t)) a (l, r)
        WHERE o.oid IN (SELECT trap.members('pg_operator'))
    LOOP
        steps := steps + 1;
        target := f.identity;
        statement := format('CREATE FUNCTION trap.step_%s(%s, %s) RETURNS %s ', steps, f.l, f.r, f.result) || trap.body(' NULL');
        RETURN NEXT;
        statement := format('CREATE OPERATOR %s.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = trap.step_%s)', f.home, f.oprname, f.l, f.r, steps);
        RETURN NEXT;
    END LOOP;
END
$$;
