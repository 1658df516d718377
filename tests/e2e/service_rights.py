# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The user and the capabilities that the service's unit gives the agent, without systemd."""

import os
import re
from pathlib import Path

from make import ROOT

UNIT = ROOT / "configs" / "systemd" / "loopscope-agent.service"
USER, OTHER_USER = 65533, 65534
KEPT = 0  # bits of CapEff
for number in (39, 38, 19, 2):  # bpf, perfmon, sys_ptrace, dac_read_search
    KEPT |= 1 << number
KEPT_TO_READ = 1 << 19 | 1 << 2


def values(key):
    """All words of a key of the unit, in order."""
    lines = UNIT.read_text().splitlines()
    return [word for line in lines if line.startswith(f"{key}=")
            for word in line.partition("=")[2].split()]


def as_user(user):
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def as_service():
    """As User= and AmbientCapabilities= make it."""
    names = ",".join("+" + word.removeprefix("CAP_").lower()
                     for word in values("AmbientCapabilities"))
    return [*as_user(USER), "--no-new-privs", f"--inh-caps={names}", f"--ambient-caps={names}",
            f"--bounding-set=-all,{names}"]


def service_directory(parent):
    """That the service owns, as RuntimeDirectory= would be: it may write files in it."""
    directory = parent / "run"
    directory.mkdir()
    os.chown(directory, USER, USER)
    return directory


def status(pid, key):
    text = Path(f"/proc/{pid}/status").read_text()
    return re.search(rf"^{key}:\s+(\w+)", text, re.MULTILINE)[1]
