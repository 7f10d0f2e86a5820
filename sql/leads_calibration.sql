-- Were we right: aggregates of predictions and outcomes against tables of 40-digit arithmetic, in parts and whole, and what they
-- refuse.
SET search_path = tradeup_leads, public;
\getenv dir PG_ABS_SRCDIR

CREATE TEMP TABLE judged (id int, p float8, failed_number int, failed boolean GENERATED ALWAYS AS (failed_number <> 0) STORED);
\set load '\\copy judged (id, p, failed_number) from ' :dir '/test/data/leads/calibration_input.csv csv header'
:load
\set expected `cat "$PG_ABS_SRCDIR/test/data/leads/calibration_expected.json"`
CREATE TEMP TABLE ref_bin (bin_from float8, bin_to float8, n int, failures int, mean_p float8, observed_rate float8, low float8,
                           high float8);
\set load '\\copy ref_bin from ' :dir '/test/data/leads/reliability_expected.csv csv header'
:load
CREATE TEMP TABLE ref_step (p_from float8, p_to float8, n int, failures int, recalibrated float8);
\set load '\\copy ref_step from ' :dir '/test/data/leads/isotonic_expected.csv csv header'
:load

-- Figures that are beside the table by more than their tolerance: none.
CREATE TEMP TABLE ref_figure AS
SELECT CASE key WHEN 'n' THEN 'size' WHEN 'ece10' THEN 'ece' WHEN 'calibration_intercept' THEN 'intercept'
                WHEN 'calibration_slope' THEN 'slope' WHEN 'intercept_standard_error' THEN 'intercept_error'
                WHEN 'slope_standard_error' THEN 'slope_error' ELSE key END AS figure, value::float8
FROM jsonb_each_text(:'expected');
CREATE FUNCTION pg_temp.beside(figures calibration_figures) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT r.figure FROM ref_figure r LEFT JOIN jsonb_each_text(to_jsonb(figures)) f ON f.key = r.figure
    WHERE r.figure <> 'auc'
      AND NOT coalesce(abs(f.value::float8 - r.value) <= abs(r.value) *
                       CASE WHEN r.figure ~ 'intercept|slope|in_the_large' THEN 1e-10 ELSE 1e-13 END, false)
$$;
SELECT count(*) AS figures FROM ref_figure;
SELECT pg_temp.beside(calibration(p, failed)) FROM judged;
SELECT (c).size, (c).failures, (c).censored FROM (SELECT calibration(p, failed) AS c FROM judged) x;
SELECT abs(auc(p, failed) - (SELECT value FROM ref_figure WHERE figure = 'auc')) < 1e-13 AS auc FROM judged;
SELECT count(*) AS bins, count(*) FILTER (WHERE b.size = r.n AND b.failures = r.failures AND b.bin_to = r.bin_to
                                          AND abs(b.mean_p / r.mean_p - 1) < 1e-13
                                          AND abs(b.observed_rate / r.observed_rate - 1) < 1e-13
                                          AND abs(b.low / r.low - 1) < 1e-13 AND abs(b.high / r.high - 1) < 1e-13) AS equal
FROM (SELECT reliability(p, failed) AS bins FROM judged) x, unnest(bins) b FULL JOIN ref_bin r USING (bin_from);
SELECT count(*) AS steps, count(*) FILTER (WHERE s.size = r.n AND s.failures = r.failures AND s.p_to = r.p_to
                                           AND abs(s.recalibrated - r.recalibrated) <= 1e-15) AS equal
FROM (SELECT isotonic(p, failed) AS steps FROM judged) x, unnest(steps) s FULL JOIN ref_step r USING (p_from);
SELECT b.bin_from, b.bin_to, b.size, b.failures, round(b.mean_p::numeric, 4) AS mean_p, round(b.low::numeric, 4) AS low,
       round(b.high::numeric, 4) AS high
