-- Rates, their intervals, and likelihood ratios: the reference tables within their tolerances, and what is refused.
SET search_path = tradeup_leads, public;
\getenv dir PG_ABS_SRCDIR
-- Whether a result is as near to what is expected as it must be, relative to it; 1e-36 stands for 0.
CREATE FUNCTION pg_temp.near(result float8, expected numeric, relative numeric) RETURNS boolean LANGUAGE sql
RETURN abs(result::text::numeric - expected) <= greatest(relative * abs(expected), 1e-36);

SET extra_float_digits = 3;
CREATE TEMP TABLE bayes (id text, a0 float8, b0 float8, failures float8, trials float8, level float8, counts text, evidence text,
    ratios text, a numeric, b numeric, post_mean numeric, post_sd numeric, post_median numeric, ci_lo numeric, ci_hi numeric,
    rest_1 text, rest_2 text, rest_3 text, rest_4 text, rest_5 text, rest_6 text, rest_7 text, rest_8 text, rest_9 text,
        rest_10 text,
    rest_11 text, rest_12 text, rest_13 text, rest_14 text, pred_m bigint, pred_k bigint, pmf numeric, cdf numeric, over_005 text,
    over_020 text);
\set load '\\copy bayes from ' :dir '/test/data/leads/bayes_exact.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE NOT near_to) AS off
FROM (SELECT b.id, pg_temp.near(p.a, b.a, 1e-15) AND pg_temp.near(p.b, b.b, 1e-15)
                 AND pg_temp.near(p.mean, post_mean, 1e-12) AND pg_temp.near(p.deviation, post_sd, 1e-12)
                 AND pg_temp.near(i.median, post_median, 1e-12) AND pg_temp.near(i.low, ci_lo, 1e-12)
                 AND pg_temp.near(i.high, ci_hi, 1e-12)
                 AND pg_temp.near(failures_exactly(p.a, p.b, pred_k, pred_m), pmf, 1e-12)
                 AND pg_temp.near(failures_at_most(p.a, p.b, pred_k, pred_m), cdf, 1e-12) AS near_to
      FROM bayes b, beta_binomial(failures, trials, a0 / (a0 + b0), a0 + b0) p, beta_interval(b.a::float8, b.b::float8,
          level) i) x;
CREATE TEMP TABLE counts (id text, present_failed float8, absent_failed float8, present_sound float8, absent_sound float8,
    lr_present numeric, lr_absent numeric, var_present numeric, var_absent numeric, log_present numeric, log_var_present numeric,
    log_absent numeric, log_var_absent numeric);
\set load '\\copy counts from ' :dir '/test/data/leads/lr_from_counts.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE NOT (pg_temp.near(r.log_present, c.log_present, 1e-13)
    AND pg_temp.near(r.variance_present, log_var_present, 1e-13) AND pg_temp.near(r.log_absent, c.log_absent, 1e-13)
    AND pg_temp.near(r.variance_absent, log_var_absent, 1e-13))) AS off
FROM counts c, likelihood_ratio(present_failed, absent_failed, present_sound, absent_sound, 'jeffreys') r;
SELECT count(*), count(*) FILTER (WHERE NOT (pg_temp.near(ratio_present, lr_present, 1e-13)
    AND pg_temp.near(ratio_absent, lr_absent, 1e-13) AND pg_temp.near(variance_present, var_present, 1e-13)
    AND pg_temp.near(variance_absent, var_absent, 1e-13))) AS off
FROM (SELECT * FROM counts WHERE var_present IS NOT NULL AND var_absent IS NOT NULL OFFSET 0) c,
     likelihood_ratio(present_failed, absent_failed, present_sound, absent_sound) r;
CREATE TEMP TABLE relative (id text, rate float8, prevalence float8, relative_risk float8, lr_present text, lr_absent text);
\set load '\\copy relative from ' :dir '/test/data/leads/relative_risk.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE NOT (pg_temp.near(ratio_present, lr_present::numeric, 1e-13)
    AND pg_temp.near(ratio_absent, lr_absent::numeric, 1e-13))) AS off
FROM (SELECT * FROM relative WHERE lr_present <> 'error' OFFSET 0) c, likelihood_ratio(relative_risk, rate, prevalence) r;
CREATE TEMP TABLE soft (id text, rate float8, lr_present float8, lr_absent float8, probability float8, multiplier numeric,
    posterior numeric);
\set load '\\copy soft from ' :dir '/test/data/leads/soft_evidence.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE NOT pg_temp.near(soft_ratio(lr_present, lr_absent, probability), multiplier, 1e-13))
    AS off
FROM soft;
CREATE TEMP TABLE horizon (id text, alpha float8, beta float8, failures float8, vehicle_years float8, years float8,
    failure_probability numeric, rate float8, over_years numeric);
\set load '\\copy horizon from ' :dir '/test/data/leads/horizon.csv csv header'
:load
SELECT count(*), count(*) FILTER (WHERE NOT (pg_temp.near(g.mean, failure_probability, 1e-13)
    AND pg_temp.near(rate_over_years(rate, years), over_years, 1e-13))) AS off
