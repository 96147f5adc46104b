"""A booking: what a hold, a payment and a cancellation cost, how many there can be, how long they take, and what they leave."""

import os
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import airline
import figures as tables
import floor
import http_load
import latency
import record
import stored
import trips
from airline import Airline
from floor import STEPS
from flush import Flushes
from machine import Watch, cpu, family_cpu, median

RUNS = int(os.environ.get("UDAAN_BENCH_RUNS", "3"))
BOOKINGS = int(os.environ.get("UDAAN_BENCH_BOOKINGS", "1000"))
FLOOR_TIMES = 2
SPREADS = (1, 10, 1000)
# What follows a step behind its answer (events told, the search told) belongs to it: the watch waits for it.
SETTLE = 0.7
FLUSH = 0.002
FLUSH_CONNECTIONS = 32


class Bench:
    """The airline with accounts and offers, started anew for each part."""

    def __init__(self, scratch):
        self.scratch, self.house = scratch, Airline(scratch)
        # What a run before left, if the cluster was kept, would be in the way.
        self.house.empty_database()
        self.house.ensure_on_sale()
        self._picked = trips.widen(max(SPREADS))
        airline.sql("VACUUM (ANALYZE) inventory")
        self.house.start("gateway")
        self.house.start("all")
        self.tokens = trips.open_accounts(self.house.port)
        self.offers = trips.find_offers(self.house.port, self._picked, max(SPREADS))
        self.house.stop("all")

    def travellers(self, count, flights):
        return [trips.Traveller(number, self.offers[:flights], self.tokens) for number in range(count)]

    def run(self, step, travellers, connections=trips.CONNECTIONS):
        work = lambda connection, traveller: getattr(traveller, step)(connection)
        http_load.in_parallel(self.house.port, connections, travellers, work)

    def record(self):
        """The statements of one booking, by a server of its own with one connection, warm, so that it prepares none."""
        folder = tempfile.mkdtemp(prefix="udaan-relay-", dir="/tmp")
        relay, log, house = record.Relay(folder), record.Log(), self.house
        direct = dict(house.env)
        house.env["DATABASE_URL"] = direct["DATABASE_URL"].replace(airline.SOCKETS, folder)
        house.env["UDAAN_DATABASE__POOL"] = "1"
        house.env["UDAAN_DATABASE__WAIT_MS"] = "9000"
        try:
            house.start("serve")
            connection = http_load.Connection(house.port)
            flight, offer = self.offers[0]
            token, groups = self.tokens[0], {}
            for warm_up in (True, True, False):
                recorder = None if warm_up else record.Recorder(relay, log)
                told = recorder.record if recorder else lambda request: (request(), [])
                key = "warm-up-" + str(time.time_ns()) if warm_up else "recorded-hold"
                held, groups["hold"] = told(lambda: trips.hold(connection, token, offer, key))
                key = key.replace("-hold", "-pay")
                _, groups["pay"] = told(lambda: trips.pay(connection, token, held["id"], key))
                _, groups["cancel"] = told(lambda: trips.cancel(connection, token, held["id"]))
        finally:
            house.stop("serve")
            house.env = direct
            log.close()
            relay.close()
        plain = held["id"].removeprefix("bkg_")
        [[user]] = airline.sql(f"SELECT user_id FROM bookings WHERE replace(id::text, '-', '') = '{plain}'")
        keys = ("recorded-hold", "recorded-pay")
        return floor.Recording(groups, user, flight, held["locator"], keys)


