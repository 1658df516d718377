# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Children of --pid are watched from their fork on, however they come to be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from brief import BriefLoops, check_brief
from kernel_objects import BPFTOOL, map_of
from scripted import ScriptedLoop
from watch import Watch
from watched import check_logs, check_misses, watch_program

SCRIPT = " ".join(["idle:3 spin:2000 nanosleep:2"] * 20)
PID_MAX = 4194304
KINDS = ["plain", "daemon", "sibling", "of_namespace", "of_thread", "spawn"]  # as in forks.h


def children_of(pid):
    tasks = Path(f"/proc/{pid}/task")
    return [
        int(child)
        for task in tasks.iterdir()
        for child in (task / "children").read_text().split()
    ]


def reap_sibling(kind, log):
    if kind == "sibling":
        os.waitpid(log.pid, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind):
    """Each loop once, with its own figures: the child's from its first wait on."""
    with ScriptedLoop(f"fork:0:{KINDS.index(kind)} {SCRIPT} idle:50", later=[SCRIPT]) as program:
        with Watch("-p", program.pid) as watch:
            program.run()
            inside = children_of(program.pid) if kind == "of_namespace" else []
            report = watch.finish()
        child, parent = program.quit()
    reap_sibling(kind, child)
    if inside:
        assert child.pid == child.tid == 1
        [child.pid] = [child.tid] = inside
    check_misses(report, [child, parent])
    assert sorted(loop["pid"] for loop in report.loops) == sorted([child.pid, parent.pid])
    check_logs(report, [child, parent])


@pytest.mark.parametrize("kind", ["plain", "daemon", "spawn"])
def test_no_children(kind):
    later = [SCRIPT]
    with ScriptedLoop(f"fork:0:{KINDS.index(kind)} {SCRIPT} idle:50", later=later) as program:
        report, [_, parent] = watch_program(program, "-p", program.pid, "--no-children")
    [loop] = report.loops
    assert loop["pid"] == parent.pid
    check_logs(report, [parent])


def test_child_that_becomes_another_program():
    """fork, a few iterations, exec: two loops of one pid."""
    with ScriptedLoop(
        f"fork:0 {SCRIPT} idle:200", later=[f"{SCRIPT} exec:1", "idle:3 spin:1000 " * 7]
    ) as program:
        report, logs = watch_program(program, "-p", program.pid)
    before, after, parent = logs
    assert before.pid == after.pid != parent.pid
    assert len(report.loops) == 3
    iterations = [loop["iterations"] for loop in report.loops if loop["pid"] == after.pid]
    assert sorted(iterations) == sorted([before.iterations, after.iterations])
    check_logs(report, [parent])


def test_storm():
    """Of 300 children, in three generations and some of them orphans, each once: while their
    parent, which never waits, is not even a loop."""
    with BriefLoops("storm", 100, 3) as program:
        with Watch("-p", program.pid) as watch:
            loops = program.run()
            report = watch.finish()
    assert len(loops) == 300
    check_brief(report, loops)


def test_storm_of_strangers():
    """Without children a storm is nobody's, and its parent is no loop."""
    with BriefLoops("storm", 10, 2) as program:
        with Watch("-p", program.pid, "--no-children") as watch:
            program.run()
            report = watch.finish()
    assert not report.loops


def test_ends_with_the_last_child():
    """The process named has ended before its children begin: they are waited for."""
    with BriefLoops("orphans", 20) as program:
        with Watch("-p", program.pid) as watch:
            loops = program.run()
            report = watch.wait()
    assert len(loops) == 20
    check_brief(report, loops)


def test_descendants_at_the_start():
    """Children that were there before are found by descent."""
    with ScriptedLoop(f"fork:0 {SCRIPT}", later=["idle:1 pause"]) as program:
        program.go()
        [child] = await_children(program.pid)
        with Watch("-p", program.pid) as watch:
            os.kill(child, 10)
            program.await_done()
            report = watch.finish()
        program.quit()
    assert sorted(loop["pid"] for loop in report.loops) == [program.pid, child]


def await_children(pid):
    while not children_of(pid):
        pass
    return children_of(pid)


def fill_targets(watch, scratch):
    """With pids that nobody can have, but for the one place that is taken."""
    table = map_of(watch.process.pid, "targets")
    batch = scratch / "batch"
    with batch.open("w") as file:
        for pid in range(PID_MAX, PID_MAX + table["max_entries"] - 1):
            key = " ".join(str(byte) for byte in pid.to_bytes(4, sys.byteorder))
            file.write(f"map update id {table['id']} key {key} value 1\n")
    subprocess.run([BPFTOOL, "batch", "file", batch], stdout=subprocess.DEVNULL, check=True)


def test_too_many(tmp_path):
    """A child for which there is no place is not followed, and that is counted."""
    with BriefLoops("storm", 6, 1) as program:
        with Watch("-p", program.pid) as watch:
            fill_targets(watch, tmp_path)
            program.run()
            report = watch.finish()
    assert not report.loops
    assert report.summary["loops_lost"] == 6
