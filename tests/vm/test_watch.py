# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The same binary on each kernel that it supports: hooks, causes, quota, lives, filter.

Guests are emulated: slow, and unevenly so. What is asserted are relations
between loopscope's figures, the loops' own logs and the kernel's counters.
"""

import re

import pytest

from kernels import KERNELS
from otlp_json import Export, records_of
from truth import MS, SYSCALL_OF, Log, causes_of, close
from watch import Report

pytestmark = pytest.mark.parametrize(
    "guest",
    [kernel for kernel in KERNELS if kernel.watches],
    ids=lambda kernel: kernel.name,
    indirect=True,
)

EDGES = ("fentry", "tp_btf", "tracepoint")
THRESHOLD_MS = 50


def report_of(guest, check):
    """A report that holds to every invariant, of a run that missed nothing."""
    assert guest.status(check) == 0, guest.text(check, "stderr")
    report = Report(guest.text(check, "report"))
    report.check_nothing_lost()
    return report


def logs_of(guest, check, name="loop"):
    return [Log(fields) for fields in guest.json_lines(check, f"{name}.log")]


def watched_loop(guest, check):
    [loop], [log] = report_of(guest, check).loops, logs_of(guest, check)
    assert (loop["pid"], loop["tid"]) == (log.pid, log.tid)
    return loop, log


def throttled_ms(guest, check):
    """How long the kernel says that the group was throttled meanwhile, on all CPUs together."""
    before, after = (dict(line.split() for line in guest.lines(check, name))
                     for name in ("before", "after"))
    return (int(after["throttled_usec"]) - int(before["throttled_usec"])) / 1000


def test_check_chooses_the_best_hooks(guest):
    assert guest.status("check") == 0
    text = guest.text("check", "stdout")
    assert "FAIL" not in text
    assert re.search(r"^ok +stacks +perf_event:", text, re.MULTILINE), text
    assert "[none]" in guest.text("facts", "stdout"), "a kernel that is locked down"
    assert re.search(r"^ok +wait_edges +fentry:", text, re.MULTILINE), text


@pytest.mark.parametrize("edges", EDGES)
def test_edges(guest, edges):
    """They load, attach, and are the ones that were asked for."""
    report = report_of(guest, f"truth_{edges}")
    assert report.summary["hooks"]["wait_edges"] == edges


@pytest.mark.parametrize("edges", EDGES)
def test_counts(guest, edges):
    loop, log = watched_loop(guest, f"truth_{edges}")
    assert loop["iterations"] == log.iterations
    assert loop["busy_ms"]["count"] == len(log.busy)
    assert loop["wake_delay_ms"]["count"] == log.slept
    # the call that it sleeps in when fexit is attached returns unseen, with its events
    unseen = log.waits[0].events if edges == "fentry" else 0
    assert loop["events"] == log.events - unseen
    least, most = log.stalls(THRESHOLD_MS)
    assert least <= loop["stalls"] <= most, (least, most)


@pytest.mark.parametrize("edges", EDGES)
def test_causes(guest, edges):
    """Each within a twentieth of all busy time: of the steps, each is a sixth or so."""
    loop, log = watched_loop(guest, f"truth_{edges}")
    tolerance = 0.05 * log.busy_ns + log.unsure_ns
    assert close(loop.busy_ms * MS, log.busy_ns, tolerance), log.busy_ns
    actual, expected = causes_of(loop), log.causes_ns
    for cause, ns in expected.items():
        assert close(actual[cause], ns, tolerance), (cause, actual, expected)


@pytest.mark.parametrize("edges", EDGES)
def test_blocking_calls_by_name(guest, edges):
    loop, log = watched_loop(guest, f"truth_{edges}")
    counts = {row["name"]: row["count"] for row in loop["syscalls"]}
    expected = {name: sleeps for name, (sleeps, _) in log.syscalls.items()}
    assert set(expected) == set(SYSCALL_OF.values()) - {"fsync"}
    assert all(counts.get(name, 0) >= sleeps for name, sleeps in expected.items()), counts
    assert sum(counts.values()) - sum(expected.values()) <= log.stray_sleeps, counts


@pytest.mark.parametrize("edges", ["fentry", "tracepoint"])
@pytest.mark.parametrize("family", ["poll", "select"])
def test_families(guest, family, edges):
    loop, log = watched_loop(guest, f"{family}_{edges}")
    assert loop["wait_family"] == family
    assert loop["iterations"] == log.iterations
    assert loop["busy_ms"]["count"] == len(log.busy)
    assert close(loop.busy_ms * MS, log.busy_ns, 0.1 * log.busy_ns + log.unsure_ns), log.busy_ns


@pytest.mark.parametrize("edges", ["fentry", "tp_btf"])
def test_stalls(guest, edges):
    """Each is told as it begins, with a stack, and as it ends; who ended it is known."""
    check = f"stalls_{edges}"
    assert guest.status(check) == 0, guest.text(check, "watch.stderr")
    [log] = logs_of(guest, check)
    events = guest.json_lines(check, "report")
    begun = [event for event in events if event["event"] == "begun"]
    ended = [event for event in events if event["event"] == "ended"]
    spans = [span for span in log.busy if span.wall >= THRESHOLD_MS * MS]
    assert len(begun) == len(ended) == len(spans) == 4
    for event, span, cause in zip(ended, spans, ("cpu", "syscall", "lock", "syscall"), strict=True):
        assert close(event["duration_ms"] * MS, span.wall, 0.02 * span.wall), span.wall
        assert max(event["time_ms"], key=event["time_ms"].get) == cause, event
    assert [(event.get("woken_by") or {}).get("thread") for event in ended[1:]] == \
        [None, "helper", "helper"]
    for event in begun:
        functions = [frame.get("function") for frame in event["stack"]]
        assert "main" in functions, event["stack"]


def test_agent(guest):
    assert guest.status("agent") == 0, guest.text("agent", "watch.stderr")
    [log] = logs_of(guest, "agent")
    requests = guest.json_lines("agent", "report")
    totals = [Export(request).total("event_loop.iterations", log.pid)
              for request in requests if "resourceMetrics" in request]  # fmt: skip
    assert max(totals) == log.iterations, totals
    told = [(record.attributes["event_loop.stall.phase"], record.attributes["event_loop.state"])
            for request in requests if "resourceLogs" in request
            for record in records_of(request) if record.resource["process.pid"] == log.pid]
    assert [cause for phase, cause in told if phase == "ended"] == ["cpu", "syscall"], told


def test_tracepoint_edges_ask_for_tracefs(guest):
    assert guest.status("no_tracefs") == 1
    [line] = guest.lines("no_tracefs", "stderr")
    assert "tracefs" in line


def test_loop_asleep_at_attach(guest):
    """Seen before it has moved, though fexit does not fire for its call."""
    report = report_of(guest, "asleep")
    [loop], [log] = report.loops, logs_of(guest, "asleep")
    assert report.summary["hooks"]["wait_edges"] == "fentry"
    assert loop["tid"] == log.tid and loop["state"] == "poll"
    assert loop["iterations"] == 0 and loop.busy_ms == 0
    assert loop.poll_ms > 0 and loop["lag_ms"]["max"] == 0


def test_fork_and_exec(guest):
    """The child is followed, and what a process execs is another loop."""
    loops = report_of(guest, "lives").loops
    before, child, after = sorted(logs_of(guest, "lives"), key=lambda log: log.waits[0].begin.mono)
    assert before.pid == after.pid != child.pid
    assert len(loops) == 3
    [first] = [loop for loop in loops if loop["pid"] == before.pid and loop["ended"]]
    [second] = [loop for loop in loops if loop["pid"] == before.pid and not loop["ended"]]
    [forked] = [loop for loop in loops if loop["pid"] == child.pid]
    assert first["iterations"] == before.iterations
    assert second["iterations"] == after.iterations
    # told to quit as its parent execs: in time for the report, or not
    assert forked["iterations"] - child.iterations in (0, 1)
    for loop, log in ((first, before), (second, after), (forked, child)):
        assert loop["time_ms"]["cpu"] > 0.5 * sum(step.cpu for step in log.steps) / MS


def test_cpu_quota(guest):
    """What the loop waited is its quota's doing, and as much as the kernel says."""
    loop, log = watched_loop(guest, "quota_busy")
    throttled, quota = throttled_ms(guest, "quota_busy"), loop["time_ms"]["cpu_quota"]
    assert loop["cgroup"] == "/quota"
    assert throttled > 0.2 * loop.busy_ms, "the quota did not bite"
    assert close(quota, throttled, 0.02 * throttled + 3), throttled
    assert quota > 2 * loop["time_ms"]["runqueue"]
    assert loop["iterations"] == log.iterations


