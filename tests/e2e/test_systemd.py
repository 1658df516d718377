# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The service: what is installed, what systemd says of it, and its life under systemd.

Where systemd cannot run, the agent gets the user and the capabilities that the
unit names from setpriv, and the filter of system calls is held against what it calls.
"""

import json
import os
import re
import shutil
import signal
import subprocess

import pytest

import servers
from make import ROOT, make
from node_agent import NodeAgent, Pages
from programs import Program, built
from service_rights import (KEPT, KEPT_TO_READ, OTHER_USER, UNIT, USER, as_service, as_user,
                            service_directory, status, values)
from systemd import Systemd

MOST_EXPOSURE = 25  # tenths; what systemd calls OK begins at 49


@pytest.fixture
def systemd_analyze():
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")

    def run(*words):
        result = subprocess.run(["systemd-analyze", "--no-pager", *words], capture_output=True,
                                text=True)
        assert result.returncode == 0, result.stdout + result.stderr
        return result
    return run


def test_install(tmp_path):
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    unit = tmp_path / "usr/lib/systemd/system/loopscope-agent.service"
    assert "ExecStart=/usr/bin/loopscope-agent --config /etc/loopscope/" in unit.read_text()
    assert os.access(tmp_path / "usr/bin/loopscope-agent", os.X_OK)
    settings = tmp_path / "etc/loopscope/loopscope.yaml"
    assert settings.read_bytes() == (ROOT / "configs/loopscope.yaml").read_bytes()

    settings.write_text("log: {level: debug}\n")
    make("install", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    assert settings.read_text() == "log: {level: debug}\n"
    make("uninstall", f"DESTDIR={tmp_path}", "PREFIX=/usr")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [settings]


def test_systemd_accepts_it(tmp_path, systemd_analyze):
    make("install", f"PREFIX={tmp_path}/usr", f"SYSCONFDIR={tmp_path}/etc")
    unit = tmp_path / "usr/lib/systemd/system/loopscope-agent.service"
    said = systemd_analyze("verify", "--man=no", "--recursive-errors=no", unit)
    assert not said.stderr
    systemd_analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSURE}", unit)


@pytest.fixture
def directory(tmp_path):
    return service_directory(tmp_path)


SETTINGS = {"export": {"to": "none", "interval_ms": 200}}


def test_least_capabilities(directory):
    """Of a process of another user it reads the executable and the environment."""
    other_user = [*as_user(OTHER_USER), "env", "OTEL_SERVICE_NAME=of-another-user",
                  built("uv_loop"), "timers"]
    assert values("AmbientCapabilities") == values("CapabilityBoundingSet")
    with NodeAgent(directory, SETTINGS, as_service()) as agent, Program(*other_user) as program:
        program.hear("ready")
        program.start()
        for key in ("CapPrm", "CapEff", "CapBnd"):
            assert int(status(agent.pid, key), 16) == KEPT, key
        for key in ("CapInh", "CapAmb"):
            assert int(status(agent.pid, key), 16) == 0, key
        assert status(agent.pid, "Uid") == str(USER)
        labels = agent.await_loops(program.pid)[0].labels
        assert labels["service_name"] == "of-another-user"
        assert labels["process_executable_name"] == "uv_loop"
        agent.stop()


def test_capabilities_are_dropped(tmp_path):
    """Started as root, it keeps no more."""
    with NodeAgent(tmp_path, SETTINGS) as agent, Program(built("uv_loop"), "timers") as program:
        program.hear("ready")
        program.start()
        for key in ("CapPrm", "CapEff", "CapBnd"):
            assert int(status(agent.pid, key), 16) == KEPT, key
        assert agent.await_loops(program.pid)
        agent.stop()


def calls_of(name, systemd_analyze):
    """What a name in SystemCallFilter= stands for: a call, or a set that may hold others."""
    if not name.startswith("@"):
        return {name}
    lines = systemd_analyze("syscall-filter", name).stdout.splitlines()[1:]
    names = [line.strip() for line in lines if line.strip() and "#" not in line]
    return set().union(*(calls_of(inner, systemd_analyze) for inner in names))


def allowed_calls(systemd_analyze):
    allowed = set()
    for line in UNIT.read_text().splitlines():
        if line.startswith("SystemCallFilter="):
            words = line.partition("=")[2]
            calls = set().union(*(calls_of(word, systemd_analyze)
                                  for word in words.removeprefix("~").split()))
            allowed = allowed - calls if words.startswith("~") else allowed | calls
    return allowed


def test_system_calls(directory, systemd_analyze):
    """Of a whole life: start, watching, scrapes, reload, end."""
    log = directory / "strace"
    command = [*as_service(), "strace", "-D", "-f", "-qq", "-o", log]
    with NodeAgent(directory, SETTINGS, command) as agent, \
         Program(built("uv_loop"), "timers") as program:
        program.hear("ready")
        program.start()
        agent.await_loops(program.pid)
        agent.reload()
        agent.stop()
    used = set(re.findall(r"^\d+\s+(\w+)\(", log.read_text(), re.MULTILINE))
    assert {"bpf", "epoll_wait", "capset"} <= used
    assert used <= allowed_calls(systemd_analyze)


DROP_IN = """
[Unit]
DefaultDependencies=no
[Service]
StandardError=file:/run/agent.log
WatchdogSec=2
RestartSec=0
"""
SERVICE = "loopscope-agent.service"


@pytest.fixture
def machine(tmp_path):
    """With the service installed, and running."""
    dest = tmp_path / "dest"
    make("install", f"DESTDIR={dest}")
    drop_in = dest / f"etc/systemd/system/{SERVICE}.d/test.conf"
    drop_in.parent.mkdir(parents=True)
    drop_in.write_text(DROP_IN)
    port = servers.free_port()
    settings = dest / "etc/loopscope/loopscope.yaml"
    settings.write_text(json.dumps({"export": {"to": "none"},
                                    "prometheus": {"listen": f"127.0.0.1:{port}"}}))
    settings.chmod(0o600)
    (dest / "etc/loopscope/environment").write_text("OTEL_METRIC_EXPORT_INTERVAL=200\n")
    with Systemd(dest, SERVICE, tmp_path / "systemd.log") as inside:
        inside.pages = Pages(port)
        servers.await_true(lambda: inside.property(SERVICE, "ActiveState") == "active",
                           "the service to start")
        yield inside


def check_symbols(machine, main):
    """The program that reads others' files: by the two capabilities for that, and no more."""
    children = machine.run("cat", f"/proc/{main}/task/{main}/children").stdout.split()
    texts = [machine.run("cat", f"/proc/{child}/status").stdout for child in children]
    (inside,) = [text for text in texts if text.startswith("Name:\tloopscope-symbo\n")]
    for key, value in (("CapEff", f"{KEPT_TO_READ:016x}"),
                       ("CapPrm", f"{KEPT_TO_READ:016x}"), ("CapInh", "0" * 16),
                       ("CapAmb", "0" * 16), ("NoNewPrivs", "1"), ("Seccomp", "2")):
        assert re.search(rf"^{key}:\s+{value}$", inside, re.MULTILINE), inside


