# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
poll() within the callbacks of an asyncio loop is a blocking call of theirs, however often and
however long; threads that poll now and then are no loops.
"""

import pytest
from asyncio_account import compare_asleep, compare_counts, compare_times, follow_script

REST = ["idle", 20]
LOOPS = ("epoll", "poll", "select")


def follow(family, script):
    """(the loop, the program's account): no other thread is a loop"""
    report, loop, own = follow_script(script, f"--{family}")
    assert [each["tid"] for each in report.loops] == [loop["tid"]]
    assert loop["wait_family"] == family
    return loop, own


def compare(figures, loop, own, step):
    count, took_ns = own["steps"][step]
    compare_times(figures, loop, own)
    figures.at_least("stalls", loop["stalls"], count, source="script")
    if loop["wait_family"] == "epoll":  # else the first iterations are not seen
        compare_counts(figures, loop, own)
    return took_ns / 1e6


def compare_receive(figures, loop, own):
    took_ms = compare(figures, loop, own, "receive")
    compare_asleep(figures, loop, "poll", took_ms)
    figures.at_least("poll sleeps", loop.syscall("poll")[0], own["polls"], source="script")


@pytest.mark.parametrize("family", LOOPS)
def test_client(figures, family):
    """A client with a timeout, in callbacks: it polls for each piece of an answer."""
    loop, own = follow(family, [REST] * 10 + [["receive", 1200], REST] * 2)
    compare_receive(figures, loop, own)


def test_client_for_long(figures):
    """More than ten polls in more than five seconds, without an iteration."""
    loop, own = follow("epoll", [REST] * 10 + [["receive", 5200], REST])
    compare_receive(figures, loop, own)
    figures.at_least("longest busy", loop["busy_ms"]["max"], 5200, "ms", source="script")


@pytest.mark.parametrize("family", LOOPS)
def test_communicate(figures, family):
    """subprocess.communicate() polls two pipes, again and again: as a loop would."""
    loop, own = follow(family, [REST] * 10 + [["communicate", 300], REST] * 4)
    took_ms = compare(figures, loop, own, "communicate")
    sleeps, asleep_ms = loop.syscall("poll")
    figures.at_least("poll sleeps", sleeps, own["polls"], source="script")
    figures.at_most("in poll", asleep_ms, took_ms, "ms", rel=0.001, source="steps")
    figures.at_least("in poll", asleep_ms, 4 * 300, "ms", rel=0.05, source="script")


@pytest.mark.parametrize("step", ["clients", "resolve"])
def test_clients_in_threads(figures, step):
    """A thread of a pool rests on a lock, a resolver polls twice: none of them is a loop."""
    loop, own = follow("epoll", [REST] * 10 + [[step, 1600], REST] * 2)
    compare(figures, loop, own, step)
