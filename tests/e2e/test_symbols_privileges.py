# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""loopscope-symbols, begun anew by an agent, may still read others' memory.

As root; with ambient capabilities, as the service has them; and with those of the files, as the
image has them: by then the agent has given up what it does not need, and can gain nothing.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import servers
from node_agent import NodeAgent
from otlp_sink import sink
from programs import APPS, Program
from received_logs import ReceivedLogs
from running import is_gone, symbols_of
from service_rights import (KEPT_TO_READ, OTHER_USER, USER, as_service, as_user,
                            service_directory, status)
from watch import BINARY

STALL_MS = 800
TO_READ = "cap_sys_ptrace,cap_dac_read_search"
FILE_CAPABILITIES = {"loopscope": f"cap_bpf,cap_perfmon,{TO_READ}",
                     "loopscope-agent": f"cap_bpf,cap_perfmon,{TO_READ}",
                     "loopscope-symbols": TO_READ}


@pytest.fixture
def directory(tmp_path):
    return service_directory(tmp_path)


def settings(endpoint):
    return {"targets": [{"name": "test", "include": [{"comm": "stalling"}]}],
            "thresholds": {"blocking_ms": 50},
            "export": {"interval_ms": 200, "otlp": {"endpoint": endpoint}}}


def with_root(directory):
    return (), BINARY


def with_ambient(directory):
    return as_service(), BINARY


def with_files(directory):
    """The image's."""
    for name, capabilities in FILE_CAPABILITIES.items():
        copy = shutil.copy(BINARY.parent / name, directory)
        subprocess.run(["setcap", f"{capabilities}=ep", copy], check=True)
    return as_user(USER), directory / BINARY.name


def is_named(record):
    attributes = {each.key: each.value.string_value for each in record.attributes}
    return attributes.get("code.file.path", "").endswith("/stall_works.py")


@pytest.mark.parametrize("way", [with_root, with_ambient, with_files])
def test_begun_anew(directory, way):
    """A sleep of another user's process: its memory is read, and given names."""
    received = ReceivedLogs()
    python = directory / "stalling"
    python.symlink_to(sys.executable)
    command, binary = way(directory)
    with sink(take_logs=received.take) as receiver, \
         Program(*as_user(OTHER_USER), python, APPS / "stall_loop.py") as loop, \
         NodeAgent(directory, settings(receiver.endpoint), command, binary) as agent:
        loop.hear("ready")
        loop.tell(f"stall sleep {STALL_MS}")  # and with it the loop is known
        loop.hear("stalled")
        agent.await_loops(loop.pid)
        (first,) = symbols_of(agent.pid)
        # the agent could not end another user's
        assert status(first, "Uid") == status(agent.pid, "Uid")
        os.kill(first, signal.SIGKILL)
        servers.await_true(lambda: is_gone(first), "loopscope-symbols to end")
        before = len(received.records)
        loop.tell(f"stall sleep {STALL_MS}")
        loop.hear("stalled")
        servers.await_true(lambda: any(map(is_named, received.records[before:])),
                           "a stall with names")
        (second,) = symbols_of(agent.pid)
        assert second != first
        for each in (agent.pid, second):  # neither leaves a core: what others had would be in it
            assert Path(f"/proc/{each}/maps").stat().st_uid == 0, status(each, "Name")
        for key, value in (("CapEff", KEPT_TO_READ), ("CapPrm", KEPT_TO_READ), ("CapInh", 0),
                           ("CapAmb", 0)):
            assert int(status(second, key), 16) == value, key
        agent.stop()
