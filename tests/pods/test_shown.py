# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What `loopscope pods` shows of a cluster that behaves, and whom it asks."""

import fcntl
import os
import platform
import signal
import struct
import subprocess
import termios
import time

import pytest

from fake_cluster import (
    FakeCluster,
    container_id,
    event,
    failure,
    hang,
    make_pod,
    pod_list,
    watch,
)
from misbehaving_server import closed_port
from pods_command import LOOPSCOPE, WAIT_S, Follow, command, environment, records, run_once

WEB = make_pod("web-6d4cf56db6-x7x9z", uid="11111111-2222-3333-4444-555555555555",
               containers=("app", "proxy"), labels={"app": "web", "tier": "front"},
               ownerReferences=[{"kind": "ReplicaSet", "name": "web-6d4cf56db6",
                                 "controller": True}])  # fmt: skip
UIDS = ["1" * 32, "2" * 32, "3" * 32]
DB = make_pod("db-0", uid="11111111-2222-3333-4444-666666666666", namespace="data")


@pytest.fixture
def cluster():
    with FakeCluster([pod_list(WEB, DB)]) as cluster:
        yield cluster


@pytest.fixture
def kubeconfig(cluster, credentials):
    return credentials.write(cluster.server)


def test_table(kubeconfig):
    done = run_once(f"--kubeconfig={kubeconfig}")
    assert done.returncode == 0 and done.stderr == ""
    header, *rows = [line.split() for line in done.stdout.splitlines()]
    assert header == ["NAMESPACE", "POD", "CONTAINER", "STATUS", "RESTARTS", "ID", "IMAGE"]
    assert sorted(rows) == [
        ["data", "db-0", "app", "live", "3", "a" * 12, "registry/app:1"],
        ["shop", WEB["metadata"]["name"], "app", "live", "3", "a" * 12, "registry/app:1"],
        ["shop", WEB["metadata"]["name"], "proxy", "live", "3", "a" * 12, "registry/proxy:1"],
    ]
    assert len({line.index(row[5]) for line, row in zip(done.stdout.splitlines()[1:], rows)}) == 1


def test_json(cluster, kubeconfig):
    done = run_once(f"--kubeconfig={kubeconfig}", "--json")
    assert done.returncode == 0 and done.stderr == ""
    status, *pods, end = records(done.stdout)
    assert status["type"] == "status" and str(kubeconfig) in status["message"]
    assert end == {"type": "synced"}
    (web,) = [pod for pod in pods if pod["name"] != "db-0"]
    app, proxy = web.pop("containers")
    assert web == {
        "type": "pod",
        "uid": "11111111-2222-3333-4444-555555555555",
        "config_hash": "",
        "namespace": "shop",
        "name": WEB["metadata"]["name"],
        "node": "node-1",
        "labels": {"app": "web", "tier": "front"},
        "owner": {"kind": "ReplicaSet", "name": "web-6d4cf56db6"},
        "deleting": False,
        "ended": False,
    }
    assert app == {
        "name": "app",
        "kind": "container",
        "id": container_id("a"),
        "previous_id": container_id("b"),
        "restart_count": 3,
        "image": "registry/app:1",
    }
    assert proxy["name"] == "proxy"
    (query,) = cluster.queries("list")
    assert query["fieldSelector"] == "spec.nodeName=node-1"
    (other,) = [pod for pod in pods if pod["name"] == "db-0"]
    assert other["owner"] is None and other["labels"] == {}


def test_static_pod(credentials):
    config_hash = "0123456789abcdef" * 2
    names = ("kubernetes.io/config.mirror", "kubernetes.io/config.hash")
    mirror = make_pod("etcd-node-1", annotations=dict.fromkeys(names, config_hash))
    with FakeCluster([pod_list(mirror)]) as cluster:
        done = run_once(f"--kubeconfig={credentials.write(cluster.server)}", "--json")
    assert records(done.stdout)[1]["config_hash"] == config_hash


def test_nothing_there(credentials):
    with FakeCluster([pod_list()]) as cluster:
        done = run_once(f"--kubeconfig={credentials.write(cluster.server)}")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 1


