# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The truth of a loop, derived from its log, and a report held against it.

The log has a sample of the thread on either side of each wait and of each step:
clock, CPU time, time runnable but not running, sleeps, preemptions. Where it
cannot know something (preempted between reading the clock and entering the
call), the tolerance comes from the log too.
"""

from collections import Counter
from typing import NamedTuple

MS = 1e6

# the system call that a step sleeps in, if it sleeps
SYSCALL_OF = {
    "nanosleep": "clock_nanosleep",
    "fsync": "fsync",
    "futex": "futex",
    "read": "read",
    "poll": "poll",
}

BUCKET = 2 ** (1 / 4)
EDGE_NS = 2_000  # from the kernel's edges of a wait call to the clocks read around it
EXIT_NS = 200_000  # what a thread takes from its last step to its end
PREEMPT_NS = 30_000  # the scheduler's clock stands still from a wake-up to the switch it causes
REMOTE_WAKE_NS = 150_000  # the same where another CPU makes it runnable, and may have to wake one
GAP_NS = 15_000  # a pause between two calls of a wait that may have looked like work


class Sample(NamedTuple):
    mono: int
    cpu: int
    delay: int
    sleeps: int
    preempted: int


class Span:
    """What happened between two samples."""

    def __init__(self, begin, end):
        self.begin, self.end = begin, end
        self.wall = end.mono - begin.mono
        self.cpu = end.cpu - begin.cpu
        self.delay = end.delay - begin.delay
        self.sleeps = end.sleeps - begin.sleeps
        self.preempted = end.preempted - begin.preempted

    @property
    def asleep(self):
        """Interrupts and steal count as running where nothing slept."""
        return max(0, self.wall - self.cpu - self.delay) if self.sleeps else 0


class Wait(Span):
    def __init__(self, fields):
        super().__init__(Sample(*fields["enter"]), Sample(*fields["exit"]))
        self.kind = fields["kind"]
        self.calls = fields["calls"]
        self.events = fields["events"]
        self.continues = fields["continues"]
        self.instant = fields["instant"]
        self.gap_ns = fields["gap_ns"]
        self.fired_ns = fields["fired_ns"]

    @property
    def unsure(self):
        """Preempted within it or at its edges, which may be poll or busy: the log cannot say."""
        return EDGE_NS + (self.delay if self.preempted else 0)

    @property
    def slept(self):
        """How many of its calls slept: of libuv's two only the second can."""
        return min(self.sleeps, 1 if self.kind == "uvlook" else self.calls)


class Step(Span):
    def __init__(self, fields):
        super().__init__(Sample(*fields["begin"]), Sample(*fields["end"]))
        self.kind = fields["kind"]


