# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pods of every kind whose containers run pod_loop, as the API wants them written."""

LOOP = "loopscope.test/loop:1"


def container(name="main", arguments=(), image=LOOP, **fields):
    return {"name": name, "image": image, "imagePullPolicy": "Never",
            "args": [str(argument) for argument in arguments], **fields}  # fmt: skip


def spec(*containers, **fields):
    return {"containers": list(containers), "terminationGracePeriodSeconds": 5, **fields}


def pod(name, *containers, namespace="default", labels=None, annotations=None, uid=None, **fields):
    metadata = {"name": name, "namespace": namespace, "labels": {"app": name, **(labels or {})},
                "annotations": annotations or {}, **({"uid": uid} if uid else {})}  # fmt: skip
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata,
            "spec": spec(*containers, **fields)}  # fmt: skip


GUARANTEED = {"resources": {"limits": {"cpu": "100m", "memory": "32Mi"}}}
BURSTABLE = {"resources": {"requests": {"cpu": "10m", "memory": "16Mi"}}}
# a container that ends with an error again and again; 25 iterations are half a second
CRASH = (25, 20, 1)
RESTARTS = 2


def every_kind(namespace="default"):
    """One pod of each kind; whatever may matter to who runs what in which container."""
    kinds = [
        pod("guaranteed-one", container(**GUARANTEED)),
        pod("guaranteed-two", container(**GUARANTEED), container("side", **GUARANTEED)),
        pod("burstable-one", container(**BURSTABLE)),
        pod("burstable-two", container(**BURSTABLE), container("side")),
        pod("best-effort-one", container()),
        pod("best-effort-two", container(), container("side")),
        pod("many-loops", container(arguments=(0, 20, 0, 3)), container("side", (0, 20, 0, 2))),
        pod("host-network", container(), hostNetwork=True),
        pod("host-pid", container(), hostPID=True),
        pod("shared-pids", container(), container("side"), shareProcessNamespace=True),
        pod("init", container(), initContainers=[
            container("first", (30, 20)), container("second", (30, 20))]),
        pod("sidecar", container(), initContainers=[
            container("beside", restartPolicy="Always")]),
        pod("crash", container("crashing", CRASH), container("steady")),
        pod("init-crash", container(), initContainers=[container("crashing", CRASH)]),
        pod("ends", container(arguments=(40, 20)), restartPolicy="Never"),
        pod("fails", container(arguments=(40, 20, 3)), restartPolicy="Never"),
    ]  # fmt: skip
    for one in kinds:
        one["metadata"]["namespace"] = namespace
    return kinds


def missing(manifests, containers, suffix=""):
    """
    Containers of these pods that have not begun, or have not crashed as often as they are to;
    `suffix`: of a static pod's name.
    """
    runs = {}
    for one in containers:
        runs.setdefault((one.namespace, one.pod, one.name), []).append(one)
    found = []
    for manifest in manifests:
        name = manifest["metadata"]["name"]
        place = (manifest["metadata"]["namespace"], name + suffix)
        inits = manifest["spec"].get("initContainers", [])
        regular = [] if name == "init-crash" else manifest["spec"]["containers"]
        for one in inits + regular:
            least = 1 + (RESTARTS if one["name"] == "crashing" else 0)
            made = runs.get((*place, one["name"]), [])
            if len(made) < least or not all(run.said() for run in made):
                found.append("/".join((*place, one["name"])))
    return found