def over_http(bench, flights):
    """CPU seconds of each step by part, bookings spread over `flights` flights."""
    house, spent, others = bench.house, {}, 0.0
    warm_up = bench.travellers(max(50, BOOKINGS // 10), flights)
    measured = bench.travellers(BOOKINGS, flights)
    for step in STEPS:
        bench.run(step, warm_up)
    parts = {
        "server": lambda: cpu(house.pid("all")),
        "gateway": lambda: cpu(house.pid("gateway")),
        "database": lambda: family_cpu(airline.POSTMASTER),
    }
    for step in STEPS:
        time.sleep(SETTLE)
        before = {name: read() for name, read in parts.items()}
        watch = Watch(lambda: sum(read() for read in parts.values()))
        began = time.monotonic()
        bench.run(step, measured)
        rate = BOOKINGS / (time.monotonic() - began)
        time.sleep(SETTLE)
        watch.stop()
        spent[step] = {name: (read() - before[name]) / BOOKINGS for name, read in parts.items()}
        spent[step] |= {"http": watch.ours / BOOKINGS, "rate": rate}
        others = max(others, watch.others_share)
    [[left]] = airline.sql("SELECT count(*) FROM refunds WHERE status <> 'succeeded'")
    if left != "0":
        raise RuntimeError(f"{left} refunds are not settled {SETTLE} s after the last cancellation")
    return spent, others


def against_floor(bench, lowest, flights):
    """One run of a spread, with the floor right after it."""
    print(f"on {flights} flights ...", flush=True)
    bench.house.start("all")
    before = floor.rows()
    spent, others = over_http(bench, flights)
    bench.house.stop("all")
    between = floor.rows()
    bottom, made, others_then = lowest.run(flights, FLOOR_TIMES * BOOKINGS, trips.CONNECTIONS)
    same_rows(before, between, floor.rows(), BOOKINGS + max(50, BOOKINGS // 10), made)
    run = {"flights": flights, "others": max(others, others_then)}
    for step in STEPS:
        run[step] = spent[step] | {"floor": bottom[step][0], "floor_database": bottom[step][1]}
    return run


def same_rows(before, between, after, made, made_by_floor):
    """Whatever the floor writes, it writes as often for each booking as the server did."""
    none = (0, 0)
    for table, (inserted, _) in after.items():
        by_floor = (inserted - between.get(table, none)[0]) / made_by_floor
        by_server = (between.get(table, none)[0] - before.get(table, none)[0]) / made
        if by_floor and abs(by_floor - by_server) > 0.02:
            raise RuntimeError(f"{table}: the server inserts {by_server:.2f} rows for a booking, the floor {by_floor:.2f}")


def sizes():
    """Bytes of each table with its indexes, without what a VACUUM gives back."""
    airline.sql("VACUUM")
    found = airline.sql("""SELECT relname, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace""")
    return {name: (int(table), int(indexes)) for name, table, indexes in found}


def left_behind(bench):
    """Bytes that a booking leaves, paid and then cancelled, by table."""
    bench.house.start("all")
    made = bench.travellers(2 * BOOKINGS, max(SPREADS))
    for step in STEPS:
        bench.run(step, made[:200])
    grown, last = {}, sizes()
    made = made[200:]
    for step, name in (("hold", None), ("pay", "paid"), ("cancel", "cancelled")):
        bench.run(step, made)
        time.sleep(SETTLE)
        if name:
            now = sizes()
            grown[name] = {table: [(a - b) / len(made) for a, b in zip(now[table], last.get(table, (0, 0)))] for table in now}
            last = now
    bench.house.stop("all")
    return grown


def on_one_flight(bench, flush):
    """Holds a second on one flight, with a slow flush and without."""
    house, figures = bench.house, {}
    house.env["UDAAN_DATABASE__POOL"] = str(FLUSH_CONNECTIONS)
    house.start("all")
    offers = iter(range(20))
    count = min(1000, BOOKINGS)

    def holds(connections):
        at = next(offers)
        travellers = [trips.Traveller(number, bench.offers[at : at + 1], bench.tokens) for number in range(count)]
        flush.start()
        began = time.monotonic()
        bench.run("hold", travellers, connections)
        seconds = time.monotonic() - began
        flushes, mean = flush.stop()
        bench.run("cancel", travellers)
        return count / seconds, flushes / count, mean

    try:
        holds(FLUSH_CONNECTIONS)
        count_of, mean = flush.proven(FLUSH)
        figures["proof"] = {"flushes": count_of, "mean": mean}
        for name, at_least, connections in (
            ("slow", FLUSH, FLUSH_CONNECTIONS), ("slow_alone", FLUSH, 1),
            ("quick", 0.0, FLUSH_CONNECTIONS), ("quick_alone", 0.0, 1),
        ):  # fmt: skip
            flush.at_least(at_least)
            runs = [holds(connections) for _ in range(RUNS)]
            figures[name] = dict(zip(("rate", "flushes", "mean"), map(median, zip(*runs))))
    finally:
        flush.at_least(0.0)
        house.stop("all")
        del house.env["UDAAN_DATABASE__POOL"]
    return figures


def at_half_load(bench, peak=None):
    """The peak of whole bookings a second, and how long each step takes at half of it, or of the peak that is given."""
    bench.house.start("all")
    travellers = lambda count: bench.travellers(count, max(SPREADS))
    work = lambda connection, traveller: [getattr(traveller, step)(connection) for step in STEPS]
    http_load.in_parallel(bench.house.port, trips.CONNECTIONS, travellers(200), work)
    began = time.monotonic()
    http_load.in_parallel(bench.house.port, 2 * trips.CONNECTIONS, travellers(BOOKINGS), work)
    found = BOOKINGS / (time.monotonic() - began)
    peak = peak or found
    runs = []
    for _ in range(RUNS):
        watch = Watch(lambda: 0.0)
        runs.append(latency.open_loop(bench.house.port, travellers(max(300, int(peak / 2 * 10))), peak / 2))
        watch.stop()
    bench.house.stop("all")
    quantiles = {step: {q: median([run[step][q] for run in runs]) for q in ("p50", "p99")} for step in STEPS}
    return {"peak": found, **quantiles}


def at_half_load_while_checked(bench, peak):
    """The same while `udaan integrity` reads everything, once after the other."""
    over = threading.Event()

    def check():
        while not over.is_set():
            bench.house.run("integrity")

    with ThreadPoolExecutor(1) as pool:
        checking = pool.submit(check)
        try:
            return at_half_load(bench, peak)
        finally:
            over.set()
            checking.result()


def one_paid(bench):
    """The id of a booking that is paid, and told."""
    bench.house.start("all")
    [traveller] = bench.travellers(1, 1)
    bench.run("hold", [traveller])
    bench.run("pay", [traveller])
    time.sleep(2)
    bench.house.stop("all")
    plain = traveller.booking.removeprefix("bkg_")
    return airline.sql(f"SELECT '{plain}'::uuid")[0][0]


def measure(scratch):
    many = int(os.environ.get("UDAAN_BENCH_STORED", "0"))
    bench = Bench(scratch)
    try:
        # First, while no table has room left by anything else.
        left = None if many else left_behind(bench)
        lowest = floor.Floor(bench.record(), scratch)
        spreads = SPREADS if not many else SPREADS[-1:]
        runs = [against_floor(bench, lowest, flights) for _ in range(RUNS) for flights in spreads]
        figures = {"runs": runs, "half": at_half_load(bench)}
        if many:
            figures["load"] = stored.load(many, one_paid(bench))
            figures["stored_runs"] = [against_floor(bench, lowest, spreads[-1]) for _ in range(RUNS)]
            figures["stored_half"] = at_half_load(bench, figures["half"]["peak"])
            figures["checked_half"] = at_half_load_while_checked(bench, figures["half"]["peak"])
        else:
            figures["one_flight"] = on_one_flight(bench, Flushes())
            figures["left"] = left
        began = time.monotonic()
        bench.house.run("integrity")
        figures["integrity_seconds"] = time.monotonic() - began
    finally:
        bench.house.stop()
    tables.booking(figures, many)
