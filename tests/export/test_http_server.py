# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent's HTTP server: what it answers, and to whom."""

import gzip
import json
import socket
import ssl
from base64 import b64encode

import pytest

from certificates import LOCAL, NEW_KEY, openssl
from figures_server import (PASSWORD, TIMEOUT_S, FiguresServer, encoded, get, read_all,
                            start_error)  # fmt: skip

MANY = 150  # loops: an exposition of some 5 MB
USERNAME = "prometheus"
OPENMETRICS = "application/openmetrics-text;version=1.0.0"
PROTOBUF = ("application/vnd.google.protobuf;"
            "proto=io.prometheus.client.MetricFamily;encoding=delimited")  # fmt: skip


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
