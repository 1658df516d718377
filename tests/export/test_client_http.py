# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP/HTTP: what is sent, and what each kind of answer means."""

import time
from email.utils import formatdate

import pytest

import otlp_answers
from misbehaving_server import Answers, Server, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, send

OK = response(200)


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
