# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Real servers on loopback, each on a port of its own, ended by pid."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import redis
import wait_log

PATIENCE_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_true(condition, what):
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise TimeoutError(what)


def go_first():
    """Before what else the machine runs: its load is not the tests' concern."""
    os.setpriority(os.PRIO_PROCESS, 0, -15)


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(list(map(str, command)), preexec_fn=go_first, **options)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=PATIENCE_S)


class Redis:
    """A Redis whose wait calls are logged below `logs`."""

    def __init__(self, directory, *options):
        self.logs = directory / "waits"
        self.logs.mkdir()
        self.port = free_port()
        self.command = [
            "redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "",
            "--dir", directory, "--logfile", directory / "redis.log",
            "--enable-debug-command", "yes", *options,
        ]  # fmt: skip

    @contextlib.contextmanager
    def serve(self):
        with running(self.command, env=wait_log.environment(self.logs)) as process:
            self.pid = process.pid
            with redis.Redis(port=self.port) as self.client:
                await_true(self.answers, "redis-server does not answer")
                yield self

    def answers(self):
        try:
            return self.client.ping()
        except redis.ConnectionError:
            return False

    def main_thread_cpu_ms(self, info):
        return 1000 * (info["used_cpu_user_main_thread"] + info["used_cpu_sys_main_thread"])

    def benchmark(self, requests, *options):
        subprocess.run(
            ["redis-benchmark", "-p", str(self.port), "-n", str(requests), "-q", *options],
            check=True,
            stdout=subprocess.DEVNULL,
        )


NGINX_CONF = """
daemon off;
user root;
worker_processes {workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    server {{
        listen 127.0.0.1:{port} reuseport;
        location / {{ return 200 "hello\\n"; }}
        location /status {{ stub_status; }}
    }}
}}
"""


class Nginx:
    def __init__(self, directory, workers):
        self.logs = directory / "waits"
        self.logs.mkdir()
        self.port = free_port()
        self.conf = directory / "nginx.conf"
        self.conf.write_text(
            NGINX_CONF.format(workers=workers, directory=directory, port=self.port)
        )
        self.nr_workers = workers

    @contextlib.contextmanager
    def serve(self):
        command = ["nginx", "-c", self.conf, "-e", "stderr"]
        with running(command, env=wait_log.environment(self.logs)) as process:
            self.pid = process.pid
            await_true(lambda: len(self.workers()) == self.nr_workers, "no nginx workers")
            yield self

    def workers(self):
        """Workers that have begun to wait."""
        children = set(child_pids(self.pid))
        return [pid for pid, _ in wait_log.threads(self.logs) if pid in children]

    def requests(self):
        """By nginx's own count, this one included."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status") as answer:
            return int(answer.read().split()[9])


    def open_request(self):
        return OpenRequest(self.port)


class OpenRequest:
    """One that a server waits for the rest of."""

    def __init__(self, port):
        self.port = port

    def __enter__(self):
        self.client = socket.create_connection(("127.0.0.1", self.port))
        self.client.sendall(b"GET / HTTP/1.1\r\n")
        return self

    def __exit__(self, *_):
        self.client.close()

    def finish(self):
        self.client.sendall(b"Host: localhost\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: self.client.recv(65536), b""))


def child_pids(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def wrk(url, seconds, connections, threads=1):
    subprocess.run(
        ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}", url],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def run_ms(pid):
    """Time on a CPU, and runnable without one, of a process's main thread: the scheduler's."""
    on_cpu, waited, _ = Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()
    return int(on_cpu) / 1e6, int(waited) / 1e6
