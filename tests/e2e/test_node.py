# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Node, against performance.eventLoopUtilization() and uvMetricsInfo."""

import contextlib
import shutil
import time

import programs
import pytest
import servers
from watch import Watch

SPAN_S = 2
PROGRAM = programs.APPS / "node_loop.js"

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


@contextlib.contextmanager
def node(work):
    with programs.Program("node", PROGRAM, work) as program:
        program.port = program.hear("ready")["port"]
        yield program


def observe(program, load):
    """(report, the program's counters over the span of the load)"""
    with Watch("-p", program.pid) as watch:
        before = program.start()
        load()
        after = program.stop()
        report = watch.finish()
    report.check_nothing_lost()
    return report, {key: after[key] - before[key] for key in after if after[key] is not None}


def compare(figures, loop, own):
    """
    What loopscope saw before `start` and after `stop` was poll: so busy time is
    that of the span, and its share of the span is to be what Node says it is.
    """
    span_ms = own["idle_ms"] + own["active_ms"]
    figures.near(
        "utilization",
        100 * loop.busy_ms / span_ms,
        100 * own["active_ms"] / span_ms,
        "%",
        by=1,
        source="eventLoopUtilization",
    )
    if "loop_count" in own:
        # `start` and `stop` themselves are iterations, of which the span has one
        figures.near(
            "iterations",
            loop["iterations"],
            own["loop_count"],
            rel=0.02,
            by=4,
            source="loopCount",
        )
    figures.note("events", loop["events"], own.get("events", 0), source="uvMetricsInfo.events")


@pytest.mark.parametrize("work", ["idle", "timers", "ticks", "slices", "files", "blocking"])
def test_work(figures, work):
    with node(work) as program:
        report, own = observe(program, lambda: time.sleep(SPAN_S))
    loop = report.thread(program.pid)
    assert loop["runtime"] == "node"
    compare(figures, loop, own)
    if work == "blocking":
        sleeps, asleep_ms = loop.syscall("futex")
        figures.at_least("futex sleeps", sleeps, own["waits"], source="waits")
        figures.at_least("in futex", asleep_ms, 5 * own["waits"], "ms", rel=0.01, source="timeouts")
        figures.at_most("in futex", asleep_ms, own["waited_ms"], "ms", rel=0.01, source="waits")
        figures.near("lock", loop.time_ms["lock"], asleep_ms, "ms", rel=0.001, source="in futex")


@pytest.mark.parametrize("path", ["/", "/work"])
def test_http_load(figures, path):
    with node("idle") as program:
        url = f"http://127.0.0.1:{program.port}{path}"
        report, own = observe(program, lambda: servers.wrk(url, SPAN_S, connections=10))
    compare(figures, report.thread(program.pid), own)


def test_http_and_timers(figures):
    with node("timers") as program:
        url = f"http://127.0.0.1:{program.port}/"
        report, own = observe(program, lambda: servers.wrk(url, SPAN_S, connections=2))
    compare(figures, report.thread(program.pid), own)


def test_worker_thread(figures):
    """A worker has a loop and an eventLoopUtilization() of its own."""
    with node("worker:timers") as program:
        report, own = observe(program, lambda: time.sleep(SPAN_S))
    others = [loop for loop in report.loops if loop["tid"] != program.pid]
    compare(figures, max(others, key=lambda loop: loop.busy_ms), own)


def test_immediates(figures):
    """The shortest iterations that Node can make: a poll with timeout 0 is no rest."""
    with node("immediates") as program:
        report, own = observe(program, lambda: time.sleep(SPAN_S))
    compare(figures, report.thread(program.pid), own)
