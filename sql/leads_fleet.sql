-- Vehicles of a dealer by class of vehicle and severity, and by pattern: many classes, cohorts named twice, and what is refused.
SET client_min_messages = warning;
SET search_path = tradeup_leads, tradeup_leads_internal, public;
\pset footer off
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', SQLSTATE, SQLERRM, nullif(detail, ''));
END $$;
CREATE TEMPORARY TABLE scorer AS
SELECT 'v1 a=30 b=970 | heat present=3 absent=-0.1 present_variance=0.01'::risk_scorer AS now,
       'v1 a=30 b=970 | heat present=3 absent=-0.1 present_variance=0.01 enabled=0'::risk_scorer AS before;

-- Only what there is comes out. Vehicles without class are a class; of a cohort that is named twice the last scorer holds.
SELECT s.severity_before, s.severity, s.vehicle_class, s.vehicles, round(s.expected_failures::numeric, 3) AS expected_failures
FROM (SELECT fleet_shares(v.cohort, v.vehicle_class, v.evidence::evidence, '{a,NULL,b,a}',
                          ARRAY[NULL, x.now, NULL, x.now], ARRAY[NULL, x.now, x.now, x.before], '{0.1,0.2,0.4}', 0.8, 2) AS shares
      FROM scorer x,
           (VALUES ('a', 'van', '1=present'), ('a', 'van', '1=present'), ('a', 'van', '1=absent'), ('a', 'van', ''),
                   ('a', NULL, '1=present'), ('a', '', '1=present'), ('a', 'van', NULL), ('b', 'van', '1=present'),
                   ('c', 'van', '1=present'), (NULL, 'van', '1=present')) v (cohort, vehicle_class, evidence)) f,
     unnest(f.shares) s
ORDER BY s.vehicle_class COLLATE "C" NULLS LAST, 1, 2;
SELECT count(*) AS shares, count(DISTINCT s.vehicle_class) AS classes, sum(s.vehicles) AS vehicles,
       count(DISTINCT (s.severity_before, s.severity)) AS severities
FROM (SELECT fleet_shares('a', 'class ' || i % 10000, (CASE WHEN i < 10000 THEN '1=present' ELSE '1=absent' END)::evidence,
                          '{a}', ARRAY[x.now], ARRAY[x.before], '{0.1,0.2,0.4}', 0.8, 2) AS shares
      FROM scorer x, generate_series(1, 20000) i) f, unnest(f.shares) s;
-- Each of many cohorts has its own scorer.
SELECT count(*) AS patterns,
       count(*) FILTER (WHERE abs(p.risk - split_part(p.cohort, ' ', 2)::float8 / 10000) < 1e-12) AS own_rate
FROM (SELECT scored_patterns('cohort ' || i, NULL, ''::evidence, c.cohorts, c.scorers, NULL, '{0.1}', 0.8, 2) AS patterns
      FROM (SELECT array_agg('cohort ' || i ORDER BY i DESC) AS cohorts,
                   array_agg(format('v1 a=%s b=%s | heat present=1', i, 10000 - i)::risk_scorer ORDER BY i DESC) AS scorers
            FROM generate_series(1, 5000) i) c, generate_series(1, 5000) i) f, unnest(f.patterns) p;

-- The argument that is wrong is named.
SELECT what, pg_temp.refused(format($$SELECT fleet_shares('a', 'van', '1=present', %s) FROM scorer$$, arguments)) AS refused
FROM (VALUES (1, 'cohorts', $$NULL, ARRAY[now], ARRAY[now], '{0.1}', 0.8, 2$$),
             (2, 'scorers', $$'{a}', NULL, ARRAY[now], '{0.1}', 0.8, 2$$),
             (3, 'thresholds', $$'{a}', ARRAY[now], ARRAY[now], NULL, 0.8, 2$$),
             (4, 'level', $$'{a}', ARRAY[now], ARRAY[now], '{0.1}', NULL, 2$$),
             (5, 'most classes', $$'{a}', ARRAY[now], ARRAY[now], '{0.1}', 0.8, NULL$$),
             (6, 'fewer scorers', $$'{a,b}', ARRAY[now], ARRAY[now, now], '{0.1}', 0.8, 2$$),
             (7, 'more before', $$'{a}', ARRAY[now], ARRAY[now, now, now], '{0.1}', 0.8, 2$$),
             (8, 'none before', $$'{a}', ARRAY[now], '{}', '{0.1}', 0.8, 2$$)) v (place, what, arguments)
ORDER BY place;
