# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the resource of a process in a container must say, from the truth about that container."""

from node import NAME

# what may be said of nothing but a container in a pod
PREFIXES = ("k8s.", "container.")


def split_image(image):
    name, _, tag = image.rpartition(":")
    return name, tag


def expected(container, owners=(), uid=None, labels=None, runtime=None):
    """
    `owners`: (kind, name) as OpenTelemetry names them, ("deployment", "web"). `uid`: where
    the API has another than the cgroups, as it has of static pods. `runtime`: where cgroups
    tell it, as those of the systemd driver do.
    """
    name, tag = split_image(container.image)
    return {
        "container.id": container.id,
        "container.image.name": name,
        "container.image.tags": [tag],
        "k8s.node.name": NAME,
        "k8s.namespace.name": container.namespace,
        "k8s.pod.name": container.pod,
        "k8s.pod.uid": uid or container.uid,
        "k8s.container.name": container.name,
        "k8s.container.restart_count": container.attempt,
        **{f"k8s.{kind}.name": owner for kind, owner in owners},
        **{f"k8s.pod.label.{key}": value for key, value in (labels or {}).items()},
        **({"container.runtime.name": runtime} if runtime else {}),
    }


def said_of_pod(resource):
    said = {key: value for key, value in resource.items() if key.startswith(PREFIXES)}
    if "container.image.tags" in said:
        said["container.image.tags"] = texts(said["container.image.tags"])
    return said


def texts(array):
    """An array of OTLP JSON."""
    if isinstance(array, dict):
        return [value["stringValue"] for value in array.get("values", [])]
    return array
