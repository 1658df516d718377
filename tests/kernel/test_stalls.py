# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Each stall of scripted loops, as it is told, against what the loop logged of itself."""

import json
import signal
import subprocess
import sys
import tempfile
import time

import pytest

from scripted import HANG_S, ScriptedLoop
from stall_events import StallsWatch
from truth import EDGE_NS, MS, PREEMPT_NS, close
from watch import CAUSES, Watch

THRESHOLD_MS = 50
REPETITIONS = 4


class Stalls(Watch):
    """`loopscope stalls`: what it has told when it is interrupted."""

    def __init__(self, *targets, prefix=()):
        super().__init__(*targets)
        self.command[1:] = ["stalls", "--json", "-t", str(THRESHOLD_MS), *map(str, targets)]
        self.command[:0] = prefix
        self.stdout = tempfile.TemporaryFile("w+")

    def finish(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=HANG_S) == 0, self.stderr
        self.stdout.seek(0)
        return [json.loads(line) for line in self.stdout]


def watch_stalls(*scripts, **settings):
    """The events told of, and the log of each loop."""
    with ScriptedLoop(*scripts, **settings) as program:
        with Stalls("-p", program.pid) as stalls:
            program.run()
            events = stalls.finish()
        return events, program.quit()


def check_event(event):
    age_ms = event.get("duration_ms", event.get("age_ms"))
    assert age_ms >= THRESHOLD_MS
    assert set(event["time_ms"]) <= set(CAUSES)
    assert abs(sum(event["time_ms"].values()) - age_ms) <= 0.001 * age_ms + 0.002, event
    asleep = sum(row["time_ms"] for row in event["syscalls"])
    named = event["time_ms"].get("syscall", 0) + event["time_ms"].get("lock", 0)
    assert asleep <= named * 1.001 + 0.002, event


def check_order(events):
    """Of each loop: begun once, then ended once, one stall after the other. One that was over
    before anybody looked is only ended."""
    stuck = set()
    for event in events:
        tid = event["tid"]
        if event["event"] == "begun":
            assert tid not in stuck, events
            stuck.add(tid)
        elif event["event"] == "lasts":
            assert tid in stuck, events
        else:
            stuck.discard(tid)
    assert not stuck


def ended_of(events, log):
    return [event for event in events if event["event"] == "ended" and event["tid"] == log.tid]


def check_stalls(events, log):
    """(event, span) of each; all of them were told of, with how long they took."""
    for event in events:
        check_event(event)
    ended = ended_of(events, log)
    spans = [span for span in log.busy if span.wall >= THRESHOLD_MS * MS]
    least, most = log.stalls(THRESHOLD_MS)
    assert least <= len(ended) <= most
    assert least == most == len(spans), "a busy interval at the threshold: nothing can be said"
    for event, span in zip(ended, spans, strict=True):
        doubt = 2 * EDGE_NS + 0.002 * span.wall + PREEMPT_NS * (1 + span.preempted)
        doubt += log.unlogged_ns
        assert close(event["duration_ms"] * MS, span.wall, doubt), (event, span.wall)
    return list(zip(ended, spans, strict=True))


@pytest.mark.parametrize(
    "step, cause, syscall",
    [
        ("spin:120000", "cpu", None),
        ("nanosleep:120", "syscall", "clock_nanosleep"),
        ("read:120", "syscall", "read"),
        ("futex:120", "lock", "futex"),
        ("fault:120", "page_fault", None),
    ],
)
def test_stall(step, cause, syscall):
    events, [log] = watch_stalls(" ".join([f"idle:20 {step} idle:20 spin:2000"] * REPETITIONS))
    check_order(events)
    for event, span in check_stalls(events, log):
        time_ms = event["time_ms"]
        assert max(time_ms, key=time_ms.get) in (cause, "runqueue"), event
        # a hypervisor's time is `cpu` to us, and is not the thread's
        asleep_ns = sum(step.asleep for step in log.steps
                        if span.begin.mono <= step.begin.mono < span.end.mono)
        if cause != "cpu":
            assert close(time_ms[cause] * MS, asleep_ns, 0.02 * span.wall + MS), (event, asleep_ns)
        if syscall:
            assert event["syscalls"][0]["name"] == syscall


@pytest.mark.parametrize("step", ["futex:150", "read:150"])
def test_who_ended_it(step):
    """The thread that woke the loop by its lock, or wrote to its pipe."""
    events, [log] = watch_stalls(" ".join([f"idle:20 {step}"] * REPETITIONS) + " idle:20")
    for event, _ in check_stalls(events, log):
        woken_by = event["woken_by"]
        assert (woken_by["pid"], woken_by["thread"]) == (log.pid, "helper")
        assert woken_by["tid"] not in (log.pid, log.tid)


def test_nobody_ended_it():
    """A timer does: whoever it interrupted has nothing to do with it."""
    events, [log] = watch_stalls(" ".join(["idle:20 nanosleep:150"] * REPETITIONS) + " idle:20")
    for event, _ in check_stalls(events, log):
        assert not event.get("woken_by"), event["woken_by"]


