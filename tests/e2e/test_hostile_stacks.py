# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that lie about where they are stuck: nobody else's stacks suffer, and all is bounded."""

import re
import shutil
import sys
from pathlib import Path

import pytest

import servers
from programs import APPS, Program, built
from running import symbols_of
from stall_events import StallsWatch

MOST_MEMORY_KIB = 192 << 10
STRANGE = "a\nb \x1b[31m\u202e\xff"  # a directory's name
MODES = ("symbol", "elf", "perf-map", "python", "unmap")


@pytest.fixture
def honest():
    with Program(sys.executable, APPS / "stall_loop.py") as program:
        program.hear("ready")
        yield program


@pytest.fixture(params=MODES)
def hostile(request, tmp_path):
    """Begun from a path that would break lines, and steer a terminal."""
    directory = tmp_path / STRANGE
    directory.mkdir()
    binary = shutil.copy(built("hostile_loop"), directory)
    with Program(binary, request.param) as program:
        program.mode = request.param
        program.hear("ready")
        yield program
        program.process.kill()
    Path(f"/tmp/perf-{program.pid}.map").unlink(missing_ok=True)


def peak_kib(pid):
    return int(re.search(r"^VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.M)[1])


def has_stack(event):
    return event["event"] != "ended" and event["stack"]


def check_told(mode, stack):
    """What can be known of it is."""
    functions = [frame.get("function", "") for frame in stack]
    if mode == "symbol":
        assert functions[0].startswith("x" * 100) and len(functions[0]) < 512, stack
    if mode == "elf":
        assert stack[0]["offset"] and not functions[0], stack
    if mode == "python":
        assert "spin" in functions and "main" in functions, stack
    if mode == "unmap":
        assert functions[0] == "clock_nanosleep", stack


def test_others_are_told_as_ever(hostile, honest, figures):
    with StallsWatch("-p", hostile.pid, "-p", honest.pid) as watch:
        symbols = symbols_of(watch.process.pid)
        hostile.tell("stall")
        servers.await_true(lambda: any(map(has_stack, watch.of_thread(hostile.pid))),
                           watch.events)  # fmt: skip
        for _ in range(2):
            before = len(watch.events)
            honest.tell("stall sleep 800")
            honest.hear("stalled")
            ended = watch.await_event("ended", honest.pid, before)
            assert ended["culprit"]["file"].endswith("/stall_works.py"), ended
        told = next(filter(has_stack, watch.of_thread(hostile.pid)))
        check_told(hostile.mode, told["stack"])
        # over none of it has the program ended
        assert symbols_of(watch.process.pid) == symbols
        figures.at_most("memory", max(map(peak_kib, symbols)), MOST_MEMORY_KIB, "KiB")
        assert watch.finish() == 0
