# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP/gRPC: against a real gRPC server, and against HTTP/2 that is no gRPC."""

import base64
import gzip
import re
from concurrent import futures

import grpc
import pytest

import otlp_answers
from certificates import Authority, server_context
from misbehaving_h2 import GRPC, Session, frame
from misbehaving_server import Answers, Server, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, Sender, send

SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService"
RETRYABLE = ["CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE",
             "DATA_LOSS"]  # fmt: skip
NUMBERS = {code.name: code.value[0] for code in grpc.StatusCode}


@pytest.fixture
def body(tmp_path):
    path = tmp_path / "request"
    path.write_bytes(bytes(range(256)) * 40)
    return path


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "authority")


class Receiver(grpc.GenericRpcHandler):
    """A real gRPC server, whose method is `answer(body, context)`."""

    def __init__(self, answer, credentials=None, **options):
        self.answer = answer
        self.requests = []
        self.metadata = []
        self.remaining = []
        self.server = grpc.server(futures.ThreadPoolExecutor(2), **options)
        self.server.add_generic_rpc_handlers((self,))
        if credentials:
            self.port = self.server.add_secure_port("127.0.0.1:0", credentials)
        else:
            self.port = self.server.add_insecure_port("127.0.0.1:0")

    def service(self, details):
        if details.method != f"/{SERVICE}/Export":
            return None
        return grpc.unary_unary_rpc_method_handler(self.export)  # bytes in, bytes out

    def export(self, request, context):
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        self.remaining.append(context.time_remaining())
        return self.answer(request, context)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *error):
        self.server.stop(0).wait()

    def url(self, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.port}"


def ok(request, context):
    return b""


def fails(code, message="", details=None):
    def answer(request, context):
        if details is not None:
            context.set_trailing_metadata((("grpc-status-details-bin", details),))
        context.abort(code, message)

    return answer


def exported(answer, body, **options):
    with Receiver(answer) as receiver:
        export = send(receiver.url(), [body], grpc=True, **options)
    return export, receiver


def h2_exported(answer, body, **options):
    with Server(Session(answer)) as server:
        export = send(server.url(""), [body], grpc=True, **options)
    return export, server


@pytest.mark.parametrize("plain", [False, True], ids=["gzip", "plain"])
def test_accepted(body, plain):
    options = {"plain": True} if plain else {}
    export, receiver = exported(ok, body, **options)
    assert (export.outcome, export.message) == ("accepted", "")
    assert receiver.requests == [body.read_bytes()]
    (metadata,) = receiver.metadata
    assert metadata["authorization"] == f"Bearer {SECRET}"
    assert metadata["user-agent"].startswith("OTel-loopscope/")
    assert 5 < receiver.remaining[0] <= 10  # seconds: the server knows the deadline


def succeed(stream):
    stream.send_headers(GRPC)
    stream.send_data(frame())
    stream.send_headers([("grpc-status", "0")], end=True)


def test_headers(body):
    export, server = h2_exported(succeed, body)
    (request,) = server.requests
    assert export.outcome == "accepted" and request.body == body.read_bytes()
    assert (request.method, request.path) == ("POST", f"/{SERVICE}/Export")
    assert request.headers["content-type"] == "application/grpc"
    assert request.headers["te"] == "trailers"
    assert request.headers["grpc-encoding"] == "gzip"
    assert "identity" in request.headers["grpc-accept-encoding"]
    assert re.fullmatch("[0-9]{1,8}m", request.headers["grpc-timeout"])
    assert export.stats["bytes"] == request.wire_size


def test_path_of_the_endpoint_is_replaced(body):
    with Receiver(ok) as receiver:
        export = send(receiver.url() + "/v1/metrics?x=1#y", [body], grpc=True)
    assert export.outcome == "accepted"


def test_large_and_several(tmp_path):
    """More than HTTP/2's first window, in one and in more requests."""
    paths = []
    for i in range(3):
        paths.append(tmp_path / f"request{i}")
        paths[-1].write_bytes(bytes([i, 7]) * (1 << 20))
    with Receiver(ok) as receiver:
        export = send(receiver.url(), paths, grpc=True, plain=True)
    assert export.outcomes == ["accepted"] * 3
    assert receiver.requests == [path.read_bytes() for path in paths]


def test_partial_success(body):
    partial = otlp_answers.partial_success(9, f"no {SECRET} for you")
    export, receiver = exported(lambda *_: partial, body)
    assert export.outcome == "accepted" and len(receiver.requests) == 1
    assert export.message == "the back end rejected 9 data points: no *** for you"
    assert (export.stats["rejected_points"], export.stats["failures"]) == (9, 1)


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.NoCompression])
def test_compressed_response(body, compression):
    partial = otlp_answers.partial_success(1, "a" * 1000)
    with Receiver(lambda *_: partial, compression=compression) as receiver:
        export = send(receiver.url(), [body], grpc=True)
    assert export.outcome == "accepted" and export.stats["rejected_points"] == 1


