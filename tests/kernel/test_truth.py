# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Figures of one loop, and of several, against what the loops logged of themselves."""

import pytest

from scripted import ScriptedLoop
from truth import check_lag
from watch import Watch
from watched import check_logs, check_misses, check_scripts, watch_scripts

BLOCKED = "idle:5 {} idle:5 spin:2000"


def test_idle_loop():
    report, [log] = watch_scripts("idle:100 idle:100")
    [loop] = report.loops
    assert loop["iterations"] == log.iterations == 3  # that of `go` is one
    assert loop["utilization"] < 0.05


@pytest.mark.parametrize(
    "step, cause, syscall",
    [
        ("spin:40000", "cpu", None),
        ("touch:2000", "cpu", None),
        ("nanosleep:40", "syscall", "clock_nanosleep"),
        ("fsync:4096", "syscall", "fsync"),
        ("read:40", "syscall", "read"),
        ("poll:40", "syscall", "poll"),
        ("futex:40", "lock", "futex"),
        ("fault:40", "page_fault", None),
    ],
)
def test_cause(step, cause, syscall):
    [(loop, log)] = check_scripts(" ".join([BLOCKED.format(step)] * 5))
    assert loop["time_ms"][cause] > 0
    slept = any(span.sleeps for span in log.steps)
    if syscall and not slept:
        pytest.skip(f"{syscall} did not sleep on this file system")
    if syscall:
        assert loop["syscalls"][0]["name"] == syscall


def test_all_causes_in_one_interval():
    steps = "spin:3000 nanosleep:5 fsync:256 futex:7 fault:6 read:4 poll:8 spin:2000"
    check_scripts(" ".join([f"idle:3 {steps}"] * 20))


@pytest.mark.parametrize("variant", [0, 1, 2], ids=["epoll_wait", "epoll_pwait", "epoll_pwait2"])
def test_variants(variant):
    steps = "idle:2 spin:500 wake:2 spin:500 timeout:2 spin:500 ready:3 spin:500 zero spin:500"
    [(loop, log)] = check_scripts(f"with:{variant} " + " ".join([steps] * 40))
    assert loop["wait_family"] == "epoll"


@pytest.mark.parametrize("family, variants", [("poll", (3, 4)), ("select", (5, 6))])
def test_families(family, variants):
    """Both of its calls are one family's: a loop that takes turns is one loop all the same."""
    each = "idle:2 spin:500 wake:2 spin:500 timeout:2 nanosleep:3 ready:3 futex:3 zero spin:500"
    steps = " ".join(f"with:{variant} {each}" for variant in variants)
    [(loop, log)] = check_scripts(" ".join([steps] * 20), options=["--wait", family])
    assert loop["wait_family"] == family


@pytest.mark.parametrize("variant", [3, 4], ids=["poll", "ppoll"])
def test_family_by_evidence(variant):
    """Asleep in it at attach, it is known from its beginning."""
    [(loop, log)] = check_scripts(f"with:{variant} " + "idle:3 spin:1000 " * 60)
    assert loop["wait_family"] == "poll"


def test_many_iterations():
    check_scripts(" ".join(["ready:1 spin:100"] * 5000))


def test_many_events():
    [(loop, log)] = check_scripts(" ".join(["ready:64 spin:500"] * 200))
    assert log.events == 64 * 200 + 1


def test_busy_polling():
    """Work between zero-timeout calls: each is an iteration."""
    [(loop, log)] = check_scripts(" ".join(["zero spin:100"] * 3000))
    assert loop["utilization"] > 0.5


def test_interrupted_wait():
    """A signal's EINTR and the wait entered again are one wait."""
    [(loop, log)] = check_scripts(" ".join(["eintr:10 spin:1000"] * 50))
    assert sum(wait.calls for wait in log.waits) > len(log.waits)


def test_libuv_with_metrics():
    """The look before each wait is not an iteration, nor the pause after it busy."""
    check_scripts(" ".join(["uvlook:3 spin:1000"] * 200))


def test_libuv_without_metrics():
    check_scripts(" ".join(["uvwait:3 spin:1000"] * 200))


@pytest.mark.parametrize("uv", ["uvlook", "uvwait"])
def test_libuv_batches(uv):
    """A full batch is polled after for more: another busy interval, the same iteration."""
    steps = [f"{uv}:2 spin:300"] * 3 + [f"{uv}batch:{count}:300" for count in (5, 12, 8)]
    [(loop, log)] = check_scripts(" ".join(steps * 40))
    assert log.iterations < len(log.waits)


@pytest.mark.parametrize("threshold_ms", [5, 20, 100])
def test_stall_threshold(threshold_ms):
    lengths = [2000, 8000, 30000, 150000]
    script = " ".join(f"idle:3 spin:{us}" for us in lengths * 3)
    [(loop, log)] = check_scripts(
        script, threshold_ms=threshold_ms, options=["--blocking-ms", threshold_ms]
    )
    assert 0 < loop["stalls"] < loop["iterations"]


def test_lag_of_a_busy_loop():
    lengths = [60, 5, 17, 41, 9, 28, 3, 12, 35, 90] * 3
    [(loop, log)] = check_scripts(" ".join(f"idle:2 spin:{ms * 1000}" for ms in lengths))
    check_lag(loop, log)


def test_lag_of_a_blocked_loop():
    lengths = [60, 5, 17, 41, 9, 28, 3, 12, 35, 90] * 3
    [(loop, log)] = check_scripts(" ".join(f"idle:2 nanosleep:{ms}" for ms in lengths))
    check_lag(loop, log)


def test_lag_of_one_stall():
    """What an in-process monitor counts as one late sample among many."""
    [(loop, log)] = check_scripts("idle:10 spin:600000 idle:10")
    check_lag(loop, log)
    assert loop["lag_ms"]["p50"] > 200


def test_two_loops():
    """Threads of one process, each with its own figures."""
    (first, _), (second, _) = check_scripts(
        " ".join(["idle:5 nanosleep:20"] * 20), " ".join(["idle:10 spin:1000"] * 40)
    )
    assert first["utilization"] > 2 * second["utilization"]


def test_two_processes():
    script = " ".join(["idle:5 spin:5000"] * 20)
    with ScriptedLoop(script) as one, ScriptedLoop(script, script) as other:
        with Watch("-p", one.pid, "-p", other.pid) as watch:
            for program in (one, other):
                program.run()
            report = watch.finish()
        logs = one.quit() + other.quit()
    check_misses(report, logs)
    assert len(report.loops) == 3
    check_logs(report, logs)
