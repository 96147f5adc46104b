"""The floor of a booking: the statements of `POST /bookings` and `POST /payments`, copied from the stores of
crates/server and crates/platform, run by pgbench with prepared statements on the same PostgreSQL. What the handlers send
in one flight is a pipeline here too, and each statement touches as many rows."""

import os
import subprocess
import time

import airline
from machine import Watch, ended_children, family_cpu

FLIGHTS, USERS = 2000, 20

# Ids grow from booking to booking, as ours do (UUIDv7).
ID = "('f' || lpad(to_hex(:n::bigint), 31, '0'))::uuid"
USER = "('e' || lpad(to_hex(:u::bigint), 31, '0'))::uuid"


def flight(leg):
    return f"lpad(to_hex(:f{leg}::bigint), 32, '0')::uuid"


KEY = f"SELECT master_key, wrapped_key FROM user_keys WHERE user_id = {USER};"


def look_up(route, key):
    return f"""SELECT body_hash, subject, status, answer_sealed FROM idempotency_keys
 WHERE user_id = {USER} AND route = '{route}' AND key = '{key}-' || :n::bigint;"""


def store_key(route, key, status, answer):
    return f"""INSERT INTO idempotency_keys (user_id, route, key, body_hash, subject, status, answer_sealed, created_at)
 VALUES ({USER}, '{route}', '{key}-' || :n::bigint, :hash, {ID}, {status}, {answer}, now()) ON CONFLICT DO NOTHING;"""


def take(leg):
    return f"""UPDATE inventory SET
 taken   = taken + :seats,
 taken_2 = taken_2 + CASE WHEN :rank >= 2 THEN :seats ELSE 0 END,
 taken_3 = taken_3 + CASE WHEN :rank >= 3 THEN :seats ELSE 0 END,
 taken_4 = taken_4 + CASE WHEN :rank >= 4 THEN :seats ELSE 0 END,
 version = version + 1
 WHERE flight_id = {flight(leg)} AND cabin = :cabin AND on_sale
 AND CASE :rank::smallint WHEN 1 THEN fare_1 WHEN 2 THEN fare_2 WHEN 3 THEN fare_3 ELSE fare_4 END = :fare
 AND CASE :rank::smallint WHEN 1 THEN true WHEN 2 THEN closes_2 > now() WHEN 3 THEN closes_3 > now()
 ELSE closes_4 > now() END
 AND taken + :seats::smallint <= capacity + overbooking
 AND (:rank < 2 OR taken_2 + :seats <= limit_2)
 AND (:rank < 3 OR taken_3 + :seats <= limit_3)
 AND (:rank < 4 OR taken_4 + :seats <= limit_4);"""


# What a ticket of a few hundred dollars has of taxes; minor units that add up to 3000.
TAXES = (
    '[{"code": "US", "name": "Air transportation excise tax", "kind": "tax", "amount": 1460}, '
    '{"code": "ZP", "name": "Domestic flight segment tax", "kind": "tax", "amount": 530}, '
    '{"code": "AY", "name": "September 11 security fee", "kind": "fee", "amount": 560}, '
    '{"code": "XF", "name": "Passenger facility charge", "kind": "fee", "amount": 450}]'
)


