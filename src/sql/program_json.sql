-- A whole program as one JSON document: its schema, what is wrong with a document, import, export, differences.

-- The schema is the only place that knows what a document may hold. Keywords that begin with x- are our own, for what JSON
-- Schema has no word: x-digits and x-written-digits (significant digits and decimals, without and with zeros at the end),
-- x-bytes (length), x-words (the pattern in words), x-at-most and x-before (another figure of the program), x-unique.
CREATE OR REPLACE FUNCTION tradeup.program_schema() RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN $schema${
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Finance program",
  "description": "One version of a finance program of tradeup: amounts in major units of the currency, rates as fractions, terms in months",
  "type": "object",
  "additionalProperties": false,
  "required": ["name", "profiles", "terms", "tiers"],
  "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 300,
      "description": "Name by which customers, offers and quotes refer to the program"},
    "title": {"type": ["string", "null"], "default": null,
      "description": "What people call the program"},
    "currency": {"type": ["string", "null"], "default": null,
      "description": "ISO 4217 code of the currency of all amounts"},
    "minor_digits": {"type": "integer", "minimum": 0, "maximum": 4, "default": 2,
      "description": "Decimals of the currency, 0 to 4"},
    "rounding": {"type": "string", "enum": ["half_up", "half_even", "up", "down"], "default": "half_up",
      "description": "How amounts are rounded: half_up, half_even, up (away from zero) or down"},
    "change_digits": {"type": ["integer", "null"], "minimum": 0, "maximum": 9, "default": null,
      "description": "Decimals to which the payment change is rounded before it decides a tier; null: not rounded"},
    "interest_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on interest, as a fraction"},
    "service_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "x-at-most": "max_service_fee_rate", "default": 0,
      "description": "Service fee as a fraction of the price, financed"},
    "sales_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Sales tax as a fraction of the price, financed"},
    "document_fee": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Document fee, an amount, financed"},
    "opening_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "x-at-most": "max_opening_fee_rate", "default": 0,
      "description": "Opening fee as a fraction, taken from the customer's equity"},
    "opening_fee_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on the opening fee, as a fraction"},
    "opening_fee_less_equity": {"type": "boolean", "default": false,
      "description": "Whether the opening fee is on the price less the equity rather than on the price"},
    "bonus": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_bonus", "default": 0,
      "description": "Bonus added to the customer's equity"},
    "protection": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Protection plan, an amount, financed over the term"},
    "insurance_months": {"type": "integer", "minimum": 1, "maximum": 480, "default": 12,
      "description": "Months over which an insurance policy is financed"},
    "insurance_renewed": {"type": "boolean", "default": false,
      "description": "Whether schedules renew the insurance while the term runs"},
    "gps_installation": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "GPS installation before tax"},
    "gps_monthly": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "GPS fee of each month before tax"},
    "gps_tax_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
      "description": "Tax on GPS fees, as a fraction"},
    "installation_from_equity": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is taken from the equity"},
    "installation_financed": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is added to the amount financed"},
    "installation_in_first_payment": {"type": "boolean", "default": false,
      "description": "Whether the GPS installation is part of the first, quoted, payment"},
    "margin_cost": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 0,
      "description": "Cost that is taken from the fees to give the margin"},
    "margin_service_fee": {"type": "boolean", "default": true,
      "description": "Whether the service fee is part of the margin"},
    "margin_opening_fee": {"type": "boolean", "default": true,
      "description": "Whether the opening fee is part of the margin"},
    "margin_protection": {"type": "boolean", "default": false,
      "description": "Whether the protection plan is part of the margin"},
    "requires_dearer": {"type": "boolean", "default": true,
      "description": "Whether an offer must be dearer than the customer's current vehicle"},
    "max_change": {"type": ["number", "null"], "minimum": -1, "maximum": 1000000, "x-digits": 18, "default": null,
      "description": "Largest payment change of an offer, as a fraction; null: no limit"},
    "max_component": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 10000000,
      "description": "Largest of each of loan, service fee, protection and insurance; null: no limit"},
    "max_financed": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 15000000,
      "description": "Largest amount financed; null: no limit"},
    "max_annual_rate": {"type": "number", "minimum": 0, "maximum": 9, "x-digits": 18, "default": 1,
      "description": "Largest annual rate that a profile or a what-if may have, before the adjustment of the term"},
    "max_adjusted_rate": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
      "description": "Largest annual rate with the adjustment of the term; a term beyond it makes no offer; null: no limit"},
    "max_service_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0.05,
      "description": "Largest service fee of a what-if, as a fraction"},
    "max_opening_fee_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0.04,
      "description": "Largest opening fee of a what-if, as a fraction"},
    "max_bonus": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_what_if_bonus", "default": 5000,
      "description": "Largest bonus that the program itself may give"},
    "max_what_if_bonus": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 10000,
      "description": "Largest bonus of a what-if"},
    "max_insurance": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": 100000,
      "description": "Largest insurance premium"},
    "max_term": {"type": "integer", "minimum": 1, "maximum": 480, "default": 120,
      "description": "Longest term in months"},
    "valid_from": {"type": ["string", "null"], "format": "date", "x-before": "valid_to", "default": null,
      "description": "First day on which offers use this version, in UTC; null: from its publication"},
    "valid_to": {"type": ["string", "null"], "format": "date", "default": null,
      "description": "Day from which offers do not use this version any more, in UTC; null: no end"},
    "min_year": {"type": ["integer", "null"], "minimum": 1886, "maximum": 2999, "default": null,
      "description": "Oldest model year that is financed; null: any"},
    "max_age": {"type": ["integer", "null"], "minimum": 0, "maximum": 200, "default": null,
      "description": "Largest age of a vehicle, in years: this year, in UTC, less its model year; null: any"},
    "max_kilometers": {"type": ["integer", "null"], "minimum": 0, "maximum": 2147483647, "default": null,
      "description": "Most kilometres of a vehicle; null: any"},
    "makes": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string"}, "default": null,
      "description": "Makes that are financed; null: any"},
    "min_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_price", "default": null,
      "description": "Lowest price that is financed; null: any"},
    "max_price": {"type": ["number", "null"], "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "default": null,
      "description": "Highest price that is financed; null: any"},
    "profiles": {"type": "array", "minItems": 1, "x-unique": "profile",
      "description": "What a program asks of each risk profile",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["profile", "annual_rate", "down_payment_rate"],
        "properties": {
          "profile": {"type": "string", "maxLength": 300,
            "description": "Risk profile, as customers have it"},
          "annual_rate": {"type": "number", "minimum": 0, "maximum": 9, "x-digits": 18, "x-at-most": "max_annual_rate",
            "description": "Annual rate as a fraction, before the adjustment of the term"},
          "down_payment_rate": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18,
            "description": "Least down payment as a fraction of the price"},
          "insurance": {"type": "number", "minimum": 0, "maximum": 1000000000000, "x-digits": 18, "x-at-most": "max_insurance", "default": 0,
            "description": "Insurance premium, an amount, financed over the program's insurance_months"},
          "max_loan_to_value": {"type": ["number", "null"], "minimum": 0, "maximum": 10, "x-digits": 18, "default": null,
            "description": "Largest amount financed as a multiple of the price; null: no limit"}
        }
      }},
    "terms": {"type": "array", "minItems": 1, "maxItems": 480, "x-unique": "term",
      "description": "The terms that a program offers",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["term"],
        "properties": {
          "term": {"type": "integer", "minimum": 1, "maximum": 480, "x-at-most": "max_term",
            "description": "Term in months"},
          "rate_adjustment": {"type": "number", "minimum": 0, "maximum": 1, "x-digits": 18, "default": 0,
            "description": "What this term adds to the annual rate, as a fraction"}
        }
      }},
    "tiers": {"type": "array", "maxItems": 8, "x-unique": "name",
      "description": "The tiers of a program: named intervals of the payment change, in ascending order of rank",
      "items": {
        "type": "object",
        "additionalProperties": false,
        "required": ["name"],
        "properties": {
          "name": {"type": "string", "minLength": 1, "maxLength": 39, "x-bytes": 39,
            "pattern": "^(?![ \\t\\r\\n])[^\\]\\[\"(),]*(?<![ \\t\\r\\n])$",
            "x-words": "without commas, quotes, brackets, parentheses and outer blanks",
            "description": "Name of the tier, as offers show it"},
          "lower_change": {"type": ["number", "null"], "minimum": -1000000, "maximum": 1000000, "x-written-digits": 18, "default": null,
            "description": "Smallest payment change as a fraction; null: no bound"},
          "lower_inclusive": {"type": "boolean", "default": false,
            "description": "Whether the smallest payment change itself belongs to the tier"},
          "upper_change": {"type": ["number", "null"], "minimum": -1000000, "maximum": 1000000, "x-written-digits": 18, "default": null,
            "description": "Largest payment change as a fraction; null: no bound"},
          "upper_inclusive": {"type": "boolean", "default": true,
            "description": "Whether the largest payment change itself belongs to the tier"}
        }
      }}
  }
}$schema$::jsonb;

