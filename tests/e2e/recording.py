# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs `loopscope record` beside programs, and `loopscope report` on what it has written."""

import contextlib
import json
import struct
import subprocess
import sys

import programs
import servers
from watch import BINARY, START_S, Report, Watch

STUCK = """
import select, sys, time
loop = select.epoll()
loop.register(sys.stdin)
print("ready {}", flush=True)
time.sleep(1000)
"""

HEAD = 24  # bytes of the file's head, and of a chunk's
AT_STORED_BYTES = 16

# A shell in which nothing is left of this machine, and nothing of root's rights.
ELSEWHERE = """
hostname elsewhere && mount -t tmpfs none /proc && mount -t tmpfs none /sys &&
exec setpriv --bounding-set=-all --inh-caps=-all "$@"
"""


class Record(Watch):
    """A Watch whose report comes as text too, as it was printed."""

    def __init__(self, path, *options, json_too=True):
        super().__init__()
        self.json_too = json_too
        form = ["--json"] if json_too else []
        self.command = [str(BINARY), "record", "-o", str(path), *form, *map(str, options)]

    def wait(self):
        self.output = self.process.stdout.read()
        self.process.wait(timeout=START_S)
        self.reader.join(timeout=START_S)
        if self.process.returncode:
            raise RuntimeError(f"{self.command}: {''.join(self.stderr)}")
        return Report(self.output) if self.json_too else self.output


def report(*arguments, elsewhere=False, **options):
    """The finished process."""
    command = [str(BINARY), "report", *map(str, arguments)]
    if elsewhere:
        command = ["unshare", "--mount", "--uts", "sh", "-c", ELSEWHERE, "sh", *command]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=START_S, check=False, **options
    )


def read_partly(path):
    """The report of a recording that has no end, or that something is wrong with, and the error;
    no loops while nothing of it can be read."""
    result = report("--json", path)
    assert result.returncode == 1, result
    return (Report(result.stdout).loops if result.stdout else []), result.stderr


def compared(before, after):
    """The lines of the comparison, and the summary."""
    result = report("--json", before, after)
    assert result.returncode == 0, result.stderr
    *loops, summary = [json.loads(line) for line in result.stdout.splitlines()]
    return loops, summary


def size_of_beginning(path):
    """Head, and description of the host."""
    with open(path, "rb") as file:
        chunk = file.read(2 * HEAD)[HEAD:]
    return 2 * HEAD + struct.unpack_from("<I", chunk, AT_STORED_BYTES)[0]


@contextlib.contextmanager
def demo():
    """Its pid, and a function that asks it for a page."""
    command = [BINARY, "demo", "--no-traffic"]
    with servers.running(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[-1]
        yield process.pid, lambda path: servers.urllib.request.urlopen(url + path).read()


@contextlib.contextmanager
def stuck():
    """A program whose loop has not waited, and does not."""
    with programs.Program(sys.executable, "-c", STUCK) as program:
        program.hear("ready")
        yield program.pid
        program.process.terminate()
