"""The tables of a booking, of what booking.py measured."""

import report
from floor import STEPS
from machine import median

NAMES = {"hold": "Hold", "pay": "Payment", "cancel": "Cancellation with its refund"}


def booking(figures, many):
    """Writes the sections: of an empty database, or of one with `many` bookings beside an empty one."""
    if many:
        return beside_stored(figures)
    runs = figures["runs"]
    rows = [row for flights in sorted({run["flights"] for run in runs}) for row in cpu_rows(runs, flights)]
    rows += [*whole_rows(runs), *peak_rows(figures["half"]), *flush_rows(figures["one_flight"])]
    rows += left_rows(figures["left"])
    rows.append(("`udaan integrity` over all that was left", f"{figures['integrity_seconds']:.1f} s",
                 f"all invariants hold after {len(runs)} runs over HTTP and by pgbench"))  # fmt: skip
    report.write("booking", [figures | {"others": max(run["others"] for run in runs)}], rows)


def of(runs, flights):
    return [run for run in runs if run["flights"] == flights]


def ms(seconds, digits=2):
    return f"{1000 * seconds:.{digits}f} ms"


def ratio(runs, steps):
    """The median of the ratios of the runs."""
    return median([sum(run[s]["http"] for s in steps) / sum(run[s]["floor"] for s in steps) for run in runs])


def cpu_rows(runs, flights):
    chosen, rows = of(runs, flights), []
    where = "on one flight" if flights == 1 else f"on {flights:,} flights"
    for step in STEPS:
        middle = lambda name: ms(median([run[step][name] for run in chosen]))
        note = f"server {middle('server')}, gateway {middle('gateway')}, PostgreSQL {middle('database')}; "
        note += f"floor {middle('floor')}, of it PostgreSQL {middle('floor_database')}"
        note += f"; {median([run[step]['rate'] for run in chosen]):.0f} a second"
        aim = " (aim ≤ 2)" if flights == 1000 else ""
        rows.append((f"{NAMES[step]}, {where}: CPU", middle("http"), f"**{ratio(chosen, [step]):.2f}** × the floor{aim}; {note}"))
    return rows


def whole_rows(runs):
    chosen = of(runs, 1000)
    both = ("hold", "pay")
    spent = median([sum(run[step]["http"] for step in both) for run in chosen])
    return [("Hold and payment, on 1,000 flights: CPU", ms(spent), f"**{ratio(chosen, both):.2f}** × the floor")]


def peak_rows(half):
    rows = [("Peak of bookings held, paid and cancelled", f"{half['peak']:.0f} a second", "16 connections, 1,000 flights")]
    for step in STEPS:
        found = half[step]
        rows.append((f"{NAMES[step]} at half of that: p50, p99", f"{ms(found['p50'], 1)}, {ms(found['p99'], 1)}",
                     "open loop, from the time it was due"))  # fmt: skip
    return rows


def flush_rows(found):
    rows = []
    for name, alone, label, aim in (
        ("slow", "slow_alone", "with a flush of 2 ms", "aim ≥ 250; "), ("quick", "quick_alone", "with this disk's flush", ""),
    ):  # fmt: skip
        one, by_one = found[name], found[alone]
        rows.append((
            f"Holds on one flight {label}", f"{one['rate']:.0f} a second",
            f"{aim}32 connections; {one['flushes']:.2f} flushes for each, {ms(one['mean'])} in the mean; "
            f"one connection alone: {by_one['rate']:.0f} a second",
        ))  # fmt: skip
    return rows


def left_rows(left):
    rows = []
    for name, label in (("paid", "Left in PostgreSQL by a booking held and paid"), ("cancelled", "More by its cancellation")):
        grown = {table: (sum(both), both) for table, both in left[name].items()}
        most = sorted(((table, *both) for table, both in grown.items() if both[0] >= 1), key=lambda one: -one[1])
        total = sum(one[1] for one in most)
        listed = ", ".join(f"{table} {data:.0f} + {index:.0f}" for table, _, (data, index) in most)
        rows.append((label, f"{total:,.0f} bytes", f"table + indexes: {listed}"))
    return rows


def beside_stored(figures):
    load, rows = figures["load"], []
    many = f"{load['many']:,} bookings stored"
    rows.append((f"Loading {many}", f"{load['load']:.0f} s",
                 f"{load['rows']:,} rows; their indexes {load['indexes']:.0f} s more, VACUUM and checkpoint "
                 f"{load['settle']:.0f} s"))  # fmt: skip
    rows.append((f"Size of {many}", f"{load['bytes'] / 2**30:.2f} GiB", f"{load['bytes'] / load['many']:,.0f} bytes each"))
    for step in STEPS:
        middle = lambda runs, name="http": median([run[step][name] for run in runs])
        before, after = figures["runs"], figures["stored_runs"]
        rows.append((
            f"{NAMES[step]}, on 1,000 flights: CPU", ms(middle(after)),
            f"{middle(after) / middle(before):.2f} × that of an empty database ({ms(middle(before))}); "
            f"{ratio(after, [step]):.2f} × the floor, empty {ratio(before, [step]):.2f}",
        ))  # fmt: skip
    for step in STEPS:
        empty, full, checked = (figures[name][step] for name in ("half", "stored_half", "checked_half"))
        rows.append((
            f"{NAMES[step]} at half load: p50, p99", f"{ms(full['p50'], 1)}, {ms(full['p99'], 1)}",
            f"p99 **{full['p99'] / empty['p99']:.2f}** × that of an empty database (aim ≤ 1.3), which had "
            f"{ms(empty['p50'], 1)}, {ms(empty['p99'], 1)}; {ms(checked['p50'], 1)}, {ms(checked['p99'], 1)} while "
            "`udaan integrity` reads all of it",
        ))  # fmt: skip
    rows.append(("Peak of whole bookings", f"{figures['stored_half']['peak']:.0f} a second",
                 f"empty {figures['half']['peak']:.0f}"))  # fmt: skip
    rows.append(("`udaan integrity` over all of them", f"{figures['integrity_seconds']:.1f} s", "all invariants hold"))
    others = max(run["others"] for run in figures["runs"] + figures["stored_runs"])
    report.write("stored", [figures | {"others": others}], rows)
