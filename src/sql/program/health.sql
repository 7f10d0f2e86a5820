-- Health of programs, also of what no constraint holds together, because tables are restored in any order.

CREATE OR REPLACE FUNCTION tradeup_internal.health_default_program() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN x.program IS NULL THEN 'warning' WHEN x.valid THEN 'ok' ELSE 'failed' END, coalesce(x.program, 'none'),
           CASE WHEN x.program IS NULL
                THEN 'Customers without a program of their own have no offers: set_default_program(program).'
                WHEN NOT x.valid
                THEN format('No published version of program "%s" is valid today: publish one, or call set_default_program.',
                            x.program) END
    FROM (SELECT d.program, EXISTS (SELECT FROM tradeup.current_program p WHERE p.name = d.program) AS valid
          FROM (SELECT) one LEFT JOIN tradeup.program_default d ON true) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_default_program() IS
    'Health: a default program is marked, and a published version of it is valid today';

CREATE OR REPLACE FUNCTION tradeup_internal.health_programs_that_end() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'warning' END,
           coalesce(string_agg(format('%s on %s', p.name, p.valid_to), ', ' ORDER BY p.valid_to, p.name), 'none within 30 days'),
           CASE WHEN count(*) > 0 THEN 'From that day there are no offers of it: publish a version that follows.' END
    FROM tradeup.current_program p
    WHERE p.valid_to <= tradeup_internal.today() + 30
      AND NOT EXISTS (SELECT FROM tradeup.program n
                      WHERE n.name = p.name AND n.published_at IS NOT NULL
                        AND (n.valid_from IS NULL OR n.valid_from <= p.valid_to)
                        AND (n.valid_to IS NULL OR n.valid_to > p.valid_to));
END;
COMMENT ON FUNCTION tradeup_internal.health_programs_that_end() IS
    'Health: no program ends within 30 days without a version that follows';

CREATE OR REPLACE FUNCTION tradeup_internal.parts_of_programs_problems()
RETURNS TABLE (program text, version integer, problem text)
LANGUAGE sql STABLE PARALLEL SAFE COST 1000 ROWS 1
BEGIN ATOMIC
    WITH parts AS (
        SELECT 'profiles'::text AS kind, x.program, x.version, count(*) AS parts
            FROM tradeup.program_profile x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'terms'::text, x.program, x.version, count(*) FROM tradeup.program_term x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'tiers'::text, x.program, x.version, count(*) FROM tradeup.program_tier x GROUP BY x.program, x.version
        UNION ALL
        SELECT 'regions'::text, x.program, x.version, count(*) FROM tradeup.program_region x GROUP BY x.program, x.version
    )
    SELECT x.program, x.version, format('%s %s of no program'::text, x.parts, x.kind)
    FROM parts x
    WHERE NOT EXISTS (SELECT FROM tradeup.program p WHERE p.name = x.program AND p.version = x.version)
    UNION ALL
    SELECT p.name, p.version, format('%s of %s %s'::text, coalesce(x.parts, 0::bigint), w.published, w.kind)
    FROM tradeup.program p
    CROSS JOIN LATERAL (VALUES ('profiles'::text, p.profile_count), ('terms'::text, p.term_count), ('tiers'::text, p.tier_count),
                               ('regions'::text, p.region_count))
                       w (kind, published)
    LEFT JOIN parts x ON x.kind = w.kind AND x.program = p.name AND x.version = p.version
    WHERE p.published_at IS NOT NULL AND coalesce(x.parts, 0::bigint) <> w.published;
END;
COMMENT ON FUNCTION tradeup_internal.parts_of_programs_problems() IS
    'Profiles, terms, tiers and regions that belong to no program, and published programs that have not as many as when they '
    'were published';

CREATE OR REPLACE FUNCTION tradeup_internal.health_parts_of_programs() RETURNS TABLE (status text, value text, advice text)
LANGUAGE sql STABLE COST 10000 ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'failed' END,
           coalesce(string_agg(format('%s %s: %s', x.program, x.version, x.problem), '; '
                               ORDER BY x.program COLLATE "C", x.version, x.problem), 'complete'),
           CASE WHEN count(*) > 0 THEN 'Restore the rows that are missing, or delete those without a program.' END
    FROM (SELECT p.* FROM tradeup_internal.parts_of_programs_problems() p LIMIT 10) x;
END;
COMMENT ON FUNCTION tradeup_internal.health_parts_of_programs() IS
    'Health: profiles, terms, tiers and regions belong to programs, and published programs have all of theirs';
