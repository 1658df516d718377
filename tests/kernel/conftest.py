# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Fixtures of the kernel tests: scripted loops with a known truth, and the binary."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))  # watch.py

from scripted import PROGRAM
from watch import BINARY

SPLAT = re.compile(r"WARNING:|BUG:|Oops|Call Trace|rcu.*stall|UBSAN|KASAN|general protection")


@pytest.fixture(scope="session", autouse=True)
def can_watch():
    if os.geteuid() != 0:
        pytest.skip("watching needs root")
    for program in (BINARY, PROGRAM):
        if not program.exists():
            pytest.exit(f"{program} has not been built", returncode=1)


def kernel_log():
    return subprocess.run(["dmesg"], capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="session", autouse=True)
def no_splats():
    """The kernel has nothing to say about what these tests did to it."""
    before = set(kernel_log().splitlines())
    yield
    splats = [
        line
        for line in kernel_log().splitlines()
        if line not in before and SPLAT.search(line)
    ]
    assert not splats, splats
