# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`loopscope stalls`: told while the loop is stuck, with what its own log says of it."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
import servers
from programs import APPS, Program, built
from running import Running, symbols_of
from stall_events import StallsWatch
from watch import CAUSES

KEYS = {"event", "id", "time", "pid", "tid", "process", "thread", "container", "pod", "time_ms",
        "syscalls", "culprit", "stack", "woken_by"}  # fmt: skip
MAYBE = {"unseen", "end_lost", "thread_exited", "held_by", "stalls_held", "stacks_held"}
FRAME = {"function", "file", "line", "module", "offset", "address", "language"}
EXACT_MS = 0.01  # figures are rounded for JSON alone
FAMILIES = {"--uvloop": [sys.executable, APPS / "stall_loop.py", "--uvloop"],
            "asyncio": [sys.executable, APPS / "stall_loop.py"]}  # fmt: skip


@pytest.fixture(params=FAMILIES)
def loop(request):
    with Program(*FAMILIES[request.param]) as program:
        program.hear("ready")
        yield program


@pytest.fixture
def stuck_loop():
    """A loop that somebody ends."""
    with Program(*FAMILIES["asyncio"]) as program:
        program.hear("ready")
        yield program
        os.kill(program.pid, signal.SIGCONT)
        program.process.kill()


def stall(program, name, ms):
    """When it began and ended, by the loop's own log."""
    program.tell(f"stall {name} {ms}")
    said = program.hear("stalled")
    return said["begun"], said["ended"]


def check_times(event):
    time_ms = event["time_ms"]
    total = sum(time_ms[cause] for cause in CAUSES)
    assert abs(total - event.get("duration_ms", event.get("age_ms"))) < EXACT_MS, event
    asleep = sum(row["time_ms"] for row in event["syscalls"])
    assert asleep <= time_ms["syscall"] + time_ms["lock"] + EXACT_MS, event


def check(event):
    """What holds for every line that is told."""
    fields = set(event) - MAYBE - {"came_ns"}
    ended = event["event"] == "ended"
    expected = KEYS | ({"duration_ms"} if ended else {"age_ms", "where"})
    if event.get("unseen"):
        assert fields == expected - {"time_ms"} and not event["syscalls"], event
    else:
        assert fields == expected, event
        check_times(event)
    for frame in event["stack"]:
        assert frame and set(frame) <= FRAME and all(frame.values()), event
    assert not event["culprit"] or event["stack"], event


def is_stopped(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] == "T"


CAUSE = {"loop": ["cpu", "runqueue"], "sleep": ["syscall"]}


@pytest.mark.parametrize("work", CAUSE)
def test_begun_while_stuck(loop, work, figures):
    with StallsWatch("-p", loop.pid) as watch:
        before_ns = time.monotonic_ns()
        begun_ns, ended_ns = stall(loop, work, 1500)
        span_ms = (ended_ns - begun_ns) / 1e6
        ended = watch.await_event("ended", loop.pid, 0, 0.9 * span_ms)
        begun = watch.await_event("begun", loop.pid)
        for event in watch.events:
            check(event)
        assert begun["came_ns"] < ended_ns
        assert begun["age_ms"] < ended["duration_ms"]
        read_ms = (begun["came_ns"] - begun_ns) / 1e6
        figures.note("begun, and read, after", begun["age_ms"], read_ms, "ms", "log")
        # the callback does more than its log has seen
        assert span_ms <= ended["duration_ms"] <= (ended["came_ns"] - before_ns) / 1e6
        assert sum(ended["time_ms"][cause] for cause in CAUSE[work]) >= 0.95 * 1500, ended
        slept = {row["name"] for row in ended["syscalls"] if row["time_ms"] > 0.5 * span_ms}
        assert slept == ({"clock_nanosleep"} if work == "sleep" else set()), ended
        assert watch.finish() == 0


