# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP/gRPC against HTTP/2 that is no gRPC, or none that a proper server speaks."""

import base64
import contextlib
import gzip
import re

import pytest

import otlp_answers
from certificates import server_context
from misbehaving_h2 import GRPC, SERVICE, Session, frame, succeed
from misbehaving_server import Answers, Server, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, Sender, send


def exported(answer, body, **options):
    with Server(Session(answer)) as server:
        export = send(server.url(""), [body], grpc=True, **options)
    return export, server


def test_headers(body):
    export, server = exported(succeed, body)
    (request,) = server.requests
    assert export.outcome == "accepted" and request.body == body.read_bytes()
    assert (request.method, request.path) == ("POST", f"/{SERVICE}/Export")
    assert request.headers["content-type"] == "application/grpc"
    assert request.headers["te"] == "trailers"
    assert request.headers["grpc-encoding"] == "gzip"
    assert "identity" in request.headers["grpc-accept-encoding"]
    assert re.fullmatch("[0-9]{1,8}m", request.headers["grpc-timeout"])
    assert export.stats["bytes"] == request.wire_size


def trailers_only(*trailers):
    return lambda stream: stream.send_headers([*GRPC, *trailers], end=True)


@pytest.mark.parametrize("padding", ["", "="], ids=["unpadded", "padded"])
def test_details_padded_or_not(body, padding):
    status = otlp_answers.rpc_status(8, "", otlp_answers.retry_info(300)) + bytes(3)
    while len(status) % 3 != 2:  # as long as padding needs
        status = otlp_answers.rpc_status(8, "x" * len(status), otlp_answers.retry_info(300))
    text = base64.b64encode(status).decode().rstrip("=") + padding
    answer = trailers_only(("grpc-status", "8"), ("grpc-status-details-bin", text))
    export, _ = exported(answer, body)
    assert export.outcome == "failed" and "300.0 s" in export.message


@pytest.mark.parametrize("text", ["!!!", "AAAA", "////", ""])
def test_details_broken(body, text):
    answer = trailers_only(("grpc-status", "8"), ("grpc-status-details-bin", text))
    export, _ = exported(answer, body)
    assert export.outcome == "refused"


def test_trailers_only(body):
    """And the message: percent-encoded, with whatever a stranger puts in."""
    message = f"caf%C3%A9%0A%1b[31m %zz 100%25 {SECRET} %00end"
    answer = trailers_only(("grpc-status", "3"), ("grpc-message", message))
    export, _ = exported(answer, body)
    assert export.outcome == "refused"
    assert (
        export.message
        == "the back end answered INVALID_ARGUMENT: café??[31m %zz 100% *** ?end"
    )


def test_unknown_code(body):
    export, _ = exported(trailers_only(("grpc-status", "4711")), body)
    assert export.outcome == "refused"
    export, _ = exported(trailers_only(("grpc-status", "77")), body)
    assert export.message == "the back end answered gRPC status 77"


@pytest.mark.parametrize("code", ["", "x", "-1", "99999999999999999999"])
def test_code_that_is_none(body, code):
    export, _ = exported(trailers_only(("grpc-status", code)), body)
    assert export.outcome == "refused" and "UNKNOWN" in export.message


def test_no_trailers(body):
    def answer(stream):
        stream.send_headers(GRPC)
        stream.send_data(frame(), end=True)

    export, server = exported(answer, body)
    assert export.outcome == "refused" and len(server.requests) == 1
    assert export.message == "the back end answered UNKNOWN: HTTP 200 without a gRPC status"


