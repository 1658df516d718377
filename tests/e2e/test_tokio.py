# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
tokio's workers against their own account of their parks, and the busy time of tokio-metrics.

All workers share one epoll descriptor. One of them waits on it, the others park on a futex: that
is idle, and what a task waits for is not. tokio counts as parked, not as busy, what a worker does
for the others between its wait call and its first task: so does its account.
"""

import time

import programs
import pytest
from built_parts import built_part
from watch import Watch

SPAN_S = 1

# Of a park: its edges, and for multi-thread the driver's work, with the waking of other threads.
EDGE_MS = {"current": 0.006, "multi": 0.012}

# What workers park on, and the runtime's flavor; one of a single thread never parks.
every_kind = pytest.mark.parametrize(
    "kind", [("std", "multi"), ("parking_lot", "multi"), ("std", "current")], ids="-".join
)


def busy_ms(told):
    return {thread["tid"]: thread["busy_ns"] / 1e6 for thread in told["threads"]}


class Run:
    """What the program told of its span, and what loopscope saw of it."""

    def __init__(self, kind, work):
        executable, self.flavor = kind
        with programs.Program(built_part("tokio", executable), self.flavor, work) as program:
            program.hear("ready")
            with Watch("-p", program.pid) as watch:
                before = program.start()
                time.sleep(SPAN_S)
                self.told = program.stop()
                self.report = watch.finish()
        self.report.check_nothing_lost()
        self.waited_ms = (self.told["waited_ns"] - before["waited_ns"]) / 1e6
        # what was busy before the span is in loopscope's figures, but for what came before it
        # first saw the worker wait
        self.tokio_ms = self.told["tokio_busy_ns"] / 1e6
        self.tokio_most_ms = self.tokio_ms + before["tokio_busy_ns"] / 1e6
        self.own_most_ms = busy_ms(self.told)
        earlier = busy_ms(before)
        self.own_ms = {tid: ms - earlier.get(tid, 0) for tid, ms in self.own_most_ms.items()}

    def workers(self):
        return [self.report.thread(tid) for tid in self.own_ms]

    def sum(self, value):
        return sum(value(loop) for loop in self.workers())


def waited_ms(loop):
    """For a CPU: at the edges of a park it is busy to the kernel, and parked to tokio."""
    return loop.time_ms["runqueue"] + loop.time_ms["cpu_quota"]


def compare_busy(figures, run):
    source = "its account of parks"
    for nr, loop in enumerate(run.workers()):
        own_ms, most_ms = run.own_ms[loop["tid"]], run.own_most_ms[loop["tid"]]
        edges_ms = EDGE_MS[run.flavor] * loop["iterations"] + own_ms / 100
        low_ms = loop.busy_ms - waited_ms(loop)
        figures.at_least(f"busy, worker {nr}", loop.busy_ms, own_ms, "ms", 0.01, 1, source)
        figures.at_most(f"busy, worker {nr}", low_ms, most_ms, "ms", by=edges_ms, source=source)
    source = "tokio-metrics"
    all_ms = run.sum(lambda loop: loop.busy_ms)
    edges_ms = EDGE_MS[run.flavor] * run.sum(lambda loop: loop["iterations"])
    figures.at_least("busy, all", all_ms, run.tokio_ms, "ms", 0.01, 1, source)
    low_ms = all_ms - run.sum(waited_ms)
    figures.at_most("busy, all", low_ms, run.tokio_most_ms, "ms", 0.01, edges_ms, source)
    figures.note("iterations", run.sum(lambda loop: loop["iterations"]), run.told["tokio_parks"],
                 source="parks of tokio-metrics")  # fmt: skip


def compare_waited(figures, run, name, ms, over_ms):
    """What tasks waited by their own clocks, which go on until they have a CPU again."""
    figures.at_most(name, ms, run.waited_ms, "ms", 0.01, over_ms, "what tasks waited")
    ms += run.sum(waited_ms)
    figures.at_least(name, ms, run.waited_ms, "ms", 0.01, 1, "what tasks waited")


@every_kind
@pytest.mark.parametrize("work", ["echo", "spin"])
def test_busy_time(figures, kind, work):
    run = Run(kind, work)
    compare_busy(figures, run)
    assert len(run.report.loops) == len(run.own_ms), run.report.loops
    assert all(loop["wait_family"] == "epoll" for loop in run.workers())


@every_kind
@pytest.mark.parametrize("work", ["mutex", "parking_lot", "condvar"])
def test_waits_of_tasks_are_locks(figures, kind, work):
    run = Run(kind, work)
    lock_ms = run.sum(lambda loop: loop.time_ms["lock"])
    compare_waited(figures, run, "lock", lock_ms, 5)
    compare_busy(figures, run)


@every_kind
def test_sleeps_of_tasks_are_system_calls(figures, kind):
    run = Run(kind, "sleep")
    asleep_ms = run.sum(lambda loop: loop.syscall("clock_nanosleep")[1])
    compare_waited(figures, run, "asleep", asleep_ms, 1)
    compare_busy(figures, run)


@every_kind
def test_blocking_pool_is_no_loop(figures, kind):
    run = Run(kind, "blocking")
    assert run.told["blocking"]
    assert not {loop["tid"] for loop in run.report.loops} & set(run.told["blocking"])
    compare_busy(figures, run)


@pytest.mark.parametrize("executable", ["std", "parking_lot"])
def test_workers_that_change_threads(figures, executable):
    """
    A task that blocks in place hands the rest of its worker to another thread; its own goes to the
    pool then, where it is idle on a futex, and may be a worker once more. It does not account for
    that time. When it comes back as a worker by another way, it parks from another frame, and its
    first park there may be taken for a lock.
    """
    run = Run((executable, "multi"), "in_place")
    loops = run.report.loops
    assert len(loops) > 2, loops
    wall_ms = sum(1000 * loop["window_s"] for loop in loops)
    lock_ms = sum(loop.time_ms["lock"] for loop in loops)
    busy_ms = sum(loop.busy_ms for loop in loops)
    figures.at_most("lock", lock_ms, 0, "ms", by=wall_ms / 10, source="nothing locks")
    figures.at_most("busy", busy_ms, 0.9 * wall_ms, "ms", source="all of the time")