def test_begun_while_it_lasts():
    """Told before the end, at an age that grows; on CPU within two ticks of the threshold."""
    events, [log] = watch_stalls("idle:20 spin:1500000 idle:20 nanosleep:1500 idle:20")
    ended = check_stalls(events, log)
    assert len(ended) == 2
    check_order(events)
    begun = [event for event in events if event["event"] == "begun"]
    assert [event["time_ms"].get("syscall", 0) > 0 for event in begun] == [False, True]
    assert all(event["age_ms"] < 1000 + THRESHOLD_MS for event in begun)
    ages = [event["age_ms"] for event in events if event["event"] == "lasts"]
    assert ages and all(age >= 1000 for age in ages)


def test_several_loops():
    script = " ".join(["idle:30 spin:70000 idle:10 nanosleep:80"] * 2) + " idle:20"
    events, logs = watch_stalls(script, script, script)
    check_order(events)
    for log in logs:
        assert len(check_stalls([e for e in events if e["tid"] == log.tid], log)) == 4


@pytest.mark.parametrize("descriptors, stacks", [("100:4096", True), ("100:100", False)])
def test_few_descriptors(descriptors, stacks):
    """The timers on each CPU need some: they are allowed, or it is said that there are none."""
    with ScriptedLoop("idle:20 spin:400000 idle:20") as program:
        prefix = ["prlimit", f"--nofile={descriptors}"]
        with Stalls("-p", program.pid, prefix=prefix) as stalls:
            program.run()
            events = stalls.finish()
        [log] = program.quit()
    check_stalls(events, log)
    assert any(event["stack"] for event in events) == stacks
    said = [line for line in stalls.stderr if "without stacks: Too many open files" in line]
    assert len(said) == (not stacks)


def test_exec():
    """It ends one loop's stall; the next one is the new program's, of the same pid and tid."""
    events, [before, after] = watch_stalls(
        "idle:20 spin:120000 exec:0", later=["idle:20 spin:200000 idle:20"]
    )
    check_order(events)
    before.unlogged_ns = after.waits[0].begin.mono - before.busy[-1].end.mono
    cut = [event["event"] for event in events].index("ended") + 1
    assert len(check_stalls(events[:cut], before)) == len(check_stalls(events[cut:], after)) == 1


def test_thread_exits():
    events, logs = watch_stalls("idle:300", "idle:20 spin:120000 exit")
    check_order(events)
    found = [check_stalls([e for e in events if e["tid"] == log.tid], log) for log in logs]
    assert sorted(map(len, found)) == [0, 1]
    assert not any(event.get("end_lost") for event in events)


def test_process_is_killed():
    with ScriptedLoop("idle:20 spin:60000000") as program:
        with StallsWatch("-p", program.pid) as watch:
            start_ns = time.monotonic_ns()
            program.go()
            begun = watch.await_event("begun", program.pid)
            killed_ns = time.monotonic_ns()
            program.process.kill()
            assert watch.process.wait(timeout=HANG_S) == 0  # no target is left
    check_order(watch.events)
    ended = watch.find("ended", program.pid, 0, 0)
    least_ms = begun["age_ms"] + (killed_ns - begun["came_ns"]) / MS
    assert least_ms <= ended["duration_ms"] <= (ended["came_ns"] - start_ns) / MS
    assert not ended.get("end_lost")


CLOSES = """
import select, sys, time
loop = select.epoll()
loop.register(0, select.EPOLLIN)
print("ready", flush=True)
while not loop.poll(0.02):
    pass
start = time.monotonic_ns()
while time.monotonic_ns() < start + 150_000_000:
    pass
closes = time.monotonic_ns()
loop.close()
print(closes - start, flush=True)
sys.stdin.read()
"""


def test_source_is_closed():
    """A thread that has closed what it waited on is a loop no more: its stall ends with that."""
    with subprocess.Popen([sys.executable, "-c", CLOSES], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as program:  # fmt: skip
        assert program.stdout.readline() == "ready\n"
        with StallsWatch("-p", program.pid) as watch:
            program.stdin.write("go\n")
            program.stdin.flush()
            busy_ns = int(program.stdout.readline())
            ended = watch.await_event("ended", program.pid)
            assert watch.finish() == 0
        program.stdin.close()
    check_order(watch.events)
    assert len(watch.of_thread(program.pid)) == 2
    assert close(ended["duration_ms"] * MS, busy_ns, 0.01 * busy_ns + MS), busy_ns


def test_stopped():
    """As long as it is stopped, it is told of as stuck; its end comes after it has gone on."""
    with ScriptedLoop("idle:20 spin:1500000 idle:20") as program:
        with StallsWatch("-p", program.pid) as watch:
            program.go()
            watch.await_event("begun", program.pid)
            program.stop()
            watch.await_event("lasts", program.pid)
            program.resume()
            program.await_done()
            assert watch.finish() == 0
        [log] = program.quit()
    check_order(watch.events)
    [(event, span)] = check_stalls(watch.events, log)
    [stopped] = [step.asleep for step in log.steps]
    assert stopped and close(event["time_ms"]["other"] * MS, stopped, 0.02 * span.wall + MS)
