# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The demo server: what it serves, what it survives, how it ends, and what is seen of it."""

import contextlib
import os
import random
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from servers import await_true, child_pids, running
from watch import BINARY, Watch

HEALTH = b"GET /health HTTP/1.1\r\nHost: demo\r\n\r\n"
LAST = b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"
NR_CONNECTIONS = 256  # that it keeps


class Demo:
    def __init__(self, process):
        self.process = process
        first = process.stdout.readline()
        said = re.fullmatch(r"The demo server is process (\d+), at (http://\S+:(\d+))\n", first)
        assert said, first
        self.pid, self.url, self.port = int(said[1]), said[2], int(said[3])
        assert self.pid == process.pid

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read()

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(60)
        return connection

    def ask(self, data):
        """What comes back up to the end, after all of the data."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)


def read_all(connection):
    return b"".join(iter(lambda: connection.recv(65536), b""))


@contextlib.contextmanager
def demo_server(*options):
    command = [BINARY, "demo", *options]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        yield Demo(process)


@pytest.fixture
def quiet():
    with demo_server("--no-traffic") as demo:
        yield demo


def test_pages(quiet):
    assert quiet.get("/health") == b"ok\n"
    assert b"/slow" in quiet.get("/")
    for path, least in ("/fast", 0.01), ("/slow", 0.5), ("/blocking", 0.5):
        begun = time.monotonic()
        quiet.get(path)
        assert time.monotonic() - begun >= least
    with pytest.raises(urllib.error.HTTPError, match="404"):
        quiet.get("/nowhere")


def test_pieces_and_pipelines(quiet):
    with quiet.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in LAST:
            connection.send(bytes([byte]))
        assert read_all(connection).endswith(b"\r\n\r\nok\n")
    assert quiet.ask(HEALTH * 499 + LAST).count(b"\r\n\r\nok\n") == 500
    body = b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100000
    answers = quiet.ask(body + LAST)
    assert b" 405 " in answers and answers.endswith(b"\r\n\r\nok\n")
    with quiet.connect() as connection:
        connection.sendall(HEALTH)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).endswith(b"\r\n\r\nok\n")


@pytest.mark.parametrize(
    "junk, status",
    [
        (b"\x16\x03\x01" + bytes(50000), 400),
        (b"G" * 50000, 431),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"x" * 50000, 501),
    ],
    ids=["tls", "endless", "chunked"],
)
def test_junk_is_answered(quiet, junk, status):
    with quiet.connect() as connection:
        connection.sendall(junk)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection).startswith(b"HTTP/1.1 %d " % status)


def test_junk_is_survived(quiet):
    draw = random.Random(3)
    for _ in range(300):
        with contextlib.suppress(OSError), quiet.connect() as connection:
            for _ in range(draw.randint(1, 4)):
                noise = draw.randbytes(draw.randint(1, 3000))
                connection.send(draw.choice([noise, HEALTH, b"\r\n\r\n", b"GET / HTTP/1.1\r\n"]))
            if draw.random() < 0.5:  # reset rather than close
                linger = b"\1\0\0\0\0\0\0\0"
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert quiet.get("/health") == b"ok\n"


def test_greed_is_survived(quiet):
    with contextlib.ExitStack() as idle:
        for _ in range(2 * NR_CONNECTIONS):
            idle.enter_context(quiet.connect())
        assert quiet.get("/health") == b"ok\n"
        descriptors = len(os.listdir(f"/proc/{quiet.pid}/fd"))
        assert NR_CONNECTIONS <= descriptors <= NR_CONNECTIONS + 16
    with quiet.connect() as deaf:  # asks on and on, reads nothing
        deaf.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                deaf.send(HEALTH * 1000)
        assert quiet.get("/health") == b"ok\n"
        await_true(lambda: is_asleep(quiet.pid), "it spins")


def is_asleep(pid):
    """In the same wait call over some time, and without a tick of CPU time."""

    def seen():
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        switches = Path(f"/proc/{pid}/status").read_text().split("voluntary_ctxt_switches:")[1]
        return fields[11:13], switches.split()[0]

    before = seen()
    time.sleep(0.2)
    return seen() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_at_once(quiet, number):
    with contextlib.ExitStack() as clients:
        for path in ["/slow", "/blocking"] * 10:  # ten seconds of work
            client = clients.enter_context(quiet.connect())
            client.sendall(f"GET {path} HTTP/1.1\r\n\r\n".encode())
        sent = time.monotonic()
        quiet.process.send_signal(number)
        assert quiet.process.wait(timeout=60) == 0
        assert time.monotonic() - sent < 5


def test_it_ends_in_time():
    with demo_server("--duration", "0.5", "--no-traffic") as demo:
        assert demo.process.wait(timeout=60) == 0
        assert "requests answered" in demo.process.stdout.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_visitors_end_with_it(number):
    with demo_server() as demo:
        (visitors,) = child_pids(demo.pid)
        assert Path(f"/proc/{visitors}/comm").read_text().strip() in ("demo-server", "demo-traffic")
        demo.process.send_signal(number)
        demo.process.wait(timeout=60)
    await_true(lambda: not is_alive(visitors), "the visitors outlive it")


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def refusal(*options):
    result = subprocess.run([BINARY, "demo", *options], capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert not result.stdout
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_what_it_cannot_do_is_said(quiet):
    assert "in use" in refusal("--port", str(quiet.port))
    for port in ("0", "65536", "-1", "8o80", "80.5", ""):
        assert "--port takes" in refusal(f"--port={port}")
    for seconds in ("0", "-1", "soon", "nan"):
        assert "--duration takes" in refusal(f"--duration={seconds}")


def test_stalls_are_seen(figures):
    with demo_server() as demo, Watch("-p", demo.pid) as watch:
        demo.get("/slow")
        demo.get("/blocking")
        report = watch.finish()
    report.check_nothing_lost()
    assert [loop["pid"] for loop in report.loops] == [demo.pid]
    loop = report.thread(demo.pid)
    assert loop["thread"] == loop["process"] == "demo-server"
    assert loop["stalls"] >= 2
    figures.at_least("asleep", loop.syscall("clock_nanosleep")[1], 500, "ms", source="/blocking")
    figures.at_least("longest busy", loop["busy_ms"]["max"], 500, "ms", source="/slow")
    figures.at_least("on the CPU", loop.time_ms["cpu"], 250, "ms", source="/slow, contended")
