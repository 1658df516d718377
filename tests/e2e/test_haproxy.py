# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""HAProxy's threads, against its Idle_pct, its count of loops, and a log of its wait calls."""

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
import servers
import wait_log
from bracket import EDGES_MS, Bracket, compare_waits
from watch import Watch

SAMPLE_S = 0.5  # what Idle_pct is taken over: a little more than that, the last that is complete
SPAN_S = 3

CONF = """
global
    nbthread {threads}
    stats socket {directory}/stats mode 600 level admin
defaults
    mode http
    timeout client 60s
    timeout server 60s
    timeout connect 5s
frontend web
    bind 127.0.0.1:{port}
    http-request set-var(txn.digest) str(x){work} if {{ path /work }}
    http-request return status 200 content-type text/plain string "hello"
"""

WORK = ",sha2(512)" * 60

PACED = """
function delay() return 2 end
"""

pytestmark = pytest.mark.skipif(not shutil.which("haproxy"), reason="haproxy is not installed")


class HAProxy:
    def __init__(self, directory, threads):
        self.logs = directory / "waits"
        self.logs.mkdir()
        self.stats = directory / "stats"
        self.port = servers.free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.conf = directory / "haproxy.cfg"
        self.conf.write_text(
            CONF.format(threads=threads, directory=directory, port=self.port, work=WORK)
        )
        self.nr_threads = threads

    @contextlib.contextmanager
    def serve(self, logged):
        command = ["haproxy", "-db", "-q", "-f", self.conf]
        environment = wait_log.environment(self.logs) if logged else None
        with servers.running(command, env=environment) as process:
            self.pid = process.pid
            servers.await_true(self.answers, "haproxy does not answer")
            assert len(self.tids()) == self.nr_threads
            yield self

    def answers(self):
        try:
            return self.ask("show info")
        except OSError:
            return None

    def tids(self):
        """In the order that HAProxy numbers its threads in, which is that of their start."""
        return sorted(int(entry.name) for entry in Path(f"/proc/{self.pid}/task").iterdir())

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.stats))
            client.sendall(command.encode() + b"\n")
            answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()
        return dict(line.split(": ", 1) for line in answer.splitlines() if ": " in line)

    def idle_pct(self):
        """The mean of its threads, rounded."""
        return int(self.ask("show info")["Idle_pct"])

    def loops(self):
        """How many times each thread has gone round."""
        total, *each = self.ask("show activity")["loops"].replace("[", "").replace("]", "").split()
        return [int(count) for count in each or [total]]


@pytest.fixture(params=[1, 2])
def haproxy(request, tmp_path):
    return HAProxy(tmp_path, request.param)


def test_threads(haproxy, figures):
    """Load that begins and ends while each thread is watched: each is a loop of its own."""
    with haproxy.serve(logged=True):
        tids = haproxy.tids()
        waits = [waits_of(haproxy, tid) for tid in tids]
        loops = Bracket(haproxy.loops)

        def mark():
            for bracket in (*waits, loops):
                bracket.mark()

        with Watch("-p", haproxy.pid) as watch:
            mark()
            servers.wrk(haproxy.url, seconds=2, connections=20)
            mark()
            report = watch.finish()
        mark()
    report.check_nothing_lost()
    assert sorted(loop["tid"] for loop in report.loops) == tids
    for number, tid in enumerate(tids):
        loop = report.thread(tid)
        assert (loop["runtime"], loop["wait_family"]) == ("haproxy", "epoll")
        compare_waits(figures, waits[number], loop, f"thread {number} ")
        compare_loops(figures, loops, loop, number)


def waits_of(server, tid):
    return Bracket(lambda: wait_log.read(server.logs, server.pid, tid))


def compare_loops(figures, bracket, loop, number):
    inner, outer = (take(lambda counts: counts[number]) for take in (bracket.inner, bracket.outer))
    name = f"thread {number} iterations"
    # the thread that answers is in one that it has counted already, or not yet
    figures.at_least(name, loop["iterations"], inner, by=2, source="loops, inner")
    figures.at_most(name, loop["iterations"], outer, by=2, source="loops, outer")


def test_idle_pct(haproxy, figures, tmp_path):
    """Under a load that is there before the window and after it, with work to be done for it."""
    script = tmp_path / "paced.lua"
    script.write_text(PACED)
    load = ["wrk", "-t1", "-c16", "-d60", "-s", script, f"{haproxy.url}work"]
    with haproxy.serve(logged=False), servers.running(load, stdout=subprocess.DEVNULL):
        servers.await_true(lambda: haproxy.idle_pct() < 95, "wrk does not load haproxy")
        with Watch("-p", haproxy.pid) as watch:
            time.sleep(SAMPLE_S)
            samples = sample(haproxy.idle_pct, SPAN_S)
            report = watch.finish()
    report.check_nothing_lost()
    assert len(report.loops) == haproxy.nr_threads
    share = sum(loop["utilization"] for loop in report.loops) / len(report.loops)
    own = 100 - sum(samples) / len(samples)
    edges = max(EDGES_MS * loop["iterations"] / loop["window_s"] / 10 for loop in report.loops)
    # samples do not begin and end with the window, between which the load may change
    ends = (max(samples) - min(samples)) * SAMPLE_S / SPAN_S
    # each thread's is rounded, and so is the mean of them
    figures.near("utilization", 100 * share, own, "%", by=1 + edges + ends, source="Idle_pct")


def sample(read, seconds):
    end = time.monotonic() + seconds
    samples = []
    while time.monotonic() < end:
        samples.append(read())
        time.sleep(SAMPLE_S / 10)
    return samples
