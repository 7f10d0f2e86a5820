"""The rows of lists of leads: a whole dealer, scored, ranked and written to; and a toggle moved."""
import math
import os
import subprocess
import tempfile
from bisect import bisect_left, bisect_right
from decimal import ROUND_HALF_UP, Decimal

from scipy.special import betaincinv

from measure import aim, row, say, together

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMES = ["soc_decline", "trip_cycling", "climate_stress", "maintenance_skip", "deep_discharge", "towing_load", "vibration", "extended_idle"]
THRESHOLDS = [0.03, 0.07, 0.12, 0.2]
SEVERITIES = ["low", "moderate", "high", "critical", "severe"]


def made_fleet(server):
    """The made-up fleet of 100,000 vehicles, in a database of its own."""
    server.run("DROP DATABASE IF EXISTS bench_fleet")
    server.run("CREATE DATABASE bench_fleet")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([f"{ROOT}/test/data/leads/make_fleet.py", "--out", folder], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", "bench_fleet", "-v", f"dir={folder}", "-f", "test/data/leads/fleet.sql"],
                       check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def lists(server, connect):
    """Leads of 100,000 vehicles against a loop in Python, as the service was that they replace; a toggle against scoring all again."""
    made_fleet(server)
    fleet = connect("bench_fleet")
    fleet.run("SET search_path = tradeup_leads, public")
    # 4 MB would send the sort of 100,000 texts to the disk.
    fleet.run("SET work_mem = '64MB'")
    say()
    say("Leads of 100,000 vehicles: scores, intervals, priorities, values, texts")
    ratios = {name: (s / p, (1 - s) / (1 - p)) for name, s, p in fleet.run("SELECT stressor, present_given_failed, present_given_sound FROM stressor_row").fetchall()}
    cohorts = {name: (0.2 * rate * size, 0.2 * (1 - rate) * size)
               for name, rate, size in fleet.run("SELECT cohort, true_rate, published_size FROM cohort_row").fetchall()}
    vehicles = fleet.run(f"""SELECT vehicle_id, cohort, vehicle_class, 2026 - age_years, {', '.join(NAMES)} FROM fleet_row""").fetchall()
    template = "Hello, this is {advisor} at {dealer}. Readings of your {model} show {stressor}. {priority}"
    cent, contact = Decimal("0.01"), Decimal(repr(60.5 / 901))

    def in_python():
        """The same columns as leads(dealer), with money in decimals; what belongs to a cohort is worked out once."""
        odds_of = {}
        for cohort, (a, b) in cohorts.items():
            low, high = betaincinv(a, b, (0.1, 0.9))
            odds_of[cohort] = (a / b, low / (1 - low), high / (1 - high))
        risks = {cohort: [] for cohort in cohorts}
        scored = []
        for vehicle, cohort, vehicle_class, year, *states in vehicles:
            odds, low, high = odds_of[cohort]
            ratio, strongest, reason = 1.0, 1.0, "nothing"
            for name, state in zip(NAMES, states):
                if state is not None:
                    of_state = ratios[name][0 if state else 1]
                    ratio *= of_state
                    if of_state > strongest:
                        strongest, reason = of_state, name.replace("_", " ")
            risk = odds * ratio / (1 + odds * ratio)
            risks[cohort].append(risk)
            scored.append((vehicle, cohort, vehicle_class, year, reason, risk, low * ratio / (1 + low * ratio), high * ratio / (1 + high * ratio)))
        for of_cohort in risks.values():
            of_cohort.sort()
        leads = []
        for vehicle, cohort, vehicle_class, year, reason, risk, low, high in scored:
            classes = bisect_right(THRESHOLDS, high) - bisect_right(THRESHOLDS, low)
            severity = "uncertain" if classes > 1 else SEVERITIES[bisect_right(THRESHOLDS, risk)]
            percentile = bisect_left(risks[cohort], risk) / (len(risks[cohort]) - 1)
            priority = "high" if risk >= 0.2 else "moderate" if risk >= 0.1 else "follow_up" if risk >= 0.04 else "retention"
            p = Decimal(repr(risk))
            value = (contact * (p * Decimal("110.25") + (1 - p) * 12) - Decimal("0.05")).quantize(cent, ROUND_HALF_UP)
            parts, service = Decimal("189.9"), Decimal("79")
            text = template.format(advisor="Jo Reyes", dealer="Lakeside Service", model=f"{vehicle_class} {year}", stressor=reason, priority=priority)
            leads.append((-value, -risk, vehicle, low, high, severity, percentile, priority, reason, parts, service, parts + service, text))
        leads.sort()
        return leads

    ours_sql = "SELECT * FROM leads('north') OFFSET 10000000"
    theirs = {lead[2]: lead for lead in in_python()}
    rows = fleet.run("SELECT vehicle_id, cohort, expected_value, risk, low, high, percentile, priority, text FROM leads('north')").fetchall()
    assert len(rows) == len(theirs)
    # Risks that are one in exact arithmetic may differ in their last digit, so ranks are those of our own risks.
    ranks = {cohort: sorted(row[3] for row in rows if row[1] == cohort) for cohort in cohorts}
    for vehicle, cohort, value, risk, low, high, percentile, priority, text in rows:
        their = theirs[vehicle]
        assert all(math.isclose(x, y, rel_tol=1e-9) for x, y in zip((-risk, low, high), (their[1], *their[3:5]))), vehicle
        assert abs(value + float(their[0])) < 0.011 and (priority, text) == (their[7], their[12]), vehicle
        assert math.isclose(percentile, bisect_left(ranks[cohort], risk) / (len(ranks[cohort]) - 1), rel_tol=1e-12), vehicle
    ours, rival = together([lambda: fleet.run(ours_sql).fetchall(), in_python], 7)
    best = together([lambda: fleet.run("SELECT * FROM leads('north') LIMIT 20").fetchall()], 7)[0]
    row("Python: a loop over vehicles, the same columns", rival)
    aim("tradeup: leads(dealer), all columns", ours, 400)
    row("  against Python", ours, rival, "faster", 4)
    row("tradeup: the first 20, as a page asks", best)

    say()
    say("One toggle moved, over 100,000 vehicles")
    again_sql = """SELECT x.severity, count(*), sum(x.risk) FROM (
        SELECT risk(s.scorer, v.evidence) AS risk,
               tradeup_leads_internal.risk_severity(s.scorer, v.evidence, '{0.03,0.07,0.12,0.2}', '{low,moderate,high,critical,severe}', 0.8, 2) AS severity
        FROM owned_vehicle v JOIN scorers('battery', NULL, '{"towing_load": false}') s USING (cohort)) x GROUP BY 1"""
    ours_sql = """SELECT severity, vehicles, expected_failures FROM fleet_risk('north', '{"towing_load": false}') WHERE vehicles > 0"""
    assert sorted(r[:2] for r in fleet.run(ours_sql).fetchall()) == sorted(r[:2] for r in fleet.run(again_sql).fetchall())
    ours, again = together([lambda: fleet.run(ours_sql).fetchall(), lambda: fleet.run(again_sql).fetchall()], 7)
    row("scoring every vehicle again, in one query", again)
    aim("tradeup: fleet_risk(dealer, toggles), before and after", ours, 40)
    row("  against scoring all again", ours, again, "faster", 1)
    fleet.connection.close()
    server.run("DROP DATABASE bench_fleet")
