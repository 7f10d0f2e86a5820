"""The API over HTTP against pgbench with the same SQL, and the pages of the desk in a browser without a screen."""
import json
import os
import pathlib
import subprocess

from measure import Times, aim, failures, row, say

ROOT = pathlib.Path(__file__).resolve().parents[2]
APPS = ROOT / "apps"


def told(program, *arguments, **environment):
    """What a program in Node.js says, line by line, beside a server of the API on a database of its own."""
    command = [APPS / "api" / "dev", APPS / "api" / "node", ROOT / "test" / "bench" / program, *arguments]
    settings = {"TRADEUP_API_REQUESTS_A_MINUTE": "100000000", "TRADEUP_API_LOG": "error", **environment}
    done = subprocess.run(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def requests():
    say()
    say("Requests over HTTP by four clients, 20,100 vehicles: seconds a request; rivals are pgbench with the same SQL")
    subprocess.run([APPS / "api" / "install"], check=True)
    for one in told("web.js"):
        question, server, direct = one["question"], Times(one["server"]), Times(one["direct"])
        must = 0.7 if question == "page" else None
        row(f"pgbench: {question}", direct)
        row(f"over HTTP: {question}", server, direct, f"pgbench's rate{' (at least 0.7)' if must else ''}", must)
        say(f"      {1 / server.median:,.0f} a second ({1 / server.best:,.0f}), CPU of the server {1e6 * Times(one['cpu']).median:.0f} us a request")
        if question == "solve":
            aim("over HTTP: solve, 1,500 requests a second", server, 0.667)


def pages():
    say()
    say("The desk in Chromium, 20,000 vehicles")
    subprocess.run([APPS / "desk" / "install"], check=True)
    for one in told("pages.js", TRADEUP_API_STATIC=str(APPS / "desk" / "dist")):
        if "milliseconds" in one:
            aim(one["case"], Times(ms / 1000 for ms in one["milliseconds"]), one["aim"])
            continue
        reached = one["found"] >= one["least"] if "least" in one else one["found"] <= one["most"]
        say(f"  {one['case']:<72}{one['found']:10,.1f}     {'reached' if reached else 'MISSED'}")
        if not reached:
            failures.append(f"{one['case']}: {one['found']:,.1f}")