def insert_booking(legs):
    numbers = range(1, legs + 1)
    conditions = '{"change_fee": null, "refund": []}'
    included = (
        '{"cabin_bags": 1, "checked_bags": 0, "checked_bag_kg": 0, "seat_choice": "none", "meal": false, '
        '"priority_boarding": false}'
    )
    many = lambda value: ", ".join(str(value) for _ in numbers)
    return f"""WITH slot AS (
 SELECT CASE WHEN 0::smallint > 0 THEN free END AS hold_slot FROM generate_series(1, GREATEST(0::smallint, 1)) AS free
 WHERE 0 = 0 OR NOT EXISTS (SELECT 1 FROM user_bookings WHERE user_id = {USER} AND hold_slot = free)
 ORDER BY free LIMIT 1),
 listed AS (
 INSERT INTO user_bookings (user_id, booking_id, trip_ends_at, hold_slot)
 SELECT {USER}, {ID}, now() + '30 days', hold_slot FROM slot ON CONFLICT DO NOTHING RETURNING booking_id),
 named AS (
 INSERT INTO booking_locators (locator, booking_id)
 SELECT lpad(to_hex((:n::bigint % 4294967296) * 1597334677 % 4294967296), 8, '0'), booking_id FROM listed
 ON CONFLICT DO NOTHING RETURNING booking_id),
 booking AS (
 INSERT INTO bookings (id, user_id, locator, status, seats, total, currency, contact_sealed, trip_starts_at,
 trip_ends_at, hold_expires_at, created_at)
 SELECT booking_id, {USER}, 'BENCH1', 'held', :seats, :fare, 'USD', :contact, now() + '30 days',
 now() + '30 days', now() + '1 hour', now()
 FROM named RETURNING id),
 passengers AS (
 INSERT INTO booking_passengers (booking_id, passenger_no, kind, price, details_sealed)
 SELECT booking.id, p.* FROM booking,
 unnest(ARRAY[1]::smallint[], ARRAY['adult'], ARRAY[:fare]::bigint[], ARRAY[:details]::bytea[]) AS p),
 segments AS (
 INSERT INTO booking_segments (booking_id, segment_no, flight_id, cabin, class_rank, filed_fare, price,
 slice_no, departs_at, arrives_at)
 SELECT booking.id, s.* FROM booking, unnest(ARRAY[{", ".join(map(str, numbers))}]::smallint[],
 ARRAY[{", ".join(map(flight, numbers))}], ARRAY[{many(":cabin")}]::smallint[], ARRAY[{many(":rank")}]::smallint[],
 ARRAY[{many(":fare")}]::integer[], ARRAY[{many(":fare")}]::bigint[], ARRAY[{many("1")}]::smallint[],
 ARRAY[{many("now()")}], ARRAY[{many("now()")}]) AS s),
 slices AS (
 INSERT INTO booking_slices (booking_id, slice_no, fare_family, family_name, cabin, conditions, included, adult, child,
 infant, price)
 SELECT booking.id, s.* FROM booking, jsonb_to_recordset(jsonb_build_array(jsonb_build_object('slice_no', 1,
 'fare_family', 'economy_saver', 'family_name', 'Saver', 'cabin', :cabin::int, 'conditions', '{conditions}'::jsonb,
 'included', '{included}'::jsonb, 'adult', :fare::bigint, 'child', 0, 'infant', 0, 'price', :fare::bigint))) AS s (slice_no smallint,
 fare_family text, family_name text, cabin smallint, conditions jsonb, included jsonb, adult bigint, child bigint,
 infant bigint, price bigint))
 INSERT INTO booking_fares (booking_id, passenger_no, slice_no, base, discount, taxes)
 SELECT booking.id, f.* FROM booking, jsonb_to_recordset(jsonb_build_array(jsonb_build_object('passenger_no', 1,
 'slice_no', 1, 'base', :fare::bigint - 3000, 'discount', 0, 'taxes', '{TAXES}'::jsonb)))
 AS f (passenger_no smallint, slice_no smallint, base bigint, discount bigint, taxes jsonb);"""


def flights_with_inventory(legs):
    ids = ", ".join(flight(leg) for leg in range(1, legs + 1))
    return f"""SELECT f.id, f.airline, f.number, f.suffix, f.origin, f.destination, f.departs_local, f.arrives_local,
 f.departs_at, f.arrives_at, f.distance_miles, f.aircraft, f.gate, f.estimated_departs_at, f.estimated_arrives_at,
 f.declared_status, f.version, i.flight_id, i.cabin, i.capacity, i.overbooking, i.limit_2, i.limit_3, i.limit_4, i.taken,
 i.taken_2, i.taken_3, i.taken_4, i.fare_1, i.fare_2, i.fare_3, i.fare_4, i.closes_2, i.closes_3, i.closes_4, i.currency,
 i.on_sale, i.version
 FROM flights f JOIN inventory i ON i.flight_id = f.id WHERE f.id = ANY(ARRAY[{ids}]);"""


