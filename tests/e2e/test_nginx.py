# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""nginx with two workers, against stub_status and the workers' own logs of their wait calls."""

import os
import signal

import pytest
import servers
import wait_log
from bracket import Bracket, compare_waits
from watch import Watch


@pytest.fixture
def nginx(tmp_path):
    with servers.Nginx(tmp_path, workers=2).serve() as server:
        yield server


def test_two_workers(nginx, figures):
    workers = nginx.workers()
    waits = {pid: Bracket(lambda pid=pid: wait_log.read(nginx.logs, pid, pid)) for pid in workers}
    cpu = {pid: Bracket(lambda pid=pid: servers.run_ms(pid)[0]) for pid in workers}

    def mark():
        for bracket in (*waits.values(), *cpu.values()):
            bracket.mark()

    with Watch("-p", nginx.pid) as watch:
        mark()
        before = nginx.requests()
        servers.wrk(f"http://127.0.0.1:{nginx.port}/", seconds=2, connections=20)
        requests = nginx.requests() - before
        mark()
        report = watch.finish()
    mark()
    report.check_nothing_lost()
    assert sorted(loop["pid"] for loop in report.loops) == workers
    for worker, pid in enumerate(workers):
        loop = report.thread(pid)
        assert loop["runtime"] == "nginx"
        assert loop["iterations"] > 0
        compare_waits(figures, waits[pid], loop, f"worker {worker} ")
        compare_cpu(figures, cpu[pid], loop, f"worker {worker} ")
    events = sum(loop["events"] for loop in report.loops)
    # a request that comes while its connection is read already is no event of its own
    figures.at_least("events", events, requests, rel=0.01, source="stub_status requests")


def compare_cpu(figures, bracket, loop, name):
    on_cpu = bracket.outer(lambda ms: ms)
    figures.at_most(f"{name}cpu", loop.time_ms["cpu"], on_cpu, "ms", rel=0.01, source="schedstat")
    figures.at_least(
        f"{name}cpu + poll",
        loop.time_ms["cpu"] + loop.poll_ms,
        bracket.inner(lambda ms: ms),
        "ms",
        source="schedstat",
    )


def test_reload(nginx):
    """Workers that the master forks while it is watched are watched; those that end are told."""
    old = nginx.workers()
    with Watch("-p", nginx.pid) as watch:
        os.kill(nginx.pid, signal.SIGHUP)
        servers.await_true(
            lambda: len(nginx.workers()) == 2 and not set(nginx.workers()) & set(old),
            "nginx does not reload",
        )
        new = nginx.workers()
        for _ in range(20):
            nginx.requests()
        report = watch.finish()
    assert sorted(loop["pid"] for loop in report.loops) == sorted(old + new)
    assert sum(report.thread(pid)["iterations"] for pid in new) > 0


def test_shutting_down(nginx, figures):
    """An old worker goes on until its last request is done, and its figures with it."""
    old = nginx.workers()

    def logs():
        return {pid: wait_log.read(nginx.logs, pid, pid) for pid in old}

    before = logs()
    with Watch("-p", nginx.pid) as watch, nginx.open_request() as request:
        servers.await_true(lambda: taken(before, logs()), "nobody takes the request")
        os.kill(nginx.pid, signal.SIGHUP)
        servers.await_true(
            lambda: len(set(nginx.workers()) - set(old)) == 2, "nginx does not reload"
        )
        servers.await_true(lambda: len(nginx.workers()) == 3, "no worker ends")
        assert request.finish().startswith(b"HTTP/1.1 200")
        servers.await_true(lambda: len(nginx.workers()) == 2, "the last old worker stays")
        report = watch.finish()
    assert len(report.loops) == 4
    after = logs()
    for number, pid in enumerate(old):
        own = after[pid].iterations - before[pid].iterations
        iterations = report.thread(pid)["iterations"]
        figures.near(f"worker {number} iterations", iterations, own, by=1, source="log")


def taken(before, after):
    return any(after[pid].events > before[pid].events for pid in before)


def test_one_worker_alone(nginx):
    """--no-children and a worker's pid: that loop and no other."""
    worker = nginx.workers()[0]
    with Watch("-p", worker, "--no-children") as watch:
        for _ in range(20):
            nginx.requests()
        report = watch.finish()
    assert [loop["pid"] for loop in report.loops] == [worker]
