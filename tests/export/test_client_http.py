# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP/HTTP: what is sent, what each kind of answer means, and answers that are none."""

import socket
import time
from email.utils import formatdate

import pytest

import otlp_answers
from misbehaving_server import Answers, Server, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, Sender, send

OK = response(200)
HANG_MS = 400


@pytest.fixture
def body(tmp_path):
    """Not OTLP, but the client does not look into it: anything will do."""
    path = tmp_path / "request"
    path.write_bytes(bytes(range(256)) * 40)
    return path


def exported(behave, body, **options):
    with Server(behave) as server:
        export = send(server.url(), [body], **options)
    return export, server


@pytest.mark.parametrize("plain", [False, True], ids=["gzip", "plain"])
def test_accepted(body, plain):
    options = {"plain": True} if plain else {}
    export, server = exported(Answers(OK), body, header=["x-one=1", "x-empty="], **options)
    (request,) = server.requests
    assert (export.outcome, export.message, export.busy) == ("accepted", "", False)
    assert (request.method, request.path) == ("POST", "/v1/metrics")
    assert request.body == body.read_bytes()
    assert request.headers["content-type"] == "application/x-protobuf"
    assert request.headers.get("content-encoding") == (None if plain else "gzip")
    assert request.headers["user-agent"].startswith("OTel-loopscope/")
    assert (request.headers["x-one"], request.headers["x-empty"]) == ("1", "")
    assert "expect" not in request.headers
    assert plain or request.wire_size < len(request.body)
    stats = export.stats
    assert (stats["attempts"], stats["requests"], stats["retries"]) == (1, 1, 0)
    assert (stats["failures"], stats["bytes"]) == (0, request.wire_size)


def test_large_and_several(tmp_path):
    """Of several MiB, compressed in steps; in order; the loop turns all the while."""
    paths = []
    for i in range(3):
        paths.append(tmp_path / f"request{i}")
        paths[-1].write_bytes((b"%d" % i) * (4 << 20))
    with Server(Answers(OK)) as server:
        export = send(server.url(), paths)
    assert export.outcomes == ["accepted"] * 3
    assert [request.body for request in server.requests] == [p.read_bytes() for p in paths]
    assert server.nr_connections == 1
    assert export.ticks > 0 and export.stats["requests"] == 3


