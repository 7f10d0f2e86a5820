-- Health of what no constraint holds together, because tables are restored in any order: programs and their parts, quotes and
-- their events. And the sample of quotes that this and other checks look at.

-- As many pages as quotes, so that neighbours do not make up the sample.
CREATE OR REPLACE FUNCTION tradeup.some_quotes(most integer) RETURNS SETOF bigint
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE COST 1000 ROWS 100
BEGIN ATOMIC
    SELECT q.quote_id
    FROM tradeup.quote q TABLESAMPLE system (
        least(100, 100 * some_quotes.most
                   / greatest(pg_relation_size('tradeup.quote') / current_setting('block_size')::double precision, 1)))
    ORDER BY random() LIMIT some_quotes.most;
END;
COMMENT ON FUNCTION tradeup.some_quotes(integer) IS
    'Numbers of quotes picked at random, at most so many; all of them when there are no more';

CREATE OR REPLACE FUNCTION tradeup.parts_of_programs_problems() RETURNS TABLE (program text, version integer, problem text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    WITH parts AS (
        SELECT 'profiles'::text AS kind, x.program, x.version, count(*) AS parts
            FROM tradeup.program_profile x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'terms'::text, x.program, x.version, count(*) FROM tradeup.program_term x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'tiers'::text, x.program, x.version, count(*) FROM tradeup.program_tier x GROUP BY x.program, x.version
    )
    SELECT x.program, x.version, format('%s %s of no program'::text, x.parts, x.kind)
    FROM parts x
    WHERE NOT EXISTS (SELECT FROM tradeup.program p WHERE p.name = x.program AND p.version = x.version)
    UNION ALL
    SELECT p.name, p.version, format('%s of %s %s'::text, coalesce(x.parts, 0::bigint), w.published, w.kind)
    FROM tradeup.program p
    CROSS JOIN LATERAL (VALUES ('profiles'::text, p.profile_count), ('terms'::text, p.term_count), ('tiers'::text, p.tier_count))
                       w (kind, published)
    LEFT JOIN parts x ON x.kind = w.kind AND x.program = p.name AND x.version = p.version
    WHERE p.published_at IS NOT NULL AND coalesce(x.parts, 0::bigint) <> w.published;
END;
COMMENT ON FUNCTION tradeup.parts_of_programs_problems() IS
    'Profiles, terms and tiers that belong to no program, and published programs that have not as many as when they were '
    'published';

-- Two samples: of events, to find those without a quote; of quotes, to find those whose events are none that can follow one
-- another.
CREATE OR REPLACE FUNCTION tradeup.events_of_quotes_problems(most integer) RETURNS TABLE (quote_id bigint, problem text)
LANGUAGE sql VOLATILE STRICT PARALLEL SAFE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT e.quote_id, 'events of no quote'::text
    FROM (SELECT DISTINCT x.quote_id
          FROM tradeup.quote_event x TABLESAMPLE system (
              least(100::double precision,
                    (100 * events_of_quotes_problems.most)::double precision
                    / greatest(pg_relation_size('tradeup.quote_event'::regclass)
                               / current_setting('block_size'::text)::double precision,
                               1::double precision)))
          LIMIT 50 * events_of_quotes_problems.most) e
    WHERE NOT EXISTS (SELECT FROM tradeup.quote q WHERE q.quote_id = e.quote_id)
    UNION ALL
    SELECT s.quote_id, 'no first event'::text
    FROM tradeup.some_quotes(events_of_quotes_problems.most) s (quote_id)
    WHERE NOT EXISTS (SELECT FROM tradeup.quote_event e WHERE e.quote_id = s.quote_id AND e.seq = 1)
    UNION ALL
    SELECT e.quote_id, format('event %s cannot follow'::text, e.seq)
    FROM tradeup.some_quotes(events_of_quotes_problems.most) s (quote_id)
    JOIN tradeup.quote_event e ON e.quote_id = s.quote_id AND e.seq > 1
    LEFT JOIN tradeup.quote_event b ON b.quote_id = e.quote_id AND b.seq = e.seq - 1
    WHERE NOT EXISTS (SELECT FROM tradeup.quote_transitions() t WHERE t.standing = b.event AND t.event = e.event);
END;
COMMENT ON FUNCTION tradeup.events_of_quotes_problems(integer) IS
    'Events without a quote, quotes without a first event, and events that cannot follow the one before, in samples of at most '
    'so many pages or quotes';

CREATE OR REPLACE FUNCTION tradeup.health_of_integrity()
RETURNS TABLE (check_name text, status text, value text, advice text, reads text[])
LANGUAGE plpgsql STABLE COST 10000 ROWS 3 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
BEGIN
    check_name := 'parts of programs';
    reads := '{program,program_profile,program_term,program_tier}';
    status := 'unknown';
    IF tradeup.unreadable(reads) IS NULL THEN
        SELECT string_agg(format('%s %s: %s', x.program, x.version, x.problem), '; ' ORDER BY x.program COLLATE "C", x.version,
                          x.problem)
        INTO value FROM (SELECT p.* FROM tradeup.parts_of_programs_problems() p LIMIT 10) x;
        status := CASE WHEN value IS NULL THEN 'ok' ELSE 'failed' END;
        advice := CASE WHEN value IS NOT NULL THEN 'Restore the rows that are missing, or delete those without a program.' END;
        value := coalesce(value, 'complete');
    END IF;
    RETURN NEXT;

    check_name := 'events of quotes';
    reads := '{quote,quote_event}';
    status := 'unknown';
    value := NULL;
    advice := NULL;
    /* Where policies hide some quotes, their events would seem to have none. */
    IF tradeup.unreadable(reads) IS NULL AND NOT row_security_active('tradeup.quote')
        AND NOT row_security_active('tradeup.quote_event') THEN
        SELECT string_agg(format('quote %s: %s', x.quote_id, x.problem), '; ' ORDER BY x.quote_id, x.problem)
        INTO value FROM (SELECT p.* FROM tradeup.events_of_quotes_problems(100) p LIMIT 10) x;
        status := CASE WHEN value IS NULL THEN 'ok' ELSE 'failed' END;
        advice := CASE WHEN value IS NOT NULL
            THEN 'Quotes or events were lost, for instance in a restore: restore them again.' END;
        value := coalesce(value, 'complete in a sample');
    END IF;
    RETURN NEXT;

    check_name := 'policies on what follows';
    reads := '{}';
    value := NULL;
    advice := NULL;
    WITH RECURSIVE hidden (relation, through) AS (
        SELECT c.oid, c.relname::text FROM pg_class c WHERE c.relnamespace = 'tradeup'::regnamespace AND c.relrowsecurity
    ), below AS (
        SELECT i.inhrelid AS relation, h.through FROM hidden h JOIN pg_inherits i ON i.inhparent = h.relation
        UNION
        SELECT i.inhrelid, b.through FROM below b JOIN pg_inherits i ON i.inhparent = b.relation
    ), follows AS (
        SELECT b.relation, b.through FROM below b
        UNION
        SELECT format('tradeup.%I', x.relation)::regclass::oid, h.through
        FROM hidden h
        JOIN (VALUES ('customer', 'quote'), ('customer', 'quote_event'), ('vehicle', 'quote'), ('vehicle', 'quote_event'),
                     ('quote', 'quote_event')) x (through, relation) ON x.through = h.through
    )
    SELECT string_agg(DISTINCT f.relation::regclass::text, ', ' ORDER BY f.relation::regclass::text),
           string_agg(DISTINCT format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', f.relation::regclass), ' '
                      ORDER BY format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY;', f.relation::regclass))
    INTO value, advice
    FROM follows f JOIN pg_class c ON c.oid = f.relation AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity;
    status := CASE WHEN value IS NULL THEN 'ok' ELSE 'failed' END;
    advice := advice || ' Then add policies: what policies hide elsewhere is to be read there.';
    value := coalesce('without: ' || value, 'complete');
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION tradeup.health_of_integrity() IS
    'The checks of health on what no constraint holds together and on policies that follow from others, each with the tables '
    'that it reads';
