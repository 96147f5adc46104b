"""Tables in Markdown: printed, and kept in results/latest.md with the time and the machine of each."""

import datetime
import json
import os
import platform

from machine import CORES

RESULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results")
TITLES = {
    "start": "From nothing to on sale",
    "booking": "A booking",
    "stored": "A booking beside many others",
    "accounts": "Accounts beside many others",
    "search": "A search",
    "build": "Building",
}


def write(name, runs, rows):
    """Adds or replaces the section of a measurement."""
    os.makedirs(RESULTS, exist_ok=True)
    path = os.path.join(RESULTS, "latest.json")
    sections = {}
    if os.path.exists(path):
        with open(path) as file:
            sections = json.load(file)
    sections[name] = {"taken": conditions(runs), "rows": rows, "runs": runs}
    with open(path, "w") as file:
        json.dump(sections, file, indent=1, ensure_ascii=False)
        file.write("\n")
    print("\n" + section(name, sections[name]), flush=True)
    texts = [section(name, sections[name]) for name in TITLES if name in sections]
    with open(os.path.join(RESULTS, "latest.md"), "w") as file:
        file.write("# Figures\n\nWritten by `./dev bench`; bench/README.md says how each is taken.\n\n")
        file.write("\n".join(texts))


def conditions(runs):
    """When and where, and how busy others kept the machine: a figure taken on a busy one is too high."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    text = f"{now}, {CORES} cores ({cpu_model()}), load {load}"
    others = [run["others"] for run in runs if run.get("others") is not None]
    return text + (f", {100 * max(others):.0f} % of the machine used by others at most" if others else "")


def cpu_model():
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def section(name, content):
    lines = [f"## {TITLES[name]}", "", content["taken"], "", "| what | figure | of which |", "|---|---|---|"]
    lines += [f"| {what} | {figure} | {note} |" for what, figure, note in content["rows"]]
    return "\n".join(lines) + "\n"
