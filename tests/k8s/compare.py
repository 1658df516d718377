# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds what was exported against the truth: nothing wrong, nothing missing."""

from labels import expected, said_of_pod


def check_labels(container, exported, **known):
    """Of each export, the first included."""
    wanted = expected(container, **known)
    resources = exported.resources.get(container.id)
    assert resources, f"nothing was exported of {container}"
    for resource in resources:
        assert said_of_pod(resource) == wanted, container


def check_loops(container, exported):
    truth = sorted(container.iterations().values())
    assert exported.iterations(container.id) == truth, container


def check_all(containers, exported, **known):
    """Containers that have all ended."""
    assert containers
    for container in containers:
        check_labels(container, exported, **known)
        check_loops(container, exported)
    strangers = exported.resources.keys() - {container.id for container in containers} - {None}
    assert not strangers, f"containers that are none of this node's: {strangers}"
    for resource in exported.resources.get(None, []):
        assert not said_of_pod(resource), resource
