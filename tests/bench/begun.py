# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How long after a loop has been stuck for the threshold that is told, by the records' own times:
of loops that compute, that sleep, and that are stopped by SIGSTOP; NR_STALLS of each.
"""

import contextlib
import json
import os
import signal
import time

from iteration import loop_generator
from process import MeasurementFailed
from stalls import fitting_units

THRESHOLD_MS = 50
NR_STALLS = 60
NR_LOOPS = 6  # at once, of those that need no CPU
COMPUTING_UNITS = 75  # times 2 ms: 150 ms
ASLEEP_MS = 1300
STARTED_S = 0.02  # it computes then


def send(generator, command):
    generator.process.stdin.write(command + "\n")
    generator.process.stdin.flush()


def hear(generators):
    for generator in generators:
        generator.process.stdout.readline()


def compute(generators, units):
    for _ in range(NR_STALLS):
        generators[0].ask(f"compute 1 {units * COMPUTING_UNITS}")


def sleep(generators, _units):
    for _ in range(NR_STALLS // NR_LOOPS):
        for generator in generators:
            send(generator, f"sleep 1 {1000 * ASLEEP_MS}")
        hear(generators)


def stop(generators, units):
    """In the midst of a computation, no iteration of which is a stall by itself."""
    for _ in range(NR_STALLS // NR_LOOPS):
        for generator in generators:  # one at a time has the CPU
            send(generator, f"compute 60 {units}")
            time.sleep(STARTED_S)
            os.kill(generator.pid, signal.SIGSTOP)
        time.sleep(ASLEEP_MS / 1000)
        for generator in generators:
            os.kill(generator.pid, signal.SIGCONT)
            hear([generator])


def lateness_ms(log, state):
    """Of each stall, in order; those told only when they had ended count as missed."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    begun = [event for event in events if event["event"] == "begun"]
    cause = {"asleep": "syscall", "stopped": "other"}.get(state)
    if cause:
        begun = [event for event in begun if event["where"]["cause"] == cause]
    return sorted(event["age_ms"] - THRESHOLD_MS for event in begun)


def at(values, share):
    return values[min(len(values) - 1, int(share * len(values)))]


def figure(state, late_ms):
    if len(late_ms) < 0.8 * NR_STALLS:
        raise MeasurementFailed(f"{len(late_ms)} of {NR_STALLS} were told while they lasted")
    spread = {"p50": at(late_ms, 0.5), "p95": at(late_ms, 0.95), "max": late_ms[-1]}
    return {f"begun_{state}_p95_ms": {"value": spread["p95"],
                                      "from": {**spread, "stalls": len(late_ms)}}}


def measure(observers, build, cpu, progress):
    figures = {}
    with contextlib.ExitStack() as stack:
        generators = [stack.enter_context(loop_generator(build, cpu)) for _ in range(NR_LOOPS)]
        for generator in generators:  # that they wait for a CPU is no concern of this
            os.sched_setscheduler(generator.pid, os.SCHED_FIFO, os.sched_param(1))
        units = fitting_units(generators[0])
        pids = [generator.pid for generator in generators]
        for state, run in (("on_cpu", compute), ("asleep", sleep), ("stopped", stop)):
            progress(f"begun: {NR_STALLS} stalls {state.replace('_', ' ')}")
            with observers.stalls_told(pids, THRESHOLD_MS):
                run(generators, units)
            figures.update(figure(state, lateness_ms(observers.log_path, state)))
    return figures
