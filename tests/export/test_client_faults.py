# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP/HTTP: a receiver that is away, hangs, breaks off or talks nonsense."""

import pytest

from misbehaving_server import Answers, Server, closed_port, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, Sender, send

OK = response(200)
HANG_MS = 400


def exported(behave, body, **options):
    with Server(behave) as server:
        export = send(server.url(), [body], **options)
    return export, server


def test_connection_refused(body):
    url = f"http://user:{SECRET}@127.0.0.1:{closed_port()}/v1/metrics"
    export = send(url, [body], timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed"
    assert export.message.startswith("gave up after 1 attempt: Failed to connect to 127.0.0.1")


def test_refused_then_back(body):
    """The receiver restarts between two attempts."""
    with Server(lambda connection: connection.reset()) as server:
        with Sender(server.url(), [body]) as sender:
            server.behave = first_reset(Answers(OK))
            export = sender.next()
            assert (export.outcome, export.attempts) == ("accepted", 2)
            assert sender.next().outcome == "accepted"


def first_reset(behave):
    def run(connection):
        if connection.number == 0:
            connection.reset()
        else:
            behave(connection)

    return run


def hang(connection):
    connection.read_request()
    connection.hang()


def hang_deaf(connection):
    """Does not even read."""
    connection.hang()


def drip_head(connection):
    connection.read_request()
    connection.drip(OK)


def endless_headers(connection):
    connection.read_request()
    connection.send(b"HTTP/1.1 200 OK\r\n")
    while not connection.server.stopping.wait(0.02):
        connection.send(b"X-More: of the same\r\n")


@pytest.mark.parametrize("behave", [hang, hang_deaf, drip_head, endless_headers])
def test_hang(body, behave):
    export, _ = exported(behave, body, timeout_ms=HANG_MS)
    assert export.outcome == "failed" and export.attempts == 1
    assert export.message == "gave up after 1 attempt: no complete answer in time"
    export.assert_loop_turned()


def test_flood_of_headers(body):
    def flood(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.send(b"X-More: of the same\r\n" * 1000)

    export, server = exported(flood, body)
    assert export.outcome == "failed" and len(server.requests) == 1
    assert export.message == "the answer's headers are too long"


def test_drip_of_the_body(body):
    """The status has said that it is accepted: sending it again would count it twice."""

    def drip_body(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        connection.drip(b"\0" * 100)

    export, _ = exported(drip_body, body, timeout_ms=HANG_MS)
    assert export.outcome == "accepted"
    export.assert_loop_turned()


def test_cut_in_the_body_of_the_answer(body):
    def cut(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n1234")

    export, server = exported(cut, body)
    assert export.outcome == "accepted" and len(server.requests) == 1


@pytest.mark.parametrize("how", ["reset", "close"])
def test_cut_in_the_head_of_the_answer(body, how):
    """libcurl is content with headers that end where the connection does."""

    def cut(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        if how == "reset":
            connection.reset()

    export, server = exported(cut, body, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and len(server.requests) == 1


def test_cut_in_the_request(tmp_path):
    """The first connection dies with the body half sent; the second takes it."""
    path = tmp_path / "request"
    path.write_bytes(b"x" * (8 << 20))

    def cut(connection):
        if connection.number == 0:
            connection.read_exactly(100000)
            connection.reset()
        else:
            Answers(OK)(connection)

    export, server = exported(cut, path, plain=True)
    assert (export.outcome, export.attempts) == ("accepted", 2)
    assert [request.body for request in server.requests] == [path.read_bytes()]


def test_early_answer(tmp_path):
    """413 before the body has been read, and the connection closed."""
    path = tmp_path / "request"
    path.write_bytes(b"x" * (8 << 20))

    def early(connection):
        connection.read_exactly(1000)
        connection.send(response(413, ["Connection: close"]))
        connection.hang()

    export, _ = exported(early, path, plain=True)
    assert export.outcome == "refused" and "HTTP 413" in export.message


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\0\1\2\3" * 100,
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/7.3 200 OK\r\n\r\n",
    ],
    ids=["ssh", "binary", "no-status", "version"],
)
def test_garbage(body, garbage):
    """Whatever it is, it is no HTTP: the endpoint is wrong, and repeating does not mend it."""

    def talk(connection):
        connection.read_request()
        connection.send(garbage)

    export, server = exported(talk, body)
    assert export.outcome == "failed" and len(server.requests) == 1
    assert export.message


def test_nothing(body):
    """Closed without a word: a receiver that stops, maybe."""
    export, server = exported(
        lambda connection: connection.read_request(), body, timeout_ms=ONE_ATTEMPT_MS
    )
    assert export.outcome == "failed" and len(server.requests) == 1
    assert export.message.startswith("gave up after 1 attempt: ")


def test_continue_first(body):
    """1xx is not the answer."""
    export, _ = exported(Answers(b"HTTP/1.1 102 Processing\r\n\r\n" + response(400)), body)
    assert export.outcome == "refused"


def test_connection_is_kept(body):
    with Server(Answers(OK)) as server, Sender(server.url(), [body]) as sender:
        for _ in range(5):
            assert sender.next().outcome == "accepted"
        assert sender.connections_close_on_exec()
    assert server.nr_connections == 1 and len(server.requests) == 5


def test_connection_closed_between_exports(body):
    """The receiver closes it while it is idle: the next export takes another, as one attempt."""

    def once(connection):
        connection.read_request()
        connection.send(OK)

    with Server(once) as server, Sender(server.url(), [body]) as sender:
        exports = [sender.next() for _ in range(4)]
        assert [export.outcome for export in exports] == ["accepted"] * 4
        assert exports[-1].attempts == 4
    assert len(server.requests) == 4


def test_descriptors_do_not_grow(body):
    """Hangs given up, resets and good ones: what was opened is closed."""

    def vary(connection):
        connection.read_request()
        if connection.number % 3 == 0:
            connection.hang()
        if connection.number % 3 == 1:
            connection.send(OK)

    with Server(vary) as server, Sender(server.url(), [body], timeout_ms=200) as sender:
        counts = []
        for _ in range(12):
            sender.next()
            counts.append(sender.nr_descriptors())
    assert max(counts[3:]) <= max(counts[:3])
