# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent's HTTP server and clients that mean no good, or are slow."""

import select
import socket
import time
from contextlib import ExitStack

import pytest

from figures_server import TIMEOUT_S, FiguresServer, encoded, get, read_all

MANY = 150  # loops: an exposition of some 5 MB
MAX_BODIES = 4
MAX_CONNECTIONS = 32


@pytest.fixture(scope="module")
def server():
    with FiguresServer() as running:
        yield running


def wait_for(condition, what):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"timed out: {what}"
        time.sleep(0.02)


def test_pipelined_requests(server):
    with server.connect() as client:
        client.sendall(get() * 20 + get("/metrics") + get("/nothing", "Connection: close"))
        answer = read_all(client)
    assert answer.count(b"HTTP/1.1 200") == 21
    assert answer.count(b"HTTP/1.1 404") == 1
    assert encoded("text") in answer


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 5\r\n\r\nhello",
     b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
     b"Content-Length: 99999999999\r\n\r\n"],
    ids=["length", "chunked", "endless"],
)  # fmt: skip
@pytest.mark.parametrize("method, status", [(b"GET", b"413"), (b"POST", b"405")])
def test_bodies_are_refused(server, method, status, body):
    """And nothing of them is taken for a request."""
    with server.connect() as client:
        client.sendall(method + b" /healthz HTTP/1.1\r\nHost: x\r\n" + body)
        assert read_all(client).split(b" ")[1] == status


@pytest.mark.parametrize(
    "request_bytes",
    [b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 100_000 + b"\r\n\r\n",
     b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 50_000 + b"\r\n",
     b"\x16\x03\x01\x02\x00\x01\x00" + bytes(range(256)) * 50,
     b"\r\n" * 10_000 + b"x" * 50_000,
     b"GET /\x00 HTTP/1.1\r\nConnection: close\r\n\x00: \x00\r\n\r\n",
     b"GET / HTTP/9.9\r\nContent-Length: -1\r\n\r\n",
     b"\0" * 70_000],
    ids=["path", "header", "headers", "tls", "newlines", "nul", "version", "zeroes"],
)  # fmt: skip
def test_junk(server, request_bytes):
    with server.connect() as client:
        try:
            client.sendall(request_bytes)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it hung up
        assert not read_all(client).startswith(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n")
    assert server.status("/healthz") == 200


def test_connections_beyond_the_limit_wait(server):
    """Half-open ones hold their places; as soon as one goes, who waits is served."""
    with ExitStack() as stack:
        idle = [stack.enter_context(server.connect()) for _ in range(MAX_CONNECTIONS)]
        for client in idle:
            client.sendall(get().removesuffix(b"\r\n"))
        waiting = stack.enter_context(server.connect())
        waiting.settimeout(20)  # less than the server bears with who says nothing
        waiting.sendall(get("/healthz", "Connection: close"))
        # those that it took before are alive
        idle[0].sendall(b"\r\n")
        assert idle[0].recv(12) == b"HTTP/1.1 200"
        assert not select.select([waiting], [], [], 0)[0]
        idle[1].close()
        assert read_all(waiting).startswith(b"HTTP/1.1 200")
    assert server.status("/healthz") == 200


def slow_reader(stack, server, *headers, after_s=0):
    """Asks for the metrics, and reads no more than that there are any."""
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(TIMEOUT_S)
    client.connect(("127.0.0.1", server.port))
    time.sleep(after_s)
    client.sendall(get("/metrics", "Connection: close", *headers))
    assert client.recv(15) == b"HTTP/1.1 200 OK"
    return client


def read_fast(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    return read_all(client)


def test_slow_readers_cost_little_and_get_all():
    plain = encoded("text", loops=MANY)
    with FiguresServer(loops=MANY) as server, ExitStack() as stack:
        assert server.request("/metrics")[2] == plain
        before = server.resident_bytes()
        slow = [slow_reader(stack, server) for _ in range(MAX_BODIES)]
        grown = server.resident_bytes() - before
        assert grown < len(plain) / 2, (grown, len(plain))
        # no more of them, but other pages go on, and so does the scraper once one is done
        assert server.status("/metrics") == server.status("/debug/loops") == 503
        assert server.status("/healthz") == 200
        assert read_fast(slow.pop()).endswith(plain[-100:])
        wait_for(lambda: server.status("/metrics") == 200, "a place free again")
        for client in slow:
            head, _, body = read_fast(client).partition(b"\r\n\r\n")
            assert body == plain, head


def test_readers_that_go_leave_nothing():
    with FiguresServer(loops=MANY) as server:
        for i in range(3 * MAX_BODIES):
            with ExitStack() as stack:
                slow_reader(stack, server, *(["Accept-Encoding: gzip"] if i % 2 else []))
            wait_for(lambda: server.status("/metrics", method="HEAD") == 200, "its place free")


@pytest.mark.parametrize("what", ["reading", "asking", "nothing"])
def test_who_takes_too_long_is_cut(what):
    """However busily: the timeout is for the whole of a request."""
    loops = 4 * MANY  # more than the kernel's buffers take off the server's hands
    with FiguresServer(loops=loops, request_timeout_ms=500) as server, ExitStack() as stack:
        if what == "reading":
            client = slow_reader(stack, server)
        else:
            client = stack.enter_context(server.connect())
        begun, ended, received = time.monotonic(), False, 0
        while not ended:
            assert time.monotonic() - begun < TIMEOUT_S
            try:
                if what == "asking":
                    client.sendall(b"G")
                if select.select([client], [], [], 0.01)[0]:
                    part = client.recv(16 if what == "reading" else 4096)
                    received += len(part)
                    ended = not part
            except ConnectionError:
                ended = True
            if what == "reading" and time.monotonic() - begun > 1:
                # it is cut by now: what is left in the kernel's buffers ends early
                received += len(read_all(client))
                ended = True
        assert received < len(encoded("text", loops=loops))
        assert server.status("/healthz") == 200


def test_kept_connection_is_not_cut_between_requests():
    with FiguresServer(request_timeout_ms=1000) as server, server.connect() as client:
        begun = time.monotonic()
        while time.monotonic() - begun < 2.5:  # well over the timeout, never idle for as long
            client.sendall(get())
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)


def test_an_answer_has_the_whole_timeout():
    """However long before it the connection was made: a scraper keeps one, and asks rarely."""
    loops = 4 * MANY  # more than the kernel's buffers take off the server's hands
    with FiguresServer(loops=loops, request_timeout_ms=3000) as server, ExitStack() as stack:
        client = slow_reader(stack, server, after_s=2.4)
        time.sleep(1.5)
        head, _, body = read_fast(client).partition(b"\r\n\r\n")
        assert body == encoded("text", loops=loops), head
