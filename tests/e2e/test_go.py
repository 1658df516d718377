# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
A Go server is no loop: shown by `list` with the reason, left out elsewhere, and what is watched
beside it has figures as ever.
"""

import concurrent.futures
import http.client
import json

import programs
import pytest
import running
from built_parts import built_part
from watch import Watch

NR_CLIENTS = 8
NR_REQUESTS = 100  # of each
REASON = "Go's scheduler polls"


@pytest.fixture
def server():
    with programs.Program(built_part("go-server", "go-server")) as program:
        program.port = program.hear("ready")["port"]
        yield program


def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    for nr in range(NR_REQUESTS):
        connection.request("GET", "/spin" if nr % 10 == 0 else "/")
        assert connection.getresponse().read() == b"hello\n"
    connection.close()


def load(port):
    with concurrent.futures.ThreadPoolExecutor(NR_CLIENTS) as pool:
        list(pool.map(ask, [port] * NR_CLIENTS))


def said(watch):
    return "".join(watch.stderr)


def test_not_reported(server):
    with Watch("-p", server.pid) as watch:
        load(server.port)
        report = watch.finish()
    report.check_nothing_lost()
    assert not report.loops, report.loops
    assert REASON in said(watch)


def test_not_among_all(server):
    with Watch("--all") as watch:
        load(server.port)
        report = watch.finish()
    assert not [loop for loop in report.loops if loop["pid"] == server.pid], report.loops


def test_others_beside_it(server, figures):
    with programs.Program(programs.built("uv_loop"), "timers") as other:
        other.hear("ready")
        with Watch("-p", server.pid, "-p", other.pid) as watch:
            before = other.start()
            load(server.port)
            after = other.stop()
            report = watch.finish()
    report.check_nothing_lost()
    assert {loop["pid"] for loop in report.loops} == {other.pid}
    loop = report.thread(other.pid)
    own = {key: after[key] - before[key] for key in after}
    span_ms, idle_ms = own["now_ns"] / 1e6, own["idle_ns"] / 1e6
    # outside the span it idles
    idle_seen = loop.poll_ms - (loop["window_s"] * 1000 - span_ms)
    figures.near("idle time", idle_seen, idle_ms, "ms", rel=0.01, source="uv_metrics_idle_time")
    # until libuv is known by its polls, one that was interrupted counts by itself
    figures.near("iterations", loop["iterations"], own["iterations"], "", 0.02, 6, "prepares")


def test_listed_with_the_reason(server):
    with running.Running("list", "--json", "-p", server.pid) as listing:
        load(server.port)
        assert listing.wait() == 0, listing.errors
    threads = [json.loads(line) for line in listing.lines[:-1]]
    assert threads, listing.lines
    for thread in threads:
        assert thread["runtime"] == "go", thread
        assert thread["runtime_version"].startswith("1."), thread
        assert thread["no_loop"].startswith(REASON), thread


def test_explained(server):
    load(server.port)
    with running.Running("list", "--explain", server.pid) as explanation:
        assert explanation.wait() == 0, explanation.errors
    text = "".join(explanation.lines)
    assert f"no loops    {REASON}" in text
    assert "(sure)" in text
