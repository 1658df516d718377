# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A systemd of its own, in namespaces: it starts the service as it would on a machine."""

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest

import servers

HERE = Path(__file__).parent
PROGRAM = Path("/lib/systemd/systemd")
START_S = 20


def cgroup_mounts():
    """Of all hierarchies, v1 and v2."""
    lines = Path("/proc/self/mounts").read_text().splitlines()
    return [Path(line.split()[1]) for line in lines if line.split()[2] in ("cgroup", "cgroup2")]


class Cgroup:
    """One of its own in each hierarchy: that is all that systemd can touch then."""

    def __init__(self):
        name = f"loopscope-test-{os.getpid()}"
        self.directories = [mount / name for mount in cgroup_mounts()]

    def enter(self):
        for directory in self.directories:
            with contextlib.suppress(OSError):  # a cpuset without CPUs takes nobody
                directory.mkdir(exist_ok=True)
                (directory / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        for directory in filter(Path.is_dir, self.directories):
            for inner, _, _ in os.walk(directory, topdown=False):
                servers.await_true(lambda inner=inner: self.try_remove(inner), f"empty {inner}")

    @staticmethod
    def try_remove(directory):
        with contextlib.suppress(OSError):
            os.rmdir(directory)
        return not os.path.exists(directory)


class Systemd:
    """Skips the test where the machine does not let it be."""

    def __init__(self, dest, unit, log):
        self.command = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork",
                        "--kill-child", HERE / "boot_systemd.sh", dest, unit]
        self.log = log

    def __enter__(self):
        if not PROGRAM.exists():
            pytest.skip("systemd is not installed")
        self.cgroup = Cgroup()
        with open(self.log, "w") as log:
            self.outer = subprocess.Popen(list(map(str, self.command)), stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, preexec_fn=self.cgroup.enter)
        try:
            self.await_start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def await_start(self):
        end = time.monotonic() + START_S
        while self.outer.poll() is None and time.monotonic() < end:
            if self.run("systemctl", "list-units").returncode == 0:
                return
            time.sleep(0.1)
        pytest.skip("systemd cannot run in namespaces here: " + Path(self.log).read_text().strip())

    def pid(self):
        """Process 1, as seen from outside."""
        outer = self.outer.pid
        return Path(f"/proc/{outer}/task/{outer}/children").read_text().strip()

    def enter(self, *command):
        """The command, as one inside."""
        return ["nsenter", "--target", self.pid(), "--all", *map(str, command)]

    def run(self, *command):
        return subprocess.run(self.enter(*command), capture_output=True, text=True)

    def property(self, unit, name):
        return self.run("systemctl", "show", "--value", "--property", name, unit).stdout.strip()

    def __exit__(self, *_):
        self.outer.kill()  # and with it process 1, and with that all inside
        self.outer.wait()
        self.cgroup.remove()
