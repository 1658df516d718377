# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Children of a Python program, by every way that it has to start them, each watched as a loop."""

import sys

import pytest

import programs
from watch import Watch

CHILDREN = 12


@pytest.mark.parametrize("way", ["fork", "spawn", "forkserver", "subprocess", "daemon"])
def test_children(way):
    """Each once, with all that it did and nothing of another's."""
    command = (sys.executable, programs.APPS / "forked_loops.py", way, str(CHILDREN))
    with programs.Program(*command) as program:
        program.hear("ready")
        with Watch("-p", program.pid) as watch:
            program.tell("start")
            accounts = [program.hear("child") for _ in range(CHILDREN)]
            report = watch.finish()
    report.check_nothing_lost()
    for account in accounts:
        [loop] = [loop for loop in report.loops if loop["pid"] == account["pid"]]
        assert loop["iterations"] == account["iterations"]
        assert loop["events"] == account["events"]
        assert loop.syscall("clock_nanosleep")[0] == account["sleeps"]
    # what forks for a program waits in epoll itself
    servers = 1 if way == "forkserver" else 0
    assert len(report.loops) <= CHILDREN + servers
