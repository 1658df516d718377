# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Compares spans that cannot start and end at the same instant.

A program's counters are read four times: before loopscope attaches, once it
watches, before it is told to stop, and after it has ended. What it saw lies
between the change over the inner span and the change over the outer one.
"""

# What the edges of a wait call cost, between the kernel's instant and the program's.
EDGE_MS = 0.002


class Bracket:
    def __init__(self, read):
        self.read = read
        self.readings = [read()]

    def mark(self):
        self.readings.append(self.read())

    def inner(self, value):
        return value(self.readings[2]) - value(self.readings[1])

    def outer(self, value):
        return value(self.readings[3]) - value(self.readings[0])


def compare_waits(figures, bracket, loop, name=""):
    """Holds a loop against its own log of its wait calls."""

    def within(figure, seen, value, unit, by):
        low, high = bracket.inner(value), bracket.outer(value)
        figures.at_least(f"{name}{figure}", seen, low, unit, by=by, source="log, inner")
        figures.at_most(f"{name}{figure}", seen, high, unit, by=by, source="log, outer")

    edges = EDGE_MS * loop["iterations"]
    within("iterations", loop["iterations"], lambda log: log.iterations, "", 1)
    within("events", loop["events"], lambda log: log.events, "", 1)
    within("stalls", loop["stalls"], lambda log: log.stalls, "", 0)
    busy = bracket.outer(lambda log: log.busy_ns) / 1e6
    within("busy", loop.busy_ms, lambda log: log.busy_ns / 1e6, "ms", max(edges, busy / 100))
