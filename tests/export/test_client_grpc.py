# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP/gRPC against a real gRPC server: what is sent, and what each status means."""

from concurrent import futures

import grpc
import pytest

import otlp_answers
from misbehaving_h2 import SERVICE
from otlp_sender import ONE_ATTEMPT_MS, SECRET, Sender, send

RETRYABLE = ["CANCELLED", "DEADLINE_EXCEEDED", "ABORTED", "OUT_OF_RANGE", "UNAVAILABLE",
             "DATA_LOSS"]  # fmt: skip
NUMBERS = {code.name: code.value[0] for code in grpc.StatusCode}


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


def test_several_exports_without_tls(body):
    """Whether the connection is kept depends on libcurl; nothing is left open."""
    with Receiver(ok) as receiver:
        with Sender(receiver.url(), [body], grpc=True) as sender:
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
