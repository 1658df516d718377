# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent's HTTP server: what it answers, to whom, and clients that mean no good."""

import gzip
import json
import select
import socket
import ssl
import time
from base64 import b64encode
from contextlib import ExitStack

import pytest

from certificates import LOCAL, NEW_KEY, openssl
from figures_server import PASSWORD, TIMEOUT_S, FiguresServer, encoded, start_error

MANY = 150  # loops: an exposition of some 5 MB
USERNAME = "prometheus"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PROTOBUF = ("application/vnd.google.protobuf;"
            "proto=io.prometheus.client.MetricFamily;encoding=delimited")  # fmt: skip
MAX_BODIES = 4
MAX_CONNECTIONS = 32


def wait_for(condition, what):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, f"timed out: {what}"
        time.sleep(0.02)


def read_all(client):
    """Until the server closes; an abrupt end counts as one, too."""
    received = b""
    try:
        while part := client.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def get(path="/healthz", *headers):
    lines = [f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]
    return "\r\n".join(lines).encode()


@pytest.fixture(scope="module")
def server():
    with FiguresServer() as running:
        yield running


# what it answers


@pytest.mark.parametrize(
    "accept, name, content_type",
    [
        (None, "text", "text/plain; version=0.0.4; charset=utf-8"),
        (OPENMETRICS, "openmetrics",
         "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        (PROTOBUF, "protobuf",
         "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
         "encoding=delimited"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", [None, "gzip"])
def test_metrics(server, accept, name, content_type, encoding):
    headers = {"Accept": accept, "Accept-Encoding": encoding or "identity"}
    status, answered, body = server.request(
        "/metrics", headers={k: v for k, v in headers.items() if v}
    )
    assert (status, answered["Content-Type"]) == (200, content_type)
    assert answered.get("Content-Encoding") == encoding
    assert int(answered["Content-Length"]) == len(body)
    assert (gzip.decompress(body) if encoding else body) == encoded(name)


def test_scrapes_are_counted():
    with FiguresServer() as server:
        for path in ["/metrics", "/metrics", "/healthz", "/debug/loops"]:
            assert server.status(path) == 200
        assert server.status("/metrics", method="HEAD") == 200
    assert server.scrapes == 2


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_debug_loops(server, encoding):
    status, headers, body = server.request("/debug/loops", headers={"Accept-Encoding": encoding})
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert headers["X-Content-Type-Options"] == "nosniff"
    loops = json.loads(gzip.decompress(body) if encoding == "gzip" else body)["loops"]
    assert [loop["thread"] for loop in loops] == ["redis-server", "node", 'work"er\\\n1']


def test_small_pages(server):
    assert server.request("/healthz")[::2] == (200, b"ok\n")
    assert server.request("/readyz")[::2] == (200, b"ok\n")
    status, headers, body = server.request("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"/metrics" in body


@pytest.mark.parametrize("path", ["/", "/metrics", "/healthz", "/debug/loops"])
def test_head(server, path):
    status, headers, body = server.request(path, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(server.request(path)[2])


@pytest.mark.parametrize("path", ["/metric", "/metrics/", "//metrics", "/debug", "/%00",
                                  "/metrics%00", "/%6detrics", "/../etc"])  # fmt: skip
def test_not_found(server, path):
    assert server.status(path) == 404


def test_query_is_ignored(server):
    assert server.status("/metrics?name[]=x") == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "FETCH"])
def test_method_not_allowed(server, method):
    status, headers, _ = server.request("/metrics", method=method)
    assert (status, headers["Allow"]) == (405, "GET, HEAD")


def test_no_figures_and_not_well():
    with FiguresServer(no_figures=True, sick=True) as server:
        for path in ["/metrics", "/debug/loops", "/healthz", "/readyz"]:
            assert server.status(path) == 503, path
        assert server.status("/") == 200


# to whom


def credentials(username, password):
    token = b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {token}"}


@pytest.mark.parametrize("path", ["/", "/metrics", "/debug/loops", "/nothing"])
def test_credentials(path):
    with FiguresServer(PASSWORD, username=USERNAME) as server:
        right = credentials(USERNAME, PASSWORD)
        assert server.status(path, headers=right) == (404 if path == "/nothing" else 200)
        for wrong in [
            {},
            credentials(USERNAME, ""),
            credentials(USERNAME, PASSWORD[:-1]),
            credentials(USERNAME, PASSWORD + "x"),
            credentials(USERNAME, PASSWORD * 2),
            credentials("", PASSWORD),
            credentials(USERNAME[:-1], PASSWORD),
            {"Authorization": "Basic"},
            {"Authorization": "Basic ===="},
            {"Authorization": "Basic " + "A" * 4000},
            {"Authorization": right["Authorization"].replace("Basic", "Bearer")},
        ]:
            status, headers, body = server.request(path, headers=wrong)
            assert status == 401, wrong
            assert headers["WWW-Authenticate"].startswith('Basic realm="loopscope"')
            assert b"loop_" not in body
        assert server.status(path, method="POST") == 401
        # probes of Kubernetes carry none
        assert server.status("/healthz") == server.status("/readyz") == 200


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tls")
    certificate, key = directory / "server.pem", directory / "server.key"
    openssl("req", "-x509", *NEW_KEY, "-keyout", key, "-out", certificate, "-days", 2,
            "-subj", "/CN=localhost", "-addext", f"subjectAltName={LOCAL}")  # fmt: skip
    return {"certificate": certificate, "key": key}


def test_tls(pair):
    context = ssl.create_default_context(cafile=pair["certificate"])
    with FiguresServer(PASSWORD, username=USERNAME, **pair) as server:
        right = credentials(USERNAME, PASSWORD)
        assert server.status("/metrics", context=context) == 401
        status, _, body = server.request("/metrics", context=context, headers=right)
        assert (status, body) == (200, encoded("text"))
        # plain HTTP, and cut off while it is read: neither harms those after it
        with server.connect() as client:
            client.sendall(get())
            assert not read_all(client).startswith(b"HTTP/1.1 200")
        for _ in range(3):
            with context.wrap_socket(server.connect(), server_hostname="localhost") as client:
                client.sendall(get("/metrics", "Authorization: " + right["Authorization"]))
                client.recv(100)
        assert server.status("/healthz", context=context) == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_versions(pair):
    old = ssl.create_default_context(cafile=pair["certificate"])
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    with FiguresServer(**pair) as server:
        with pytest.raises(OSError):
            server.status("/healthz", context=old)


def test_large_answer_over_tls(pair):
    context = ssl.create_default_context(cafile=pair["certificate"])
    with FiguresServer(loops=MANY, **pair) as server:
        assert server.request("/metrics", context=context)[2] == encoded("text", loops=MANY)


# what keeps it from starting


def test_address_errors(server):
    error = start_error(listen=f"127.0.0.1:{server.port}")
    assert error.startswith(f"127.0.0.1:{server.port}: the address is in use; ")
    assert start_error(listen="localhost:1").startswith("localhost:1: not an address and port")
    assert start_error(listen="192.0.2.1:0").startswith("192.0.2.1:0: this machine does not have")


def test_all_addresses():
    with FiguresServer(listen=":0") as server:
        assert server.status("/healthz") == 200
        if socket.has_ipv6:
            with socket.create_connection(("::1", server.port), timeout=TIMEOUT_S) as client:
                client.sendall(get("/healthz", "Connection: close"))
                assert read_all(client).startswith(b"HTTP/1.1 200")


def test_certificate_errors(pair, tmp_path):
    missing, empty, large = tmp_path / "missing", tmp_path / "empty", tmp_path / "large"
    empty.touch()
    with open(large, "wb") as file:
        file.truncate(1 << 30)
    key = pair["key"]
    for certificate, words in [
        (missing, "No such file"),
        (empty, "not a PEM file"),
        (large, "too large"),
        (tmp_path, "directory"),
        ("/dev/zero", "Invalid"),
    ]:
        error = start_error(certificate=certificate, key=key)
        assert error.startswith(f"certificate {certificate}: ") and words in error, error
    assert start_error(certificate=pair["certificate"]).startswith("TLS needs both")
    assert start_error(key=key).startswith("TLS needs both")
    error = start_error(certificate=key, key=key)
    assert error.startswith(f"the certificate {key} and the key {key} cannot be used"), error


# clients that mean no good


def test_pipelined_requests(server):
    with server.connect() as client:
        client.sendall(get() * 20 + get("/metrics") + get("/nothing", "Connection: close"))
        answer = read_all(client)
    assert answer.count(b"HTTP/1.1 200") == 21
    assert answer.count(b"HTTP/1.1 404") == 1
    assert encoded("text") in answer


@pytest.mark.parametrize(
    "body",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
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
        waiting.sendall(get("/healthz", "Connection: close"))
        # those that it took before are alive
        idle[0].sendall(b"\r\n")
        assert idle[0].recv(12) == b"HTTP/1.1 200"
        assert not select.select([waiting], [], [], 0)[0]
        idle[1].close()
        assert read_all(waiting).startswith(b"HTTP/1.1 200")
    assert server.status("/healthz") == 200


def slow_reader(stack, server, *headers):
    """Asks for the metrics, and reads no more than that there are any."""
    client = stack.enter_context(socket.socket())
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(TIMEOUT_S)
    client.connect(("127.0.0.1", server.port))
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
    with FiguresServer(loops=MANY, request_timeout_ms=500) as server, ExitStack() as stack:
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
        assert received < len(encoded("text", loops=MANY))
        assert server.status("/healthz") == 200


def test_kept_connection_is_not_cut_between_requests():
    with FiguresServer(request_timeout_ms=1000) as server, server.connect() as client:
        begun = time.monotonic()
        while time.monotonic() - begun < 2.5:  # well over the timeout, never idle for as long
            client.sendall(get())
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
            time.sleep(0.1)
