# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Labels of processes in pods that are known in time, late or never."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

import servers
from live_cluster import COMM, Pod
from pods_agent import PodsAgent

from fake_cluster import NODE  # found by live_cluster


def test_labels(cluster, cgroups, tmp_path):
    """Of each container by itself, of each of its runs; and of a static pod, told by its hash."""
    web, static = Pod("web-1", app="web"), Pod("etcd-node-1", "kube-system", static=True)
    ids = [web.run(), web.run("side"), static.run()]
    for pod in (web, static):
        cluster.put(pod)
    with PodsAgent(tmp_path, cluster) as agent:
        app, side = cgroups.start(web, ids[0]), cgroups.start(web, ids[1])
        etcd = cgroups.start(static, ids[2])
        for process, container, container_id in ((app, "app", ids[0]), (side, "side", ids[1])):
            agent.await_shown(process, k8s_pod_name="web-1", k8s_namespace_name="shop",
                              k8s_pod_uid=web.uid, k8s_container_name=container,
                              container_id=container_id, k8s_container_restart_count="0",
                              k8s_node_name=NODE, service_name="web-1")  # fmt: skip
        agent.await_shown(etcd, k8s_pod_name="etcd-node-1", k8s_namespace_name="kube-system",
                          k8s_container_name="app", container_id=ids[2])  # fmt: skip
        app.terminate()
        again = web.run()
        restarted = cgroups.start(web, again)  # before anybody tells of it
        cluster.put(web)
        agent.await_shown(restarted, k8s_pod_name="web-1", container_id=again,
                          k8s_container_restart_count="1")  # fmt: skip
        assert agent.resource(side)["k8s_container_restart_count"] == "0"
        assert agent.unresolved() == 0
        agent.stop()


def test_held_until_its_pod_is_known(cluster, cgroups, tmp_path):
    """What has ended by then, too, and no iteration is missing."""
    web = Pod("web-1")
    container_id = web.run()
    with PodsAgent(tmp_path, cluster) as agent:
        lasting = cgroups.start(web, container_id)
        short = cgroups.start(web, container_id, "20", "1")
        short.wait(timeout=servers.PATIENCE_S)
        agent.collect(5)
        assert not agent.shows(lasting) and not agent.shows(short)
        cluster.put(web)
        agent.await_shown(short, k8s_pod_name="web-1", container_id=container_id)
        assert agent.total("event_loop_iterations_total", short) == 20
        agent.await_shown(lasting, k8s_pod_name="web-1", container_id=container_id)
        servers.await_true(lambda: not agent.shows(short), "one that has ended to go")
        assert agent.unresolved() == 0
        agent.stop()


@pytest.mark.parametrize("wait_ms", [0, 300])
def test_never_known(cluster, cgroups, tmp_path, wait_ms):
    """Exported without its pod, and counted; what becomes known after that still counts."""
    web = Pod("web-1")
    container_id = web.run()
    with PodsAgent(tmp_path, cluster, wait_ms=wait_ms) as agent:
        process = cgroups.start(web, container_id)
        shown = agent.await_shown(process, container_id=container_id)
        assert not {label for label in shown if label.startswith("k8s_")} - {"k8s_node_name"}
        assert agent.unresolved() == 1
        cluster.put(web)
        agent.await_shown(process, container_id=container_id, k8s_pod_name="web-1")
        assert agent.unresolved() == 1
        agent.stop()


def test_deleted(cluster, cgroups, tmp_path):
    web = Pod("web-1")
    container_id = web.run()
    cluster.put(web)
    with PodsAgent(tmp_path, cluster) as agent:
        process = cgroups.start(web, container_id)
        agent.await_shown(process, k8s_pod_name="web-1")
        cluster.delete(web)
        servers.await_true(lambda: agent.value("loopscope_kubernetes_pods") == 0, "no pod")
        late = cgroups.start(web, container_id)
        agent.await_shown(late, k8s_pod_name="web-1")
        assert agent.shows(process)
        agent.stop()