class Log:
    def __init__(self, fields):
        self.pid = fields["pid"]
        self.tid = fields["tid"]
        self.ending = fields["ending"]
        # busy after the log's end: what it takes to end (exec's is set by who knows it)
        self.unlogged_ns = EXIT_NS if self.ending == "exit" else 0
        all_waits = [Wait(wait) for wait in fields["waits"]]
        self.steps = [Step(step) for step in fields["steps"]]
        # the last wait is still entered when the window ends
        self.waits = all_waits[:-1] if self.ending == "rest" else all_waits
        ends = [wait.begin for wait in all_waits[1:]]
        if self.ending != "rest":
            ends.append(Sample(*fields["end"]))
        # a call with timeout 0 does not wait: the interval that follows begins with it
        starts = [wait.begin if wait.instant else wait.end for wait in self.waits]
        self.busy = [Span(start, end) for start, end in zip(starts, ends, strict=True)]

    @property
    def stray_sleeps(self):
        """Not of a step whose system call is known, but of what sets it up: asking the helper,
        giving memory back; and of forks, which sleep in this call or that."""
        known = sum(step.sleeps for step in self.steps if step.kind != "fork")
        return sum(span.sleeps for span in self.busy) - known

    def forget(self, nr_waits):
        """What came before a later wait: the loop was not yet seen."""
        start = self.busy[nr_waits - 1].end
        self.waits, self.busy = self.waits[nr_waits:], self.busy[nr_waits:]
        self.steps = [step for step in self.steps if step.begin.mono > start.mono]

    @property
    def iterations(self):
        return sum(not wait.continues for wait in self.waits)

    @property
    def doubtful_iterations(self):
        """Pauses between the calls of one wait that may have been long enough for work. What the
        kernel takes to deliver a signal the log does not see: a few may be long."""
        signals = sum(wait.kind == "eintr" for wait in self.waits)
        return signals // 20 + sum(
            wait.calls > 1 and (wait.gap_ns > GAP_NS or wait.preempted > 0) for wait in self.waits
        )

    @property
    def events(self):
        return sum(wait.events for wait in self.waits)

    @property
    def slept(self):
        return sum(wait.slept for wait in self.waits)

    @property
    def busy_ns(self):
        return sum(span.wall for span in self.busy)

    @property
    def unsure_ns(self):
        return sum(wait.unsure for wait in self.waits) + self.unlogged_ns

    def asleep_ns(self, *kinds):
        return sum(step.asleep for step in self.steps if step.kind in kinds)

    @property
    def causes_ns(self):
        """All but the split of runqueue and cpu_quota, which are together in `waiting`."""
        causes = {
            "cpu": sum(span.cpu for span in self.busy),
            "page_fault": self.asleep_ns("fault"),
            "lock": self.asleep_ns("futex"),
            "syscall": self.asleep_ns("nanosleep", "fsync", "read", "poll", "fork"),
            "other": self.asleep_ns("spin"),  # stopped: it does not sleep by itself
        }
        causes["waiting"] = self.busy_ns - sum(causes.values())
        return causes

    @property
    def uncounted_ns(self):
        """On a CPU by the scheduler's switches, but not in its CPU time: what a hypervisor took
        (or a quota), and what the scheduler books on the next task. loopscope calls it cpu."""
        awake = [step for step in self.steps if not step.sleeps]
        stolen = sum(step.wall - step.cpu - step.delay for step in awake)
        preempted = sum(span.preempted for span in self.busy)
        return max(0, stolen) + preempted * PREEMPT_NS

    @property
    def syscalls(self):
        """name -> (sleeps, ns asleep), of those that slept."""
        sleeps, asleep = Counter(), Counter()
        for step in self.steps:
            if step.sleeps and step.kind in SYSCALL_OF:
                sleeps[SYSCALL_OF[step.kind]] += step.sleeps
                asleep[SYSCALL_OF[step.kind]] += step.asleep
        return {name: (sleeps[name], asleep[name]) for name in sleeps}

    def stalls(self, threshold_ms):
        """At least, and at most: an interval may have begun and ended while preempted."""
        threshold = threshold_ms * MS
        doubts = [wait.unsure for wait in self.waits]
        longest = [
            span.wall + before + after
            for span, before, after in zip(
                self.busy, doubts, doubts[1:] + [EDGE_NS + self.unlogged_ns], strict=True
            )
        ]
        return (
            sum(span.wall >= threshold for span in self.busy),
            sum(wall >= threshold for wall in longest),
        )

    @property
    def wake_delays(self):
        """(least, most) ns from made runnable to back from the wait, where another thread ended
        it: it knows when it did, on either side of the call that did it."""
        return [
            (max(0, wait.end.mono - wait.fired_ns[1]), wait.end.mono - wait.fired_ns[0])
            for wait in self.waits
            if wait.slept and wait.fired_ns[0]
        ]

    def lag_ns(self, quantile, window_ns):
        """What an arrival waits, by brute force: while busy, for the rest of the interval; while
        polling, as long as a wake-up takes."""
        polling = window_ns - self.busy_ns
        delays = [most for _, most in self.wake_delays]

        def waits_longer(lag):
            """How much of the window an arrival can fall into to wait longer than that."""
            while_busy = sum(span.wall - lag for span in self.busy if span.wall > lag)
            starved = sum(delay > lag for delay in delays) / len(delays) if delays else 0
            return while_busy + polling * starved

        low, high = 0, max(span.wall for span in self.busy) + max(delays, default=0)
        while high - low > 1000:
            middle = (low + high) / 2
            if waits_longer(middle) > (1 - quantile) * window_ns:
                low = middle
            else:
                high = middle
        return high


