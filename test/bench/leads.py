"""The rows of leads: were the predictions right."""
import numpy as np

from measure import row, say, together


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