FROM (SELECT reliability(p, failed, 4) AS bins FROM judged) x, unnest(bins) b;
-- With a rate of 1/2 the evidence is all there is: alpha and gamma are intercept and slope.
SELECT size, failures, abs(alpha - (c).intercept) < 1e-10 AS alpha, abs(gamma - (c).slope) < 1e-10 AS gamma,
       abs(alpha_error - (c).intercept_error) < 1e-10 AS alpha_error, abs(gamma_error - (c).slope_error) < 1e-10 AS gamma_error
FROM (SELECT (recalibration(0.5, p, failed)).*, calibration(p, failed) AS c FROM judged) x;
SELECT failures, size FROM (SELECT (failure_rate(failed)).* FROM judged) x;

-- Many rows, which are summed, not kept; neither their order nor the number of workers shows in any digit.
CREATE TABLE many AS
SELECT i AS id, 1 / (1 + exp(3 - 4 * u)) AS p, v < 1 / (1 + exp(2.5 - 3 * u)) AS failed
FROM (SELECT i, (hashint8extended(i, 1) & 1048575) / 1048576.0::float8 AS u,
             (hashint8extended(i, 2) & 1048575) / 1048576.0::float8 AS v
      FROM generate_series(1, 30000) i) x;
INSERT INTO many SELECT -i, NULL, true FROM generate_series(1, 3) i;
INSERT INTO many SELECT -i, 0.1, NULL FROM generate_series(4, 8) i;
INSERT INTO many VALUES (-9, 0, false), (-10, 1, true);
ANALYZE many;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE whole AS
SELECT calibration(p, failed) AS calibration, auc(p, failed) AS auc, isotonic(p, failed) AS isotonic,
       reliability(p, failed) AS reliability, reliability(p, failed, 7) AS reliability_7, failure_rate(failed) AS failure_rate,
       recalibration(0.1, p, failed) FILTER (WHERE p > 0 AND p < 1) AS recalibration
FROM many;
SELECT size, failures, censored, round(slope::numeric, 2) AS slope, round(slope_error::numeric, 2) AS slope_error
FROM (SELECT (calibration).* FROM whole) x;
SELECT abs(brier - (reliability - resolution + uncertainty + within_bin)) < 1e-15 AS adds_up
FROM (SELECT (calibration).* FROM whole) x;
SELECT w = (SELECT (c, a, i, r, r7, f, g)::text
            FROM (SELECT calibration(p, failed) AS c, auc(p, failed) AS a, isotonic(p, failed) AS i, reliability(p, failed) AS r,
                         reliability(p, failed, 7) AS r7, failure_rate(failed) AS f,
                         recalibration(0.1, p, failed) FILTER (WHERE p > 0 AND p < 1) AS g
                  FROM (SELECT * FROM many ORDER BY hashint8(id), id) m) x) AS same_backward
