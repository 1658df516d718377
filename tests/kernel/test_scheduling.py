# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that want a CPU and do not get one: contention, a cgroup's quota, SIGSTOP."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripted import ScriptedLoop, Spinner
from truth import MS, REMOTE_WAKE_NS, cause_tolerance, check_lag, close
from watch import Watch
from watched import check_logs, check_misses

CPU = max(os.sched_getaffinity(0))
CPU_CGROUP = Path("/sys/fs/cgroup/cpu")


def check_beside_spinner(script, **settings):
    with ScriptedLoop(script, cpu=CPU, **settings) as program:
        with Watch("-p", program.pid) as watch:
            with Spinner(CPU):
                program.run()
            report = watch.finish()
        logs = program.quit()
    check_misses(report, logs)
    return check_logs(report, logs)


def test_contention():
    """Beside another spinner: cpu + runqueue is the spin's length, cpu what its own clock says."""
    [(loop, log)] = check_beside_spinner(" ".join(["idle:10 spin:100000"] * 8))
    tolerance = cause_tolerance(log)
    times = loop["time_ms"]
    cpu_ns = sum(span.cpu for span in log.busy)
    assert times["runqueue"] > 0.1 * loop.busy_ms
    assert close(times["cpu"] * MS, cpu_ns, tolerance), cpu_ns
    assert close((times["cpu"] + times["runqueue"]) * MS, log.busy_ns, tolerance), log.busy_ns
    assert times["cpu_quota"] * MS <= tolerance


def test_starved():
    """A loop with little weight is late though it hardly works: the helper knows when it was
    woken, and lag is made of both."""
    [(loop, log)] = check_beside_spinner(" ".join(["wake:20 spin:1000"] * 20), nice=10)
    wake = loop["wake_delay_ms"]
    least, most = (sum(delays) for delays in zip(*log.wake_delays))
    others = [wait for wait in log.waits if wait.slept and not wait.fired_ns[0]]
    most += sum(wait.delay + REMOTE_WAKE_NS for wait in others)
    tolerance = max(0.02 * most, MS)
    assert wake["sum"] * MS <= most + tolerance, most
    if wake["count"] == log.slept:
        assert wake["sum"] * MS >= least - tolerance, least
    assert close(wake["runqueue"] + wake["cpu_quota"], wake["sum"], 0.001 * wake["sum"])
    check_lag(loop, log)


@contextmanager
def cpu_quota(quota_us, period_us):
    """A cgroup of the v1 cpu controller with that quota; removed after its tasks have gone."""
    if not (CPU_CGROUP / "cpu.shares").exists():
        pytest.skip("no cgroup v1 cpu controller here")
    group = CPU_CGROUP / f"loopscope-test-{os.getpid()}"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(period_us))
        (group / "cpu.cfs_quota_us").write_text(str(quota_us))
        yield group
    finally:
        group.rmdir()


def throttled_ns(group):
    fields = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    return int(fields["throttled_time"])


def check_throttled(group, script):
    """(loop, log), and how long the kernel says that the group was throttled meanwhile."""
    with ScriptedLoop(script, cpu=CPU) as program:
        (group / "cgroup.procs").write_text(str(program.pid))
        with Watch("-p", program.pid) as watch:
            before = throttled_ns(group)
            program.run()
            after = throttled_ns(group)
            report = watch.finish()
        logs = program.quit()
    check_misses(report, logs)
    [(loop, log)] = check_logs(report, logs)
    return loop, log, after - before


@pytest.mark.parametrize("quota_us, period_us", [(10_000, 100_000), (2_000, 10_000)])
def test_cpu_quota(quota_us, period_us):
    """What the loop waited beyond its time on CPU is its quota's doing, the kernel agreeing."""
    script = " ".join(["idle:50 spin:600000"] * 3)
    with cpu_quota(quota_us, period_us) as group:
        loop, log, throttled = check_throttled(group, script)
    tolerance = cause_tolerance(log)
    times = loop["time_ms"]
    waited_ns = log.busy_ns - sum(span.cpu for span in log.busy)
    assert throttled > 0.05 * log.busy_ns, "the quota did not bite"
    assert close((times["cpu_quota"] + times["runqueue"]) * MS, waited_ns, tolerance), waited_ns
    assert close(times["cpu_quota"] * MS, throttled, tolerance), throttled


def test_wake_delay_under_quota():
    """Throttled when its event comes: the delay is the quota's."""
    with cpu_quota(5_000, 100_000) as group:
        loop, log, throttled = check_throttled(group, " ".join(["wake:5 spin:5000"] * 20))
    wake = loop["wake_delay_ms"]
    assert close(wake["runqueue"] + wake["cpu_quota"], wake["sum"], 0.001 * wake["sum"] + 0.001)
    explained = (wake["cpu_quota"] + loop["time_ms"]["cpu_quota"]) * MS
    assert explained <= throttled + max(0.02 * throttled, MS), throttled


def test_stopped_while_busy():
    """Stopped in a callback: cause other, and an age that rises, while it lasts."""
    with ScriptedLoop("spin:1500000 idle:10") as program:
        with Watch("-p", program.pid) as early, Watch("-p", program.pid) as late:
            with Watch("-p", program.pid) as whole:
                program.go()
                program.await_callback(blocked=False)
                program.stop()
                time.sleep(0.3)
                first = early.finish().thread(program.pid)
                time.sleep(0.5)
                second = late.finish().thread(program.pid)
                program.resume()
                program.await_done()
                report = whole.finish()
        [log] = program.quit()
    for loop in (first, second):
        assert loop["state"] == "busy" and loop["time_ms"]["other"] > 200
        assert loop["stalls"] == 1  # it has crossed the threshold, though it has not ended
    assert second["current_busy_ms"] > first["current_busy_ms"] + 400
    check_logs(report, [log])


def test_stopped_while_polling():
    """A stop ends the wait call: the loop cannot look at events, which is busy, cause other."""
    with ScriptedLoop("idle:10 spin:1000") as program:
        with Watch("-p", program.pid) as early, Watch("-p", program.pid) as late:
            program.run()
            program.stop()
            time.sleep(0.3)
            first = early.finish().thread(program.pid)
            time.sleep(0.3)
            second = late.finish().thread(program.pid)
            program.resume()
        program.quit()
    for loop in (first, second):
        assert loop["state"] == "busy" and loop["time_ms"]["other"] > 150
    assert second["current_busy_ms"] > first["current_busy_ms"] + 200
