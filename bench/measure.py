"""The measurements; bench/run prepares what they need and starts this. bench/README.md has the method."""

import collections
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

import airline
import floor
import http_load
import report
from airline import DAYS, ROOT, Airline
from machine import Watch, cpu, ended_children, family_cpu, memory_mib

RUNS = int(os.environ.get("UDAAN_BENCH_RUNS", "3"))
BOOKINGS = int(os.environ.get("UDAAN_BENCH_BOOKINGS", "3000"))
SEARCHES = int(os.environ.get("UDAAN_BENCH_SEARCHES", "3000"))
CONNECTIONS = 8
# The floor is repeated more often, so that preparing its statements does not count.
FLOOR_TIMES = 4
MARKETS = 200
ACCOUNTS = 20
PASSWORD = "measured with a stop-watch"


def median(values):
    return statistics.median(values)


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


def expect(status, answer):
    got, body = answer
    if got != status:
        raise RuntimeError(f"{got} instead of {status}: {body[:500]}")
    return body


def open_accounts(port):
    """Access tokens of fresh accounts."""

    def sign_up(connection, number):
        email = f"bench-{time.time_ns()}-{number}@example.com"
        account = {"email": email, "password": PASSWORD, "name": "Bench"}
        expect(201, connection.send(http_load.post("/api/v1/register", account)))
        login = {"email": email, "password": PASSWORD}
        return json.loads(expect(200, connection.send(http_load.post("/api/v1/login", login))))["access_token"]

    return http_load.in_parallel(port, 2, range(ACCOUNTS), sign_up)


def find_offers(port, count, dice):
    """Offers of different itineraries, the best of each search that has two seats at its price."""
    offers = {}

    def ask(connection, path):
        found = json.loads(expect(200, connection.send(http_load.get(path))))["itineraries"]
        for itinerary in found:
            flights = tuple(segment["flight_id"] for segment in itinerary["segments"])
            if itinerary["seats_left_at_price"] >= 2 and flights not in offers:
                offers[flights] = itinerary["offer_id"]
                return

    while len(offers) < count:
        known = len(offers)
        http_load.in_parallel(port, CONNECTIONS, searches(count - known + 50, 10, dice), ask)
        if len(offers) == known:
            raise RuntimeError(f"only {known} itineraries to book; fewer bookings, or more days")
    chosen = list(offers.items())[:count]
    dice.shuffle(chosen)
    return chosen


def book_and_pay(tokens):
    passenger = {"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}
    contact = {"email": "asha@example.com", "phone": "+919812345678"}

    def work(connection, job):
        number, (_, offer) = job
        token, key = tokens[number % len(tokens)], f"{time.time_ns()}-{number}"
        body = {"offer_id": offer, "passengers": [passenger], "contact": contact}
        held = json.loads(expect(201, connection.send(http_load.post("/api/v1/bookings", body, token, key))))
        method = {"type": "card", "number": "4242424242424242"}
        body = {"booking_id": held["id"], "method": method}
        paid = json.loads(expect(201, connection.send(http_load.post("/api/v1/payments", body, token, key))))
        if paid["status"] != "succeeded":
            raise RuntimeError(f"a payment is {paid['status']}")

    return work


def measure_booking(scratch):
    house = Airline(scratch)
    house.ensure_on_sale()
    house.start("gateway")
    runs, warm_up = [], max(100, BOOKINGS // 10)
    try:
        floor.prepare()
        for number in range(1, RUNS + 1):
            house.start("all")
            dice = random.Random(number)
            tokens = open_accounts(house.port)
            offers = find_offers(house.port, BOOKINGS + warm_up, dice)
            work = book_and_pay(tokens)
            http_load.in_parallel(house.port, CONNECTIONS, enumerate(offers[:warm_up]), work)
            measured = offers[warm_up:]
            parts = {
                "server": lambda: cpu(house.pid("all")),
                "gateway": lambda: cpu(house.pid("gateway")),
                "database": lambda: family_cpu(airline.POSTMASTER),
            }
            before = {name: read() for name, read in parts.items()}
            watch = Watch(lambda: sum(read() for read in parts.values()))
            http_load.in_parallel(house.port, CONNECTIONS, enumerate(measured), work)
            watch.stop()
            spent = {name: (read() - before[name]) / len(measured) for name, read in parts.items()}
            house.stop("all")
            legs = collections.Counter(len(flights) for flights, _ in measured)
            lowest, of_database, floor_watch = floor.run(legs, FLOOR_TIMES * BOOKINGS, CONNECTIONS, scratch)
            runs.append({
                "http": watch.ours / len(measured), "floor": lowest, "floor_database": of_database, **spent,
                "legs": sum(count * times for count, times in legs.items()) / len(measured),
                "others": max(watch.others_share, floor_watch.others_share),
                "rate": len(measured) / watch.seconds,
                "busy": (watch.ours + watch.generator) / watch.seconds,
            })  # fmt: skip
            print(f"booking {number}: {runs[-1]}", flush=True)
    finally:
        house.stop()
    middle = lambda name, digits=2: f"{1000 * median([run[name] for run in runs]):.{digits}f} ms"
    ratio = median([run["http"] / run["floor"] for run in runs])
    report.write("booking", runs, [
        ("CPU per booking over HTTP (hold + pay)", middle("http"),
         f"server {middle('server')}, gateway {middle('gateway')}, PostgreSQL {middle('database')}"),
        ("Floor: the same statements by pgbench", middle("floor"),
         f"PostgreSQL {middle('floor_database')}, the rest pgbench itself"),
        ("**Ratio**", f"**{ratio:.2f}**", "aim ≤ 2.5"),
        ("Bookings", f"{RUNS} × {BOOKINGS}",
         f"{median([run['legs'] for run in runs]):.2f} flights each, {CONNECTIONS} connections, "
         f"{median([run['rate'] for run in runs]):.0f} a second while measuring"),
    ])  # fmt: skip


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
        for name, measure in (("start", measure_start), ("booking", measure_booking), ("search", measure_search)):
            if what in (name, "all"):
                measure(scratch)
        shutil.rmtree(scratch)
    except BaseException:
        print(f"the logs are in {scratch}", file=sys.stderr)
        raise


if __name__ == "__main__":
    main()
