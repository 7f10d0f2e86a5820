"""The rows of leads: scores and how sure they are, and were the predictions right."""
import math

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import betaln, ndtr

from measure import row, say, timed, together


def fitted_line(x, failed):
    """Intercept and slope of a logistic regression by Newton's method."""
    line = np.zeros(2)
    design = np.stack([np.ones_like(x), x])
    for _ in range(30):
        expected = 1 / (1 + np.exp(-(line @ design)))
        step = np.linalg.solve((design * (expected * (1 - expected))) @ design.T, design @ (failed - expected))
        line = line + step
        if np.abs(step).max() < 1e-12:
            break
    return line


def calibration(server):
    """Figures of 1,000,000 predictions and their outcomes in one pass."""
    say()
    say("Calibration of 1,000,000 predictions, whose outcomes are known")
    server.run("CREATE EXTENSION IF NOT EXISTS tradeup_leads")
    server.run("""CREATE TABLE judged AS
                  SELECT p, mix(i, 4) < 1 / (1 + exp(0.1 - 0.9 * ln(p / (1 - p)))) AS failed
                  FROM (SELECT i, 1 / (1 + exp(2.5 - 6 * (mix(i, 1) + mix(i, 2) + mix(i, 3) - 1.5))) AS p
                        FROM generate_series(1, 1000000) i) x""")
    server.run("VACUUM ANALYZE judged")
    ours_sql = "SELECT (c).brier, (c).log_loss, (c).intercept, (c).slope FROM (SELECT tradeup_leads.calibration(p, failed) AS c FROM judged OFFSET 0) x"

    def numpy_figures():
        rows = np.array(server.run("SELECT p, failed::integer FROM judged").fetchall())
        p, failed = rows[:, 0], rows[:, 1]
        loss = -np.mean(np.where(failed == 1, np.log(p), np.log1p(-p)))
        return np.mean((p - failed) ** 2), loss, *fitted_line(np.log(p / (1 - p)), failed)

    assert np.allclose(server.run(ours_sql).fetchone(), numpy_figures(), rtol=1e-10, atol=0)
    ours, floor, fetched = together([lambda: server.run(ours_sql).fetchone(), lambda: server.one("SELECT avg(p) FROM judged")], 15) \
        + together([numpy_figures], 1)
    row("avg(p) of the same rows", floor)
    row("NumPy: fetch, Brier score, log loss, Newton's method", fetched)
    row("tradeup: calibration(p, failed), all figures", ours, floor, "avg's time (at least 0.67)", 0.67)
    row("  against NumPy", ours, fetched, "faster", 5)
    server.run("DROP TABLE judged")


COUNTS = [(1825, 515, 5722, 41958), (1521, 819, 10966, 36714), (1006, 1334, 8582, 39098), (1568, 772, 14781, 32899),
          (97, 231, 3818, 2377), (93, 156, 497, 7460), (214, 96, 642, 7835), (173, 34, 2168, 5055)]