def event(kind, payload):
    """One event of the booking, as `events::record` writes it."""
    return f"""INSERT INTO outbox (lane, id, subject, type, version, payload, created_at)
 VALUES ((:n::bigint % 64)::smallint, gen_random_uuid(), 'bkg_f' || lpad(to_hex(:n::bigint), 31, '0'), '{kind}', 1,
 jsonb_build_object({payload}), now());"""


AMOUNT = "'amount', jsonb_build_object('amount', :fare::bigint, 'currency', 'USD')"
BOOKING = "'booking_id', 'bkg_f' || lpad(to_hex(:n::bigint), 31, '0')"


def held(legs):
    flights = ", ".join(f"'flt_' || lpad(to_hex(:f{leg}::bigint), 32, '0')" for leg in range(1, legs + 1))
    times = ", ".join(f"'{name}', now()" for name in ("trip_starts_at", "trip_ends_at", "hold_expires_at"))
    total = "'total', jsonb_build_object('amount', :fare::bigint, 'currency', 'USD')"
    counts = "'passengers', 1, 'seats', 1"
    return event("booking.held", f"{BOOKING}, 'flights', jsonb_build_array({flights}), {counts}, {total}, {times}")


def pipeline(*statements):
    return "\n".join(["\\startpipeline", *statements, "\\endpipeline"])


def hold(legs):
    ids = ", ".join(flight(leg) for leg in range(1, legs + 1))
    return [
        pipeline("BEGIN;", KEY),
        look_up("POST /bookings", "hold"),
        flights_with_inventory(legs),
        pipeline(
            store_key("POST /bookings", "hold", 201, ":hold_answer"),
            *(take(leg) for leg in range(1, legs + 1)),
            f"INSERT INTO search_inbox (flight_id) SELECT unnest(ARRAY[{ids}]);",
            insert_booking(legs),
            held(legs),
        ),
        f"""SELECT count(*) FROM unnest(ARRAY[{ids}], ARRAY[{", ".join(["1"] * legs)}]::bigint[]) AS seen (id, version)
 JOIN flights USING (id, version);""",
        "COMMIT;",
    ]


BEGIN_PAYMENT = [
    pipeline("BEGIN;", KEY),
    look_up("POST /payments", "pay"),
    store_key("POST /payments", "pay", "NULL", "NULL"),
    f"""UPDATE bookings SET paying = true, version = version + 1
 WHERE id = {ID} AND user_id = {USER} AND status = 'held' AND NOT paying AND hold_expires_at > now()
 RETURNING total, currency;""",
    f"""WITH found AS (INSERT INTO payment_bookings (payment_id, booking_id) VALUES ({ID}, {ID}))
 INSERT INTO payments (booking_id, id, user_id, status, amount, currency, method, next_check_at, created_at,
 order_no)
 VALUES ({ID}, {ID}, {USER}, 'processing', :fare, 'USD', :method, now() + '10 seconds', now(), 0);""",
    "COMMIT;",
]

LOCK = f"""SELECT b.id, b.user_id, b.locator, b.status, b.seats, b.total, b.currency, b.contact_sealed, b.trip_starts_at,
 b.trip_ends_at, b.hold_expires_at, b.paying, b.created_at, b.extended, b.version, b.has_extras
 FROM bookings b WHERE b.id = {ID} AND (NULL::uuid IS NULL OR b.user_id = NULL) FOR UPDATE;"""


def post(kind, accounts, amounts):
    # pgbench takes a colon and letters for a variable, in a text as well.
    accounts = accounts.replace("tax:", "tax' || chr(58) || '")
    return f"""INSERT INTO ledger_postings (booking_id, id, kind, reference, currency, accounts, amounts, posted_at)
 VALUES ({ID}, {ID}, '{kind}', {ID}, 'USD', ARRAY[{accounts}], ARRAY[{amounts}], now());"""


