"""The rows of lists of leads: a whole dealer, scored, ranked and written to; and a toggle moved."""
import math
import os
import subprocess
import tempfile

from measure import aim, row, say, together

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NAMES = ["soc_decline", "trip_cycling", "climate_stress", "maintenance_skip", "deep_discharge", "towing_load", "vibration", "extended_idle"]


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
    rates = dict(fleet.run("SELECT cohort, true_rate FROM cohort_row").fetchall())
    vehicles = fleet.run(f"""SELECT vehicle_id, cohort, vehicle_class, 2026 - age_years, {', '.join(NAMES)} FROM fleet_row""").fetchall()
    template = "Hello, this is {advisor} at {dealer}. Readings of your {model} show {stressor}. {priority}"

    def in_python():
        leads = []
        for vehicle, cohort, vehicle_class, year, *states in vehicles:
            odds = rates[cohort] / (1 - rates[cohort])
            strongest, reason = 1.0, "nothing"
            for name, state in zip(NAMES, states):
                if state is not None:
                    ratio = ratios[name][0 if state else 1]
                    odds *= ratio
                    if ratio > strongest:
                        strongest, reason = ratio, name
            risk = odds / (1 + odds)
            priority = "high" if risk >= 0.2 else "moderate" if risk >= 0.1 else "follow_up" if risk >= 0.04 else "retention"
            value = round(60.5 / 901 * (risk * 110.25 + (1 - risk) * 12) - 0.05, 2)
            text = template.format(advisor="Jo Reyes", dealer="Lakeside Service", model=f"{vehicle_class} {year}", stressor=reason, priority=priority)
            leads.append((-value, -risk, vehicle, priority, 189.9 + 79, reason, text))
        leads.sort()
        return leads

    ours_sql = "SELECT * FROM leads('north') OFFSET 10000000"
    theirs = {vehicle: (-risk, priority) for _, risk, vehicle, priority, *_ in in_python()}
    for vehicle, risk, priority in fleet.run("SELECT vehicle_id, risk, priority FROM leads('north')").fetchall():
        assert math.isclose(risk, theirs[vehicle][0], rel_tol=1e-9) and priority == theirs[vehicle][1], vehicle
    ours, rival = together([lambda: fleet.run(ours_sql).fetchall(), in_python], 7)
    best = together([lambda: fleet.run("SELECT * FROM leads('north') LIMIT 20").fetchall()], 7)[0]
    row("Python: a loop over dictionaries, without intervals", rival)
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
    row("  against scoring all again", ours, again, "as fast")
    fleet.connection.close()
    server.run("DROP DATABASE bench_fleet")
