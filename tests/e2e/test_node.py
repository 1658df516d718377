# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Node, against performance.eventLoopUtilization() and uvMetricsInfo."""

import contextlib
import shutil
import time

import programs
import pytest
import servers
from node_counters import compare, grown
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
    return report, grown(before, after)


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


def test_commands(figures):
    """
    spawnSync() runs another loop, on a descriptor of its own, in the same thread: to the
    loop it is a callback that is held up, and Node says so too.
    """
    with node("commands") as program:
        report, own = observe(program, lambda: time.sleep(SPAN_S))
    loop = report.thread(program.pid)
    compare(figures, loop, own)
    asleep_ms = sum(loop.syscall(name)[1] for name in ("epoll_wait", "epoll_pwait"))
    awake_ms = asleep_ms + loop.time_ms["runqueue"]
    figures.at_least("in epoll_wait", awake_ms, 30 * own["waits"], "ms", source="sleep 0.03")
    figures.at_most("in epoll_wait", asleep_ms, own["waited_ms"], "ms", rel=0.01, source="waits")
