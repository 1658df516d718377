# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A back end that is away for as long as sixty exports, and comes back.

That is ten minutes of the default interval, forty times as fast. Processes come
and go all the while, so that hundreds end which the back end has never heard of.
"""

import os
import time

import pytest

from node_agent import NodeAgent
from otlp_sink import sink
from programs import Program, built
from received import Received

INTERVAL_S = 0.25
INTERVALS_AWAY = 60
PROCESSES = 12  # at a time: some hundreds come and go meanwhile
EXPORT_S = 30
MAX_GROWTH_BYTES = 1 << 20


def settings(endpoint, temporality, seed):
    return {
        "targets": [{"name": "churn", "include": [{"comm": f"churn-{seed}"}]}],
        "export": {"interval_ms": INTERVAL_S * 1000, "temporality": temporality,
                   "otlp": {"endpoint": endpoint, "timeout_ms": 2000}},
        "metrics": {"process": False},
    }


def scrapes_meanwhile(agent, seconds):
    """Reads the agent's pages all the time; returns iterations as each of them had it."""
    end = time.monotonic() + seconds
    seen = []
    while time.monotonic() < end:
        seen.append(agent.value("loopscope_records_total"))
        time.sleep(INTERVAL_S)
    return seen


@pytest.mark.parametrize("temporality", ["cumulative", "delta"])
def test_outage(tmp_path, figures, temporality):
    received = Received()
    seed = os.getpid() + len(temporality)
    with sink(received.take) as receiver, \
         NodeAgent(tmp_path, settings(receiver.endpoint, temporality, seed)) as agent, \
         Program(built("churn"), PROCESSES, seed) as churn:
        churn.hear("ready")
        churn.start()
        assert receiver.wait_more(8, EXPORT_S), agent.log.read_text()
        before = received.total("event_loop.iterations")
        receiver.away = True
        seen = scrapes_meanwhile(agent, INTERVALS_AWAY * INTERVAL_S / 2)
        rss = agent.rss_bytes()
        seen += scrapes_meanwhile(agent, INTERVALS_AWAY * INTERVAL_S / 2)
        nr_requests = len(receiver.requests)
        growth = agent.rss_bytes() - rss
        failures = agent.value("loopscope_export_failures_total")
        receiver.away = False
        assert receiver.wait_more(2, EXPORT_S), agent.log.read_text()
        truth = churn.stop()
        agent.stop()
    print(agent.log.read_text())
    figures.at_least("failed exports", failures, 3, source="aim")
    figures.at_least("iterations before", before, 1, source="aim")
    figures.at_most("requests taken meanwhile", nr_requests, len(receiver.requests), source="all")
    # observing never paused: each scrape found more records than the one before
    pauses = sum(after <= earlier for earlier, after in zip(seen, seen[1:]))
    figures.at_most("scrapes without news", pauses, 0, by=len(seen) / 10, source="aim")
    figures.at_most("memory grown", growth, 0, "B", by=MAX_GROWTH_BYTES, source="aim")
    for name in ("iterations", "events"):
        figures.near(name, received.total(f"event_loop.{name}"), truth[name])
