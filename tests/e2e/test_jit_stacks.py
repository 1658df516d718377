# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Stacks of code that is made at run time: of Node, held against its own, and of Java.

NODES has further binaries of node to be tested, separated by colons.
"""

import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import programs
import pytest
from servers import await_true
from stall_events import THRESHOLD_MS, StallsWatch

BUSY_MS = 400
NODES = [node for node in ["node", *os.environ.get("NODES", "").split(":")]
         if node and shutil.which(node)]  # fmt: skip
TIERS = {
    "interpreted": ("--no-sparkplug", "--no-opt"),
    "baseline": ("--always-sparkplug", "--no-opt"),
    "optimized": (),
    "jitless": ("--jitless",),
    "perf map": ("--perf-basic-prof",),
}


@contextmanager
def mapped(*command, **options):
    """The program; no perf map of it is left behind."""
    with programs.Program(*command, **options) as program:
        try:
            yield program
        finally:
            Path(f"/tmp/perf-{program.pid}.map").unlink(missing_ok=True)


def stall(program, watch, line):
    """What the program says of its stall, and the records of it."""
    since = len(watch.events)
    program.tell(line)
    said = program.hear("stalled")
    ended = watch.await_event("ended", program.pid, since, 0.9 * BUSY_MS)
    begun = [event for event in watch.of_thread(program.pid, since) if event["event"] == "begun"]
    assert begun, "not told while it lasted"
    return said, begun[-1], ended


def javascript(event):
    """(function, file, line) of each frame of JavaScript that is in a file."""
    return [(frame["function"], frame["file"], frame.get("line", 0))
            for frame in event["stack"]
            if frame.get("language") == "javascript" and frame.get("file")]  # fmt: skip


def name_of(frame):
    """One that is computed when the program runs, as of `[symbol]() {}`, is not the function's."""
    return "(anonymous)" if frame["function"].startswith("[") else frame["function"]


@pytest.mark.skipif(not NODES, reason="node is not installed")
@pytest.mark.parametrize("node", NODES or ["node"])
@pytest.mark.parametrize("tier", TIERS)
def test_node_tells_the_same_stack(node, tier, tmp_path):
    command = (node, *TIERS[tier], programs.APPS / "stall_frames.js")
    with mapped(*command, cwd=tmp_path) as program:
        program.hear("ready")
        with StallsWatch("-p", program.pid) as watch:
            said, begun, ended = stall(program, watch, f"stall {BUSY_MS}")
    truth = [(name_of(frame), frame["file"], frame["line"]) for frame in said["frames"]]
    assert len(truth) > 12
    for event in (begun, ended):
        told = javascript(event)
        # what the loop's innermost step calls comes and goes
        assert told[-len(truth):] == truth  # fmt: skip
        culprit = event["culprit"]
        assert (culprit["function"], culprit["file"], culprit["line"]) == truth[0]


def jcmd(pid, *words):
    command = ("jcmd", str(pid), *words)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def java(tmp_path):
    """Path of the compiled class."""
    if not shutil.which("javac") or not shutil.which("jcmd"):
        pytest.skip("the JDK is not installed")
    source = programs.APPS / "StallLoop.java"
    subprocess.run(("javac", "-d", tmp_path, source), check=True)
    return tmp_path


def loop_of(watch):
    """The thread that stalls: Java's main is not the process's first."""
    return await_true(lambda: next((event["tid"] for event in watch.events
                                    if event["event"] == "ended"), None), "no stall")  # fmt: skip


def test_java(java):
    command = ("java", "-XX:+PreserveFramePointer", "-cp", java, "StallLoop")
    with mapped(*command) as program:
        program.hear("ready")
        with StallsWatch("-p", program.pid) as watch:
            # until it has been compiled
            program.tell(f"stall {4 * THRESHOLD_MS}")
            program.hear("stalled")
            tid = loop_of(watch)
            assert "Unknown" not in jcmd(program.pid, "Compiler.perfmap")
            since = len(watch.events)
            program.tell(f"stall {BUSY_MS}")
            program.hear("stalled")
            ended = watch.await_event("ended", tid, since, 0.9 * BUSY_MS)
    assert ended["culprit"]["function"] == "StallLoop.mix"
    languages = {frame.get("function"): frame.get("language") for frame in ended["stack"]}
    assert languages["StallLoop.mix"] == "java"
    assert "Interpreter" in languages or "StallLoop.handle" in languages
