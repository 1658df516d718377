# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Labels of processes in pods that are known in time, late or never, and of pods that change."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

import servers
from live_cluster import COMM, Cgroups, LiveCluster, Pod
from node_agent import NodeAgent

from fake_cluster import NODE  # found by live_cluster
from pods_command import Credentials

INTERVAL_MS = 250
FOR_EVER_MS = 60000
OLD_S = 6  # a process that is as old as this when it is met has told all it will of itself


def targets(**match):
    return [{"name": "some", "include": [{"comm": COMM, **match}]}]


LOOPS = targets()


@pytest.fixture
def cluster():
    with LiveCluster() as server:
        yield server


@pytest.fixture
def cgroups():
    with Cgroups() as made:
        yield made


class Agent(NodeAgent):
    """On a node whose pods the cluster tells of."""

    def __init__(self, directory, cluster, targets=LOOPS, **kubernetes):
        self.figures = directory / "figures.json"
        super().__init__(directory, {
            "targets": targets,
            "export": {"to": "file", "file": str(self.figures), "interval_ms": INTERVAL_MS},
            "kubernetes": {
                "pods": "api", "node_name": NODE, "wait_ms": FOR_EVER_MS,
                "kubeconfig": str(Credentials(directory).write(cluster.server)), **kubernetes,
            },
        })  # fmt: skip

    def resource(self, process):
        """What is said of it; None: nothing."""
        for sample in self.metrics():
            if (sample.name == "loopscope_resource_info"
                    and sample.labels.get("process_pid") == str(process.pid)):
                return sample.labels
        return None

    def shows(self, process):
        return self.resource(process) is not None

    def await_shown(self, process, **labels):
        def shown():
            resource = self.resource(process)
            return resource if resource and labels.items() <= resource.items() else None

        return servers.await_true(shown, f"{labels} of {process.pid}")

    def await_hidden(self, process):
        servers.await_true(lambda: not self.shows(process), f"{process.pid} to be left out")

    def collect(self, nr=2):
        """So many export intervals end."""
        for _ in range(nr):
            before = self.value("loopscope_export_attempts_total")
            servers.await_true(lambda: self.value("loopscope_export_attempts_total") > before,
                               "the end of an interval")

    def change(self, **settings):
        for key, value in settings.items():
            self.settings[key] = {**self.settings[key], **value} if key == "kubernetes" else value
        self.file.write_text(json.dumps(self.settings))
        self.reload()

    def total(self, name, process):
        return sum(s.value for s in self.metrics()
                   if s.name == name and s.labels["process_pid"] == str(process.pid))  # fmt: skip


def unresolved(agent):
    return agent.value("loopscope_kubernetes_unresolved_total")


def test_labels(cluster, cgroups, tmp_path):
    """Of each container by itself, of each of its runs; and of a static pod, told by its hash."""
    web, static = Pod("web-1", app="web"), Pod("etcd-node-1", "kube-system", static=True)
    ids = [web.run(), web.run("side"), static.run()]
    for pod in (web, static):
        cluster.put(pod)
    with Agent(tmp_path, cluster) as agent:
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
        assert unresolved(agent) == 0
        agent.stop()


def test_held_until_its_pod_is_known(cluster, cgroups, tmp_path):
    """What has ended by then, too, and no iteration is missing."""
    web = Pod("web-1")
    container_id = web.run()
    with Agent(tmp_path, cluster) as agent:
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
        assert unresolved(agent) == 0
        agent.stop()


@pytest.mark.parametrize("wait_ms", [0, 300])
def test_never_known(cluster, cgroups, tmp_path, wait_ms):
    """Exported without its pod, and counted; what becomes known after that still counts."""
    web = Pod("web-1")
    container_id = web.run()
    with Agent(tmp_path, cluster, wait_ms=wait_ms) as agent:
        process = cgroups.start(web, container_id)
        shown = agent.await_shown(process, container_id=container_id)
        assert not {label for label in shown if label.startswith("k8s_")} - {"k8s_node_name"}
        assert unresolved(agent) == 1
        cluster.put(web)
        agent.await_shown(process, container_id=container_id, k8s_pod_name="web-1")
        assert unresolved(agent) == 1
        agent.stop()


