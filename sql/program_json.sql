-- Programs as JSON documents: the schema, everything wrong with a document, import, export, differences.
SET search_path = tradeup, public;
\set SHOW_CONTEXT never
\set ON_ERROR_ROLLBACK on
-- The planner takes hundreds of small documents for millions.
SET jit = off;
BEGIN;

-- The schema knows every column of the tables that a user sets, with its comment, its default and whether it may be null.
WITH part (relation, fields, needed) AS (
    SELECT 'program'::regclass, s -> 'properties', s -> 'required' FROM program_schema() s
    UNION ALL
    SELECT ('program_' || left(l.key, -1))::regclass, l.value #> '{items,properties}', l.value #> '{items,required}'
    FROM program_schema() s, jsonb_each(s -> 'properties') l WHERE l.value ? 'x-unique'
), described AS (
    SELECT p.relation, f.key, f.value ->> 'description' AS description, f.value ->> 'default' AS standing,
           f.value -> 'type' ? 'null' AS nullable, p.needed ? f.key OR f.key = 'annual_rate' AS needed
    FROM part p, jsonb_each(p.fields) f WHERE f.value ->> 'type' <> 'array' AND NOT f.value ? 'x-percent-of'
), stored AS (
    SELECT a.attrelid::regclass AS relation, a.attname AS key, col_description(a.attrelid, a.attnum) AS description,
           translate(replace(pg_get_expr(d.adbin, d.adrelid), '::text', ''), '''', '') AS standing, NOT a.attnotnull AS nullable,
           a.attnotnull AND d.adbin IS NULL AS needed
    FROM part p JOIN pg_attribute a ON a.attrelid = p.relation AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attname NOT IN ('program', 'version', 'built_in', 'published_at', 'profile_count', 'term_count',
        'tier_count', 'region_count', 'tiers', 'rank')
)
SELECT relation, key, d.description, s.description, d.standing, s.standing, d.nullable, s.nullable, d.needed, s.needed
FROM described d FULL JOIN stored s USING (relation, key)
WHERE (d.description, d.standing, d.nullable, d.needed) IS DISTINCT FROM (s.description, s.standing, s.nullable, s.needed);
SELECT program_schema() ->> '$schema' AS schema,
    (SELECT count(*) FROM jsonb_object_keys(program_schema() -> 'properties')) AS keys;

-- What a document need not say.
SELECT program_from_json('{"name": "small", "currency": "JPY", "profiles": [{"profile": "b", "annual_rate": 0.10, "down_payment_rate": 0},
                                                         {"profile": "a", "annual_rate": 9e-2, "down_payment_rate": 1.00, "insurance": 120.50}],
                           "terms": [{"term": 48.0, "rate_adjustment": 0.010}, {"term": 4.8e0}, {"term": 36}],
                           "tiers": [{"name": "Less", "upper_change": 0}, {"name": "More", "lower_change": 0, "upper_change": 0.250}]}');
SELECT program_from_json('{"name": "small", "currency": "JPY", "profiles": [{"profile": "b", "annual_rate": 0.10, "down_payment_rate": 0},
                                                         {"profile": "a", "annual_rate": 9e-2, "down_payment_rate": 1.00, "insurance": 120.50}],
                           "terms": [{"term": 48.0, "rate_adjustment": 0.010}, {"term": 36}],
                           "tiers": [{"name": "Less", "upper_change": 0}, {"name": "More", "lower_change": 0, "upper_change": 0.250}]}');
SELECT jsonb_pretty(program_to_json('small'));
SELECT name, version, built_in, published_at = now() AS published, profile_count, term_count, tier_count, tiers
FROM current_program WHERE name = 'small';

-- There and back, to the letter.
SELECT p.name, program_from_json(program_to_json(p.name)) FROM program p WHERE p.built_in ORDER BY p.name;
SELECT p.name, program_to_json(p.name, 1)::text = program_to_json(p.name)::text AS same,
    length(program_to_json(p.name)::text) AS bytes,
       (SELECT count(*) FROM program_diff(p.name, 1, 2)) AS differences
FROM program p WHERE p.built_in ORDER BY p.name;
-- The highest published version is the current one; a draft is exported by its number.
INSERT INTO program (name, currency, version, bonus) VALUES ('small', 'MXN', 7, 5);
SELECT program_to_json('small') -> 'bonus' AS current, program_to_json('small', 7) -> 'bonus' AS draft,
    program_to_json('small', 7) -> 'terms' AS terms;
SELECT program_from_json(program_to_json('small'));
SELECT program_from_json(program_to_json('small', 7));
SELECT program_to_json('nobody');
SELECT program_to_json('small', 2);
SELECT program_to_json(NULL);

-- Everything wrong at once.
SELECT path, left(problem, 110) AS problem FROM program_problems('{
    "name": "", "title": 5, "currency": null, "rounding": "halfup", "change_digits": 10, "bonus": 5000.01, "max_bonus": 5000,
    "max_annual_rate": 0.5, "max_term": 60, "max_insurance": 1e30, "service_fee_rate": 0.0500001, "opening_fee_rate": "0.01",
    "document_fee": 0.1234567890123456789, "requires_dearer": null, "anual_rate": 0.1, "term": 12, "odd key": {}, "max_what_if_bonus": 4000,
    "profiles": [{"profile": "A", "annual_rate": 0.51, "down_payment_rate": 2}, {"profile": "B", "annual_rate": -0.01},
                 {"profile": "A", "annual_rate": 0.2, "down_payment_rate": 0, "insurance": -1, "rate": 0.2}, "C"],
    "terms": [{"term": 61}, {"term": 12}, {"term": 12.0, "rate_adjustment": 1.1}, {"term": 481}, {"months": 12}],
    "tiers": [{"name": " Low", "upper_change": 0}, {"name": "é234567890123456789012345678901234567890"}, {"name": "x,y", "lower_change": true}]}');
-- Tiers are judged by the rules of deals, one by one and each after the one before.
SELECT * FROM program_problems('{"name": "t", "currency": "COP", "profiles": [{"profile": "A", "annual_rate": 0.1, "down_payment_rate": 0}], "terms": [{"term": 12}],
    "tiers": [{"name": "a", "lower_change": 0, "upper_change": 0.5}, {"name": "b", "lower_change": 0.50, "lower_inclusive": true, "upper_change": 0.6},
              {"name": "a", "lower_change": 0.7, "upper_change": 0.7}, {"name": "c", "lower_change": 0.9, "upper_change": 0.8},
              {"name": "d", "lower_change": 1}, {"name": "e", "lower_change": 2}, {"name": "f", "lower_change": 3, "upper_change": 4},
              {"name": "g", "lower_change": 3.5, "upper_change": 5}]}');
SELECT count(*) AS equal_ends_apart FROM program_problems('{"name": "t", "currency": "COP", "profiles": [{"profile": "A", "annual_rate": 0.1, "down_payment_rate": 0}],
    "terms": [{"term": 12}], "tiers": [{"name": "a", "upper_change": 0.5}, {"name": "b", "lower_change": 0.5, "upper_change": 0.6, "upper_inclusive": false},
                                       {"name": "c", "lower_change": 0.6, "lower_inclusive": true, "upper_change": 0.6}]}');
-- A deal holds 18 digits of the rate and its adjustment together: each has at most 15 decimals.
SELECT * FROM program_problems('{"name": "t", "currency": "COP", "profiles": [{"profile": "A", "annual_rate": 0.1, "down_payment_rate": 0},
    {"profile": "B", "annual_rate": 0.123456789012345678, "down_payment_rate": 0}],
    "terms": [{"term": 12, "rate_adjustment": 0.876543210987654321}, {"term": 24, "rate_adjustment": 0.9}, {"term": 36}], "tiers": []}');
-- A rate is a fraction, or a percentage by its name; never one by its magnitude.
SELECT * FROM program_problems('{"name": "t", "currency": "COP", "max_annual_rate": 0.5, "profiles": [{"profile": "A", "annual_rate": 4.9, "down_payment_rate": 0},
    {"profile": "B", "annual_percent": 4.9, "down_payment_rate": 0}, {"profile": "C", "annual_percent": 50.1, "down_payment_rate": 0},
    {"profile": "D", "annual_rate": 0.049, "annual_percent": 4.9, "down_payment_rate": 0}, {"profile": "E", "down_payment_rate": 0},
    {"profile": "F", "annual_percent": 0.00000000000001, "down_payment_rate": 0}, {"profile": "G", "annual_percent": 901, "down_payment_rate": 0}],
    "terms": [{"term": 12}], "tiers": []}');
SELECT program_from_json('{"name": "percent", "currency": "USD", "max_annual_rate": 2, "profiles": [{"profile": "A", "annual_percent": 4.90, "down_payment_rate": 0},
    {"profile": "B", "annual_percent": 150, "down_payment_rate": 0}], "terms": [{"term": 12}], "tiers": []}');
SELECT profile, annual_rate FROM program_profile WHERE program = 'percent' ORDER BY profile;
SELECT program_to_json('percent') -> 'profiles' AS profiles;
SELECT program_from_json(program_to_json('percent'));
SELECT program_to_json('percent', 1) = program_to_json('percent', 2) AS same;
SELECT * FROM program_diff(program_to_json('percent'),
    jsonb_set(program_to_json('percent'), '{profiles,0}', '{"profile": "A", "annual_percent": 5, "down_payment_rate": 0}'));
SELECT * FROM program_problems(NULL);
SELECT * FROM program_problems('[]');
SELECT * FROM program_problems('"mx-2025"');
SELECT path FROM program_problems('{}');

-- Each place of the schema: every value of another kind, and the numbers and texts next to what is allowed, are told at their
-- path, alone.
WITH place (path, schema, jsonpath) AS (
    SELECT ARRAY[p.key], p.value, '$.' || p.key FROM jsonb_each(program_schema() -> 'properties') p
    UNION ALL
    SELECT ARRAY[l.key, '0', p.key], p.value, format('$.%s[0].%s', l.key, p.key)
    FROM jsonb_each(program_schema() -> 'properties') l, jsonb_each(l.value #> '{items,properties}') p
), wrong AS (
    SELECT p.path, p.jsonpath, v.value
    FROM place p
    CROSS JOIN LATERAL (
        SELECT k.value FROM (VALUES ('null', 'null'::jsonb), ('boolean', 'true'), ('number', '1.5'), ('string', '"\n"'),
            ('object', '{}'), ('array', '[[]]')) k (kind, value)
        WHERE NOT p.schema -> 'type' ? k.kind
        UNION ALL SELECT to_jsonb((p.schema ->> 'minimum')::numeric - 0.000001)
        UNION ALL SELECT to_jsonb((p.schema ->> 'maximum')::numeric + 0.000001)
        UNION ALL SELECT to_jsonb((p.schema ->> 'minimum')::numeric - 1)
        UNION ALL SELECT to_jsonb((p.schema ->> 'maximum')::numeric + 1)
        UNION ALL SELECT '1e-19'::jsonb WHERE p.schema ?| '{x-digits,x-written-digits,x-decimals}'
        UNION ALL SELECT to_jsonb(repeat('x', (p.schema ->> 'maxLength')::integer + 1))) v (value)
    WHERE v.value IS NOT NULL
), told AS MATERIALIZED (
    SELECT w.*,
    (SELECT array_agg(q.path)
     FROM program_problems(jsonb_set(program_to_json('small', 1) || '{"regions": [{"region": "north"}]}', w.path,
                                     w.value)) q) AS paths
    FROM wrong w
)
SELECT count(*) AS wrong, count(*) FILTER (WHERE paths[1] = jsonpath AND paths <@ ARRAY[jsonpath]) AS told,
       string_agg(format('%s %s %s', jsonpath, left(value::text, 30), paths),
           ', ') FILTER (WHERE paths IS DISTINCT FROM ARRAY[jsonpath]) AS otherwise
FROM told;

-- The error names up to 20 problems and counts the rest; nothing is left behind.
SELECT program_from_json('{"name": "bad", "title": 1, "tiers": []}');
SELECT program_from_json(jsonb_build_object('name', repeat('n', 400), 'tiers', '[]'::jsonb, 'terms', '[{"term": 12}]'::jsonb,
    'profiles', (SELECT jsonb_agg(jsonb_build_object(repeat('k', 70) || n, n)) FROM generate_series(1, 7) n)));
SELECT program_from_json(NULL);
SELECT count(*) FROM program WHERE name = 'bad';
INSERT INTO program (name, currency, version) VALUES ('last', 'MXN', 2147483647);
SELECT program_from_json(program_to_json('us-simple') || '{"name": "last"}');

-- Differences by name, whatever the order and the notation of numbers; a figure left out is its default.
SELECT program_from_json(jsonb_set(program_to_json('us-simple'), '{profiles,0,annual_rate}',
    '0.2099') || '{"bonus": 0.00, "document_fee": 350}');
SELECT * FROM program_diff('us-simple', 1, 3);
SELECT * FROM program_diff('us-simple', 3, NULL);
SELECT * FROM program_diff(
    '{"name": "a", "bonus": 5, "profiles": [{"profile": "x", "annual_rate": 0.10}, {"profile": "y", "annual_rate": 0.2}],
      "terms": [{"term": 12}, {"term": 120, "rate_adjustment": 0}, {"term": 24}], "tiers": [{"name": "Up"}, {"name": "Max"}]}',
    '{"name": "a", "bonus": 5.0, "title": "A", "profiles": [{"profile": "y", "annual_rate": 0.21, "insurance": 0}, {"profile": "x", "annual_rate": 0.1}],
      "terms": [{"term": 24.0}, {"term": 36}, {"term": 120, "rate_adjustment": 0.01}], "tiers": [{"name": "Max", "upper_change": 1}], "other": []}');
SELECT path, value_a, value_b FROM program_diff(NULL, '{"name": "a"}') WHERE path IN ('$', '$.name');
SELECT count(*) FROM program_diff(NULL, NULL);
SELECT path FROM program_diff('{"terms": [1, {"term": 12}, {"term": 12, "x": 1}, "1", null]}', '{"terms": {"term": 12}}');

-- The words for what is allowed, and the word that was meant.
SELECT p.key, tradeup_internal.schema_words(p.value) FROM jsonb_each(program_schema() -> 'properties') p
WHERE p.key IN ('name', 'title', 'rounding', 'change_digits', 'bonus', 'requires_dearer', 'profiles', 'terms', 'tiers')
ORDER BY p.key;
SELECT tradeup_internal.schema_fits('0.50', '{"type": "number", "minimum": 0.5, "maximum": 1}'),
    tradeup_internal.schema_fits('"2024-02-29"', '{"type": "string", "format": "date"}') AS leap,
       tradeup_internal.schema_fits('"2023-02-29"', '{"type": "string", "format": "date"}') AS no_leap,
       tradeup_internal.schema_fits('"2024-2-29"', '{"type": "string", "format": "date"}') AS short;
SELECT tradeup_internal.nearest_word('serviceFeeRate', '{service_fee_rate,opening_fee_rate}'),
    tradeup_internal.nearest_word('insurence', '{insurance_months,insurance}'),
    tradeup_internal.nearest_word('colour', '{bonus}');
SELECT tradeup_internal.tiers_problem('Low [0,0.1), High [0.1,]') AS none,
       tradeup_internal.tiers_problem('Low [0,0.1], High [0.1,]') AS overlap,
    tradeup_internal.tiers_problem('Low') AS malformed, tradeup_internal.tiers_problem('') AS no_tiers;
SELECT tradeup_internal.json_shown('[1, 2]'), tradeup_internal.json_shown(to_jsonb(repeat('x', 100))),
    tradeup_internal.with_defaults('{"term": 12.0}', program_schema() #> '{properties,terms,items}');

-- Days of validity and restrictions.
SELECT * FROM program_problems(program_to_json('small', 1) || '{"valid_from": "2026-07-01", "valid_to": "2026-07-01", "min_price": 2, "max_price": 1.99}');
SELECT * FROM program_problems(program_to_json('small',
    1) || '{"valid_from": "2026-02-29", "valid_to": "infinity", "makes": [], "max_age": -1}');
SELECT * FROM program_problems(program_to_json('small',
    1) || '{"valid_from": "0001-01-01", "valid_to": "9999-12-31", "makes": ["Seat", 3, null]}');
SELECT program_from_json(program_to_json('small', 1) || '{"valid_from": "0001-01-01", "valid_to": "2024-02-29", "makes": ["Seat", "Kia"], "min_year": 2015,
    "max_age": 10, "max_kilometers": 2147483647, "min_price": 1000.50, "max_price": 1000.500}');
SET LOCAL datestyle = 'SQL, DMY';
SELECT * FROM program_diff('small', NULL, 9);
SELECT program_from_json(program_to_json('small', 9)), program_to_json('small', 9)::text ~ '"valid_from": "0001-01-01"' AS iso;
SELECT program_to_json('small', 9)::text = program_to_json('small', 10)::text AS same;

-- What an import needs.
CREATE ROLE tradeup_rates NOLOGIN;
GRANT USAGE ON SCHEMA tradeup TO tradeup_rates;
GRANT SELECT, INSERT ON program, program_profile, program_term, program_tier, program_region TO tradeup_rates;
GRANT SELECT ON current_program TO tradeup_rates;
SET LOCAL ROLE tradeup_rates;
SELECT program_from_json(program_to_json('small'));
RESET ROLE;
GRANT UPDATE ON program, program_profile, program_term, program_tier, program_region TO tradeup_rates;
SET LOCAL ROLE tradeup_rates;
SELECT program_from_json(program_to_json('small'));
RESET ROLE;

ROLLBACK;
RESET jit;
