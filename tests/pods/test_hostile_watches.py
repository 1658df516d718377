# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Watches that lie, break off, or say nothing. What is known stays known."""

import json

import pytest

from fake_cluster import (
    LAST_CHUNK,
    WATCH_HEAD,
    FakeCluster,
    bookmark,
    chunk,
    event,
    failure,
    make_pod,
    pod_list,
    silent_watch,
    status_text,
    watch,
)
from pods_command import Follow
from retries import assert_patient

GOOD = make_pod("good")
NEW = make_pod("new", uid="2" * 32)
GONE = event("ERROR", json.loads(status_text(410, "too old resource version")))


def follow_of(cluster, credentials):
    return Follow(f"--kubeconfig={credentials.write(cluster.server)}")


def half_close(connection):
    """Says no more and listens on: without TLS the client sees the end of the bytes."""
    connection.socket.shutdown(1)
    connection.hang()


def reset(connection):
    connection.reset()


def assert_goes_on(credentials, *broken, version="10"):
    """After these watches the next goes on from that version, and nothing was listed anew."""
    with FakeCluster([pod_list(GOOD)], [*broken, watch(event("ADDED", NEW))]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: "new" in f.pods())
            assert_patient(cluster)
        assert cluster.count("list") == 1
        assert cluster.queries("watch")[len(broken)]["resourceVersion"] == version
    assert set(follow.pods()) == {"good", "new"} and not follow.of_type("deleted")


BREAKS = {
    "an end at once": watch(then=None),
    "half-closed": watch(bookmark("10"), then=half_close),
    "reset after the head": watch(then=reset),
    "reset in a chunk": lambda c: (c.send(WATCH_HEAD + chunk(event("ADDED", GOOD))[:90]), reset(c)),
    "reset before the head": reset,
    "closed before the head": lambda c: c.socket.shutdown(2),
    "half a head": lambda c: (c.send(WATCH_HEAD[:20]), reset(c)),
    "500": failure(500),
    "503": failure(503, headers=["Retry-After: 1"]),
    "429": failure(429, headers=["Retry-After: 1"]),
    "401": failure(401),
    "gateway": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\n<html",
}  # fmt: skip


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS.keys())
def test_break(credentials, broken):
    assert_goes_on(credentials, broken)


def test_bookmark_is_where_to_go_on(credentials):
    assert_goes_on(credentials, watch(bookmark("99"), then=half_close), version="99")


def test_bookmarks_only(credentials):
    marks = [bookmark(str(100 + i)) for i in range(1000)]
    assert_goes_on(credentials, watch(*marks, then=half_close), version="1099")


def test_version_of_a_megabyte(credentials):
    """It is none: the last good one counts."""
    assert_goes_on(credentials, watch(bookmark("98"), bookmark("9" * 2**20), then=half_close),
                   version="98")  # fmt: skip


def test_silence_before_the_head(credentials):
    with FakeCluster([pod_list(GOOD)], [lambda c: c.hang()]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: cluster.count("watch"))
            assert_patient(cluster, 0)
    assert set(follow.pods()) == {"good"}


def test_silence_behind_the_head(credentials):
    with FakeCluster([pod_list(GOOD)], [silent_watch]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: cluster.count("watch"))
            assert_patient(cluster, 0)
    assert set(follow.pods()) == {"good"} and not follow.messages()


def drip(connection):
    connection.send(WATCH_HEAD)
    connection.drip(chunk(event("ADDED", NEW)), 0.001)
    connection.hang()


def test_a_byte_at_a_time(credentials):
    with FakeCluster([pod_list(GOOD)], [drip]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: "new" in f.pods())
        assert cluster.count("watch") == 1


def test_every_break_of_an_event(credentials):
    """Chunks that end within texts, escapes and numbers."""

    def pieces(connection):
        connection.send(WATCH_HEAD)
        pod = make_pod("new", uid="2" * 32, labels={"k": 'a"\\\u00e9\n'})
        for byte in event("ADDED", pod).encode():
            connection.send(chunk(bytes([byte])))
        connection.hang()

    with FakeCluster([pod_list(GOOD)], [pieces]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: "new" in f.pods())
    assert follow.pods()["new"]["labels"] == {"k": 'a"\\\u00e9\n'}


EXPIRED = {"as a status": failure(410, "too old"), "as an event": watch(GONE, then=None)}


