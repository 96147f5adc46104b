"""Signing in and seeing one's account, in an empty database and beside millions of accounts."""

import json
import math
import os
import time

import airline
import http_load
import latency
import report
import stored
import trips
from airline import Airline
from machine import Watch, cpu, family_cpu, median
from trips import expect

RUNS = int(os.environ.get("UDAAN_BENCH_RUNS", "3"))
# Those that are measured; each is asked for once a run, so that nothing of an account is in a cache because it was just read.
OWN = int(os.environ.get("UDAAN_BENCH_ACCOUNTS", "1000"))
BATCH = 250_000
STEPS = ("login", "profile", "sessions", "travellers", "inbox")
NAMES = {
    "login": "Login (`POST /login`)", "profile": "Profile (`GET /profile`)", "sessions": "Where one is signed in (`GET /me/sessions`)",
    "travellers": "Saved travellers (`GET /me/travellers`)", "inbox": "Inbox (`GET /notifications`)",
}  # fmt: skip
# A login is worth some hundred of the others.
FAST_RATE = 200
SECONDS = 15
# What an account has, and the column that says whose it is. Letters, guesses and unused links are gone after days.
TABLES = {"users": "id", "user_keys": "user_id", "user_emails": "user_id", "saved_travellers": "user_id", "sessions": "user_id",
          "refresh_tokens": "user_id", "notifications": "user_id"}  # fmt: skip
# What each was told: a page and a bit. Those that are copied have one each, which makes as many rows as there are accounts.
TOLD = 25


class Person:
    """An account that is measured, and how far its owner is."""

    def __init__(self, email, token=None):
        self.email, self.token, self.done = email, token, None

    def login(self, connection):
        login = {"email": self.email, "password": trips.PASSWORD}
        self.token = json.loads(expect(200, connection.send(http_load.post("/api/v1/login", login))))["access_token"]
        self.done = "login"

    def profile(self, connection):
        self._look(connection, "profile", "/api/v1/profile")

    def sessions(self, connection):
        self._look(connection, "sessions", "/api/v1/me/sessions")

    def travellers(self, connection):
        self._look(connection, "travellers", "/api/v1/me/travellers")

    def inbox(self, connection):
        self._look(connection, "inbox", "/api/v1/notifications")

    def _look(self, connection, step, path):
        expect(200, connection.send(http_load.get(path, self.token)))
        self.done = step


def register(connection, number):
    """An account with a saved traveller."""
    person = Person(f"bench-{time.time_ns()}-{number}@example.com")
    account = {"email": person.email, "password": trips.PASSWORD, "name": "Bench"}
    expect(202, connection.send(http_load.post("/api/v1/register", account)))
    person.login(connection)
    saved = {name: trips.PASSENGER[name] for name in ("given_name", "family_name", "born_on")}
    expect(201, connection.send(http_load.post("/api/v1/me/travellers", saved, person.token, f"t{number}")))
    return person


def tell(database):
    """Everybody is told of delays, one a minute, as the job that tells writes it down."""
    params = '{"locator": "KX7Q2M", "expected": "2026-12-01T09:10:00-05:00", "flights": [{"number": "KR1", "origin": "JFK", "destination": "LAX", "departs": "2026-12-01T08:35:00-05:00"}]}'
    moment = f"extract(epoch FROM now())::bigint * 1000 - 60000 * ({TOLD} - n)"
    number = f"(lpad(to_hex({moment}), 12, '0') || '7' || substr(md5(id::text || n), 1, 3) || '8' || substr(md5(id::text || n), 4, 15))::uuid"
    airline.sql(
        f"INSERT INTO notifications (user_id, id, topic, fact, version, state, params, created_at) "
        f"SELECT id, {number}, 'delayed', 'bench/' || n, 1, '60', '{params}', to_timestamp(({moment}) / 1000.0) "
        f"FROM users, generate_series(1, {TOLD}) AS s (n)",
        database,
    )


def one_by_one(house, people):
    """CPU seconds of each step, and how many there were a second."""
    parts = lambda: cpu(house.pid("all")) + family_cpu(airline.POSTMASTER)
    found = {}
    for step in STEPS:
        watch = Watch(parts)
        work = lambda connection, person: getattr(person, step)(connection)
        http_load.in_parallel(house.port, trips.CONNECTIONS, people, work)
        watch.stop()
        found[step] = {"cpu": watch.ours / len(people), "rate": len(people) / watch.seconds, "others": watch.others_share}
    return found


def timed(house, people, rate):
    """p50 and p99 of logins at `rate`, then of the rest at a rate that leaves the machine half idle."""
    again = lambda wanted: [Person(one.email, one.token) for one in (people * wanted)[: int(wanted * SECONDS)]]
    logins = latency.open_loop(house.port, again(math.ceil(rate)), rate, ("login",))
    return logins | latency.open_loop(house.port, again(FAST_RATE), FAST_RATE, STEPS[1:])


