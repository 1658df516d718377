# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Fixtures that several of the suites share."""

import pytest

from certificates import Authority


@pytest.fixture
def body(tmp_path):
    """A file to be sent. Not OTLP, but the client does not look into it: anything will do."""
    path = tmp_path / "request"
    path.write_bytes(bytes(range(256)) * 40)
    return path


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "authority")
