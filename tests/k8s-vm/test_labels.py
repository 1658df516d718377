# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every loop has the labels that are its own, whether a service watches it or a pod.

The truth is what containerd and the kubelet each say of the containers, and what the
loops say that they have done.
"""

import pytest

import payload_disk
from compare import label_faults, loop_faults
from exported import Exported
from labels import said_of_pod
from node_truth import containers_of, pids_in, podman_container, statuses_of

# who watches; its pods are in a namespace of that name
WATCHERS = ("service", "pod")


@pytest.fixture(scope="module", params=WATCHERS)
def watcher(request):
    return request.param


@pytest.fixture(scope="module")
def containers(guest, watcher):
    return containers_of(guest, watcher)


@pytest.fixture(scope="module")
def exported(guest, watcher, tmp_path_factory):
    path = tmp_path_factory.mktemp(watcher) / "export.jsonl"
    path.write_text(guest.text(f"{watcher}_end", "export.jsonl"))
    return Exported(path).read()


def test_every_container_ran(containers, watcher):
    made = {(one.pod.removesuffix("-node1"), one.name) for one in containers}
    assert made == {(pod["metadata"]["name"], one["name"])
                    for pod in payload_disk.static_pods(watcher)
                    for one in payload_disk.containers_of(pod)}
    assert any(one.attempt for one in containers), "none was started again"


def test_containerd_and_kubelet_agree(guest, containers, watcher):
    by_id = {one.id: (one.namespace, one.pod, one.uid, one.name, one.attempt)
             for one in containers}
    statuses = statuses_of(guest, f"{watcher}_pods", watcher)
    assert statuses and statuses.items() <= by_id.items()


def test_labels(containers, exported):
    """Of each export, the first included."""
    assert not [fault for one in containers for fault in label_faults(one, exported)]


def test_iterations(containers, exported):
    """The loops are those of the container, and nothing of them was lost, nor came twice."""
    assert not [fault for one in containers for fault in loop_faults(one, exported)]


def resources_of(exported, pid):
    return [resource for resources in exported.resources.values() for resource in resources
            if resource["process.pid"] == pid]


@pytest.mark.parametrize("unit", ["plain.service", "own.scope"])
def test_outside_of_containers(guest, exported, watcher, unit):
    [pid] = pids_in(guest, f"{watcher}_pods", f"/{unit}")
    [resource] = resources_of(exported, pid)
    assert not said_of_pod(resource)
    assert resource["service.name"] == ("plain" if unit == "plain.service" else "pod_loop")


def test_container_in_no_pod(guest, exported, watcher):
    identity, pid = podman_container(guest, f"{watcher}_pods")
    [resource] = resources_of(exported, pid)
    said = said_of_pod(resource)
    assert said["container.id"] == identity and said["container.runtime.name"] == "podman"
    assert not [key for key in said if key.startswith("k8s.")]


def test_nothing_else_is_in_a_container(guest, containers, exported, watcher):
    known = {one.id for one in (*containers, *containers_of(guest, "loopscope"))}
    known.add(podman_container(guest, f"{watcher}_pods")[0])
    assert exported.resources.keys() - known == {None}
    assert not [one for one in exported.resources[None] if said_of_pod(one)]


def test_agent_in_its_pod(guest, tmp_path):
    """It knows where it is itself, though /proc shows it no path."""
    path = tmp_path / "export.jsonl"
    path.write_text(guest.text("pod_end", "export.jsonl"))
    [agent] = containers_of(guest, "loopscope")
    assert not list(label_faults(agent, Exported(path).read()))
