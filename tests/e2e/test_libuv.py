# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A libuv program in C, against uv_metrics_idle_time."""

import time

import programs
import pytest
from watch import Watch

SPAN_S = 2


@pytest.mark.parametrize("work", ["idle", "timers", "ticks", "slices", "files"])
def test_idle_time(figures, work):
    with programs.Program(programs.built("uv_loop"), work) as program:
        program.hear("ready")
        with Watch("-p", program.pid) as watch:
            before = program.start()
            time.sleep(SPAN_S)
            after = program.stop()
            report = watch.finish()
    report.check_nothing_lost()
    loop = report.thread(program.pid)
    own = {key: after[key] - before[key] for key in after}
    span_ms, idle_ms = own["now_ns"] / 1e6, own["idle_ns"] / 1e6
    # outside the span the loop idles: what loopscope saw of that is not libuv's to tell
    idle_seen = loop.poll_ms - (loop["window_s"] * 1000 - span_ms)
    figures.near(
        "idle time",
        idle_seen,
        idle_ms,
        "ms",
        by=0.01 * (span_ms if work in ("slices", "files") else idle_ms),
        source="uv_metrics_idle_time",
    )
    figures.near(
        "iterations", loop["iterations"], own["iterations"], rel=0.02, by=2, source="prepares"
    )
