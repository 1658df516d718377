# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Fixtures: certificates, and a directory with a kubeconfig that leads to a fake server."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "export"))  # certificates.py, misbehaving_server.py

from certificates import Authority  # noqa: E402
from pods_command import Credentials  # noqa: E402


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="session")
def server_pair(authority):
    return authority.issue("server")


@pytest.fixture
def credentials(tmp_path):
    return Credentials(tmp_path)
