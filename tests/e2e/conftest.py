# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Fixtures of the end-to-end tests, and the file that they leave their figures in."""

import json
import os

import pytest

from figures import Figures
from live_cluster import Cgroups, LiveCluster
from watch import BINARY, BUILD

ALL_FIGURES = pytest.StashKey[list]()


def pytest_configure(config):
    config.stash[ALL_FIGURES] = []


@pytest.fixture(scope="session", autouse=True)
def can_watch():
    if os.geteuid() != 0:
        pytest.skip("watching needs root")
    assert BINARY.exists(), f"{BINARY} has not been built"


@pytest.fixture
def figures(request):
    mine = Figures(request.node.name)
    yield mine
    request.config.stash[ALL_FIGURES].extend(mine.rows)


@pytest.fixture
def cluster():
    with LiveCluster() as server:
        yield server


@pytest.fixture
def cgroups():
    with Cgroups() as made:
        yield made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if "figures" in item.funcargs:
        item.funcargs["figures"].verify()
    return result


def pytest_sessionfinish(session):
    rows = session.config.stash[ALL_FIGURES]
    if rows:
        (BUILD / "e2e.json").write_text(json.dumps(rows, indent=1) + "\n")