def run(house, database, people, ids, rate=None):
    """One run in a database: CPU, and times at `rate` logins a second or half of the peak."""
    # Each login leaves a session, and the next list is longer: every run begins without any.
    airline.sql(f"DELETE FROM sessions WHERE user_id = ANY('{{{','.join(ids)}}}')", database)
    airline.sql("VACUUM (ANALYZE) sessions, refresh_tokens", database)
    airline.sql("CHECKPOINT", "postgres")
    house.env["DATABASE_URL"] = house.env["DATABASE_URL"].replace("/bench_many?", "/bench?").replace("/bench?", f"/{database}?")
    house.start("all")
    try:
        one_by_one(house, people[: max(50, len(people) // 10)])
        found = one_by_one(house, people)
        rate = rate or found["login"]["rate"] / 2
        times = timed(house, people, rate)
    finally:
        house.stop("all")
    return {"rate": rate, "steps": {step: found[step] | times[step] for step in STEPS}}


def load(many, template):
    """Copies of one account, among the others in every table and index; seconds and bytes."""
    began, sql = time.monotonic(), lambda text: airline.sql(text, "bench_many")
    [[first, last]] = sql("SELECT min(left(replace(id::text, '-', ''), 12)), max(left(replace(id::text, '-', ''), 12)) FROM users")
    soonest, span = int(first, 16), max(1, int(last, 16) - int(first, 16))
    [[user]] = sql(f"SELECT user_id FROM user_emails ORDER BY user_id OFFSET {template} LIMIT 1")
    rows = {table: stored.rows_of(table, f"{column} = '{user}'", "bench_many")[:1] for table, column in TABLES.items()}
    missing = [table for table, found in rows.items() if not found]
    if missing:
        raise RuntimeError(f"the account to copy has nothing in {missing}")
    before = int(sql("SELECT pg_database_size('bench_many')")[0][0])
    indexes = stored.drop_indexes(rows, "bench_many")
    for start in range(0, many, BATCH):
        numbers = f"generate_series({start}::bigint, {min(start + BATCH, many) - 1}) AS s (n)"
        statements = [insert(table, found[0], user, numbers, (soonest, span)) for table, found in rows.items()]
        sql("SET session_replication_role = replica; BEGIN; " + "; ".join(statements) + "; COMMIT")
        print(f"{min(start + BATCH, many):,} accounts stored, {time.monotonic() - began:.0f} s", flush=True)
    for index in indexes:
        sql(index)
    # In the order of their ids, which is by chance among the accounts that are measured: those lie on as many pages as they are.
    for table in rows:
        sql(f"CLUSTER {table} USING {table}_pkey")
    sql("VACUUM (ANALYZE)")
    airline.sql("CHECKPOINT", "postgres")
    size = int(sql("SELECT pg_database_size('bench_many')")[0][0]) - before
    return {"many": many, "seconds": time.monotonic() - began, "bytes": size}


def insert(table, row, user, numbers, when):
    """Each copy has ids of the time in which the measured accounts were made, and hashes of its own."""
    columns = ", ".join(column for column, _, _ in row)
    values = ", ".join(own(*cell, user, when) for cell in row)
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {numbers}"


def own(column, kind, text, user, when):
    if text is None:
        return "NULL"
    if kind == "uuid":
        # The account's id is the same in all tables; each other is one of the account.
        return identifier("user" if text == user else column, when)
    if column in ("email_index", "hash"):
        return f"sha256(convert_to('{column}' || s.n, 'UTF8'))"
    return f"{stored.quoted(text)}::{kind}"


def identifier(salt, when):
    soonest, span = when
    # 7919 is a prime: neighbours in the series are none in the index.
    moment = f"lpad(to_hex({soonest} + s.n * 7919 % {span}), 12, '0')"
    return f"({moment} || '7' || substr(md5('{salt}' || s.n), 1, 3) || '8' || substr(md5('{salt}' || s.n), 4, 15))::uuid"


def measure(scratch):
    many = int(os.environ.get("UDAAN_BENCH_STORED", "0") or 0) or 5_000_000
    house = Airline(scratch)
    house.empty_database()
    airline.sql("DROP DATABASE IF EXISTS bench_many", "postgres")
    house.run("migrate")
    house.start("gateway")
    empty, full = [], []
    try:
        house.start("all")
        people = http_load.in_parallel(house.port, 4, range(OWN), register)
        house.stop("all")
        ids = [row[0] for row in airline.sql("SELECT id FROM users")]
        tell("bench")
        # The same accounts in both, which are measured in turns: whatever else the machine does, it does to both.
        airline.sql("CREATE DATABASE bench_many TEMPLATE bench", "postgres")
        loaded = load(many, OWN // 2)
        for number in range(RUNS):
            print(f"run {number + 1} of {RUNS} ...", flush=True)
            empty.append(run(house, "bench", people, ids, empty[0]["rate"] if empty else None))
            full.append(run(house, "bench_many", people, ids, empty[0]["rate"]))
    finally:
        house.stop()
    write(empty, full, loaded)


def write(empty, full, loaded):
    middle = lambda runs, step, name: median([run["steps"][step][name] for run in runs])
    ms = lambda seconds: f"{1000 * seconds:.1f}"
    rows = [(f"Loading {loaded['many']:,} accounts", f"{loaded['seconds']:.0f} s",
             f"{loaded['bytes'] / 2**30:.2f} GiB, {loaded['bytes'] / loaded['many']:,.0f} bytes each with a session")]  # fmt: skip
    for step in STEPS:
        ratio = median([b["steps"][step]["p99"] / a["steps"][step]["p99"] for a, b in zip(empty, full)])
        change = lambda name: f"{ms(middle(empty, step, name))} to {ms(middle(full, step, name))} ms"
        rate = empty[0]["rate"] if step == "login" else FAST_RATE
        rows.append((
            f"{NAMES[step]}: p99 beside them against an empty database", f"**{ratio:.2f}** times (aim ≤ 1.3)",
            f"p50 {change('p50')}, p99 {change('p99')}, at {rate:.0f} a second; CPU {change('cpu')}",
        ))  # fmt: skip
    rows.append(("Most logins a second", f"{middle(full, 'login', 'rate'):.0f}", f"empty {middle(empty, 'login', 'rate'):.0f}"))
    others = max(run["steps"][step]["others"] for run in empty + full for step in STEPS)
    report.write("accounts", [{"empty": empty, "full": full, "load": loaded, "others": others}], rows)
