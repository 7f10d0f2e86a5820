-- What functions in PL/pgSQL, whose calls are bound when they run, would call of the plants, and what they would not find at all.
CREATE EXTENSION plpgsql_check;
CREATE FUNCTION trap.late() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    f record;
BEGIN
    FOR f IN
        SELECT p.oid, coalesce(t.tgrelid, 0) AS relid, t.tgoldtable, t.tgnewtable
        FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
        LEFT JOIN pg_catalog.pg_trigger t ON t.tgfoid = p.oid
        WHERE p.pronamespace::regnamespace::text ~ '^tradeup' AND p.prosrc !~ 'trap\.spring'
          AND (p.prorettype <> 'trigger'::regtype OR t.oid IS NOT NULL)
        ORDER BY p.oid
    LOOP
        RETURN QUERY SELECT format('%s calls %s', f.oid::regprocedure, c.oid::regprocedure)
                     FROM plpgsql_show_dependency_tb(f.oid, f.relid) c WHERE c.oid IN (SELECT t.oid FROM trap.plants t);
        RETURN QUERY SELECT format('%s, line %s: %s', f.oid::regprocedure, c.lineno, c.message)
                     FROM plpgsql_check_function_tb(f.oid, f.relid, oldtable => f.tgoldtable, newtable => f.tgnewtable, other_warnings => false,
                                                    extra_warnings => false) c WHERE c.level = 'error';
    END LOOP;
END
$$;
