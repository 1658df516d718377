# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a node takes of this machine, and that it is all given back.

Everything that is started for a node is in a cgroup of that name, or in the kubelet's
`kubepods`: whatever is in these is ended, and nothing else.
"""

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import threading
import time
from pathlib import Path

import pytest
import servers
from systemd import cgroup_mounts

OURS = "loopscope-test-node"
PODS = "kubepods"  # the kubelet's name
LOCK = Path("/run/lock/loopscope-test-node")
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
PROGRAMS = ("containerd", "ctr", "runc", "ip", "nsenter", "unshare", "iptables", "conntrack",
            "openssl")  # fmt: skip

libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """Why no node can be here, or None."""
    if os.geteuid() != 0:
        return "a node needs root"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        return f"not installed: {', '.join(missing)}; scripts/install-deps.sh k8s does"
    if not Path("/usr/lib/cni/bridge").exists():
        return "no CNI plugins in /usr/lib/cni: scripts/install-deps.sh k8s installs them"
    return None


def directories(name):
    return [mount / name for mount in cgroup_mounts() if (mount / name).is_dir()]


def pids_in(name):
    pids = set()
    for directory in directories(name):
        for procs in directory.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):
                pids.update(map(int, procs.read_text().split()))
    return pids - {0, os.getpid()}


def end_all(name):
    """Kills what is in the cgroup, until nothing is, and removes it."""

    def ended():
        for pid in pids_in(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not pids_in(name)

    servers.await_true(ended, f"an empty cgroup {name}")
    for directory in directories(name):
        for inner, _, _ in os.walk(directory, topdown=False):
            servers.await_true(lambda inner=inner: try_remove(inner), f"an empty {inner}")


def try_remove(directory):
    with contextlib.suppress(OSError):
        os.rmdir(directory)
    return not os.path.exists(directory)


def enter_ours():
    """Between fork and exec. It ends with this program, however that ends."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for mount in cgroup_mounts():
        with contextlib.suppress(OSError):  # a cpuset without CPUs takes nobody
            (mount / OURS).mkdir(exist_ok=True)
            (mount / OURS / "cgroup.procs").write_text(str(os.getpid()))


@contextlib.contextmanager
def reserved():
    """One node at a time; what one that was cut off has left is removed first."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with open(LOCK, "a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        if lock.read():
            end_all(OURS)
            end_all(PODS)
        elif directories(PODS):
            pytest.skip("there is a kubelet on this machine, or there was: cgroup /kubepods")
        lock.truncate(0)
        lock.write("in use\n")
        lock.flush()
        try:
            yield
        finally:
            end_all(OURS)
            end_all(PODS)
            lock.truncate(0)


@contextlib.contextmanager
def mount_points(paths):
    """These directories; those that were not there are removed again."""
    made = []
    for path in map(Path, paths):
        missing = [one for one in (path, *path.parents) if not one.exists()]
        made += reversed(missing)
        path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        for path in reversed(made):
            try_remove(path)


class NetworkNamespace:
    """That of a process: this thread's, and of what it starts, while entered."""

    def __init__(self, pid):
        self.there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        tid = threading.get_native_id()
        self.here = os.open(f"/proc/self/task/{tid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)

    @staticmethod
    def enter(descriptor):
        if libc.setns(descriptor, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")

    def __enter__(self):
        self.enter(self.there)
        return self

    def __exit__(self, *_):
        self.enter(self.here)
        os.close(self.there)
        os.close(self.here)


def await_slowly(condition, what, patience_s=120, step_s=0.1):
    """For conditions that cost something to look at, and that a node takes its time for."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(step_s)
    raise TimeoutError(what() if callable(what) else what)
