-- Templates of messages and what a call is worth, against tables; and what they refuse.
SET search_path = tradeup_leads, public;
\getenv dir PG_ABS_SRCDIR

\set document `cat "$PG_ABS_SRCDIR/test/data/leads/templates.json"`
CREATE TEMP TABLE document AS SELECT :'document'::jsonb AS d;
-- What a case gives: its text, or its error in a word.
CREATE FUNCTION pg_temp.given(priority text, slots jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    body text := (SELECT t ->> 'body' FROM document, jsonb_array_elements(d -> 'templates') t WHERE t ->> 'priority' = priority);
BEGIN
    RETURN CASE WHEN body IS NULL THEN 'no_template' ELSE render(body, slots, (SELECT d -> 'defaults' FROM document)) END;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN replace(replace(SQLERRM, 'missing slot', 'missing_slot'), '"', '');
END
$$;
SELECT count(*) AS cases, count(*) FILTER (WHERE g.given = coalesce(c ->> 'text', c ->> 'error')) AS equal
FROM document, jsonb_array_elements(d -> 'cases') c, pg_temp.given(c ->> 'priority', c -> 'slots') g (given);
SELECT t ->> 'priority' AS priority, template_slots(t ->> 'body') AS slots
FROM document, jsonb_array_elements(d -> 'templates') t;

SELECT render('{a}{a} and {{a}}', '{"a": "{b}"}', '{"b": 1}'), render('{n} {f} {{}}', '{"n": 1.50, "f": true}'),
       render('', '{}'), render('{a}', '{"a": null}', '{"a": "default"}'),
       render('{a}', '{"a": ""}', '{"a": "default"}') = '' AS empty;
SELECT template_slots(''), template_slots('no slot'), template_slots('{b} {a} {b}');
SELECT render(NULL, '{}') IS NULL AS nothing, render('a', NULL) IS NULL AS nothing, template_slots(NULL) IS NULL AS nothing;

-- The key is one of all parts and slots, in whatever order the slots are written.
SELECT tradeup_leads_internal.message_key('{battery,1,high}', '{"a": 1, "b": "x"}') AS key;
SELECT count(DISTINCT tradeup_leads_internal.message_key(parts, slots)) AS keys, count(*)
FROM (VALUES ('{battery,1}'::text[], '{"a": 1, "b": 2}'::jsonb), ('{battery,1}', '{"b": 2, "a": 1}'),
             ('{battery,2}', '{"a": 1, "b": 2}'),
             ('{battery1}', '{"a": 1, "b": 2}'), ('{batt,ery1}', '{"a": 1, "b": 2}'), ('{battery,1}', '{"a": "1", "b": 2}'),
             ('{}', '{}'), ('{""}', '{}')) v (parts, slots);
-- SHA-256 of each text behind its length.
SELECT tradeup_leads_internal.message_key('{ab}', '{}') = encode(sha256('2:ab2:{}'), 'hex') AS equal;

CREATE TEMP TABLE ref_value (id int, contact_probability numeric, failure_probability numeric, margin_if_needed numeric,
                             margin_otherwise numeric, contact_cost numeric, expected_value numeric);
\set load '\\copy ref_value from ' :dir '/test/data/leads/expected_value.csv csv header'
:load
SELECT count(*) AS calls,
       count(*) FILTER (WHERE expected_value(contact_probability, failure_probability, margin_if_needed, margin_otherwise,
                                             contact_cost)::text = expected_value::text) AS equal
FROM ref_value;
-- Every rounding against numerics, ties among them.
SELECT count(*) AS calls, count(*) FILTER (WHERE x.cents % 1 = 0.5) > 10 AS ties,
       count(*) FILTER (WHERE expected_value(c, p, m, o, k) = round(c * (p * m + (1 - p) * o) - k, 2)) AS equal
FROM (SELECT i % 41 / 40.0 AS c, i % 51 / 50.0 AS p, i % 997 / 4.0 AS m, i % 89 / 100.0 - 0.4 AS o, i % 17 / 8.0 AS k
      FROM generate_series(1, 20000) i) v, LATERAL (SELECT abs(100 * (c * (p * m + (1 - p) * o) - k)) AS cents) x;
SELECT expected_value(1, 0.5, 0.01, 0, 0), expected_value(1, 0.5, -0.01, 0, 0), expected_value(0, 1, 5, 5, 0),
       expected_value(1, 1, 9999999999999999, 0, 0.01), expected_value(0.3333333333333333, 0.1, 12.3456789, 1.5, 2);
SELECT expected_value(NULL, 0.5, 1, 1, 1) IS NULL AS nothing;

-- Errors.
CREATE FUNCTION pg_temp.refused(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
END
$$;
\pset format unaligned
\pset tuples_only
SELECT pg_temp.refused($$SELECT render('Hello {name', '{}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name {other}', '{}')$$);
SELECT pg_temp.refused($$SELECT render('Hello name}', '{}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {}', '{}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {Name}', '{"Name": 1}')$$);
SELECT pg_temp.refused($$SELECT template_slots('a {b} {c')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name}', '{"other": 1}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name}', '{"name": null}', '{"name": null}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name}', '{"name": ["a"]}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name}', '{"name": {"first": "a"}}')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name}', '["name"]')$$);
SELECT pg_temp.refused($$SELECT render('Hello {name}', '{}', '3')$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.message_key('{a,NULL}', '{}')$$);
SELECT pg_temp.refused($$SELECT expected_value(1.1, 0.5, 1, 1, 1)$$);
SELECT pg_temp.refused($$SELECT expected_value(0.5, 'NaN', 1, 1, 1)$$);
SELECT pg_temp.refused($$SELECT expected_value(0.5, 0.5, 'NaN', 1, 1)$$);
SELECT pg_temp.refused($$SELECT expected_value(0.5, 0.5, 1, 1, 1234567890123456789.5)$$);

-- Percentiles as people count them: 0.29 is 29, although 100 times it is a little less in binary.
SELECT count(*) FILTER (WHERE tradeup_leads_internal.lead_text('{percentile}', '{}', NULL, NULL, NULL, NULL, p.n / 100.0)
                              <> p.n::text) AS other_text,
       count(*) FILTER (WHERE tradeup_leads_internal.lead_slots(NULL, NULL, NULL, p.n / 100.0) ->> 'percentile'
                              <> p.n::text) AS other_slot
FROM generate_series(0, 100) p (n);
SELECT p, tradeup_leads_internal.lead_text('{percentile}', '{}', NULL, NULL, NULL, NULL, p) AS text
FROM (VALUES (0.999), (0.5749)) v (p);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.lead_text('{percentile}', '{}', NULL, NULL, NULL, NULL, 1.5)$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.lead_text('{percentile}', '{}', NULL, NULL, NULL, NULL, 1e300)$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.lead_slots(NULL, NULL, NULL, -0.01)$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.lead_slots(NULL, NULL, NULL, 'NaN')$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.lead_slots(NULL, NULL, NULL, '-Infinity')$$);
