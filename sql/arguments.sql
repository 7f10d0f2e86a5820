-- What drivers send and columns hold: numbers of any type, JSON of any type, dates and moments, values without a type.
SET search_path = tradeup, public;
SET timezone = 'UTC';
SET jit = off;
\set SHOW_CONTEXT never

-- No two functions of a name take as many arguments in kinds that a value without a type could be both of: each is found with
-- nothing but $1, $2, ..., which is how some drivers call it.
CREATE FUNCTION pg_temp.refusal_of(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'PREPARE asked AS ' || query;
    DEALLOCATE asked;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
CREATE VIEW called AS
SELECT p.oid, p.oid::regprocedure AS function, p.proname, n.n AS count,
       ARRAY(SELECT format_type(t.t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY t (t, n) ORDER BY t.n) AS types
FROM pg_proc p, generate_series((p.pronargs - p.pronargdefaults)::integer, p.pronargs::integer) n (n)
WHERE p.pronamespace = 'tradeup'::regnamespace;
SELECT c.function, c.count, pg_temp.refusal_of(format('SELECT tradeup.%I(%s)', c.proname, a.list)) AS refused
FROM called c, LATERAL (SELECT coalesce(string_agg('$' || i, ', ' ORDER BY i), '') AS list FROM generate_series(1, c.count) i) a
WHERE pg_temp.refusal_of(format('SELECT tradeup.%I(%s)', c.proname, a.list)) IS NOT NULL
ORDER BY c.function::text COLLATE "C", c.count;
SELECT count(*) > 200 AS many_calls FROM called;

-- An argument of a type that takes less is one that no application gives: deal_for has those of the tables of programs.
SELECT p.oid::regprocedure AS takes_less FROM pg_proc p
WHERE p.pronamespace = 'tradeup'::regnamespace
  AND '{numeric,numeric[],json,jsonb,date,date[]}'::regtype[]::oid[] && p.proargtypes::oid[] ORDER BY 1::text COLLATE "C";

-- One argument in each form, the others without a type: all forms come to the one function that there is. (A literal alone,
-- behind the name of a type, is a value of that type to PostgreSQL.)
CREATE TABLE form (kind text, form text, value text);
INSERT INTO form VALUES
    ('any_number', 'integer literal', '60'), ('any_number', 'decimal literal', '60.25'),
    ('any_number', 'text literal', '''60.25'''),
    ('any_number', 'null', 'NULL'), ('any_number', 'smallint', '60::smallint'), ('any_number', 'bigint', '60::bigint'),
    ('any_number', 'numeric', '60.25::numeric'), ('any_number', 'numeric(12,2)', '60.25::numeric(12,2)'),
    ('any_number', 'real', '60.25::real'), ('any_number', 'double precision', '60.25::float8'),
    ('any_number[]', 'text literal', '''{60.25}'''), ('any_number[]', 'integer[]', 'ARRAY[60]'),
    ('any_number[]', 'numeric[]', 'ARRAY[60.25]'), ('any_number[]', 'double precision[]', 'ARRAY[60.25::float8]'),
    ('double precision', 'integer literal', '60'), ('double precision', 'decimal literal', '60.25'),
    ('double precision', 'text literal', '''60.25'''), ('double precision', 'numeric', '60.25::numeric'),
    ('double precision[]', 'text literal', '''{60.25}'''), ('double precision[]', 'integer[]', 'ARRAY[60]'),
    ('double precision[]', 'numeric[]', 'ARRAY[60.25]'), ('double precision[]', 'double precision[]', 'ARRAY[60.25::float8]'),
    ('integer', 'integer literal', '60'), ('integer', 'text literal', '''60'''), ('integer', 'smallint', '60::smallint'),
    ('any_term', 'integer literal', '60'), ('any_term', 'decimal literal', '60.0'), ('any_term', 'text literal', '''60'''),
    ('any_term', 'null', 'NULL'), ('any_term', 'smallint', '60::smallint'), ('any_term', 'bigint', '60::bigint'),
    ('any_term', 'numeric', '60::numeric'), ('any_term', 'real', '60::real'), ('any_term', 'double precision', '60::float8'),
    ('any_json', 'text literal', '''{}'''), ('any_json', 'jsonb', '''{}''::jsonb'), ('any_json', 'json', '''{}''::json'),
    ('any_json', 'text', '''{}''::text'), ('any_json', 'varchar', '''{}''::varchar'), ('any_json', 'null', 'NULL'),
    ('any_date', 'text literal', '''2026-01-31'''), ('any_date', 'date', 'date ''2026-01-31'''),
    ('any_date', 'timestamp', 'timestamp ''2026-01-31 12:00'''), ('any_date', 'timestamptz', 'timestamptz ''2026-01-31 12:00Z'''),
    ('any_date[]', 'text literal', '''{2026-01-31}'''), ('any_date[]', 'date[]', 'ARRAY[date ''2026-01-31'']'),
    ('any_date[]', 'timestamp[]', 'ARRAY[timestamp ''2026-01-31 12:00'']'),
    ('any_date[]', 'timestamptz[]', 'ARRAY[timestamptz ''2026-01-31 12:00Z'']'),
    ('deal', 'text literal', '''v1 annual_rate=0.1 term=12'''), ('deal', 'text', '''v1 annual_rate=0.1 term=12''::text'),
    ('deal', 'varchar', '''v1 annual_rate=0.1 term=12''::varchar');
SELECT f.kind, f.form, count(*) > 0 AS some, count(r.refused) AS refused,
       min(c.function::text COLLATE "C") FILTER (WHERE r.refused IS NOT NULL) AS first_refused
FROM form f
LEFT JOIN (called c CROSS JOIN LATERAL generate_series(1, c.count) AS place)
    ON c.types[place] = f.kind AND NOT (f.form = 'text literal' AND c.count = 1 AND to_regtype(c.proname) IS NOT NULL),
LATERAL (SELECT pg_temp.refusal_of(format('SELECT tradeup.%I(%s)', c.proname,
             (SELECT string_agg(CASE WHEN i = place THEN f.value ELSE 'NULL' END, ', ' ORDER BY i)
              FROM generate_series(1, c.count) i))) AS refused) r
GROUP BY f.kind, f.form ORDER BY f.kind COLLATE "C", f.form COLLATE "C";

-- The same result, whatever the type; a float is what it prints as, with 15 digits.
CREATE TABLE price (form text, p_numeric numeric, p_integer integer, p_float double precision, p_real real);
INSERT INTO price VALUES ('whole', 24000, 24000, 24000, 24000), ('cents', 24000.55, NULL, 24000.55, NULL),
    ('summed up', 24000.3, NULL, 24000.1::float8 + 0.2::float8, NULL);
SELECT p.form, payment(d, p_numeric), payment(d, p_integer) AS of_integer, payment(d, p_float) AS of_float,
       payment(d, p_real) AS of_real
FROM price p, deal(0.0599, 60) d ORDER BY p.form;
SELECT deal(annual_rate => 0.0599::float8, term => 60::smallint, equity => 1000.5::real)::text
           = deal(0.0599, 60, 1000.5)::text AS deal,
       lease_payment(32000.0::float8, 18000::float8, 36, 0.00175::float8) = lease_payment(32000, 18000, 36, 0.00175) AS lease,
       (SELECT array_agg(a) FROM amortization(1000.0::float8, 0.06::float8, 12) a)
           = (SELECT array_agg(a) FROM amortization(1000, 0.06, 12) a) AS amortization,
       solve(deal(0.06, 60), 24000.0::float8, 'down_payment', payment => 400.0::float8)::text
           = solve(deal(0.06, 60), 24000, 'down_payment', payment => 400)::text AS solve,
       affordable(20000.0::float8, 400.0::float8, 0.06::float8, 60) = affordable(20000, 400, 0.06, 60) AS affordable;
-- A price that its currency does not have stays an error, which says what to write.
\set VERBOSITY default
SELECT payment(deal(0.0599, 60), 24000.555::float8);
SELECT payment(deal(0.0599, 60), 24000.555);
SELECT payment(deal(0.0599, 60), round(24000.555::float8::numeric, 2));
SELECT payment(deal(0.0599, 60), 'NaN'::float8);
SELECT payment(deal(0.0599, 60), 1e300::float8);

-- A term is whole, whatever its type.
SELECT deal(0.0599, 60)::text = ALL (ARRAY[deal(0.0599, 60.0), deal(0.0599, '60'), deal(0.0599, 60::bigint),
                                           deal(0.0599, 60::real), deal(0.0599, 60::float8),
                                           deal(0.0599, '60.0')]::text[]) AS whole, deal(0.0599, NULL) IS NULL AS of_null;
SELECT deal(0.0599, 60.5);
\echo :SQLSTATE
SELECT deal(0.0599, 60.5::float8);
SELECT deal(0.0599, '60.5');
SELECT deal(0.0599, 'NaN'::float8);
SELECT deal(0.0599, 'sixty');
SELECT deal(0.0599, 1e10::numeric);
SELECT count(*) FROM amortization(20000, 0.06, 60.5);
SELECT lease_payment(32000, 18000, 36.5, 0.00175);
SELECT affordable(20000, 400, 0.06, 60.5);
SELECT rate_for_payment(20000, 400, 60.5::real);
SELECT save_quote('C1', 'V1', 60.5);
SELECT apr(20000, 400, 60.5, '2026-01-01', '2026-02-01');

-- What one function gives, another takes.
SELECT deal(annual_rate => rate_for_payment(24000, 463.68, 60), term => 60) AS deal,
       apr(20000, -pmt(0.06 / 12, 60, 20000), 60, '2025-01-10', '2025-02-10')::numeric(8,6) AS apr,
       principal_for_payment(round(-pmt(0.06 / 12, 60, 20000)::numeric, 2), 0.06, 60) AS principal,
       money_factor(effect(0.06, 12))::numeric(10,8) AS money_factor,
       term_for_payment(fv(0, 10, -100, 0), 100, 0) AS months;

-- JSON and dates.
SELECT deal(0.06, 60, terms => of_text) AS of_text, deal(0.06, 60, terms => of_json) AS of_json, payment(of_deal, 10000)
FROM (VALUES ('{"minor_digits": 0}'::text, '{"minor_digits": 0}'::json, 'v1 annual_rate=0.06 term=60'::text))
     f (of_text, of_json, of_deal);
SELECT deal(0.06, 60, terms => 'not json'::text);
SET timezone = 'America/Mexico_City';
SELECT year_fraction(timestamp '2024-01-01 23:59', date '2025-01-01') AS of_moment,
       year_fraction(timestamptz '2024-01-02 03:00Z', date '2025-01-01') AS of_moment_there,
       xirr(ARRAY[-100, 110]::float8[], ARRAY['2024-01-01 10:00', '2025-01-01 09:00']::timestamp[])::numeric(8,6) AS xirr,
       (SELECT xirr_agg(a, d)::numeric(8,6) FROM (VALUES (-100, timestamp '2024-01-01 10:00'), (110, '2025-01-01')) f (a, d));
RESET timezone;

-- An index serves a condition on a numeric price however its bounds are typed; of a price that is a float or an integer, an index
-- on it as numeric.
INSERT INTO price SELECT 'many', g, g, g, NULL FROM generate_series(1, 5000) g;
CREATE INDEX price_numeric ON price (p_numeric);
CREATE INDEX price_float ON price ((p_float::numeric));
ANALYZE price;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM price WHERE affordable(p_numeric, 2.0::float8, 0.06::float8, 60);
EXPLAIN (COSTS OFF) SELECT count(*) FROM price WHERE affordable(p_float, 2, 0.06, 60);
EXPLAIN (COSTS OFF) SELECT count(*) FROM price p, windows(deal(0.06::float8, 60, 1000::float8, current_payment => 50::float8)) w
WHERE p.p_numeric BETWEEN w.lowest_price AND w.highest_price;
SELECT count(*) FROM price WHERE affordable(p_float, 2, 0.06, 60) AND form = 'many';

DROP VIEW called;
DROP TABLE form, price;