def fleet(server):
    """100,000 vehicles of 18 cohorts with evidence of eight stressors: as columns, as one value, and as rows."""
    server.run("CREATE EXTENSION IF NOT EXISTS tradeup_leads")
    server.run("CREATE TABLE weight (i integer, failed float8, sound float8, present float8, absent float8, present_exact numeric, absent_exact numeric)")
    for i, (a, b, c, d) in enumerate(COUNTS, 1):
        server.run("""INSERT INTO weight SELECT %s, %s::float8 / (%s + %s), %s::float8 / (%s + %s), log_present, log_absent, log_present, log_absent
                      FROM tradeup_leads.likelihood_ratio(%s, %s, %s, %s)""", i, a, a, b, c, c, d, a, b, c, d)
    server.run("""CREATE TABLE cohort AS SELECT 'cohort/' || n AS cohort, 40.0::float8 + n AS a, 1000.0::float8 AS b, ln((40 + n) / 1000.0)::float8 AS logit,
                      ln((40 + n) / 1000.0) AS logit_exact, tradeup_leads_internal.compiled_scorer(k.names, 40 + n, 1000, k.a, k.b, k.c, k.d,
                          NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'plain', 0, 1, true) AS scorer
                  FROM generate_series(1, 18) n, (SELECT %s::text[] AS names, %s::float8[] AS a, %s::float8[] AS b, %s::float8[] AS c,
                                                      %s::float8[] AS d) k""",
               [f"s{i}" for i in range(1, 9)], *[[float(x) for x in column] for column in zip(*COUNTS)])
    states = ", ".join(f"CASE WHEN mix(v, {i}) > 0.3 THEN mix(v, {i + 20}) < 0.2 END AS s{i}" for i in range(1, 9))
    words = " || ".join(f"CASE WHEN s{i} THEN '{i}=present ' WHEN NOT s{i} THEN '{i}=absent ' ELSE '' END" for i in range(1, 9))
    server.run(f"""CREATE TABLE fleet AS SELECT v AS vehicle, 'cohort/' || 1 + v %% 18 AS cohort, ({words})::tradeup_leads.evidence AS evidence, s.*
                   FROM generate_series(1, 100000) v, LATERAL (SELECT {states}) s""".replace("%%", "%"))
    server.run("CREATE TABLE evidence_row AS " + " UNION ALL ".join(
        f"SELECT vehicle, {i} AS i, s{i} AS present FROM fleet WHERE s{i} IS NOT NULL" for i in range(1, 9)))
    server.run("VACUUM ANALYZE fleet, cohort, weight, evidence_row")


def scoring(server):
    """Risks of 100,000 vehicles, by one value of evidence against columns and rows."""
    fleet(server)
    say()
    say("Risk of 100,000 vehicles of 18 cohorts, by eight stressors: the sum of all")
    join = "FROM fleet v JOIN cohort c USING (cohort)"
    weights = server.run("SELECT i, present, absent FROM weight ORDER BY i").fetchall()

    def columns(number):
        sum_of = " + ".join(f"CASE WHEN s{i} THEN {p!r}::{number} WHEN NOT s{i} THEN {q!r}::{number} ELSE 0::{number} END" for i, p, q in weights)
        base = "logit" if number == "float8" else "logit_exact"
        return f"SELECT sum(1 / (1 + exp(-(c.{base} + {sum_of})))) {join}"

    ours_sql = f"SELECT sum(tradeup_leads.risk(c.scorer, v.evidence)) {join}"
    rows_sql = """SELECT sum(1 / (1 + exp(-(c.logit + coalesce(w.sum, 0))))) FROM fleet v JOIN cohort c USING (cohort) LEFT JOIN
        (SELECT vehicle, sum(CASE WHEN r.present THEN w.present ELSE w.absent END) FROM evidence_row r JOIN weight w USING (i) GROUP BY vehicle) w
        USING (vehicle)"""

    def numpy_sum():
        names = ", ".join(f"s{i}" for i in range(1, 9))
        rows = np.array(server.run(f"SELECT c.logit, {names} {join}").fetchall(), dtype=float)
        weight = np.array([(p, q) for _, p, q in weights])
        known = np.where(rows[:, 1:] == 1, weight[:, 0], np.where(rows[:, 1:] == 0, weight[:, 1], 0))
        return np.sum(1 / (1 + np.exp(-(rows[:, 0] + known.sum(axis=1)))))

    total = server.one(ours_sql)
    for rival in (server.one(columns("float8")), float(server.one(columns("numeric"))), server.one(rows_sql), numpy_sum()):
        assert math.isclose(total, rival, rel_tol=1e-10), (total, rival)
    bare, ours, plain = together([lambda sql=sql: server.one(sql) for sql in (f"SELECT sum(c.logit) {join}", ours_sql, columns("float8"))], 31, burst=4)
    exact, by_rows, fetched = together([lambda: server.one(columns("numeric")), lambda: server.one(rows_sql), numpy_sum], 3)
    row("the same join without scores", bare)
    row("plain SQL over eight boolean columns, float8 weights", plain)
    row("the same in numeric", exact)
    row("a row for each stressor", by_rows)
    row("NumPy over fetched columns", fetched)
    row("tradeup: risk(scorer, evidence)", ours, bare, "the bare join's time (at least 0.77)", 1 / 1.3)
    for name, rival in (("plain SQL", plain), ("numeric", exact), ("a row for each stressor", by_rows), ("NumPy", fetched)):
        row(f"  against {name}", ours, rival, "faster", 1)


