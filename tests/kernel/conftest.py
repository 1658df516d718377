# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Fixtures of the kernel tests: scripted loops with a known truth, and the binary."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))  # watch.py

import brief
import python_interpreters
from scripted import PROGRAM
from watch import BINARY
from watched import ERRORS

SPLAT = re.compile(r"WARNING:|BUG:|Oops|Call Trace|rcu.*stall|UBSAN|KASAN|general protection")


@pytest.fixture(scope="session", autouse=True)
def can_watch():
    if os.geteuid() != 0:
        pytest.skip("watching needs root")
    for program in (BINARY, PROGRAM, brief.PROGRAM):
        if not program.exists():
            pytest.exit(f"{program} has not been built", returncode=1)


@pytest.fixture(params=python_interpreters.all_names())
def interpreter(request):
    """Each CPython that can be had here."""
    try:
        return python_interpreters.named(request.param)
    except python_interpreters.Unavailable as reason:
        pytest.skip(f"no CPython {request.param}: {reason}")


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


LINES = []


@pytest.fixture
def figures():
    """Lines to print at the end."""
    return LINES


def pytest_terminal_summary(terminalreporter):
    for line in LINES + truth_lines():
        terminalreporter.write_line(line)


def truth_lines():
    """How near the figures came: of loops that were busy enough for shares to mean something."""
    busy = [error for error in ERRORS if error["of_busy_ns"] > 20e6]
    if not busy:
        return []
    exact = sum(not error["iterations"] for error in busy)
    lines = [f"truth: {len(busy)} loops, iterations exact in {exact}"]
    for name, label in (("busy_ns", "busy sum"), ("cause_ns", "worst cause")):
        shares = sorted(100 * error[name] / error["of_busy_ns"] for error in busy)
        middle, most = shares[len(shares) // 2], shares[-1]
        lines.append(f"truth: {label} off by {middle:.2f} % of busy, {most:.2f} % at most")
    return lines
