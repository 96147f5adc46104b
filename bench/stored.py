"""Many bookings that are there already, loaded by SQL: what one paid booking of the server left in every table, as often as
wanted, with ids of their own and spread evenly over the flights on sale."""

import json
import re
import time

import airline

# Bookings are loaded so many at a time; each is one transaction.
BATCH = 250_000
PER_USER = 5
TARGETS = {
    # table: how it knows that a row is of the booking
    "bookings": "id = '{id}'",
    "booking_passengers": "booking_id = '{id}'",
    "booking_slices": "booking_id = '{id}'",
    "booking_segments": "booking_id = '{id}'",
    "booking_fares": "booking_id = '{id}'",
    "tickets": "booking_id = '{id}'",
    "ticket_coupons": "booking_id = '{id}'",
    "booking_locators": "booking_id = '{id}'",
    "user_bookings": "booking_id = '{id}'",
    "payments": "booking_id = '{id}'",
    "payment_bookings": "booking_id = '{id}'",
    "ledger_postings": "booking_id = '{id}'",
    "idempotency_keys": "subject IN ('{id}', '{payment}')",
    "outbox": "subject = 'bkg_{plain}'",
}
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Of a flight's own: what a booking keeps of it.
TIMES = {
    "trip_starts_at": "f.departs_at", "trip_ends_at": "f.arrives_at", "departs_at": "f.departs_at",
    "arrives_at": "f.arrives_at",
}  # fmt: skip
NUMBER = "lpad(to_hex(s.n), 29, '0')"


def load(many, template):
    """Copies the booking `template` (a confirmed one) `many` times; seconds of each part and bytes."""
    began = time.monotonic()
    flights = prepare_flights()
    ids = ids_of(template)
    tables = {table: rows_of(table, where.format(**ids)) for table, where in TARGETS.items()}
    missing = [table for table, rows in tables.items() if not rows]
    if missing:
        raise RuntimeError(f"the booking to copy has nothing in {missing}")
    indexes = drop_indexes(tables)
    before = int(airline.sql("SELECT pg_database_size('bench')")[0][0])
    for first in range(0, many, BATCH):
        last = min(first + BATCH, many) - 1
        numbers = f"(SELECT n, n % {flights} AS flight FROM generate_series({first}::bigint, {last}) AS n) AS s"
        statements = [insert(table, row, ids, numbers) for table, rows in tables.items() for row in rows]
        airline.sql("SET session_replication_role = replica; BEGIN; " + "; ".join(statements) + "; COMMIT")
        print(f"{last + 1:,} bookings stored, {time.monotonic() - began:.0f} s", flush=True)
    airline.sql(f"""UPDATE inventory i SET taken = i.taken + c.taken FROM (
        SELECT f.id, count(*) AS taken FROM bench_flights f, generate_series(f.no, {many - 1}, {flights}) GROUP BY 1) AS c
        WHERE i.flight_id = c.id AND i.cabin = 0""")
    loaded = time.monotonic()
    for index in indexes:
        airline.sql(index)
    indexed = time.monotonic()
    airline.sql("VACUUM (ANALYZE)")
    airline.sql("CHECKPOINT", "postgres")
    size = int(airline.sql("SELECT pg_database_size('bench')")[0][0]) - before
    return {
        "many": many, "rows": sum(len(rows) for rows in tables.values()) * many, "load": loaded - began,
        "indexes": indexed - loaded, "settle": time.monotonic() - indexed, "bytes": size,
    }  # fmt: skip


def prepare_flights():
    """Numbers the flights with room, so that bookings spread evenly over them."""
    airline.sql("""DROP TABLE IF EXISTS bench_flights; CREATE TABLE bench_flights AS
        SELECT row_number() OVER (ORDER BY f.id) - 1 AS no, f.id, f.departs_at, f.arrives_at
        FROM flights f JOIN inventory i ON i.flight_id = f.id AND i.cabin = 0
        WHERE f.departs_at > now() + interval '1 day' AND f.declared_status IS NULL AND i.capacity - i.taken >= 40
          AND i.capacity < 1000;
        ALTER TABLE bench_flights ADD PRIMARY KEY (no); ANALYZE bench_flights""")
    return int(airline.sql("SELECT count(*) FROM bench_flights")[0][0])


