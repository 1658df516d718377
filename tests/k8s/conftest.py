# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The node and the cluster that the tests share, and their images."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "e2e"))

import machine  # noqa: E402
from images import Image  # noqa: E402
from node import Node  # noqa: E402
from programs import built  # noqa: E402


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


@pytest.fixture(scope="module")
def node(tmp_path_factory, loop_images):
    """A kubelet by itself, which runs static pods."""
    with Node(tmp_path_factory.mktemp("node")) as node:
        node.import_images(*loop_images)
        node.start_kubelet()
        yield node
