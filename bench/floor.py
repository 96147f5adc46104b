"""The floor of a booking: what PostgreSQL and pgbench spend on the statements of a hold, a payment and a cancellation, prepared,
in the same transactions, pipelined where the server pipelines. They are not copied from the stores: they are recorded
(record.py) from one booking of the server under measurement, and made into scripts here, so they cannot differ from it."""

import collections
import json
import os
import re
import subprocess

import airline
from machine import Watch, ended_children, family_cpu

# Flights and accounts of the floor's own, with ids that a number makes.
FLIGHTS, USERS = 1000, 20
# Sold on one flight before the next one's turn: its cabin has 1,000 seats and 200 more to overbook.
ON_ONE = 1000
# Numbers of bookings, from which everything of theirs is made. No real ticket has so high a number.
FIRST = 1_000_000_000
STEPS = ("hold", "pay", "cancel")
# Bookings of each connection until every statement has its plan for good: PostgreSQL decides at the sixth.
FEW = 10

UUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
TICKET = r"\b999\d{10}\b"
FLIGHT = "lpad(to_hex(:f::bigint), 32, '0')"
USER = "'e' || lpad(to_hex(:u::bigint), 31, '0')"
LOCATOR = "upper(lpad(to_hex(:n::bigint * 1597334677 % 4294967296), 8, '0'))"
NUMBER = "'999' || lpad(:n::text, 10, '0')"
LANE = "(:n::bigint % 64)"

Recording = collections.namedtuple("Recording", "groups user flight locator keys")


class Template:
    """Texts of the recording become expressions of the number of a booking; all else is a constant of the script."""

    def __init__(self, recording):
        self._ids = {plain(recording.user): USER, plain(recording.flight): FLIGHT}
        self._texts = {recording.locator: LOCATOR} | {key: f"'{key}-' || :n::text" for key in recording.keys}
        words = "|".join(re.escape(text) for text in self._texts)
        self._moving = re.compile(f"({UUID}|{TICKET}|{words})")
        self.constants = {}

    def _id(self, text):
        """An id of the booking's own. They grow from booking to booking, as ours do (UUIDv7)."""
        known = self._ids.setdefault(plain(text), f"'f{len(self._ids):02x}' || lpad(to_hex(:n::bigint), 29, '0')")
        return known if "-" not in text else f"({known})::uuid::text"

    def _moved(self, text):
        if text in self._texts:
            return self._texts[text]
        return NUMBER if re.fullmatch(TICKET, text) else self._id(text)

    def _constant(self, text, kind):
        name = self.constants.setdefault(text, f"c{len(self.constants)}")
        return f":{name}::{kind}"

    def value(self, text, kind):
        if text is None:
            return f"NULL::{kind}"
        if kind == "uuid":
            return f"({self._id(plain(text))})::uuid"
        parts = [text] if kind == "bytea" else self._moving.split(text)
        if len(parts) == 1:
            return self._constant(text, kind)
        # Every second part is one that moves.
        pieces = [self._moved(part) if at % 2 else self._constant(part, "text") for at, part in enumerate(parts) if part]
        return f"({' || '.join(f'({piece})' for piece in pieces)})::{kind}"

    def statement(self, one, kinds):
        if re.search(r"(?<!:):[a-zA-Z_]", one.sql):
            raise RuntimeError(f"pgbench would take a part of this for a variable: {one.sql}")
        values = [self.value(text, kind) for text, kind in zip(one.parameters, kinds, strict=True)]
        # Events spread over the lanes, by what they are about.
        if one.sql.startswith("INSERT INTO outbox (lane"):
            values[0] = f"ARRAY{[LANE] * (one.parameters[0].count(',') + 1)}".replace("'", "") if kinds[0].endswith("[]") else LANE
            values[0] += f"::{kinds[0]}"
        return re.sub(r"\$(\d+)", lambda found: values[int(found[1]) - 1], one.sql) + ";"

    def script(self, groups, kinds):
        lines = []
        for group in groups:
            statements = [self.statement(one, kinds[one.sql]) for one in group]
            lines += ["\\startpipeline", *statements, "\\endpipeline"] if len(statements) > 1 else statements
        return "\n".join(lines) + "\n"


def plain(text):
    return text.replace("-", "")


