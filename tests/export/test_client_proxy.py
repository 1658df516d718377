# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Proxies: a small one that forwards HTTP and makes tunnels, given and from the environment."""

import base64
import socket
import threading

import pytest

from certificates import server_context
from misbehaving_h2 import Session, succeed
from misbehaving_server import Answers, Server, closed_port, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, send

OK = Answers(response(200))
PASSWORD = "pr0xy-passw0rd"
PROXY_LOGIN = base64.b64encode(f"user:{PASSWORD}".encode()).decode()


class Proxy(Server):
    """Forwards requests with an absolute URL; CONNECT makes a tunnel. Keeps the heads it saw."""

    def __init__(self, refusal=None):
        super().__init__(self.forward)
        self.refusal = refusal
        self.heads = []

    def address(self, userinfo=""):
        return f"http://{userinfo}127.0.0.1:{self.port}"

    def forward(self, connection):
        method, target, headers = connection.read_head()
        self.heads.append((method, target, headers))
        if self.refusal:
            connection.send(self.refusal)
            connection.hang()
        elif method == "CONNECT":
            host, _, port = target.rpartition(":")
            with socket.create_connection((host, int(port))) as upstream:
                self.sockets.append(upstream)
                connection.send(b"HTTP/1.1 200 Connected\r\nX-Proxy: here\r\n\r\n")
                self.tunnel(connection.socket, upstream)
        else:
            authority, _, path = target.removeprefix("http://").partition("/")
            host, _, port = authority.rpartition(":")
            body = connection.read_exactly(int(headers["content-length"]))
            kept = {k: v for k, v in headers.items() if not k.startswith("proxy-")}
            lines = [f"{method} /{path} HTTP/1.1", *(f"{k}: {v}" for k, v in kept.items())]
            with socket.create_connection((host, int(port))) as upstream:
                upstream.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
                connection.send(upstream.recv(65536))

    def tunnel(self, client, upstream):
        def copy(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        back = threading.Thread(target=copy, args=(upstream, client), daemon=True)
        back.start()
        copy(client, upstream)
        back.join()


def test_forwarded(body):
    with Server(OK) as server, Proxy() as proxy:
        export = send(server.url(), [body], proxy=proxy.address(f"user:{PASSWORD}@"))
    assert (export.outcome, export.message) == ("accepted", "")
    ((method, target, headers),) = proxy.heads
    assert (method, target) == ("POST", server.url())
    assert headers["proxy-authorization"] == f"Basic {PROXY_LOGIN}"
    assert server.requests[0].body == body.read_bytes()


def test_tunnel(body, authority):
    """The proxy sees where to, and none of the headers."""
    context = server_context(authority.issue("server"))
    with Server(OK, context) as server, Proxy() as proxy:
        export = send(server.url(), [body], ca=authority.file, proxy=proxy.address())
    assert (export.outcome, export.message) == ("accepted", "")
    ((method, target, headers),) = proxy.heads
    assert (method, target) == ("CONNECT", f"127.0.0.1:{server.port}")
    assert "authorization" not in headers and SECRET not in str(headers)
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_grpc_through_a_tunnel(body, authority, tls):
    context = server_context(authority.issue("h2"), protocols=["h2"]) if tls else None
    with Server(Session(succeed), context) as server, Proxy() as proxy:
        export = send(
            server.url(""), [body], grpc=True, ca=authority.file, proxy=proxy.address()
        )
    assert (export.outcome, export.message) == ("accepted", "")
    assert [head[0] for head in proxy.heads] == ["CONNECT"]
    assert server.requests[0].body == body.read_bytes()


def test_from_the_environment(body):
    with Server(OK) as server, Proxy() as proxy:
        export = send(server.url(), [body], env={"http_proxy": proxy.address()})
    assert export.outcome == "accepted" and len(proxy.heads) == 1


def test_no_proxy(body):
    with Server(OK) as server, Proxy() as proxy:
        environment = {"http_proxy": proxy.address(), "no_proxy": "127.0.0.1"}
        export = send(server.url(), [body], env=environment)
    assert export.outcome == "accepted" and not proxy.heads


def test_settings_over_the_environment(body):
    with Server(OK) as server, Proxy() as proxy:
        environment = {"http_proxy": "http://127.0.0.1:1"}
        export = send(server.url(), [body], env=environment, proxy=proxy.address())
    assert export.outcome == "accepted" and len(proxy.heads) == 1


@pytest.mark.parametrize(
    "status, gave_up", [(407, False), (403, False), (502, True), (503, True)]
)
def test_tunnel_refused(body, authority, status, gave_up):
    refusal = response(status, ["Connection: close"])
    with Server(OK, server_context(authority.issue("unseen"))) as server:
        with Proxy(refusal) as proxy:
            export = send(
                server.url(),
                [body],
                ca=authority.file,
                proxy=proxy.address(f"user:{PASSWORD}@"),
                timeout_ms=ONE_ATTEMPT_MS,
                secrets=[PASSWORD, PROXY_LOGIN],
            )
    assert export.outcome == "failed" and export.attempts == 1 and not server.nr_connections
    assert str(status) in export.message
    assert export.message.startswith("gave up") == gave_up


def test_hang_behind_the_tunnel(body, authority):
    """The proxy's 200 is not the receiver's."""
    context = server_context(authority.issue("mute"))
    with Server(lambda connection: connection.hang(), context) as server, Proxy() as proxy:
        export = send(
            server.url(), [body], ca=authority.file, proxy=proxy.address(), timeout_ms=400
        )
    assert export.outcome == "failed"
    assert export.message == "gave up after 1 attempt: no complete answer in time"


@pytest.mark.parametrize(
    "proxy", ["http://user:{}@proxy:port", "user:{}@proxy:port", "user:{}@", "//user:{}@[::"]
)
def test_proxy_that_is_none(body, proxy):
    """libcurl says what it cannot read, password and all."""
    proxy = proxy.format(PASSWORD)
    url = "http://127.0.0.1:1/v1/metrics"
    export = send(url, [body], proxy=proxy, timeout_ms=ONE_ATTEMPT_MS, secrets=[PASSWORD])
    assert export.outcome == "failed" and export.message


def test_proxy_away(body):
    proxy = f"http://user:{PASSWORD}@127.0.0.1:{closed_port()}"
    with Server(OK) as server:
        export = send(
            server.url(), [body], proxy=proxy, timeout_ms=ONE_ATTEMPT_MS, secrets=[PASSWORD]
        )
    assert export.outcome == "failed" and export.message.startswith("gave up after 1 attempt")


def test_proxy_hangs(body, authority):
    with Server(OK, server_context(authority.issue("far"))) as server:
        with Server(lambda connection: connection.hang()) as proxy:
            export = send(
                server.url(), [body], ca=authority.file, proxy=proxy.url(""), timeout_ms=400
            )
    assert export.outcome == "failed"
    export.assert_loop_turned()