@pytest.mark.parametrize(
    "status, outcome, name",
    [
        (400, "refused", "INTERNAL"),
        (401, "refused", "UNAUTHENTICATED"),
        (403, "refused", "PERMISSION_DENIED"),
        (404, "refused", "UNIMPLEMENTED"),
        (429, "failed", "UNAVAILABLE"),
        (500, "refused", "UNKNOWN"),
        (502, "failed", "UNAVAILABLE"),
        (503, "failed", "UNAVAILABLE"),
        (504, "failed", "UNAVAILABLE"),
    ],
)
def test_http_status(body, status, outcome, name):
    """Of a proxy between, which has no gRPC status."""

    def answer(stream):
        stream.send_headers([(":status", str(status)), ("content-type", "text/html")])
        stream.send_data(b"<h1>Sorry</h1>", end=True)

    export, server = exported(answer, body, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == outcome and len(server.requests) == 1
    said = f"the back end answered {name}: HTTP {status} of content-type text/html"
    assert said in export.message


def test_wrong_content_type(body):
    def answer(stream):
        stream.send_headers([(":status", "200"), ("content-type", "text/html")])
        stream.send_data(b"<h1>Welcome</h1>", end=True)

    export, _ = exported(answer, body)
    assert export.outcome == "refused" and "text/html" in export.message


@pytest.mark.parametrize(
    "code, outcome, attempts",
    [(8, "failed", 1), (2, "failed", 1), (11, "failed", 1)],
    ids=["CANCEL", "INTERNAL_ERROR", "ENHANCE_YOUR_CALM"],
)
@pytest.mark.parametrize("when", ["before", "within"])
def test_stream_reset(body, code, outcome, attempts, when):
    def answer(stream):
        if when == "within":
            stream.send_headers(GRPC)
            stream.send_data(frame())
        stream.reset(code)

    export, server = exported(answer, body, timeout_ms=ONE_ATTEMPT_MS)
    assert (export.outcome, export.attempts) == (outcome, attempts)
    assert export.message.startswith("gave up" if code == 8 else "HTTP/2 stream")
    assert len(server.requests) == 1


def then_ok(first):
    """`first` for the first request, and success from then on."""
    calls = []

    def answer(stream):
        calls.append(stream)
        (first if len(calls) == 1 else succeed)(stream)

    return answer


def test_stream_refused(body):
    """REFUSED_STREAM: nothing was looked at, so libcurl itself sends it again."""
    export, server = exported(then_ok(lambda stream: stream.reset(7)), body)
    assert export.outcome == "accepted" and len(server.requests) == 2


def test_go_away(body):
    """A server that stops in the midst of a request."""
    export, server = exported(then_ok(lambda stream: stream.go_away(last=0)), body)
    assert export.outcome == "accepted" and len(server.requests) == 2


def test_go_away_between_exports(body, authority):
    """As servers do that limit a connection's age: no export fails for it."""
    streams = []

    def answer(stream):
        streams.append(stream)
        succeed(stream)

    context = server_context(authority.issue("server"), protocols=["h2"])
    with Server(Session(answer), context) as server:
        with Sender(server.url(""), [body], grpc=True, ca=authority.file) as sender:
            for _ in range(3):
                export = sender.next()
                assert export.outcome == "accepted", export.message
                with contextlib.suppress(OSError):  # the client has closed it already
                    streams[-1].go_away()
    assert len(server.requests) == server.nr_connections == 3


def test_cut(body):
    export, server = exported(
        then_ok(lambda stream: stream.session.connection.reset()), body
    )
    assert (export.outcome, export.attempts) == ("accepted", 2)


def test_hang(body):
    export, _ = exported(lambda stream: None, body, timeout_ms=400)
    assert export.outcome == "failed"
    assert export.message == "gave up after 1 attempt: no complete answer in time"
    export.assert_loop_turned()


def test_hang_after_the_message(body):
    """Without trailers nobody knows."""

    def answer(stream):
        stream.send_headers(GRPC)
        stream.send_data(frame())

    export, _ = exported(answer, body, timeout_ms=400)
    assert export.outcome == "failed"
    export.assert_loop_turned()


def answer_with(data, *headers):
    def answer(stream):
        stream.send_headers([*GRPC, *headers])
        stream.send_data(data)
        stream.send_headers([("grpc-status", "0")], end=True)

    return answer


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0",
        frame(b"x", length=100),
        frame(b"xyz", length=1),
        frame(b"not gzip", compressed=True),
        frame(b"", length=0xFFFFFFFF),
        b"\7" + frame(b"")[1:],
        frame(gzip.compress(b"\0" * (1 << 20)), compressed=True),
        frame(b"\xff" * 10),
        frame(b"\0" * 100000),
    ],
    ids=["none", "short", "cut", "long", "no-gzip", "4GiB", "flag", "bomb", "no-proto", "64KiB+"],
)
def test_message_broken(body, data):
    """The status says that it is accepted; what came with it is worth a word, no more."""
    export, server = exported(answer_with(data, ("grpc-encoding", "gzip")), body)
    assert export.outcome == "accepted" and len(server.requests) == 1
    assert export.message.startswith("accepted, but the answer is")


def test_compressed_by_an_unknown_method(body):
    export, _ = exported(answer_with(frame(b"", True), ("grpc-encoding", "zstd")), body)
    assert export.outcome == "accepted" and export.message


def test_huge_response(body):
    """Cut off at a bound: the trailers, and with them the status, are never seen."""
    export, server = exported(answer_with(bytes(8 << 20)), body)
    assert export.outcome == "failed" and export.attempts == 1
    assert export.message == "the answer's body is too long"


def test_http_1_there(body):
    """A receiver of OTLP/HTTP."""

    def refuse(connection):
        connection.receive()
        connection.send(response(400))

    with Server(refuse) as server:
        export = send(server.url(""), [body], grpc=True, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == "failed" and export.message


def test_connection_is_kept(body, authority):
    context = server_context(authority.issue("server"), protocols=["h2"])
    with Server(Session(succeed), context) as server:
        with Sender(server.url(""), [body], grpc=True, ca=authority.file) as sender:
            assert [sender.next().outcome for _ in range(5)] == ["accepted"] * 5
    assert server.nr_connections == 1


def test_tls_without_http2(body, authority):
    """ALPN chose HTTP/1.1: no gRPC can be spoken there, and the message says so."""
    context = server_context(authority.issue("old"), protocols=["http/1.1"])
    with Server(Answers(response(200)), context) as server:
        options = {"grpc": True, "ca": authority.file, "timeout_ms": ONE_ATTEMPT_MS}
        export = send(server.url(""), [body], **options)
    assert export.outcome != "accepted" and "gRPC" in export.message