def parameter_types(groups):
    """The types of the parameters of each statement, as PostgreSQL infers them."""
    texts = sorted({one.sql for group in groups for one in group if one.parameters})
    asked = "".join(f"PREPARE p{at} AS {text};\n" for at, text in enumerate(texts))
    asked += "SELECT name, array_to_json(parameter_types::text[]) FROM pg_prepared_statements;\n"
    command = [f"{airline.PG_BIN}/psql", "-XqtA", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", "bench"]
    done = subprocess.run(command, env=airline.pg_env(), input=asked, check=True, capture_output=True, text=True)
    kinds = collections.defaultdict(list)
    for line in done.stdout.splitlines():
        name, found = line.split("\t")
        kinds[texts[int(name[1:])]] = json.loads(found)
    return kinds


class Floor:
    """The scripts of a recording, ready to run."""

    def __init__(self, recording, scratch):
        self._scratch, self._next = scratch, FIRST
        self._prepare(recording)
        template = Template(recording)
        kinds = parameter_types([group for groups in recording.groups.values() for group in groups])
        self._scripts = {name: template.script(groups, kinds) for name, groups in recording.groups.items()}
        self._constants = template.constants

    def _prepare(self, recording):
        """Flights like the recorded one, with more seats; departed long ago, so that no search sees them."""
        past = ", ".join(f"'{name}', '2000-01-0{day}'" for name, day in
                         (("departs_local", 1), ("departs_at", 1), ("arrives_local", 2), ("arrives_at", 2)))
        seats = "'capacity', 1000, 'overbooking', 200, 'limit_2', 1200, 'limit_3', 1200, 'limit_4', 1200"
        none = "'taken', 0, 'taken_2', 0, 'taken_3', 0, 'taken_4', 0"
        number, user = "lpad(to_hex(n), 32, '0')", "'e' || lpad(to_hex(n), 31, '0')"
        like = lambda table, column, changes, last: f"""INSERT INTO {table}
            SELECT (jsonb_populate_record(t, jsonb_build_object({changes}))).*
            FROM generate_series(1, {last}) AS n, {table} AS t WHERE t.{column} ON CONFLICT DO NOTHING"""
        flight, who = f"= '{recording.flight}'", f"= '{recording.user}'"
        for statement in (
            like("flights", f"id {flight}", f"'id', {number}, 'airline', 'ZZ', {past}", FLIGHTS),
            like("inventory", f"flight_id {flight}", f"'flight_id', {number}, {seats}, {none}", FLIGHTS),
            like("users", f"id {who}", f"'id', {user}", USERS),
            like("user_keys", f"user_id {who}", f"'user_id', {user}", USERS),
            "VACUUM (ANALYZE) flights, inventory, users, user_keys",
        ):
            airline.sql(statement)

    def run(self, flights, bookings, clients):
        """Holds, pays and cancels about `bookings` bookings, spread over `flights` flights. For each: CPU seconds of
        one, and what of them is PostgreSQL's; how many it made in all; and the most that others used of the machine."""
        each = bookings // clients
        if (each * clients // (ON_ONE * flights) + 1) * flights > FLIGHTS:
            raise RuntimeError(f"{bookings} bookings do not fit on {FLIGHTS} flights")
        # What it takes to connect, to prepare and to plan is what a few bookings take; the server has done it before.
        few, _ = self._steps(flights, FEW, clients)
        many, others = self._steps(flights, each + FEW, clients)
        per_booking = lambda step: [(a - b) / (each * clients) for a, b in zip(many[step], few[step])]
        # What was announced is of no flight on sale, and what was told is of no booking of ours; the server would only read it
        # for nothing.
        airline.sql("TRUNCATE search_inbox")
        airline.sql("UPDATE outbox SET relayed_at = now() WHERE relayed_at IS NULL")
        return {step: per_booking(step) for step in STEPS}, (each + 2 * FEW) * clients, others

    def _steps(self, flights, each, clients):
        spent, others = {}, 0.0
        for name in STEPS:
            total, of_database, watch = self._run(name, flights, each, clients)
            spent[name] = total, of_database
            others = max(others, watch.others_share)
            self._expect(name, each * clients)
        self._next += each * clients
        return spent, others

    def _run(self, name, flights, each, clients):
        # A meta command is a line of its own, and so is each statement's.
        count = [
            "\\set i :i + 1", f"\\set k (:i - 1) * {clients} + :client_id", f"\\set n {self._next} + :k",
            f"\\set f 1 + :k / {ON_ONE * flights} * {flights} + :k % {flights}", f"\\set u 1 + :n % {USERS}",
        ]  # fmt: skip
        path = f"{self._scratch}/floor-{name}.sql"
        with open(path, "w") as file:
            file.write("\n".join(count) + "\n" + self._scripts[name])
        command = [f"{airline.PG_BIN}/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-t", str(each)]
        command += ["-f", path, "-D", "i=0"]
        for text, constant in self._constants.items():
            command += ["-D", f"{constant}={text}"]
        database = lambda: family_cpu(airline.POSTMASTER)
        before = database()
        watch = Watch(lambda: database() + ended_children())
        done = subprocess.run([*command, "bench"], env=airline.pg_env(), capture_output=True, text=True)
        watch.stop()
        of_database = database() - before
        if done.returncode != 0 or "0 (0.000%)" not in done.stdout:
            raise RuntimeError(f"pgbench: {done.stderr[-2000:]}{done.stdout[-500:]}")
        return watch.ours, of_database, watch

    def _expect(self, name, bookings):
        """Every booking must have become what the server's became: statements that find nothing cost little."""
        status = {"hold": "held", "pay": "confirmed", "cancel": "cancelled"}[name]
        own = f"id >= 'f0000000-0000-0000-0000-000000000000' AND right(id::text, 12) >= '{self._next:012x}'"
        [[found]] = airline.sql(f"SELECT count(*) FROM bookings WHERE status = '{status}' AND {own}")
        if int(found) != bookings:
            raise RuntimeError(f"of the floor's bookings {found} are {status} instead of {bookings}")
        [[open_refunds]] = airline.sql("SELECT count(*) FROM refunds WHERE status <> 'succeeded'")
        if open_refunds != "0":
            raise RuntimeError(f"{open_refunds} of the floor's refunds are not settled")


def rows():
    """How many rows were ever inserted into, and changed in, each table."""
    airline.sql("SELECT pg_stat_force_next_flush()")
    found = airline.sql("SELECT relname, n_tup_ins, n_tup_upd FROM pg_stat_user_tables")
    return {name: (int(inserted), int(updated)) for name, inserted, updated in found}
