# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the commands show of containerd's containers and of pods, and whom filters let pass."""

import json
import shutil
import subprocess

import pods
import pytest
import servers
from containers import Containers
from machine import await_slowly
from node import NAME
from programs import built
from watch import BINARY

NAMED_ID, BARE_ID = "a1" * 32, "b2" * 32
STATIC_PODS = [
    pods.pod("web", pods.container(), pods.container("side", **pods.BURSTABLE), namespace="shop"),
    pods.pod("db", pods.container(**pods.GUARANTEED), namespace="data"),
    pods.pod("init", pods.container(), namespace="data",
             initContainers=[pods.container("beside", restartPolicy="Always")]),
]  # fmt: skip


def run_plain(node, container_id, annotations):
    """A container of no pod, made as nerdctl makes one; its process id."""
    root = node.directory / container_id
    root.mkdir()
    shutil.copy(built("pod_loop"), root)
    spec = json.loads(node.run("ctr", "--namespace=default", "oci", "spec"))
    spec["process"]["args"] = ["/pod_loop"]
    spec["root"] = {"path": str(root)}
    spec["annotations"] = annotations
    spec["linux"]["cgroupsPath"] = f"/default/{container_id}"
    config = root.with_suffix(".json")
    config.write_text(json.dumps(spec))
    node.run("ctr", "--namespace=default", "run", "--detach", "--null-io", f"--config={config}",
             container_id)  # fmt: skip
    return tasks(node, "default")[container_id]


def tasks(node, namespace):
    """Process ids by container."""
    lines = node.run("ctr", f"--namespace={namespace}", "tasks", "ls").splitlines()[1:]
    return {line.split()[0]: int(line.split()[1]) for line in lines if "RUNNING" in line}


@pytest.fixture(scope="module")
def running(node):
    """The truth: by pid, (container, pod) as `--json` has them."""
    with Containers(node) as containers, servers.running([built("pod_loop")]) as plain:
        for pod in STATIC_PODS:
            node.add_static_pod(pod)

        def all_run():
            return node.check() and not pods.missing(STATIC_PODS, containers.all(), f"-{NAME}")

        await_slowly(all_run, "static pods do not run")
        pids = tasks(node, "k8s.io")
        truth = {
            pids[one.id]: ({"id": one.id, "name": one.name},
                           {"namespace": one.namespace, "name": one.pod})
            for one in containers.all()
        }  # fmt: skip
        truth[run_plain(node, NAMED_ID, {"nerdctl/name": "proxy"})] = (
            {"id": NAMED_ID, "name": "proxy"}, None)  # fmt: skip
        truth[run_plain(node, BARE_ID, {})] = ({"id": BARE_ID, "name": None}, None)
        truth[plain.pid] = (None, None)
        yield truth


def look(node, running, *filters):
    """What `stat` and `list` show of them, both the same."""
    shown = []
    for command in (["stat", "-d", "0.5"], ["list"]):
        done = node.run(BINARY, *command, "--json", *filters, *(f"--pid={pid}" for pid in running))
        *lines, summary = map(json.loads, done.splitlines())
        assert summary["loops"] == len(lines)
        shown.append({line["pid"]: (line["container"], line["pod"]) for line in lines})
    assert shown[0] == shown[1]
    return shown[0]


def test_all_are_named(node, running):
    assert len(running) == 8 and look(node, running) == running


@pytest.mark.parametrize("filters, names", [
    (["--namespace=shop"], {"main", "side"}),
    (["--namespace=[sd]*"], {"main", "side", "beside"}),
    (["--namespace=shop", "--container=s*"], {"side"}),
    (["--namespace=shop", "--pod=db*"], set()),
    (["--pod=web-*"], {"main", "side"}),
    (["--pod=web"], set()),
    (["--container=?roxy"], {"proxy"}),
    ([f"--container={BARE_ID[:12]}"], {None}),
    (["--container=*"], {"main", "side", "beside", "proxy"}),
])  # fmt: skip
def test_filters(node, running, filters, names):
    shown = look(node, running, *filters)
    assert {container["name"] for container, _ in shown.values()} == names
    assert all(running[pid] == identity for pid, identity in shown.items())


def test_whole_node(node, running):
    """Without a target it is every loop that passes."""
    shown = node.run(BINARY, "list", "--json", "--namespace=shop").splitlines()[:-1]
    expected = {pid for pid, (_, pod) in running.items() if pod and pod["namespace"] == "shop"}
    assert {json.loads(line)["pid"] for line in shown} == expected


def test_reports(node, running):
    (side,) = [pid for pid in running if (running[pid][0] or {}).get("name") == "side"]
    container_id = running[side][0]["id"]
    report = node.run(BINARY, "stat", "-d", "0.2", "-p", side)
    assert f"  pod         shop/web-{NAME}\n  container   side  {container_id}\n" in report
    listed = node.run(BINARY, "list", "-p", side)
    assert listed.endswith(f"; pod shop/web-{NAME}; container side\n")
    command = node.inside(BINARY, "top", "-i", "0.1", "-p", side)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as top:
        header, row = top.stdout.readline(), top.stdout.readline()
        top.terminate()
    assert row[header.index("POD") :].split()[0] == f"shop/web-{NAME}/side"