def ids_of(booking):
    [[user, locator, payment, flight]] = airline.sql(f"""SELECT b.user_id, b.locator, p.id, s.flight_id
        FROM bookings b JOIN payments p ON p.booking_id = b.id JOIN booking_segments s ON s.booking_id = b.id
        WHERE b.id = '{booking}' AND b.status = 'confirmed'""")
    return {"id": booking, "plain": booking.replace("-", ""), "payment": payment, "user": user, "locator": locator,
            "flight": flight}  # fmt: skip


def rows_of(table, where, database="bench"):
    """The rows as lists of column, type and text (None for NULL)."""
    columns = airline.sql(f"""SELECT attname, format_type(atttypid, atttypmod), attidentity FROM pg_attribute
        WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum""", database)
    columns = [(name, kind) for name, kind, *identity in columns if not (identity and identity[0])]
    picked = ", ".join(f"{name}::text" for name, _ in columns)
    found = airline.sql(f"SELECT to_json(ARRAY[{picked}]) FROM {table} WHERE {where}", database)
    return [[(*column, text) for column, text in zip(columns, json.loads(row[0]))] for row in found]


class Own:
    """What of a text is the booking's own, and becomes the copy's."""

    def __init__(self, ids):
        self._known = {ids["user"]: f"'a' || lpad(to_hex(s.n / {PER_USER}), 31, '0')"}
        self._flight, self._locator = ids["flight"], ids["locator"]
        self._known[ids["id"]] = f"'b00' || {NUMBER}"
        plain = [ids["plain"], ids["payment"].replace("-", ""), ids["flight"].replace("-", "")]
        words = "|".join([ids["locator"], *plain])
        self._moving = re.compile(rf"({UUID}|\b999\d{{10}}\b|{words})")

    def _moved(self, text):
        if text == self._locator:
            return "'S' || lpad(to_hex(s.n * 40503 % 268435456), 7, '0')"
        if re.fullmatch(r"999\d{10}", text):
            return "'9995' || lpad(s.n::text, 9, '0')"
        whole = re.sub(r"(.{8})(.{4})(.{4})(.{4})(.{12})", r"\1-\2-\3-\4-\5", text) if "-" not in text else text
        if whole == self._flight:
            return "f.id::text" if "-" in text else "replace(f.id::text, '-', '')"
        known = self._known.setdefault(whole, f"'b{len(self._known):02x}' || {NUMBER}")
        return known if "-" not in text else f"({known})::uuid::text"

    def value(self, column, kind, text):
        if text is None:
            return "NULL"
        if column in TIMES:
            return TIMES[column]
        if column == "lane":
            return "(s.n % 64)::smallint"
        if column == "key":
            return quoted(text[:20] + "-") + " || s.n"
        if column == "class_rank":
            return "1"
        if kind == "uuid" and text == self._flight:
            return "f.id"
        pieces = [text] if kind == "bytea" else self._moving.split(text)
        parts = [self._moved(piece) if at % 2 else quoted(piece) for at, piece in enumerate(pieces) if piece]
        return f"({' || '.join(f'({part})' for part in parts) or quoted('')})::{kind}"


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def insert(table, row, ids, numbers):
    own = ids.setdefault("own", Own(ids))
    columns = ", ".join(column for column, _, _ in row)
    values = ", ".join(own.value(*cell) for cell in row)
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {numbers} JOIN bench_flights f ON f.no = s.flight"


def drop_indexes(tables, database="bench"):
    """Those that no constraint needs; they are made again at the end, which is quicker than keeping them."""
    names = ", ".join(f"'{table}'" for table in tables)
    found = airline.sql(f"""SELECT i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid::regclass::text IN ({names}) AND NOT EXISTS (
            SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)""", database)
    for name, _ in found:
        airline.sql(f"DROP INDEX {name}", database)
    return [definition for _, definition in found]
