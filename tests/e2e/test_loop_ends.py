# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that end in a thread that lives on: what it does then is no stall of theirs."""

import sys

import pytest
from watch import Watch

import programs

# runs a loop to its end, does something else for long, and runs another
PROGRAM = """
import asyncio, json, sys, time
rounds, blocked_s = json.loads(sys.argv[1])
async def work():
    for _ in range(rounds):
        await asyncio.sleep(0.005)
def spin(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
print('ready {}', flush=True)
sys.stdin.readline()
for other in (time.sleep, spin):
    asyncio.run(work())
    other(blocked_s)
print('done {}', flush=True)
sys.stdin.readline()
"""


def watched(*options, rounds=20, blocked_s=0.6):
    arguments = ["-c", PROGRAM, f"[{rounds}, {blocked_s}]"]
    with programs.Program(sys.executable, *arguments) as program:
        program.hear("ready")
        with Watch("-p", program.pid, *options) as watch:
            program.tell("go")
            program.hear("done")
            return watch.finish().loops


def test_what_comes_after():
    """Neither the sleep nor the spinning between them is theirs."""
    loops = watched()
    assert len(loops) == 2
    for loop in loops:
        assert loop["stalls"] == 0 and loop["iterations"] >= 20
        assert loop["time_ms"]["syscall"] < 100 and loop["time_ms"]["cpu"] < 100
        assert loop["window_s"] < 0.6


@pytest.mark.parametrize("blocked_s", [0.01])
def test_soon_followed(blocked_s):
    """Below what is looked at twice, the next loop goes on with the one before it."""
    loops = watched(blocked_s=blocked_s)
    assert sum(loop["iterations"] for loop in loops) >= 40