@pytest.mark.parametrize("known", [True, False])
def test_liar(cluster, cgroups, tmp_path, known):
    """What a process says of pods is not believed, whether its own is known or not."""
    web = Pod("web-1")
    container_id = web.run()
    said = ("k8s.pod.name=other,k8s.namespace.name=kube-system,k8s.node.name=other,"
            f"k8s.job.name=other,container.id={'b' * 64},team=red")
    if known:
        cluster.put(web)
    with PodsAgent(tmp_path, cluster, wait_ms=300) as agent:
        process = cgroups.start(web, container_id,
                                env={**os.environ, "OTEL_RESOURCE_ATTRIBUTES": said})  # fmt: skip
        shown = agent.await_shown(process, container_id=container_id, k8s_node_name=NODE,
                                  team="red")  # fmt: skip
        assert "k8s_job_name" not in shown
        assert shown.get("k8s_pod_name") == ("web-1" if known else None)
        assert shown.get("k8s_namespace_name") == ("shop" if known else None)
        agent.stop()


def test_no_room_for_a_pod(cluster, cgroups, tmp_path):
    """It is said, and its loops are counted; others' are not."""
    first, second = Pod("web-1"), Pod("web-2")
    ids = [first.run(), second.run()]
    for pod in (first, second):
        cluster.put(pod)
    with PodsAgent(tmp_path, cluster, max_pods=1, wait_ms=300) as agent:
        processes = [cgroups.start(first, ids[0]), cgroups.start(second, ids[1])]
        agent.await_shown(processes[0], k8s_pod_name="web-1")
        agent.await_shown(processes[1], container_id=ids[1])
        assert agent.unresolved() == 1
        assert "kubernetes.max_pods" in agent.log.read_text()
        agent.stop()


def test_cgroup_named_after_another_pod(cluster, cgroups, tmp_path):
    """Below its own, and so deep that the kernel side does not tell all that is above."""
    mine, other = Pod("web-1"), Pod("victim")
    ids = [mine.run(), other.run()]
    for pod in (mine, other):
        cluster.put(pod)
    deep = Path(ids[0], *["d"] * 25, "kubepods", f"pod{other.uid}", ids[1])
    with PodsAgent(tmp_path, cluster) as agent:
        process = cgroups.start(mine, deep)
        agent.await_shown(process, k8s_pod_name="web-1", k8s_pod_uid=mine.uid)
        agent.stop()


def test_exec_while_held(cluster, cgroups, tmp_path):
    """Two programs of one process: no figure of one passes for the other's."""
    web = Pod("web-1")
    container_id = web.run()
    code = "import os, select, sys; select.epoll().poll(0.01); os.execv(sys.argv[1], sys.argv[1:])"
    first = tmp_path / f"{COMM}-1"
    first.symlink_to(os.path.realpath(sys.executable))
    second, cgroups.program = cgroups.program, first
    both = [{"name": "both", "include": [{"comm": COMM + "*"}]}]
    with PodsAgent(tmp_path, cluster, targets=both) as agent:
        process = cgroups.start(web, container_id, "-c", code, second, "0", "10")
        agent.collect(3)
        assert not agent.shows(process)
        cluster.put(web)
        samples = agent.await_loops(process.pid, k8s_pod_name="web-1")
        assert {s.labels["thread_name"] for s in samples} == {first.name, second.name}
        assert len({s.labels["event_loop_id"] for s in samples}) == 2
        assert {s.labels["container_id"] for s in samples} == {container_id}
        agent.stop()


def exported_pids(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return {attribute["value"].get("intValue") for line in lines
            for resource in line["resourceMetrics"]
            for attribute in resource["resource"]["attributes"]
            if attribute["key"] == "process.pid"}  # fmt: skip


def test_stop_while_held(cluster, cgroups, tmp_path):
    """All that is held goes with the last export: what comes as the agent stops, too."""
    web = Pod("web-1")
    container_id = web.run()
    with PodsAgent(tmp_path, cluster) as agent:
        early = cgroups.start(web, container_id)
        agent.collect()
        agent.process.send_signal(signal.SIGSTOP)
        late = cgroups.start(web, container_id, "5", "1")
        late.wait(timeout=servers.PATIENCE_S)
        agent.process.send_signal(signal.SIGTERM)
        agent.process.send_signal(signal.SIGCONT)
        agent.process.wait(timeout=servers.PATIENCE_S)
    pids = exported_pids(agent.figures)
    assert {str(early.pid), str(late.pid)} <= pids, pids
