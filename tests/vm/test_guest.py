# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every guest runs to its end, and its kernel has nothing to say about it."""

import re

import pytest

from kernels import KERNELS

pytestmark = pytest.mark.parametrize(
    "guest", KERNELS, ids=lambda kernel: kernel.name, indirect=True
)

SPLAT = re.compile(r"WARNING:|BUG:|Oops|Call Trace|rcu.*stall|UBSAN|general protection|panic:")


def test_runs_the_kernel_it_is_named_for(guest):
    assert guest.text("facts", "stdout").startswith(guest.kernel.name + ".")


def test_runs_to_its_end(guest):
    assert not guest.timed_out and guest.status("end") == 0, guest.end()


def test_kernel_log_is_clean(guest):
    lines = guest.lines("kernel_log", "stdout") + guest.console.splitlines()
    assert not [line for line in lines if SPLAT.search(line)]