def test_stopped(stuck_loop):
    """A loop that is stopped is stuck, wherever it was."""
    pid = stuck_loop.pid
    with StallsWatch("-p", pid) as watch:
        os.kill(pid, signal.SIGSTOP)
        begun = watch.await_event("begun", pid)
        assert is_stopped(pid)
        assert begun["where"]["cause"] == "other", begun
        older = watch.await_event("lasts", pid, 0, 1000)
        assert is_stopped(pid)
        os.kill(pid, signal.SIGCONT)
        ended = watch.await_event("ended", pid)
        assert ended["time_ms"]["other"] >= older["age_ms"] - begun["age_ms"], ended
        for event in watch.events:
            check(event)


def test_never_ending(stuck_loop):
    pid = stuck_loop.pid
    with StallsWatch("-p", pid) as watch:
        stuck_loop.tell("stall sleep 600000")
        watch.await_event("lasts", pid, 0, 2000)
        told = [event for event in watch.events if event["event"] == "lasts"]
        ages = [event["age_ms"] for event in told]
        assert len(ages) >= 2 and ages == sorted(ages) and ages[0] >= 1000, ages
        assert {event["event"] for event in watch.events} == {"begun", "lasts"}, watch.events
        before_ms = watch.events[-1]["age_ms"]
        assert watch.finish() == 0
    last = watch.events[-1]  # told once more, as nobody looks any longer
    assert last["event"] == "lasts" and last["age_ms"] > before_ms, last
    assert len({event["id"] for event in watch.events}) == 1, watch.events


@pytest.mark.parametrize("work", CAUSE)
def test_killed(stuck_loop, work):
    """Its thread has ended, and nobody what it waited for."""
    pid = stuck_loop.pid
    with StallsWatch("-p", pid) as watch, Running("stalls", "-p", pid) as stalls:
        stalls.await_error("watching")
        stuck_loop.tell(f"stall {work} 600000")
        assert "thread_exited" not in watch.await_event("begun", pid)
        servers.await_true(lambda: any("stall begun" in line for line in stalls.lines),
                           stalls.errors)  # fmt: skip
        stuck_loop.process.kill()
        assert watch.process.wait(servers.PATIENCE_S) == 0  # no target is left
        ended = servers.await_true(lambda: watch.find("ended", pid, 0, 0), watch.events)
        assert ended["thread_exited"] is True and "end_lost" not in ended, ended
        check(ended)
        assert stalls.wait() == 0
    text = "".join(stalls.lines)
    assert "its thread has ended" in text and "woken by" not in text, text


@pytest.mark.parametrize("work", CAUSE)
def test_stuck_at_attach(stuck_loop, work):
    """The least age that it can have, a stack, and an end when it comes to wait."""
    pid = stuck_loop.pid
    before_ns = time.monotonic_ns()
    stuck_loop.tell(f"stall {work} 3000")
    with StallsWatch("-p", pid) as watch:
        begun = watch.await_event("begun", pid)
        assert begun["unseen"] is True and begun["where"]["cause"], begun
        assert begun["age_ms"] <= (begun["came_ns"] - before_ns) / 1e6
        assert begun["culprit"]["file"] == str(APPS / "stall_works.py"), begun
        said = stuck_loop.hear("stalled")
        assert begun["came_ns"] < said["ended"]
        ended = watch.await_event("ended", pid)
        assert ended["unseen"] is True and "end_lost" not in ended, ended
        assert ended["duration_ms"] <= (ended["came_ns"] - before_ns) / 1e6
        check(begun)
        check(ended)


def test_threshold(stuck_loop):
    with StallsWatch("-p", stuck_loop.pid, threshold_ms=700) as watch:
        for ms in (100, 300, 1200):
            stall(stuck_loop, "sleep", ms)
        watch.await_event("ended", stuck_loop.pid, 0, 1200)
        least = [event.get("duration_ms", event.get("age_ms")) for event in watch.events]
        assert min(least) >= 700, watch.events


def test_c_loop():
    """libuv's, that stalls in each iteration: what ceilings hold back is said."""
    with Program(built("uv_loop"), "timers") as program:
        program.hear("ready")
        with StallsWatch("-p", program.pid, threshold_ms=1) as watch:
            program.start()
            ended = watch.await_event("ended", program.pid, 0, 3)
            assert ended["time_ms"]["cpu"] > 0, ended
            servers.await_true(lambda: any("held back" in line for line in watch.said), watch.said)
            said = program.stop()
            assert watch.finish() == 0
            told = [event for event in watch.events if event["event"] == "ended"]
            assert len(told) < said["iterations"]
            for event in watch.events:
                check(event)


