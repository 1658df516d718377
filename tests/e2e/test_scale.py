# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ten thousand loops at once: each is in the report, once, with the figures that it counted itself.

The loops rest when the window begins and when it ends, so that theirs is the same one.
"""

import os
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from programs import Program, built
from watch import Watch

NR_LOOPS = 10_000
NR_MEASURED = 200
RATE = 1    # wakes a second, of each loop
LOAD_S = 4
SPREADS = [(10, NR_LOOPS // 10), (NR_LOOPS, 1)]  # processes, loops of each
NAME = f"many-{os.getpid()}"  # no other run's


class Truth(NamedTuple):
    """What a loop counted, and measured if it is one of those that do."""

    pid: int
    tid: int
    iterations: int
    events: int
    busy_ns: int | None = None
    unsure_ns: int = 0
    stalls_least: int = 0
    stalls_most: int = 0


class Loops(Program):
    def __init__(self, nr_processes, nr_threads):
        each = nr_processes * nr_threads // NR_MEASURED
        super().__init__(built("many_loops"), NAME, nr_processes, nr_threads, RATE, each)

    def __enter__(self):
        super().__enter__()
        self.hear("ready")
        return self

    def work(self):
        """Between two rests: [Truth]."""
        self.start()
        time.sleep(LOAD_S)
        return [Truth(*row) for row in self.stop()["loops"]]


class Usage:
    """CPU time in s, and memory in MB, of a process."""

    def __init__(self, pid):
        self.pid = pid

    def cpu_s(self):
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def rss_mb(self):
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * 4096 / 1e6


def check_measured(figures, pairs):
    """Busy time and stalls of the loops that measured them."""
    beyond = [(loop, truth) for loop, truth in pairs
              if abs(loop.busy_ms * 1e6 - truth.busy_ns) > 0.01 * truth.busy_ns + truth.unsure_ns]
    figures.at_most("loops, busy time wrong", len(beyond), 0, source="log")
    wrong = [(loop, truth) for loop, truth in pairs
             if not truth.stalls_least <= loop["stalls"] <= truth.stalls_most]
    figures.at_most("loops, stalls wrong", len(wrong), 0, source="log")
    print(beyond[:3], wrong[:3])


@pytest.mark.parametrize("nr_processes, nr_threads", SPREADS)
def test_report(figures, nr_processes, nr_threads):
    with Loops(nr_processes, nr_threads) as program, Watch("--comm", NAME) as watch:
        usage = Usage(watch.process.pid)
        figures.note("CPU at start", usage.cpu_s(), 0, "s")
        truths = {(truth.pid, truth.tid): truth for truth in program.work()}
        figures.note("memory", usage.rss_mb(), 0, "MB")
        report = watch.finish()
    report.check_nothing_lost()
    figures.note("misses", report.summary["misses"], 0)
    assert len(truths) == len(report.loops) == NR_LOOPS
    pairs = [(loop, truths.pop((loop["pid"], loop["tid"]))) for loop in report.loops]
    for loop, truth in pairs:
        assert (loop["iterations"], loop["events"]) == (truth.iterations, truth.events), loop
    measured = [(loop, truth) for loop, truth in pairs if truth.busy_ns is not None]
    assert len(measured) == NR_MEASURED
    check_measured(figures, measured)