@pytest.mark.parametrize("name", [name for name in NUMBERS if name != "OK"])
def test_codes(body, name):
    """Those that may pass are failures of this export, the others are for good."""
    code = grpc.StatusCode[name]
    export, receiver = exported(fails(code, "told"), body, timeout_ms=ONE_ATTEMPT_MS)
    assert len(receiver.requests) == 1
    if name in RETRYABLE:
        assert export.outcome == "failed"
        assert export.message == f"gave up after 1 attempt: the back end answered {name}: told"
    else:
        assert export.outcome == "refused"
        assert export.message == f"the back end answered {name}: told"


@pytest.mark.parametrize("name", RETRYABLE)
def test_retried(body, name):
    answers = [fails(grpc.StatusCode[name]), ok]
    export, receiver = exported(lambda *args: answers.pop(0)(*args), body)
    assert (export.outcome, export.attempts, export.message) == ("accepted", 2, "")
    assert receiver.requests == [body.read_bytes()] * 2
    export.assert_loop_turned()


def exhausted(*details):
    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    return fails(code, "busy", otlp_answers.rpc_status(8, "busy", *details))


def test_exhausted_with_retry_info(body):
    """And the delay that it asks for, longer than the back-off, is waited for."""
    answers = [exhausted(otlp_answers.retry_info(1, 900000000)), ok]
    export, receiver = exported(lambda *args: answers.pop(0)(*args), body)
    assert (export.outcome, export.attempts) == ("accepted", 2)
    assert export.stats["duration_s"] >= 1.9


def test_retry_info_beyond_the_deadline(body):
    export, receiver = exported(exhausted(otlp_answers.retry_info(300)), body)
    assert export.outcome == "failed" and len(receiver.requests) == 1
    assert "(which asks to wait 300.0 s)" in export.message


@pytest.mark.parametrize(
    "details",
    [[], [otlp_answers.any_of("google.rpc.DebugInfo", b"\x0a\x01x")]],
    ids=["none", "another"],
)
def test_exhausted_without_retry_info(body, details):
    export, receiver = exported(exhausted(*details), body)
    assert export.outcome == "refused" and len(receiver.requests) == 1


def trailers_only(*trailers):
    return lambda stream: stream.send_headers([*GRPC, *trailers], end=True)


@pytest.mark.parametrize("padding", ["", "="], ids=["unpadded", "padded"])
def test_details_padded_or_not(body, padding):
    status = otlp_answers.rpc_status(8, "", otlp_answers.retry_info(300)) + bytes(3)
    while len(status) % 3 != 2:  # as long as padding needs
        status = otlp_answers.rpc_status(8, "x" * len(status), otlp_answers.retry_info(300))
    text = base64.b64encode(status).decode().rstrip("=") + padding
    answer = trailers_only(("grpc-status", "8"), ("grpc-status-details-bin", text))
    export, _ = h2_exported(answer, body)
    assert export.outcome == "failed" and "300.0 s" in export.message


@pytest.mark.parametrize("text", ["!!!", "AAAA", "////", ""])
def test_details_broken(body, text):
    answer = trailers_only(("grpc-status", "8"), ("grpc-status-details-bin", text))
    export, _ = h2_exported(answer, body)
    assert export.outcome == "refused"


def test_trailers_only(body):
    """And the message: percent-encoded, with whatever a stranger puts in."""
    message = f"caf%C3%A9%0A%1b[31m %zz 100%25 {SECRET} %00end"
    answer = trailers_only(("grpc-status", "3"), ("grpc-message", message))
    export, _ = h2_exported(answer, body)
    assert export.outcome == "refused"
    assert (
        export.message
        == "the back end answered INVALID_ARGUMENT: café??[31m %zz 100% *** ?end"
    )


def test_unknown_code(body):
    export, _ = h2_exported(trailers_only(("grpc-status", "4711")), body)
    assert export.outcome == "refused"
    export, _ = h2_exported(trailers_only(("grpc-status", "77")), body)
    assert export.message == "the back end answered gRPC status 77"


@pytest.mark.parametrize("code", ["", "x", "-1", "99999999999999999999"])
def test_code_that_is_none(body, code):
    export, _ = h2_exported(trailers_only(("grpc-status", code)), body)
    assert export.outcome == "refused" and "UNKNOWN" in export.message