def close(actual, expected, tolerance):
    return abs(actual - expected) <= tolerance


def check_counts(loop, log, threshold_ms, missed):
    doubt = log.doubtful_iterations
    assert close(loop["iterations"], log.iterations, doubt), log.iterations
    assert close(loop["busy_ms"]["count"], len(log.busy), doubt), len(log.busy)
    assert loop["events"] == log.events
    least, most = log.stalls(threshold_ms)
    assert least <= loop["stalls"] <= most, (least, most)
    assert log.slept - missed <= loop["wake_delay_ms"]["count"] <= log.slept, log.slept


def cause_tolerance(log):
    """From the waking to the queue of another CPU, which may have to be woken itself, is runqueue
    to loopscope and sleep to the scheduler: so a disk ends a sleep."""
    disk = sum(step.sleeps for step in log.steps if step.kind == "fsync")
    return max(0.02 * log.busy_ns, MS) + log.unsure_ns + disk * REMOTE_WAKE_NS


def causes_of(loop):
    """As Log.causes_ns has them."""
    causes = {name: ms * MS for name, ms in loop["time_ms"].items() if name != "poll"}
    causes["waiting"] = causes.pop("runqueue") + causes.pop("cpu_quota")
    return causes


def check_causes(loop, log):
    expected = log.causes_ns
    tolerance = cause_tolerance(log)
    actual = causes_of(loop)
    more = {"cpu": log.uncounted_ns}
    less = {"waiting": log.uncounted_ns}
    for name, ns in expected.items():
        least, most = ns - less.get(name, 0) - tolerance, ns + more.get(name, 0) + tolerance
        assert least <= actual[name] <= most, (name, actual, expected, log.uncounted_ns)


def check_syscalls(loop, log):
    expected = log.syscalls
    tolerance = cause_tolerance(log)
    actual = {row["name"]: row for row in loop["syscalls"]}
    if log.ending == "exec":
        actual.pop("execve", None)
    strays = [actual.pop(name)["count"] for name in set(actual) - set(expected)]
    assert sum(strays) <= log.stray_sleeps, loop["syscalls"]
    for name, (sleeps, asleep_ns) in expected.items():
        assert 0 <= actual[name]["count"] - sleeps <= log.stray_sleeps, (name, sleeps)
        assert close(actual[name]["time_ms"] * MS, asleep_ns, tolerance), (name, asleep_ns)


def check_loop(loop, log, threshold_ms=50, missed=0):
    """All that must hold over a window that starts and ends in a poll.

    poll + busy = wall and busy = the sum of causes are checked as the report is read.
    `missed` wake-ups may lack their delay, if loopscope says so itself.
    """
    assert (loop["pid"], loop["tid"]) == (log.pid, log.tid)
    check_counts(loop, log, threshold_ms, missed)
    tolerance = 0.01 * log.busy_ns + log.unsure_ns
    assert close(loop.busy_ms * MS, log.busy_ns, tolerance), log.busy_ns
    assert close(loop["busy_ms"]["sum"] * MS, log.busy_ns, tolerance), log.busy_ns
    check_causes(loop, log)
    check_syscalls(loop, log)


def errors(loop, log):
    """How far a report was from its log."""
    expected, actual = log.causes_ns, causes_of(loop)
    return {
        "iterations": abs(loop["iterations"] - log.iterations),
        "busy_ns": abs(loop.busy_ms * MS - log.busy_ns),
        "cause_ns": max(abs(actual[name] - expected[name]) for name in expected),
        "of_busy_ns": log.busy_ns,
    }


def check_lag(loop, log, quantiles=(50, 95, 99)):
    """Quantiles within one bucket of the distribution; the script puts them above 1 ms, where what
    the log cannot see of a wake-up does not count."""
    window_ns = loop["window_s"] * 1e9
    for percent in quantiles:
        name = f"p{percent}"
        expected, actual = log.lag_ns(percent / 100, window_ns), loop["lag_ms"][name] * MS
        assert expected > MS, (name, expected)
        assert expected / BUCKET <= actual <= expected * BUCKET, (name, expected, actual)
    longest = max(span.wall for span in log.busy)
    assert loop["lag_ms"]["max"] * MS >= longest * 0.99, longest
