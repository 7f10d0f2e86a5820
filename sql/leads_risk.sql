-- Evidence, scorers and risks: the reference table within its tolerances, groups, shrinkage, explanations, and what is refused.
SET search_path = tradeup_leads, public;
\getenv dir PG_ABS_SRCDIR
CREATE FUNCTION pg_temp.near(result float8, expected numeric, relative numeric) RETURNS boolean LANGUAGE sql
RETURN abs(result::text::numeric - expected) <= greatest(relative * abs(expected), 1e-36);

-- Evidence: its text, by position; and what is equal.
SELECT e::evidence FROM (VALUES (1, ''), (2, '1=present 3=0.7'), (3, ' list=1F2E3D4C  64=absent 2=present '), (4,
    '1=1 2=0 3=unknown'))
    v (n, e) ORDER BY n;
SELECT e, count(*) FROM (VALUES ('1=present'::evidence), ('1=1'), ('2=0.5'), ('list=2'), ('')) v (e) GROUP BY e ORDER BY e;
SELECT a = b AS "=", a <> b AS "<>", a < b AS "<", a <= b AS "<=", a > b AS ">", a >= b AS ">="
FROM (VALUES ('1=present'::evidence, '1=present'::evidence), ('1=present', '2=present'), ('2=present', '1=present')) v (a, b);
CREATE TEMP TABLE known (evidence evidence PRIMARY KEY);
INSERT INTO known SELECT (format('%s=present %s=0.%s', 1 + g % 63, 64, 1000 + g))::evidence FROM generate_series(1, 2000) g;
SELECT count(*) FROM known a JOIN known b USING (evidence);
SET enable_hashjoin = off;
SELECT count(*) FROM known a JOIN known b USING (evidence);
RESET enable_hashjoin;
SELECT pg_column_size(evidence) FROM (VALUES ('1=present 64=absent'::evidence)) v (evidence);
-- In binary, and as text.
CREATE TEMP TABLE carried (n integer, evidence evidence, scorer risk_scorer);
INSERT INTO carried VALUES (1, 'list=ff 1=present 2=0.125 64=absent',
    'v1 a=1.5 b=0.30000000000000004 alpha=-0.1 gamma=0.75 known=0'
    ' | a present=0.1 absent=-2e-9 absent_variance=5 group=x enabled=0 | b present=-1 assumed=1 group=x');
SELECT tradeup_leads_internal.evidence_send(evidence) FROM carried;
SELECT evidence, scorer, evidence::text::evidence = evidence AS same, scorer::text::risk_scorer::text = scorer::text AS same
FROM carried;

-- A scorer of each way in which a stressor can be given.
CREATE TEMP TABLE example AS SELECT tradeup_leads_internal.compiled_scorer(
    stressors => '{soc_decline,towing,heat,deep_discharge,trips}', rate_a => 30, rate_b => 970,
    present_failed => '{1825,NULL,NULL,40,NULL}', absent_failed => '{515,NULL,NULL,10,NULL}',
    present_sound => '{5722,NULL,NULL,200,NULL}', absent_sound => '{41958,NULL,NULL,750,NULL}',
    ratio_present => '{NULL,2,NULL,NULL,3}', ratio_absent => '{NULL,0.9,NULL,NULL,1}', uncertainty => '{NULL,1.5,NULL,NULL,NULL}',
    relative_risk => '{NULL,NULL,2,NULL,NULL}', prevalence => '{NULL,NULL,0.3,NULL,NULL}',
    dependence_groups => '{charge,NULL,NULL,charge,NULL}', enabled => '{t,t,t,t,f}',
    counts_form => 'plain', alpha => 0, gamma => 1, known => true) AS s;
SET extra_float_digits = -3;
SELECT x.* FROM example, scorer_stressors(s) x;
SELECT x.* FROM example, explain_risk(s,
    'soc_decline=present deep_discharge=absent towing=absent heat=0.7 trips=present'::text) x;
SELECT x.* FROM example, explain_risk(s, evidence(s, 'heat=absent')) x;
SELECT evidence(s, 'soc_decline=present heat=0.7') = tradeup_leads_internal.evidence_of(
    '{soc_decline,towing,heat,deep_discharge,trips}', '{present,NULL,0.7,unknown,NULL}') AS same FROM example;
SELECT x.* FROM example, evidence_rows(s, evidence(s, 'heat=0.7 towing=absent')) x;
-- No evidence: the cohort's rate and interval.
SELECT risk(s, ''), i.* FROM example, risk_interval(s, '') i;
SELECT * FROM beta_interval(30, 970);
SELECT risk(s, e), i.*, risk_over(s, e, 0.1) AS over_10, risk_over(s, e, 0) AS over_0, risk_over(s, e, 1) AS over_1
FROM example, LATERAL (SELECT evidence(s, 'soc_decline=present towing=present') AS e OFFSET 0) e, risk_interval(s, e,
    level => 0.8) i;
