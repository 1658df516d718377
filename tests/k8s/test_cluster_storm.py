# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pods that live for less than a second, hundreds in a minute: their loops still have their pod."""

import json
import time

import pods
from compare import check, stranger_faults
from containers import running
from installed import await_exports
from machine import await_slowly

PODS = 50
CONTAINERS = 4       # each
MINUTE_S = 60
LEAST = 0.99         # of what was done, exported with the pod that did it
NAMESPACE = "storm"
SHORT = (15, 20)     # 0.3 s


def short_pod(number):
    return pods.pod(
        f"short-{number}", *(pods.container(f"c{i}", SHORT) for i in range(CONTAINERS)),
        namespace=NAMESPACE, labels={"app": "short"}, restartPolicy="Never")  # fmt: skip


def iterations(containers):
    return sum(sum(one.iterations().values()) for one in containers)


def test_short_lived(cluster, agent, containers, objects, exported):
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    await_slowly(lambda: cluster.get("serviceaccounts", namespace=NAMESPACE), "no service account")
    before = agent.rss_bytes()
    start = time.monotonic()
    cluster.apply(*map(short_pod, range(PODS)))
    await_slowly(lambda: len(containers.of(NAMESPACE)) == PODS * CONTAINERS,
                 lambda: f"only {len(containers.of(NAMESPACE))} containers: {cluster.node.check()}")
    started_s = time.monotonic() - start
    await_slowly(lambda: not running(containers.of(NAMESPACE)), "loops do not end")
    await_exports(exported, 15)
    made = containers.of(NAMESPACE)
    done = iterations(made)
    labelled = sum(exported.labelled[one.id] for one in made)
    complete = sum(1 for one in made if one.id in exported.complete)
    figures = {
        "containers": len(made), "pods": PODS, "started in s": round(started_s, 1),
        "iterations": done, "with their pod": labelled, "containers by name": complete,
        "exported": sum(sum(exported.iterations(one.id)) for one in made),
        "memory before": before, "memory after": agent.rss_bytes(),
        "own": {name: value for (name, _), value in exported.own.items()
                if "unresolved" in name or "lost" in name},
    }  # fmt: skip
    print(json.dumps(figures))
    assert labelled >= LEAST * done
    check(made, exported, lambda one: {**objects.known(one), "partly": True})
    assert not list(stranger_faults(containers.all(), exported))
