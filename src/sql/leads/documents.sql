-- A whole model as one JSON document: what is wrong with it, import, export.

-- Kinds: text, word (a name as evidence writes it), group (as scorers write it), number, integer, cents, probability (above 0,
-- below 1), boolean, date, slots (an object), texts and numbers (arrays), or the allowed words.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.model_fields()
RETURNS TABLE (section text, key text, kind text, required boolean, lowest numeric, highest numeric, standard jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 10 ROWS 65
BEGIN ATOMIC
    SELECT f.section, f.key, f.kind, f.required, f.lowest::numeric, f.highest::numeric, f.standard::jsonb
    FROM (VALUES
           ('', 'name', 'text', true, NULL, NULL, NULL), ('', 'title', 'text', false, NULL, NULL, NULL),
           ('', 'cause', 'text', true, NULL, NULL, NULL), ('', 'horizon_months', 'integer', false, 1, 240, '12'),
           ('', 'counts_form', 'plain|jeffreys', false, NULL, NULL, '"jeffreys"'),
           ('', 'intercept', 'number', false, -20, 20, '0'), ('', 'slope', 'number', false, 0.000000001, 5, '1'),
           ('', 'absent_counts', 'boolean', false, NULL, NULL, 'true'),
           ('', 'severities', 'texts', false, NULL, NULL, '["low", "moderate", "high", "critical", "severe"]'),
           ('', 'severity_from', 'numbers', false, NULL, NULL, '[0.03, 0.07, 0.12, 0.2]'),
           ('', 'uncertain_level', 'probability', false, NULL, NULL, '0.8'),
           ('', 'uncertain_classes', 'integer', false, 1, 100, '2'), ('', 'source', 'text', false, NULL, NULL, NULL),
           ('cohorts', 'cohort', 'text', true, NULL, NULL, NULL),
           ('cohorts', 'published_rate', 'probability', false, NULL, NULL, NULL),
           ('cohorts', 'published_size', 'number', false, 0.000000001, 1000000000, NULL),
           ('cohorts', 'discount', 'number', false, 0.000000001, 1, '1'),
           ('cohorts', 'local_failures', 'integer', false, 0, 1000000000, '0'),
           ('cohorts', 'local_size', 'integer', false, 0, 1000000000, '0'),
           ('cohorts', 'factors', 'texts', false, NULL, NULL, '[]'), ('cohorts', 'source', 'text', false, NULL, NULL, NULL),
           ('cohorts', 'rated_on', 'date', false, NULL, NULL, NULL),
           ('cohorts', 'verified', 'boolean', false, NULL, NULL, 'false'),
           ('stressors', 'stressor', 'word', true, NULL, NULL, NULL), ('stressors', 'position', 'integer', true, 1, 64, NULL),
           ('stressors', 'title', 'text', false, NULL, NULL, NULL),
           ('stressors', 'present_failed', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'absent_failed', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'present_sound', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'absent_sound', 'number', false, 0, 1000000000, NULL),
           ('stressors', 'ratio_present', 'number', false, 0.000000001, 1000000000, NULL),
           ('stressors', 'ratio_absent', 'number', false, 0.000000001, 1000000000, NULL),
           ('stressors', 'uncertainty_factor', 'number', false, 1, 1000000, '1'),
           ('stressors', 'relative_risk', 'number', false, 0.000000001, 1000000000, NULL),
           ('stressors', 'prevalence', 'probability', false, NULL, NULL, NULL),
           ('stressors', 'dependence_group', 'group', false, NULL, NULL, NULL),
           ('stressors', 'factor', 'text', false, NULL, NULL, NULL),
           ('stressors', 'enabled', 'boolean', false, NULL, NULL, 'true'),
           ('stressors', 'source', 'text', false, NULL, NULL, NULL),
           ('stressors', 'verified', 'boolean', false, NULL, NULL, 'false'),
           ('rules', 'stressor', 'word', true, NULL, NULL, NULL),
           ('rules', 'rule', 'integer', false, -2147483648, 2147483647, '1'),
           ('rules', 'measure', 'text', true, NULL, NULL, NULL),
           ('rules', 'comparison', '<|<=|=|>=|>|in', true, NULL, NULL, NULL),
           ('rules', 'threshold', 'number', false, -1000000000000000, 1000000000000000, NULL),
           ('rules', 'words', 'texts', false, NULL, NULL, NULL),
           ('rules', 'probability', 'probability', false, NULL, NULL, NULL),
           ('priorities', 'priority', 'high|moderate|follow_up|retention', true, NULL, NULL, NULL),
           ('priorities', 'min_risk', 'number', false, 0, 1, NULL), ('priorities', 'max_risk', 'number', false, 0, 1, NULL),
           ('priorities', 'min_percentile', 'number', false, 0, 1, NULL),
           ('priorities', 'min_value', 'number', false, -1000000000, 1000000000, NULL),
           ('values', 'vehicle_class', 'text', true, NULL, NULL, NULL), ('values', 'parts', 'cents', true, 0, 1000000000, NULL),
           ('values', 'service', 'cents', true, 0, 1000000000, NULL),
           ('values', 'margin_if_needed', 'number', true, -1000000000, 1000000000, NULL),
           ('values', 'margin_otherwise', 'number', false, -1000000000, 1000000000, '0'),
           ('channels', 'channel', 'text', true, NULL, NULL, NULL), ('channels', 'cost', 'number', false, 0, 1000000, '0'),
           ('channels', 'succeeded', 'integer', false, 0, 2147483647, '0'),
           ('channels', 'tried', 'integer', false, 0, 2147483647, '0'),
           ('templates', 'priority', 'high|moderate|follow_up|retention', true, NULL, NULL, NULL),
           ('templates', 'channel', 'text', true, NULL, NULL, NULL), ('templates', 'body', 'text', true, NULL, NULL, NULL),
           ('templates', 'defaults', 'slots', false, NULL, NULL, '{}'))
        f (section, key, kind, required, lowest, highest, standard);
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_fields() IS
    'What a document of a model may hold, section by section: keys, kinds, limits and defaults';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.value_fits(value jsonb, kind text, lowest numeric, highest numeric)
RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
RETURN CASE
    WHEN kind IN ('text', 'word') THEN
        jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] <> ''
        AND (kind <> 'word' OR value #>> '{}'::text[] ~ '^[a-z][a-z0-9_]{0,62}$')
    WHEN kind = 'group' THEN
        jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] ~ '^[^\x01-\x20"=\x7F]+$'
        AND octet_length(value #>> '{}'::text[]) <= 63
    WHEN kind IN ('number', 'integer', 'cents', 'probability') THEN
        CASE WHEN jsonb_typeof(value) = 'number'
             THEN value::numeric BETWEEN coalesce(lowest, -1e300) AND coalesce(highest, 1e300)
                  AND (value::numeric = 0 OR abs(value::numeric) >= 1e-300)
                  AND CASE kind WHEN 'integer' THEN value::numeric = trunc(value::numeric)
                                WHEN 'cents' THEN value::numeric = round(value::numeric, 2)
                                WHEN 'probability' THEN value::numeric > 1e-12 AND value::numeric < 1 - 1e-12
                                ELSE true END
             ELSE false END
    WHEN kind = 'boolean' THEN jsonb_typeof(value) = kind
    WHEN kind = 'slots' THEN
        CASE WHEN jsonb_typeof(value) = 'object'
             THEN NOT EXISTS (SELECT FROM jsonb_each(value) e WHERE jsonb_typeof(e.value) IN ('object', 'array'))
             ELSE false END
    WHEN kind = 'date' THEN
        jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] ~ '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$'
        AND (substr(value #>> '{}'::text[], 9)::integer
             <= CASE substr(value #>> '{}'::text[], 6, 2)
                    WHEN '02' THEN CASE WHEN date_part('day'::text, make_date(
                                                       greatest(substr(value #>> '{}'::text[], 1, 4)::integer, 1), 3, 1) - 1)
                                             = 29 THEN 29 ELSE 28 END
                    WHEN '04' THEN 30 WHEN '06' THEN 30 WHEN '09' THEN 30 WHEN '11' THEN 30 ELSE 31 END)
        AND substr(value #>> '{}'::text[], 1, 4) >= '1900'
    WHEN kind IN ('texts', 'numbers') THEN
        CASE WHEN jsonb_typeof(value) = 'array'
             THEN (SELECT coalesce(bool_and(CASE WHEN kind = 'texts' THEN jsonb_typeof(e.item) = 'string'
                                                 WHEN jsonb_typeof(e.item) = 'number'
                                                 THEN abs(e.item::numeric) <= 1e300
                                                      AND (e.item::numeric = 0 OR abs(e.item::numeric) >= 1e-300)
                                                 ELSE false END), true)
                   FROM jsonb_array_elements(value) e (item))
             ELSE false END
    ELSE jsonb_typeof(value) = 'string' AND value #>> '{}'::text[] = ANY (string_to_array(kind, '|'::text)) END;
COMMENT ON FUNCTION tradeup_leads_internal.value_fits(jsonb, text, numeric, numeric) IS
    'Whether a value of a document is of the kind, and within the limits, of its key';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.kind_words(kind text, lowest numeric, highest numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 20
RETURN CASE kind
    WHEN 'text' THEN 'a text that is not empty'
    WHEN 'word' THEN 'a word of small letters, digits and _'
    WHEN 'cents' THEN format('an amount of %s to %s in whole cents', lowest, highest)
    WHEN 'probability' THEN 'a number above 0 and below 1'
    WHEN 'boolean' THEN 'true or false'
    WHEN 'group' THEN 'a word of 1 to 63 bytes without =, " and blanks'
    WHEN 'slots' THEN 'an object of texts, numbers and flags'
    WHEN 'date' THEN 'a date such as 2026-01-31'
    WHEN 'texts' THEN 'an array of texts'
    WHEN 'numbers' THEN 'an array of numbers'
    WHEN 'number' THEN format('a number of %s to %s', lowest, highest)
    WHEN 'integer' THEN format('a whole number of %s to %s', lowest, highest)
    ELSE 'one of ' || replace(kind, '|'::text, ', '::text) END;
COMMENT ON FUNCTION tradeup_leads_internal.kind_words(text, numeric, numeric) IS 'What a key allows, in words';

-- A section with the defaults of its keys; what is no object becomes an empty one.
CREATE OR REPLACE FUNCTION tradeup_leads_internal.model_section(document jsonb, section text)
RETURNS TABLE (place bigint, item jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100 ROWS 20
BEGIN ATOMIC
    SELECT e.place, f.standard || CASE WHEN jsonb_typeof(e.item) = 'object' THEN jsonb_strip_nulls(e.item) ELSE '{}'::jsonb END
    FROM (SELECT coalesce(jsonb_object_agg(x.key, x.standard) FILTER (WHERE x.standard IS NOT NULL), '{}'::jsonb)
          FROM tradeup_leads_internal.model_fields() x WHERE x.section = model_section.section) f (standard),
         jsonb_array_elements(CASE WHEN model_section.section = '' THEN jsonb_build_array(model_section.document)
                                   WHEN jsonb_typeof(model_section.document -> model_section.section) = 'array'
                                   THEN model_section.document -> model_section.section
                                   ELSE '[]'::jsonb END) WITH ORDINALITY e (item, place);
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_section(jsonb, text) IS
    'The items of a section of a document, with what is left out filled in; section "" is the document itself';

-- Every value is judged by itself; what depends on several values only where each of them is right, so that no mistake is told
-- twice.
CREATE OR REPLACE FUNCTION tradeup_leads.model_problems(document jsonb) RETURNS TABLE (path text, problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 20000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH field AS MATERIALIZED (
        SELECT * FROM tradeup_leads_internal.model_fields()
    ), section (section) AS (
        SELECT DISTINCT f.section FROM field f WHERE f.section <> ''
    ), item (section, place, path, item) AS MATERIALIZED (
        SELECT ''::text, 0::bigint, '$'::text, coalesce(model_problems.document, 'null')
        UNION ALL
        SELECT s.section, e.place, format('$.%s[%s]', s.section, e.place - 1), e.item
        FROM section s,
             jsonb_array_elements(CASE WHEN jsonb_typeof(model_problems.document -> s.section) = 'array'
                                       THEN model_problems.document -> s.section ELSE '[]' END) WITH ORDINALITY e (item, place)
    ), given (section, place, path, key, value) AS MATERIALIZED (
        SELECT i.section, i.place, i.path, k.key, k.value
        FROM item i, jsonb_each(CASE WHEN jsonb_typeof(i.item) = 'object' THEN i.item ELSE '{}' END) k
        WHERE k.value <> 'null'
    ), judged (section, place, path, key, value, kind, lowest, highest, fits) AS MATERIALIZED (
        SELECT g.section, g.place, g.path, g.key, g.value, f.kind, f.lowest, f.highest,
               tradeup_leads_internal.value_fits(g.value, f.kind, f.lowest, f.highest)
        FROM given g JOIN field f ON f.section = g.section AND f.key = g.key
    ), sound (section, place, path, item) AS MATERIALIZED (
        /* Items of which every value is right and nothing is missing, with their defaults. */
        SELECT i.section, i.place, i.path,
               (SELECT coalesce(jsonb_object_agg(f.key, f.standard) FILTER (WHERE f.standard IS NOT NULL), '{}')
                FROM field f WHERE f.section = i.section) || jsonb_strip_nulls(i.item)
        FROM item i
        WHERE jsonb_typeof(i.item) = 'object'
          AND NOT EXISTS (SELECT FROM judged j WHERE j.section = i.section AND j.place = i.place AND NOT j.fits)
          AND NOT EXISTS (SELECT FROM field f WHERE f.section = i.section AND f.required
                            AND coalesce(i.item -> f.key, 'null') = 'null')
    ), model (item) AS MATERIALIZED (
        SELECT s.item FROM sound s WHERE s.section = ''
    ), cohort AS MATERIALIZED (
        SELECT s.place, s.path, r.* FROM sound s, jsonb_populate_record(NULL::tradeup_leads.risk_cohort, s.item) r
        WHERE s.section = 'cohorts'
    ), stressor AS MATERIALIZED (
        SELECT s.place, s.path, r.* FROM sound s, jsonb_populate_record(NULL::tradeup_leads.stressor, s.item) r
        WHERE s.section = 'stressors'
    ), found (section, place, kind, path, problem) AS (
        SELECT i.section, i.place, 1, i.path, 'must be an object; it is ' || left(i.item::text, 40)
        FROM item i WHERE jsonb_typeof(i.item) <> 'object'
        UNION ALL
        SELECT '', 0, 1, '$.' || s.section, 'must be an array of objects; it is ' || left(g.value::text, 40)
        FROM section s JOIN given g ON g.section = '' AND g.key = s.section WHERE jsonb_typeof(g.value) <> 'array'
        UNION ALL
        SELECT j.section, j.place, 1, j.path || '.' || j.key,
               format('must be %s; it is %s', tradeup_leads_internal.kind_words(j.kind, j.lowest, j.highest),
                      left(j.value::text, 40))
        FROM judged j WHERE NOT j.fits
        UNION ALL
        SELECT i.section, i.place, 2, i.path || '.' || f.key,
               format('is missing; it must be %s', tradeup_leads_internal.kind_words(f.kind, f.lowest, f.highest))
        FROM item i JOIN field f ON f.section = i.section AND f.required
        WHERE jsonb_typeof(i.item) = 'object' AND coalesce(i.item -> f.key, 'null') = 'null'
        UNION ALL
        SELECT '', 0, 2, '$.' || n.section, 'is missing; there must be at least one'
        FROM (VALUES ('cohorts'), ('priorities')) n (section)
        WHERE jsonb_typeof(model_problems.document) = 'object'
          AND NOT EXISTS (SELECT FROM item i WHERE i.section = n.section)
          AND NOT EXISTS (SELECT FROM given g WHERE g.section = '' AND g.key = n.section AND jsonb_typeof(g.value) <> 'array')
        UNION ALL
        SELECT g.section, g.place, 3, g.path || '.' || left(g.key, 60),
               'is unknown; allowed are ' || (SELECT string_agg(a.key, ', ' ORDER BY a.key)
                                              FROM (SELECT f.key FROM field f WHERE f.section = g.section
                                                    UNION ALL SELECT s.section FROM section s WHERE g.section = '') a (key))
        FROM given g
        WHERE NOT EXISTS (SELECT FROM field f WHERE f.section = g.section AND f.key = g.key)
          AND NOT (g.section = '' AND EXISTS (SELECT FROM section s WHERE s.section = g.key))
        UNION ALL
        SELECT d.section, d.place, 4, d.path, 'says again what ' || d.first || ' says: ' || left(d.name, 60)
        FROM (SELECT s.section, s.place, s.path, n.name,
                     first_value(s.path) OVER (PARTITION BY s.section, u.part, n.name ORDER BY s.place) AS first
              FROM sound s
              JOIN (VALUES ('cohorts', 1, '{cohort}'::text[]), ('stressors', 1, '{stressor}'), ('stressors', 2, '{position}'),
                           ('rules', 1, '{stressor,rule}'), ('priorities', 1, '{priority}'), ('values', 1, '{vehicle_class}'),
                           ('channels', 1, '{channel}'), ('templates', 1, '{priority,channel}')) u (section, part, keys)
                   ON u.section = s.section
              CROSS JOIN LATERAL (SELECT string_agg(s.item ->> k.key, ', ' ORDER BY k.n)
                                  FROM unnest(u.keys) WITH ORDINALITY k (key, n)) n (name)) d
        WHERE d.path <> d.first
        UNION ALL
        SELECT '', 0, 5, '$.severity_from', p.problem
        FROM model m CROSS JOIN LATERAL (
            SELECT 'must rise within 0 and 1'
            WHERE NOT tradeup_leads_internal.rise_within_0_and_1(
                ARRAY(SELECT e.item::double precision FROM jsonb_array_elements(m.item -> 'severity_from') e (item)))
            UNION ALL
            SELECT format('must have one threshold less than there are severities; there are %s and %s',
                          jsonb_array_length(m.item -> 'severity_from'), jsonb_array_length(m.item -> 'severities'))
            WHERE jsonb_array_length(m.item -> 'severity_from') + 1 <> jsonb_array_length(m.item -> 'severities')
            UNION ALL
            SELECT 'has a severity "uncertain", which is the name of what has none'
            WHERE m.item -> 'severities' ? 'uncertain') p (problem)
        UNION ALL
        SELECT '', 0, 5, '$.severities', format('has "%s" %s times', left(e.item, 40), count(*))
        FROM model m, jsonb_array_elements_text(m.item -> 'severities') e (item) GROUP BY e.item HAVING count(*) > 1
        UNION ALL
        SELECT 'cohorts', c.place, 5, c.path, p.problem
        FROM cohort c CROSS JOIN LATERAL (
            SELECT 'needs both published_rate and published_size, or neither'
            WHERE (c.published_rate IS NULL) <> (c.published_size IS NULL)
            UNION ALL
            SELECT format('has %s local failures of %s', c.local_failures, c.local_size) WHERE c.local_failures > c.local_size
            UNION ALL
            SELECT format('contains factor "%s", which stressor "%s" has too', s.factor, s.stressor)
            FROM stressor s WHERE s.factor = ANY (c.factors)
            UNION ALL
            SELECT format('contains factor "%s", which is stressor "%s" itself', s.stressor, s.stressor)
            FROM stressor s WHERE s.stressor = ANY (c.factors) AND s.factor IS DISTINCT FROM s.stressor
            UNION ALL
            SELECT format('counts %s failing and %s sound vehicles; each must be from 0.000001 to 1000000000', r.failing, r.sound)
            FROM (SELECT coalesce(c.discount * c.published_rate * c.published_size, 0.5) + c.local_failures,
                         coalesce(c.discount * (1 - c.published_rate) * c.published_size, 0.5)
                         + (c.local_size - c.local_failures)) r (failing, sound)
            WHERE c.local_failures <= c.local_size
              AND NOT (r.failing BETWEEN 1e-6 AND 1e9 AND r.sound BETWEEN 1e-6 AND 1e9)
            UNION ALL
            SELECT format('makes relative risk %s of stressor "%s" a probability of 1 or more', s.relative_risk, s.stressor)
            FROM stressor s, model m
            WHERE s.relative_risk IS NOT NULL
              AND greatest(s.relative_risk, 1) * coalesce(c.published_rate, 0)
                  >= 1 + coalesce(s.prevalence, 0) * (s.relative_risk - 1)) p (problem)
        UNION ALL
        SELECT 'stressors', s.place, 5, s.path, p.problem
        FROM stressor s CROSS JOIN model m CROSS JOIN LATERAL (
            SELECT 'must have four counts, or two ratios, or a relative risk and its prevalence'
            WHERE NOT (num_nonnulls(s.present_failed, s.absent_failed, s.present_sound, s.absent_sound) IN (0, 4)
                       AND num_nonnulls(s.ratio_present, s.ratio_absent) IN (0, 2)
                       AND num_nonnulls(s.relative_risk, s.prevalence) IN (0, 2)
                       AND num_nonnulls(s.present_failed, s.ratio_present, s.relative_risk) = 1)
            UNION ALL
            SELECT 'has a count of 0, which only counts_form "jeffreys" allows'
            WHERE m.item ->> 'counts_form' = 'plain'
              AND least(s.present_failed, s.absent_failed, s.present_sound, s.absent_sound) = 0
            UNION ALL
            SELECT 'has a count below 0.001 that is not 0'
            WHERE EXISTS (SELECT FROM unnest(ARRAY[s.present_failed, s.absent_failed, s.present_sound, s.absent_sound]) n (count)
                          WHERE n.count > 0 AND n.count < 0.001)
            UNION ALL
            SELECT 'makes a failure more likely both when present and when absent, or less likely both'
            WHERE (m.item -> 'absent_counts')::boolean
              AND (sign(ln(s.ratio_present)) <> -sign(ln(s.ratio_absent)))
            UNION ALL
            SELECT format('makes a failure %s likely both when present and when absent: its counts make ratios of %s and %s',
                          CASE WHEN l.log_present > 0 THEN 'more' ELSE 'less' END, round(l.ratio_present::numeric, 4),
                          round(l.ratio_absent::numeric, 4))
            FROM tradeup_leads.likelihood_ratio(
                     CASE WHEN m.item ->> 'counts_form' = 'jeffreys'
                               OR least(s.present_failed, s.absent_failed, s.present_sound, s.absent_sound) > 0
                          THEN s.present_failed END,
                     s.absent_failed, s.present_sound, s.absent_sound, m.item ->> 'counts_form') l
            WHERE (m.item -> 'absent_counts')::boolean AND sign(l.log_present) <> -sign(l.log_absent)
            UNION ALL
            SELECT 'must have ratio_absent 1, because absent_counts is false'
            WHERE NOT (m.item -> 'absent_counts')::boolean AND s.ratio_absent IS DISTINCT FROM 1) p (problem)
        UNION ALL
        SELECT 'stressors', 0, 6, '$.stressors', format('positions must be 1 to %s, each once', count(*))
        FROM stressor s HAVING count(*) > 0 AND max(s.position) <> count(*) AND count(*) = count(DISTINCT s.position)
        UNION ALL
        SELECT s.section, s.place, 5, s.path, p.problem
        FROM sound s CROSS JOIN LATERAL (
            SELECT CASE WHEN s.item ->> 'comparison' = 'in' THEN 'compares with words, so it needs words and no threshold'
                        ELSE 'compares with a number, so it needs a threshold and no words' END
            WHERE (s.item ->> 'comparison' = 'in') <> (s.item ? 'words' AND s.item -> 'words' <> '[]')
               OR (s.item ->> 'comparison' = 'in') = (s.item ? 'threshold')
            UNION ALL
            SELECT format('names stressor "%s", which is not there', s.item ->> 'stressor')
            WHERE NOT EXISTS (SELECT FROM item i WHERE i.section = 'stressors' AND i.item -> 'stressor' = s.item -> 'stressor'))
            p (problem)
        WHERE s.section = 'rules'
        UNION ALL
        SELECT s.section, s.place, 5, s.path, 'has a highest risk below the lowest'
        FROM sound s WHERE s.section = 'priorities' AND (s.item ->> 'min_risk')::numeric > (s.item ->> 'max_risk')::numeric
        UNION ALL
        SELECT s.section, s.place, 5, s.path, 'has more successes than trials'
        FROM sound s WHERE s.section = 'channels' AND (s.item ->> 'succeeded')::numeric > (s.item ->> 'tried')::numeric
        UNION ALL
        SELECT s.section, s.place, 5, s.path || '.body', tradeup_leads_internal.template_problem(s.item ->> 'body')
        FROM sound s WHERE s.section = 'templates' AND tradeup_leads_internal.template_problem(s.item ->> 'body') IS NOT NULL
        UNION ALL
        SELECT '', 0, 6, '$.templates',
               format('lack one of priority %s for channel "%s"', p.item ->> 'priority', c.item ->> 'channel')
        FROM sound p, sound c
        WHERE p.section = 'priorities' AND c.section = 'channels'
          AND NOT EXISTS (SELECT FROM item t WHERE t.section = 'templates' AND t.item -> 'priority' = p.item -> 'priority'
                            AND t.item -> 'channel' = c.item -> 'channel')
    ), compiled (section, place, kind, path, problem) AS (
        /* What makes no scorer must not become what leads use; said where nothing else is wrong. */
        SELECT 'cohorts', c.place, 7, c.path, 'makes no scorer: ' || p.problem
        FROM cohort c CROSS JOIN model m
        CROSS JOIN LATERAL (SELECT array_agg(s.stressor ORDER BY s.position) AS names,
                                   array_agg(s.present_failed ORDER BY s.position) AS present_failed,
                                   array_agg(s.absent_failed ORDER BY s.position) AS absent_failed,
                                   array_agg(s.present_sound ORDER BY s.position) AS present_sound,
                                   array_agg(s.absent_sound ORDER BY s.position) AS absent_sound,
                                   array_agg(s.ratio_present ORDER BY s.position) AS ratio_present,
                                   array_agg(s.ratio_absent ORDER BY s.position) AS ratio_absent,
                                   array_agg(CASE WHEN s.present_failed IS NULL THEN s.uncertainty_factor END
                                             ORDER BY s.position) AS uncertainty_factor,
                                   array_agg(s.relative_risk ORDER BY s.position) AS relative_risk,
                                   array_agg(s.prevalence ORDER BY s.position) AS prevalence,
                                   array_agg(s.dependence_group ORDER BY s.position) AS groups,
                                   array_agg(s.enabled ORDER BY s.position) AS enabled,
                                   max(greatest(s.relative_risk, 1) / (1 + s.prevalence * (s.relative_risk - 1))) AS worst
                            FROM stressor s) a
        CROSS JOIN LATERAL (SELECT coalesce(c.discount * c.published_rate * c.published_size, 0.5) + c.local_failures,
                                   coalesce(c.discount * (1 - c.published_rate) * c.published_size, 0.5)
                                   + (c.local_size - c.local_failures)) r (failing, sound)
        CROSS JOIN LATERAL (SELECT tradeup_leads_internal.scorer_problem(
            a.names, r.failing, r.sound, a.present_failed, a.absent_failed, a.present_sound, a.absent_sound, a.ratio_present,
            a.ratio_absent, a.uncertainty_factor, a.relative_risk, a.prevalence, a.groups, a.enabled, m.item ->> 'counts_form',
            (m.item ->> 'intercept')::double precision, (m.item ->> 'slope')::double precision, true)) p (problem)
        /* A cohort whose own outcomes make a relative risk impossible has no scorer, and health names it. */
        WHERE p.problem IS NOT NULL AND coalesce(a.worst * (r.failing / (r.failing + r.sound)) < 1, true)
          AND NOT EXISTS (SELECT FROM found)
    )
    SELECT f.path, f.problem FROM (SELECT * FROM found UNION ALL SELECT * FROM compiled) f
    ORDER BY f.section, f.place, f.kind, f.path COLLATE "C", f.problem COLLATE "C";
END
$$;
COMMENT ON FUNCTION tradeup_leads.model_problems(jsonb) IS
    'Everything that keeps a JSON document from being a model: the path of each wrong value and what is allowed there';

CREATE OR REPLACE FUNCTION tradeup_leads_internal.model_document(model tradeup_leads.risk_model) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 2000
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(to_jsonb(model) - '{version,published_at,parts}'::text[])
           || jsonb_build_object(
               'cohorts'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                           ORDER BY x.cohort COLLATE "C"), '[]'::jsonb)
                                 FROM tradeup_leads.risk_cohort x
                                 WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'stressors'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                             ORDER BY x.position), '[]'::jsonb)
                                   FROM tradeup_leads.stressor x
                                   WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'rules'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                         ORDER BY x.stressor COLLATE "C", x.rule), '[]'::jsonb)
                               FROM tradeup_leads.stressor_rule x
                               WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'priorities'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                              ORDER BY x.priority COLLATE "C"), '[]'::jsonb)
                                    FROM tradeup_leads.priority_rule x
                                    WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'values'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                          ORDER BY x.vehicle_class COLLATE "C"), '[]'::jsonb)
                                FROM tradeup_leads.repair_value x
                                WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'channels'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                            ORDER BY x.channel COLLATE "C"), '[]'::jsonb)
                                  FROM tradeup_leads.contact_channel x
                                  WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version),
               'templates'::text, (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(x) - '{model,version}'::text[])
                                                             ORDER BY x.priority COLLATE "C", x.channel COLLATE "C"), '[]'::jsonb)
                                   FROM tradeup_leads.message_template x
                                   WHERE x.model = (model_document.model).name AND x.version = (model_document.model).version));