def test_service(machine):
    """Told when it is ready; of a user of its own; reloads; is alone; restarts; ends well."""
    main = machine.property(SERVICE, "MainPID")
    inside = machine.run("cat", f"/proc/{main}/status").stdout
    for key, value in (("CapEff", f"{KEPT:016x}"), ("CapAmb", "0" * 16), ("NoNewPrivs", "1"),
                       ("Seccomp", "2")):
        assert re.search(rf"^{key}:\s+{value}$", inside, re.MULTILINE), inside
    assert not re.search(r"^Uid:\s+0\b", inside, re.MULTILINE), inside
    check_symbols(machine, main)

    theirs = machine.enter("setpriv", f"--reuid={OTHER_USER}", "--clear-groups", "env",
                           "OTEL_SERVICE_NAME=theirs", built("uv_loop"), "timers")
    with Program(*theirs) as program:
        program.hear("ready")
        program.start()
        machine.pages.await_loops(service_name="theirs", process_executable_name="uv_loop")

    assert machine.run("systemctl", "reload", SERVICE).returncode == 0
    servers.await_true(lambda: machine.pages.value("loopscope_config_reloads_total"), "a reload")

    second = machine.run("loopscope", "agent", "--config", "/etc/loopscope/loopscope.yaml")
    assert second.returncode == 1
    assert f"another agent (pid {main}) holds /run/loopscope/agent.lock" in second.stderr

    machine.run("kill", f"-{signal.SIGSTOP.value}", main)  # it hangs: the watchdog sees to it
    servers.await_true(lambda: machine.property(SERVICE, "NRestarts") == "1"
                       and machine.property(SERVICE, "ActiveState") == "active", "a restart")
    assert machine.property(SERVICE, "MainPID") != main

    assert machine.run("systemctl", "stop", SERVICE).returncode == 0
    assert machine.property(SERVICE, "Result") == "success"
    assert machine.property(SERVICE, "ExecMainStatus") == "0"
