# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is true of the guest's containers and processes, by whoever made them."""

import io
import json
import re

from containers import describe

TRUTH = "truth/truth"


def read_log(guest, container):
    pod = f"{container.namespace}_{container.pod}_{container.uid}"
    name = f"{TRUTH}/{pod}/{container.name}/{container.attempt}.log"
    return io.StringIO(guest.files[name].decode()) if name in guest.files else None


def containers_of(guest, namespace):
    """By containerd; with what their loops have said."""
    found = []
    for name, content in guest.files.items():
        if re.fullmatch(rf"{TRUTH}/\w+\.json", name):
            container = describe(json.loads(content))
            if container.namespace == namespace:
                container.log = read_log(guest, container)
                found.append(container)
    return found


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
