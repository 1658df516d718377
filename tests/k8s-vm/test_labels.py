# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every loop has the labels that are its own, whether a service watches it or a pod.

The truth is what containerd and the kubelet each say of the containers, and what the
loops say that they have done.
"""

import gzip
import json

import pytest

import payload_disk
from compare import label_faults, loop_faults
from exported import Exported
from labels import said_of_pod
from node_truth import containers_of, pids_in, podman_container, sandboxes_of, statuses_of
from otlp_json import attributes_of

# who watches; the pods that it watches are in a namespace of that name
WATCHERS = ("service", "pod")
RUNTIME = "containerd"
AGENT_NAMESPACE = "loopscope"


class Watched:
    """What one of them exported, and the truth of it."""

    def __init__(self, guest, watcher, directory):
        self.watcher = watcher
        self.containers = containers_of(guest, watcher)
        self.sandboxes = sandboxes_of(guest, watcher) | sandboxes_of(guest, AGENT_NAMESPACE)
        self.agents = containers_of(guest, AGENT_NAMESPACE)
        self.statuses = statuses_of(guest, f"{watcher}_pods", watcher)
        self.podman, self.podman_pid = podman_container(guest, f"{watcher}_pods")
        self.lines = gzip.decompress(guest.files[f"{watcher}_end/exports.gz"]).splitlines()
        self.directory = directory
        self.all = self.exported(lambda executable: True)
        # beside those of runc, which becomes the program that a container is for
        self.loops = self.exported(lambda executable: executable == "pod_loop")

    def exported(self, wanted):
        """Of processes whose executable is wanted."""
        path = self.directory / "exports"
        with open(path, "wb") as file:
            for line in self.lines:
                [resource] = json.loads(line)["resourceMetrics"]
                if wanted(attributes_of(resource["resource"]).get("process.executable.name")):
                    file.write(line + b"\n")
        return Exported(path).read()

    def resource(self, pid):
        """The one that a process has had all along."""
        [resource] = [resource for resources in self.all.resources.values()
                      for resource in resources if resource["process.pid"] == pid]
        return resource


@pytest.fixture(scope="module", params=WATCHERS)
def watched(request, guest, tmp_path_factory):
    return Watched(guest, request.param, tmp_path_factory.mktemp(request.param))


def test_every_container_ran(watched):
    made = {(one.pod, one.name) for one in watched.containers}
    assert made == {(f"{pod['metadata']['name']}-node1", one["name"])
                    for pod in payload_disk.static_pods(watched.watcher)
                    for one in payload_disk.containers_of(pod)}
    assert any(one.attempt for one in watched.containers), "none was started again"


def test_containerd_and_kubelet_agree(watched):
    by_id = {one.id: (one.namespace, one.pod, one.uid, one.name, one.attempt)
             for one in watched.containers}
    assert watched.statuses and watched.statuses.items() <= by_id.items()


def test_labels(watched):
    """Of each export, the first included."""
    assert not [fault for one in watched.containers
                for fault in label_faults(one, watched.all, runtime=RUNTIME)]


def test_iterations(watched):
    """The loops are those of the container, and nothing of them was lost, nor came twice."""
    assert not [fault for one in watched.containers for fault in loop_faults(one, watched.loops)]


def test_containers_that_hold_pods(watched):
    """What runs in them, if only for a moment, is in the pod, but in no container of its own."""
    for identity, truth in watched.sandboxes.items():
        for resource in watched.all.resources.get(identity, []):
            assert said_of_pod(resource) == truth


@pytest.mark.parametrize("unit, service", [("plain.service", "plain"), ("own.scope", "pod_loop")])
def test_outside_of_containers(guest, watched, unit, service):
    [pid] = pids_in(guest, f"{watched.watcher}_pods", f"/{unit}")
    resource = watched.resource(pid)
    assert said_of_pod(resource) == {"k8s.node.name": "node1"}
    assert resource["service.name"] == service


def test_container_in_no_pod(watched):
    assert said_of_pod(watched.resource(watched.podman_pid)) == {
        "container.id": watched.podman,
        "container.runtime.name": "podman",
        "k8s.node.name": "node1",
    }


def test_nothing_else_is_in_a_container(watched):
    known = {one.id for one in (*watched.containers, *watched.agents)} | {watched.podman}
    assert watched.all.resources.keys() - known - watched.sandboxes.keys() == {None}
    for resource in watched.all.resources[None]:
        assert said_of_pod(resource) == {"k8s.node.name": "node1"}


@pytest.mark.parametrize("watched", ["pod"], indirect=True)
def test_agent_in_its_pod(watched):
    """It knows where it is itself, though /proc shows it no path."""
    [agent] = watched.agents
    assert not list(label_faults(agent, watched.all, runtime=RUNTIME))
