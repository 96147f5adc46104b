"""The measurements; bench/run prepares what they need and starts this. bench/README.md has the method."""

import csv
import datetime
import gzip
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import accounts
import airline
import booking
import http_load
import report
from airline import DAYS, ROOT, Airline
from machine import Watch, cpu, ended_children, family_cpu, median, memory_mib
from trips import CONNECTIONS, expect

RUNS = int(os.environ.get("UDAAN_BENCH_RUNS", "3"))
SEARCHES = int(os.environ.get("UDAAN_BENCH_SEARCHES", "3000"))
MARKETS = 200


def markets(most):
    """The most flown pairs with their weights: how many tickets of each are in the fares' sample."""
    with gzip.open(f"{ROOT}/data/timetable-us.csv.gz", "rt") as file:
        served = {row["origin"] for row in csv.DictReader(file)}
    with open(f"{ROOT}/data/fares-us.csv") as file:
        rows = [(row["origin"], row["destination"], int(row["sample"])) for row in csv.DictReader(file)]
    rows = sorted((row for row in rows if served.issuperset(row[:2])), key=lambda row: -row[2])
    return [row[:2] for row in rows[:most]], [row[2] for row in rows[:most]]


def searches(count, limit, dice, most=None):
    """Paths of searches: pairs by traffic, dates evenly over the days on sale."""
    pairs, weights = markets(most)
    today = datetime.datetime.now(datetime.timezone.utc).date()
    for origin, destination in dice.choices(pairs, weights, k=count):
        date = today + datetime.timedelta(days=dice.randrange(3, max(4, DAYS)))
        yield f"/api/v1/search?origin={origin}&destination={destination}&date={date}&limit={limit}"