def test_host_name_is_the_nodes(cluster, kubeconfig):
    assert run_once(f"--kubeconfig={kubeconfig}", node=None).returncode == 0
    (query,) = cluster.queries("list")
    assert query["fieldSelector"] == f"spec.nodeName={platform.node().lower()}"


def test_names_are_harmless_in_the_table(credentials):
    evil = make_pod("evil")
    evil["spec"]["containers"][0]["image"] = "\x1b]0;gotcha\x07\u202eegami"
    del evil["status"]
    with FakeCluster([pod_list(evil)]) as cluster:
        done = run_once(f"--kubeconfig={credentials.write(cluster.server)}")
    assert done.returncode == 0 and "gotcha" in done.stdout
    assert not [c for c in done.stdout if c != "\n" and not c.isprintable()]


def test_follow(credentials):
    def again(**changes):
        return make_pod("web", uid=UIDS[0], **changes)

    events = [
        event("ADDED", make_pod("job", uid=UIDS[1])),
        event("MODIFIED", again(labels={"a": "b"})),
        event("MODIFIED", again(labels={"a": "b"}, deletionTimestamp="2026-01-01T00:00:00Z")),
        event("DELETED", again()),
        event("ADDED", make_pod("last", uid=UIDS[2])),
    ]
    lists = [pod_list(make_pod("web", uid=UIDS[0]))]
    with FakeCluster(lists, [watch(*events)]) as cluster:
        with Follow(f"--kubeconfig={credentials.write(cluster.server)}") as follow:
            follow.wait_for(lambda f: "last" in f.pods())
        told = [(r["type"], r.get("uid")) for r in follow.records[1:]]
        assert told == [("pod", UIDS[0]), ("synced", None), ("pod", UIDS[1]), ("pod", UIDS[0]),
                        ("pod", UIDS[0]), ("deleted", UIDS[0]), ("pod", UIDS[2])]  # fmt: skip
        first, *_ = cluster.queries("watch")
        assert first["resourceVersion"] == "10" and first["allowWatchBookmarks"] == "true"
        assert first["fieldSelector"] == "spec.nodeName=node-1"
    labels = [(r["labels"], r["deleting"]) for r in follow.of_type("pod") if r["uid"] == UIDS[0]]
    assert labels == [({}, False), ({"a": "b"}, False), ({"a": "b"}, True)]


def test_follow_as_table(credentials):
    events = [event("ADDED", make_pod("job")), event("DELETED", make_pod("web"))]
    with FakeCluster([pod_list(make_pod("web"))], [watch(*events)]) as cluster:
        arguments = command("--follow", f"--kubeconfig={credentials.write(cluster.server)}")
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True,
                              env=environment()) as process:  # fmt: skip
            lines = [process.stdout.readline().split() for _ in range(4)]
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=WAIT_S) == 0
    assert [(line[1], line[3]) for line in lines[1:]] == [("web", "live"), ("job", "live"),
                                                         ("web", "deleted")]  # fmt: skip


def in_pipe(fd):
    (size,) = struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, b"\0" * 4))
    return size


def start(kubeconfig, stdout, *arguments):
    return subprocess.Popen(command("--json", f"--kubeconfig={kubeconfig}", *arguments),
                            stdout=stdout, env=environment())  # fmt: skip


def test_ends_when_nobody_reads(kubeconfig):
    """Though nothing happens that it would write."""
    reader, writer = os.pipe()
    process = start(kubeconfig, writer, "--follow")
    os.close(writer)
    try:
        with os.fdopen(reader) as stream:
            assert any("synced" in line for line in stream)
        assert process.wait(timeout=WAIT_S) == 0
    finally:
        process.kill()
        process.wait()


