# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs `loopscope stalls --json` beside a program, and keeps what it says with the time it came.

    with StallsWatch("-p", pid) as watch:
        before = len(watch.events)
        ... a stall ...
        ended = watch.await_event("ended", pid, before)
"""

import json
import signal
import subprocess
import threading
import time

import servers
from watch import BINARY, START_S

THRESHOLD_MS = 50


class StallsWatch:
    def __init__(self, *targets, threshold_ms=THRESHOLD_MS, binary=BINARY):
        words = (binary, "stalls", "-t", threshold_ms, "--json", *targets)
        self.command = [str(word) for word in words]
        self.events, self.said = [], []

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True,
                                        preexec_fn=servers.go_first)  # fmt: skip
        self.readers = [threading.Thread(target=each, daemon=True)
                        for each in (self.read_events, self.read_errors)]  # fmt: skip
        for reader in self.readers:
            reader.start()
        servers.await_true(self.is_watching, self.command)
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=START_S)
        for reader in self.readers:
            reader.join(timeout=START_S)

    def is_watching(self):
        assert self.process.poll() is None, (self.command, self.said)
        return any("watching" in line for line in self.said)

    def read_events(self):
        for line in self.process.stdout:
            event = json.loads(line)
            event["came_ns"] = time.monotonic_ns()
            self.events.append(event)

    def read_errors(self):
        for line in self.process.stderr:
            self.said.append(line)

    def of_thread(self, tid, since=0):
        return [event for event in self.events[since:] if event.get("tid") == tid]

    def find(self, name, tid, since, at_least_ms):
        key = "duration_ms" if name == "ended" else "age_ms"
        for event in self.of_thread(tid, since):
            if event.get("event") == name and event[key] >= at_least_ms:
                return event
        return None

    def await_event(self, name, tid, since=0, at_least_ms=0):
        """The first such one among those after `since`: of so long a stall, or so old a one."""

        def heard():
            assert self.process.poll() is None, (self.command, self.said)
            return self.find(name, tid, since, at_least_ms)

        told = f"{name} of {tid} after {at_least_ms:.0f} ms"
        return servers.await_true(heard, f"not heard: {told}")

    def finish(self):
        """As Ctrl-C does it; the exit status."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=START_S)
        for reader in self.readers:
            reader.join(timeout=START_S)
        return status
