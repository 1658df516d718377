# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Puma: its reactor and its acceptor are loops. The threads that requests run in are none, though each
polls its connection for every request.
"""

import contextlib
import shutil
import urllib.error
import urllib.request
from pathlib import Path

import programs
import pytest
import servers
import wait_log
from bracket import Bracket, compare_waits
from watch import Watch

NR_REQUESTS = 50
ROUNDS = 12  # before a thread that selects is called a loop, and some

pytestmark = pytest.mark.skipif(not shutil.which("puma"), reason="puma is not installed")


class Puma:
    def __init__(self, directory):
        self.logs = directory / "waits"
        self.logs.mkdir()
        port = servers.free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.command = ["puma", "--silent", "--environment", "production",
                        "--bind", f"tcp://127.0.0.1:{port}", "--threads", "2:2",
                        programs.APPS / "puma.ru"]  # fmt: skip

    @contextlib.contextmanager
    def serve(self):
        with servers.running(self.command, env=wait_log.environment(self.logs)) as process:
            self.pid = process.pid
            servers.await_true(self.answers, "puma does not answer")
            yield self

    def answers(self):
        try:
            return self.get("")
        except urllib.error.URLError:
            return False

    def get(self, path):
        with urllib.request.urlopen(self.url + path) as answer:
            return answer.read() == b"hello\n"

    def thread(self, name):
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            if (task / "comm").read_text().strip() == name:
                return int(task.name)
        raise LookupError(name)


def test_request_threads_are_no_loops(tmp_path, figures):
    with Puma(tmp_path).serve() as server:
        acceptor, reactor = server.thread("puma srv"), server.thread("puma reactor")
        waits = Bracket(lambda: wait_log.read(server.logs, server.pid, acceptor, "select"))
        with Watch("-p", server.pid) as watch:
            for _ in range(ROUNDS):
                assert server.get("")
            waits.mark()
            for _ in range(NR_REQUESTS):
                assert server.get("")
            assert server.get("sleep")
            waits.mark()
            report = watch.finish()
        waits.mark()
    report.check_nothing_lost()
    families = {loop["tid"]: loop["wait_family"] for loop in report.loops}
    assert families == {acceptor: "select", reactor: "epoll"}
    loop = report.thread(acceptor)
    assert loop["runtime"] == "ruby"
    compare_waits(figures, waits, loop)
    figures.at_least("events", loop["events"], NR_REQUESTS, source="connections")
