# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Node's worker threads and its clusters: each loop against counters of its own."""

import contextlib
import shutil
import threading
import time

import programs
import pytest
import servers
from node_counters import compare, grown
from watch import Watch

SPAN_S = 2
PROGRAM = programs.APPS / "node_workers.js"
WORKS = ("timers", "ticks", "blocking")

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")


@contextlib.contextmanager
def loaded(urls):
    """Every url visited, each by a connection or two, for as long as the program works."""
    visitors = [
        threading.Thread(target=servers.wrk, args=(url, SPAN_S, connections))
        for connections, url in enumerate(urls, 1)
    ]
    for visitor in visitors:
        visitor.start()
    yield
    for visitor in visitors:
        visitor.join()


def observe(kind, paths):
    """(report, counters by thread, pid) over a span in which `paths` are asked for."""
    with programs.Program("node", PROGRAM, kind, *WORKS) as program:
        ports = program.hear("ready")["ports"]
        urls = [f"http://127.0.0.1:{port}{path}" for port, path in zip(ports, paths)]
        with Watch("-p", program.pid) as watch:
            before = program.start()
            with loaded(urls):
                time.sleep(SPAN_S)
            after = program.stop()
            report = watch.finish()
    report.check_nothing_lost()
    return report, {int(tid): grown(before[tid], after[tid]) for tid in after}, program.pid


def compare_all(figures, report, own, pid):
    assert len(own) == len(WORKS) + 1
    names = ("main", *WORKS)
    for name, tid in zip(names, sorted(own)):  # as they were started
        loop = report.thread(tid)
        assert loop["runtime"] == "node"
        compare(figures, loop, own[tid], f"{name}: ")


def test_threads(figures):
    """Each thread serves, and does work of its own kind."""
    report, own, pid = observe("threads", ("/", "/work", "/"))
    compare_all(figures, report, own, pid)
    assert {loop["pid"] for loop in report.loops} == {pid}


def test_threads_at_rest(figures):
    report, own, pid = observe("threads", ())
    compare_all(figures, report, own, pid)


def test_cluster(figures):
    """Each process accepts what the first one hands it."""
    report, own, pid = observe("cluster", ("/", "/work"))
    compare_all(figures, report, own, pid)
    assert {loop["pid"] for loop in report.loops} == set(own)
