# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Targets and thresholds by pods, what changes of them, and new settings."""

import os
import sys
from pathlib import Path

import pytest

import servers
from live_cluster import COMM, Pod
from node_agent import NodeAgent
from pods_agent import LOOPS, PodsAgent, targets

OLD_S = 6  # a process that is as old as this when it is met has told all it will of itself


@pytest.mark.parametrize("key, value", [
    ("namespace", "sh*"), ("pod", "web-?"), ("pod_labels", "app in (web, api)"),
    ("container_name", "app"),
])  # fmt: skip
def test_targets(cluster, cgroups, tmp_path, key, value):
    """Known or held first, what is not meant is never shown."""
    web, other = Pod("web-1", app="web"), Pod("db-0", "data", app="db")
    ids = [web.run(), other.run("side")]
    with PodsAgent(tmp_path, cluster, targets=targets(**{key: value})) as agent:
        first = [cgroups.start(web, ids[0]), cgroups.start(other, ids[1])]
        agent.collect()
        for pod in (web, other):
            cluster.put(pod)
        then = [cgroups.start(web, ids[0]), cgroups.start(other, ids[1])]
        for meant, not_meant in (first, then):
            agent.await_shown(meant, k8s_pod_name="web-1")
            assert not agent.shows(not_meant)
        agent.collect()
        shown = {int(s.labels["process_pid"]) for s in agent.metrics()
                 if s.name == "event_loop_iterations_total"}  # fmt: skip
        assert shown == {first[0].pid, then[0].pid}
        agent.stop()


def test_targets_follow_labels(cluster, cgroups, tmp_path):
    """Whoever is excluded is looked at again when its pod is another's kind."""
    web, db = Pod("web-1", app="web"), Pod("db-0", app="db")
    ids = [web.run(), db.run()]
    for pod in (web, db):
        cluster.put(pod)
    with PodsAgent(tmp_path, cluster, targets=targets(pod_labels="app=web")) as agent:
        processes = [cgroups.start(web, ids[0]), cgroups.start(db, ids[1])]
        agent.await_shown(processes[0])
        agent.collect(8)
        assert not agent.shows(processes[1])
        for _ in range(2):
            db.labels["app"] = "web"
            cluster.put(db)
            agent.await_shown(processes[1])
            db.labels["app"] = "db"
            cluster.put(db)
            agent.await_hidden(processes[1])
            agent.collect(8)
        assert agent.shows(processes[0])
        agent.stop()


@pytest.mark.parametrize("wait_ms", [0, 300])
def test_targets_of_pods_known_late(cluster, cgroups, tmp_path, wait_ms):
    """Told of after the wait: what was left out meanwhile is watched from then on."""
    web = Pod("web-1")
    container_id = web.run()
    with PodsAgent(tmp_path, cluster, targets=targets(namespace="shop"), wait_ms=wait_ms) as agent:
        process = cgroups.start(web, container_id)
        if wait_ms:
            servers.await_true(lambda: agent.unresolved() == 1, "the end of the wait")
        agent.collect(8)
        assert not agent.shows(process)
        cluster.put(web)
        agent.await_shown(process, k8s_pod_name="web-1")
        agent.stop()


STALLING = """
import select, time
poller = select.epoll()
while True:
    poller.poll(0.02)
    time.sleep(0.05)
"""


def test_annotated_threshold(cluster, cgroups, tmp_path):
    """Heard where the settings allow for it, and as it is by then."""
    web = Pod("web-1")
    container_id = web.run()
    web.annotations["loopscope/blocking-ms"] = "20"
    cluster.put(web)
    cgroups.program = tmp_path / COMM
    cgroups.program.symlink_to(os.path.realpath(sys.executable))
    waiting = PodsAgent(tmp_path, cluster)
    waiting.settings["thresholds"] = {"blocking_ms": 100000}
    with waiting as agent:
        process = cgroups.start(web, container_id, "-c", STALLING)

        def stalls():
            return agent.total("event_loop_blocking_calls_total", process)

        agent.await_shown(process)
        agent.collect(5)
        assert stalls() == 0
        agent.change(kubernetes={"annotated_thresholds": True})
        servers.await_true(lambda: stalls() > 2, "stalls by the pod's own threshold")
        web.annotations["loopscope/blocking-ms"] = "3600000"
        cluster.put(web)
        agent.collect(5)
        before = stalls()
        agent.collect(5)
        assert stalls() == before
        agent.stop()


def age_s(process):
    """By whole ticks of /proc."""
    start = int(Path(f"/proc/{process.pid}/stat").read_text().rsplit(")")[1].split()[19])
    uptime_s = float(Path("/proc/uptime").read_text().split()[0])
    return uptime_s - start / os.sysconf("SC_CLK_TCK")


def test_reload(cluster, cgroups, tmp_path):
    web = Pod("web-1", app="web")
    web.annotations["team"] = "cart"
    ids = [web.run(), web.run("side")]
    cluster.put(web)
    groups = [{"name": "none", "include": [{"comm": "nobody"}]}, *targets(pod_labels="app=web")]
    app = cgroups.start(web, ids[0])
    servers.await_true(lambda: age_s(app) > OLD_S, "one that is not read a second time by itself")
    with PodsAgent(tmp_path, cluster, targets=groups) as agent:
        assert "k8s_pod_label_app" not in agent.await_shown(app, k8s_pod_name="web-1")
        agent.change(kubernetes={"labels": ["app"]})
        agent.await_shown(app, k8s_pod_label_app="web", k8s_pod_name="web-1")
        agent.change(kubernetes={"annotations": ["team"]})  # which nobody has kept so far
        agent.await_shown(app, k8s_pod_annotation_team="cart", k8s_pod_label_app="web")
        agent.change(kubernetes={"pods": "none"}, targets=LOOPS)
        side = cgroups.start(web, ids[1])
        assert "k8s_pod_name" not in agent.await_shown(side, container_id=ids[1])
        agent.await_shown(app, k8s_pod_name="web-1")
        agent.change(kubernetes={"pods": "api"})
        agent.await_shown(side, k8s_container_name="side")
        agent.stop()


@pytest.mark.parametrize("asked, endpoint, said", [
    (targets(pod="web-*"), None, "nobody here tells of pods; set kubernetes.kubeconfig"),
    (LOOPS, None, None),
    (targets(pod="web-*"), "http://127.0.0.1:1", "pods of this node: asking the kubelet"),
])  # fmt: skip
def test_whom_is_asked(tmp_path, monkeypatch, asked, endpoint, said):
    """On a machine that is in no cluster, and of a kubelet that knows which node it is."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("K8S_NODE_NAME", raising=False)
    pods = {"pods": "kubelet", "kubelet": {"endpoint": endpoint}} if endpoint else {}
    with NodeAgent(tmp_path, {"targets": asked, "export": {"to": "none"},
                              "kubernetes": pods}) as agent:  # fmt: skip
        agent.metrics()
        agent.stop()
    log = agent.log.read_text()
    assert said in log if said else "pods" not in log
    assert ("match nothing" in log) == (said is not None and "nobody" in said)


def test_reload_while_held(cluster, cgroups, tmp_path):
    """Nobody is asked any more: so there is nothing to wait for."""
    web = Pod("web-1")
    container_id = web.run()
    with PodsAgent(tmp_path, cluster) as agent:
        process = cgroups.start(web, container_id)
        agent.collect()
        assert not agent.shows(process)
        agent.change(kubernetes={"pods": "none"})
        agent.await_shown(process, container_id=container_id)
        assert agent.unresolved() == 0
        agent.stop()