-- Shrunk, and with the other form of counts.
SELECT n, risk(s, '1=present') FROM (VALUES (1, 'jeffreys', 0, 1), (2, 'plain', -0.25, 0.5)) v (n, form, alpha, gamma),
    tradeup_leads_internal.compiled_scorer('{a}', 30, 970, '{40}', '{10}', '{200}', '{750}', NULL, NULL, NULL, NULL, NULL,
        NULL, NULL,
    form, alpha, gamma, true) s ORDER BY n;
-- All 64 stressors.
SELECT risk(s, e) FROM (SELECT array_agg('stressor_' || g ORDER BY g) AS names, array_agg(1.25::float8) AS present,
    array_agg(0.8::float8) AS absent, string_agg(g || CASE WHEN g <= 30 THEN '=present' ELSE '=absent' END, ' ')::evidence AS e
    FROM generate_series(1, 64) g) x, tradeup_leads_internal.compiled_scorer(names, 30, 970, NULL, NULL, NULL, NULL, present,
        absent,
    NULL, NULL, NULL, NULL, NULL, 'plain', 0, 1, true) s;

-- Severity: the class of the median; uncertain where the interval reaches too far, or nothing is known of the cohort.
SELECT e, tradeup_leads_internal.risk_severity(s, evidence(s, e), '{0.03,0.07,0.12,0.2}', '{low,moderate,high,critical,severe}')
FROM example, (VALUES ('soc_decline=absent'), ('soc_decline=present'), ('soc_decline=present towing=present')) v (e) ORDER BY e;
SELECT n, tradeup_leads_internal.risk_class(s::risk_scorer, '', '{0.03,0.07,0.12,0.2}', 0.8, most) FROM (VALUES
    (1, 'v1 a=2 b=30', 2), (2, 'v1 a=2 b=30', 4), (3, 'v1 a=200 b=3000', 2), (4, 'v1 a=200 b=3000 known=0', 5)) v (n, s, most)
ORDER BY n;

-- The reference table.
SET extra_float_digits = 3;
CREATE TEMP TABLE bayes (id text, a0 float8, b0 float8, failures float8, trials float8, level float8, counts text, evidence text,
    ratios text, a float8, b float8, post_mean text, post_sd text, post_median text, ci_lo text, ci_hi text, combined_lr numeric,
    sum_ln_lr numeric, var_ln_lr numeric, plugin numeric, median numeric, mean numeric, fixed_lo numeric, fixed_hi numeric,
    logit_mean text, logit_sd text, normal_lo text, normal_hi text, lo numeric, hi numeric, pred_m text, pred_k text, pmf text,
    cdf text, over_005 numeric, over_020 numeric);
\set load '\\copy bayes from ' :dir '/test/data/leads/bayes_exact.csv csv header'
:load
CREATE TEMP TABLE scored AS SELECT b.*, tradeup_leads_internal.compiled_scorer(names, a, b, c1, c2, c3, c4, NULL, NULL, NULL,
    NULL,
    NULL, NULL, NULL, 'plain', 0, 1, true) AS s, tradeup_leads_internal.evidence_of(names, states) AS e,
    tradeup_leads_internal.compiled_scorer(names, a, b, NULL, NULL, NULL, NULL, p, q, NULL, NULL, NULL, NULL, NULL, 'plain', 0, 1,
    true) AS fixed
FROM bayes b, LATERAL (SELECT array_agg('s' || n ORDER BY n) AS names, array_agg(split_part(c, ',', 1)::float8 ORDER BY n) AS c1,
        array_agg(split_part(c, ',', 2)::float8 ORDER BY n) AS c2, array_agg(split_part(c, ',', 3)::float8 ORDER BY n) AS c3,
        array_agg(split_part(c, ',', 4)::float8 ORDER BY n) AS c4, array_agg(l.ratio_present ORDER BY n) AS p,
        array_agg(l.ratio_absent ORDER BY n) AS q,
        array_agg(CASE substr(b.evidence, n::integer, 1) WHEN 'p' THEN 'present' WHEN 'a' THEN 'absent' END ORDER BY n) AS states
    FROM regexp_split_to_table(nullif(b.counts, ''), '\|') WITH ORDINALITY t (c, n), LATERAL likelihood_ratio(
        split_part(c, ',', 1)::float8, split_part(c, ',', 2)::float8, split_part(c, ',', 3)::float8, split_part(c, ',',
            4)::float8)
        l) x;
SELECT count(*), count(*) FILTER (WHERE NOT pg_temp.near(risk(s, e), plugin, 1e-12)) AS point,
    count(*) FILTER (WHERE NOT (pg_temp.near(f.median, x.median, 1e-12) AND pg_temp.near(f.mean, x.mean, 1e-12)
        AND pg_temp.near(f.low, fixed_lo, 1e-12) AND pg_temp.near(f.high, fixed_hi, 1e-12))) AS fixed,
    count(*) FILTER (WHERE NOT (pg_temp.near(i.low, lo, 1e-10) AND pg_temp.near(i.high, hi, 1e-10)
        AND pg_temp.near(i.mean, x.mean, 1e-12))) AS uncertain,
    count(*) FILTER (WHERE abs(risk_over(s, e, 0.05)::text::numeric - over_005) > CASE WHEN over_005 < 1e-6 THEN 1e-16
        ELSE 1e-10 * over_005 END) AS over_005,
    count(*) FILTER (WHERE abs(risk_over(s, e, 0.2)::text::numeric - over_020) > CASE WHEN over_020 < 1e-6 THEN 1e-16
        ELSE 1e-10 * over_020 END) AS over_020
