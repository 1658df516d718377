# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The client on its loop: cancelled, freed, held up by nothing; and settings it does not take."""

import pytest

from misbehaving_server import Answers, Server, response
from otlp_sender import ONE_ATTEMPT_MS, SECRET, send

HANG_MS = 400


def hang(connection):
    connection.read_request()
    connection.hang()


def test_cancelled_in_a_transfer(body):
    with Server(hang) as server:
        export = send(server.url(), [body, body], cancel_after_ms=100)
    assert export.outcomes == ["failed"] * 2 and len(server.requests) == 1
    assert export.message == "request 1 of 2: cancelled"
    assert export.stats["duration_s"] < 10 and not export.busy


def test_cancelled_while_waiting(body):
    with Server(Answers(response(503))) as server:
        export = send(server.url(), [body], cancel_after_ms=200)
    assert (export.outcome, export.message) == ("failed", "cancelled")
    assert len(server.requests) == 1


def test_freed_in_a_transfer(body):
    """No callback, nothing printed, no leak."""
    with Server(hang) as server:
        assert send(server.url(), [body], free_after_ms=100) is None
    assert len(server.requests) == 1


def test_freed_while_waiting(body):
    with Server(Answers(response(503))) as server:
        assert send(server.url(), [body], free_after_ms=200) is None


@pytest.mark.parametrize("status", [200, 400, 503])
def test_freed_in_the_callback(body, status):
    with Server(Answers(response(status))) as server:
        export = send(server.url(), [body], timeout_ms=ONE_ATTEMPT_MS, free_when_done=True)
    assert len(export.outcomes) == 1


def test_resolver_hangs(body):
    """The thread that libcurl resolves in is left behind, not waited for."""
    export = send("http://receiver.hang.test/v1/metrics", [body], timeout_ms=HANG_MS)
    assert export.outcome == "failed"
    assert export.message == "gave up after 1 attempt: no connection in time"
    export.assert_loop_turned()


def test_no_such_host(body):
    export = send("http://receiver.invalid/v1/metrics", [body], timeout_ms=HANG_MS)
    assert export.outcome == "failed" and "receiver.invalid" in export.message


@pytest.mark.parametrize(
    "endpoint",
    ["", "receiver:4318", "ftp://receiver/", "file:///etc/passwd", "http://", "http://a b/"],
)
def test_endpoint_refused(body, endpoint):
    assert "not a URL of http or https" in send(endpoint, [body]).error


@pytest.mark.parametrize(
    "header",
    [
        f"x-one=a\r\nx-two: {SECRET}",
        f"x-one={SECRET}\n",
        f"x-one={SECRET}\x01",
        "x-one\r\nx-two=b",
        "x one=b",
        "x:one=b",
        "=b",
        "content-type=text/plain",
        "Content-Length=0",
        "grpc-timeout=1H",
    ],
)
def test_header_refused(body, header):
    """A line break would be the end of it, and the beginning of another one."""
    export = send("http://127.0.0.1:1/", [body], header=header)
    assert "header" in export.error and "\n" not in export.error
