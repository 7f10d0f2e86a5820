-- Whatever is sent, messages repeat no more than 200 characters of it, and no part of a character.
SET search_path = tradeup, public;
SET client_min_messages = warning;
SET jit = off;
\getenv dir PG_ABS_SRCDIR
\set rows :dir '/test/data/calls/tradeup/rows.sql'
BEGIN;
\set ECHO none
\o /dev/null
\i :rows
\o
\set ECHO all
CREATE TYPE pg_temp.said AS (state text, message text, detail text, hint text, context text);
CREATE FUNCTION pg_temp.said(statement text) RETURNS pg_temp.said LANGUAGE plpgsql AS $$
DECLARE
    s pg_temp.said;
BEGIN
    EXECUTE statement;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s.state = RETURNED_SQLSTATE, s.message = MESSAGE_TEXT, s.detail = PG_EXCEPTION_DETAIL,
                            s.hint = PG_EXCEPTION_HINT, s.context = PG_EXCEPTION_CONTEXT;
    RETURN s;
END $$;
SELECT tradeup_internal.shown('as it is'), tradeup_internal.shown(repeat('é', 200)) = repeat('é', 200) AS just_fits,
    tradeup_internal.shown(repeat('é', 201)) = repeat('é', 200) || '...' AS cut,
       tradeup_internal.shown(NULL) IS NULL AS null, tradeup_internal.shown('') = '' AS empty;

-- Every function of the extension, with a long value for each of its arguments in turn; the others have values that fit their
-- types.
CREATE TABLE public.sample AS
SELECT v.type::regtype AS type, v.value
FROM (VALUES ('text', '''one'''), ('text[]', '''{one}'''), ('jsonb', '''{}'''), ('numeric', '1000'),
    ('numeric[]', '''{-1000,2000}'''), ('integer', '12'),
             ('integer[]', '''{12}'''), ('double precision', '0.1'), ('double precision[]', '''{-1,2}'''),
             ('date', '''2025-01-01'''),
             ('date[]', '''{2025-01-01,2026-01-01}'''), ('boolean', 'true'), ('bigint', '1'), ('interval', '''1 day'''),
             ('name', '''one'''),
             ('timestamptz', '''2025-01-01'''), ('regclass', '''tradeup.vehicle'''),
             ('tradeup.deal', '''v1 annual_rate=0.1 term=12'''), ('tradeup.deal[]', '''{v1 annual_rate=0.1 term=12}'''),
             ('tradeup.price_list', '''v1 {100000}''')) v (type, value);
CREATE TABLE public.long AS
SELECT '' AS only_of, x.type::regtype AS type, format(x.value, format('(%L || repeat(''é'', 1000))', b.before)) AS value
FROM (VALUES (''), ('x')) b (before), -- characters of two bytes, at even and at odd places
     (VALUES ('text', '%s'), ('text[]', 'ARRAY[%s]'), ('jsonb', 'to_jsonb(%s)'), ('jsonb', 'jsonb_build_array(%s)'),
             ('jsonb', 'jsonb_build_object(%s, 1)'), ('tradeup.deal', '%s'), ('tradeup.price_list', '%s')) x (type, value);
INSERT INTO public.long VALUES ('', 'numeric', '(''0.'' || repeat(''9'', 1000))'),
    ('', 'numeric', '(repeat(''9'', 1000) || ''.5'')'),
    ('', 'numeric[]', 'ARRAY[repeat(''9'', 1000)]');
INSERT INTO public.long
SELECT k.only_of, 'jsonb', format('jsonb_build_object(%L, ''x'' || repeat(''é'', 1000))', k.key)
FROM (SELECT 'program', jsonb_object_keys(program_schema() -> 'properties')
      UNION ALL SELECT 'filter', attname::text FROM pg_attribute WHERE attrelid = 'offer_filter'::regclass AND attnum > 0
      UNION ALL SELECT 'overrid', unnest('{annual_rate,annual_percent,terms,service_fee_rate,opening_fee_rate,bonus,protection,insurance}'::text[])
      UNION ALL SELECT 'subsid', unnest('{terms,service_fee_rate,bonus,order,min_margin,max_change,max_financed_to_price,require_dearer}'::text[])) k (only_of, key);
