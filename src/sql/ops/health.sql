-- Health, for operators: the table of contents of its checks. A check is a function health_NAME(), in the file health.sql of the
-- room that it looks after. Their work is bounded: look-ups in the catalogue, by key, and samples.

CREATE OR REPLACE FUNCTION tradeup_internal.unreadable(table_names text[]) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE COST 10
RETURN (SELECT string_agg('tradeup.' || t.name, ', ' ORDER BY t.place)
        FROM unnest(table_names) WITH ORDINALITY t (name, place)
        WHERE NOT has_table_privilege('tradeup.' || quote_ident(t.name), 'SELECT'));
COMMENT ON FUNCTION tradeup_internal.unreadable(text[]) IS
    'Those of these tables of the extension that the role may not read; null: it may read all';

-- A check is called only when the role may read all its tables: otherwise its error would take the answers of the others.
CREATE OR REPLACE FUNCTION tradeup.health() RETURNS TABLE (check_name text, status text, value text, advice text)
LANGUAGE plpgsql VOLATILE COST 200000 ROWS 27 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
DECLARE
    reads text[];
    unreadable text;
    hidden text;
BEGIN
    FOR check_name, reads IN VALUES
        ('version', '{}'::text[]),
        ('price indexes', '{}'),
        ('protection', '{}'),
        ('schema', '{}'),
        ('watched tables', '{}'),
        ('row-level security', '{}'),
        ('children of watched tables', '{}'),
        ('default program', '{program,program_default,program_profile,program_term,program_region,current_program}'),
        ('programs that end', '{program,program_profile,program_term,program_region,current_program}'),
        ('programs of customers',
         '{customer,program,program_profile,program_term,program_default,program_region,current_program}'),
        ('payments of customers', '{customer}'),
        ('trade values of customers',
         '{customer,program,program_default,program_profile,program_term,program_region,current_program}'),
        ('regions of customers',
         '{customer,program,program_region,program_default,program_profile,program_term,current_program}'),
        ('vehicles that programs ask about',
         '{vehicle,customer,program,program_default,program_profile,program_term,program_region,current_program}'),
        ('price index is used', '{}'),
        ('planner statistics', '{}'),
        ('visibility map', '{}'),
        ('inventory', '{vehicle}'),
        ('quotes verify', '{quote,quote_event,program,program_profile,program_term,program_region}'),
        ('open quotes past their time', '{quote,quote_event}'),
        ('parts of programs', '{program,program_profile,program_term,program_tier,program_region}'),
        ('events of quotes', '{quote,quote_event}'),
        ('policies on what follows', '{}'),
        ('foreign tables', '{}'),
        ('repeated vehicles', '{vehicle}'),
        ('registered inventories', '{inventory}'),
        ('distributed tables', '{}')
    LOOP
        unreadable := tradeup_internal.unreadable(reads);
        IF unreadable IS NOT NULL THEN
            status := 'unknown';
            value := NULL;
            advice := format('GRANT SELECT ON %s TO %I;', unreadable, current_user);
        ELSE
            EXECUTE format('SELECT h.status, h.value, h.advice FROM tradeup_internal.health_%s() h',
                           translate(check_name, ' -', '__'))
            INTO STRICT status, value, advice;
            hidden := (SELECT string_agg('tradeup.' || t.name, ', ' ORDER BY t.name)
                       FROM unnest(reads) t (name) WHERE row_security_active('tradeup.' || quote_ident(t.name)));
            IF hidden IS NOT NULL THEN
                status := CASE status WHEN 'ok' THEN 'unknown' ELSE status END;
                advice := concat_ws(' ', advice, 'Row-level security may hide rows of ' || hidden
                                                 || ': ask as a role that sees all of them.');
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tradeup.health() IS
    'What an operator wants to know, one row a check: ok, warning, failed or unknown, the figures behind it, and what to do';
