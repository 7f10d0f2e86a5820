"""Times of pieces of work and the rows of the table they are printed in."""
import statistics
import time

import numpy as np

RUNS = 7

TAX, SERVICE, OPENING, PROTECTION, INSURANCE, INSTALL, GPS = 0.16, 0.04, 0.04, 25000.0, 10999.0, 870.0, 406.0

failures = []


def say(text=""):
    print(text, flush=True)


class Times(list):
    """Seconds of several runs of the same work."""

    @property
    def median(self):
        return statistics.median(self)

    @property
    def best(self):
        """The run that other tenants of the machine disturbed least."""
        return min(self)


def together(works, runs=RUNS, burst=1):
    """Times of several pieces of work, measured in turns, so that a slow spell of the machine meets all of them. A turn is a
    burst of runs, the first of which warms the processor's caches where a burst is longer than one."""
    times = [Times() for _ in works]
    for work in works:
        work()
    for _ in range(runs):
        for taken, work in zip(times, works):
            for i in range(burst):
                start = time.perf_counter()
                work()
                if i > 0 or burst == 1:
                    taken.append(time.perf_counter() - start)
    return times


def timed(work, runs=RUNS):
    return together([work], runs)[0]


def row(case, times, against=None, name="", must=None):
    """One line of the table: the median, the best run, and how many times as long the other side takes, by medians and by best
    runs. `must` is the least ratio that the case has to reach, by either: on a machine shared with strangers, disturbances
    only ever add time, and more to the shorter side."""
    ratio = ""
    if against is not None:
        by_median, by_best = against.median / times.median, against.best / times.best
        ratio = f"{by_median:8.2f} ({by_best:.2f}) x {name}"
        if must is not None and max(by_median, by_best) < must:
            failures.append(f"{case}: {by_median:.2f} ({by_best:.2f}) x {name}, must be at least {must:.2f}")
            ratio += "  MISSED"
    say(f"  {case:<72}{times.median * 1000:10.2f} ms {times.best * 1000:10.2f} ms  {ratio}")


def annuity(q, n):
    return np.where(q == 0, 1 / n, q / (1 - (1 + q) ** -n))


def aim(case, times, milliseconds):
    """A row with a time that the best run has to keep to."""
    row(f"{case} (aim {milliseconds} ms)", times)
    reached = times.best * 1000 <= milliseconds
    say(f"      {'reached' if reached else 'MISSED'}")
    if not reached:
        failures.append(f"{case}: {times.best * 1000:.1f} ms, the aim is {milliseconds} ms")


def once(work):
    """Times of one run, for rivals that take long."""
    start = time.perf_counter()
    result = work()
    return Times([time.perf_counter() - start]), result
