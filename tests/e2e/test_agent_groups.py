# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Target groups: who is watched, which stalls count, and what a reload changes of it."""

import contextlib
import json
import os
import sys

import programs
import servers
from node_agent import NodeAgent

STEPS = {"sleep": (4, "syscall"), "spin": (3, "cpu"), "acquire": (2, "lock")}
STALL_MS = 100
LONG_MS = 2500  # longer than from one look at stalls to the next
SCRIPT = [["idle", 50]] + [
    step for name, (times, _) in STEPS.items() for _ in range(times)
    for step in ([name, STALL_MS], ["idle", 30])
] + [["sleep", LONG_MS], ["idle", 30]]
EXPECTED = {"syscall": 5, "cpu": 3, "lock": 2}
CONTENTION = 2  # a loop that gets no CPU for long enough stalls as well

STRICT = {"name": "strict", "include": [{"comm": "strict*"}],
          "thresholds": {"blocking_ms": 40, "stall_age_ms": 500}}
LAX = {"name": "lax", "include": [{"comm": "lax*"}], "exclude": [{"comm": "lax-out"}],
       "thresholds": {"blocking_ms": 10000}}


def settings(*groups):
    return {"targets": list(groups), "export": {"to": "none", "interval_ms": 500}}


@contextlib.contextmanager
def loop_called(directory, name):
    """A program whose name is that of the link that it is run by."""
    link = directory / name
    link.symlink_to(os.path.realpath(sys.executable))
    command = (link, "-Es", programs.APPS / "asyncio_loop.py", json.dumps(SCRIPT))
    with programs.Program(*command) as program:
        program.hear("ready")
        yield program


@contextlib.contextmanager
def asyncio_loop(selector):
    script = json.dumps([["idle", 20], ["spin", 10]] * 10)
    command = (sys.executable, programs.APPS / "asyncio_loop.py", selector, script)
    with programs.Program(*command) as program:
        program.hear("ready")
        yield program


def wall_ms(agent, program):
    """What its loops have spent: it grows when the agent collects, and only then."""
    return sum(sample.value for sample in agent.metrics()
               if sample.name == "event_loop_time_milliseconds_total"
               and sample.labels["process_pid"] == str(program.pid))


def await_collections(agent, program, nr=2):
    """What the agent has to tell the kernel of single loops, it does when it collects."""
    for _ in range(nr):
        before = wall_ms(agent, program)
        servers.await_true(lambda: wall_ms(agent, program) > before, "a collection")


def stalls(agent, program):
    return {sample.labels["event_loop_state"]: sample.value for sample in agent.metrics()
            if sample.name == "event_loop_blocking_calls_total"
            and sample.labels["process_pid"] == str(program.pid) and sample.value}


def assert_expected(found):
    """A spinning loop may wait for its CPU for longer than it spins, among others that do."""
    starved = found.pop("runqueue", 0)
    missing = EXPECTED["cpu"] - found.pop("cpu", 0)
    assert 0 <= missing <= starved <= missing + CONTENTION
    assert found == {cause: nr for cause, nr in EXPECTED.items() if cause != "cpu"}


def pids_shown(agent):
    return {int(sample.labels["process_pid"]) for sample in agent.metrics()
            if sample.name == "event_loop_iterations_total"}


def teams(agent):
    return {sample.labels.get("team") for sample in agent.metrics()
            if sample.name == "loopscope_resource_info"}


def run_script(*loops):
    """One after the other: they would contend for CPUs."""
    for program in loops:
        program.start()
        program.stop()


def test_groups_and_reload(tmp_path):
    with NodeAgent(tmp_path, settings(STRICT, LAX)) as agent, \
         loop_called(tmp_path, "strict-1") as strict, \
         loop_called(tmp_path, "lax-1") as lax, loop_called(tmp_path, "lax-out") as out:
        for program in (strict, lax):
            agent.await_loops(program.pid)
        await_collections(agent, strict)
        run_script(strict, lax, out)
        await_collections(agent, strict)

        assert_expected(stalls(agent, strict))
        assert stalls(agent, lax) == {}
        assert pids_shown(agent) == {strict.pid, lax.pid}
        assert agent.value("loopscope_threshold_crossings_total") >= 1
        assert "thread strict-1" in agent.log.read_text()
        assert "thread lax-1" not in agent.log.read_text()

        before = agent.value("event_loop_iterations_total")
        agent.settings.update(settings(
            {**LAX, "exclude": [], "thresholds": {"blocking_ms": 40}}))
        agent.settings["attributes"] = {"resource": {"team": "shop"}}
        agent.file.write_text(json.dumps(agent.settings))
        agent.reload()
        servers.await_true(lambda: pids_shown(agent) == {lax.pid, out.pid}, "other targets")
        await_collections(agent, lax)
        assert teams(agent) == {"shop"}
        run_script(lax, out)
        await_collections(agent, lax)
        assert_expected(stalls(agent, lax))
        assert_expected(stalls(agent, out))
        assert agent.value("event_loop_iterations_total") > before / 2

        agent.file.write_text(json.dumps({**agent.settings, "check_interval_ms": "often"}))
        agent.process.send_signal(1)
        servers.await_true(
            lambda: agent.value("loopscope_config_reload_failures_total") == 1, "a bad reload")
        assert "check_interval_ms" in agent.log.read_text()
        assert_expected(stalls(agent, lax))
        agent.stop()


def test_wait_family(tmp_path):
    """Only waits of that family make a loop; another takes a restart, as the log says."""
    asked = {**settings({"name": "all"}), "wait_family": "poll"}
    with NodeAgent(tmp_path, asked) as agent, asyncio_loop("--poll") as polling, \
         asyncio_loop("--epoll") as other:
        run_script(polling, other)
        agent.await_loops(polling.pid)
        await_collections(agent, polling)
        shown = pids_shown(agent)
        assert polling.pid in shown and other.pid not in shown
        agent.settings["wait_family"] = "auto"
        agent.file.write_text(json.dumps(agent.settings))
        agent.reload()
        assert "wait_family" in agent.log.read_text()
        assert other.pid not in pids_shown(agent)
        agent.stop()
