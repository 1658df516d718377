# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Frames of CPython among native ones, as `loopscope stalls` tells them."""

import json
import subprocess
from pathlib import Path

import pytest
from servers import running
from stall_events import StallsWatch

APP = Path(__file__).parents[1] / "apps/python_stall.py"
KEEPER = APP.with_name("gil_keeper.py")
STALLS = 10  # most may be looked at while the loop waits for a CPU, where others have them all


def is_python(frame):
    return frame["language"] == "python"


def runs_of(frames):
    """The functions of Python in runs, and whether anything native is between two."""
    runs = [[]]
    for frame in frames:
        if is_python(frame):
            runs[-1].append(frame["function"])
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def check_stack(stack, truth):
    found = [[frame["function"], frame["file"], frame["line"]]
             for frame in stack if is_python(frame)]  # fmt: skip
    assert found == truth
    assert not [frame for frame in stack if "EvalFrameDefault" in frame.get("function", "")]
    runs = runs_of(stack)
    assert runs[0] == ["work", "Handler.read.<locals>.<lambda>"]
    assert runs[1] == ["Handler.read"]
    assert runs[2][0] == "Handle._run" and runs[-1][-1] == "<module>"
    assert not is_python(stack[-1])


@pytest.mark.parametrize("how", ["busy", "asleep"])
def test_frames_of_python_are_among_native_ones(interpreter, how):
    command = [*interpreter.command, interpreter.place(APP)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with running(command, **pipes) as program:
        pid = json.loads(program.stdout.readline())["pid"]
        with StallsWatch("-p", pid, threshold_ms=100) as watch:
            for stall in range(2):  # the first may come before its interpreter is known
                since = len(watch.events)
                program.stdin.write(how + "\n")
                program.stdin.flush()
                truth = json.loads(program.stdout.readline())["stack"]
                ended = watch.await_event("ended", pid, since)
    check_stack(ended["stack"], truth)
    assert ended["culprit"]["function"] == "work"
    assert ended["culprit"]["line"] == truth[0][2]


def keep_gil(program):
    """The thread that keeps it."""
    program.stdin.write("\n")
    program.stdin.flush()
    return json.loads(program.stdout.readline())["tid"]


def test_who_holds_the_gil_is_named_while_the_loop_waits(interpreter):
    """Nobody rather than somebody else, and not for long nobody."""
    command = [*interpreter.command, interpreter.place(KEEPER)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with running(command, **pipes) as program:
        pid = json.loads(program.stdout.readline())["pid"]
        with StallsWatch("-p", pid, threshold_ms=100) as watch:
            for _ in range(STALLS):
                since = len(watch.events)
                tid = keep_gil(program)
                watch.await_event("ended", pid, since)
                told = watch.of_thread(pid, since)
                holders = [event["held_by"] for event in told if "held_by" in event]
                for holder in holders:
                    assert (holder["pid"], holder["tid"]) == (pid, tid), told
                    assert holder["thread"] == "gil-keeper", told
                if told[0]["event"] == "begun" and "held_by" in told[0]:
                    return
    pytest.fail(f"nobody was named in {STALLS} stalls: {watch.events}")
