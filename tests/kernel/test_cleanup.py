# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""However loopscope ends, nothing of it stays in the kernel."""

import signal
import subprocess
import time

import pytest

from kernel_objects import kernel_objects, shown
from scripted import HANG_S, ScriptedLoop
from watch import BINARY, Watch

def left_of(objects):
    left = set()
    for kind in ("prog", "map", "link"):
        left |= {(kind, row["id"]) for row in shown(kind)} & objects
    return left


def await_gone(objects):
    """Programs and maps are freed a grace period after their last user has gone."""
    until = time.monotonic() + HANG_S
    while left_of(objects):
        assert time.monotonic() < until, left_of(objects)
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signal(number):
    with ScriptedLoop("") as program, Watch("-p", program.pid) as watch:
        objects = kernel_objects(watch.process.pid)
        assert {kind for kind, _ in objects} == {"prog", "map", "link"}
        assert left_of(objects) == objects
        watch.process.send_signal(number)
        status = watch.process.wait(timeout=HANG_S)
        assert status == (-number if number == signal.SIGKILL else 0)
        await_gone(objects)


def test_first_figures(figures):
    """From exec to a report, loading and 0.1 s of watching included: a figure, not a verdict."""
    with ScriptedLoop("") as program:
        start = time.monotonic()
        subprocess.run(
            [BINARY, "stat", "--json", "-d", "0.1", "-p", str(program.pid)],
            capture_output=True,
            check=True,
            timeout=HANG_S,
        )
        seconds = time.monotonic() - start
    figures.append(f"first figures, 0.1 s of watching included: after {seconds:.2f} s")
