# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Sample programs that count for themselves, and the lines they are spoken to in."""

import json
import subprocess
from pathlib import Path

import servers
from watch import BUILD

HERE = Path(__file__).parent
APPS = HERE.parent / "apps"


class Program:
    """Answers each line on stdin by one line on stdout: a word and JSON."""

    def __init__(self, *command, **options):
        self.command = command
        self.options = options

    def __enter__(self):
        self.context = servers.running(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **self.options
        )
        self.process = self.context.__enter__()
        self.pid = self.process.pid
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        return self.context.__exit__(*error)

    def hear(self, word):
        line = self.process.stdout.readline()
        said, _, rest = line.partition(" ")
        if said != word:
            raise RuntimeError(f"{self.command}: {line!r} instead of {word!r}")
        return json.loads(rest)

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def start(self):
        self.tell("start")
        return self.hear("started")

    def stop(self):
        self.tell("stop")
        return self.hear("stopped")


def built(name):
    return BUILD / "tests" / name