FROM (SELECT (calibration, auc, isotonic, reliability, reliability_7, failure_rate, recalibration)::text AS w FROM whole) x;
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
CREATE FUNCTION pg_temp.parts(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
        IF line LIKE '%Partial Aggregate%' THEN
            RETURN NEXT trim(line, ' ->');
        END IF;
    END LOOP;
END
$$;
SELECT pg_temp.parts('SELECT calibration(p, failed), auc(p, failed), isotonic(p, failed), reliability(p, failed),
    reliability(p, failed, 7), failure_rate(failed), recalibration(0.1, p, failed) FROM many');
SELECT w = (SELECT (c, a, i, r, r7, f, g)::text
            FROM (SELECT calibration(p, failed) AS c, auc(p, failed) AS a, isotonic(p, failed) AS i, reliability(p, failed) AS r,
                         reliability(p, failed, 7) AS r7, failure_rate(failed) AS f,
                         recalibration(0.1, p, failed) FILTER (WHERE p > 0 AND p < 1) AS g FROM many) x) AS same_in_parts
FROM (SELECT (calibration, auc, isotonic, reliability, reliability_7, failure_rate, recalibration)::text AS w FROM whole) x;
-- Few rows a group, in parts too.
SELECT count(*) AS groups, count(*) FILTER (WHERE a.c::text = b.c::text AND a.a = b.a AND a.i::text = b.i::text) AS same
FROM (SELECT id % 7 AS g, calibration(p, failed) AS c, auc(p, failed) AS a, isotonic(p, failed) AS i FROM many
      WHERE id BETWEEN 1 AND 2000 GROUP BY 1) a
JOIN (SELECT id % 7 AS g, calibration(p, failed) AS c, auc(p, failed) AS a, isotonic(p, failed) AS i
      FROM (SELECT * FROM many WHERE id BETWEEN 1 AND 2000 ORDER BY id DESC) m GROUP BY 1) b USING (g);
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
-- A window that grows: its end is called again and again, and steps go on after it.
SELECT (c).size, count(*) AS rows
FROM (SELECT calibration(p, failed) OVER (ORDER BY id / 1500) AS c FROM many WHERE id BETWEEN 1 AND 5999) x GROUP BY 1 ORDER BY 1;
DROP TABLE many;

-- No rows, rows without an outcome, outcomes that leave figures open.
SELECT calibration(p, failed), reliability(p, failed), auc(p, failed), isotonic(p, failed), recalibration(0.1, p, failed),
       failure_rate(failed)
FROM judged WHERE false;
SELECT calibration(0.5, NULL), reliability(0.5, NULL), auc(0.5, NULL), isotonic(0.5, NULL), recalibration(0.1, 0.5, NULL),
       failure_rate(NULL);
SELECT failures, brier_skill, spiegelhalter_z, intercept, slope, calibration_in_the_large
FROM (SELECT (calibration(p, failed)).* FROM (VALUES (0::float8, false), (0.5, false)) v (p, failed)) x;
SELECT auc(p, true), recalibration(0.1, p, true) FROM (VALUES (0.2::float8), (0.5)) v (p);
-- All p alike, or outcomes that p sets apart: no slope.
SELECT slope, round(calibration_in_the_large::numeric, 4) AS in_the_large
FROM (SELECT (calibration(p, failed)).* FROM (VALUES (0.2::float8, false), (0.2, true)) v (p, failed)) x;
SELECT slope, round(calibration_in_the_large::numeric, 4) AS in_the_large
FROM (SELECT (calibration(p, failed)).* FROM (VALUES (0.2::float8, false), (0.3, true)) v (p, failed)) x;

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
SELECT pg_temp.refused($$SELECT calibration(p, failed) FROM (VALUES (0.2::float8, false), (0, true)) v (p, failed)$$);
SELECT pg_temp.refused($$SELECT calibration(p, failed) FROM (VALUES (1::float8, true), (0.5, false), (1, false)) v (p, failed)$$);
SELECT pg_temp.refused($$SELECT calibration(1.5, true)$$);
SELECT pg_temp.refused($$SELECT reliability(-0.1, true)$$);
SELECT pg_temp.refused($$SELECT auc('NaN', true)$$);
SELECT pg_temp.refused($$SELECT isotonic('Infinity', true)$$);
SELECT pg_temp.refused($$SELECT reliability(0.5, true, 0)$$);
SELECT pg_temp.refused($$SELECT reliability(0.5, true, 1001)$$);
SELECT pg_temp.refused($$SELECT reliability(0.5, true, NULL)$$);
SELECT pg_temp.refused($$SELECT reliability(0.5, true, n) FROM generate_series(2, 3) n$$);
SELECT pg_temp.refused($$SELECT recalibration(0, 0.5, true)$$);
SELECT pg_temp.refused($$SELECT recalibration(0.5, 1, true)$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.failure_rate_step('{1}', true)$$);
SELECT pg_temp.refused($$SELECT tradeup_leads_internal.failure_rate_step('{1,NULL}', true)$$);
