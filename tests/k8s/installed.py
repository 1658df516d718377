# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent as configs/kubernetes installs it, and the Collector of its node."""

import json
import os
from pathlib import Path

from collector import Collector
from machine import await_slowly
from watch import BUILD

TREE = Path(__file__).parents[2]
INSTALL = TREE / "configs/kubernetes"
NAMESPACE = "loopscope"
SELECTOR = "app.kubernetes.io/name=loopscope"
ACCOUNT = f"system:serviceaccount:{NAMESPACE}:loopscope"
TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
INTERVAL_MS = 1000
WATCHED = ("pod_loop", "redis-server", "node", "python*")

# in place of the ConfigMap's: what the tests look at, and often
SETTINGS = {
    "kubernetes": {"pods": "api", "labels": ["app"]},
    "prometheus": {"listen": ":9464"},
    "targets": [{"name": "tests", "include": [{"comm": comm} for comm in WATCHED]}],
    "export": {"interval_ms": INTERVAL_MS},
}


class NodeCollector(Collector):
    """Where the DaemonSet expects one: on each node."""

    def settings(self, token):
        settings = super().settings(token)
        settings["receivers"]["otlp"]["protocols"]["http"]["endpoint"] = "0.0.0.0:4318"
        return settings


def image_archive():
    archives = sorted((BUILD / "image").glob("*.oci.tar"))
    assert archives, f"no image in {BUILD / 'image'}: run `make image`"
    return archives[-1]


class Installed:
    def __init__(self, cluster, directory):
        self.cluster = cluster
        self.directory = Path(directory)

    def apply(self, path=INSTALL):
        """`kubectl apply -k`, until its pod is Ready and none of before is left."""
        self.cluster.kubectl("apply", "-k", path)
        self.cluster.kubectl("rollout", "status", "daemonset/loopscope", "-n", NAMESPACE,
                             "--timeout=120s")  # fmt: skip
        [pod] = self.cluster.await_pods(SELECTOR, 1, NAMESPACE)
        return pod

    def apply_for_tests(self):
        """The same with settings for tests, by a kustomization of one's own, as users would."""
        overlay = self.directory / "overlay"
        overlay.mkdir(exist_ok=True)
        (overlay / "loopscope.yaml").write_text(json.dumps(SETTINGS))
        (overlay / "kustomization.yaml").write_text(json.dumps({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": [os.path.relpath(INSTALL.resolve(), overlay.resolve())],
            "configMapGenerator": [{"name": "loopscope-settings", "namespace": NAMESPACE,
                                    "behavior": "merge", "files": ["loopscope.yaml"]}],
        }))  # fmt: skip
        return self.apply(overlay)

    def pid(self):
        """Of the agent, in its container."""
        ids = {
            status["containerID"].removeprefix("containerd://")
            for pod in self.cluster.get("pods", SELECTOR, NAMESPACE)
            for status in pod["status"].get("containerStatuses", [])
            if "running" in status["state"]
        }
        [pid] = [int(line.split()[1]) for line in self.cluster.node.ctr("tasks", "ls").splitlines()
                 if line.split()[0] in ids]  # fmt: skip
        return pid

    def token(self):
        """What the kubelet has written for it, as the agent finds it."""
        return Path(f"/proc/{self.pid()}/root{TOKEN}").read_text()

    def rss_bytes(self):
        pages = int(Path(f"/proc/{self.pid()}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def log(self):
        return self.cluster.kubectl("logs", "-n", NAMESPACE, "daemonset/loopscope", "--tail=-1")


def await_exports(exported, nr=3, patience_s=60):
    """Until so many more intervals have been exported in whole."""
    start = exported.read().time_ns
    await_slowly(lambda: exported.read().time_ns >= start + nr * INTERVAL_MS * 1_000_000,
                 "no exports arrive", patience_s)  # fmt: skip