FROM horizon h, gamma_poisson(failures, vehicle_years, years, h.alpha, h.beta) g;

-- What people see, to the digits that every machine agrees on.
SET extra_float_digits = -3;
SELECT * FROM rate_interval(failures => 3, size => 120);
SELECT * FROM rate_interval(3, 120, prior_rate => 0.03, prior_size => 2000, discount => 0.1, level => 0.8);
SELECT * FROM beta_binomial();
SELECT * FROM beta_binomial(10, 100, prior_rate => 0.05, prior_size => 2000, discount => 0.5, kept => 0.5);
SELECT * FROM beta_interval(0.5, 50.5);
SELECT * FROM beta_interval(50.5, 0.5);
SELECT low FROM beta_interval(1e-4, 1);
SELECT low > 0 AND low < 1e-295 AS tiny, high FROM beta_interval(1 / 187.0, 1);
SELECT sum(failures_exactly(2, 38, k, 20)) AS all_numbers, failures_at_most(2, 38, 3, 20) AS at_most_3
FROM generate_series(0, 20) k;
SELECT * FROM gamma_poisson(4, 320.5, years => 2);
SELECT rate_over_years(0.05, 5), rate_over_years(0, 5), rate_over_years(1, 5), rate_over_years(1e-18, 2);
SELECT * FROM fitted_rate('{1,9,3,0,14}', '{50,60,20,80,55}');
SELECT * FROM fitted_rate('{5,5,6}', '{100,100,120}');
SELECT r.rate, round(r.a::numeric, 6) AS a FROM (SELECT array_agg(20 + (7 * g) % 23) AS failures,
    array_agg(1000::bigint) AS sizes FROM generate_series(0, 399) g) c, fitted_rate(failures::bigint[], sizes) r;
SELECT * FROM likelihood_ratio(1825, 515, 5722, 41958);
SELECT * FROM likelihood_ratio(relative_risk => 3.1, rate => 0.252, prevalence => 0.02);
SELECT soft_ratio(7.7, 0.58, 0), soft_ratio(7.7, 0.58, 0.5), soft_ratio(7.7, 0.58, 1);
SELECT beta_interval(NULL, 1) IS NULL AS null, soft_ratio(NULL, 1, 1) IS NULL AS null;

-- What is refused.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    s text;
    m text;
    d text;
BEGIN
    EXECUTE 'SELECT ' || statement;
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', s, m, nullif(d, ''));
END $$;
SELECT statement, pg_temp.refused(statement) FROM (VALUES (1, 'beta_binomial(3, 2)'), (2, 'beta_binomial(-1, 2)'),
    (3, 'beta_binomial(1, ''NaN'')'), (4, 'beta_binomial(1, 2, kept => 1.5)'), (5, 'beta_binomial(1, 2, prior_rate => 0.03)'),
    (6, 'beta_binomial(1, 2, 0, 100)'), (7, 'beta_binomial(1, 2, 3, 100)'), (8, 'beta_binomial(1, 2, 0.03, 0)'),
    (9, 'beta_binomial(1, 2, 0.03, 100, 0)'), (10, 'rate_interval(1, 2, level => 1)'), (11, 'rate_interval(1, 2, level => NULL)'),
    (12, 'beta_interval(0, 1)'), (13, 'beta_interval(1, ''Infinity'')'), (14, 'failures_exactly(1, 1, 3, 2)'),
    (15, 'failures_at_most(1, 1, 0, 2000000)'), (16, 'gamma_poisson(1)'), (17, 'gamma_poisson(1, 1, alpha => 2)'),
    (18, 'gamma_poisson(1, 1, years => 0)'), (19, 'gamma_poisson(1, 1, 1, -1, 1)'), (20, 'rate_over_years(1.5, 1)'),
    (21, 'rate_over_years(0.5, ''NaN'')'), (22, 'fitted_rate(''{1}'', ''{1,2}'')'), (23, 'fitted_rate(''{0}'', ''{10}'')'),
    (24, 'fitted_rate(''{2}'', ''{1}'')'), (25, 'fitted_rate(''{NULL}'', ''{1}'')'), (26, 'fitted_rate(''{}'', ''{}'')'),
    (27, 'likelihood_ratio(0, 1, 1, 1)'), (28, 'likelihood_ratio(1, 1, 1, -1, ''jeffreys'')'),
    (29, 'likelihood_ratio(1, 1, 1, 1, ''bayes'')'), (30, 'likelihood_ratio(0, 0.1, 0.1)'), (31, 'likelihood_ratio(2, 0, 0.1)'),
    (32, 'likelihood_ratio(2, 0.1, 1)'), (33, 'likelihood_ratio(6.4, 0.389, 0.1)'), (34, 'soft_ratio(0, 1, 0.5)'),
    (35, 'soft_ratio(2, ''Infinity'', 0.5)'), (36, 'soft_ratio(2, 0.5, 1.1)')) v (n, statement) ORDER BY n;
