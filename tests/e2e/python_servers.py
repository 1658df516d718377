# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Python's web servers, with the works of web_work.py, each worker's wait calls logged."""

import contextlib
import json
import sys
import threading
import urllib.request

import servers
import wait_log
from bracket import Bracket
from programs import APPS

QUIET = ("--log-level", "warning")

def uvicorn(loop):
    return lambda port: (
        *("uvicorn", "asgi_app:app", "--workers", 2, "--port", port),
        *("--loop", loop, "--no-access-log", *QUIET),
    )


def gunicorn(worker):
    return lambda port: (
        *("gunicorn", "asgi_app:app", "--workers", 2, "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", worker, *QUIET),
    )


# how each is started, the number of its loops, and what they wait by. The first process of
# gunicorn has one, too, in a thread that takes commands.
COMMANDS = {
    "sanic": (
        lambda port: (
            *("sanic", "sanic_work:app", "--workers", 2),
            *("--port", port, "--no-access-logs"),
        ),
        2,
        "epoll",
    ),
    "gunicorn": (gunicorn("uvicorn_worker.UvicornWorker"), 3, "epoll"),
    "gunicorn on asyncio": (gunicorn("asyncio_worker.AsyncioWorker"), 3, "epoll"),
    "uvicorn": (uvicorn("asyncio"), 2, "epoll"),
    "uvicorn on poll": (uvicorn("selector_loops:on_poll"), 2, "poll"),
    "uvicorn on select": (uvicorn("selector_loops:on_select"), 2, "select"),
    "gevent": (lambda port: ("gevent_app", port), 1, "epoll"),
}
UVLOOP = ("sanic", "gunicorn")


class PythonServer:
    def __init__(self, directory, name):
        self.name = name
        self.logs = directory / "waits"
        self.logs.mkdir()
        self.port = servers.free_port()
        make_command, self.nr_loops, self.family = COMMANDS[name]
        self.command = [sys.executable, "-m", *make_command(self.port)]
        self.log = directory / "server.log"

    @contextlib.contextmanager
    def serve(self):
        env = {**wait_log.environment(self.logs), "PYTHONPATH": str(APPS)}
        with self.log.open("w") as log, servers.running(
            self.command, env=env, stdout=log, stderr=log
        ) as process:
            self.pid = process.pid
            servers.await_true(self.is_ready, f"{self.command}: see {self.log}")
            yield self

    def url(self, name):
        return f"http://127.0.0.1:{self.port}/{name}"

    def ask(self, name):
        """(pid of the worker that did it, nanoseconds that it took), by a connection of its own"""
        with urllib.request.urlopen(self.url(name), timeout=servers.PATIENCE_S) as answer:
            told = json.load(answer)
        return told["pid"], told["took_ns"]

    def is_ready(self):
        with contextlib.suppress(OSError):
            self.ask("hello")
            return len(self.threads()) == self.nr_loops
        return False

    def workers(self):
        """Processes whose main thread has begun to wait, and that have not ended."""
        return [pid for pid, tid in self.threads() if pid == tid]

    def threads(self):
        """Those that wait in a loop: by epoll all, some in processes that lead the workers."""
        alive = {self.pid, *servers.child_pids(self.pid)}
        logged = [each for each in wait_log.threads(self.logs, self.family) if each[0] in alive]
        if self.family == "epoll":
            return logged
        return [(pid, tid) for pid, tid in logged if pid == tid != self.pid]

    def bracket(self, pid, tid):
        return Bracket(lambda: wait_log.read(self.logs, pid, tid, self.family))


@contextlib.contextmanager
def visited(url, seconds, connections):
    """Visitors by wrk, meanwhile and at the end awaited."""
    visitor = threading.Thread(target=servers.wrk, args=(url, seconds, connections))
    visitor.start()
    yield
    visitor.join()
