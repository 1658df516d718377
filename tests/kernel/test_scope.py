# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which loops are watched: by process, cgroup, comm, all; and in a pid namespace."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripted import ScriptedLoop
from watch import Watch
from watched import check_logs, watch_program

SCRIPT = " ".join(["idle:3 spin:2000"] * 20)
CGROUPS = Path("/sys/fs/cgroup")
HIERARCHIES = {
    "v1": CGROUPS / "cpu",
    "v2": CGROUPS if (CGROUPS / "cgroup.procs").exists() else CGROUPS / "unified",
}


@contextmanager
def cgroup(parent, name=f"loopscope-test-{os.getpid()}"):
    if not (parent / "cgroup.procs").exists():
        pytest.skip(f"no cgroup hierarchy at {parent}")
    group = parent / name
    group.mkdir()
    try:
        yield group
    finally:
        group.rmdir()


def watch_both(inside, outside, *targets):
    with Watch(*targets) as watch:
        for program in (inside, outside):
            program.run()
        report = watch.finish()
    return report, inside.quit(), outside.quit()


@pytest.mark.parametrize("version", HIERARCHIES)
def test_cgroup(version):
    """Those inside the cgroup, or below it, and nobody else."""
    with cgroup(HIERARCHIES[version]) as parent, cgroup(parent, "below") as group:
        with ScriptedLoop(SCRIPT, SCRIPT) as inside, ScriptedLoop(SCRIPT) as outside:
            (group / "cgroup.procs").write_text(str(inside.pid))
            report, logs, _ = watch_both(inside, outside, "--cgroup", parent)
    assert sorted(loop["tid"] for loop in report.loops) == sorted(log.tid for log in logs)
    check_logs(report, logs)


@pytest.mark.parametrize("glob", ["scope-in*", "*pe-inside", "scope-?nside", "[r-t]cope-inside"])
def test_comm(glob):
    with ScriptedLoop(SCRIPT, name="scope-inside") as inside:
        with ScriptedLoop(SCRIPT, name="scope-outside") as outside:
            report, [log], _ = watch_both(inside, outside, "--comm", glob)
    [(loop, _)] = check_logs(report, [log])
    assert len(report.loops) == 1
    assert loop["process"] == loop["thread"] == "scope-inside"


def test_all():
    with ScriptedLoop(SCRIPT) as one, ScriptedLoop(SCRIPT) as other:
        report, logs, other_logs = watch_both(one, other, "--all")
    check_logs(report, logs + other_logs)


UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def test_within_a_pid_namespace():
    """Pids are those of the namespace that loopscope runs in."""
    test = Path(__file__).parent / "test_truth.py"
    command = [*UNSHARE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    inner = subprocess.run(
        [*command, f"{test}::test_two_loops"], capture_output=True, text=True, check=False
    )
    assert inner.returncode == 0, inner.stdout


def test_from_outside_a_pid_namespace():
    with ScriptedLoop(SCRIPT, prefix=UNSHARE) as program:
        children = Path(f"/proc/{program.pid}/task/{program.pid}/children")
        pid = int(children.read_text())
        report, [log] = watch_program(program, "-p", pid)
    assert log.pid == 1
    log.pid = log.tid = pid
    check_logs(report, [log])
