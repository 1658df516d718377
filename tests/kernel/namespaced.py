# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a function `inside_...` of a test file in a pid namespace of its own, where nobody else
forks: so that a process can be given the number that is wanted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripted import ScriptedLoop

UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
LAST_PID = Path("/proc/sys/kernel/ns_last_pid")  # CONFIG_CHECKPOINT_RESTORE


def run_inside(file, function, **environment):
    if not LAST_PID.exists():
        pytest.skip("this kernel does not let pids be chosen")
    command = [*UNSHARE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    inner = subprocess.run(
        [*command, "-o", "python_functions=inside_*", f"{file}::{function}"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert inner.returncode == 0, inner.stdout


def scripted_loop_of_pid(pid, *scripts, **settings):
    """A ScriptedLoop that will be entered next, by a process of that number."""
    LAST_PID.write_text(str(pid - 1))
    return ScriptedLoop(*scripts, **settings)
