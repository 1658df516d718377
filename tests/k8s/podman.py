# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Real containers of podman, with its storage where it belongs, as far as its own mounts show."""

import contextlib
import os
import subprocess
from pathlib import Path

import machine

STORAGE = "/var/lib/containers"
CONFIG = """
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[network]
network_config_dir = "{}/networks"
"""


class Podman:
    """A context: inside it containers run; on leaving it they are gone."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.cgroup = f"loopscope-test-podman-{os.getpid()}"

    def __enter__(self):
        (self.directory / "storage").mkdir()
        self.config = self.directory / "containers.conf"
        self.config.write_text(CONFIG.format(self.directory))
        with contextlib.ExitStack() as stack:
            stack.enter_context(machine.mount_points([STORAGE]))
            self.holder = stack.enter_context(subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", "-euc",
                 f"mount --bind '{self.directory}/storage' {STORAGE}; echo ready; exec cat"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))  # fmt: skip
            assert self.holder.stdout.readline() == "ready\n"
            stack.callback(machine.end_all, self.cgroup)
            stack.callback(self.podman, "rm", "--all", "--force", "--time=0")
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def inside(self, *command):
        """The command, as one that sees the containers' files."""
        return ["nsenter", f"--mount=/proc/{self.holder.pid}/ns/mnt", *map(str, command)]

    def podman(self, *arguments):
        done = subprocess.run(
            self.inside("podman", f"--runroot={self.directory}/run",
                        f"--tmpdir={self.directory}/tmp", *arguments),
            env={**os.environ, "CONTAINERS_CONF": str(self.config)}, check=True,
            stdout=subprocess.PIPE, text=True)  # fmt: skip
        return done.stdout.strip()

    def run(self, name, image, *arguments):
        """Its id, and the process id of what runs in it."""
        container_id = self.podman("run", "--detach", "--network=none", f"--name={name}",
                                   f"--cgroup-parent=/{self.cgroup}", *arguments,
                                   image)  # fmt: skip
        return container_id, int(self.podman("inspect", "--format={{.State.Pid}}", name))