def measure_search(scratch):
    house = Airline(scratch)
    house.ensure_on_sale()
    runs = []
    try:
        house.start("serve")
        ours = lambda: cpu(house.pid("serve")) + family_cpu(airline.POSTMASTER)
        for number in range(1, RUNS + 1):
            paths = list(searches(SEARCHES, 20, random.Random(number), MARKETS))
            requests = [http_load.get(path) for path in paths]
            ask = lambda connection, request: len(expect(200, connection.send(request)))
            http_load.in_parallel(house.port, CONNECTIONS, requests[: SEARCHES // 10], ask)
            watch = Watch(ours)
            sizes = http_load.in_parallel(house.port, CONNECTIONS, requests, ask)
            watch.stop()
            size = round(statistics.mean(sizes))
            lowest = constant_body(size, requests)
            runs.append({
                "search": watch.ours / len(requests), "floor": lowest, "bytes": size,
                "others": watch.others_share, "rate": len(requests) / watch.seconds,
            })  # fmt: skip
            print(f"search {number}: {runs[-1]}", flush=True)
    finally:
        house.stop()
    micros = lambda name: f"{1e6 * median([run[name] for run in runs]):.0f} µs"
    ratio = median([run["search"] / run["floor"] for run in runs])
    report.write("search", runs, [
        ("CPU per search of 20 results", micros("search"), "serve and PostgreSQL"),
        ("Floor: axum, a constant body of the same size", micros("floor"),
         f"{median([run['bytes'] for run in runs]):.0f} bytes"),
        ("**Ratio**", f"**{ratio:.1f}**", "aim ≤ 2"),
        ("Searches", f"{RUNS} × {SEARCHES}",
         f"{MARKETS} markets by traffic, any day on sale, {CONNECTIONS} connections, "
         f"{median([run['rate'] for run in runs]):.0f} a second while measuring"),
    ])  # fmt: skip


def constant_body(size, requests):
    """CPU seconds of an answer by the constant handler. It is quick, so each question is asked several times."""
    [port] = airline.free_ports(1)
    process = subprocess.Popen([os.environ["UDAAN_BENCH_FLOOR"], f"127.0.0.1:{port}", str(size)])
    try:
        until = time.monotonic() + 10
        while True:
            try:
                http_load.Connection(port)
                break
            except OSError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)
        ask = lambda connection, request: expect(200, connection.send(request))
        http_load.in_parallel(port, CONNECTIONS, requests[: len(requests) // 10], ask)
        times = max(1, 60_000 // len(requests))
        before = cpu(process.pid)
        http_load.in_parallel(port, CONNECTIONS, requests * times, ask)
        return (cpu(process.pid) - before) / (len(requests) * times)
    finally:
        process.terminate()
        process.wait(10)


def measure_start(scratch):
    runs = []
    house = Airline(scratch)
    for number in range(1, RUNS + 1):
        house.empty_database()
        watch = Watch(lambda: family_cpu(airline.POSTMASTER) + ended_children())
        migrate = house.run("migrate")
        imported = house.run("import", "demo", "--data", "data", "--days", str(DAYS))
        try:
            ready = house.start("serve")
            loading_cpu = cpu(house.pid("serve"))
            now, peak = memory_mib(house.pid("serve"))
        finally:
            house.stop()
        watch.stop()
        runs.append({
            "seconds": migrate + imported + ready, "migrate": migrate, "import": imported, "ready": ready,
            "ready_cpu": loading_cpu, "rss": now, "peak": peak, "others": watch.others_share,
        })  # fmt: skip
        print(f"start {number}: {runs[-1]}", flush=True)
    [[flights, cabins, size]] = airline.sql(
        "SELECT (SELECT count(*) FROM flights), (SELECT count(*) FROM inventory), pg_database_size('bench') / 1048576")
    second = lambda name: f"{median([run[name] for run in runs]):.1f} s"
    mib = lambda name: f"{median([run[name] for run in runs]):.0f} MiB"
    report.write("start", runs, [
        ("From an empty database to on sale", second("seconds"),
         f"migrate {second('migrate')}, import {second('import')}, loading {second('ready')}; aim ≤ 75 s"),
        ("The same file again", repeated_import(house), "nothing changes"),
        ("Loading the timetable into memory, until /readyz", second("ready"), f"{second('ready_cpu')} of it our CPU"),
        ("Resident memory of `udaan serve`", mib("rss"), f"{mib('peak')} at its highest, while loading"),
        ("On sale", f"{int(flights):,} flights", f"{int(cabins):,} cabins, {DAYS} days, {size} MiB in PostgreSQL"),
    ])  # fmt: skip


def repeated_import(house):
    return f"{house.run('import', 'demo', '--data', 'data', '--days', str(DAYS)):.1f} s"


def measure_build():
    """Seconds of cargo. The folder is new, so nothing is there; the registry's sources are."""
    folder = tempfile.mkdtemp(prefix="udaan-bench-build-")
    env = {**os.environ, "CARGO_TARGET_DIR": folder}

    def cargo(*arguments):
        began = time.monotonic()
        subprocess.run(["cargo", *arguments], cwd=ROOT, env=env, check=True)
        return time.monotonic() - began

    try:
        cargo("fetch", "--locked")
        cold = cargo("build", "--locked", "--workspace", "--all-targets")
        tests = ("test", "--locked", "--workspace", "--no-run")
        cargo(*tests)
        again = []
        for _ in range(RUNS):
            os.utime(f"{ROOT}/crates/server/src/lib.rs")
            again.append(cargo(*tests))
    finally:
        shutil.rmtree(folder)
    report.write("build", [{"others": None}], [
        ("Cold build of the workspace and its tests", f"{cold:.0f} s", "development profile"),
        ("Rebuild of the tests after a change of crates/server", f"{median(again):.0f} s", f"median of {RUNS}"),
    ])  # fmt: skip


def main():
    what = sys.argv[1]
    if what == "build":
        return measure_build()
    scratch = tempfile.mkdtemp(prefix="udaan-bench-")
    try:
        # `start` first: what it puts on sale serves the others.
        for name, measure in (("start", measure_start), ("booking", booking.measure), ("search", measure_search),
                              ("accounts", accounts.measure)):
            if what == name or (what == "all" and name != "accounts"):
                measure(scratch)
        shutil.rmtree(scratch)
    except BaseException:
        print(f"the logs are in {scratch}", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()