FROM scored x, risk_interval(fixed, e, level) f, risk_interval(s, e, level) i;

-- What is refused.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    s text;
    m text;
    d text;
BEGIN
    EXECUTE 'SELECT ' || statement || ' FROM example';
    RETURN 'done';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS s = RETURNED_SQLSTATE, m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', s, m, nullif(d, ''));
END $$;
SELECT statement, pg_temp.refused(statement) FROM (VALUES (1, '''1''::evidence'), (2, '''0=present''::evidence'),
    (3, '''65=present''::evidence'), (4, '''1=1.5''::evidence'), (5, '''1=present 1=absent''::evidence'),
    (6, '''towing=present''::evidence'), (7, '''list=xyz''::evidence'), (8, 'evidence(s, ''cold=present'')'),
    (9, 'evidence(s, ''heat'')'), (10, 'risk(s, ''list=1 1=present'')'), (11, 'risk(s, ''6=present'')'),
    (12, 'risk_interval(s, ''list=1'')'), (13, 'risk_interval(s, '''', 1)'), (14, 'risk_over(s, '''', 1.5)'),
    (15, 'risk_over(s, '''', ''NaN'')'), (16, 'explain_risk(s, ''list=1''::evidence)'), (17, 'explain_risk(s, ''cold=1''::text)'),
    (18, 'evidence_rows(s, ''9=present'')'), (19, 'tradeup_leads_internal.evidence_of(''{a}'', ''{}'')'),
    (20, 'tradeup_leads_internal.evidence_of(''{NULL}'', ''{present}'')'),
    (21, 'tradeup_leads_internal.evidence_of(''{a}'', ''{yes}'')'),
    (22, 'tradeup_leads_internal.risk_class(s, '''', ''{0.2,0.1}'', 0.8, 2)'),
    (23, 'tradeup_leads_internal.risk_class(s, '''', ''{0.1}'', 2, 2)'), (24, '''v2''::risk_scorer'), (25,
        '''v1 a=1''::risk_scorer'),
    (26, '''v1 a=1 b=1 | heat present=x''::risk_scorer'), (27, '''v1 a=1 b=1 | heat | heat''::risk_scorer'),
    (28, '''v1 a=1 b=1 gamma=0''::risk_scorer'),
    (29, 'risk_interval(''v1 a=1 b=1 gamma=1e308 | x present=1'', ''1=present'', 0.8)'),
    (30, 'risk_interval(''v1 a=1e-6 b=1 gamma=1e4 | x present_variance=1e4'', ''1=present'', 0.8)'),
    (31, 'risk_over(''v1 a=1 b=1 alpha=21'', '''', 0.5)')) v (n, statement) ORDER BY n;
-- A stressor is given in one way.
SELECT n, pg_temp.refused(format('tradeup_leads_internal.compiled_scorer(''{heat}'', %s, %s, %s)', a, given, rest)) FROM (VALUES
    (1, '30, 970', 'NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (2, '30, 970', '''{1}'', ''{1}'', ''{0}'', ''{1}'', NULL, NULL, NULL, NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (3, '30, 970', '''{1}'', ''{1}'', NULL, ''{1}'', NULL, NULL, NULL, NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (4, '30, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{0}'', NULL, NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (5, '30, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{1}'', ''{0.5}'', NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (6, '30, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{1}'', NULL, ''{2}'', ''{0.1}''', 'NULL, NULL, ''plain'', 0, 1, true'),
    (7, '389, 611', 'NULL, NULL, NULL, NULL, NULL, NULL, NULL, ''{6.4}'', ''{0.1}''', 'NULL, NULL, ''plain'', 0, 1, true'),
    (8, '30, 970', 'NULL, NULL, NULL, NULL, ''{2,3}'', ''{1}'', NULL, NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (9, '30, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{1}'', NULL, NULL, NULL', 'NULL, NULL, ''bayes'', 0, 1, true'),
    (10, '30, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{1}'', NULL, NULL, NULL', 'NULL, NULL, ''plain'', NULL, 1, true'),
    (11, '0, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{1}'', NULL, NULL, NULL', 'NULL, NULL, ''plain'', 0, 1, true'),
    (12, '30, 970', 'NULL, NULL, NULL, NULL, ''{2}'', ''{1}'', NULL, NULL, NULL', '''{a b}'', NULL, ''plain'', 0, 1, true'))
    v (n, a, given, rest) ORDER BY n;
SELECT pg_temp.refused('tradeup_leads_internal.compiled_scorer(array_fill(''x''::text, ''{65}''), 1, 1, NULL, NULL, NULL, NULL, NULL, '
    'NULL, NULL, NULL, NULL, NULL, NULL, ''plain'', 0, 1, true)');
