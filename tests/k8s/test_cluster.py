# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`kubectl apply -k configs/kubernetes` on a real cluster; Redis, Node and Sanic in pods."""

import contextlib
import urllib.request

import redis
import workloads
from cluster import KubectlError
from compare import check, stranger_faults
from installed import ACCOUNT, NAMESPACE, SELECTOR
from machine import await_slowly

RUNTIMES = {"redis": None, "node": "nodejs", "sanic": "cpython"}
ROUNDS = 50
# numbers of linux/capability.h
CAPABILITIES = {"DAC_READ_SEARCH": 2, "SYS_PTRACE": 19, "PERFMON": 38, "BPF": 39}


def one_pod(cluster, name):
    [pod] = cluster.await_pods(f"app={name}", 1)
    return pod


def load(cluster):
    """Some requests to each; all answered."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    addresses = {name: one_pod(cluster, name)["status"]["podIP"] for name in RUNTIMES}
    urls = [f"http://{addresses[name]}:8000/" for name in ("node", "sanic")]
    with redis.Redis(host=addresses["redis"]) as client:
        for _ in range(ROUNDS):
            assert client.ping()
            for url in urls:
                with contextlib.closing(direct.open(url, timeout=30)) as answer:
                    assert answer.read().startswith(b"hello")


def at_work(resources):
    """Without runc, which is what a container's first process is to begin with: a program in Go."""
    return [one for one in resources if not one["process.executable.name"].startswith("runc")]


def test_install(cluster, installed, containers, objects, exported):
    """As it is: Ready, and what it watches arrives at the node's Collector with its pods."""
    cluster.apply(*workloads.servers())
    load(cluster)
    watched = [one for one in containers.all() if one.pod.split("-")[0] in RUNTIMES]
    assert len(watched) == len(RUNTIMES)
    await_slowly(lambda: all(one.id in exported.read().resources for one in watched),
                 lambda: f"not all arrive: {installed.log()}")
    check(watched, exported, lambda one: {**objects.known(one), "labels": {}}, ended=False)
    assert not list(stranger_faults(containers.all(), exported, "default"))
    for one in watched:
        name = one.pod.split("-")[0]
        for resource in exported.resources[one.id]:
            assert resource["service.name"] == name
        [program] = at_work(exported.resources[one.id])
        assert program.get("process.runtime.name") == RUNTIMES[name]


def effective_capabilities(pid):
    [line] = [line for line in open(f"/proc/{pid}/status") if line.startswith("CapEff:")]
    bits = int(line.split()[1], 16)
    return {number for number in range(64) if bits >> number & 1}


def may(cluster, verb, resource):
    with contextlib.suppress(KubectlError):  # it says no by its status
        return cluster.kubectl("auth", "can-i", verb, resource, "--all-namespaces",
                               f"--as={ACCOUNT}").strip() == "yes"  # fmt: skip
    return False


def test_few_privileges(cluster, installed):
    """What the DaemonSet asks for is all it has."""
    [pod] = cluster.get("pods", SELECTOR, NAMESPACE)
    [agent] = pod["spec"]["containers"]
    wanted = {CAPABILITIES[name] for name in agent["securityContext"]["capabilities"]["add"]}
    assert effective_capabilities(installed.pid()) == wanted
    assert may(cluster, "list", "pods") and may(cluster, "watch", "pods")
    for verb, resource in (("get", "nodes/proxy"), ("list", "secrets"), ("create", "pods"),
                           ("list", "nodes")):  # fmt: skip
        assert not may(cluster, verb, resource), (verb, resource)
