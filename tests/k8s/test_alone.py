# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Static pods of every kind on a node without a control plane; pods are asked of the kubelet."""

import json
import signal

import pods
import pytest
from cluster import kubeconfig
from compare import check, stranger_faults, unknown
from containers import Containers, running
from exported import Exported
from machine import await_slowly
from node import KUBELET_PORT, NAME, READ_ONLY_PORT, Node
from node_agent import NodeAgent

OWN_UID = "354ad503-ca4e-4a07-bd4c-c5e0f8147488"  # the form that pods of the API have


@pytest.fixture
def node(tmp_path, loop_images):
    """One each: its kubelet is stopped."""
    with Node(tmp_path / "node") as node:
        node.import_images(*loop_images)
        node.start_kubelet()
        yield node


def ask_read_only_port(node):
    return {"kubelet": {"endpoint": f"http://127.0.0.1:{READ_ONLY_PORT}"}}


def ask_with_certificate(node):
    pair = node.authority.issue("agent", subject="/CN=agent")
    path = node.directory / "agent.kubeconfig"
    path.write_text(json.dumps(kubeconfig(node.authority.file, **{
        "client-certificate": pair.certificate, "client-key": pair.key})))
    return {"kubeconfig": str(path), "kubelet": {"endpoint": f"https://127.0.0.1:{KUBELET_PORT}"}}


def settings(output, ask):
    return {
        "targets": [{"name": "pods", "include": [{"comm": "pod_loop"}]}],
        "export": {"to": "file", "file": str(output), "interval_ms": 500,
                   "temporality": "delta"},
        "stalls": {"logs": False},
        "kubernetes": {"pods": "kubelet", "node_name": NAME, "wait_ms": 10000, **ask},
    }  # fmt: skip


def static_pods():
    return [*pods.every_kind(), pods.pod("own-uid", pods.container(), uid=OWN_UID)]


def end_loops(node, containers):
    """All that still run; the kubelet, which would start them again, ends first."""
    node.stop_kubelet()
    for line in node.ctr("tasks", "ls").splitlines()[1:]:
        container, pid, state = line.split()
        if state == "RUNNING" and container in containers.by_id:
            node.ctr("tasks", "kill", "--signal", str(int(signal.SIGTERM)), container)


@pytest.mark.parametrize("ask", [ask_read_only_port, ask_with_certificate])
def test_static_pods(node, tmp_path, ask):
    output = tmp_path / "exports.jsonl"
    manifests = static_pods()
    with NodeAgent(tmp_path, settings(output, ask(node))) as agent, \
         Containers(node) as containers:
        for pod in manifests:
            node.add_static_pod(pod)

        def absent():
            return pods.missing(manifests, containers.all(), f"-{NAME}")

        await_slowly(lambda: node.check() and not absent(),
                     lambda: f"missing: {absent()}, there: {[*map(str, containers.all())]}")
        exported = Exported(output)
        await_slowly(lambda: not unknown(containers.all(), exported.read()),
                     lambda: f"not known: {unknown(containers.all(), exported)}")
        end_loops(node, containers)
        await_slowly(lambda: not running(containers.all()), "loops do not end")
        agent.stop()
        check(containers.all(), exported.read())
        assert not list(stranger_faults(containers.all(), exported, "default"))

