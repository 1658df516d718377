# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads what wait_log.c writes: a program's own account of its wait calls."""

import mmap
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from watch import BUILD

LIBRARY = BUILD / "tests" / "wait_log.so"
LAYOUT = struct.Struct("=10Q")


@dataclass
class WaitLog:
    now_ns: int
    iterations: int
    events: int
    poll_ns: int
    busy_ns: int
    busy_max_ns: int
    stalls: int


def environment(directory):
    """What a program needs in its environment to be logged below `directory`."""
    return {**os.environ, "LD_PRELOAD": str(LIBRARY), "WAIT_LOG_DIR": str(directory)}


def threads(directory, family="epoll"):
    """The threads that have logged calls of that family there, as (pid, tid)."""
    names = (path.name.split(".") for path in Path(directory).iterdir())
    return sorted((int(pid), int(tid)) for pid, tid, called in names if called == family)


def read(directory, pid, tid, family="epoll"):
    """The account up to now, the open span included."""
    with open(Path(directory) / f"{pid}.{tid}.{family}", "rb") as file:
        with mmap.mmap(file.fileno(), LAYOUT.size, prot=mmap.PROT_READ) as view:
            while True:
                values = LAYOUT.unpack(view[:])
                now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
                if values[0] % 2 == 0 and values == LAYOUT.unpack(view[:]):
                    break
    _, _, mark, waiting, iterations, events, poll, busy, busy_max, stalls = values
    if not mark:  # made, and not yet written
        return WaitLog(now, 0, 0, 0, 0, 0, 0)
    if waiting:
        poll += now - mark
    else:
        busy += now - mark
    return WaitLog(now, iterations, events, poll, busy, busy_max, stalls)
