# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A kernel that is too old is refused, clearly and before anything is tried."""

import pytest

from kernels import KERNELS

pytestmark = pytest.mark.parametrize(
    "guest",
    [kernel for kernel in KERNELS if not kernel.watches],
    ids=lambda kernel: kernel.name,
    indirect=True,
)


@pytest.mark.parametrize("command", ["stat", "top", "list"])
def test_one_line_and_exit_1(guest, command):
    assert guest.status(command) == 1
    [line] = guest.lines(command, "stderr")
    assert "too old" in line and "5.15" in line
    assert not guest.text(command, "stdout")


def test_check_says_so(guest):
    assert guest.status("check") == 1
    failures = [line for line in guest.lines("check", "stdout") if line.startswith("FAIL")]
    assert len(failures) == 1 and "too old" in failures[0]