COMMENT ON FUNCTION tradeup.program_schema() IS
    'The JSON schema (draft 2020-12) of the documents that program_from_json reads and program_to_json writes';

CREATE OR REPLACE FUNCTION tradeup.schema_words(schema jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    WHEN schema ? 'enum' THEN 'one of ' || translate((schema -> 'enum')::text, '[]"', '')
    WHEN schema ->> 'format' = 'date' THEN 'a date such as 2026-01-31'
    WHEN schema -> 'type' ? 'string' THEN 'a text'
        || CASE WHEN schema ? 'maxLength'
                THEN format(' of %s to %s %s', coalesce(schema ->> 'minLength', '0'), coalesce(schema ->> 'x-bytes', schema ->> 'maxLength'),
                            CASE WHEN schema ? 'x-bytes' THEN 'bytes' ELSE 'characters' END)
                ELSE '' END
        || coalesce(' ' || (schema ->> 'x-words'), '')
    WHEN schema -> 'type' ? 'boolean' THEN 'true or false'
    WHEN schema -> 'type' ? 'object' THEN 'an object'
    WHEN schema -> 'type' ? 'array' THEN 'an array'
        || CASE WHEN schema ? 'maxItems' THEN format(' of %s to %s items', coalesce(schema ->> 'minItems', '0'), schema ->> 'maxItems')
                WHEN schema ? 'minItems' THEN format(' of at least %s item', schema ->> 'minItems') ELSE '' END
    ELSE CASE WHEN schema -> 'type' ? 'integer' THEN 'a whole number' ELSE 'a number' END
        || coalesce(' from ' || (schema ->> 'minimum') || ' to ' || (schema ->> 'maximum'), '')
        || coalesce(' of at most ' || (schema ->> 'x-digits') || ' digits', '')
        || coalesce(' of at most ' || (schema ->> 'x-written-digits') || ' digits, zeros at the end included', '')
    END
    || CASE WHEN schema -> 'type' ? 'null' THEN ', or null' ELSE '' END;

COMMENT ON FUNCTION tradeup.schema_words(jsonb) IS 'What a part of the schema of programs asks of a value, in words';

-- Arrays and objects are judged by their kind and size only: their parts are values of their own.
CREATE OR REPLACE FUNCTION tradeup.schema_fits(value jsonb, schema jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kind text := jsonb_typeof(value);
    words text := value #>> '{}';
    number numeric;
BEGIN
    IF kind = 'number' THEN
        number := words::numeric;
        IF NOT schema -> 'type' ?| '{number,integer}' OR value < schema -> 'minimum' OR value > schema -> 'maximum' THEN
            RETURN false;
        END IF;
        IF NOT schema ? 'x-written-digits' THEN
            number := trim_scale(number);
        END IF;
        RETURN (schema -> 'type' ? 'number' OR scale(trim_scale(number)) = 0)
            AND (NOT schema ?| '{x-digits,x-written-digits}'
                 OR (scale(number) <= 18 AND length(ltrim(translate(number::text, '-.', ''), '0')) <= 18));
    ELSIF kind <> 'string' OR NOT schema -> 'type' ? 'string' THEN
        RETURN schema -> 'type' ? kind
            AND (kind <> 'array' OR jsonb_array_length(value) BETWEEN coalesce((schema ->> 'minItems')::integer, 0)
                                    AND coalesce((schema ->> 'maxItems')::integer, 2147483647));
    ELSIF schema ->> 'format' = 'date' THEN
        RETURN words ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-\d\d$'
            AND CASE WHEN words ~ '^(?!0000)\d{4}-(0[1-9]|1[0-2])-\d\d$'
                     THEN right(words, 2)::integer BETWEEN 1 AND extract(day FROM
                          make_date(left(words, 4)::integer, substr(words, 6, 2)::integer, 1) + interval '1 month - 1 day') END;
    END IF;
    RETURN length(words) BETWEEN coalesce((schema ->> 'minLength')::integer, 0)
                         AND coalesce((schema ->> 'maxLength')::integer, 2147483647)
        AND octet_length(words) <= coalesce((schema ->> 'x-bytes')::integer, 2147483647)
        AND coalesce(schema -> 'enum' ? words, true)
        AND coalesce(words ~ (schema ->> 'pattern'), true);
END
$$;

COMMENT ON FUNCTION tradeup.schema_fits(jsonb, jsonb) IS
    'Whether a value has the kind, size, range, digits and form that a part of the schema of programs asks';

CREATE OR REPLACE FUNCTION tradeup.with_defaults(value jsonb, schema jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF jsonb_typeof(value) <> 'object' THEN
        RETURN value;
    END IF;
    /* A whole number may be written 48.0 or 4.8e1 in JSON, but not in SQL. */
    RETURN with_defaults.value || coalesce((
        SELECT jsonb_object_agg(p.key, CASE WHEN p.value -> 'type' ? 'integer' AND jsonb_typeof(v.value) = 'number'
                                            THEN to_jsonb(trim_scale(v.value::numeric)) ELSE v.value END)
        FROM jsonb_each(schema -> 'properties') p
        CROSS JOIN LATERAL (SELECT coalesce(with_defaults.value -> p.key, p.value -> 'default')) v (value)
        WHERE v.value IS NOT NULL), '{}');
END
$$;

COMMENT ON FUNCTION tradeup.with_defaults(jsonb, jsonb) IS
    'An object with the default, from its schema, of every key that it lacks';

CREATE OR REPLACE FUNCTION tradeup.nearest_word(word text, words text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    /* Pairs of letters in common, as a share of the pairs of both. */
    RETURN (
        SELECT w.word
        FROM unnest(words) w (word)
        CROSS JOIN LATERAL (
            SELECT 2.0 * count(*) / (length(nearest_word.word) + length(w.word) + 2) AS likeness
            FROM generate_series(0, length(w.word)) i
            WHERE strpos(' ' || lower(left(nearest_word.word, 100)) || ' ', substr(' ' || w.word || ' ', i + 1, 2)) > 0) l
        WHERE l.likeness > 0.6
        ORDER BY l.likeness DESC, w.word
        LIMIT 1);
END
$$;

COMMENT ON FUNCTION tradeup.nearest_word(text, text[]) IS 'The known word that looks most like a mistyped one; null when none does';

CREATE OR REPLACE FUNCTION tradeup.tiers_problem(tiers text) RETURNS text
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME';

COMMENT ON FUNCTION tradeup.tiers_problem(text) IS
    'What deal(tiers => ...) would say against a list of tiers; null when it would take it';

CREATE OR REPLACE FUNCTION tradeup.json_shown(value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE jsonb_typeof(value)
    WHEN 'array' THEN format('an array of %s items', jsonb_array_length(value))
    WHEN 'object' THEN 'an object'
    ELSE left(value::text, 60) || CASE WHEN length(value::text) > 60 THEN '...' ELSE '' END
END;

COMMENT ON FUNCTION tradeup.json_shown(jsonb) IS 'A JSON value as messages show it: cut where it is long';

-- The planner takes every array for one of 100 items, within each other: here and below, compiling the plan would take a hundred
-- times as long as running it.
CREATE OR REPLACE FUNCTION tradeup.program_parts(document jsonb)
RETURNS TABLE (path text, key text, place bigint[], value jsonb, schema jsonb, kind text, fits boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 5000 ROWS 200 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    root jsonb := tradeup.program_schema();
BEGIN
    RETURN QUERY
    WITH RECURSIVE part (path, key, place, value, schema) AS (
        SELECT '$', NULL, ARRAY[]::bigint[], tradeup.with_defaults(coalesce(program_parts.document, 'null'), root), root
        UNION ALL
        SELECT p.path || c.step, c.key, p.place || c.n, c.value, c.schema
        FROM part p
        CROSS JOIN LATERAL (
            SELECT '.' || e.key, e.key, e.n, e.value, p.schema #> ARRAY['properties', e.key]
            FROM jsonb_each(CASE WHEN jsonb_typeof(p.value) = 'object' THEN p.value ELSE '{}' END)
                     WITH ORDINALITY e (key, value, n)
            UNION ALL
            SELECT format('[%s]', e.n - 1), p.key, e.n, e.value, p.schema -> 'items'
            FROM jsonb_array_elements(CASE WHEN jsonb_typeof(p.value) = 'array' THEN p.value ELSE '[]' END)
                     WITH ORDINALITY e (value, n)) c (step, key, n, value, schema)
        WHERE c.schema IS NOT NULL
    )
    SELECT p.*, jsonb_typeof(p.value), tradeup.schema_fits(p.value, p.schema) FROM part p;
END
$$;

COMMENT ON FUNCTION tradeup.program_parts(jsonb) IS
    'Every known value of a document of a program, defaults of the program included, with its part of the schema and whether it fits';

-- Every value is judged by itself; then what depends on several values, only where each of them is right, so that no mistake is
-- told twice.
CREATE OR REPLACE FUNCTION tradeup.program_problems(document jsonb) RETURNS TABLE (path text, problem text)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT * FROM tradeup.program_parts(program_problems.document)
    ), program (sound) AS MATERIALIZED (
        SELECT coalesce(jsonb_object_agg(j.key, j.value), '{}') FROM judged j WHERE cardinality(j.place) = 1 AND j.fits
    ), keys (schema, keys) AS MATERIALIZED (
        SELECT DISTINCT j.schema, ARRAY(SELECT jsonb_object_keys(j.schema -> 'properties') ORDER BY 1)
        FROM judged j WHERE j.kind = 'object' AND j.fits
    ), found (place, kind, path, problem) AS (
        SELECT j.place, 1, j.path, format('must be %s; it is %s', tradeup.schema_words(j.schema), tradeup.json_shown(j.value))
        FROM judged j
        WHERE NOT j.fits
        UNION ALL
        SELECT j.place, 2, j.path || '.' || r.key,
               format('is missing; it must be %s', tradeup.schema_words(j.schema #> ARRAY['properties', r.key]))
        FROM judged j CROSS JOIN jsonb_array_elements_text(j.schema -> 'required') r (key)
        WHERE j.kind = 'object' AND NOT j.value ? r.key
        UNION ALL
        SELECT j.place, 3,
               j.path || CASE WHEN u.key ~ '^\w{1,60}$' THEN '.' || u.key
                              ELSE format('[%s]', tradeup.json_shown(to_jsonb(u.key))) END,
               'is unknown' || coalesce('; perhaps ' || tradeup.nearest_word(u.key, k.keys) || ' is meant', '')
               || '; allowed are ' || array_to_string(k.keys, ', ')
        FROM judged j
        JOIN keys k ON k.schema = j.schema
        CROSS JOIN jsonb_object_keys(CASE WHEN j.kind = 'object' THEN j.value ELSE '{}' END) u (key)
        WHERE NOT u.key = ANY (k.keys)
        UNION ALL
        SELECT j.place, 4, j.path, format('must be at most %s, the %s of the program; it is %s%s', p.sound ->> l.key, l.key, j.value,
                                 CASE WHEN cardinality(j.place) = 1 AND NOT program_problems.document ? j.key THEN ' by default' ELSE '' END)
        FROM judged j CROSS JOIN program p CROSS JOIN LATERAL (SELECT j.schema ->> 'x-at-most') l (key)
        WHERE j.fits AND j.kind = 'number' AND jsonb_typeof(p.sound -> l.key) = 'number' AND j.value > p.sound -> l.key
        UNION ALL
        SELECT j.place, 5, j.path, format('must be before %s, the %s of the program; it is %s', p.sound ->> l.key, l.key, j.value #>> '{}')
        FROM judged j CROSS JOIN program p CROSS JOIN LATERAL (SELECT j.schema ->> 'x-before') l (key)
        WHERE j.fits AND (j.value #>> '{}') >= (p.sound ->> l.key) COLLATE "C"
        UNION ALL
        SELECT d.place, 6, format('%s[%s].%s', d.path, d.n - 1, d.key),
               format('is the same as that of %s[%s]: %s', d.path, d.first - 1, tradeup.json_shown(d.value))
        FROM (SELECT j.place, j.path, e.n, l.key, e.value -> l.key AS value, min(e.n) OVER (PARTITION BY j.path, e.value -> l.key) AS first
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
                        SELECT tradeup.tier_text(jsonb_populate_record(NULL::tradeup.program_tier, tradeup.with_defaults(j.value, j.schema)))
                        /* Only values of the right kind make a row. */
                        WHERE NOT EXISTS (SELECT FROM judged part WHERE part.place[1:2] = j.place AND NOT part.fits)) t (list)
                    WHERE j.key = 'tiers' AND cardinality(j.place) = 2 AND j.value ? 'name') x) t
        CROSS JOIN LATERAL (SELECT tradeup.tiers_problem(t.list)) own (problem)
        CROSS JOIN LATERAL (
            SELECT own.problem || ':' || t.interval
            UNION ALL
            SELECT tradeup.tiers_problem('before' || t.before || ', this' || t.interval) || format(':%s comes after%s', t.interval, t.before)
            WHERE own.problem IS NULL AND tradeup.tiers_problem('before' || t.before) IS NULL) p (problem)
        WHERE p.problem IS NOT NULL
        UNION ALL
        /* A deal adds the two rates, and holds 18 digits. */
        (SELECT DISTINCT ON (t.place) t.place, 8, t.path, format('must give at most 18 digits together with %s; the sum is %s', f.path, s.rate)
         FROM judged f
         JOIN judged t ON t.key = 'rate_adjustment' AND t.fits AND t.kind = 'number'
         CROSS JOIN LATERAL (SELECT CASE WHEN f.kind = 'number' AND t.kind = 'number' THEN f.value::numeric + t.value::numeric END) s (rate)
         WHERE f.key = 'annual_rate' AND f.fits AND scale(trim_scale(s.rate)) >= 17
           AND NOT tradeup.schema_fits(to_jsonb(s.rate), '{"type": "number", "x-digits": 18}')
         ORDER BY t.place, f.place)
    )
    SELECT f.path, f.problem FROM found f ORDER BY f.place, f.kind, f.path COLLATE "C";
END
$$;

COMMENT ON FUNCTION tradeup.program_problems(jsonb) IS
    'Everything that keeps a JSON document from being a program: the path of each wrong value and what is allowed there';

CREATE OR REPLACE FUNCTION tradeup.program_from_json(document jsonb) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    schema jsonb := tradeup.program_schema();
    whole jsonb := tradeup.with_defaults(document, schema);
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
        RAISE EXCEPTION 'document is no finance program: % %', problems, CASE WHEN problems = 1 THEN 'problem' ELSE 'problems' END
            USING ERRCODE = 'invalid_parameter_value',
                  DETAIL = shown || CASE WHEN problems > 20 THEN format(E'\nand %s more', problems - 20) ELSE '' END,
                  HINT = 'program_problems(document) lists them as rows; program_schema() says all that is allowed.';
    END IF;
    /* Two imports at once take different versions. The locks come in the order in which a publication takes them. */
    LOCK TABLE tradeup.program, tradeup.program_profile, tradeup.program_term, tradeup.program_tier IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(p.version) INTO latest FROM tradeup.program p WHERE p.name = whole ->> 'name';
    IF latest = 2147483647 THEN
        RAISE EXCEPTION 'program "%" has no version left', whole ->> 'name'
            USING ERRCODE = 'numeric_value_out_of_range', HINT = 'Import it under another name.';
    END IF;
    latest := coalesce(latest, 0) + 1;
    key := jsonb_build_object('program', whole -> 'name', 'version', latest);
    BEGIN
        INSERT INTO tradeup.program
        SELECT x.* FROM jsonb_populate_record(NULL::tradeup.program, whole - '{profiles,terms,tiers}'::text[]
                                                                     || jsonb_build_object('version', latest, 'built_in', false)) x;
    EXCEPTION WHEN unique_violation THEN
        /* A transaction that sees the tables as they were cannot see the version of another. */
        RAISE EXCEPTION 'another session added a version of program "%"', whole ->> 'name'
            USING ERRCODE = 'serialization_failure', HINT = 'Try again in a new transaction.';
    END;
    INSERT INTO tradeup.program_profile
    SELECT x.* FROM jsonb_array_elements(whole -> 'profiles') i (value),
         jsonb_populate_record(NULL::tradeup.program_profile,
                               tradeup.with_defaults(i.value, schema #> '{properties,profiles,items}') || key) x;
    INSERT INTO tradeup.program_term
    SELECT x.* FROM jsonb_array_elements(whole -> 'terms') i (value),
         jsonb_populate_record(NULL::tradeup.program_term,
                               tradeup.with_defaults(i.value, schema #> '{properties,terms,items}') || key) x;
    INSERT INTO tradeup.program_tier
    SELECT x.* FROM jsonb_array_elements(whole -> 'tiers') WITH ORDINALITY i (value, n),
         jsonb_populate_record(NULL::tradeup.program_tier,
                               tradeup.with_defaults(i.value, schema #> '{properties,tiers,items}') || key
                               || jsonb_build_object('rank', i.n)) x;
    PERFORM tradeup.publish_program(whole ->> 'name', latest);
    RETURN latest;
END
$$;

COMMENT ON FUNCTION tradeup.program_from_json(jsonb) IS
    'Publishes a JSON document as a new version of its program and returns the version; or one error with everything that is wrong';

CREATE OR REPLACE FUNCTION tradeup.program_to_json(name text, version integer DEFAULT NULL) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT to_jsonb(p) - '{version,built_in,published_at,profile_count,term_count,tier_count,tiers}'::text[]
           || jsonb_build_object(
               'profiles', (SELECT coalesce(jsonb_agg(to_jsonb(f) - '{program,version}'::text[] ORDER BY f.profile COLLATE "C"), '[]')
                            FROM tradeup.program_profile f WHERE f.program = p.name AND f.version = p.version),
               'terms', (SELECT coalesce(jsonb_agg(to_jsonb(t) - '{program,version}'::text[] ORDER BY t.term), '[]')
                         FROM tradeup.program_term t WHERE t.program = p.name AND t.version = p.version),
               'tiers', (SELECT coalesce(jsonb_agg(to_jsonb(r) - '{program,version,rank}'::text[] ORDER BY r.rank), '[]')
                         FROM tradeup.program_tier r WHERE r.program = p.name AND r.version = p.version))
    FROM (SELECT program_to_json.name, program_to_json.version) q (name, version)
    LEFT JOIN tradeup.program p
           ON p.name = q.name
          AND p.version = coalesce(q.version, (SELECT c.version FROM tradeup.current_program c WHERE c.name = q.name))
    WHERE tradeup.require_known('program', q.name || coalesce('" version "' || q.version, ''), p.name);
END;

COMMENT ON FUNCTION tradeup.program_to_json(text, integer) IS
    'A version of a program, or the current one, as a JSON document with every field written out';

-- Profiles, terms and tiers are compared by their names, not by their places.
CREATE OR REPLACE FUNCTION tradeup.program_diff(a jsonb, b jsonb) RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 10000 ROWS 10 SET search_path = pg_catalog, pg_temp SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    schema jsonb := tradeup.program_schema();
BEGIN
    RETURN QUERY
    WITH side (side, value) AS (
        SELECT s.side, tradeup.with_defaults(coalesce(s.value, 'null'), schema)
        FROM (VALUES (1, program_diff.a), (2, program_diff.b)) s (side, value)
    ), item (side, section, path, n, place, value) AS (
        SELECT s.side, '', '$', 1::bigint, 0::bigint, s.value
        FROM side s WHERE jsonb_typeof(s.value) <> 'object'
        UNION ALL
        SELECT s.side, '', '$.' || f.key, 1, 0, f.value
        FROM side s, jsonb_each(CASE WHEN jsonb_typeof(s.value) = 'object' THEN s.value ELSE '{}' END) f
        WHERE jsonb_typeof(f.value) <> 'array' OR schema #>> ARRAY['properties', f.key, 'x-unique'] IS NULL
        UNION ALL
        SELECT s.side, l.key, k.path, row_number() OVER (PARTITION BY s.side, k.path ORDER BY i.n), i.n,
               tradeup.with_defaults(i.value, l.schema -> 'items')
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
        FROM jsonb_object_keys(CASE WHEN jsonb_typeof(p.a) = 'object' AND jsonb_typeof(p.b) = 'object' THEN p.a || p.b ELSE '{}' END) f (key)
    ) d (step, a, b)
    WHERE d.a IS DISTINCT FROM d.b
    ORDER BY p.section COLLATE "C", coalesce(p.place_b, p.place), p.path COLLATE "C", p.n, d.step COLLATE "C";
END
$$;

COMMENT ON FUNCTION tradeup.program_diff(jsonb, jsonb) IS
    'What differs between two documents of programs, by path; null on the side that lacks it; a figure left out counts as its default';

CREATE OR REPLACE FUNCTION tradeup.program_diff(program text, from_version integer, to_version integer)
RETURNS TABLE (path text, value_a jsonb, value_b jsonb)
LANGUAGE sql STABLE PARALLEL SAFE COST 2000 ROWS 10
BEGIN ATOMIC
    SELECT d.path, d.value_a, d.value_b
    FROM tradeup.program_diff(tradeup.program_to_json(program_diff.program, program_diff.from_version),
                              tradeup.program_to_json(program_diff.program, program_diff.to_version)) d;
END;

COMMENT ON FUNCTION tradeup.program_diff(text, integer, integer) IS
    'What differs between two versions of a program; null is the current one';