SETTLE = [
    pipeline("BEGIN;", LOCK),
    f"""UPDATE payments SET status = :succeeded, intent_id = COALESCE(:intent, intent_id), decline_code = NULL,
 action_url = COALESCE(NULL, action_url), next_check_at = NULL, version = version + 1, settled_at = now()
 WHERE booking_id = {ID} AND id = {ID} AND status NOT IN ('succeeded', 'declined')
 RETURNING amount, currency;""",
    event("payment.succeeded", f"{BOOKING}, 'payment_id', 'pay_f' || lpad(to_hex(:n::bigint), 31, '0'), {AMOUNT}"),
    post("capture", "'gateway', 'traveller'", ":fare::bigint, -:fare::bigint"),
    LOCK,
    f"""WITH moved AS (
 UPDATE bookings SET status = :confirmed, paying = false, version = version + 1,
 confirmed_at = CASE WHEN :confirmed = 'confirmed' THEN now() ELSE confirmed_at END,
 closed_at = CASE WHEN :closed THEN now() END
 WHERE id = {ID} AND status = 'held' RETURNING id, user_id),
 freed AS (
 UPDATE user_bookings u SET hold_slot = NULL FROM moved
 WHERE u.user_id = moved.user_id AND u.booking_id = moved.id AND u.hold_slot IS NOT NULL)
 SELECT 1 FROM moved;""",
    f"""SELECT passenger_no, slice_no, base, discount, taxes FROM booking_fares
 WHERE booking_id = {ID} ORDER BY passenger_no, slice_no;""",
    f"SELECT passenger_no, nextval('ticket_serials') AS serial FROM booking_passengers WHERE booking_id = {ID} \\gset",
    event("booking.confirmed", f"{BOOKING}, 'tickets', 1"),
    f"""WITH issued AS (
 INSERT INTO tickets (booking_id, passenger_no, number, issued_at)
 SELECT {ID}, t.passenger_no, t.number, now()
 FROM unnest(ARRAY[1]::smallint[], ARRAY['999' || lpad(:serial::text, 10, '0')]) AS t (passenger_no, number)
 RETURNING booking_id, passenger_no)
 INSERT INTO ticket_coupons (booking_id, passenger_no, segment_no, status)
 SELECT issued.booking_id, issued.passenger_no, s.segment_no, 'open'
 FROM issued JOIN booking_segments s ON s.booking_id = issued.booking_id;""",
    post("sale", "'traveller', 'fares', 'tax:US', 'tax:ZP', 'tax:AY', 'tax:XF'",
         ":fare::bigint, 3000 - :fare::bigint, -1460, -530, -560, -450"),
    f"""SELECT p.id, p.booking_id, p.status, p.amount, p.currency, p.method, p.intent_id, p.decline_code, p.action_url,
 p.checks, p.created_at, p.order_no FROM payment_bookings l JOIN payments p ON p.booking_id = l.booking_id AND p.id = l.payment_id
 WHERE l.payment_id = {ID} AND p.user_id = {USER};""",
    f"""UPDATE idempotency_keys SET status = 201, answer_sealed = :pay_answer
 WHERE user_id = {USER} AND route = 'POST /payments' AND key = 'pay-' || :n::bigint AND status IS NULL;""",
    "COMMIT;",
]


def script(legs):
    choose = [f"\\set f{leg} random({(leg - 1) * FLIGHTS + 1}, {leg * FLIGHTS})" for leg in range(1, legs + 1)]
    counter = ["\\set i :i + 1", "\\set n (:run * 1000000 + :i) * 64 + :client_id", f"\\set u random(1, {USERS})"]
    # A meta command is a line of its own, and so is each statement's.
    return "\n".join([*counter, *choose, *hold(legs), *BEGIN_PAYMENT, *SETTLE]) + "\n"


