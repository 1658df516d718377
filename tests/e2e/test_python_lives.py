# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops of Python that begin and end while they are watched, against the logs that they leave."""

import contextlib
import os
import signal
import sys
import threading

import programs
import pytest
import servers
import wait_log
from bracket import Bracket
from python_servers import PythonServer
from watch import Watch

CROWD = 8
NOTHING = wait_log.WaitLog(0, 0, 0, 0, 0, 0, 0)


def compare_counts(figures, loop, bracket, name):
    """To one: a call may be at its edge when loopscope begins, or ends, to look."""
    for figure in ("iterations", "events"):

        def value(log, figure=figure):
            return getattr(log, figure)

        seen = loop[figure]
        figures.at_least(f"{name}{figure}", seen, bracket.inner(value), by=1, source="log, inner")
        figures.at_most(f"{name}{figure}", seen, bracket.outer(value), by=1, source="log, outer")


@pytest.mark.parametrize("kind", ["fork", "spawn", "threads"])
def test_crowd(figures, tmp_path, kind):
    """Each is told to its last iteration: by fork, by fork and exec, as a thread."""
    settings = [f"LD_PRELOAD={wait_log.LIBRARY}", f"WAIT_LOG_DIR={tmp_path}"]
    command = [sys.executable, programs.APPS / "loop_crowd.py", kind, CROWD]
    with programs.Program("env", *settings, *command) as program:
        program.hear("ready")
        with Watch("-p", program.pid) as watch:
            program.tell("start")
            program.hear("stopped")
            # Python has joined a thread a little before the thread ends
            tasks = f"/proc/{program.pid}/task"
            servers.await_true(lambda: len(os.listdir(tasks)) == 1, "a thread does not end")
            report = watch.finish()
    report.check_nothing_lost()
    logged = wait_log.threads(tmp_path)
    assert len(logged) == CROWD
    assert sorted((loop["pid"], loop["tid"]) for loop in report.loops) == logged
    for number, (pid, tid) in enumerate(logged):
        loop = report.thread(tid)
        own = wait_log.read(tmp_path, pid, tid)
        assert loop["ended"]
        for figure in ("iterations", "events"):
            source = f"log of {number}"
            figures.near(figure, loop[figure], getattr(own, figure), source=source)


class Snapshots:
    """Of all logs there are, those of processes that have ended too."""

    def __init__(self, server):
        self.server = server
        self.taken = [self.take()]

    def take(self):
        logs = self.server.logs
        return {each: wait_log.read(logs, *each) for each in wait_log.threads(logs)}

    def mark(self):
        self.taken.append(self.take())

    def bracket(self, each):
        readings = iter([snapshot.get(each, NOTHING) for snapshot in self.taken])
        bracket = Bracket(lambda: next(readings))
        for _ in self.taken[1:]:
            bracket.mark()
        return bracket


@contextlib.contextmanager
def visitor(server):
    """Asks again and again, also while workers come and go."""
    done = threading.Event()

    def visit():
        while not done.is_set():
            with contextlib.suppress(OSError):
                server.ask("hello")

    thread = threading.Thread(target=visit)
    thread.start()
    yield
    done.set()
    thread.join()


def reload(server):
    """(pids of the workers before, and after)"""
    old = set(server.workers())
    os.kill(server.pid, signal.SIGHUP)
    servers.await_true(
        lambda: not old & set(server.workers()) and len(server.workers()) == 2,
        "gunicorn does not reload",
    )
    new = set(server.workers())
    servers.await_true(lambda: server.ask("hello")[0] in new, "no new worker answers")
    return old, new


def test_reload(figures, tmp_path):
    """Workers that end are told up to their last iteration, new ones from their first."""
    pytest.importorskip("gunicorn")
    pytest.importorskip("uvicorn_worker")
    with PythonServer(tmp_path, "gunicorn on asyncio").serve() as server:
        snapshots = Snapshots(server)
        with Watch("-p", server.pid) as watch:
            snapshots.mark()
            with visitor(server):
                old, new = reload(server)
            snapshots.mark()
            report = watch.finish()
        snapshots.mark()
    report.check_nothing_lost()
    # the first process begins its own loop anew
    workers = [loop for loop in report.loops if loop["pid"] != server.pid]
    assert {loop["pid"] for loop in workers} == old | new
    assert {loop["pid"] for loop in workers if loop["ended"]} == old
    for name, pids in (("old", old), ("new", new)):
        for number, pid in enumerate(sorted(pids)):
            loop = report.thread(pid)
            compare_counts(figures, loop, snapshots.bracket((pid, pid)), f"{name} {number}: ")
