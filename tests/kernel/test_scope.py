# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which loops are watched: by process, cgroup, comm, all; and in a pid namespace."""

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from namespaced import UNSHARE, run_inside, scripted_loop_of_pid
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


def tids(loops):
    return sorted(loop["tid"] for loop in loops)


NAMES = ["scope-api", "scope-web", "scope-job", "scope-web-old"]


@pytest.mark.parametrize("family", ["auto", "epoll", "poll", "select", "io_uring", "aio"])
def test_wait(family):
    """What is an epoll loop that polls in its callbacks may be looked at as a loop of polls."""
    polls = 30
    with ScriptedLoop("idle:2 poll:2 spin:1000 " * polls) as program:
        report, logs = watch_program(program, "-p", program.pid, "--wait", family)
    if family in ("auto", "epoll"):
        check_logs(report, logs)
        assert len(report.loops) == 1
    elif family == "poll":
        [loop] = report.loops
        assert loop["wait_family"] == "poll"
        assert loop["iterations"] == loop["events"] == polls
        assert loop.syscall("epoll_wait")[0] == polls - 1  # between them; the last goes on
    else:
        assert not report.loops


@contextmanager
def four_loops():
    """One of each name; the one called scope-job is in a cgroup."""
    with ExitStack() as stack:
        programs = {
            name: stack.enter_context(ScriptedLoop(SCRIPT, name=name)) for name in NAMES
        }
        group = stack.enter_context(cgroup(HIERARCHIES["v1"]))
        (group / "cgroup.procs").write_text(str(programs["scope-job"].pid))
        yield programs, group
        for program in programs.values():
            program.process.kill()
            program.process.wait()


@pytest.mark.parametrize(
    "options, expected",
    [
        ("-c scope-api -c scope-job", "api job"),
        ("-p {scope-api} -g {group}", "api job"),
        ("-p {scope-api} -g {group} -c *web", "api web job"),
        ("-c scope-* --not-comm scope-web*", "api job"),
        ("-c scope-* --not-comm *old --not-comm *[aj][po]*", "web"),
        ("-p {scope-web} -p {scope-api} --not-comm scope-web", "api"),
        ("-p {scope-api} -g {group} -c *web --not-comm *job --not-comm scope-api", "web"),
        ("--all --not-comm scope-web", "api job web-old"),
        ("--not-comm scope-web --not-comm *job", "api web-old"),
        ("-c scope-web --not-comm scope-web", ""),
    ],
)
def test_combined(options, expected):
    """Targets add up; what is left out by its name is left out of all of them."""
    with four_loops() as (programs, group):
        pids = {name: program.pid for name, program in programs.items()}
        with Watch(*options.format(group=group, **pids).split()) as watch:
            for program in programs.values():
                program.run()
            report = watch.finish()
    found = {loop["thread"]: loop for loop in report.loops if loop["tid"] in pids.values()}
    assert sorted(found) == sorted(f"scope-{name}" for name in expected.split())
    if "--all" not in options and not options.startswith("--not"):
        assert len(report.loops) == len(found)
    # 20 waits for a timer, and the first and the last
    assert all(loop["iterations"] == 21 for loop in found.values())


def test_not_comm_of_a_thread():
    """The name of one thread leaves out that thread; its process's, all of them."""
    with ScriptedLoop(SCRIPT, SCRIPT, name="scope-main") as program:
        report, logs = watch_program(program, "-p", program.pid, "--not-comm", "loop")
    main = [log for log in logs if log.tid == log.pid]
    assert tids(report.loops) == [program.pid]
    check_logs(report, main)
    with ScriptedLoop(SCRIPT, SCRIPT, name="scope-main") as program:
        report, _ = watch_program(program, "-p", program.pid, "--not-comm", "scope-m*")
    assert not report.loops


def test_left_out_until_renamed():
    """A thread is looked at whenever it waits, until it is watched."""
    script = f"{SCRIPT} rename:1 {SCRIPT}"
    with ScriptedLoop(script, name="scope-old") as program:
        report, [log] = watch_program(program, "-p", program.pid, "--not-comm", "scope-old")
    log.forget(21)  # it is seen when it waits next
    [(loop, _)] = check_logs(report, [log])
    assert loop["thread"] == "renamed-1"


def test_watched_though_renamed():
    """What is watched stays so: its figures are not cut off in the middle."""
    script = f"{SCRIPT} rename:1 {SCRIPT}"
    with ScriptedLoop(script, name="scope-new") as program:
        report, [log] = watch_program(program, "-c", "scope-new", "--not-comm", "renamed-1")
    [(loop, _)] = check_logs(report, [log])
    assert loop["thread"] == "scope-new"


@pytest.mark.parametrize(
    "options, expected",
    [
        ("-p {pid} -c nobody", ["unseen"]),
        ("-c nobody", []),
        ("-c scope-stuck", ["unseen"]),
        ("-p {pid} --not-comm scope-st*", []),
        ("-c scope-stuck --not-comm *stuck", []),
        ("-p {pid} --wait epoll", ["unseen"]),
        ("-p {pid} --wait poll", []),
    ],
)
def test_stuck(options, expected):
    """A loop that is stuck before anybody looks is in scope by the same rules."""
    with ScriptedLoop("idle:5 pause", name="scope-stuck") as program:
        program.go()
        program.await_callback(blocked=True)
        with Watch(*options.format(pid=program.pid).split()) as watch:
            report = watch.finish()
        program.end_pause()
        program.await_done()
        program.quit()
    assert [loop["state"] for loop in report.loops] == expected


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


def test_same_number_outside_of_a_pid_namespace():
    """--pid means the process that has that pid here, not one elsewhere that cannot be seen."""
    with ScriptedLoop("idle:10 " * 1000) as stranger:
        stranger.go()
        run_inside(__file__, "inside_same_number", NUMBER=str(stranger.pid))


def inside_same_number():
    pid = int(os.environ["NUMBER"])
    with scripted_loop_of_pid(pid, SCRIPT) as program:
        assert program.pid == pid
        report, logs = watch_program(program, "-p", pid)
    assert len(report.loops) == 1
    check_logs(report, logs)
