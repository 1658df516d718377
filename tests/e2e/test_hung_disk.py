# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A loop whose program lies on a file system that hangs: it is shown, as are all others."""

import contextlib
import json
import os
import shutil
import signal
from pathlib import Path

import pytest
import servers
from node_agent import NodeAgent
from running import Running
from slow_parts import hanging_disk

REDIS = ("--bind", "127.0.0.1", "--save", "")


@contextlib.contextmanager
def redis_from(path):
    """Its pid, once it has gone round some times: it needs no more of its file then."""
    port = servers.free_port()
    with servers.running([path, "--port", port, *REDIS]) as process:
        client = servers.redis.Redis(port=port)

        def answers():
            with contextlib.suppress(servers.redis.ConnectionError):
                return client.info()["uptime_in_seconds"] >= 1
            return False

        servers.await_true(answers, "redis-server does not answer")
        client.close()
        yield process.pid


def apart():
    """Children that read others' files, of whoever."""
    found = set()
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if comm.read_text() == "loopscope-apart\n":
                found.add(comm.parent.name)
    return found


@pytest.fixture
def loops(tmp_path):
    """Pids of two loops: one whose file cannot be read, and one like all others."""
    before = apart()
    source = tmp_path / "source"
    source.mkdir()
    shutil.copy(shutil.which("redis-server"), source / "loop")
    hang = tmp_path / "hang"
    with hanging_disk(source, tmp_path / "disk", hang), \
         redis_from(tmp_path / "disk" / "loop") as hung, \
         redis_from("redis-server") as other:  # fmt: skip
        hang.touch()
        try:
            yield hung, other
        finally:
            hang.unlink()
    servers.await_true(lambda: apart() <= before, "children are left behind")


def interrupted(command):
    """As Ctrl-C does it; its children, of which one cannot end, are not waited for."""
    os.killpg(command.process.pid, signal.SIGINT)
    return command.process.wait(timeout=servers.PATIENCE_S)


def runtimes(lines):
    told = [json.loads(line) for line in lines]
    return {loop["pid"]: loop["runtime"] for loop in told if "pid" in loop}


@pytest.mark.parametrize("words", [("list",), ("stat", "-d", "2")])
def test_others_are_told(loops, words):
    hung, other = loops
    with Running(*words, "--json", "-p", hung, "-p", other) as command:
        assert command.wait() == 0, command.errors
    assert runtimes(command.lines) == {hung: None, other: "redis"}, command.lines
    assert any("did not answer in time" in line for line in command.errors), command.errors


def test_explained(loops):
    hung, other = loops
    with Running("list", "--explain", hung, "--json") as command:
        assert command.wait() == 0, command.errors
    (told,) = map(json.loads, command.lines)
    assert told["runtime"] is None and "does not answer" in json.dumps(told), told
    assert any(thread["loop"] for thread in told["threads"]), told


@pytest.mark.parametrize("words", [("stat",), ("stalls", "-t", "50")])
def test_it_ends_when_told_to(loops, words):
    with Running(*words, *(word for pid in loops for word in ("-p", pid))) as command:
        command.await_error("watching")
        assert interrupted(command) == 0, command.errors


def test_agent(loops, tmp_path):
    hung, other = loops
    group = {"name": "both", "include": [{"comm": "loop"}, {"comm": "redis-server"}]}
    with NodeAgent(tmp_path, {"targets": [group], "export": {"to": "none"}}) as agent:
        for pid in (other, hung):
            agent.await_loops(pid)
        agent.stop()
        assert "does not answer in time" in agent.log.read_text()
