# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs a command of loopscope as a shell does, and reads what it says meanwhile."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import servers
from watch import BINARY

WAIT_S = 60


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def symbols_of(pid):
    """Its children that know names: others know pods, or read files."""
    return [child for child in children_of(pid)
            if Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"loopscope-symbols")]


def is_gone(pid):
    """Ended, reaped or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


class Running:
    """A context: the command in a process group of its own, and the lines that it says.

    `within` makes of it one that runs elsewhere.
    """

    def __init__(self, *arguments, env=None, binary=BINARY, within=lambda *command: command):
        self.command = [str(word) for word in within(binary, *arguments)]
        self.env = env
        self.lines, self.errors = [], []

    def __enter__(self):
        self.process = subprocess.Popen(self.command, env=self.env, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        start_new_session=True)  # fmt: skip
        self.readers = [threading.Thread(target=lambda s=stream, k=kept: k.extend(s), daemon=True)
                        for stream, kept in ((self.process.stdout, self.lines),
                                             (self.process.stderr, self.errors))]  # fmt: skip
        for reader in self.readers:
            reader.start()
        return self

    def __exit__(self, kind, *error):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join()

    def interrupt(self):
        """As Ctrl-C does it, to the whole group, in which no child is; the exit status."""
        children = children_of(self.process.pid)
        servers.await_true(lambda: all(os.getpgid(child) == child for child in children),
                           "the children to leave the group")
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait(children)

    def wait(self, children=()):
        status = self.process.wait(timeout=WAIT_S)
        assert all(is_gone(child) for child in children), self.command
        for reader in self.readers:
            reader.join()
        return status

    def pids(self, nr=None):
        """Of the loops in the last `nr` lines."""
        words = [line.split() for line in self.lines]
        return [int(word[1]) for word in words if word[0] != "TIME"][-nr if nr else None :]

    def await_pids(self, pids, nr=6):
        """No others in as many lines that come one after the other."""
        before = len(self.pids())

        def shown():
            assert self.process.poll() is None, self.errors
            return len(self.pids()) >= before + nr and set(self.pids(nr)) == pids

        servers.await_true(shown, f"{pids} instead of {self.lines[-10:]} {self.errors}")

    def await_error(self, words):
        servers.await_true(lambda: any(words in line for line in self.errors), words)


def top(*arguments, **options):
    return Running("top", "-i", "0.1", *arguments, **options)
