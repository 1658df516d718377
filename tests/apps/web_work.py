# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the web applications beside this file do when asked; all of it holds their loop."""

import json
import os
import time


def spin(ms):
    end = time.monotonic_ns() + ms * 1e6
    while time.monotonic_ns() < end:
        pass


WORKS = {
    "hello": lambda: None,
    "spin": lambda: spin(2),
    "hold": lambda: time.sleep(0.06),
}


def work(name):
    """Who did it, and how long it took, as a body of JSON."""
    begun = time.monotonic_ns()
    WORKS[name]()
    return json.dumps({"pid": os.getpid(), "took_ns": time.monotonic_ns() - begun})
