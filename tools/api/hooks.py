"""What schemathesis needs to know of us: who asks, from where, what they have, and that a sign-in may end.

The limits are production's, which one caller exceeds at once. So requests come from many addresses, by way of a proxy that the server trusts,
and from many accounts. Of what the examples of the document name (`bkg_…`, `off_…`), each account is given its own.

In the environment: API_SITE, API_AS (nobody, traveller or admin), API_ADMIN (a token that gives roles), API_DAY (when flights are on sale),
API_SEEN (where to write which statuses each operation answered).
"""

import atexit
import collections
import itertools
import json
import os
import re
import threading
import urllib.error
import urllib.request

import schemathesis
from schemathesis.generation.meta import TestPhase

SITE = os.environ["API_SITE"]
ROLE = os.environ["API_AS"]
DAY = os.environ["API_DAY"]
PASSWORD = "monsoon over malabar"
# So many that none of them asks too often.
ACCOUNTS = 12
ID = re.compile(r"\b([a-z]{3})_[0-9A-Za-z_-]{6,}")
# An example's day, which is over or not on sale yet.
EXAMPLE_DAY = "2026-12-01"
# What ends the sign-in that the others still need is asked by an account of its own.
ENDS_A_SIGN_IN = {
    ("POST", "/api/v1/logout"),
    ("DELETE", "/api/v1/me"),
    ("DELETE", "/api/v1/me/sessions"),
    ("DELETE", "/api/v1/me/sessions/{id}"),
    ("POST", "/api/v1/me/second-factors/{id}/confirm"),
    ("POST", "/api/v1/me/password"),
}

numbers = itertools.count(1)
lock = threading.RLock()
of_the_airline = {}
seen = collections.defaultdict(collections.Counter)


def another_address():
    number = next(numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def ask(method, path, body=None, token=None):
    headers = {"Content-Type": "application/json", "X-Forwarded-For": another_address()}
    headers["Idempotency-Key"] = f"{ROLE}-{os.getpid()}-{next(numbers)}"
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{SITE}/api/v1{path}", data, headers, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


class Account:
    """Somebody who is signed in, and by its kind the newest thing of theirs."""

    def __init__(self, admin=False):
        email = f"{ROLE}-{os.getpid()}-{next(numbers)}@api.example"
        login = {"email": email, "password": PASSWORD}
        ask("POST", "/register", {**login, "name": "Asha Rao"})
        self.token = ask("POST", "/login", login)["access_token"]
        # What staff have is the airline's.
        self.has = of_the_airline if admin else {}
        self.id = ask("GET", "/profile", token=self.token)["id"]
        if admin:
            ask("PATCH", f"/admin/accounts/{self.id}", {"role": "admin"}, os.environ["API_ADMIN"])
            # Another role ends the sessions that had the old one.
            self.token = ask("POST", "/login", login)["access_token"]
        self.buy()

    def buy(self):
        """A booking that is paid, and one that is not."""
        found = ask("GET", f"/search?origin=ABE&destination=ATL&date={DAY}")["itineraries"][0]
        person = {"type": "adult", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}
        body = {"offer_id": found["offer_id"], "passengers": [person], "contact": {"email": "asha@example.com"}}
        for pays in [True, False]:
            booking = ask("POST", "/bookings", body, self.token)
            if pays:
                method = {"type": "card", "token": "pm_card_visa"}
                self.learn(ask("POST", "/payments", {"booking_id": booking["id"], "method": method}, self.token))
        self.learn(found)
        self.learn(booking)

    def learn(self, answer):
        for found in ID.finditer(json.dumps(answer)):
            self.has[found[1]] = found[0]

    def own(self, value):
        """The same request, about what is there."""
        if isinstance(value, dict):
            return {name: self.own(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.own(member) for member in value]
        if value == EXAMPLE_DAY:
            return DAY
        kind = ID.fullmatch(value) if isinstance(value, str) else None
        return self.has.get(kind[1], value) if kind else value


class Accounts:
    """Some, taken in turn; a new one where one is signed in no longer."""

    def __init__(self):
        self.all = collections.deque()

    def next(self):
        with lock:
            if len(self.all) < ACCOUNTS:
                self.all.append(Account(admin=ROLE == "admin"))
            self.all.rotate()
            return self.all[0]

    def of(self, case):
        token = case.headers.get("Authorization", "").removeprefix("Bearer ")
        with lock:
            return next((account for account in self.all if account.token == token), None)

    def forget(self, account):
        with lock:
            if account in self.all:
                self.all.remove(account)


accounts = Accounts()
of_this_thread = threading.local()
# Roles and second factors are taken from one who has no others to look after.
victim = Account() if ROLE == "admin" else None


class Caller:
    """What is done in several steps is done by one account."""

    def get(self, case, context):
        if (case.operation.method.upper(), case.operation.path) in ENDS_A_SIGN_IN:
            return Account(admin=ROLE == "admin").token
        if case.meta is None or case.meta.phase.name != TestPhase.STATEFUL:
            return accounts.next().token
        if getattr(of_this_thread, "account", None) not in accounts.all:
            of_this_thread.account = accounts.next()
        return of_this_thread.account.token

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


if ROLE != "nobody":
    schemathesis.auth(refresh_interval=None)(Caller)


@schemathesis.hook
def before_call(context, case, kwargs):
    case.headers["X-Forwarded-For"] = another_address()
    account = accounts.of(case)
    if account is None:
        return
    if case.path_parameters:
        case.path_parameters = account.own(case.path_parameters)
    if case.query:
        case.query = account.own(case.query)
    if isinstance(case.body, dict):
        case.body = account.own(case.body)
    # Names of people found elsewhere are tried as names of programs, which lie open by right.
    if case.operation.path.startswith("/api/v1/admin/clients") and isinstance(case.body, dict):
        if "Asha" in str(case.body.get("name")):
            case.body["name"] = "Agency"
    if victim and case.operation.path.startswith("/api/v1/admin/accounts/{id}") and case.operation.method != "get":
        case.path_parameters["id"] = victim.id


@schemathesis.hook
def after_call(context, case, response):
    seen[case.operation.label][response.status_code] += 1
    account = accounts.of(case)
    if account is None:
        return
    if response.status_code == 401:
        accounts.forget(account)
    elif response.status_code < 300:
        try:
            account.learn(response.json())
        except ValueError:
            pass


@atexit.register
def tell():
    with open(os.environ["API_SEEN"], "w") as file:
        json.dump(seen, file)
