# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The node and the cluster that the tests share, and their images."""

import sys
from pathlib import Path

import pytest

for suite in ("e2e", "export", "vm"):  # what they have to build on; a name is ours first
    sys.path.append(str(Path(__file__).parents[1] / suite))

import images  # noqa: E402
import machine  # noqa: E402
from cluster import Cluster  # noqa: E402
from containers import Containers  # noqa: E402
from exported import Exported  # noqa: E402
from images import Image  # noqa: E402
from installed import Installed, NodeCollector, image_archive  # noqa: E402
from node import Node  # noqa: E402
from objects import Objects  # noqa: E402
from programs import APPS, built  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def can_run():
    reason = machine.why_not()
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def loop_images(tmp_path_factory):
    """What every node needs: the container that each pod has, and the loops."""
    directory = tmp_path_factory.mktemp("images")
    archives = []
    for name, program in (("pause", "pause"), ("loop", "pod_loop")):
        image = Image(name, [f"/{program}"])
        image.add(f"/{program}", built(program))
        archives.append(image.save(directory))
    return archives


def pytest_collection_modifyitems(items):
    """There is one node at a time, and the cluster's stays: what uses that comes last."""
    items.sort(key=lambda item: "cluster" in item.fixturenames)


@pytest.fixture(scope="module")
def node(tmp_path_factory, loop_images):
    """A kubelet by itself, which runs static pods."""
    with Node(tmp_path_factory.mktemp("node")) as node:
        node.import_images(*loop_images)
        node.start_kubelet()
        yield node


@pytest.fixture(scope="session")
def server_images(tmp_path_factory):
    directory = tmp_path_factory.mktemp("images")
    servers = [
        images.of_program("redis-server", "--save", "", "--protected-mode", "no"),
        images.of_program("node"),
        images.of_python("sanic", APPS / "sanic_app.py"),
    ]
    return [image.save(directory) for image in servers]


@pytest.fixture(scope="session")
def cluster(tmp_path_factory, loop_images, server_images):
    """One for all tests that want one; it comes after those of a node by itself."""
    with Node(tmp_path_factory.mktemp("cluster")) as node:
        node.import_images(*loop_images, *server_images, image_archive())
        with Cluster(node) as cluster:
            yield cluster


@pytest.fixture(scope="session")
def containers(cluster):
    with Containers(cluster.node) as containers:
        yield containers


@pytest.fixture(scope="session")
def objects(cluster):
    with Objects(cluster) as objects:
        yield objects


@pytest.fixture(scope="session")
def collector(cluster, tmp_path_factory):
    with NodeCollector(tmp_path_factory.mktemp("collector")).run() as collector:
        yield collector


@pytest.fixture(scope="session")
def exported(collector):
    return Exported(collector.output)


@pytest.fixture(scope="session")
def installed(cluster, collector, containers, objects, tmp_path_factory):
    """As `kubectl apply -k configs/kubernetes` does it, and not otherwise."""
    installed = Installed(cluster, tmp_path_factory.mktemp("installed"))
    installed.apply()
    return installed


@pytest.fixture(scope="session")
def agent(installed):
    """The same, with an interval that tests have time for."""
    installed.apply_for_tests()
    return installed
