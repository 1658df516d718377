# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""TLS: whose certificates are believed, our own certificate, handshakes that go wrong."""

import ssl

import pytest

from certificates import Authority, server_context
from misbehaving_server import Answers, Server, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, Sender, send

OK = Answers(response(200))
VERSIONS = pytest.mark.parametrize(
    "newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["tls1.2", "tls1.3"]
)


@pytest.fixture(scope="module")
def other_authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "stranger")


@pytest.fixture(scope="module")
def server_pair(authority):
    return authority.issue("server")


@pytest.fixture(scope="module")
def client_pair(authority):
    return authority.issue("client")


@VERSIONS
def test_own_authority(body, authority, server_pair, newest):
    with Server(OK, server_context(server_pair, newest=newest)) as server:
        export = send(server.url(), [body], ca=authority.file)
    assert (export.outcome, export.message) == ("accepted", "")
    assert server.requests[0].body == body.read_bytes()
    assert server.requests[0].headers["authorization"] == f"Bearer {SECRET}"


def assert_not_trusted(export, server):
    """Failed at once, with nothing sent; the next export may find it repaired."""
    assert export.outcome == "failed" and export.attempts == 1
    assert not server.requests and server.nr_connections == 1
    assert "gave up" not in export.message
    assert "certificate" in export.message.lower(), export.message


def test_unknown_authority(body, server_pair):
    with Server(OK, server_context(server_pair)) as server:
        export = send(server.url(), [body])
    assert_not_trusted(export, server)


def test_another_authority(body, server_pair, other_authority):
    with Server(OK, server_context(server_pair)) as server:
        export = send(server.url(), [body], ca=other_authority.file)
    assert_not_trusted(export, server)


def test_expired(body, authority):
    with Server(OK, server_context(authority.issue("expired", days=-1))) as server:
        export = send(server.url(), [body], ca=authority.file)
    assert_not_trusted(export, server)
    assert "expired" in export.message.lower()


def test_wrong_host(body, authority):
    pair = authority.issue("wrong", names="DNS:receiver.example")
    with Server(OK, server_context(pair)) as server:
        export = send(server.url(), [body], ca=authority.file)
    assert_not_trusted(export, server)


def test_skip_verify(body, other_authority):
    pair = other_authority.issue("anyone", names="DNS:receiver.example", days=-1)
    with Server(OK, server_context(pair)) as server:
        export = send(server.url(), [body], insecure=True)
    assert export.outcome == "accepted"


def test_no_such_authority_file(body, server_pair, tmp_path):
    with Server(OK, server_context(server_pair)) as server:
        export = send(server.url(), [body], ca=tmp_path / "missing.pem")
    assert export.outcome == "failed" and export.attempts == 1
    assert "missing.pem" in export.message and not server.requests


def test_repaired(body, authority, server_pair):
    """The next export finds another certificate, and is accepted."""
    expired = server_context(authority.issue("stale", days=-1))
    with Server(OK, expired) as server:
        with Sender(server.url(), [body], ca=authority.file) as sender:
            assert sender.next().outcome == "failed"
            server.tls = server_context(server_pair)
            assert sender.next().outcome == "accepted"


@VERSIONS
def test_client_certificate(body, authority, server_pair, client_pair, newest):
    context = server_context(server_pair, client_authority=authority, newest=newest)
    with Server(OK, context) as server:
        export = send(
            server.url(),
            [body],
            ca=authority.file,
            certificate=client_pair.certificate,
            key=client_pair.key,
        )
    assert (export.outcome, export.message) == ("accepted", "")


def test_no_client_certificate(body, authority, server_pair):
    """The server says so in the handshake, or closes so fast that its word is lost."""
    context = server_context(
        server_pair, client_authority=authority, newest=ssl.TLSVersion.TLSv1_2
    )
    with Server(OK, context) as server:
        export = send(server.url(), [body], ca=authority.file, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and export.attempts == 1
    assert not server.requests and "client certificate" in export.message


def test_no_client_certificate_since_tls13(body, authority, server_pair):
    """The handshake is over for the client when it learns that it was not enough."""
    context = server_context(server_pair, client_authority=authority)
    with Server(OK, context) as server:
        export = send(server.url(), [body], ca=authority.file, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and export.attempts == 1
    assert not server.requests and "client certificate" in export.message


def test_wrong_client_certificate(body, authority, server_pair, other_authority):
    pair = other_authority.issue("intruder")
    context = server_context(server_pair, client_authority=authority)
    with Server(OK, context) as server:
        export = send(
            server.url(),
            [body],
            ca=authority.file,
            certificate=pair.certificate,
            key=pair.key,
            timeout_ms=ONE_ATTEMPT_MS,
        )
    assert export.outcome == "failed" and not server.requests
    assert "client certificate" in export.message


def test_no_key(body, authority, server_pair, client_pair, tmp_path):
    with Server(OK, server_context(server_pair)) as server:
        export = send(
            server.url(),
            [body],
            ca=authority.file,
            certificate=client_pair.certificate,
            key=tmp_path / "missing.key",
        )
    assert export.outcome == "failed" and export.attempts == 1 and not server.requests


def test_hang_before_the_handshake(body, authority):
    with Server(lambda connection: connection.hang()) as server:
        url = server.url().replace("http:", "https:")
        export = send(url, [body], ca=authority.file, timeout_ms=400)
    assert export.outcome == "failed"
    assert export.message == "gave up after 1 attempt: connected, but no TLS handshake in time"
    export.assert_loop_turned()


def test_closed_in_the_handshake(body, authority, server_pair):
    """A receiver that restarts: it is tried again."""
    context = server_context(server_pair)

    def behave(connection):
        if connection.number == 0:
            connection.receive()
            return
        connection.socket = context.wrap_socket(connection.socket, server_side=True)
        OK(connection)

    with Server(behave) as server:
        url = server.url().replace("http:", "https:")
        export = send(url, [body], ca=authority.file)
    assert (export.outcome, export.attempts) == ("accepted", 2)


def test_closed_in_each_handshake(body, authority):
    with Server(lambda connection: connection.receive()) as server:
        url = server.url().replace("http:", "https:")
        export = send(url, [body], ca=authority.file, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed"
    assert "closed the connection in the TLS handshake" in export.message


def test_no_tls_there(body, authority):
    """A receiver of plain HTTP."""
    with Server(OK) as server:
        url = server.url().replace("http:", "https:")
        export = send(url, [body], ca=authority.file, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and not server.requests and export.message


def test_tls_not_asked_for(body, server_pair):
    """A receiver of TLS, and an endpoint of http."""
    with Server(OK, server_context(server_pair)) as server:
        url = server.url().replace("https:", "http:")
        export = send(url, [body], timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and not server.requests and export.message


def test_connection_is_kept(body, authority, server_pair):
    with Server(OK, server_context(server_pair)) as server:
        with Sender(server.url(), [body], ca=authority.file) as sender:
            assert [sender.next().outcome for _ in range(3)] == ["accepted"] * 3
    assert server.nr_connections == 1
