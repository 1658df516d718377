# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`loopscope top --pod-label` on a node of a real cluster, by the credentials that the node has."""

import os

import pods
import workloads
from machine import await_slowly
from node import NAME
from pods import container
from running import Running, top

NAMESPACE = "labels"


def tasks(node):
    """Process ids by container."""
    lines = node.ctr("tasks", "ls").splitlines()[1:]
    return {line.split()[0]: int(line.split()[1]) for line in lines if "RUNNING" in line}


def pids(cluster, selector):
    """Of what runs in such pods, as the API and containerd tell."""
    running, found = tasks(cluster.node), set()
    for pod in cluster.get("pods", selector, NAMESPACE):
        for status in pod["status"].get("containerStatuses", []):
            container_id = status.get("containerID", "").partition("://")[2]
            found.update({running[container_id]} if container_id in running else ())
    return found


def test_pods_are_followed(cluster):
    node = cluster.node
    env = {**os.environ, "KUBECONFIG": str(cluster.kubeconfigs["kubelet"]), "K8S_NODE_NAME": NAME}
    web = workloads.deployment("web", container(), container("side"), replicas=1)
    web["metadata"]["namespace"] = NAMESPACE
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    await_slowly(lambda: cluster.get("serviceaccounts", namespace=NAMESPACE),
                 "no service account")  # fmt: skip
    cluster.apply(web, pods.pod("other", container(), namespace=NAMESPACE))
    cluster.await_pods("app=web", 1, NAMESPACE)
    cluster.await_pods("app=other", 1, NAMESPACE)
    options = ["--namespace", NAMESPACE, "--pod-label", "app=web"]
    with top(*options, env=env, within=node.inside) as shown:
        shown.await_pids(pids(cluster, "app=web"))
        cluster.kubectl("scale", "deployment/web", "--replicas=2", f"--namespace={NAMESPACE}")
        cluster.await_pods("app=web", 2, NAMESPACE)
        shown.await_pids(pids(cluster, "app=web"))
        cluster.kubectl("label", "pod", "other", "app=web", "--overwrite",
                        f"--namespace={NAMESPACE}")  # fmt: skip
        both = pids(cluster, "app=web")
        assert len(both) == 5
        shown.await_pids(both)
        cluster.stop_api()
        try:
            shown.await_pids(both, 30)
        finally:
            cluster.start_api()
        cluster.await_ready()
        cluster.kubectl("label", "pod", "other", "app=other", "--overwrite",
                        f"--namespace={NAMESPACE}")  # fmt: skip
        shown.await_pids(pids(cluster, "app=web"))
        assert shown.interrupt() == 0
    assert not shown.errors
    with Running("list", *options, env=env, within=node.inside) as listed:
        assert listed.wait() == 0
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    named = [line for line in listed.lines if f"; pod {NAMESPACE}/web-" in line]
    assert len(named) == len(listed.lines) - 1 == 4
