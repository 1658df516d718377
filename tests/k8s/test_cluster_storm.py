# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pods that live for less than a second, hundreds in a minute: their loops still have their pod."""

import json
import time

import pods
import pytest
from compare import check, stranger_faults
from containers import running
from installed import await_exports
from machine import await_slowly

LEAST = 0.99         # of what was done, exported with the pod that did it
NAMESPACE = "storm"
SHORT = (15, 20)     # 0.3 s


def short_pods(nr_pods, nr_containers):
    """Names differ, so that no two of these tests have one in common."""
    made = [pods.container(f"c{i}", SHORT) for i in range(nr_containers)]
    return [pods.pod(f"short-{nr_pods}-{i}", *made, namespace=NAMESPACE, restartPolicy="Never")
            for i in range(nr_pods)]  # fmt: skip


def iterations(containers):
    return sum(sum(one.iterations().values()) for one in containers)


def seconds_until_told(made, objects):
    """From a container's start to when the API has its id: the median, and the longest."""
    late = sorted(objects.told_s[one.id] - one.found_s for one in made if one.id in objects.told_s)
    return [round(late[len(late) // 2], 1), round(late[-1], 1)]


@pytest.fixture
def namespace(cluster):
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    await_slowly(lambda: cluster.get("serviceaccounts", namespace=NAMESPACE), "no service account")


@pytest.mark.parametrize("nr_pods, nr_containers", [(200, 1), (50, 4)])
def test_short_lived(cluster, agent, namespace, containers, objects, exported, nr_pods,
                     nr_containers):  # fmt: skip
    def started():
        return [one for one in containers.of(NAMESPACE) if one.pod.startswith(f"short-{nr_pods}-")]

    before = agent.rss_bytes()
    start = time.monotonic()
    cluster.apply(*short_pods(nr_pods, nr_containers))
    await_slowly(lambda: cluster.node.check() and len(started()) == nr_pods * nr_containers,
                 lambda: f"only {len(started())} containers", patience_s=200)
    started_s = time.monotonic() - start
    await_slowly(lambda: not running(started()), "loops do not end")
    await_exports(exported, 15)
    made = started()
    done = iterations(made)
    labelled = sum(exported.labelled[one.id] for one in made)
    print(json.dumps({
        "pods": nr_pods, "containers": len(made), "started in s": round(started_s, 1),
        "iterations": done, "exported": sum(sum(exported.iterations(one.id)) for one in made),
        "with their pod": labelled,
        "containers by name": sum(1 for one in made if one.id in exported.complete),
        "told by the API after s": seconds_until_told(made, objects),
        "unresolved": exported.own_total("loopscope.kubernetes.unresolved"),
        "memory": [before, agent.rss_bytes()],
    }))  # fmt: skip
    assert labelled >= LEAST * done
    check(made, exported, lambda one: {**objects.known(one), "partly": True})
    assert not list(stranger_faults(containers.all(), exported, NAMESPACE))
    assert exported.own_total("loopscope.records.lost") == 0
