-- A whole program as one JSON document: what is wrong with it, import, export, differences.

-- Every value is judged by itself; then what depends on several values, only where each of them is right, so that no mistake is
-- told twice.
CREATE OR REPLACE FUNCTION tradeup.program_problems(document tradeup.any_json) RETURNS TABLE (path text, problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT * FROM tradeup_internal.program_parts(program_problems.document::jsonb)
    ), program (sound) AS MATERIALIZED (
        SELECT coalesce(jsonb_object_agg(j.key, j.value), '{}') FROM judged j
        WHERE cardinality(j.place) = 1 AND j.fits AND j.kind IN ('number', 'string')
    ), wrong (place) AS MATERIALIZED (
        SELECT DISTINCT j.place[1:2] FROM judged j WHERE NOT j.fits AND cardinality(j.place) >= 2
    ), keys (schema, keys) AS MATERIALIZED (
        SELECT DISTINCT j.schema, ARRAY(SELECT jsonb_object_keys(j.schema -> 'properties') ORDER BY 1)
        FROM judged j WHERE j.kind = 'object' AND j.fits
    ), found (place, kind, path, problem) AS (
        SELECT j.place, 1, j.path,
               format('must be %s; it is %s', tradeup_internal.schema_words(j.schema), tradeup_internal.json_shown(j.value))
        FROM judged j
        WHERE NOT j.fits
        UNION ALL
        SELECT j.place, 2, j.path || '.' || r.key,
               format('is missing; it must be %s', tradeup_internal.schema_words(j.schema #> ARRAY['properties', r.key]))
        FROM judged j CROSS JOIN jsonb_array_elements_text(j.schema -> 'required') r (key)
        WHERE j.kind = 'object' AND NOT j.value ? r.key
        UNION ALL
        /* Keys of which one is needed. */
        SELECT j.place, 2, j.path || '.' || o.keys[CASE WHEN o.given = 0 THEN 1 ELSE 2 END],
               CASE WHEN o.given = 0
                    THEN format('is missing; it must be %s; or give %s',
                                tradeup_internal.schema_words(j.schema #> ARRAY['properties', o.keys[1]]), o.keys[2])
                    ELSE format('says again what %s says; give one of them', o.keys[1]) END
        FROM judged j
        CROSS JOIN LATERAL (SELECT array_agg(k.value #>> '{required,0}' ORDER BY k.n),
                            count(*) FILTER (WHERE j.value ? (k.value #>> '{required,0}'))
                            FROM jsonb_array_elements(j.schema -> 'oneOf') WITH ORDINALITY k (value, n)) o (keys, given)
        WHERE j.kind = 'object' AND j.schema ? 'oneOf'
          AND (o.given = 0
               OR (o.given = 2
                   AND tradeup_internal.schema_fits(j.value -> o.keys[2], j.schema #> ARRAY['properties', o.keys[2]])))
        UNION ALL
        SELECT j.place, 3,
               j.path || CASE WHEN u.key ~ '^\w{1,60}$' THEN '.' || u.key
                              ELSE format('[%s]', tradeup_internal.json_shown(to_jsonb(u.key))) END,
               'is unknown' || coalesce('; perhaps ' || tradeup_internal.nearest_word(u.key, k.keys) || ' is meant', '')
               || '; allowed are ' || array_to_string(k.keys, ', ')
        FROM judged j
        JOIN keys k ON k.schema = j.schema
        CROSS JOIN jsonb_object_keys(CASE WHEN j.kind = 'object' THEN j.value ELSE '{}' END) u (key)
        WHERE NOT u.key = ANY (k.keys)
        UNION ALL
        SELECT j.place, 4, j.path, format('must be at most %s, %sthe %s of the program; it is %s%s',
                                          CASE l.times WHEN 1 THEN p.sound ->> l.key
                                                       ELSE trim_scale(l.times * (p.sound -> l.key)::numeric)::text END,
                                          CASE l.times WHEN 1 THEN '' ELSE l.times || ' times ' END, l.key, j.value,
                                          CASE WHEN cardinality(j.place) = 1 AND NOT program_problems.document::jsonb ? j.key
                                               THEN ' by default' ELSE '' END)
        FROM judged j CROSS JOIN program p
        CROSS JOIN LATERAL (
            /* The lowest of several limits. */
            SELECT k.key #>> '{}', CASE WHEN j.schema ? 'x-percent-of' THEN 100 ELSE 1 END
            FROM jsonb_path_query(j.schema, '$."x-at-most"[*]') WITH ORDINALITY k (key, n)
            WHERE jsonb_typeof(p.sound -> (k.key #>> '{}')) = 'number'
            ORDER BY p.sound -> (k.key #>> '{}'), k.n LIMIT 1) l (key, times)
        WHERE j.fits AND j.kind = 'number' AND j.value::numeric > l.times * (p.sound -> l.key)::numeric
        UNION ALL
        SELECT j.place, 4, j.path,
            format('belongs to a %s only; the kind of the program is %s',
                   (SELECT string_agg(k.kind, ' or a ' ORDER BY k.n)
                    FROM jsonb_array_elements_text(j.schema -> 'x-kinds') WITH ORDINALITY k (kind, n)), p.sound ->> 'kind')
        FROM judged j CROSS JOIN program p
        WHERE j.fits AND j.schema ? 'x-kinds' AND p.sound ? 'kind' AND j.value <> j.schema -> 'default'
          AND NOT j.schema -> 'x-kinds' ? (p.sound ->> 'kind')
        UNION ALL
        SELECT j.place, 5, j.path,
            format('must be before %s, the %s of the program; it is %s', p.sound ->> l.key, l.key, j.value #>> '{}')
        FROM judged j CROSS JOIN program p CROSS JOIN LATERAL (SELECT j.schema ->> 'x-before') l (key)
        WHERE j.fits AND (j.value #>> '{}') >= (p.sound ->> l.key) COLLATE "C"
        UNION ALL
        SELECT d.place, 6, format('%s[%s].%s', d.path, d.n - 1, d.key),
               format('is the same as that of %s[%s]: %s', d.path, d.first - 1, tradeup_internal.json_shown(d.value))
        FROM (SELECT j.place, j.path, e.n, l.key, e.value -> l.key AS value,
              min(e.n) OVER (PARTITION BY j.path, e.value -> l.key) AS first
              FROM judged j CROSS JOIN LATERAL (SELECT j.schema ->> 'x-unique') l (key)
              CROSS JOIN jsonb_array_elements(CASE WHEN j.kind = 'array' THEN j.value ELSE '[]' END) WITH ORDINALITY e (value, n)
              WHERE j.schema ? 'x-unique' AND e.value ? l.key) d
        WHERE d.n > d.first
        UNION ALL
        SELECT t.place, 7, t.path, p.problem
        FROM (SELECT x.*, lag(x.interval) OVER (ORDER BY x.place) AS before
              FROM (SELECT j.place, j.path, t.list, substr(t.list, length(j.value ->> 'name') + 1) AS interval
                    FROM judged j
                    CROSS JOIN LATERAL (
                        SELECT tradeup_internal.tier_text(jsonb_populate_record(NULL::tradeup.program_tier,
                                                                                tradeup_internal.with_defaults(j.value,
                                                                                                               j.schema)))
                        /* Only values of the right kind make a row. */
                        WHERE j.place NOT IN (SELECT w.place FROM wrong w)) t (list)
                    WHERE j.key = 'tiers' AND cardinality(j.place) = 2 AND j.value ? 'name') x) t
        CROSS JOIN LATERAL (SELECT tradeup_internal.tiers_problem(t.list)) own (problem)
        CROSS JOIN LATERAL (
            SELECT own.problem || ':' || t.interval
            UNION ALL
            SELECT tradeup_internal.tiers_problem('before' || t.before || ', this' || t.interval)
                || format(':%s comes after%s', t.interval, t.before)
            WHERE own.problem IS NULL AND tradeup_internal.tiers_problem('before' || t.before) IS NULL) p (problem)
        WHERE p.problem IS NOT NULL
    )
    SELECT f.path, f.problem FROM found f ORDER BY f.place, f.kind, f.path COLLATE "C";
END
$$;

COMMENT ON FUNCTION tradeup.program_problems(tradeup.any_json) IS
    'Everything that keeps a JSON document from being a program: the path of each wrong value and what is allowed there';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_program_from_json(document tradeup.any_json)
RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    schema jsonb := tradeup.program_schema();
    whole jsonb := tradeup_internal.with_defaults(document::jsonb, schema);
    problems bigint;
    shown text;
    key jsonb;
    latest integer;
BEGIN
    SELECT count(*), string_agg(CASE WHEN length(p.path || p.problem) > 300 THEN left(p.path || ': ' || p.problem, 300) || '...'
                                     ELSE p.path || ': ' || p.problem END, E'\n' ORDER BY p.n) FILTER (WHERE p.n <= 20)
    INTO problems, shown
    FROM tradeup.program_problems(document) WITH ORDINALITY p (path, problem, n);
    IF problems > 0 THEN
        RAISE EXCEPTION 'document is not a finance program: % %', problems, CASE WHEN problems = 1 THEN 'problem'
            ELSE 'problems' END
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'program_problems(document) lists them as rows; program_schema() says all that is allowed.';
    END IF;
    /* Two imports at once take different versions. The locks come in the order in which a publication takes them. */
    LOCK TABLE tradeup.program, tradeup.program_profile, tradeup.program_term, tradeup.program_tier, tradeup.program_region
        IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(p.version) INTO latest FROM tradeup.program p WHERE p.name = whole ->> 'name';
    IF latest = 2147483647 THEN
        RAISE EXCEPTION 'program "%" has no version left', tradeup_internal.shown(whole ->> 'name')
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Import it under another name.';
    END IF;
    latest := coalesce(latest, 0) + 1;
    key := jsonb_build_object('program', whole -> 'name', 'version', latest);
    BEGIN
        INSERT INTO tradeup.program
        SELECT x.* FROM jsonb_populate_record(NULL::tradeup.program, whole - '{profiles,terms,tiers,regions}'::text[]
                                                                     || jsonb_build_object('version', latest, 'built_in',
                                                                                           false)) x;
    EXCEPTION WHEN unique_violation THEN
        /* A transaction that sees the tables as they were cannot see the version of another. */
        RAISE EXCEPTION 'another session added a version of program "%"', tradeup_internal.shown(whole ->> 'name')
            USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
    END;
    INSERT INTO tradeup.program_profile
    SELECT x.* FROM jsonb_array_elements(whole -> 'profiles') i (value),
         jsonb_populate_record(NULL::tradeup.program_profile,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,profiles,items}') || key) x;
    INSERT INTO tradeup.program_term
    SELECT x.* FROM jsonb_array_elements(whole -> 'terms') i (value),
         jsonb_populate_record(NULL::tradeup.program_term,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,terms,items}') || key) x;
    INSERT INTO tradeup.program_tier
    SELECT x.* FROM jsonb_array_elements(whole -> 'tiers') WITH ORDINALITY i (value, n),
         jsonb_populate_record(NULL::tradeup.program_tier,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,tiers,items}') || key
                               || jsonb_build_object('rank', i.n)) x;
    INSERT INTO tradeup.program_region
    SELECT x.* FROM jsonb_array_elements(whole -> 'regions') i (value),
         jsonb_populate_record(NULL::tradeup.program_region,
                               tradeup_internal.with_defaults(i.value, schema #> '{properties,regions,items}') || key) x;
    PERFORM tradeup.publish_program(whole ->> 'name', latest);
    RETURN latest;
END
$$;
COMMENT ON FUNCTION tradeup_internal.steps_of_program_from_json(tradeup.any_json) IS 'The steps of program_from_json';

CREATE OR REPLACE FUNCTION tradeup.program_from_json(document tradeup.any_json) RETURNS integer
LANGUAGE c COST 100 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.program_from_json(tradeup.any_json) IS
    'Publishes a JSON document as a new version of its program and returns the version; or one error with everything that is '
    'wrong';

CREATE OR REPLACE FUNCTION tradeup.program_to_json(name text, version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT to_jsonb(p)
           - '{version,built_in,published_at,profile_count,term_count,tier_count,region_count,tiers}'::text[]
           || jsonb_build_object(
               'profiles', (SELECT coalesce(jsonb_agg(
                                       CASE WHEN f.annual_rate > 1
                                            THEN to_jsonb(f) - '{program,version,annual_rate}'::text[]
                                                 || jsonb_build_object('annual_percent', trim_scale(100 * f.annual_rate))
                                            ELSE to_jsonb(f) - '{program,version}'::text[] END ORDER BY f.profile COLLATE "C"),
                                                '[]')
                            FROM tradeup.program_profile f WHERE f.program = p.name AND f.version = p.version),
               'terms', (SELECT coalesce(jsonb_agg(to_jsonb(t) - '{program,version}'::text[] ORDER BY t.term), '[]')
                         FROM tradeup.program_term t WHERE t.program = p.name AND t.version = p.version),
               'tiers', (SELECT coalesce(jsonb_agg(to_jsonb(r) - '{program,version,rank}'::text[] ORDER BY r.rank), '[]')
                         FROM tradeup.program_tier r WHERE r.program = p.name AND r.version = p.version),
               'regions', (SELECT coalesce(jsonb_agg(to_jsonb(g) - '{program,version}'::text[] ORDER BY g.region COLLATE "C"),
                                           '[]')
                           FROM tradeup.program_region g WHERE g.program = p.name AND g.version = p.version))
    FROM (SELECT program_to_json.name, program_to_json.version) q (name, version)
    LEFT JOIN tradeup.program p
           ON p.name = q.name
          AND p.version = coalesce(q.version, (SELECT c.version FROM tradeup.current_program c WHERE c.name = q.name))
    WHERE tradeup_internal.require_known('program'::text, q.name || coalesce('" version "' || q.version, ''), p.name,
                                         true);
END;

COMMENT ON FUNCTION tradeup.program_to_json(text, integer) IS
    'A version of a program, or the current one, as a JSON document with every field written out';

-- Profiles, terms, tiers and regions are compared by their names, not by their places.
CREATE OR REPLACE FUNCTION tradeup.program_diff(a tradeup.any_json, b tradeup.any_json)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    schema jsonb := tradeup.program_schema();
BEGIN
    RETURN QUERY
    WITH side (side, value) AS (
        SELECT s.side, tradeup_internal.with_defaults(coalesce(s.value, 'null'), schema)
        FROM (VALUES (1, program_diff.a::jsonb), (2, program_diff.b::jsonb)) s (side, value)
    ), item (side, section, path, n, place, value) AS (
        SELECT s.side, '', '$', 1::bigint, 0::bigint, s.value
        FROM side s WHERE jsonb_typeof(s.value) <> 'object'
        UNION ALL
        SELECT s.side, '', '$.' || f.key, 1, 0, f.value
        FROM side s, jsonb_each(CASE WHEN jsonb_typeof(s.value) = 'object' THEN s.value ELSE '{}' END) f
        WHERE jsonb_typeof(f.value) <> 'array' OR schema #>> ARRAY['properties', f.key, 'x-unique'] IS NULL
        UNION ALL
        SELECT s.side, l.key, k.path, row_number() OVER (PARTITION BY s.side, k.path ORDER BY i.n), i.n,
               tradeup_internal.with_defaults(i.value, l.schema -> 'items')
        FROM side s
        CROSS JOIN jsonb_each(schema -> 'properties') l (key, schema)
        CROSS JOIN jsonb_array_elements(CASE WHEN jsonb_typeof(s.value -> l.key) = 'array' THEN s.value -> l.key ELSE '[]' END)
                       WITH ORDINALITY i (value, n)
        CROSS JOIN LATERAL (
            SELECT format('$.%s[%s]', l.key,
                          CASE WHEN jsonb_typeof(x.key) = 'number' THEN to_jsonb(trim_scale(x.key::numeric)::text) ELSE x.key END)
            FROM (SELECT coalesce(i.value -> (l.schema ->> 'x-unique'), i.value)) x (key)) k (path)
        WHERE l.schema ? 'x-unique'
    ), pair AS (
        SELECT i.section, i.path, i.n, max(i.place) FILTER (WHERE i.side = 2) AS place_b, min(i.place) AS place,
               (array_agg(i.value) FILTER (WHERE i.side = 1))[1] AS a, (array_agg(i.value) FILTER (WHERE i.side = 2))[1] AS b
        FROM item i
        GROUP BY i.section, i.path, i.n
    )
    SELECT p.path || d.step, d.a, d.b
    FROM pair p
    CROSS JOIN LATERAL (
        SELECT '', p.a, p.b
        WHERE (jsonb_typeof(p.a) = 'object' AND jsonb_typeof(p.b) = 'object') IS NOT TRUE
        UNION ALL
        SELECT '.' || f.key, p.a -> f.key, p.b -> f.key
        FROM jsonb_object_keys(CASE WHEN jsonb_typeof(p.a) = 'object' AND jsonb_typeof(p.b) = 'object' THEN p.a || p.b
                               ELSE '{}' END) f (key)
    ) d (step, a, b)
    WHERE d.a IS DISTINCT FROM d.b
    ORDER BY p.section COLLATE "C", coalesce(p.place_b, p.place), p.path COLLATE "C", p.n, d.step COLLATE "C";
END
$$;

COMMENT ON FUNCTION tradeup.program_diff(tradeup.any_json, tradeup.any_json) IS
    'What differs between two documents of programs, by path; null on the side that lacks it; a figure left out counts as its '
    'default';

CREATE OR REPLACE FUNCTION tradeup_internal.steps_of_program_diff(program text, from_version integer, to_version integer)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 10
BEGIN ATOMIC
    SELECT d.path, d.value_a, d.value_b
    FROM tradeup.program_diff(tradeup.program_to_json(steps_of_program_diff.program, steps_of_program_diff.from_version)
                                  ::tradeup.any_json,
                              tradeup.program_to_json(steps_of_program_diff.program, steps_of_program_diff.to_version)
                                  ::tradeup.any_json) d;
END;

COMMENT ON FUNCTION tradeup_internal.steps_of_program_diff(text, integer, integer) IS 'The steps of program_diff';

CREATE OR REPLACE FUNCTION tradeup.program_diff(program text, from_version integer, to_version integer)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE c STABLE PARALLEL SAFE COST 2000 ROWS 10 AS 'MODULE_PATHNAME', 'of_steps';

COMMENT ON FUNCTION tradeup.program_diff(text, integer, integer) IS
    'What differs between two versions of a program; null is the current one';
