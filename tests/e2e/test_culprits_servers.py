# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Redis and nginx held up on purpose: `loopscope stalls` says so, and by what."""

import contextlib
import itertools
import os
import socket
import time
import urllib.request

import culprits
import pytest
import servers
from slow_parts import FullPipe, slow_disk

ASLEEP_MS = 700
NR_KEYS = 1_000_000


def timed(stall):
    begun = time.monotonic_ns()
    stall()
    return begun, time.monotonic_ns()


@pytest.fixture
def redis_server(tmp_path):
    with servers.Redis(tmp_path).serve() as server:
        yield server


def test_redis_debug_sleep(redis_server, figures):
    def stall():
        return timed(lambda: redis_server.client.execute_command("DEBUG", "SLEEP", ASLEEP_MS / 1e3))

    culprits.score(figures, culprits.REDIS["DEBUG SLEEP"], redis_server.pid, stall)


def list_keys(port):
    """All of them, unread: a client's own work is no concern of the stall's."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(b"KEYS *\r\n")
        client.recv(1)


def test_redis_keys(redis_server, figures):
    redis_server.client.execute_command("DEBUG", "POPULATE", NR_KEYS)

    def stall():
        return timed(lambda: list_keys(redis_server.port))

    culprits.score(figures, culprits.REDIS["KEYS *"], redis_server.pid, stall)


NGINX_CONF = """
daemon off;
user root;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 200 "hello\\n"; }}
        location /disk/ {{ alias {directory}/disk/; }}
        location /logged {{ access_log {directory}/log.fifo; return 200 "hello\\n"; }}
    }}
}}
"""


class Nginx:
    """One worker: /disk/ is the directory `disk`, and what is asked of /logged is logged."""

    def __init__(self, directory):
        self.port = servers.free_port()
        self.conf = directory / "nginx.conf"
        self.conf.write_text(NGINX_CONF.format(directory=directory, port=self.port))

    @contextlib.contextmanager
    def serve(self):
        with servers.running(["nginx", "-c", self.conf, "-e", "stderr"]) as process:
            servers.await_true(self.answers, "nginx does not answer")
            self.worker = servers.child_pids(process.pid)[0]
            yield self

    def answers(self):
        with contextlib.suppress(OSError):
            return self.ask("")
        return None

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}") as answer:
            return answer.read()


def test_nginx_slow_disk(tmp_path, figures):
    numbers = itertools.count()
    with slow_disk(tmp_path / "disk") as disk_pid, FullPipe(tmp_path / "log.fifo"), \
         Nginx(tmp_path).serve() as nginx:  # fmt: skip

        def stall():
            return timed(lambda: nginx.ask(f"disk/{ASLEEP_MS}-{next(numbers)}"))

        truth = culprits.NGINX["slow disk"]
        culprits.score(figures, truth, nginx.worker, stall, disk_pid)


def test_nginx_full_pipe(tmp_path, figures):
    """Its log is a pipe that nobody reads."""
    with FullPipe(tmp_path / "log.fifo") as pipe, Nginx(tmp_path).serve() as nginx:

        def stall():
            pipe.fill()
            nginx.ask("logged")
            begun = time.monotonic_ns()
            return begun, pipe.empty_later(ASLEEP_MS)

        truth = culprits.NGINX["full pipe"]
        culprits.score(figures, truth, nginx.worker, stall, os.getpid())
