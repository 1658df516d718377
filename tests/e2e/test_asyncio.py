# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""asyncio and uvloop, against the program's own account of a script that it follows."""

import pytest
from asyncio_account import (
    CAUSES,
    compare_account,
    compare_asleep,
    compare_counts,
    compare_stalls,
    follow_script,
    paced,
)


def follow(script, *options):
    """(the loop's report, the program's account of the span)"""
    _, loop, own = follow_script(script, *options)
    assert loop["runtime"] == "python"
    return loop, own


@pytest.mark.parametrize("step", list(CAUSES))
def test_cause(figures, step):
    loop, own = follow(paced(step, 60, 10))
    compare_account(figures, loop, own)
    cause, syscall = CAUSES[step]
    count, took_ns = own["steps"][step]
    compare_stalls(figures, loop, count)
    if syscall:
        sleeps, asleep_ms = loop.syscall(syscall)
        figures.at_least(f"{syscall} sleeps", sleeps, count, source="script")
        compare_asleep(figures, loop, syscall, took_ns / 1e6)
        figures.near(cause, loop.time_ms[cause], asleep_ms, "ms", rel=0.02, source=syscall)


def test_all_steps(figures):
    script = [[name, 20] for name in (*CAUSES, "fsync", "idle")] * 10
    loop, own = follow(script)
    compare_account(figures, loop, own)


def test_interpreter_lock(figures):
    """
    Another thread holds the GIL, so that select() is late to return to Python: busy
    time that no clock in the loop's own thread can tell from polling.
    """
    loop, own = follow([["rival", 1500]])
    unseen_ms = loop.busy_ms - own["busy_ns"] / 1e6
    waited_ms = loop.time_ms["lock"] + loop.time_ms["runqueue"]
    assert loop["syscalls"][0]["name"] == "futex"
    figures.near("busy, not in own log", unseen_ms, waited_ms, "ms", rel=0.05, source="waited")
    compare_counts(figures, loop, own)


def test_uvloop(figures):
    pytest.importorskip("uvloop")
    script = paced("spin", 30, 10) + paced("sleep", 60, 10)
    loop, own = follow(script, "--uvloop")
    spun_ms, slept_ms = (own["steps"][name][1] / 1e6 for name in ("spin", "sleep"))
    ran_ms = loop.busy_ms - loop.time_ms["runqueue"]
    figures.at_least("busy", loop.busy_ms, spun_ms + slept_ms, "ms", source="steps")
    figures.at_most("busy", ran_ms, spun_ms + slept_ms, "ms", rel=0.02, source="steps")
    compare_asleep(figures, loop, "clock_nanosleep", slept_ms)
    compare_stalls(figures, loop, 10)
