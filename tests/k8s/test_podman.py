# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the commands show of podman's containers, beside a loop that is in none."""

import json
import shutil
import subprocess

import pytest
import servers
from podman import Podman
from pods import LOOP
from programs import built
from watch import BINARY


@pytest.fixture(scope="module")
def podman(tmp_path_factory, loop_images):
    if not shutil.which("podman"):
        pytest.skip("podman is not installed: scripts/install-deps.sh k8s does")
    with Podman(tmp_path_factory.mktemp("podman")) as podman:
        for archive in loop_images:
            podman.podman("load", "--quiet", f"--input={archive}")
        yield podman


@pytest.fixture(scope="module")
def containers(podman):
    """By name: (id, pid)."""
    return {
        "kept": podman.run("kept", LOOP),
        "removed": podman.run("removed", LOOP, "--rm"),  # when it ends
    }


@pytest.fixture(scope="module")
def plain():
    """A loop in no container."""
    with servers.running([built("pod_loop")]) as process:
        yield process.pid


def loops(podman, *arguments, status=0):
    """By pid, of what `list` and `stat` say of them."""
    found = []
    for command in (["list"], ["stat", "-d", "0.5"]):
        done = subprocess.run(podman.inside(BINARY, *command, "--json", *arguments), check=False,
                              stdout=subprocess.PIPE, text=True)  # fmt: skip
        assert done.returncode == status
        *lines, summary = map(json.loads, done.stdout.splitlines())
        assert summary["loops"] == len(lines)
        found.append({line["pid"]: (line["container"], line["pod"]) for line in lines})
    assert found[0] == found[1]
    return found[0]


def both(containers, plain):
    return [f"--pid={pid}" for _, pid in containers.values()] + [f"--pid={plain}"]


def test_named(podman, containers, plain):
    expected = {pid: ({"id": id_, "name": name}, None) for name, (id_, pid) in containers.items()}
    assert loops(podman, *both(containers, plain)) == {**expected, plain: (None, None)}


@pytest.mark.parametrize("glob, names", [
    ("kept", {"kept"}), ("*", {"kept", "removed"}), ("[!k]*", {"removed"}), ("ke", set()),
])  # fmt: skip
def test_filter_by_name(podman, containers, plain, glob, names):
    shown = loops(podman, f"--container={glob}", *both(containers, plain))
    assert {container["name"] for container, _ in shown.values()} == names


@pytest.mark.parametrize("length, shown", [(64, True), (12, True), (11, False)])
def test_filter_by_id(podman, containers, plain, length, shown):
    container_id, pid = containers["kept"]
    found = loops(podman, f"--container={container_id[:length]}", *both(containers, plain))
    assert set(found) == ({pid} if shown else set())


@pytest.mark.parametrize("option", ["--pod=*", "--namespace=*"])
def test_in_no_pod(podman, containers, plain, option):
    assert not loops(podman, option, *both(containers, plain))


def test_whole_machine(podman, containers, plain):
    """Without a target it is all loops that are in such a container."""
    assert set(loops(podman, "--container=kept")) == {containers["kept"][1]}


def test_text(podman, containers, plain):
    container_id, pid = containers["kept"]

    def said(*arguments):
        return subprocess.run(podman.inside(BINARY, *arguments), check=True,
                              stdout=subprocess.PIPE, text=True).stdout  # fmt: skip

    assert f"  container   kept  {container_id}\n" in said("stat", "-d", "0.2", "-p", pid)
    assert said("list", "-p", pid).endswith("; container kept\n")
    assert "  container " not in said("stat", "-d", "0.2", "-p", plain)
    assert "container" not in said("list", "-p", plain)


def test_top(podman, containers, plain):
    """The column comes with the first loop that is in a container."""
    command = podman.inside(BINARY, "top", "-i", "0.1", *both(containers, plain))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as top:
        header, *rows = [top.stdout.readline() for _ in range(10)]
        top.terminate()
    at = header.index("POD")
    names = {int(row.split()[1]): row[at:].split()[0] for row in rows}
    assert names == {containers["kept"][1]: "kept", containers["removed"][1]: "removed", plain: "-"}
