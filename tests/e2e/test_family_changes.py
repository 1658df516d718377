# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A thread that runs one asyncio loop after the other, by other calls: each is shown for itself."""

import json
import sys

import programs
import pytest
from asyncio_account import PROGRAM, compare_asleep, compare_stalls, own_account, paced
from watch import Watch

SCRIPTS = (paced("spin", 60, 5), paced("sleep", 60, 10))
ROUNDS = [["idle", 10]] * 20


def follow(*families):
    """([the loops], [the account of each])"""
    words = [
        word
        for family, script in zip(families, SCRIPTS)
        for word in (f"--{family}", json.dumps(ROUNDS + script))
    ]
    own = []
    with programs.Program(sys.executable, PROGRAM, *words) as program:
        with Watch("-p", program.pid) as watch:
            for family in families:
                if own:
                    program.tell("end")
                program.hear("ready")
                before = program.start()
                own.append(own_account(before, program.stop()))
            report = watch.finish()
    report.check_nothing_lost()
    loops = report.loops_of(program.pid)
    return sorted(loops, key=lambda loop: not loop["ended"]), own


@pytest.mark.parametrize(
    "families",
    [("epoll", "select"), ("epoll", "poll"), ("select", "epoll"), ("poll", "epoll")],
    ids="-".join,
)
def test_change(figures, families):
    """The time between two loops may be either's; each of their callbacks is its own's."""
    loops, own = follow(*families)
    assert tuple(loop["wait_family"] for loop in loops) == families
    assert [loop["ended"] for loop in loops] == [True, False]
    for loop, account, steps in zip(loops, own, ("spin", "sleep")):
        name = f"{loop['wait_family']}: "
        compare_stalls(figures, loop, account["steps"][steps][0])
        busy_ms = account["busy_ns"] / 1e6
        figures.near(f"{name}busy", loop.busy_ms, busy_ms, "ms", rel=0.02, by=30, source="log")
        figures.near(f"{name}iterations", loop["iterations"], account["iterations"], by=12)
    assert loops[0].syscall("clock_nanosleep") == (0, 0.0)
    compare_asleep(figures, loops[1], "clock_nanosleep", own[1]["steps"]["sleep"][1] / 1e6)
