# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""loopscope-symbols ends, hangs, or is not there: stalls are told of all the same."""

import os
import shutil
import signal
import subprocess
import sys

import pytest

import servers
from programs import APPS, Program
from running import is_gone, symbols_of
from service_rights import KEPT_TO_READ, status
from stall_events import StallsWatch
from watch import BINARY

STALL = "stall sleep 800"


@pytest.fixture
def loop():
    with Program(sys.executable, APPS / "stall_loop.py") as program:
        program.hear("ready")
        yield program


def stall(watch, loop):
    before = len(watch.events)
    loop.tell(STALL)
    loop.hear("stalled")
    return watch.await_event("ended", loop.pid, before)


def is_named(ended):
    return ended["culprit"].get("file", "").endswith("/stall_works.py")


def test_ends(loop):
    """A new one is begun, and has names for the next stall."""
    with StallsWatch("-p", loop.pid) as watch:
        assert is_named(stall(watch, loop))
        first = symbols_of(watch.process.pid)
        assert len(first) == 1
        os.kill(first[0], signal.SIGKILL)
        assert is_named(stall(watch, loop))
        second = symbols_of(watch.process.pid)
        assert len(second) == 1 and second != first
        assert watch.finish() == 0
        assert is_gone(second[0])


def test_hangs(loop):
    """It is ended, and no more than the stacks that it had are without names."""
    with StallsWatch("-p", loop.pid) as watch:
        first = symbols_of(watch.process.pid)
        os.kill(first[0], signal.SIGSTOP)
        held = stall(watch, loop)
        assert held["duration_ms"] >= 800
        assert is_gone(first[0])
        assert is_named(stall(watch, loop))


def test_ends_with_its_parent(loop):
    with StallsWatch("-p", loop.pid) as watch:
        symbols = symbols_of(watch.process.pid)[0]
        os.kill(symbols, signal.SIGSTOP)  # it could not even read that there is nobody left
        watch.process.kill()
        servers.await_true(lambda: is_gone(symbols), "loopscope-symbols to end")


def test_is_confined(loop):
    """Begun by root it is nobody, with two capabilities, and still reads."""
    with StallsWatch("-p", loop.pid) as watch:
        assert is_named(stall(watch, loop))
        (symbols,) = symbols_of(watch.process.pid)
        assert status(symbols, "Uid") == status(symbols, "Gid") == "65534"
        assert int(status(symbols, "CapEff"), 16) == KEPT_TO_READ
        assert int(status(symbols, "CapPrm"), 16) == KEPT_TO_READ
        assert status(symbols, "NoNewPrivs") == "1"
        assert status(symbols, "Seccomp") == "2"
        assert watch.finish() == 0


def test_not_there(loop, tmp_path):
    """Stalls without stacks, and a line that says why."""
    alone = shutil.copy(BINARY, tmp_path)
    with StallsWatch("-p", loop.pid, binary=alone) as watch:
        ended = stall(watch, loop)
        assert ended["stack"] == [] and ended["time_ms"]["syscall"] >= 0.95 * 800, ended
        assert watch.finish() == 0
    assert any("loopscope-symbols, which belongs beside this program" in line
               for line in watch.said), watch.said  # fmt: skip


def test_run_by_hand():
    result = subprocess.run([BINARY.with_name("loopscope-symbols")], capture_output=True, text=True)
    assert result.returncode == 2 and "run one of those" in result.stderr
