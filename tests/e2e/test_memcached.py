# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""memcached, a loop of libevent's each thread, against its stats and a log of its wait calls."""

import contextlib
import shutil
import socket

import pytest
import servers
import wait_log
from bracket import Bracket, compare_waits
from watch import Watch

NR_WORKERS = 2
NR_CLIENTS = 8
ROUNDS = 3000

pytestmark = pytest.mark.skipif(not shutil.which("memcached"), reason="memcached is not installed")


class Memcached:
    def __init__(self, directory):
        self.logs = directory / "waits"
        self.logs.mkdir()
        self.port = servers.free_port()

    @contextlib.contextmanager
    def serve(self):
        command = ["memcached", "-u", "root", "-l", "127.0.0.1", "-p", self.port, "-U", "0",
                   "-t", NR_WORKERS]  # fmt: skip
        with servers.running(command, env=wait_log.environment(self.logs)) as process:
            self.pid = process.pid
            # it listens from its main thread's loop and reads in its workers'
            servers.await_true(lambda: len(self.tids()) == 1 + NR_WORKERS, "no memcached threads")
            yield self

    def tids(self):
        return [tid for pid, tid in wait_log.threads(self.logs) if pid == self.pid]

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port))


@pytest.fixture
def memcached(tmp_path):
    with Memcached(tmp_path).serve() as server:
        yield server


def ask(client, command, end=b"\r\n"):
    client.sendall(command + b"\r\n")
    answer = b""
    while not answer.endswith(end):
        answer += client.recv(65536)
    return answer.decode()


def stats(client):
    lines = ask(client, b"stats", b"END\r\n").splitlines()[:-1]
    return {name: value for _, name, value in (line.split(" ", 2) for line in lines)}


def load(clients):
    """One command at a time on each connection: so each is one event."""
    value = 1000 * b"x"
    for client in clients:
        assert ask(client, b"set key 0 0 1000\r\n" + value) == "STORED\r\n"
    for _ in range(ROUNDS):
        for client in clients:
            client.sendall(b"get key\r\n")
        for client in clients:
            answer = b""
            while not answer.endswith(b"END\r\n"):
                answer += client.recv(65536)


def test_workers(memcached, figures):
    tids = memcached.tids()
    with contextlib.ExitStack() as stack:
        first, *clients = [stack.enter_context(memcached.connect()) for _ in range(NR_CLIENTS)]
        before = stats(first)
        waits = {tid: Bracket(lambda tid=tid: read(memcached, tid)) for tid in tids}

        def mark():
            for bracket in waits.values():
                bracket.mark()

        with Watch("-p", memcached.pid) as watch:
            mark()
            load(clients)
            mark()
            report = watch.finish()
        mark()
        after = stats(first)
    report.check_nothing_lost()
    assert sorted(loop["tid"] for loop in report.loops) == tids
    for number, tid in enumerate(tids):
        loop = report.thread(tid)
        assert (loop["runtime"], loop["wait_family"]) == ("memcached", "epoll")
        compare_waits(figures, waits[tid], loop, f"thread {number} ")
    commands = sum(int(after[key]) - int(before[key]) for key in ("cmd_get", "cmd_set"))
    events = sum(report.thread(tid)["events"] for tid in tids)
    figures.near("events", events, commands, rel=0.01, by=NR_WORKERS, source="stats, commands")


def read(server, tid):
    return wait_log.read(server.logs, server.pid, tid)