def test_text_and_count(stuck_loop):
    """Without a terminal no colours; so many stalls, and it ends by itself."""
    with Running("stalls", "-p", stuck_loop.pid, "-n", "1") as stalls:
        stalls.await_error("watching")
        stall(stuck_loop, "sleep", 400)
        assert stalls.wait() == 0
    text = "".join(stalls.lines)
    assert "stall begun" in text and "stall ended" in text and "\033" not in text, text
    assert "blocked in clock_nanosleep" in text and f"pid {stuck_loop.pid}" in text, text
    assert "slept in clock_nanosleep" in text, text


@pytest.mark.parametrize("options, folded", [((), True), (("--full-stacks",), False)])
def test_text_is_short(stuck_loop, options, folded):
    """What is not the application's is counted; the stack of one that sleeps on is shown once."""
    with Running("stalls", "-p", stuck_loop.pid, "-n", "1", *options) as stalls:
        stalls.await_error("watching")
        stall(stuck_loop, "sleep", 1500)
        assert stalls.wait() == 0
    text = "".join(stalls.lines)
    assert text.count("in pause  ") >= 2 and text.count("  obey  ") == 1, text
    assert ("frames of " in text) == folded, text
    assert ("BaseEventLoop._run_once" in text) != folded, text
    assert len(stalls.lines) < 30 or not folded, text


def test_interrupt(stuck_loop):
    with Running("stalls", "-p", stuck_loop.pid) as stalls:
        stalls.await_error("watching")
        assert symbols_of(stalls.process.pid), "no loopscope-symbols"
        assert stalls.interrupt() == 0
    assert not stalls.lines
    assert "no stall of 50.0 ms or more" in stalls.errors[-1], stalls.errors


def test_wrong_usage():
    for words, said in (((), "nothing to watch"),
                        (("-a", "-t", "fast"), "--threshold takes milliseconds"),
                        (("-a", "-n", "0"), "--count takes a number"),
                        (("-a", "-d", "inf"), "--duration takes seconds"),
                        (("-a", "--full-stacks=2"), "takes no value"),
                        (("-p", "0"), "--pid takes a process id"),
                        (("-a", "more"), "more is not expected here")):  # fmt: skip
        with Running("stalls", *words) as stalls:
            assert stalls.wait() == 2
        assert said in stalls.errors[0] and not stalls.lines, stalls.errors


def test_record_keeps_them(stuck_loop, tmp_path):
    """And top's lines name what holds the loop up, and what has."""
    with Running("top", "-i", "0.1", "-p", stuck_loop.pid) as top, Running(
        "record", "-p", stuck_loop.pid, "-o", tmp_path / "recording"
    ) as record:
        record.await_error("watching")
        servers.await_true(lambda: top.lines, top.errors)
        stall(stuck_loop, "sleep", 1500)
        servers.await_true(lambda: any("CULPRIT" in line for line in top.lines), top.lines)
        told = len(top.lines)
        servers.await_true(lambda: any(" - pause stall_works.py" in line
                                       for line in top.lines[told:]), top.lines)  # fmt: skip
        assert record.interrupt() == 0
    with Running("report", tmp_path / "recording", "--folded") as report:
        assert report.wait() == 0
    folded = [line for line in report.lines if ";syscall;" in line]
    assert sum(int(line.split()[-1]) for line in folded) >= 0.95 * 1.5e6, report.lines


def test_lines_are_json(stuck_loop):
    with Running("stalls", "-p", stuck_loop.pid, "--json", "-d", "3") as stalls:
        stalls.await_error("watching")
        stall(stuck_loop, "loop", 300)
        assert stalls.wait() == 0
    events = [json.loads(line) for line in stalls.lines]
    assert [event["event"] for event in events][-1] == "ended", events
    for event in events:
        check(event)
