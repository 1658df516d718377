# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Frames of CPython, held against what the interpreter itself says of its stack.

A script stops at some thirty points, of which half are busy: there the kernel side reads the
frames at a tick of the thread's clock. At the others it sleeps, and another process reads them.
"""

import json
import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from python_interpreters import SYSTEM, Interpreter
from servers import await_true, running
from watch import BUILD

READER = BUILD / "tests/python_frames"
FAKE = BUILD / "tests/fake_python"
POINTS = Path(__file__).parents[1] / "apps/python_points.py"
MAX_FRAMES = 64
NR_POINTS = 35
MAX_NAME = 508  # of STACK_MAX_TEXT, less what the longest character needs
PARTIAL = 4  # STACK_IS_PARTIAL

# how often C is between two frames, and below the last one; elsewhere versions differ
ENTRIES = {"plain": 1, "closure": 1, "lambda": 1, "deep": 1, "in_c": 3, "too_deep": 0}


@contextmanager
def points_of(python, *wrapper):
    command = [*wrapper, *python.command, "-W", "ignore", python.place(POINTS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process, (json.loads(line) for line in process.stdout)
        finally:
            process.kill()


def sleeps_in_read(pid, tid):
    return Path(f"/proc/{pid}/task/{tid}/syscall").read_text().startswith("0 0x0 ")


def read_frames(point, thread=None):
    mode = "on" if point["busy"] else "off"
    if not point["busy"]:
        await_true(
            lambda: sleeps_in_read(point["pid"], point["tid"]), f"{point} does not sleep"
        )
    ids = (point["pid"], point["tid"], point["thread"] if thread is None else thread)
    done = subprocess.run(
        [READER, *map(str, ids), mode], capture_output=True, text=True, check=False, timeout=60
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


def release(process, point):
    if point["busy"]:
        os.kill(point["pid"], signal.SIGUSR1)
    else:
        process.stdin.write(b"x")
        process.stdin.flush()


def named(frames):
    return [[frame["function"], frame["file"], frame["line"]] for frame in frames]


def check_point(point, read, version):
    wanted = point["stack"]
    assert named(read["stack"]) == wanted[:MAX_FRAMES], point["name"]
    assert bool(read["flags"] & PARTIAL) == (len(wanted) > MAX_FRAMES)
    assert read["version"] == version
    assert read["entries"] == ENTRIES.get(point["name"], read["entries"])


def test_frames_are_the_interpreters_own(interpreter, figures):
    nr, took, named_in = 0, [], []
    with points_of(interpreter) as (process, points):
        for point in points:
            read = read_frames(point)
            check_point(point, read, interpreter.version)
            release(process, point)
            nr += 1
            if point["name"] == "too_deep" and point["busy"]:
                took.append(read["took_ns"])
                named_in.append(read["names_ns"])
        assert process.wait(timeout=60) == 0
    assert nr == NR_POINTS
    figures.append(
        f"CPython {interpreter.name}: {MAX_FRAMES} frames read in {took[0] / 1e3:.0f} µs on CPU,"
        f" named in {named_in[0] / 1e3:.0f} µs"
    )


@pytest.fixture
def system_python():
    if not SYSTEM.exists():
        pytest.skip(f"no {SYSTEM} here")
    return Interpreter("system", 0x030B, (str(SYSTEM),))


def first_sleep(process, points):
    for point in points:
        if not point["busy"]:
            return point
        release(process, point)
    raise AssertionError("no point asleep")


def test_a_copy_under_another_name_is_found(system_python, tmp_path):
    """As in a venv made with copies; one that was renamed tells its version by a symbol."""
    copy = tmp_path / "server"
    copy.write_bytes(SYSTEM.read_bytes())
    copy.chmod(0o755)
    moved = system_python._replace(command=("env", "PYTHONHOME=/usr", str(copy)))
    with points_of(moved) as (process, points):
        point = first_sleep(process, points)
        check_point(point, read_frames(point), 0x030B)


def test_a_thread_is_found_by_its_number_in_its_own_namespace(system_python):
    with points_of(system_python, "unshare", "--pid", "--fork") as (process, points):
        point = first_sleep(process, points)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        point["pid"] = point["tid"] = int(children[0])
        assert named(read_frames(point, thread=0)["stack"]) == point["stack"]
        os.kill(point["pid"], signal.SIGKILL)


def test_without_an_interpreter_there_is_none():
    with running(["sleep", "1000"]) as process:
        command = [READER, str(process.pid), str(process.pid), "0", "off"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "no interpreter" in done.stderr


@pytest.mark.parametrize("busy", [True, False], ids=["on_cpu", "from_outside"])
def test_a_program_that_only_says_it_is_python_is_read_to_a_bound(busy):
    with running([FAKE], stdout=subprocess.PIPE) as process:
        point = json.loads(process.stdout.readline())
        command = [READER, *(str(point[key]) for key in ("pid", "tid", "thread"))]
        done = subprocess.run(
            [*command, "on" if busy else "off"], capture_output=True, check=True, timeout=60
        )
        process.kill()
    read = json.loads(done.stdout)
    assert read["nr"] == MAX_FRAMES and read["flags"] & PARTIAL
    assert {len(frame["function"]) for frame in read["stack"]} == {MAX_NAME}
    assert not any(frame["file"] for frame in read["stack"])
