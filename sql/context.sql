-- Where an error came from is said in one line at most: what our functions are made of is nobody's business.
SET search_path = public;
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
CREATE TABLE told (function text, state text, message text, context text);
CREATE FUNCTION tried(query text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    s text;
    m text;
    c text;
BEGIN
    EXECUTE 'SELECT ' || query;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, c = PG_EXCEPTION_CONTEXT;
    -- What this function adds itself comes last.
    c := rtrim(regexp_replace(c, '(SQL statement "SELECT tradeup[^\n]*\n)?PL/pgSQL function tried\(text\).*', ''), E'\n');
    INSERT INTO told VALUES (split_part(query, '(', 1), s, m, c);
END $$;
-- A good value of each argument, and bad ones.
CREATE FUNCTION good(name text, type text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE
        WHEN name = 'customer_id' THEN '''one''' WHEN name = 'vehicle_id' THEN '''1''' WHEN name = 'inventory' THEN '''lot'''
        WHEN name = 'program' THEN '''mx-reference''' WHEN name = 'programs' THEN '''{mx-reference}'''
        WHEN name = 'rank_by' THEN '''margin'''
        WHEN name = 'sort' THEN '''payment''' WHEN name = 'event' THEN '''viewed''' WHEN name = 'rounding' THEN '''half_up'''
        WHEN name = 'frequency' THEN '''monthly''' WHEN name = 'term' THEN '60' WHEN name IN ('annual_rate', 'rate') THEN '0.1'
        WHEN type IN ('tradeup.any_number', 'double precision', 'integer', 'bigint', 'numeric') THEN '10'
        WHEN type = 'tradeup.any_date' THEN '''2026-01-01''' WHEN type = 'tradeup.deal' THEN '''v1 annual_rate=0.1 term=12'''
        WHEN type = 'tradeup.any_number[]' THEN '''{1,2}''' WHEN type = 'double precision[]' THEN '''{-1,2}'''
        WHEN type = 'tradeup.any_date[]' THEN '''{2026-01-01,2027-01-01}''' WHEN type = 'interval' THEN '''1 day'''
        WHEN type = 'boolean' THEN 'true' ELSE 'NULL' END
$$;
CREATE TABLE bad (type text, value text);
INSERT INTO bad VALUES ('text', '''nobody'''), ('text', 'concat(''nobody'')'), ('text', 'NULL'), ('text', ''''''),
    ('name', '''nobody'''), ('text[]', '''{nobody}'''),
    ('tradeup.any_number', '-1'), ('tradeup.any_number', '1e30'), ('tradeup.any_number', '''NaN'''),
    ('double precision', '''NaN'''),
    ('integer', '-1'), ('integer', '1000000000'), ('bigint', '-1'), ('tradeup.any_json', '''{"nobody": 1}'''),
    ('tradeup.any_json', '''[]'''), ('tradeup.any_json', '''{"terms": "x"}'''), ('tradeup.any_date', '''infinity'''),
    ('tradeup.any_number[]', '''{NULL}'''), ('double precision[]', '''{NULL}'''), ('tradeup.any_date[]', '''{}'''),
    ('interval', '''-1 day'''), ('boolean', 'NULL'), ('regclass', 'NULL'), ('regclass', '''pg_class''');
SELECT count(tried(c.query)) > 600 AS many_calls
FROM (SELECT format('tradeup.%I(%s)', p.proname, string_agg(CASE WHEN a.place = b.place THEN b.value
                    ELSE good(p.proargnames[a.place], a.type::regtype::text) END, ', ' ORDER BY a.place)) AS query
      FROM pg_proc p
      CROSS JOIN LATERAL (SELECT a.place, b.value FROM unnest(p.proargtypes) WITH ORDINALITY a (type, place)
                          JOIN bad b ON b.type = a.type::regtype::text) b
      CROSS JOIN LATERAL unnest(p.proargtypes) WITH ORDINALITY a (type, place)
      WHERE p.pronamespace = 'tradeup'::regnamespace AND p.prokind = 'f'
      GROUP BY p.oid, b.place, b.value) c;
SELECT count(*) > 300 AS many_errors, count(DISTINCT function) > 80 AS of_many_functions,
    count(*) FILTER (WHERE state LIKE 'XX%') AS internal
FROM told;
SELECT function, max(cardinality(string_to_array(context, E'\n'))) AS lines FROM told GROUP BY function
HAVING max(cardinality(string_to_array(context, E'\n'))) > 1 ORDER BY function COLLATE "C";
ROLLBACK;
