# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Each overlay of configs/kubernetes in the cluster. By its name it comes after all that wants the
agent as the base has it."""

import json
import os
import urllib.request

import pytest
from installed import INSTALL, NAMESPACE, SELECTOR, TOKEN
from machine import await_slowly
from node import NAME
from node_agent import Pages

PORT = 9464
# with kinds that are not Kubernetes's own
FOREIGN = ("openshift", "prometheus-operator")
OVERLAYS = sorted(path.name for path in (INSTALL / "overlays").iterdir())
# of linux/capability.h: DAC_READ_SEARCH, SYS_PTRACE, PERFMON, BPF
CAPABILITIES = {2, 19, 38, 39}


class PagesOf(Pages):
    """Of an agent in a pod, from its node."""

    def __init__(self, pod):
        super().__init__(PORT)
        self.address = pod["status"]["podIP"]

    def get(self, page):
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://{self.address}:{self.port}{page}", timeout=30) as answer:
            return answer.read().decode()


@pytest.mark.parametrize("overlay", [name for name in OVERLAYS if name not in FOREIGN])
def test_the_api_server_takes_it(cluster, installed, overlay):
    answer = cluster.kubectl("apply", "--dry-run=server", "-o", "json", "-k",
                             INSTALL / "overlays" / overlay)  # fmt: skip
    assert "DaemonSet" in {each["kind"] for each in json.loads(answer)["items"]}


def knows_pods(cluster, installed, pod):
    """Names arrive, by whatever way, and the program can tell that all is well."""
    pages = PagesOf(pod)
    await_slowly(lambda: pages.value("loopscope_kubernetes_pods") > 0, installed.log)
    name = pod["metadata"]["name"]
    return cluster.kubectl("exec", "-n", NAMESPACE, name, "--", "loopscope", "check")


def identity(installed):
    status = dict(line.split(":\t", 1) for line in open(f"/proc/{installed.pid()}/status"))
    bits = int(status["CapEff"], 16)
    return status["Uid"].split()[0], {number for number in range(64) if bits >> number & 1}


def apply(installed, overlay):
    return installed.apply(INSTALL / "overlays" / overlay)


@pytest.mark.parametrize("overlay, user", [("kubelet", "0"), ("nonroot", "65532")])
def test_few_capabilities_are_enough(cluster, installed, overlay, user):
    """With `kubelet` the role allows nothing else: pods that are known come from there."""
    checked = knows_pods(cluster, installed, apply(installed, overlay))
    assert "ok    watching" in checked
    assert identity(installed) == (user, CAPABILITIES)
    token = os.stat(f"/proc/{installed.pid()}/root{TOKEN}")
    assert (token.st_uid, token.st_mode & 0o777) == (int(user), 0o600)


def test_privileged_it_is_and_watches(cluster, installed):
    pod = apply(installed, "privileged")
    assert "ok    watching" in knows_pods(cluster, installed, pod)
    [agent] = cluster.get("pods", SELECTOR, NAMESPACE)[0]["spec"]["containers"]
    assert agent["securityContext"]["privileged"]


def test_a_rollout_can_be_undone(cluster, installed):
    """To what was there before, with its settings: the ConfigMap of before is kept."""
    installed.apply()
    before = settings(cluster)
    installed.apply_for_tests()
    assert settings(cluster) != before
    cluster.kubectl("rollout", "undo", "-n", NAMESPACE, "daemonset/loopscope")
    await_slowly(lambda: settings(cluster) == before, "the settings of before do not come back")
    cluster.await_pods(SELECTOR, 1, NAMESPACE)


def settings(cluster):
    return [volume["configMap"]["name"] for pod in cluster.get("pods", SELECTOR, NAMESPACE)
            for volume in pod["spec"]["volumes"] if "configMap" in volume]  # fmt: skip


def test_a_label_keeps_it_off_a_node(cluster, installed):
    cluster.kubectl("label", "node", NAME, "loopscope/agent=off")
    await_slowly(lambda: not cluster.get("pods", SELECTOR, NAMESPACE), "it stays")
    cluster.kubectl("label", "node", NAME, "loopscope/agent-")
    cluster.await_pods(SELECTOR, 1, NAMESPACE)


def test_it_can_be_uninstalled(cluster, installed):
    cluster.kubectl("delete", "-k", INSTALL)
    await_slowly(lambda: not cluster.get("pods", SELECTOR, NAMESPACE), "its pods stay")
    assert not any(one["metadata"]["name"] == NAMESPACE for one in cluster.get("namespaces"))
