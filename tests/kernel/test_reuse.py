# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A tid that is used again is another loop, which has nothing of the one before it."""

import pytest

from brief import BriefLoops, check_brief
from namespaced import run_inside, scripted_loop_of_pid
from truth import check_loop
from watch import Watch

ROUNDS = 200
PID = 20000


@pytest.mark.parametrize("function", ["inside_threads", "inside_processes", "inside_programs"])
def test_reuse(function):
    run_inside(__file__, function)


def watch_rounds(what):
    """Hundreds of loops of one tid, one after the other: each sleeps where the next one spins."""
    with BriefLoops(what, ROUNDS) as program:
        with Watch("-p", program.pid) as watch:
            loops = program.run()
            report = watch.finish()
    assert len(loops) == ROUNDS
    assert len({loop["tid"] for loop in loops}) == 1
    check_brief(report, loops)


def inside_threads():
    watch_rounds("threads")


def inside_processes():
    watch_rounds("processes")


def inside_programs():
    """Programs that do different things, each held against its own log."""
    scripts = [
        " ".join(["idle:3 spin:3000"] * 10) + " exit",
        " ".join(["wake:2 nanosleep:5"] * 15) + " exit",
        " ".join(["ready:3 futex:3"] * 20) + " exit",
        " ".join(["timeout:2 read:2"] * 25) + " idle:3 spin:70000 exit",
        " ".join(["uvlook:2 touch:100"] * 30) + " exit",
    ]
    logs = []
    with Watch("--comm", "scripted_loop") as watch:
        for script in scripts:
            with scripted_loop_of_pid(PID, script) as program:
                assert program.pid == PID
                program.run()
                logs += program.quit()
        report = watch.finish()
    assert len(logs) == len(report.loops) == len(scripts)
    for log in logs:
        [loop] = [loop for loop in report.loops if loop["iterations"] == log.iterations]
        check_loop(loop, log, missed=report.summary["misses"])
