"""Asks nigiri (PyPI: pynigiri) the questions that crates/itinerary/benches/nigiri has answered, on the same GTFS feed,
and compares answers and CPU time. bench/README.md has the question and what the figures mean.

usage: compare.py FEED.zip ANSWERS.csv"""

import contextlib
import csv
import datetime
import io
import os
import sys
import time
import zipfile
from collections import Counter, defaultdict
from statistics import mean

import pynigiri

DAY = 24 * 60
MAX_MINUTES = 36 * 60
MAX_STOPS = 2
RUNS = 3  # as often as ours; the least time counts


class Feed:
    """The flights of the feed, to say of each difference who is right."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as archive:
            def rows(name):
                return csv.DictReader(io.TextIOWrapper(archive.open(name), "utf-8"))

            dates = {row["trip_id"]: row["service_id"] for row in rows("trips.txt")}
            self.minimum = {row["from_stop_id"]: int(row["min_transfer_time"]) // 60 for row in rows("transfers.txt")}
            self.leaving = defaultdict(list)
            times = rows("stop_times.txt")
            for first, last in zip(times, times):
                start = midnight(dates[first["trip_id"]])
                departs, arrives = start + minutes(first["departure_time"]), start + minutes(last["arrival_time"])
                self.leaving[first["stop_id"]].append((departs, arrives, last["stop_id"]))
        self.first, self.last = min(dates.values()), max(dates.values())

    def exists(self, origin, destination, journey):
        """Whether flights make up the journey: nested loops over the feed, nothing shared with either engine."""
        departs, arrives, stops = journey
        first = [(at, place, {origin}) for start, at, place in self.leaving[origin] if start == departs]
        for _ in range(stops):
            first = [
                (landing, there, been | {place})
                for at, place, been in first
                if place != destination
                for start, landing, there in self.leaving[place]
                if start >= at + self.minimum[place] and landing <= arrives and there not in been | {place}
            ]
        return any((at, place) == (arrives, destination) for at, place, _ in first)


def minutes(clock):
    hours, minute, _ = clock.split(":")
    return int(hours) * 60 + int(minute)


def midnight(date):
    at = datetime.datetime.strptime(date, "%Y%m%d").replace(tzinfo=datetime.timezone.utc)
    return int(at.timestamp()) // 60


def load(path, feed):
    """The timetable, with room behind the last departures."""
    end = datetime.datetime.strptime(feed.last, "%Y%m%d") + datetime.timedelta(days=3)
    start = datetime.datetime.strptime(feed.first, "%Y%m%d")
    source = pynigiri.TimetableSource("udaan", path)
    with without_log():
        return pynigiri.load_timetable([source], start.strftime("%Y-%m-%d"), end.strftime("%Y-%m-%d"))


@contextlib.contextmanager
def without_log():
    """nigiri tells each of fifty steps on the standard error, past Python's own."""
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)


def question(origin, destination, start):
    query = pynigiri.Query()
    query.start_time = start
    query.start = [pynigiri.Offset(origin, 0, 0)]
    query.destination = [pynigiri.Offset(destination, 0, 0)]
    query.max_transfers = MAX_STOPS
    query.max_travel_time = MAX_MINUTES
    query.start_match_mode = query.dest_match_mode = pynigiri.LocationMatchMode.EXACT
    query.use_start_footpaths = False
    return query


def ask(timetable, query):
    """The answer, and the least CPU time in microseconds."""
    least = float("inf")
    for _ in range(RUNS):
        start = time.thread_time_ns()
        journeys = pynigiri.route(timetable, query)
        least = min(least, (time.thread_time_ns() - start) / 1e3)
    return {(j.departure_time(), j.arrival_time(), j.transfers) for j in journeys}, least


def beats(a, b):
    return a != b and a[0] >= b[0] and a[1] <= b[1] and a[2] <= b[2]


def explain(feed, origin, destination, theirs, ours):
    """A reason for each journey that one side alone has."""
    alone = {"ours": ours - theirs, "nigiri": theirs - ours}
    flown = {side: {j for j in journeys if feed.exists(origin, destination, j)} for side, journeys in alone.items()}
    for side, other in (("ours", "nigiri"), ("nigiri", "ours")):
        for journey in sorted(alone[side]):
            if journey not in flown[side]:
                yield journey, side, "no flights make it up"
            elif any(beats(better, journey) for better in flown[other]):
                yield journey, side, f"flies, but {other} has a better one"
            elif any(beats(journey, worse) for worse in flown[other]):
                yield journey, side, f"flies, and beats what {other} has instead"
            else:
                yield journey, side, f"flies, and {other} has nothing like it"


def show(journey):
    departs, arrives, stops = journey
    clock = [datetime.datetime.fromtimestamp(at * 60, datetime.timezone.utc).strftime("%d %H:%M") for at in (departs, arrives)]
    return f"{clock[0]} to {clock[1]} UTC, {stops} stops"


def quantile(times, part):
    return sorted(times)[int((len(times) - 1) * part)]


def compare(mix, rows, timetable, feed, table):
    places = {}

    def place(code):
        return places.setdefault(code, timetable.find_location(code))

    theirs_us, ours_us, same, reasons, examples, journeys = [], [], 0, Counter(), [], 0
    for _, origin, destination, start, micros, answer in rows:
        start = int(start)
        ends = place(origin), place(destination)
        theirs, least = ask(timetable, question(*ends, (start, start + DAY)))
        theirs_us.append(least)
        ours_us.append(float(micros))
        ours = {tuple(map(int, journey.split(":"))) for journey in answer.split()}
        # nigiri also lets a journey beat one that departs earlier, though it departs after the window itself.
        later, _ = ask(timetable, question(*ends, start + DAY))
        ours = {b for b in ours if not any(a[1] <= b[1] and a[2] <= b[2] for a in later)}
        journeys += len(ours)
        same += theirs == ours
        for journey, side, why in explain(feed, origin, destination, theirs, ours):
            reasons[f"only {side}: {why}"] += 1
            examples.append(f"  {origin}-{destination} {show(journey)}; only {side}: {why}")
    ratio = sum(theirs_us) / sum(ours_us)
    print(f"{mix}: {len(rows)} questions, {same} answers identical, {len(rows) - same} different; {journeys} journeys")
    for why, count in sorted(reasons.items()):
        print(f"  {count} journeys {why}")
    for example in examples[:20]:
        print(example)
    table.append(
        f"| {mix} | {len(rows)} | {same} | {quantile(ours_us, .5):.0f} | {quantile(ours_us, .99):.0f} | {mean(ours_us):.0f} "
        f"| {quantile(theirs_us, .5):.0f} | {quantile(theirs_us, .99):.0f} | {mean(theirs_us):.0f} | {ratio:.1f} |"
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    feed = Feed(sys.argv[1])
    start = time.process_time()
    timetable = load(sys.argv[1], feed)
    print(f"nigiri loaded {timetable.n_transports()} transports in {time.process_time() - start:.1f} s of CPU")
    mixes = defaultdict(list)
    with open(sys.argv[2], newline="") as answers:
        for row in csv.reader(answers):
            mixes[row[0]].append(row)
    table = []
    for mix, rows in mixes.items():
        compare(mix, rows, timetable, feed, table)
    print("\n| mix | questions | identical | ours p50 µs | p99 | mean | nigiri p50 µs | p99 | mean | nigiri / ours |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    print("\n".join(table))


main()