def test_stops_before_a_reader_that_has_stopped(credentials):
    """The pipe is full: it waits, and still ends when it is told to."""
    many = [make_pod(f"pod-{i}", labels={"long": "x" * 200}) for i in range(500)]
    reader, writer = os.pipe()
    with FakeCluster([pod_list(*many)]) as cluster:
        process = start(credentials.write(cluster.server), writer, "--follow")
        os.close(writer)
        try:
            sizes = [0]
            while sizes[-1] < 32768 or sizes[-10:] != sizes[-1:] * 10:
                assert process.poll() is None
                sizes.append(in_pipe(reader))
                time.sleep(0.02)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=WAIT_S) == 0
        finally:
            process.kill()
            process.wait()
            os.close(reader)


def test_gives_up(credentials):
    nobody = credentials.write(f"http://127.0.0.1:{closed_port()}")
    done = run_once(f"--kubeconfig={nobody}", "--timeout=1.5")
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("loopscope pods: no complete list of pods within 1.5 s: ")
    assert "onnect" in line


def test_gives_up_though_something_came(credentials):
    def half(connection):
        connection.send(pod_list(WEB, DB)[:-40])
        hang(connection)

    with FakeCluster([half]) as cluster:
        done = run_once(f"--kubeconfig={credentials.write(cluster.server)}", "--timeout=1")
    assert done.returncode == 1 and done.stdout == "" and "no complete list" in done.stderr


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--kubeconfig=/nonexistent"], "/nonexistent: No such file"),
        (["--kubelet=ftp://127.0.0.1"], "kubernetes.kubelet.endpoint"),
        (["--node=a\x01b"], "kubernetes.node_name"),
        (["--set=kubernetes.pods=none"], "nobody is to be asked"),
        (["--set=kubernetes.x=1"], "kubernetes.x"),
        (["--timeout=never"], "--timeout takes seconds"),
        (["--config="], "--config takes the path"),
        (["--nonsense"], "--nonsense is not known"),
        (["word"], "word is not expected"),
    ],
)
def test_wrong_usage(arguments, said):
    done = run_once(*arguments, node=None)
    assert done.returncode in (1, 2) and said in done.stderr and done.stdout == ""
    assert all(line.startswith("loopscope pods: ") for line in done.stderr.splitlines())


def test_credentials_of_the_environment(kubeconfig):
    done = run_once("--verbose", KUBECONFIG=f"/nonexistent:{kubeconfig}")
    assert done.returncode == 0
    assert done.stderr == f"loopscope pods: pods of node node-1, by the kubeconfig {kubeconfig}\n"


def test_unusable_credentials_of_the_environment(cluster, credentials):
    own = credentials.write(cluster.server, user={"exec": {"command": "touch", "args": ["x"]}})
    done = run_once(KUBECONFIG=str(own))
    assert done.returncode == 1 and "command (exec)" in done.stderr and not cluster.requests


def test_configuration(cluster, kubeconfig, tmp_path):
    config = tmp_path / "loopscope.yaml"
    config.write_text(f"kubernetes: {{kubeconfig: {kubeconfig}, pods: api, node_name: other}}\n")
    assert run_once(f"--config={config}", node=None).returncode == 0
    assert cluster.queries("list")[0]["fieldSelector"] == "spec.nodeName=other"


def test_kubelet(credentials):
    lists = [failure(503), pod_list(WEB), pod_list(DB)]
    with FakeCluster(lists) as kubelet:
        with Follow(f"--kubelet={kubelet.server}",
                    "--set=kubernetes.kubelet.interval_ms=1000") as follow:  # fmt: skip
            follow.wait_message("503")
            follow.wait_synced(2)
        assert {request.path for request in kubelet.requests} == {"/pods"}
        assert not [r for r in kubelet.requests if "authorization" in r.headers]
    assert set(follow.pods()) == {"db-0"}
    assert [r["uid"] for r in follow.of_type("deleted")] == [WEB["metadata"]["uid"]]


def test_help():
    assert "pods" in subprocess.run([LOOPSCOPE, "help"], capture_output=True, text=True,
                                    check=True).stdout  # fmt: skip
    done = run_once("--help", node=None)
    assert done.returncode == 0 and "--kubeconfig=FILE" in done.stdout
    agent = subprocess.run([LOOPSCOPE.with_name("loopscope-agent"), "pods", "--help"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert agent.stdout == done.stdout
