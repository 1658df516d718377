# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that come and go while they are watched lose nothing."""

import pytest

from scripted import ScriptedLoop
from truth import check_loop
from watch import Watch
from watched import check_logs, watch_scripts

SCRIPT = " ".join(["idle:3 spin:2000 nanosleep:2"] * 20)


def test_thread_exits():
    """Its last window is there, the interval in which it ended included."""
    report, logs = watch_scripts(SCRIPT, SCRIPT + " idle:5 spin:70000 exit")
    assert len(report.loops) == len(logs) == 2
    check_logs(report, logs)


def test_thread_exits_before_the_next_loop():
    """Many threads, each gone long before the window ends."""
    report, logs = watch_scripts(SCRIPT, *["idle:5 spin:3000 exit"] * 10)
    assert len(report.loops) == len(logs) == 11
    check_logs(report, logs)


def test_exec():
    """The same pid, tid and start time, yet two loops."""
    report, logs = watch_scripts(SCRIPT + " exec:0", later=[SCRIPT + " idle:5 spin:60000"])
    assert len(report.loops) == len(logs) == 2
    before, after = sorted(report.loops, key=lambda loop: loop["stalls"])
    logs[0].unlogged_ns = logs[1].waits[0].begin.mono - logs[0].busy[-1].end.mono
    for loop, log in zip((before, after), logs):
        check_loop(loop, log, missed=report.summary["misses"])


def test_exec_of_another_thread():
    """The thread that calls exec takes the leader's place; both loops have ended."""
    report, logs = watch_scripts(
        "", "idle:3 spin:2000 exec:0", later=["idle:3 " + "idle:3 spin:3000 " * 5]
    )
    before, after = logs
    assert len(report.loops) == 3
    [loop] = [loop for loop in report.loops if loop["tid"] == before.tid]
    assert loop["iterations"] == before.iterations
    assert after.iterations in [
        loop["iterations"] for loop in report.loops if loop["tid"] == after.pid
    ]


@pytest.mark.parametrize("option", ["children", "no-children"])
def test_fork(option):
    """A child's loop is watched from its first wait, unless that is not wanted."""
    report, logs = watch_scripts(
        f"idle:5 spin:1000 fork:0 {SCRIPT} idle:100",
        later=[SCRIPT],
        options=["--no-children"] if option == "no-children" else [],
    )
    child, parent = logs
    watched = [parent] if option == "no-children" else [child, parent]
    assert sorted(loop["pid"] for loop in report.loops) == sorted(log.pid for log in watched)
    check_logs(report, watched)


def test_target_ends():
    """stat ends with its last target, whose figures it still has."""
    with ScriptedLoop(SCRIPT) as program:
        with Watch("-p", program.pid) as watch:
            program.run()
            [log] = program.quit()
            report = watch.wait()
    [loop] = report.loops
    # the kill that ends the process may end the last wait first
    assert loop["iterations"] - log.iterations in (0, 1)
    assert loop["events"] == log.events
    assert abs(loop.busy_ms * 1e6 - log.busy_ns) <= 0.01 * log.busy_ns + log.unsure_ns
