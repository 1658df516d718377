# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Pods that come and go as an operator has it: scaled, rolled out, drained, deleted."""

import workloads
from compare import check
from containers import running
from installed import await_exports
from machine import await_slowly
from node import NAME
from pods import container

ROUNDS = 3
MOST = 5
MAX_GROWTH_BYTES = 1 << 20


def scale(cluster, nr):
    cluster.kubectl("scale", "deployment/web", f"--replicas={nr}")
    cluster.await_pods("app=web", nr)


def test_scale_roll_out_drain_delete(cluster, agent, containers, objects, exported):
    cluster.apply(workloads.deployment("web", container(), container("side", (0, 20, 0, 2))))
    cluster.await_pods("app=web", 1)
    rss = []
    for _ in range(ROUNDS):
        scale(cluster, MOST)
        scale(cluster, 1)
        await_exports(exported)
        rss.append(agent.rss_bytes())

    cluster.kubectl("scale", "deployment/web", "--replicas=2")
    cluster.kubectl("set", "env", "deployment/web", "RELEASE=2")
    cluster.kubectl("rollout", "status", "deployment/web", "--timeout=120s")
    cluster.await_pods("app=web", 2)

    cluster.kubectl("drain", NAME, "--ignore-daemonsets", "--delete-emptydir-data", "--force",
                    "--timeout=120s")  # fmt: skip
    cluster.kubectl("uncordon", NAME)
    cluster.await_pods("app=web", 2)
    cluster.kubectl("delete", "deployment/web")
    cluster.await_pods("app=web", 0)

    made = [one for one in containers.of("default") if one.pod.startswith("web-")]
    await_slowly(lambda: not running(made), "loops do not end")
    await_exports(exported)
    rss.append(agent.rss_bytes())
    print(f"{len(made)} containers; memory of the agent {rss}")
    assert len({one.uid for one in made}) >= 1 + ROUNDS * (MOST - 1) + 1 + 2 + 2
    check(made, exported, objects.known)
    assert exported.own_total("loopscope.records.lost") == 0
    assert rss[-1] <= rss[0] + MAX_GROWTH_BYTES
