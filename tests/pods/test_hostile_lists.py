# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lists that lie and attack.

Follow itself asserts that little memory was used, no secret told, and that SIGTERM ends it well.
"""

import gzip
import json
import zlib

import pytest

from fake_cluster import (
    WATCH_HEAD,
    FakeCluster,
    chunk,
    json_response,
    list_text,
    make_pod,
    pod_list,
)
from misbehaving_server import response
from pods_command import Follow
from retries import assert_patient

GOOD = make_pod("good")
HUGE = 8 << 20


def follow_of(cluster, credentials, *arguments):
    return Follow(f"--kubeconfig={credentials.write(cluster.server)}", *arguments)


def changed(name, path, value):
    """A pod in which something is another value."""
    pod = make_pod(name)
    *parents, last = path
    place = pod
    for key in parents:
        place = place[key]
    place[last] = value
    return pod


NAME = ("metadata", "name")
SPEC = ("spec", "containers")
STATUSES = ("status", "containerStatuses")

# what is no pod does not hide those beside it
NO_PODS = {
    "name of 10 KB": changed("bad", NAME, "n" * 10240),
    "name with slashes": changed("bad", NAME, "../../etc/passwd"),
    "name with control characters": changed("bad", NAME, "a\x1b[31mb"),
    "name that is a number": changed("bad", NAME, 5),
    "no name": changed("bad", NAME, None),
    "namespace of 10 KB": changed("bad", ("metadata", "namespace"), "n" * 10240),
    "uid of 10 KB": changed("bad", ("metadata", "uid"), "a" * 10240),
    "uid that is none": changed("bad", ("metadata", "uid"), "%s%n' or 1=1"),
    "no metadata": changed("bad", ("metadata",), None),
    "metadata that is a list": changed("bad", ("metadata",), [[]]),
    "a NUL in the name": changed("bad", NAME, "a\0b"),
    "nested in a field": '{"metadata":' + '{"a":' * 5000 + "1" + "}" * 5001,
    "a pod of 8 MB": make_pod("bad", labels={"a": "x" * HUGE}),
    "a million labels": make_pod("bad", labels={f"label-{i}": "v" for i in range(1000000)}),
}

# what is a pod, though not much of one
POOR_PODS = {
    "spec that is a text": changed("poor", ("spec",), "x"),
    "status that is a number": changed("poor", ("status",), 1e300),
    "labels that are a list": changed("poor", ("metadata", "labels"), ["a"]),
    "labels that are no texts": changed("poor", ("metadata", "labels"), {"a": 1, "b": {}}),
    "owners that are no objects": changed("poor", ("metadata", "ownerReferences"), [1, "x", []]),
    "containers that are numbers": changed("poor", SPEC, [1, 2, 3]),
    "container without a name": changed("poor", SPEC, [{"image": "x"}]),
    "statuses of others": changed("poor", STATUSES, [{"name": "ghost", "containerID": "x://y"}]),
    "ids that are none": changed("poor", STATUSES, [{"name": "app", "containerID": "z" * 10240}]),
    "restarts beyond any number": changed("poor", STATUSES, [{"name": "app",
                                                             "restartCount": -(2**62)}]),
    "an image of 1 MB": changed("poor", SPEC, [{"name": "app", "image": "i" * 2**20}]),
    "10,000 containers": changed("poor", SPEC, [{"name": f"c{i}"} for i in range(10000)]),
    "100,000 labels": changed("poor", ("metadata", "labels"), {f"k{i}": "v" * 9
                                                              for i in range(100000)}),
    "a label of 1 MB": changed("poor", ("metadata", "labels"), {"a": "v" * 2**20}),
}  # fmt: skip


@pytest.mark.parametrize("bad", NO_PODS.values(), ids=NO_PODS.keys())
def test_no_pod(credentials, bad):
    with FakeCluster([pod_list(bad, GOOD)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
    assert list(follow.pods()) == ["good"] and not follow.messages()


@pytest.mark.parametrize("poor", POOR_PODS.values(), ids=POOR_PODS.keys())
def test_poor_pod(credentials, poor):
    with FakeCluster([pod_list(poor, GOOD)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
    assert "good" in follow.pods()
    shown = follow.pods().get("poor", {"labels": {}, "containers": []})
    assert len(shown["labels"]) <= 256 and len(shown["containers"]) <= 256
    assert len(json.dumps(shown)) < 512 * 1024
    assert all(c["restart_count"] >= 0 and len(c["id"]) in (0, 64) for c in shown["containers"])


def test_the_same_uid_twice(credentials):
    twins = [make_pod("first", uid="1" * 32), make_pod("second", uid="1" * 32)]
    with FakeCluster([pod_list(*twins)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
    assert list(follow.pods()) == ["second"]


def test_the_same_container_in_two_pods(credentials):
    """make_pod gives all containers the same ids: both pods are shown."""
    with FakeCluster([pod_list(make_pod("a"), make_pod("b"))]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
    assert set(follow.pods()) == {"a", "b"}


def test_more_pods_than_a_node_can_have(credentials):
    many = [make_pod(f"pod-{i}") for i in range(5000)]
    with FakeCluster([pod_list(*many)]) as cluster:
        with follow_of(cluster, credentials, "--set=kubernetes.max_pods=100") as follow:
            follow.wait_for(lambda f: any("not all are shown" in line for line in f.lines))
    assert len(follow.pods()) == 100


def test_pods_as_large_as_may_be(credentials):
    """1,000 of them, with all the labels that are kept: what a store may need at most."""
    labels = {f"label-{i}": "v" * 60 for i in range(256)}
    many = [make_pod(f"pod-{i}", labels=labels) for i in range(1100)]
    with FakeCluster([pod_list(*many)]) as cluster:
        with Follow(f"--kubeconfig={credentials.write(cluster.server)}", max_rss_mb=96) as follow:
            follow.wait_synced()
    assert 500 <= len(follow.pods()) <= 1000


def test_pages(credentials):
    lists = [pod_list(make_pod("a"), more="to/ken&2=%"), pod_list(make_pod("b"), version="11")]
    with FakeCluster(lists) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
            follow.wait_for(lambda f: cluster.count("watch"))
        assert [q.get("continue") for q in cluster.queries("list")] == [None, "to/ken&2=%"]
        assert cluster.queries("watch")[0]["resourceVersion"] == "10"
    assert set(follow.pods()) == {"a", "b"}


def deep(depth):
    return "[" * depth + "]" * depth


# the list as a whole is no good
BAD_LISTS = {
    "nothing": "",
    "HTML": "<html><body>Welcome!</body></html>",
    "a list instead of an object": "[]",
    "another kind": json.dumps({"kind": "Status", "status": "Success"}),
    "cut off": list_text(GOOD, GOOD)[:-20],
    "garbage behind it": list_text(GOOD) + "{}]",
    "invalid UTF-8": list_text(GOOD).replace("good", "go\udcffod"),
    "half a surrogate": list_text(GOOD).replace("good", "go\\ud800od"),
    "a NUL byte": list_text(GOOD).replace("good", "go\0od"),
    "a number for a pod": list_text("5", GOOD),
    "null for a pod": list_text("null", GOOD),
    "a text for a pod": list_text('"pod"', GOOD),
    "nested 100,000 deep": list_text(deep(100000)),
    "items nested": '{"items":' + deep(100000) + "}",
    "metadata of 8 MB": list_text(GOOD, version="1" * HUGE),
    "no version": list_text(GOOD, version=""),
    "a version of 1 MB": list_text(GOOD, version="1" * 2**20),
    "a number of a million digits": list_text("1" * 10**6),
}


@pytest.mark.parametrize("text", BAD_LISTS.values(), ids=BAD_LISTS.keys())
def test_bad_list(credentials, text):
    """It is said so, tried again with patience, and the next good list counts."""
    body = text.encode("utf-8", "surrogateescape")
    with FakeCluster([json_response(body), pod_list(GOOD)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            message = follow.wait_message("from the API server")
            assert_patient(cluster)
            follow.wait_synced()
    assert all(c.isprintable() for c in message) and len(message) < 512
    assert set(follow.pods()) == {"good"}


def gzip_response(body, headers=()):
    return response(200, ["Content-Type: application/json", "Content-Encoding: gzip", *headers],
                    body)  # fmt: skip


def test_gzip(credentials):
    with FakeCluster([gzip_response(gzip.compress(list_text(GOOD).encode()))]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
        assert cluster.requests[0].headers["accept-encoding"] == "gzip"
    assert set(follow.pods()) == {"good"}


def bomb(head, filling, nr_bytes):
    """gzip of the text `head` and so many bytes of `filling` over and over."""
    packer = zlib.compressobj(9, wbits=31)
    block = filling.encode() * (2**20 // len(filling))
    packed = packer.compress(head.encode())
    for _ in range(nr_bytes // len(block)):
        packed += packer.compress(block)
    return gzip_response(packed + packer.flush())


GZIP_BOMBS = {
    "spaces": ("", " "),
    "one text": ('{"items":[{"metadata":{"name":"', "a"),
    "nesting": ('{"items":[', "["),
    "members that are skipped": ("{", '"a":[1,2,3],'),
    "the same pod": ('{"items":[', json.dumps(make_pod("a", labels={"a": "x" * 60000})) + ","),
    "no pods": ('{"items":[', "5,"),
}


@pytest.mark.parametrize("head, filling", GZIP_BOMBS.values(), ids=GZIP_BOMBS.keys())
def test_gzip_bomb(credentials, head, filling):
    """300 MB of some 300 KB: more than loopscope reads of a list."""
    with FakeCluster([bomb(head, filling, 300 << 20)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("API server")
            assert_patient(cluster)
    assert not follow.of_type("synced")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip, gzip"])
def test_wrong_encoding(credentials, encoding):
    answer = response(200, [f"Content-Encoding: {encoding}"], list_text(GOOD).encode())
    with FakeCluster([answer]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("API server")
            assert_patient(cluster)
    assert not follow.of_type("synced")


def test_pages_without_end(credentials):
    """The same page says each time that there is another."""
    page = pod_list(GOOD, more="again")
    with FakeCluster([page]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("no end")
            nr_pages = cluster.count("list")
            assert 2000 <= nr_pages <= 2001
    assert not follow.of_type("synced")


def test_a_page_without_end(credentials):
    """Chunks of spaces for as long as somebody reads them."""

    def spaces(connection):
        connection.send(WATCH_HEAD)
        while True:
            connection.send(chunk(b" " * 65536))

    with FakeCluster([spaces]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("larger than")
            assert_patient(cluster)


def test_a_token_of_a_megabyte(credentials):
    with FakeCluster([pod_list(GOOD, more="x" * 2**20)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("API server")
            assert_patient(cluster)
    assert not follow.of_type("synced")


