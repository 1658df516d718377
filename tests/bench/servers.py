# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Throughput of saturated servers, watched against unwatched.

Server and client have a core each and run throughout; observers come and go,
and the server's own counter is read at both ends of each window. A round is a
window under each observer, side by side; a round in which the server was short
of work, or others used its core, is not kept. The median of the rounds' ratios
counts. Empty programs tell how much of it is the price of the hooks.
"""

import contextlib
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

from process import MeasurementFailed, cpu_time_ns, rounds, running, wait_for

WINDOW_S = 1.0
BUDGET_S = 75
SATURATED = 0.9  # least share of its core that the server uses
OBSERVERS = ("unwatched", "empty", "loopscope")
NR_CLIENTS = 100
TIMEOUT_S = 20

NGINX_CONF = """
daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log stderr crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {directory};
    proxy_temp_path {directory};
    fastcgi_temp_path {directory};
    uwsgi_temp_path {directory};
    scgi_temp_path {directory};
    server {{
        listen 127.0.0.1:{port};
        root {directory};
        location = /status {{ stub_status; }}
    }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def redis_requests(port):
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection, \
         connection.makefile("rwb") as stream:
        stream.write(b"INFO stats\r\n")
        stream.flush()
        reply = stream.read(int(stream.readline().removeprefix(b"$")))
    return int(reply.split(b"total_commands_processed:")[1].split()[0])


def nginx_requests(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=TIMEOUT_S) as response:
        return int(response.read().split()[9])


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def redis(build, server_cpu, client_cpu):
    """Yields the server's pid and a function that tells its requests so far."""
    port = free_port()
    server = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "",
              "--appendonly", "no"]
    client = [build / "tests/bench/redis_load", port, NR_CLIENTS]
    with running(server, cpu=server_cpu, stdout=subprocess.DEVNULL) as process:
        wait_for("answer from redis", lambda: answers(port))
        with running(client, cpu=client_cpu):
            yield process.pid, lambda: redis_requests(port)


@contextlib.contextmanager
def nginx(_build, server_cpu, client_cpu):
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="loopscope-bench-") as directory:
        config = pathlib.Path(directory, "nginx.conf")
        config.write_text(NGINX_CONF.format(directory=directory, port=port), encoding="utf-8")
        pathlib.Path(directory, "page").write_text("x" * 1024, encoding="utf-8")
        server = ["nginx", "-p", directory, "-c", config]
        client = ["wrk", "-t", 1, "-c", NR_CLIENTS, "-d", "1h", f"http://127.0.0.1:{port}/page"]
        with running(server, cpu=server_cpu) as process:
            wait_for("answer from nginx", lambda: answers(port))
            with running(client, cpu=client_cpu, stop_with=signal.SIGINT,
                         stdout=subprocess.DEVNULL):
                yield process.pid, lambda: nginx_requests(port)


def reading(pid, requests):
    return requests(), cpu_time_ns(pid), time.monotonic_ns()


def window(pid, requests):
    """Requests a second, and the share of its core that the server used."""
    start = reading(pid, requests)
    time.sleep(WINDOW_S)
    nr_requests, cpu_ns, wall_ns = (end - begin for begin, end in
                                    zip(start, reading(pid, requests)))
    return nr_requests * 1e9 / wall_ns, cpu_ns / wall_ns


def measure_round(number, observers, pid, requests):
    """A window under each observer: {observer: (requests a second, share of the core)}."""
    windows = {}
    turn = number % len(OBSERVERS)
    for name in OBSERVERS[turn:] + OBSERVERS[:turn]:
        with observers.observe(name, pid):
            windows[name] = window(pid, requests)
    return windows


def ratio_of(observer, kept):
    """Median over the rounds of its rate, in terms of the unwatched one beside it."""
    return statistics.median(windows[observer][0] / windows["unwatched"][0] for windows in kept)


def cpu_ns_per_request(observer, kept):
    """The least over the rounds: a second opinion, which others' work disturbs less."""
    return min(windows[observer][1] * 1e9 / windows[observer][0] for windows in kept)


def measure(name, serve, observers, build, cpus, nr_rounds, progress):
    kept = []
    with serve(build, *cpus) as (pid, requests):
        if not observers.hooks:
            observers.discover_hooks(pid)
        time.sleep(WINDOW_S)  # all connections made, all caches warm
        for number in rounds(nr_rounds, BUDGET_S, lambda: len(kept) == nr_rounds):
            progress(f"{name}: round {number + 1}, kept {len(kept)} of {nr_rounds}")
            windows = measure_round(number, observers, pid, requests)
            if min(share for _, share in windows.values()) >= SATURATED:
                kept.append(windows)
    if len(kept) < nr_rounds / 2:
        raise MeasurementFailed(f"{name} was saturated in {len(kept)} of {number + 1} rounds only; "
                                f"in the last: {windows}")
    return {"value": ratio_of("loopscope", kept), "from": {
        "empty_programs": ratio_of("empty", kept),
        "cpu_ns_per_request": {name: cpu_ns_per_request(name, kept) for name in OBSERVERS},
        "rounds": [{name: {"requests_per_s": rate, "core_share": share}
                    for name, (rate, share) in windows.items()} for windows in kept]}}
