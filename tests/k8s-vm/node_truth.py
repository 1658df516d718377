# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is true of the guest's containers and processes, by whoever made them."""

import io
import json
import re

from containers import describe
from node import NAME

TRUTH = "truth/truth"


def read_log(guest, container):
    pod = f"{container.namespace}_{container.pod}_{container.uid}"
    name = f"{TRUTH}/{pod}/{container.name}/{container.attempt}.log"
    return io.StringIO(guest.files[name].decode()) if name in guest.files else None


def told_by_containerd(guest, namespace, kind):
    """All that it says of containers of that kind."""
    for name, content in guest.files.items():
        if re.fullmatch(rf"{TRUTH}/\w+\.json", name):
            told = json.loads(content)
            labels = told["Labels"]
            if (labels["io.kubernetes.pod.namespace"] == namespace
                    and labels["io.cri-containerd.kind"] == kind):
                yield told


def containers_of(guest, namespace):
    """With what their loops have said."""
    containers = [describe(told) for told in told_by_containerd(guest, namespace, "container")]
    for container in containers:
        container.log = read_log(guest, container)
    return containers


def sandboxes_of(guest, namespace):
    """Of the containers that hold pods together: id -> what is to be said of who is in them."""
    return {
        told["ID"]: {
            "container.id": told["ID"],
            "k8s.namespace.name": namespace,
            "k8s.pod.name": told["Labels"]["io.kubernetes.pod.name"],
            "k8s.pod.uid": told["Labels"]["io.kubernetes.pod.uid"],
            "k8s.node.name": NAME,
            "container.runtime.name": "containerd",
        }
        for told in told_by_containerd(guest, namespace, "sandbox")
    }


def statuses_of(guest, step, namespace):
    """By the kubelet: id -> (namespace, pod, uid, container, restarts), of each latest run."""
    found = {}
    for pod in json.loads(guest.text(step, "pods.json"))["items"]:
        metadata, status = pod["metadata"], pod["status"]
        if metadata["namespace"] != namespace:
            continue
        for one in status.get("initContainerStatuses", []) + status["containerStatuses"]:
            identity = one.get("containerID", "").removeprefix("containerd://")
            if identity:
                found[identity] = (namespace, metadata["name"], metadata["uid"], one["name"],
                                   one["restartCount"])
    return found


def pids_in(guest, step, ending):
    """Of processes in a cgroup whose path has that ending."""
    lines = guest.lines(step, "cgroups")
    matches = (re.fullmatch(r"/proc/(\d+)/cgroup:0::(.*)", line) for line in lines)
    return [int(match[1]) for match in matches if match and match[2].endswith(ending)]


def podman_container(guest, step):
    """(id, pid)"""
    identity, pid = guest.text(step, "podman.txt").split()
    return identity, int(pid)
