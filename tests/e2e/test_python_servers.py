# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""uvicorn, gunicorn, Sanic and gevent under load, against their workers' own logs."""

from collections import defaultdict

import pytest
import servers
from bracket import compare_waits
from python_servers import COMMANDS, UVLOOP, PythonServer, visited
from watch import Watch

SPAN_S = 2
HOLDS = 10
ROUNDS = 8

# uvloop's polls with timeout 0 look like those by which libuv measures its idle time: of its
# iterations a few are taken for one with the next
MERGED = 0.02


@pytest.fixture(params=list(COMMANDS))
def server(request, tmp_path):
    for module in ("uvloop", "sanic", "gunicorn", "uvicorn_worker", "gevent"):
        pytest.importorskip(module)
    with PythonServer(tmp_path, request.param).serve() as running:
        yield running


def load(server):
    """{pid: [nanoseconds]} of what held each worker, while others visit."""
    held = defaultdict(list)
    with visited(server.url("hello"), SPAN_S, 50), visited(server.url("spin"), SPAN_S, 1):
        for _ in range(HOLDS):
            pid, took_ns = server.ask("hold")
            held[pid].append(took_ns)
    return held


def compare_holds(figures, loop, took_ns, name):
    """The program's clock goes on until the thread, awake, has a CPU again."""
    sleeps, asleep_ms = loop.syscall("clock_nanosleep")
    took_ms = sum(took_ns) / 1e6
    awake_ms = asleep_ms + loop.time_ms["runqueue"] + loop.time_ms["lock"]
    figures.near(f"{name}sleeps", sleeps, len(took_ns), source="answers")
    figures.at_most(f"{name}asleep", asleep_ms, took_ms, "ms", rel=0.001, source="answers")
    figures.at_least(f"{name}asleep, awake", awake_ms, took_ms, "ms", rel=0.02, source="answers")
    figures.at_least(f"{name}stalls of holds", loop["stalls"], len(took_ns), source="answers")


def come_round(brackets):
    """As often as is needed to see of threads that poll, or select, that they are loops."""
    begun = [(bracket, bracket.read().iterations) for bracket in brackets]
    servers.await_true(
        lambda: all(bracket.read().iterations >= first + ROUNDS for bracket, first in begun),
        "a worker does not come round",
    )


def watch_load(server):
    """(report, brackets of the logs, what held each worker)"""
    brackets = {each: server.bracket(*each) for each in server.threads()}

    def mark():
        for bracket in brackets.values():
            bracket.mark()

    with Watch("-p", server.pid) as watch:
        if server.family != "epoll":
            come_round(brackets.values())
        mark()
        held = load(server)
        mark()
        report = watch.finish()
    mark()
    report.check_nothing_lost()
    return report, brackets, held


def test_load(server, figures):
    """Every thread that waits by epoll is a loop, with figures of its own; no other is."""
    report, brackets, held = watch_load(server)
    # a process may own an eventpoll that it never waits on: Sanic's first one polls a pipe
    seen = [loop for loop in report.loops if loop["state"] != "unseen"]
    assert {(loop["pid"], loop["tid"]) for loop in seen} == set(brackets)
    assert set(held) <= set(server.workers()) and sum(map(len, held.values())) == HOLDS
    for number, ((pid, tid), bracket) in enumerate(brackets.items()):
        loop = report.thread(tid)
        assert (loop["runtime"], loop["wait_family"]) == ("python", server.family)
        merged = MERGED if server.name in UVLOOP else 0
        compare_waits(figures, bracket, loop, f"loop {number} ", merged=merged)
        if pid == tid:
            compare_holds(figures, loop, held[pid], f"loop {number} ")
