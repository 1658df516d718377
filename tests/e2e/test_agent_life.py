# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent's life: one on a machine, and new settings under load."""

import json
import signal
import subprocess
import threading
import time

import servers
import wait_log
from node_agent import NodeAgent
from otlp_sink import sink
from watch import BINARY

INTERVAL_MS = 250
TARGETS = [{"name": "test", "include": [{"comm": "redis-server"}]}]


def test_a_second_agent_says_so(tmp_path):
    with NodeAgent(tmp_path, {"export": {"to": "none", "interval_ms": INTERVAL_MS}}) as agent:
        command = [BINARY, "agent", "--config", agent.file]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert result.returncode == 1
        assert str(tmp_path / "agent.lock") in result.stderr
        assert str(agent.pid) in result.stderr
        assert agent.process.poll() is None
        agent.stop()


def test_missing_rights_are_told_before_the_lock():
    command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all",
               BINARY, "agent", "--set", "agent.lock_file=/proc/agent.lock"]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "CAP_BPF and CAP_PERFMON missing" in result.stderr, result.stderr
    assert "lock" not in result.stderr, result.stderr


def test_stop_while_exporting(tmp_path):
    """An export that is under way when the agent is to stop does not stand in for the last one."""
    released = threading.Event()
    with sink(lambda _: released.wait(servers.PATIENCE_S)) as receiver, \
         NodeAgent(tmp_path, {"export": {"interval_ms": INTERVAL_MS,
                                         "otlp": {"endpoint": receiver.endpoint}}}) as agent:
        servers.await_true(lambda: agent.value("loopscope_export_attempts_total") == 1,
                           "no export is under way")
        agent.process.send_signal(signal.SIGTERM)
        servers.await_true(lambda: "stopping" in agent.log.read_text(), "it does not stop")
        released.set()
        assert receiver.wait(lambda requests: len(requests) == 2, servers.PATIENCE_S)
        agent.stop()
        assert "export works again" not in agent.log.read_text(), "it had not failed"


def test_reload_under_load(tmp_path, figures):
    """Good files and bad ones come and go under load: no counter loses or goes back."""
    directory = tmp_path / "redis"
    directory.mkdir()
    options = {"targets": TARGETS, "export": {"to": "none", "interval_ms": INTERVAL_MS}}
    with servers.Redis(directory).serve() as server, NodeAgent(tmp_path, options) as agent:
        agent.await_loops(server.pid)

        def missing():
            return waits(server).events - agent_events(agent, server)

        before = missing()  # what redis did before it was watched
        command = ["redis-benchmark", "-p", server.port, "-l", "-q", "-t", "get"]
        with servers.running(command, stdout=subprocess.DEVNULL):
            reload_often(agent, server, rounds=10)
        servers.await_true(lambda: is_quiet(server), "redis does not come to rest")
        servers.await_true(lambda: missing() <= before, "events are missing")
        figures.near("events missing", missing(), before, source="before the load")
        agent.stop()


def reload_often(agent, server, rounds):
    events = 0
    for number in range(rounds):
        bad = number % 2
        changes = {"check_interval_ms": "often"} if bad else {"check_interval_ms": 50 + number}
        agent.file.write_text(json.dumps({**agent.settings, **changes}))
        name = "loopscope_config_reload" + ("_failures" if bad else "s") + "_total"
        before = agent.value(name)
        agent.process.send_signal(signal.SIGHUP)
        servers.await_true(lambda: agent.value(name) > before, f"{name} does not grow")
        now = agent_events(agent, server)
        assert now >= events
        events = now
    log = agent.log.read_text()
    assert f"{agent.file}:1:" in log and "check_interval_ms" in log, log


def agent_events(agent, server):
    return sum(
        sample.value
        for sample in agent.metrics()
        if sample.name == "event_loop_events_total"
        and sample.labels.get("process_pid") == str(server.pid)
    )


def is_quiet(server):
    before = waits(server).events
    time.sleep(0.3)
    return waits(server).events == before


def waits(server):
    return wait_log.read(server.logs, server.pid, server.pid)
