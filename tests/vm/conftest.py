# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Guests as fixtures: each kernel is booted once, and all its tests read what it left."""

import functools
import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
sys.path += [str(TESTS / "kernel"), str(TESTS / "e2e")]  # truth.py, watch.py

import kernels
import qemu
import rootfs
from watch import BINARY, BUILD

PROGRAMS = (BINARY, BUILD / "loopscope-agent", BUILD / "loopscope-symbols",
            BUILD / "tests/scripted_loop")  # fmt: skip
REQUIRED = os.environ.get("CI") == "true" and os.environ.get("VM") != "optional"


@pytest.fixture(scope="session")
def initramfs(tmp_path_factory):
    for program in PROGRAMS:
        assert program.exists(), f"{program} has not been built"
    path = tmp_path_factory.mktemp("rootfs") / "initramfs.cpio"
    rootfs.build(path, PROGRAMS)
    return path


@pytest.fixture(scope="session")
def boot(initramfs, tmp_path_factory):
    @functools.cache
    def boot_once(kernel):
        directory = tmp_path_factory.mktemp(kernel.name)
        return qemu.boot(kernel, kernels.fetch(kernel), initramfs, directory)

    return boot_once


@pytest.fixture
def guest(request, boot):
    """What the guest with the kernel that the test is parametrized by has left."""
    kernel = request.param
    try:
        return boot(kernel)
    except kernels.Unavailable as reason:
        if REQUIRED:
            pytest.fail(f"kernel {kernel.name}: {reason}")
        pytest.skip(f"kernel {kernel.name}: {reason}")