END;
COMMENT ON FUNCTION tradeup_leads_internal.model_document(tradeup_leads.risk_model) IS
    'A version of a model with all its parts, as a JSON document';

CREATE OR REPLACE FUNCTION tradeup_leads.model_to_json(model text, version integer DEFAULT NULL::integer) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 2000
BEGIN ATOMIC
    SELECT tradeup_leads_internal.model_document(m)
    FROM (SELECT model_to_json.model, model_to_json.version) q (model, version)
    LEFT JOIN tradeup_leads.risk_model m
           ON m.name = q.model
          AND m.version = coalesce(q.version, (SELECT c.version FROM tradeup_leads.current_model c WHERE c.name = q.model))
    WHERE tradeup_leads_internal.require_model(q.model, q.version, m.name);
END;
COMMENT ON FUNCTION tradeup_leads.model_to_json(text, integer) IS
    'A version of a model, or the current one, as a JSON document';

CREATE OR REPLACE FUNCTION tradeup_leads.model_from_json(document jsonb) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    model_name CONSTANT text := document ->> 'name';
    problems bigint;
    shown text;
    number integer;
    key jsonb;
BEGIN
    SELECT count(*), string_agg(p.path || ': ' || p.problem, E'\n' ORDER BY p.n) FILTER (WHERE p.n <= 20)
    INTO problems, shown
    FROM tradeup_leads.model_problems(document) WITH ORDINALITY p (path, problem, n);
    IF problems > 0 THEN
        RAISE EXCEPTION 'document is not a model of risk: % %', problems, CASE WHEN problems = 1 THEN 'problem'
            ELSE 'problems' END
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'model_problems(document) lists them as rows.';
    END IF;
    /* Two imports at once take different versions. */
    LOCK TABLE tradeup_leads.risk_model IN SHARE ROW EXCLUSIVE MODE;
    number := coalesce((SELECT max(m.version) FROM tradeup_leads.risk_model m WHERE m.name = model_name), 0) + 1;
    key := jsonb_build_object('model', model_name, 'version', number);
    BEGIN
        INSERT INTO tradeup_leads.risk_model
        SELECT r.* FROM tradeup_leads_internal.model_section(document, ''::text) s,
             jsonb_populate_record(NULL::tradeup_leads.risk_model, s.item || jsonb_build_object('version', number)) r;
    EXCEPTION WHEN unique_violation THEN
        /* A transaction that sees the tables as they were cannot see the version of another. */
        RAISE EXCEPTION 'another session added a version of model "%"', tradeup_leads_internal.shown(model_name)
            USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
    END;
    INSERT INTO tradeup_leads.risk_cohort
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'cohorts'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.risk_cohort, s.item || key) r;
    INSERT INTO tradeup_leads.stressor
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'stressors'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.stressor, s.item || key) r;
    INSERT INTO tradeup_leads.stressor_rule
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'rules'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.stressor_rule, s.item || key) r;
    INSERT INTO tradeup_leads.priority_rule
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'priorities'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.priority_rule, s.item || key) r;
    INSERT INTO tradeup_leads.repair_value
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'values'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.repair_value, s.item || key) r;
    INSERT INTO tradeup_leads.contact_channel
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'channels'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.contact_channel, s.item || key) r;
    INSERT INTO tradeup_leads.message_template
    SELECT r.* FROM tradeup_leads_internal.model_section(document, 'templates'::text) s,
         jsonb_populate_record(NULL::tradeup_leads.message_template, s.item || key) r;
    PERFORM tradeup_leads.publish_model(model_name, number);
    RETURN number;
END
$$;
COMMENT ON FUNCTION tradeup_leads.model_from_json(jsonb) IS
    'Publishes a JSON document as a new version of its model and returns the version; or one error with all that is wrong';
