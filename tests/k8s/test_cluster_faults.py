# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The API server goes away, forgets, and takes other tokens: the agent comes back, and right."""

import pods
import pytest
import workloads
from compare import check, unknown
from containers import running
from installed import ACCOUNT, await_exports
from machine import await_slowly

RUNS_MEANWHILE = 2  # of a container that crashes, while the API server is away
CREDENTIAL = "authentication.kubernetes.io/credential-id"


@pytest.fixture
def crashing(cluster, agent):
    """Containers that begin again and again, whatever becomes of the API server."""
    cluster.apply(workloads.deployment(
        "crashing", pods.container("crashing", pods.CRASH), pods.container("steady")))  # fmt: skip
    await_slowly(lambda: cluster.get("pods", "app=crashing", "default"), "no pod")
    yield
    cluster.kubectl("delete", "deployment/crashing", "--ignore-not-found", "--wait=false")
    await_slowly(lambda: not cluster.get("pods", "app=crashing", "default"), "pods stay")


def of_pod(containers):
    return [one for one in containers.of("default") if one.pod.startswith("crashing-")]


def await_known(containers, exported, agent):
    def there():
        made = of_pod(containers)
        return made if made and not unknown(made, exported.read()) else None

    return await_slowly(there, lambda: f"{unknown(of_pod(containers), exported)}: {agent.log()}")


def asked(cluster, verb):
    return [event for event in cluster.audited(ACCOUNT)
            if event["verb"] == verb and event["stage"] == "RequestReceived"]  # fmt: skip


def end_and_check(cluster, containers, objects, exported, partly):
    """What ran in the meantime: never wrong, and in number as it was."""
    cluster.kubectl("delete", "deployment/crashing", "--wait=false")
    await_slowly(lambda: not running(of_pod(containers)), "loops do not end")
    await_exports(exported)
    made = of_pod(containers)
    check(made, exported, lambda one: {**objects.known(one), "partly": one in partly})
    assert exported.own_total("loopscope.records.lost") == 0
    return made


def test_no_api_server_for_a_while(cluster, agent, crashing, containers, objects, exported):
    """What begins meanwhile is told of by what is known; later it is all known again."""
    known = await_known(containers, exported, agent)
    cluster.stop_api()
    await_slowly(lambda: len(of_pod(containers)) >= len(known) + RUNS_MEANWHILE, "no restarts")
    await_exports(exported)
    cluster.start_api()
    meanwhile = [one for one in of_pod(containers) if one not in known]
    nr = len(of_pod(containers))
    await_slowly(lambda: len(of_pod(containers)) > nr, "no restarts")
    await_slowly(lambda: of_pod(containers)[-1].id in exported.read().complete,
                 lambda: f"{of_pod(containers)[-1]} is not known: {agent.log()}")
    made = end_and_check(cluster, containers, objects, exported, partly=meanwhile)
    print(f"{len(made)} containers, of which {len(meanwhile)} began without an API server")


def test_a_watch_that_expired(cluster, agent, crashing, containers, objects, exported):
    """
    The server that comes back keeps nothing in memory, and etcd nothing of the past: the agent
    asks for what has happened since, is told 410, and lists again.
    """
    await_known(containers, exported, agent)
    cluster.stop_api()
    revision = cluster.etcd_revision()
    cluster.etcdctl("compact", revision)
    before = {verb: len(asked(cluster, verb)) for verb in ("list", "watch")}
    cluster.start_api("--watch-cache=false")
    meanwhile = of_pod(containers)
    await_slowly(lambda: len(asked(cluster, "list")) > before["list"],
                 lambda: f"no list: {agent.log()}")
    [first, *_] = asked(cluster, "watch")[before["watch"]:] or [None]
    print("asked first:", first and first["requestURI"])
    nr = len(of_pod(containers))
    await_slowly(lambda: len(of_pod(containers)) > nr, "no restarts")
    await_slowly(lambda: of_pod(containers)[-1].id in exported.read().complete,
                 lambda: f"{of_pod(containers)[-1]} is not known: {agent.log()}")
    end_and_check(cluster, containers, objects, exported, partly=meanwhile)
    cluster.stop_api()
    cluster.start_api()


def credentials(cluster):
    """Of the service account's requests, in the order that they were made in."""
    return [event["user"]["extra"][CREDENTIAL][0] for event in cluster.audited(ACCOUNT)]


def test_a_token_that_rotates(cluster, agent, crashing, containers, objects, exported):
    """
    A kubelet that starts anew asks for new tokens and writes them to the pods' files. The next
    request is made with that, as the API server's audit log tells.
    """
    await_known(containers, exported, agent)
    [*_, before] = credentials(cluster)
    token = agent.token()
    cluster.node.kubelet.stop()
    cluster.node.daemons.remove(cluster.node.kubelet)
    cluster.node.start_kubelet(cluster.kubeconfigs["kubelet"])
    await_slowly(lambda: agent.token() != token, "the kubelet writes no other token", 180)
    nr = len(cluster.audited(ACCOUNT))
    cluster.stop_api()
    cluster.start_api()
    await_slowly(lambda: len(cluster.audited(ACCOUNT)) > nr, lambda: f"asks no more: {agent.log()}")
    assert before not in credentials(cluster)[nr:]
    await_known(containers, exported, agent)
    end_and_check(cluster, containers, objects, exported, partly=())
