# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What holds up a loop of Python's: each work in a function of its own, to be named.

Lines that a stall may be told to be at have, or lie between, comments `culprit: NAME`.
GIL_HOLDER names the directory of the extension gil_holder, SLOW_URL a server that takes
the milliseconds after the URL to answer.
"""

import json
import os
import queue
import sys
import threading
import time
from functools import cache


@cache
def text_of_50_mb():
    return "[" + ",".join(["1234567890"] * (50_000_000 // 11)) + "]"


class Holder(threading.Thread):
    """A thread that keeps the GIL to itself, in C, for as long as it is asked to."""

    def __init__(self):
        super().__init__(daemon=True)
        self.jobs = queue.SimpleQueue()
        self.holds = False

    def run(self):
        with open("/proc/thread-self/comm", "w") as comm:
            comm.write("gil-holder")
        sys.path.append(os.environ["GIL_HOLDER"])
        import gil_holder

        while True:
            ms = self.jobs.get()
            self.holds = True
            gil_holder.hold(ms)
            self.holds = False


@cache
def holder():
    thread = Holder()
    thread.start()
    return thread


def pause(ms):
    time.sleep(ms / 1000)  # culprit: sleep


def fetch(ms):
    import requests

    requests.get(os.environ["SLOW_URL"] + str(ms))  # culprit: requests


def count(ms):
    end = time.monotonic() + ms / 1000
    total = 0
    while time.monotonic() < end:  # culprit: loop
        total += 1  # culprit: loop


def parse(_):
    json.loads(text_of_50_mb())  # culprit: json


def compete(ms):
    rival = holder()
    rival.holds = False  # of the time before: it may not have come to that yet
    rival.jobs.put(ms)
    while not rival.holds:  # culprit: gil
        pass  # culprit: gil


WORKS = {"sleep": pause, "requests": fetch, "loop": count, "json": parse, "gil": compete}
PREPARED = {"json": text_of_50_mb, "gil": holder}


def prepare(name):
    """What takes time and is none of the stall's."""
    PREPARED.get(name, lambda: None)()
    if name == "requests":
        import requests

        assert requests


def work(name, ms):
    """When it began and ended, CLOCK_MONOTONIC in nanoseconds: a stall is somewhat longer."""
    begun = time.monotonic_ns()
    WORKS[name](ms)
    return {"begun": begun, "ended": time.monotonic_ns()}
