"""Reads calendar files with the package icalendar: a line on standard input is a file as a JSON string, the line that answers it is what
the file says, as JSON: its method, and of each event what programs go by. What breaks RFC 5545 is an error."""

import json
import sys

from icalendar import Calendar


def said(event):
    if event.errors:
        sys.exit(f"{event.errors}")
    text = {name: str(event[name]) for name in ("UID", "STATUS", "SUMMARY", "DESCRIPTION", "LOCATION", "ORGANIZER") if name in event}
    times = {name: event[name].dt.strftime("%Y-%m-%dT%H:%M:%SZ") for name in ("DTSTAMP", "DTSTART", "DTEND")}
    return {**text, **times, "SEQUENCE": int(event["SEQUENCE"]), "CN": event["ORGANIZER"].params["CN"]}


for line in sys.stdin:
    calendar = Calendar.from_ical(json.loads(line))
    print(json.dumps({"METHOD": str(calendar["METHOD"]), "events": [said(event) for event in calendar.walk("VEVENT")]}))