def test_no_trailers(body):
    def answer(stream):
        stream.send_headers(GRPC)
        stream.send_data(frame(), end=True)

    export, server = h2_exported(answer, body)
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

    export, server = h2_exported(answer, body, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome == outcome and len(server.requests) == 1
    assert f"the back end answered {name}: HTTP {status} of content-type text/html" in export.message


def test_wrong_content_type(body):
    def answer(stream):
        stream.send_headers([(":status", "200"), ("content-type", "text/html")])
        stream.send_data(b"<h1>Welcome</h1>", end=True)

    export, _ = h2_exported(answer, body)
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

    export, server = h2_exported(answer, body, timeout_ms=ONE_ATTEMPT_MS)
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
    export, server = h2_exported(then_ok(lambda stream: stream.reset(7)), body)
    assert export.outcome == "accepted" and len(server.requests) == 2


def test_go_away(body):
    """A server that stops in the midst of a request."""
    export, server = h2_exported(then_ok(lambda stream: stream.go_away(last=0)), body)
    assert export.outcome == "accepted" and len(server.requests) == 2


def test_go_away_between_exports(body, authority):
    """As servers do that limit a connection's age: no export fails for it."""
    streams = []

    def answer(stream):
        streams.append(stream)
        succeed(stream)

    context = server_context(authority.issue("server"), protocols=["h2"])
    with Server(Session(answer), context) as server:
        with Sender(server.url(""), [body], 3, grpc=True, ca=authority.file) as sender:
            for _ in range(3):
                export = sender.next()
                assert export.outcome == "accepted", export.message
                streams[-1].go_away()
    assert len(server.requests) == server.nr_connections == 3


def test_cut(body):
    export, server = h2_exported(
        then_ok(lambda stream: stream.session.connection.reset()), body
    )
    assert (export.outcome, export.attempts) == ("accepted", 2)


def test_hang(body):
    export, _ = h2_exported(lambda stream: None, body, timeout_ms=400)
    assert export.outcome == "failed"
    assert export.message == "gave up after 1 attempt: no complete answer in time"
    export.assert_loop_turned()


def test_hang_after_the_message(body):
    """Without trailers nobody knows."""

    def answer(stream):
        stream.send_headers(GRPC)
        stream.send_data(frame())

    export, _ = h2_exported(answer, body, timeout_ms=400)
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
    export, server = h2_exported(answer_with(data, ("grpc-encoding", "gzip")), body)
    assert export.outcome == "accepted" and len(server.requests) == 1
    assert export.message.startswith("accepted, but the answer is")


def test_compressed_by_an_unknown_method(body):
    export, _ = h2_exported(answer_with(frame(b"", True), ("grpc-encoding", "zstd")), body)
    assert export.outcome == "accepted" and export.message


def test_huge_response(body):
    """Cut off at a bound: the trailers, and with them the status, are never seen."""
    export, server = h2_exported(answer_with(bytes(8 << 20)), body)
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
        with Sender(server.url(""), [body], 5, grpc=True, ca=authority.file) as sender:
            assert [sender.next().outcome for _ in range(5)] == ["accepted"] * 5
    assert server.nr_connections == 1


def test_several_exports_without_tls(body):
    """Whether the connection is kept depends on libcurl; nothing is left open."""
    with Receiver(ok) as receiver:
        with Sender(receiver.url(), [body], 5, grpc=True) as sender:
            counts = []
            for _ in range(5):
                assert sender.next().outcome == "accepted"
                counts.append(sender.nr_descriptors())
    assert len(set(counts)) == 1


@pytest.mark.parametrize("shown", [True, False], ids=["certificate", "none"])
def test_tls_with_client_certificate(body, authority, shown):
    server, client = authority.issue("server"), authority.issue("client")
    credentials = grpc.ssl_server_credentials(
        [(server.key.read_bytes(), server.certificate.read_bytes())],
        root_certificates=authority.file.read_bytes(),
        require_client_auth=True,
    )
    mine = {"certificate": client.certificate, "key": client.key} if shown else {}
    with Receiver(ok, credentials) as receiver:
        url = receiver.url("https")
        timeout_ms = 10000 if shown else ONE_ATTEMPT_MS
        export = send(url, [body], grpc=True, ca=authority.file, timeout_ms=timeout_ms, **mine)
    assert export.outcome == ("accepted" if shown else "failed")
    assert receiver.requests == ([body.read_bytes()] if shown else [])


def test_tls_without_http2(body, authority):
    """ALPN chose HTTP/1.1: no gRPC can be spoken there, and the message says so."""
    context = server_context(authority.issue("old"), protocols=["http/1.1"])
    with Server(Answers(response(200)), context) as server:
        export = send(server.url(""), [body], grpc=True, ca=authority.file, timeout_ms=ONE_ATTEMPT_MS)
    assert export.outcome != "accepted" and "gRPC" in export.message
