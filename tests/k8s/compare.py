# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds what was exported against the truth: nothing wrong, nothing missing."""

from labels import expected, said_of_pod

MAX_SHOWN = 8


def label_faults(container, exported, **known):
    """Of each export, the first included."""
    wanted = expected(container, **known)
    if container.id not in exported.resources:
        yield f"nothing was exported of {container}"
    for resource in exported.resources.get(container.id, []):
        said = said_of_pod(resource)
        faults = {key: (said.get(key), wanted.get(key))
                  for key in said.keys() | wanted.keys() if said.get(key) != wanted.get(key)}
        if faults:
            yield f"{container}: exported, true: {faults}"


def loop_faults(container, exported):
    """Of one that has ended."""
    truth, seen = sorted(container.iterations().values()), exported.iterations(container.id)
    if truth != seen:
        yield f"{container}: iterations {seen}, {truth} were made"


def stranger_faults(containers, exported):
    """Labels of pods on what is in none of them."""
    known = {container.id for container in containers}
    for container, resources in exported.resources.items():
        if container not in known and any(map(said_of_pod, resources)):
            yield f"{container} is no container of this node: {resources}"


def check(containers, exported, known=lambda container: {}, ended=True):
    """known(container): what is known of it from elsewhere, as for labels.expected."""
    assert containers
    faults = []
    for container in containers:
        faults += label_faults(container, exported, **known(container))
        faults += loop_faults(container, exported) if ended else []
    assert not faults, "\n".join([f"{len(faults)} faults:", *faults[:MAX_SHOWN]])
