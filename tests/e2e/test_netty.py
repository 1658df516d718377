# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Netty's event loops, by its native transport and by the JDK's selectors, against the time that its
handlers took and a log of its wait calls.
"""

import subprocess
import urllib.request

import programs
import pytest
import servers
import wait_log
from bracket import Bracket, compare_waits
from built_parts import built_part
from watch import Watch

NR_LOOPS = 2
BLOCKED_MS = 300  # NettyServer.BLOCKED_MS


@pytest.fixture(scope="module")
def classes(tmp_path_factory):
    """The class path of the server, compiled."""
    jars = f"{built_part('netty', 'lib')}/*"
    made = tmp_path_factory.mktemp("classes")
    source = programs.APPS / "NettyServer.java"
    subprocess.run(["javac", "-Xlint:all", "-d", made, "-cp", jars, source], check=True)
    return f"{jars}:{made}"


class NettyServer(programs.Program):
    def __init__(self, classes, transport, logs):
        command = ("java", "-cp", classes, "NettyServer", transport, NR_LOOPS)
        super().__init__(*command, env=wait_log.environment(logs))
        self.logs = logs
        self.library = f"netty-{transport}"

    def begin(self):
        ready = self.hear("ready")
        self.tids = ready["tids"]
        self.url = f"http://127.0.0.1:{ready['port']}"

    def waits(self, tid):
        return Bracket(lambda: wait_log.read(self.logs, self.pid, tid))

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            assert answer.read() == b"hello\n"

    def counts(self):
        self.tell("count")
        return self.hear("counted")


@pytest.fixture(params=["epoll", "nio"])
def server(request, classes, tmp_path):
    with NettyServer(classes, request.param, tmp_path) as program:
        program.begin()
        program.get("/work")
        yield program


def grown(after, before, tid, key):
    return after[str(tid)][key] - before[str(tid)][key]


@pytest.mark.parametrize("path", ["/", "/work"])
def test_load(server, figures, path):
    waits = {tid: server.waits(tid) for tid in server.tids}

    def mark():
        for bracket in waits.values():
            bracket.mark()

    with Watch("-p", server.pid) as watch:
        mark()
        before = server.counts()
        servers.wrk(server.url + path, seconds=1, connections=8)
        after = server.counts()
        mark()
        report = watch.finish()
    mark()
    report.check_nothing_lost()
    assert sorted(loop["tid"] for loop in report.loops) == server.tids
    for number, tid in enumerate(server.tids):
        loop, name = report.thread(tid), f"loop {number} "
        assert (loop["runtime"], loop["loop_library"]) == ("java", server.library)
        assert loop["wait_family"] == "epoll"
        compare_waits(figures, waits[tid], loop, name)
        handlers_ms = grown(after, before, tid, "handlers_ns") / 1e6
        figures.at_least(f"{name}busy", loop.busy_ms, handlers_ms, "ms", source="handlers")
        requests = grown(after, before, tid, "requests")
        figures.at_least(f"{name}events", loop["events"], requests, source="requests")


@pytest.mark.parametrize("path", ["/sleep", "/lock"])
def test_blocking_handler(server, figures, path):
    """The JVM sleeps, as it waits for a monitor, in futex: one cause of the two."""
    server.get(path)  # its classes are loaded by then
    with Watch("-p", server.pid) as watch:
        before = server.counts()
        server.get(path)
        after = server.counts()
        report = watch.finish()
    report.check_nothing_lost()
    loop = max((report.thread(tid) for tid in server.tids), key=lambda each: each.busy_ms)
    assert loop["stalls"] == 1
    took_ms = grown(after, before, loop["tid"], "handlers_ns") / 1e6
    _, asleep_ms = loop.syscall("futex")
    figures.at_least("longest busy", loop["busy_ms"]["max"], took_ms, "ms", source="handler")
    figures.near(
        "longest busy", loop["busy_ms"]["max"], took_ms, "ms",
        by=2 + loop.time_ms["runqueue"] + loop.time_ms["lock"] - asleep_ms, source="handler",
    )  # fmt: skip
    # without a CPU, it comes late to wait for the lock
    waited_ms = asleep_ms + loop.time_ms["runqueue"]
    figures.at_least("in futex, runqueue", waited_ms, BLOCKED_MS, "ms", by=1, source="script")
    figures.near("lock", loop.time_ms["lock"], asleep_ms, "ms", rel=0.001, source="in futex")
