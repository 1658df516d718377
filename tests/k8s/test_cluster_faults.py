# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The API server goes away, forgets, and takes other tokens: the agent comes back, and right."""

import contextlib

import pods
import pytest
import workloads
from cluster import KubectlError
from compare import check, unknown
from containers import running
from installed import ACCOUNT, await_exports
from machine import await_slowly

RUNS_MEANWHILE = 2  # of a container that crashes, while the API server is away
CREDENTIAL = "authentication.kubernetes.io/credential-id"


class Crashing:
    """A pod of a container that begins again and again, whatever becomes of the API server."""

    def __init__(self, name, cluster, agent, containers, objects, exported):
        self.name = name
        self.cluster, self.agent = cluster, agent
        self.containers, self.objects, self.exported = containers, objects, exported

    def runs(self):
        """And those of the container beside it."""
        return [one for one in self.containers.of("default")
                if one.pod.startswith(f"{self.name}-")]  # fmt: skip

    def unknown(self):
        return unknown(self.runs(), self.exported.read())

    def __enter__(self):
        containers = pods.container("crashing", pods.CRASH), pods.container("steady")
        self.cluster.apply(workloads.deployment(self.name, *containers))
        await_slowly(lambda: len(self.runs()) > 2 and not self.unknown(),
                     lambda: f"not known: {self.unknown()}: {self.agent.log()}")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(KubectlError):  # after a test that failed without an API server
            self.cluster.kubectl("delete", "deployment", self.name, "--ignore-not-found",
                                 "--wait=false")  # fmt: skip

    def await_more(self, nr=1):
        nr += len(self.runs())
        await_slowly(lambda: len(self.runs()) >= nr, lambda: f"{nr} runs: {len(self.runs())}")

    def await_next_known(self):
        """One that begins from here on."""
        self.await_more()
        newest = max(self.runs(), key=lambda one: one.attempt)
        await_slowly(lambda: newest.id in self.exported.read().complete,
                     lambda: f"{newest} is not known: {self.agent.log()}")

    def end_and_check(self, partly=()):
        """Nothing wrong, and nothing lost; `partly`: of those less may be known."""
        self.cluster.kubectl("delete", "deployment", self.name, "--wait=false")
        await_slowly(lambda: not running(self.runs()), "loops do not end")
        await_exports(self.exported)
        check(self.runs(), self.exported,
              lambda one: {**self.objects.known(one), "partly": one in partly})
        assert self.exported.own_total("loopscope.records.lost") == 0


@pytest.fixture
def crashing(request, cluster, agent, containers, objects, exported):
    name = request.node.name.replace("_", "-")
    with Crashing(name, cluster, agent, containers, objects, exported) as crashing:
        yield crashing


def asked(cluster, verb):
    return [event for event in cluster.audited(ACCOUNT)
            if event["verb"] == verb and event["stage"] == "RequestReceived"]  # fmt: skip


def test_no_api_server_for_a_while(cluster, crashing):
    """What begins meanwhile is told of by what is known; later it is all known again."""
    known = crashing.runs()
    cluster.stop_api()
    crashing.await_more(RUNS_MEANWHILE)
    await_exports(crashing.exported)
    nr_watches = len(asked(cluster, "watch"))
    cluster.start_api()
    await_slowly(lambda: len(asked(cluster, "watch")) > nr_watches,
                 lambda: f"asks no more: {crashing.agent.log()}")
    meanwhile = [one for one in crashing.runs() if one not in known]
    crashing.await_next_known()
    crashing.end_and_check(partly=meanwhile)
    print(f"{len(crashing.runs())} runs, {len(meanwhile)} began without an API server")


def test_a_watch_that_expired(cluster, crashing):
    """
    The server that comes back keeps nothing in memory, and etcd nothing of the past: the agent
    asks for what has happened since, is told 410, and lists again.
    """
    cluster.stop_api()
    cluster.forget_history()
    nr_watches, nr_lists = len(asked(cluster, "watch")), len(asked(cluster, "list"))
    cluster.start_api("--watch-cache=false")
    await_slowly(lambda: len(asked(cluster, "list")) > nr_lists,
                 lambda: f"no list: {crashing.agent.log()}")
    expired, listed = asked(cluster, "watch")[nr_watches], asked(cluster, "list")[nr_lists]
    assert expired["requestReceivedTimestamp"] < listed["requestReceivedTimestamp"]
    print(expired["requestURI"], listed["requestURI"])
    meanwhile = crashing.runs()
    crashing.await_next_known()
    crashing.end_and_check(partly=meanwhile)
    cluster.stop_api()
    cluster.start_api()


def credentials(cluster):
    """Of the service account's requests, in the order that they were made in."""
    return [event["user"]["extra"][CREDENTIAL][0] for event in cluster.audited(ACCOUNT)]


def test_a_token_that_rotates(cluster, crashing):
    """
    A kubelet that starts anew asks for new tokens and writes them to the pods' files. The next
    request is made with that, as the API server's audit log tells.
    """
    before = credentials(cluster)
    token = crashing.agent.token()
    cluster.node.stop_kubelet()
    cluster.node.start_kubelet(cluster.kubeconfigs["kubelet"])
    await_slowly(lambda: crashing.agent.token() != token, "the kubelet writes no other token", 180)
    cluster.stop_api()
    cluster.start_api()
    await_slowly(lambda: len(credentials(cluster)) > len(before),
                 lambda: f"asks no more: {crashing.agent.log()}")
    assert before[-1] not in credentials(cluster)[len(before):]
    meanwhile = crashing.runs()
    crashing.await_next_known()
    crashing.end_and_check(partly=meanwhile)