-- Arguments of the types that stand for others.
CREATE TABLE public.stands AS
SELECT x.one::regtype AS one, x.other::regtype AS other
FROM (VALUES ('tradeup.any_number', 'numeric'), ('tradeup.any_number[]', 'numeric[]'), ('tradeup.any_json', 'jsonb'),
             ('tradeup.any_term', 'integer'),
             ('tradeup.any_date', 'date'), ('tradeup.any_date[]', 'date[]')) x (one, other);
INSERT INTO public.sample SELECT x.one, s.value FROM public.sample s JOIN public.stands x ON x.other = s.type;
INSERT INTO public.long SELECT l.only_of, x.one, l.value FROM public.long l JOIN public.stands x ON x.other = l.type;
CREATE TABLE public.tried AS
SELECT c.name, c.statement
FROM (SELECT p.oid::regprocedure::text AS name,
             format('SELECT %s(%s)', p.oid::regproc,
                    string_agg(CASE WHEN a.place = l.place THEN l.value
                        ELSE coalesce(s.value, 'NULL') END || '::' || a.type::regtype, ', ' ORDER BY a.place)) AS statement
      FROM pg_proc p
      JOIN pg_depend e ON e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e'
      JOIN pg_extension x ON e.refclassid = 'pg_extension'::regclass AND e.refobjid = x.oid AND x.extname = 'tradeup'
      CROSS JOIN LATERAL (SELECT b.place, v.value FROM unnest(p.proargtypes) WITH ORDINALITY b (type, place)
                          JOIN public.long v ON v.type = b.type
                              AND (p.proname ~ v.only_of OR v.only_of = 'filter' AND p.proname ~ 'match|search')) l
      CROSS JOIN LATERAL unnest(p.proargtypes) WITH ORDINALITY a (type, place)
      LEFT JOIN public.sample s ON s.type = a.type
      WHERE NOT 'internal'::regtype = ANY (p.proargtypes) AND p.prorettype <> 'trigger'::regtype
      GROUP BY p.oid, l.place, l.value) c;
SELECT count(*) > 500 AS many FROM public.tried;
CREATE TABLE public.heard AS SELECT t.name, t.statement, (s.said).*
FROM public.tried t, LATERAL (SELECT pg_temp.said(t.statement) AS said OFFSET 0) s;
SELECT count(*) FILTER (WHERE state <> '') > 300 AS many_errors, count(DISTINCT state) > 3 AS of_several_kinds FROM public.heard;
SELECT DISTINCT name COLLATE "C" AS name, state, left(message, 40) AS message, left(detail, 40) AS detail, left(hint, 40) AS hint
FROM public.heard, LATERAL (SELECT concat_ws(' ', message, detail, hint, context)) a (all_of_it)
WHERE position(repeat('é', 201) IN all_of_it) > 0 OR position(repeat('9', 201) IN all_of_it) > 0 OR length(message) > 500
    OR length(hint) > 1000
   OR convert_from(convert_to(all_of_it, 'UTF8'), 'UTF8') IS NULL
ORDER BY 1, 2, 3, 4, 5;
SELECT state, count(DISTINCT name) > 0 AS some FROM public.heard WHERE state LIKE 'XX%' OR state = '42883' GROUP BY 1;

-- 50 MB.
CREATE TABLE public.huge AS SELECT repeat('é', 25000000) AS t;
SELECT (s.said).state, length((s.said).message) AS message, length((s.said).detail) AS detail,
    length((s.said).context) < 1000 AS short_context, w.what
FROM unnest(ARRAY[
    'offers(t)', 'search_offers(''one'', after => t)', 'publish_program(t)', 'record_event(1, t)',
    'watch_inventory(channel => t)', 't::deal',
    'tradeup_internal.require_overrides(to_jsonb(t))']) WITH ORDINALITY w (what, n),
    LATERAL (SELECT pg_temp.said(format('SELECT %s FROM public.huge', w.what)) AS said OFFSET 0) s ORDER BY w.n;
ROLLBACK;
