# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs brief_loops, and holds a report against what its loops say of themselves."""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", Path(__file__).parents[2] / "build")).resolve()
PROGRAM = BUILD / "tests/brief_loops"


class BriefLoops:
    """with BriefLoops("storm", 10, 2) as program: program.run()"""

    def __init__(self, *arguments):
        self.command = [str(PROGRAM), *map(str, arguments)]

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self.process.pid
        assert self.process.stdout.readline() == "ready\n"
        return self

    def say(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def run(self):
        """What each loop said of itself; all of them have ended."""
        self.say()
        loops = []
        for line in self.process.stdout:
            if line == "done\n":
                break
            loops.append(json.loads(line))
        return loops

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def counted(loop):
    return loop["pid"], loop["tid"], loop["iterations"], loop["events"], loop["sleeps"]


def reported(loop):
    sleeps, _ = loop.syscall("clock_nanosleep")
    return loop["pid"], loop["tid"], loop["iterations"], loop["events"], sleeps


def check_brief(report, loops):
    """Each loop is there once, with what it did and nothing of another's."""
    report.check_nothing_lost()
    wrong = Counter(map(reported, report.loops))
    wrong.subtract(map(counted, loops))
    assert not +wrong and not -wrong, (+wrong, -wrong)
    for loop in report.loops:
        # not the last one, if its thread was kept waiting for long after it closed its descriptor
        assert loop["iterations"] - loop["busy_ms"]["count"] in (0, 1), loop
