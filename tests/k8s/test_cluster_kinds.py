# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pods of every kind, by themselves and of every kind of owner: each loop is told right."""

import pods
import workloads
from compare import check, stranger_faults, unknown
from containers import running
from installed import await_exports
from machine import await_slowly
from node import NAME

NAMESPACE = "kinds"
OWNED = ("deployed", "stateful", "everywhere", "once", "in-time")


def owned():
    pair = (pods.container(), pods.container("side"))
    ends = pods.container(arguments=(100, 20))
    made = [
        workloads.deployment("deployed", *pair, replicas=2),
        workloads.statefulset("stateful", *pair, replicas=2),
        workloads.daemonset("everywhere", *pair),
        workloads.job("once", ends, parallelism=2, completions=3),
        workloads.cronjob("in-time", ends),
    ]
    for one in made:
        one["metadata"]["namespace"] = NAMESPACE
    return made


def test_every_kind(cluster, agent, containers, objects, exported):
    static = pods.pod("static", pods.container(), pods.container("side"), namespace=NAMESPACE)
    manifests = pods.every_kind(NAMESPACE)
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    await_slowly(lambda: cluster.get("serviceaccounts", namespace=NAMESPACE), "no service account")
    cluster.node.add_static_pod(static)
    cluster.apply(*owned(), *manifests)

    def absent():
        there = containers.of(NAMESPACE)
        owners = {name for one in there for name in OWNED if one.pod.startswith(f"{name}-")}
        return (pods.missing(manifests, there) + pods.missing([static], there, f"-{NAME}")
                + sorted(set(OWNED) - owners))  # fmt: skip

    await_slowly(lambda: cluster.node.check() and not absent(), lambda: f"missing: {absent()}")
    await_slowly(lambda: not unknown(containers.of(NAMESPACE), exported.read()),
                 lambda: f"not known: {unknown(containers.of(NAMESPACE), exported)}")
    cluster.node.remove_static_pod(static)
    cluster.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
    await_slowly(lambda: not running(containers.of(NAMESPACE)),
                 lambda: f"do not end: {[*map(str, running(containers.of(NAMESPACE)))]}")
    await_exports(exported)
    made = containers.of(NAMESPACE)
    print(f"{len(made)} containers, {sum(len(one.iterations()) for one in made)} loops")
    check(made, exported, objects.known)
    assert not list(stranger_faults(containers.all(), exported, NAMESPACE))
    assert exported.own_total("loopscope.records.lost") == 0