def test_late_by_quota(guest):
    """Throttled when its timers fire: late, by its quota, and no later than the kernel says.

    Since 6.18 a throttled task is put aside as it leaves the kernel: its wait has
    returned by then, and what it waits for its CPU is busy time. Together both
    are what its own schedstat has.
    """
    loop, log = watched_loop(guest, "quota_wakes")
    wake, times = loop["wake_delay_ms"], loop["time_ms"]
    throttled = throttled_ms(guest, "quota_wakes")
    assert wake["count"] == log.slept
    assert close(wake["runqueue"] + wake["cpu_quota"], wake["sum"], 0.001 * wake["sum"])
    by_quota = wake["cpu_quota"] + times["cpu_quota"]
    late = by_quota + wake["runqueue"] + times["runqueue"]
    delayed = sum(span.delay for span in (*log.waits, *log.busy)) / MS
    assert close(late, delayed, 0.05 * delayed + 3), delayed
    assert 0.5 * late < by_quota <= 1.02 * throttled + 3, throttled


def test_quota_of_a_loop_that_migrates(guest):
    """Each CPU has a queue, throttled by itself: whatever the loop waits in counts."""
    loop, log = watched_loop(guest, "quota_moves")
    times = loop["time_ms"]
    waited_ms = (log.busy_ns - sum(span.cpu for span in log.busy)) / MS
    waiting = times["runqueue"] + times["cpu_quota"]
    assert close(waiting, waited_ms, 0.1 * waited_ms), waited_ms
    assert times["cpu_quota"] > 0.5 * waiting
    assert times["cpu_quota"] <= throttled_ms(guest, "quota_moves") * 1.02 + 3


def test_cgroup_filter(guest):
    [loop], [inside] = report_of(guest, "cgroup").loops, logs_of(guest, "cgroup", "inside")
    [outside] = logs_of(guest, "cgroup", "outside")
    assert outside.iterations == inside.iterations == loop["iterations"]
    assert (loop["pid"], loop["cgroup"]) == (inside.pid, "/inside")


def test_left_out_by_name(guest):
    [loop], [wanted] = report_of(guest, "left_out").loops, logs_of(guest, "left_out", "wanted")
    [unwanted] = logs_of(guest, "left_out", "unwanted")
    assert unwanted.iterations == wanted.iterations == loop["iterations"]
    assert (loop["pid"], loop["process"]) == (wanted.pid, "wanted")