def test_deleted(cluster, cgroups, tmp_path):
    web = Pod("web-1")
    container_id = web.run()
    cluster.put(web)
    with Agent(tmp_path, cluster) as agent:
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
    with Agent(tmp_path, cluster, wait_ms=300) as agent:
        process = cgroups.start(web, container_id,
                                env={**os.environ, "OTEL_RESOURCE_ATTRIBUTES": said})  # fmt: skip
        shown = agent.await_shown(process, container_id=container_id, k8s_node_name=NODE,
                                  team="red")  # fmt: skip
        assert "k8s_job_name" not in shown
        assert shown.get("k8s_pod_name") == ("web-1" if known else None)
        assert shown.get("k8s_namespace_name") == ("shop" if known else None)
        agent.stop()


def test_cgroup_named_after_another_pod(cluster, cgroups, tmp_path):
    """Below its own, and so deep that the kernel side does not tell all that is above."""
    mine, other = Pod("web-1"), Pod("victim")
    ids = [mine.run(), other.run()]
    for pod in (mine, other):
        cluster.put(pod)
    deep = Path(ids[0], *["d"] * 25, "kubepods", f"pod{other.uid}", ids[1])
    with Agent(tmp_path, cluster) as agent:
        process = cgroups.start(mine, deep)
        agent.await_shown(process, k8s_pod_name="web-1", k8s_pod_uid=mine.uid)
        agent.stop()


@pytest.mark.parametrize("key, value", [
    ("namespace", "sh*"), ("pod_labels", "app in (web, api)"), ("container_name", "app"),
])  # fmt: skip
def test_targets(cluster, cgroups, tmp_path, key, value):
    """Known or held first, what is not meant is never shown."""
    web, other = Pod("web-1", app="web"), Pod("db-0", "data", app="db")
    ids = [web.run(), other.run("side")]
    with Agent(tmp_path, cluster, targets=targets(**{key: value})) as agent:
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
    with Agent(tmp_path, cluster, targets=targets(pod_labels="app=web")) as agent:
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
    with Agent(tmp_path, cluster, targets=targets(namespace="shop"), wait_ms=wait_ms) as agent:
        process = cgroups.start(web, container_id)
        if wait_ms:
            servers.await_true(lambda: unresolved(agent) == 1, "the end of the wait")
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
    waiting = Agent(tmp_path, cluster)
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


def test_exec_while_held(cluster, cgroups, tmp_path):
    """Two programs of one process: no figure of one passes for the other's."""
    web = Pod("web-1")
    container_id = web.run()
    code = "import os, select, sys; select.epoll().poll(0.01); os.execv(sys.argv[1], sys.argv[1:])"
    first = tmp_path / f"{COMM}-1"
    first.symlink_to(os.path.realpath(sys.executable))
    second, cgroups.program = cgroups.program, first
    both = [{"name": "both", "include": [{"comm": COMM + "*"}]}]
    with Agent(tmp_path, cluster, targets=both) as agent:
        process = cgroups.start(web, container_id, "-c", code, second, "0", "10")
        agent.collect(3)
        assert not agent.shows(process)
        cluster.put(web)
        samples = agent.await_loops(process.pid, k8s_pod_name="web-1")
        assert {s.labels["thread_name"] for s in samples} == {first.name, second.name}
        assert len({s.labels["event_loop_id"] for s in samples}) == 2
        assert {s.labels["container_id"] for s in samples} == {container_id}
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
    with Agent(tmp_path, cluster, targets=groups) as agent:
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


def test_reload_while_held(cluster, cgroups, tmp_path):
    """Nobody is asked any more: so there is nothing to wait for."""
    web = Pod("web-1")
    container_id = web.run()
    with Agent(tmp_path, cluster) as agent:
        process = cgroups.start(web, container_id)
        agent.collect()
        assert not agent.shows(process)
        agent.change(kubernetes={"pods": "none"})
        agent.await_shown(process, container_id=container_id)
        assert unresolved(agent) == 0
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
    with Agent(tmp_path, cluster) as agent:
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
