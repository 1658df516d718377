# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The trace event format as its readers take it, checked in full: Perfetto's own reader is on no
package registry."""

from collections import defaultdict

NUMBER = (int, float)
KEYS = {
    "M": {"ph", "pid", "tid", "name", "args"},
    "X": {"ph", "pid", "tid", "name", "cat", "ts", "dur"},
    "i": {"ph", "pid", "tid", "name", "cat", "ts", "s", "args"},
}
OPTIONAL = {"X": {"args"}}
METADATA = {"process_name", "thread_name"}
ROUNDING_US = 0.002  # times are printed to the nanosecond


def check_event(event):
    kind = event["ph"]
    missing = KEYS[kind] - set(event)
    extra = set(event) - KEYS[kind] - OPTIONAL.get(kind, set())
    assert not missing and not extra, (event, missing, extra)
    assert isinstance(event["pid"], int) and isinstance(event["tid"], int), event
    assert isinstance(event["name"], str) and isinstance(event.get("args", {}), dict), event
    if kind == "M":
        assert event["name"] in METADATA and isinstance(event["args"]["name"], str), event
        return
    assert isinstance(event["ts"], NUMBER) and event["ts"] >= 0, event
    assert kind != "i" or event["s"] == "t", event
    assert kind != "X" or isinstance(event["dur"], NUMBER) and event["dur"] >= 0, event


def check_nesting(slices):
    """Of one track: two of them are one within the other, or apart."""
    within = []
    for each in sorted(slices, key=lambda each: (each["ts"], -each["dur"])):
        begin, end = each["ts"], each["ts"] + each["dur"]
        while within and within[-1] <= begin + ROUNDING_US:
            within.pop()
        assert not within or end <= within[-1] + ROUNDING_US, each
        within.append(end)


def checked(document):
    """The document's events by track, each track's name first known."""
    assert set(document) == {"displayTimeUnit", "otherData", "traceEvents", "eventsLeftOut"}
    assert document["displayTimeUnit"] == "ms"
    named, tracks = set(), defaultdict(list)
    for event in document["traceEvents"]:
        check_event(event)
        track = event["pid"], event["tid"]
        if event["ph"] == "M":
            named.add((*track, event["name"]))
        else:
            assert {(*track, name) for name in METADATA} <= named, event
            tracks[track].append(event)
    for events in tracks.values():
        check_nesting([event for event in events if event["ph"] == "X"])
    return tracks
