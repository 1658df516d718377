# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""libuv programs in C, of one loop and of several, against uv_metrics_idle_time."""

import time

import programs
import pytest
from watch import Watch

SPAN_S = 2


def watched(program):
    """What it says of itself at both ends of a span, and the report."""
    with Watch("-p", program.pid) as watch:
        before = program.start()
        time.sleep(SPAN_S)
        after = program.stop()
        report = watch.finish()
    report.check_nothing_lost()
    return before, after, report


@pytest.mark.parametrize("work", ["idle", "timers", "ticks", "slices", "files"])
def test_idle_time(figures, work):
    with programs.Program(programs.built("uv_loop"), work) as program:
        program.hear("ready")
        before, after, report = watched(program)
    loop = report.thread(program.pid)
    own = {key: after[key] - before[key] for key in after}
    compare(figures, loop, own, of_span=work in ("slices", "files"))


def compare(figures, loop, own, of_span, name=""):
    span_ms, idle_ms = own["now_ns"] / 1e6, own["idle_ns"] / 1e6
    # outside the span the loop idles: what loopscope saw of that is not libuv's to tell
    idle_seen = loop.poll_ms - (loop["window_s"] * 1000 - span_ms)
    figures.near(
        f"{name}idle time",
        idle_seen,
        idle_ms,
        "ms",
        by=0.01 * (span_ms if of_span else idle_ms),
        source="uv_metrics_idle_time",
    )
    # until libuv is known by its polls, one that was interrupted counts by itself
    figures.near(
        f"{name}iterations", loop["iterations"], own["iterations"], rel=0.02, by=6,
        source="prepares",
    )  # fmt: skip


def test_workers(figures):
    """Four loops in a process, each of them one by itself."""
    with programs.Program(programs.built("uv_workers")) as program:
        tids = [int(tid) for tid in program.hear("ready")]
        before, after, report = watched(program)
    assert sorted(loop["tid"] for loop in report.loops) == sorted(tids)
    for worker, tid in enumerate(tids):
        own = {key: after[str(tid)][key] - before[str(tid)][key] for key in after[str(tid)]}
        compare(figures, report.thread(tid), own, of_span=False, name=f"worker {worker} ")
