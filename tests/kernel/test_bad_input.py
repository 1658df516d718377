# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Whatever is wrong is told in one line that names it, and the exit status is not 0."""

import os
import subprocess
from pathlib import Path

import pytest

from scripted import HANG_S, ScriptedLoop
from watch import BINARY


def complaint(*arguments, prefix=()):
    """The one line on stderr of a command that must fail."""
    done = subprocess.run(
        [*prefix, BINARY, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=HANG_S,
        check=False,
    )
    assert done.returncode > 0, done
    assert done.stdout == "", done
    [line] = done.stderr.splitlines()
    return line


COMMANDS = [
    # arguments, what the line must name
    (["stat", "-p"], "-p"),
    (["stat", "--pid"], "--pid"),
    (["stat", "-p", "0"], "0"),
    (["stat", "-p", "-1"], "-1"),
    (["stat", "-p", "99999999999"], "99999999999"),
    (["stat", "-p", "4194305"], "4194305"),
    (["stat", "-p", "redis"], "redis"),
    (["stat", "-p", "12x"], "12x"),
    (["stat", "-p", ""], "pid"),
    (["stat", "-p", "2"], "kernel thread"),
    (["stat", "-p", "1", "--blocking-ms", "fast"], "fast"),
    (["stat", "-p", "1", "--blocking-ms", "0"], "0"),
    (["stat", "-p", "1", "--blocking-ms", "-5"], "-5"),
    (["stat", "-p", "1", "--blocking-ms", "nan"], "nan"),
    (["stat", "-p", "1", "--blocking-ms", "1e99"], "1e99"),
    (["stat", "-p", "1", "-d", "nan"], "nan"),
    (["stat", "-p", "1", "-d", "inf"], "inf"),
    (["stat", "-p", "1", "-d", "0"], "0"),
    (["stat", "-p", "1", "-d", "-1"], "-1"),
    (["stat", "-p", "1", "-d", "soon"], "soon"),
    (["stat", "-p", "1", "-d", "1s"], "1s"),
    (["stat", "-p", "1", "-d"], "-d"),
    (["stat", "-p", "1", "--frobnicate"], "--frobnicate"),
    (["stat", "-p", "1", "-Z"], "-Z"),
    (["stat", "-p", "1", "surplus"], "surplus"),
    (["stat", "--cgroup", "/nonexistent"], "/nonexistent"),
    (["stat", "--cgroup", "/tmp"], "/tmp"),
    (["stat", "--cgroup", ""], "cgroup"),
    (["stat", "--comm", ""], "''"),
    (["stat", "--comm", "a-name-longer-than-any-comm"], "15 characters"),
    (["stat", "--comm", "[a"], "[a"),
    (["stat", "--all=yes"], "--all"),
    (["stat", "--namespace", ""], "--namespace"),
    (["stat", "--pod", ""], "--pod"),
    (["stat", "--container", ""], "--container"),
    (["stat", "--container"], "--container"),
    (["top", "--pod-label", "app=web=1"], "app=web=1"),
    (["list", "--pod-label", "app in web"], "app in web"),
    (["stat", "--pod-label"], "--pod-label"),
    (["top", "-p", "0"], "0"),
    (["list", "surplus"], "surplus"),
    (["check", "--frobnicate"], "--frobnicate"),
    (["frobnicate"], "frobnicate"),
    (["16333"], "loopscope -p 16333"),
    (["stalls", "16333"], "-p 16333"),
    (["check", "16333"], "only options are"),
    (["stat", "-a", "-t", "100"], "--blocking-ms"),
    (["top", "--threshold=100"], "--blocking-ms"),
    (["-p", "0"], "0"),
]


@pytest.mark.parametrize("arguments, named", COMMANDS, ids=lambda value: str(value))
def test_command_line(arguments, named):
    assert named in complaint(*arguments)


def test_no_target():
    assert "--pid" in complaint("stat")


def test_pid_has_ended():
    process = subprocess.Popen(["true"])
    process.wait()
    assert "no such process" in complaint("stat", "-p", process.pid)


def test_thread_is_no_process():
    with ScriptedLoop("", "") as program:
        thread = program.threads()[1]
        assert str(thread) in complaint("stat", "-p", thread)


# what is dropped, and what the line must name
PRIVILEGES = [
    (["bpf", "sys_admin"], "CAP_BPF"),
    (["perfmon", "sys_admin"], "CAP_PERFMON"),
    (["bpf", "perfmon", "sys_admin"], "CAP_BPF"),
]


def dropping(*capabilities):
    dropped = ",".join(f"-{name}" for name in capabilities)
    return ["setpriv", "--bounding-set", dropped, "--inh-caps", dropped]


@pytest.mark.parametrize("capabilities, named", PRIVILEGES, ids=["bpf", "perfmon", "both"])
def test_missing_capability(capabilities, named):
    with ScriptedLoop("") as program:
        line = complaint("stat", "-p", program.pid, prefix=dropping(*capabilities))
    assert named in line


def test_unprivileged_user(tmp_path_factory):
    """A copy, for the build directory may not be everybody's to read."""
    copy = Path("/tmp") / f"loopscope-test-{os.getpid()}"
    copy.write_bytes(BINARY.read_bytes())
    copy.chmod(0o755)
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    try:
        done = subprocess.run(
            [*prefix, copy, "stat", "-p", "1", "-d", "1"],
            capture_output=True,
            text=True,
            timeout=HANG_S,
            check=False,
        )
    finally:
        copy.unlink()
    assert done.returncode > 0
    [line] = done.stderr.splitlines()
    assert "CAP_BPF" in line