def scipy_interval(a, b, shift, deviation, tail):
    """Both ends by quadrature over the density of the logit of the rate, and a root in the risk's."""
    mode, wide = math.log(a / b), math.sqrt(1 / a + 1 / b)
    low, high = mode - 12 * wide, mode + 12 * wide
    norm = betaln(a, b)

    def below(x):
        return quad(lambda u: ndtr((x - u) / deviation) * math.exp(a * u - (a + b) * math.log1p(math.exp(u)) - norm), low, high,
                    epsabs=1e-13, epsrel=1e-11, limit=200)[0]

    around = 12 * math.hypot(wide, deviation)
    ends = [brentq(lambda x: below(x) - p, mode - around, mode + around, xtol=1e-12) for p in (tail, 1 - tail)]
    return [1 / (1 + math.exp(-(x + shift))) for x in ends]


def intervals(server):
    """Intervals of 20,000 distinct patterns, and their classes."""
    say()
    say("Intervals of 20,000 distinct patterns of cohort and evidence, at 80 %")
    server.run("""CREATE TABLE pattern AS SELECT c.scorer, p.*, c.a, c.b, x.shift, x.deviation
                  FROM (SELECT DISTINCT cohort, evidence FROM fleet WHERE evidence::text <> '' LIMIT 20000) p JOIN cohort c USING (cohort),
                       LATERAL (SELECT sum(w) AS shift, sqrt(sum(v)) AS deviation FROM (
                           SELECT e.weight AS w, CASE e.state WHEN 'present' THEN s.variance_present ELSE s.variance_absent END AS v
                           FROM tradeup_leads.explain_risk(c.scorer, p.evidence) e JOIN tradeup_leads.scorer_stressors(c.scorer) s USING (stressor)
                           WHERE e.counted) e) x""")
    server.run("VACUUM ANALYZE pattern")
    assert server.one("SELECT count(*) FROM pattern") == 20000
    ours_sql = "SELECT sum(i.low + i.high) FROM pattern, tradeup_leads.risk_interval(scorer, evidence, 0.8) i"
    class_sql = "SELECT sum(tradeup_leads_internal.risk_class(scorer, evidence, '{0.03,0.07,0.12,0.2}', 0.8, 2)) FROM pattern"
    few = server.run("""SELECT a, b, shift, deviation, i.low, i.high FROM (SELECT * FROM pattern ORDER BY evidence, cohort LIMIT 20) p,
                        tradeup_leads.risk_interval(scorer, evidence, 0.8) i""").fetchall()

    def scipy_ends():
        """20 of the 20,000."""
        return [scipy_interval(a, b, shift, deviation, 0.1) for a, b, shift, deviation, _, _ in few]

    assert np.allclose(scipy_ends(), [case[4:] for case in few], rtol=1e-8, atol=0)
    ours, classes = together([lambda: server.one(ours_sql), lambda: server.one(class_sql)], 7)
    twenty = timed(scipy_ends, 3)
    all_of_them = type(twenty)(seconds * 1000 for seconds in twenty)
    row("scipy: quad and brentq for each pattern (1,000 times as long as 20 take)", all_of_them)
    row("tradeup: risk_class, the severity of each pattern", classes)
    row("tradeup: risk_interval, low, median, mean and high", ours, all_of_them, "faster", 20)
    server.run("DROP TABLE pattern, fleet, evidence_row, weight, cohort")