def test_empty_request(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    export, server = exported(Answers(OK), path)
    assert export.outcome == "accepted" and server.requests[0].body == b""


@pytest.mark.parametrize("status", [202, 204])
def test_other_success(body, status):
    answer = OK if status == 202 else b"HTTP/1.1 204 No Content\r\n\r\n"
    export, _ = exported(Answers(answer), body)
    assert (export.outcome, export.message) == ("accepted", "")


def test_partial_success(body):
    partial = otlp_answers.partial_success(7, f"too old\n\x1b[31m Bearer {SECRET}")
    export, server = exported(Answers(response(200, body=partial)), body)
    assert export.outcome == "accepted" and len(server.requests) == 1
    assert export.message == "the back end rejected 7 data points: too old??[31m ***"
    assert (export.stats["rejected_points"], export.stats["failures"]) == (7, 1)


def test_warning(body):
    """Nothing rejected, but something to say."""
    answer = response(200, body=otlp_answers.partial_success(0, "use delta"))
    export, _ = exported(Answers(answer), body)
    assert (export.outcome, export.message) == (
        "accepted",
        "accepted; the back end warns: use delta",
    )
    assert export.stats["failures"] == export.stats["rejected_points"] == 0


def test_garbage_body(body):
    export, server = exported(Answers(response(200, body=b"\xffnot protobuf")), body)
    assert (export.outcome, export.message) == (
        "accepted",
        "accepted, but the answer is not OTLP's",
    )
    assert export.stats["failures"] == 0 and len(server.requests) == 1


def test_huge_body(body):
    export, _ = exported(Answers(response(200, body=b"x" * (8 << 20))), body)
    assert export.outcome == "accepted"
    assert export.message == "accepted, but the answer has over 65536 bytes"


@pytest.mark.parametrize("status", [400, 401, 404, 405, 413, 415, 418, 500, 501, 505])
def test_refused(body, status):
    """For good: sent once, whatever time is left."""
    export, server = exported(Answers(response(status), OK), body)
    assert export.outcome == "refused" and len(server.requests) == 1
    assert export.message.startswith(f"the back end answered HTTP {status}")
    assert export.stats["failures"] == 1 and export.stats["retries"] == 0


def test_refused_with_status(body):
    status = otlp_answers.rpc_status(3, f"metric 'x' has no unit; token {SECRET}\r\n")
    answer = response(400, ["Content-Type: application/x-protobuf"], status)
    export, _ = exported(Answers(answer), body)
    assert export.outcome == "refused"
    assert export.message == "the back end answered HTTP 400: metric 'x' has no unit; token ***??"


def test_refused_does_not_stop_the_rest(tmp_path):
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(path.name.encode())
    answers = Answers(response(400), OK, response(413))
    with Server(answers) as server:
        export = send(server.url(), paths)
    assert export.outcomes == ["refused", "accepted", "refused"]
    assert [request.body for request in server.requests] == [b"a", b"b", b"c"]
    assert export.message == "request 1 of 3: the back end answered HTTP 400 (and 1 more)"
    assert (export.stats["requests"], export.stats["failures"]) == (3, 1)


def test_redirect(body):
    """Not followed: the headers are for the endpoint and nobody else."""
    with Server(Answers(OK)) as elsewhere:
        location = f"Location: {elsewhere.url()}?key={SECRET}"
        export, server = exported(Answers(response(307, [location])), body)
    assert export.outcome == "refused" and len(server.requests) == 1
    assert not elsewhere.nr_connections
    assert f"HTTP 307: moved to {elsewhere.url()};" in export.message


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_retried(body, status):
    export, server = exported(Answers(response(status), OK), body)
    assert (export.outcome, export.message) == ("accepted", "")
    assert [request.body for request in server.requests] == [body.read_bytes()] * 2
    assert (export.attempts, export.stats["retries"], export.stats["requests"]) == (2, 1, 1)
    assert export.stats["duration_s"] >= 0.8
    export.assert_loop_turned()


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_out_of_time(body, status):
    export, server = exported(Answers(response(status), OK), body, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and len(server.requests) == 1
    assert export.message == f"gave up after 1 attempt: the back end answered HTTP {status}"


def test_retries_end_the_export(tmp_path):
    """One that cannot be delivered: those after it are not even tried."""
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_bytes(path.name.encode())
    with Server(Answers(OK, response(503))) as server:
        export = send(server.url(), paths, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcomes == ["accepted", "failed", "failed"]
    assert len(server.requests) == 2
    assert export.message.startswith("request 2 of 3: gave up after 1 attempt: ")


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after(body, form):
    """Longer than the back-off, and waited for."""
    text = "2" if form == "seconds" else formatdate(time.time() + 3, usegmt=True)
    answers = Answers(response(429, [f"Retry-After: {text}"]), OK)
    export, server = exported(answers, body)
    assert export.outcome == "accepted" and len(server.requests) == 2
    assert export.stats["duration_s"] >= 1.9


def test_retry_after_beyond_the_deadline(body):
    """Given up at once, instead of waiting for a deadline that brings nothing."""
    answers = Answers(response(429, ["Retry-After: 120"]), OK)
    export, server = exported(answers, body, timeout_ms=30000)
    assert export.outcome == "failed" and len(server.requests) == 1
    assert export.message.startswith("gave up after 1 attempt (which asks to wait 120.0 s): ")


def test_connection_refused(body):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    url = f"http://user:{SECRET}@127.0.0.1:{port}/v1/metrics"
    export = send(url, [body], timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed"
    assert export.message.startswith("gave up after 1 attempt: Failed to connect to 127.0.0.1")


def test_refused_then_back(body):
    """The receiver restarts between two attempts."""
    with Server(lambda connection: connection.reset()) as server:
        with Sender(server.url(), [body], 2) as sender:
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


def test_cut_in_the_head_of_the_answer(body):
    def cut(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
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
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"\0\1\2\3" * 100, b"HTTP/1.1 abc\r\n\r\n", b"HTTP/7.3 200 OK\r\n\r\n"],
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
    with Server(Answers(OK)) as server, Sender(server.url(), [body], 5) as sender:
        for _ in range(5):
            assert sender.next().outcome == "accepted"
    assert server.nr_connections == 1 and len(server.requests) == 5


def test_connection_closed_between_exports(body):
    """The receiver closes it while it is idle: the next export takes another, as one attempt."""

    def once(connection):
        connection.read_request()
        connection.send(OK)

    with Server(once) as server, Sender(server.url(), [body], 4) as sender:
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

    with Server(vary) as server, Sender(server.url(), [body], 12, timeout_ms=200) as sender:
        counts = []
        for _ in range(12):
            sender.next()
            counts.append(sender.nr_descriptors())
    assert max(counts[3:]) <= max(counts[:3])
