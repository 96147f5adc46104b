"""What the measurements of a booking need of the airline: accounts, flights with many seats, offers of them; and the three
requests that are measured."""

import datetime
import json
import time

import airline
import http_load

ACCOUNTS = 20
PASSWORD = "measured with a stop-watch"
CONNECTIONS = 8
# Far enough from now that the cheapest class is on sale, and that a cancellation is free of the last days' rules.
DAYS_AHEAD = (24, 40)

PASSENGER = {"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}
CONTACT = {"email": "asha@example.com", "phone": "+919812345678"}


def expect(status, answer):
    got, body = answer
    if got != status:
        raise RuntimeError(f"{got} instead of {status}: {body[:500]}")
    return body


def open_accounts(port, count=ACCOUNTS):
    """Access tokens of fresh accounts."""

    def sign_up(connection, number):
        email = f"bench-{time.time_ns()}-{number}@example.com"
        account = {"email": email, "password": PASSWORD, "name": "Bench"}
        expect(202, connection.send(http_load.post("/api/v1/register", account)))
        login = {"email": email, "password": PASSWORD}
        return json.loads(expect(200, connection.send(http_load.post("/api/v1/login", login))))["access_token"]

    return http_load.in_parallel(port, 2, range(count), sign_up)


def widen(count):
    """Picks `count` flights of different markets or days, and gives their economy as many seats as a cabin may have; the
    server must not be running. Returns what to search for, and the flight to find."""
    soon, late = DAYS_AHEAD
    picked = airline.sql(f"""SELECT DISTINCT ON (f.departs_local::date, f.origin, f.destination)
            f.departs_local::date, f.origin, f.destination, f.id
        FROM flights f JOIN inventory i ON i.flight_id = f.id AND i.cabin = 0
        WHERE f.departs_at BETWEEN now() + interval '{soon} days' AND now() + interval '{late} days'
          AND i.on_sale AND i.taken = 0 AND i.closes_4 > now() + interval '2 days' AND f.declared_status IS NULL
        ORDER BY 1, 2, 3, f.id LIMIT {2 * count + 20}""")
    ids = ", ".join(f"'{row[3]}'" for row in picked)
    airline.sql(f"""UPDATE inventory SET capacity = 1000, overbooking = 200, limit_2 = 1200, limit_3 = 1200, limit_4 = 1200
        WHERE cabin = 0 AND flight_id IN ({ids})""")
    return picked


def find_offers(port, picked, count):
    """Offers of the flights, one each."""
    offers = []

    def ask(connection, row):
        date, origin, destination, flight = row
        path = f"/api/v1/search?origin={origin}&destination={destination}&date={date}&limit=50"
        for itinerary in json.loads(expect(200, connection.send(http_load.get(path))))["itineraries"]:
            segments = itinerary["segments"]
            if len(segments) == 1 and segments[0]["flight_id"].endswith(flight.replace("-", "")):
                offers.append((flight, itinerary["offer_id"]))
                return

    http_load.in_parallel(port, CONNECTIONS, picked, ask)
    if len(offers) < count:
        raise RuntimeError(f"only {len(offers)} flights to book of {count}")
    return sorted(offers)[:count]


def hold(connection, token, offer, key):
    body = {"offer_id": offer, "passengers": [PASSENGER], "contact": CONTACT}
    return json.loads(expect(201, connection.send(http_load.post("/api/v1/bookings", body, token, key))))


def pay(connection, token, booking, key):
    body = {"booking_id": booking, "method": {"type": "card", "number": "4242424242424242"}}
    paid = json.loads(expect(201, connection.send(http_load.post("/api/v1/payments", body, token, key))))
    if paid["status"] != "succeeded":
        raise RuntimeError(f"a payment is {paid['status']}")
    return paid


def cancel(connection, token, booking):
    answer = connection.send(http_load.delete(f"/api/v1/bookings/{booking}", token))
    return json.loads(expect(200, answer))


class Traveller:
    """One booking of a run: which flight, whose, and how far it is."""

    def __init__(self, number, offers, tokens):
        self.key = f"{time.time_ns()}-{number}"
        self._offer, self._token = offers[number % len(offers)][1], tokens[number % len(tokens)]
        self.booking = self.done = None

    def hold(self, connection):
        self.booking = hold(connection, self._token, self._offer, self.key)["id"]
        self.done = "hold"

    def pay(self, connection):
        pay(connection, self._token, self.booking, self.key)
        self.done = "pay"

    def cancel(self, connection):
        cancel(connection, self._token, self.booking)
        self.done = "cancel"
