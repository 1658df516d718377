# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Boots a guest and reads what it leaves.

The first serial port is the console. Through the second the guest sends a tar
archive for each check as it ends, so that a guest that hangs, or crashes, has
told everything up to there.

Debian 12's QEMU 7.2 emulates two things wrong that a kernel relies on. The flags
after cmpxchg16b are rubbish: the CPU goes without. Instructions patched on one
CPU may still run on another as they were, which kernels do as probes come and
go: all CPUs share one thread.
"""

import json
import subprocess
import tarfile
from pathlib import Path

MOST_S = 600  # a guest that takes longer hangs; a minute is usual


class Results:
    """What one guest left: the files of each check by name."""

    def __init__(self, kernel, directory, timed_out):
        self.kernel = kernel
        self.timed_out = timed_out
        self.console = (directory / "console").read_text(errors="replace")
        self.files = {}
        try:
            # each archive ends with zeros, and the next one follows
            with tarfile.open(directory / "results", ignore_zeros=True) as archive:
                for member in archive:
                    if member.isfile():
                        self.files[member.name] = archive.extractfile(member).read()
        except tarfile.ReadError:
            pass  # cut off: the check that is missing says so

    def end(self):
        """How it ended, for whoever misses something."""
        how = "took too long, and was stopped" if self.timed_out else "ended"
        tail = "\n".join(self.console.splitlines()[-30:])
        return f"the guest ({self.kernel.name}) {how}; its console's last lines:\n{tail}"

    def text(self, check, name):
        path = f"{check}/{name}"
        assert path in self.files, f"no {path}: {self.end()}"
        return self.files[path].decode(errors="replace")

    def status(self, check, name="status"):
        return int(self.text(check, name))

    def lines(self, check, name):
        return self.text(check, name).splitlines()

    def json_lines(self, check, name):
        return [json.loads(line) for line in self.lines(check, name) if line.startswith("{")]


def run(kernel, directory, options, most_s=MOST_S):
    command = [
        "qemu-system-x86_64",
        *("-accel", "tcg,thread=single", "-cpu", "max,-cx16", "-smp", "2"),
        *("-nodefaults", "-no-reboot", "-display", "none"),
        *("-serial", f"file:{directory}/console", *options),
    ]
    timed_out = False
    with open(Path(directory) / "qemu", "w") as log:
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                           timeout=most_s, check=True)
        except subprocess.TimeoutExpired:
            timed_out = True
    return Results(kernel, Path(directory), timed_out)


def boot(kernel, image, initramfs, directory):
    checks = "watch" if kernel.watches else "refuse"
    return run(kernel, directory, [
        *("-m", "1024", "-serial", f"file:{directory}/results"),
        *("-kernel", str(image), "-initrd", str(initramfs)),
        # what the kernel does not know it hands to init, as environment
        *("-append", f"console=ttyS0 quiet panic=-1 checks={checks} {kernel.options}"),
    ])