def prepare():
    """Flights, cabins and accounts of the floor's own, with ids that a number makes; departed long ago, so that no
    search sees them."""
    number, user = "lpad(to_hex(n), 32, '0')::uuid", "('e' || lpad(to_hex(n), 31, '0'))::uuid"
    statements = [
        f"""INSERT INTO flights (id, airline, number, origin, destination, departs_local, arrives_local, departs_at,
                                 arrives_at, tzdata_version, distance_miles, aircraft)
            SELECT {number}, 'ZZ', 1, 'AAA', 'AAB', '2000-01-01', '2000-01-02', '2000-01-01', '2000-01-02', '', 700, '73H'
            FROM generate_series(1, {3 * FLIGHTS}) AS n ON CONFLICT DO NOTHING""",
        f"""INSERT INTO inventory (flight_id, cabin, capacity, limit_2, limit_3, limit_4, fare_1, fare_2, fare_3, fare_4,
                                   closes_2, closes_3, closes_4, currency)
            SELECT {number}, cabin, 1000, 1000, 1000, 1000, 40000, 30000, 20000, 10000,
                   '2100-01-01', '2100-01-01', '2100-01-01', 'USD'
            FROM generate_series(1, {3 * FLIGHTS}) AS n, unnest(ARRAY[0, 2]) AS cabin ON CONFLICT DO NOTHING""",
        f"""INSERT INTO users (id, email_sealed, name_sealed, password_hash, created_at)
            SELECT {user}, 'x', 'x', 'x', now() FROM generate_series(1, {USERS}) AS n ON CONFLICT DO NOTHING""",
        f"""INSERT INTO user_keys (user_id, wrapped_key, master_key) SELECT {user}, k.wrapped_key, k.master_key
            FROM generate_series(1, {USERS}) AS n, (SELECT * FROM user_keys LIMIT 1) AS k ON CONFLICT DO NOTHING""",
        "ANALYZE user_keys",
    ]
    for statement in statements:
        airline.sql(statement)


def sizes():
    """The mean lengths of what was sealed for the bookings made over HTTP, for parameters of the same length."""
    return airline.sql("""SELECT
        (SELECT avg(length(contact_sealed))::int FROM bookings),
        (SELECT avg(length(details_sealed))::int FROM booking_passengers),
        (SELECT avg(length(answer_sealed))::int FROM idempotency_keys WHERE route = 'POST /bookings'),
        (SELECT avg(length(answer_sealed))::int FROM idempotency_keys WHERE route = 'POST /payments')""")[0]


def run(legs, bookings, clients, scratch):
    """Makes about `bookings` bookings, with as many of each number of legs as `legs` counts; CPU seconds of one,
    those of PostgreSQL alone, and the watch."""
    contact, details, hold_answer, pay_answer = ("\\x" + os.urandom(int(size)).hex() for size in sizes())
    defined = {
        "i": 0, "run": int(time.time()), "seats": 1, "rank": 3, "cabin": 0, "fare": 20000, "closed": "false",
        "hash": "\\x" + os.urandom(32).hex(), "contact": contact, "details": details, "hold_answer": hold_answer,
        "pay_answer": pay_answer, "confirmed": "confirmed", "succeeded": "succeeded", "intent": "pi_" + "0" * 24,
        "method": '{"type": "card", "brand": "visa", "last4": "4242"}',
    }  # fmt: skip
    command = [f"{airline.PG_BIN}/pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1"]
    command += ["-t", str(bookings // clients)]
    for name, value in defined.items():
        command += ["-D", f"{name}={value}"]
    for count, weight in sorted(legs.items()):
        path = f"{scratch}/floor-{count}.sql"
        with open(path, "w") as file:
            file.write(script(count))
        command += ["-f", f"{path}@{weight}"]
    confirmed = "SELECT count(*) FROM bookings WHERE id >= 'f0000000-0000-0000-0000-000000000000' AND status = 'confirmed'"
    before = int(airline.sql(confirmed)[0][0])
    database = lambda: family_cpu(airline.POSTMASTER)
    before_database = database()
    watch = Watch(lambda: database() + ended_children())
    done = subprocess.run([*command, "bench"], env=airline.pg_env(), capture_output=True, text=True)
    watch.stop()
    of_database = database() - before_database
    if done.returncode != 0:
        raise RuntimeError(f"pgbench: {done.stderr[-2000:]}")
    made = int(airline.sql(confirmed)[0][0]) - before
    if made != bookings // clients * clients:
        raise RuntimeError(f"the floor confirmed {made} bookings: {done.stdout}")
    # What was announced is of no flight on sale, and what was told is of no booking of ours; the server would only read it
    # for nothing.
    airline.sql("TRUNCATE search_inbox")
    airline.sql("UPDATE outbox SET relayed_at = now() WHERE relayed_at IS NULL")
    return watch.ours / made, of_database / made, watch
