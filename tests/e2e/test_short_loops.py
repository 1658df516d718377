# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that live from 5 ms to a second: each is counted, and all that it did.

Half the processes get the number of an earlier one again, where that can be had, and so do their
loops: what tells them apart then is when they started.
"""

import os
import time
from collections import Counter

import pytest
import servers
from node_agent import NodeAgent
from otlp_sink import sink
from programs import Program, built
from received import Received
from running import top
from watch import Watch

RATES = [17, 0]  # processes a second: a thousand a minute, as many as the machine can
LOAD_S = 5
INTERVAL_MS = 500
NAME = f"short-{os.getpid()}"  # no other run's


class ShortLoops(Program):
    def __init__(self, rate):
        super().__init__(built("short_loops"), NAME, rate, os.getpid())

    def __enter__(self):
        super().__enter__()
        self.hear("ready")
        return self

    def work(self):
        self.start()
        time.sleep(LOAD_S)
        return self.stop()


def iterations_of(truth):
    return sum(row[2] for row in truth["loops"])


def events_of(truth):
    return sum(row[3] for row in truth["loops"])


@pytest.mark.parametrize("rate", RATES)
def test_report(figures, rate):
    with ShortLoops(rate) as program, Watch("--comm", NAME) as watch:
        truth = program.work()
        report = watch.finish()
    report.check_nothing_lost()
    figures.note("loops", len(report.loops), len(truth["loops"]))
    figures.note("processes with a number again", truth["reused"], truth["processes"])
    assert all(loop["ended"] for loop in report.loops)
    reported = Counter((loop["pid"], loop["tid"], loop["iterations"], loop["events"])
                       for loop in report.loops)  # fmt: skip
    assert reported == Counter(tuple(row[:4]) for row in truth["loops"])
    check_busy(report, truth)


def check_busy(report, truth):
    """What came after the last wait included, which only the last window tells of."""
    least = {tuple(row[:4]): row[4] for row in truth["loops"]}
    if len(least) < len(truth["loops"]):
        least = only_once(truth["loops"])
    for loop in report.loops:
        ns = least.get((loop["pid"], loop["tid"], loop["iterations"], loop["events"]), 0)
        assert loop.busy_ms * 1e6 >= 0.99 * ns, (ns, loop)


def only_once(rows):
    """Of loops that the other figures tell apart."""
    times = Counter(tuple(row[:4]) for row in rows)
    return {tuple(row[:4]): row[4] for row in rows if times[tuple(row[:4])] == 1}


def test_windows():
    """Each loop is shown in one window at least, the one in which it ended included."""
    with ShortLoops(rate=50) as program, \
         top("--all", "-n", 1_000_000) as shown:  # fmt: skip
        servers.await_true(lambda: shown.lines, "it does not watch")
        truth = program.work()
        ended = len(shown.lines)
        servers.await_true(lambda: any(line.startswith("TIME") for line in shown.lines[ended:]) or
                           len(shown.lines) > ended, "no window")
        assert shown.interrupt() == 0, shown.errors
    words = [line.split() for line in shown.lines if not line.startswith("TIME")]
    loops = {(int(word[1]), int(word[2])) for word in words}
    assert {(row[0], row[1]) for row in truth["loops"]} <= loops


def settings(endpoint, temporality):
    return {
        "targets": [{"name": "short", "include": [{"comm": NAME}]}],
        "export": {"interval_ms": INTERVAL_MS, "temporality": temporality,
                   "otlp": {"endpoint": endpoint}},
    }  # fmt: skip


def nr_named(received):
    """Loops that have series of their own."""
    return len({series[1:] for series in received.values if series[2] is not None})


@pytest.mark.parametrize("away", [False, True], ids=["reached", "away"])
@pytest.mark.parametrize("temporality", ["cumulative", "delta"])
def test_agent(tmp_path, figures, temporality, away):
    """A receiver gets what all of them did, by name or, where it was away, of the departed."""
    received = Received()
    with sink(received.take) as receiver, \
         NodeAgent(tmp_path, settings(receiver.endpoint, temporality)) as agent, \
         ShortLoops(rate=200) as program:  # fmt: skip
        receiver.away = away
        truth = program.work()
        receiver.away = False
        # the one under way, the one in which the last of them ended, and one beyond
        assert receiver.wait_more(3, servers.PATIENCE_S), agent.log.read_text()
        lost = agent.value("loopscope_records_lost_total")
        departed = agent.value("loopscope_series_overflown_total")
        agent.stop()
    figures.at_most("records lost", lost, 0, source="aim")
    figures.near("iterations", received.total("event_loop.iterations"), iterations_of(truth))
    figures.near("events", received.total("event_loop.events"), events_of(truth))
    # of deltas a loop may have had some under its own name before it departs
    hold = figures.near if temporality == "cumulative" else figures.at_least
    hold("loops, by name or departed", nr_named(received) + departed, len(truth["loops"]))
    if away:
        figures.at_least("departed", departed, len(truth["loops"]) // 2)
