# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A loop that stalls in every iteration: all are counted, few are told of; memory is bounded."""

import json
import sys

import servers
from node_agent import NodeAgent
from otlp_sink import sink
from programs import APPS, Program
from received_logs import ReceivedLogs

INTERVAL_MS = 500
NR_STALLS = 1500
SPIN_MS = 4
THRESHOLD_MS = 2
PER_MINUTE, STACKS_PER_MINUTE, LOGS_PER_MINUTE = 30, 40, 20
MINUTES = 2  # that the test may be in at most, in part
SYMBOLS_MAX_BYTES = 192 << 20
MAX_GROWTH_BYTES = 8 << 20
SEEN = ("stalls_total", "stalls_held_back_total", "stacks_total", "stacks_held_back_total",
        "records_lost_total", "symbols_memory_rss_bytes", "symbols_restarts_total",
        "symbols_cpu_time_seconds_total", "logs_records_total",
        "logs_dropped_total")


def settings(endpoint):
    return {
        "targets": [{"name": "storm", "include": [{"comm": "storm"}]}],
        "thresholds": {"blocking_ms": THRESHOLD_MS},
        "export": {"interval_ms": INTERVAL_MS, "otlp": {"endpoint": endpoint}},
        "stalls": {"per_minute": PER_MINUTE, "stacks_per_minute": STACKS_PER_MINUTE,
                   "logs_per_minute": LOGS_PER_MINUTE},
    }


def test_ceilings_hold(tmp_path, figures):
    received = ReceivedLogs()
    python = tmp_path / "storm"
    python.symlink_to(sys.executable)
    script = json.dumps([["idle", 20]] + [["spin", SPIN_MS]] * NR_STALLS)
    with sink(take_logs=received.take) as receiver, \
         Program(python, APPS / "asyncio_loop.py", script) as storm:
        storm.hear("ready")
        with NodeAgent(tmp_path, settings(receiver.endpoint)) as agent:
            agent.await_loops(storm.pid)
            before = agent.rss_bytes()
            storm.start()
            storm.stop()

            def told():
                # counted at the end of an interval
                return agent.value("event_loop_blocking_calls_total") >= NR_STALLS

            def accounted():
                # told of once their stacks have names; all others were held back
                return (agent.value("loopscope_stalls_total") +
                        agent.value("loopscope_stalls_held_back_total")
                        == agent.value("event_loop_blocking_calls_total"))

            servers.await_true(told, "not all stalls are counted")
            servers.await_true(accounted, "stalls neither told of nor held back")
            after = agent.rss_bytes()
            seen = {name: agent.value(f"loopscope_{name}") for name in SEEN}
            nr_stalls = agent.value("event_loop_blocking_calls_total")
            agent.stop()
    print(seen, agent.log.read_text())
    figures.at_least("stalls told of", seen["stalls_total"], 1)
    figures.at_most("stalls told of", seen["stalls_total"], MINUTES * PER_MINUTE)
    figures.near("stalls held back", seen["stalls_held_back_total"],
                 nr_stalls - seen["stalls_total"])
    figures.at_most("stacks", seen["stacks_total"], MINUTES * STACKS_PER_MINUTE)
    figures.at_most("log records", len(received.records), MINUTES * LOGS_PER_MINUTE)
    figures.at_least("log records", len(received.records), 1)
    figures.at_most("records lost", seen["records_lost_total"], 0)
    figures.at_most("memory", after, before, "B", by=MAX_GROWTH_BYTES, source="before")
    figures.at_most("memory of symbols", seen["symbols_memory_rss_bytes"], SYMBOLS_MAX_BYTES, "B")
    figures.at_most("restarts", seen["symbols_restarts_total"], 0)
