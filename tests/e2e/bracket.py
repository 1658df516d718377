# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Compares spans that cannot start and end at the same instant.

A program's counters are read four times: before loopscope attaches, once it
watches, before it is told to stop, and after it has ended. What it saw lies
between the change over the inner span and the change over the outer one.
"""

# What entering and leaving a wait call takes between the kernel's instant and the program's.
EDGES_MS = 0.002
FEW = 50  # iterations, of which a single edge, delayed by an interrupt, may be that of all

STALL_MS = 50


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


def compare_waits(figures, bracket, loop, name="", merged=0.0):
    """
    Holds a loop against its own log of its wait calls. A thread that loses its
    CPU at the edge of a call is busy to the kernel; its own clock cannot tell.
    `merged` is the share of iterations that may be taken for the start of the next ones.
    """
    waited_ms = loop.time_ms["runqueue"] + loop.time_ms["cpu_quota"]

    def within(figure, value, low, high, unit="", by=0.0):
        inner, outer = bracket.inner(value), bracket.outer(value)
        figures.at_least(f"{name}{figure}", high, inner, unit, by=by, source="log, inner")
        figures.at_most(f"{name}{figure}", low, outer, unit, by=by, source="log, outer")

    for figure in ("iterations", "events"):
        seen = loop[figure]
        by = max(1, merged * seen) if figure == "iterations" else 1
        within(figure, lambda log, figure=figure: getattr(log, figure), seen, seen, by=by)
    stalls = loop["stalls"]
    own_stalls = max(0, stalls - waited_ms // STALL_MS)
    within("stalls", lambda log: log.stalls, own_stalls, stalls)
    within(
        "busy",
        lambda log: log.busy_ns / 1e6,
        loop.busy_ms - waited_ms,
        loop.busy_ms,
        "ms",
        by=max(EDGES_MS * max(FEW, loop["iterations"]), loop.busy_ms / 100),
    )