@pytest.mark.parametrize("expired", EXPIRED.values(), ids=EXPIRED.keys())
def test_expired(credentials, expired):
    """Listed anew, at once, and not from before what was seen."""
    lists = [pod_list(GOOD), pod_list(NEW, version="20")]
    with FakeCluster(lists, [expired, silent_watch]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced(2)
            follow.wait_for(lambda f: cluster.count("watch") == 2)
        assert cluster.queries("list")[1]["resourceVersion"] == "10"
        assert cluster.queries("watch")[1]["resourceVersion"] == "20"
    assert set(follow.pods()) == {"new"}


@pytest.mark.parametrize("expired", EXPIRED.values(), ids=EXPIRED.keys())
def test_expired_each_time(credentials, expired):
    with FakeCluster([pod_list(GOOD)], [expired]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("410|too old")
            assert_patient(cluster)
    assert set(follow.pods()) == {"good"} and not follow.of_type("deleted")


# passed over: the watch goes on behind them
STRANGE = {
    "deletion of an unknown pod": event("DELETED", make_pod("ghost")),
    "deletion of a pod without uid": event("DELETED", {"metadata": {"name": "good"}}),
    "no pod": event("ADDED", {"kind": "Secret", "metadata": {}}),
    "a name of 10 KB": event("ADDED", make_pod("n" * 10240)),
    "a bookmark without a version": event("BOOKMARK", {"kind": "Pod", "metadata": {}}),
    "a bookmark of a text": event("BOOKMARK", "x"),
    "a type that is a number": json.dumps({"type": 5, "object": GOOD}) + "\n",
    "an unknown type": event("EXPLODED", GOOD),
    "no type": json.dumps({"object": GOOD}) + "\n",
    "empty lines": "\n\n \r\n\t",
    "modification of an unknown pod's labels": event("MODIFIED", make_pod("m", labels=[])),
}


@pytest.mark.parametrize("strange", STRANGE.values(), ids=STRANGE.keys())
def test_strange_event(credentials, strange):
    with FakeCluster([pod_list(GOOD)], [watch(strange, event("ADDED", NEW))]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: "new" in f.pods())
        assert (cluster.count("list"), cluster.count("watch")) == (1, 1)
    assert {"good", "new"} <= set(follow.pods()) <= {"good", "new", "m"}
    assert not follow.of_type("deleted")


# each ends the watch: what comes behind cannot be trusted
NONSENSE = {
    "no JSON": "nonsense\n",
    "a list": "[]\n",
    "a number": "5\n",
    "nested 100,000 deep": "[" * 100000,
    "invalid UTF-8": b'{"type":"ADDED","object":"\xff\xfe"}\n',
    "another error": event("ERROR", json.loads(status_text(500, "etcd is gone"))),
    "an error of nothing": event("ERROR", None),
    "an error that steers the terminal": event("ERROR", {"message": "\x1b]0;x\x07" * 1000,
                                                         "code": 500}),
}  # fmt: skip


@pytest.mark.parametrize("nonsense", NONSENSE.values(), ids=NONSENSE.keys())
def test_nonsense(credentials, nonsense):
    """Patience, and what was known is known; the first good watch is heeded."""
    watches = [watch(nonsense), watch(event("ADDED", NEW))]
    with FakeCluster([pod_list(GOOD)], watches) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: cluster.count("watch"))
            assert_patient(cluster)
            follow.wait_for(lambda f: "new" in f.pods())
    assert set(follow.pods()) == {"good", "new"} and not follow.of_type("deleted")
    assert all(m.isprintable() and len(m) < 512 for m in follow.messages())


def test_an_event_without_end(credentials):
    """More than any object may have: the rest is not kept, however much comes."""

    def endless(connection):
        connection.send(WATCH_HEAD + chunk('{"type":"ADDED","object":{"metadata":{"name":"'))
        for _ in range(1024):
            connection.send(chunk("a" * 65536))
        connection.send(chunk('"}}}\n' + event("ADDED", NEW)) + LAST_CHUNK)

    with FakeCluster([pod_list(GOOD)], [endless, watch(event("ADDED", NEW))]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: "new" in f.pods())
    assert set(follow.pods()) == {"good", "new"}


def test_pods_without_end(credentials):
    """20,000 pods come by watch: as many are kept as may be."""
    events = [event("ADDED", make_pod(f"pod-{i}", uid=f"{i:032x}")) for i in range(20000)]
    last = event("DELETED", GOOD)
    with FakeCluster([pod_list(GOOD)], [watch("".join(events), last)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: f.of_type("deleted"))
    assert 900 <= len(follow.of_type("pod")) <= 1000
