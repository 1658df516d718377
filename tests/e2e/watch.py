# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs `loopscope stat --json` beside a program and reads its report.

A Watch is a context: inside it loopscope watches. `finish()` interrupts it, as
Ctrl-C would, and returns a Report, of which every loop has been held against
the invariants that each report must keep.
"""

import json
import os
import queue
import signal
import subprocess
import threading
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", Path(__file__).parents[2] / "build")).resolve()
BINARY = Path(os.environ.get("LOOPSCOPE", BUILD / "loopscope"))

START_S = 60  # hangs end here; nothing waits this long
MOST_S = 600
CAUSES = ("cpu", "runqueue", "cpu_quota", "syscall", "page_fault", "lock", "other")


class Loop:
    """One line of the report."""

    def __init__(self, fields):
        self.fields = fields
        self.time_ms = fields["time_ms"]
        self.poll_ms = self.time_ms["poll"]
        self.busy_ms = sum(self.time_ms[cause] for cause in CAUSES)

    def __getitem__(self, key):
        return self.fields[key]

    def __repr__(self):
        return json.dumps(self.fields)

    def syscall(self, name):
        """(count, time in ms) of sleeps in a system call."""
        for row in self["syscalls"]:
            if row["name"] == name:
                return row["count"], row["time_ms"]
        return 0, 0.0

    def check(self):
        """What holds for every loop of every report, to 0.1 %."""
        wall = self["window_s"] * 1000
        assert abs(self.busy_ms + self.poll_ms - wall) <= wall / 1000 + 0.002, self
        assert abs(self["poll_ms"]["sum"] - self.poll_ms) <= wall / 1000 + 0.002, self
        if wall:
            assert abs(self["utilization"] - self.busy_ms / wall) <= 0.001, self
        asleep = sum(row["time_ms"] for row in self["syscalls"])
        named = self.time_ms["syscall"] + self.time_ms["lock"]
        assert abs(asleep - named) <= named / 1000 + 0.002, self
        for name in ("busy_ms", "lag_ms", "wake_delay_ms"):
            self.check_order(name)
        assert self["state"] != "poll" or not self["current_busy_ms"], self

    def check_order(self, name):
        values = [self[name][key] for key in ("p50", "p95", "p99", "max") if key in self[name]]
        if all(value is None for value in values):
            assert not self[name].get("count"), self
        else:
            assert None not in values and values == sorted(values), self


class Report:
    def __init__(self, output):
        *lines, last = [json.loads(line) for line in output.splitlines()]
        self.loops = [Loop(line) for line in lines]
        self.summary = last
        assert last["summary"] is True and last["loops"] == len(self.loops), output
        for loop in self.loops:
            loop.check()

    def check_nothing_lost(self):
        for key in ("records_lost", "loops_lost", "torn"):
            assert self.summary[key] == 0, self.summary

    def thread(self, tid):
        """The one loop of that thread; a process's main thread has its pid."""
        found = self.loops_of(tid)
        assert len(found) == 1, (tid, self.loops)
        return found[0]

    def loops_of(self, tid):
        """Those of a thread that changes the calls that it waits by, one after the other."""
        return [loop for loop in self.loops if loop["tid"] == tid]


class Watch:
    def __init__(self, *targets):
        self.command = [str(BINARY), "stat", "--json", "-d", str(MOST_S), *map(str, targets)]
        self.stderr = []
        self.stdout = subprocess.PIPE

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, stdout=self.stdout, stderr=subprocess.PIPE, text=True
        )
        watching = queue.Queue()
        self.reader = threading.Thread(target=self.read_stderr, args=(watching,), daemon=True)
        self.reader.start()
        if not watching.get(timeout=START_S):
            raise RuntimeError(f"{self.command}: {''.join(self.stderr)}")
        return self

    def read_stderr(self, watching):
        for line in self.process.stderr:
            self.stderr.append(line)
            if "watching" in line:
                watching.put(True)
        watching.put(False)

    def finish(self):
        self.process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self):
        """For a report that comes by itself, when the last target has ended."""
        output = self.process.stdout.read()
        self.process.wait(timeout=START_S)
        self.reader.join(timeout=START_S)
        if self.process.returncode:
            raise RuntimeError(f"{self.command}: {''.join(self.stderr)}")
        return Report(output)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
