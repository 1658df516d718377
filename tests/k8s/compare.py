# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds what was exported against the truth: nothing wrong, nothing missing."""

from labels import expected, said_of_pod

MAX_SHOWN = 8


def label_faults(container, exported, partly=False, **known):
    """Of each export, the first included. `partly`: what is not said is no fault."""
    wanted = expected(container, **known)
    if container.id not in exported.resources:
        yield f"nothing was exported of {container}"
    for resource in exported.resources.get(container.id, []):
        said = said_of_pod(resource)
        faults = {key: (said.get(key), wanted.get(key))
                  for key in said.keys() | wanted.keys()
                  if said.get(key) != wanted.get(key) and not (partly and key not in said)}
        if faults:
            yield f"{container}: exported, true: {faults}"


def loop_faults(container, exported):
    """Of one that has ended."""
    truth, seen = sorted(container.iterations().values()), exported.iterations(container.id)
    if truth != seen:
        yield f"{container}: iterations {seen}, {truth} were made"


def stranger_faults(containers, exported, namespace):
    """
    Labels of a container on what is none, such as a pod's own (pause): that it is in the
    pod may be told of that, but no more.
    """
    known = {container.id for container in containers}
    for container, resources in exported.resources.items():
        for resource in resources if container not in known else ():
            if resource.get("k8s.namespace.name") == namespace and "k8s.container.name" in resource:
                told = ("k8s.pod.name", "k8s.container.name", "process.executable.name")
                yield f"{container} is no container: {[resource.get(key) for key in told]}"


def check(containers, exported, known=lambda container: {}, ended=True):
    """known(container): what is known of it from elsewhere, as for labels.expected."""
    assert containers
    faults = []
    for container in containers:
        faults += label_faults(container, exported, **known(container))
        faults += loop_faults(container, exported) if ended else []
    assert not faults, "\n".join([f"{len(faults)} faults:", *faults[:MAX_SHOWN]])


def unknown(containers, exported):
    """Those of which nothing was exported by name yet."""
    return [str(one) for one in containers if one.id not in exported.complete]
