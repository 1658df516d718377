# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is said of a loop that was there, asleep or stuck, when loopscope came."""

import pytest

from scripted import ScriptedLoop
from watch import Watch
from watched import check_logs

FOREVER_MS = 600_000


def report_now(*targets):
    watch = Watch(*targets)
    watch.command[watch.command.index("-d") + 1] = "0.3"
    with watch:
        return watch.wait()


def test_asleep_in_its_wait():
    """Seen at once, though it does nothing while watched."""
    with ScriptedLoop("", "") as program:
        report = report_now("-p", program.pid)
    assert len(report.loops) == 2
    for loop in report.loops:
        assert loop["pid"] == program.pid and loop["state"] == "poll"
        assert loop.busy_ms == 0 and loop["iterations"] == 0
        assert loop["window_s"] > 0.2
        assert loop["busy_ms"]["p50"] is None and loop["wake_delay_ms"]["p50"] is None


@pytest.mark.parametrize(
    "step, cause, syscall",
    [
        (f"spin:{FOREVER_MS}000", "cpu", None),
        (f"nanosleep:{FOREVER_MS}", "syscall", "clock_nanosleep"),
        (f"futex:{FOREVER_MS}", "lock", "futex"),
        (f"read:{FOREVER_MS}", "syscall", "read"),
        (f"poll:{FOREVER_MS}", "syscall", "poll"),
    ],
)
def test_already_stuck(step, cause, syscall):
    """Unseen, with where it is, and the least age it can have."""
    with ScriptedLoop(step) as program:
        program.go()
        program.await_callback(blocked=syscall is not None)
        [loop] = report_now("-p", program.pid).loops
    assert (loop["pid"], loop["tid"]) == (program.pid, program.pid)
    assert loop["state"] == "unseen"
    assert loop["where"] == {"cause": cause, "syscall": syscall}
    assert loop["current_busy_ms"] >= 200


def test_stuck_beside_one_that_waits():
    """Of a process's two loops only the stuck one is unseen."""
    with ScriptedLoop(f"nanosleep:{FOREVER_MS}", "") as program:
        program.go()
        program.await_callback(blocked=True)
        report = report_now("-p", program.pid)
        waiting = program.threads()[1]
    states = {loop["tid"]: loop["state"] for loop in report.loops}
    assert states == {program.pid: "unseen", waiting: "poll"}


def test_stuck_then_free():
    """It is one loop, watched from the wait that ended its being stuck."""
    with ScriptedLoop("pause " + "idle:5 spin:5000 " * 20) as program:
        program.go()
        program.await_callback(blocked=True)
        with Watch("-p", program.pid) as watch:
            program.end_pause()
            program.await_done()
            report = watch.finish()
        [log] = program.quit()
    assert len(report.loops) == 1
    log.forget(1)  # the wait before it was stuck
    check_logs(report, [log])
