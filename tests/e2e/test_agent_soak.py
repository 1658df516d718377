# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent among processes that come and go: nothing leaks, nothing is lost, nothing stale.

SOAK_SECONDS: how long; 60 unless set, half an hour for a release.
"""

import os
import statistics
import time
from pathlib import Path

import pytest
from node_agent import NodeAgent
from otlp_sink import sink
from programs import Program, built
from received import Received

SOAK_S = float(os.environ.get("SOAK_SECONDS", "60"))
DELTA_S = min(SOAK_S, 20)
INTERVAL_S = 1
PROCESSES = 12  # at a time; some thirty a second come and go
EXPORT_S = 30   # an export is not late for longer on any machine
MAX_GROWTH_BYTES = 1 << 20
NAME = f"churn-{os.getpid()}"  # no other run's


class Stale:
    """Series of processes that ended two intervals ago, and the one in which that was seen."""

    def __init__(self):
        self.ended = {}  # pid: how many exports there were when it was shown though ended

    def look(self, samples, now):
        shown = {int(sample.labels["process_pid"]) for sample in samples
                 if sample.name.startswith(("event_loop_", "process_"))}
        ended = {pid for pid in shown if not Path(f"/proc/{pid}").exists()}
        self.ended = {pid: self.ended.get(pid, now) for pid in ended}
        late = {pid: now - since for pid, since in self.ended.items() if now - since > 3}
        assert not late, f"series of processes that ended so many exports ago: {late}"
        return len(shown)


class Usage:
    """Descriptors and memory, each time just after an export."""

    def __init__(self, agent):
        self.agent = agent
        self.descriptors = []
        self.rss = []

    def look(self):
        # what is open for a moment only is not there three times
        self.descriptors.append(min(self.agent.nr_descriptors() for _ in range(3)))
        self.rss.append(self.agent.rss_bytes())

    def check(self, figures):
        """The last quarter against the second one: what grows is warm by then."""
        quarter = len(self.rss) // 4
        second, last = slice(quarter, 2 * quarter), slice(-quarter, None)
        figures.at_most("descriptors", statistics.median(self.descriptors[last]),
                        statistics.median(self.descriptors[second]), source="earlier")
        figures.at_most("memory", statistics.median(self.rss[last]),
                        statistics.median(self.rss[second]), "B", by=MAX_GROWTH_BYTES,
                        source="earlier")


def settings(endpoint, temporality):
    return {
        "targets": [{"name": "churn", "include": [{"comm": NAME}]}],
        "export": {"interval_ms": INTERVAL_S * 1000, "temporality": temporality,
                   "otlp": {"endpoint": endpoint}},
    }


@pytest.mark.timeout(SOAK_S + 300)
@pytest.mark.parametrize("temporality, duration_s", [("cumulative", SOAK_S), ("delta", DELTA_S)])
def test_soak(tmp_path, figures, temporality, duration_s):
    received, stale, nr_shown = Received(), Stale(), []
    with sink(received.take) as receiver, \
         NodeAgent(tmp_path, settings(receiver.endpoint, temporality)) as agent, \
         Program(built("churn"), PROCESSES, os.getpid()) as churn:
        usage = Usage(agent)
        churn.hear("ready")
        churn.start()
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            assert receiver.wait_more(1, EXPORT_S), agent.log.read_text()
            nr_shown.append(stale.look(agent.metrics(), len(receiver.requests)))
            usage.look()
        truth = churn.stop()
        # the interval in which the last one ended, and two that are shown in whole
        assert receiver.wait_more(3, EXPORT_S), agent.log.read_text()
        assert stale.look(agent.metrics(), len(receiver.requests)) == 0
        lost = agent.value("loopscope_records_lost_total")
        assert agent.value("loopscope_records_total") > 0
        agent.stop()
    print(agent.log.read_text())
    assert max(nr_shown) >= PROCESSES
    figures.at_most("records lost", lost, 0, source="aim")
    for name in ("iterations", "events"):
        figures.near(name, received.total(f"event_loop.{name}"), truth[name])
    figures.near("processes", len(received.processes), truth["processes"])
    usage.check(figures)
