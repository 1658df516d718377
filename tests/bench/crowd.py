# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ten thousand loops at once, that are mostly idle."""

import contextlib
import subprocess

from process import MeasurementFailed, running

NR_PROCESSES = 10
LOOPS_EACH = 1000
NR_LOOPS = NR_PROCESSES * LOOPS_EACH
WAKES_PER_S = 1  # of each loop


@contextlib.contextmanager
def processes_of_loops(build, cpu, nr_processes, *each):
    """`each`: loops of a process, wakes a second of each, and idle threads."""
    command = [build / "tests/bench/loop_gen", "loops", *each]
    with contextlib.ExitStack() as stack:
        for number in range(nr_processes):
            process = stack.enter_context(running(
                command, cpu=cpu, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
            if process.stdout.readline() != "ready\n":
                raise MeasurementFailed(f"the loops of process {number} could not be started")
        yield


def crowd(build, cpu):
    return processes_of_loops(build, cpu, NR_PROCESSES, LOOPS_EACH, WAKES_PER_S, 0)
