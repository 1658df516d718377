# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Throughput of saturated servers, watched against unwatched.

Server and client have a core each and run throughout; loopscope comes and
goes, and the server's own counter is read at both ends of each window. A pair
is two windows side by side, in alternating order; the median of the pairs'
ratios counts, and a server with time to spare is a failed measurement. (Where
others use the machine, waiting for its core counts as using it.)
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

from process import MeasurementFailed, cpu_time_ns, running, wait_for

WINDOW_S = 1.0
SATURATED = 0.95  # least share of a window that the server runs or is kept from it
NR_CLIENTS = 100

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
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection, \
         connection.makefile("rwb") as stream:
        stream.write(b"INFO stats\r\n")
        stream.flush()
        reply = stream.read(int(stream.readline().removeprefix(b"$")))
    return int(reply.split(b"total_commands_processed:")[1].split()[0])


def nginx_requests(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/status", timeout=5) as response:
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
    nr_requests = requests()
    return nr_requests, *cpu_time_ns(pid), time.monotonic_ns()


def window(pid, requests):
    """Requests a second, and the shares of it that the server ran and waited for its core."""
    start = reading(pid, requests)
    time.sleep(WINDOW_S)
    grown = [end - begin for begin, end in zip(start, reading(pid, requests))]
    nr_requests, run_ns, wait_ns, wall_ns = grown
    return nr_requests * 1e9 / wall_ns, run_ns / wall_ns, wait_ns / wall_ns


def measure(name, serve, observers, build, cpus, pairs, progress):
    rates = {"unwatched": [], "loopscope": []}
    shares = []
    with serve(build, *cpus) as (pid, requests):
        time.sleep(WINDOW_S)  # all connections made, all caches warm
        for number in range(pairs):
            progress(f"{name}: pair {number + 1} of {pairs}")
            for observer in ("unwatched", "loopscope")[::-1 if number % 2 else 1]:
                with observers.observe(observer, pid):
                    rate, *share = window(pid, requests)
                rates[observer].append(rate)
                shares.append(share)
    run_share, wait_share = (statistics.median(column) for column in zip(*shares))
    if run_share + wait_share < SATURATED:
        raise MeasurementFailed(f"{name} was not saturated: it used {run_share:.2f} of its core")
    ratios = [watched / unwatched for watched, unwatched in
              zip(rates["loopscope"], rates["unwatched"])]
    return {"value": statistics.median(ratios),
            "from": {"requests_per_s": rates, "pair_ratios": ratios,
                     "server_run_share": run_share, "server_wait_share": wait_share}}
