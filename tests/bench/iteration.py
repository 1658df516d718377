# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What an iteration, and a system call that is no wait, cost under each observer.

Rounds are interleaved, in rotating order, so that a slow minute of the machine
hits all observers alike; of each the fastest batch of all rounds counts. A
minimum is settled when a second round has come near it.
"""

import contextlib
import subprocess

from observers import Observers
from process import MeasurementFailed, rounds, running

NEAR = 1.03  # times the minimum
BUDGET_S = 150

# (name, who runs it: the watched loop or a process of no concern, what it runs)
LOADS = (
    ("ready", "watched", "ready 100 5000"),
    ("blocking", "watched", "blocking 100 2000"),
    ("getppid", "watched", "getppid 100 10000"),
    ("getppid_elsewhere", "elsewhere", "getppid 100 10000"),
    ("poll_client", "watched", "poll 100 5000"),
    ("poll_client_elsewhere", "elsewhere", "poll 100 5000"),
    ("answered_client", "watched", "answer 100 1000"),
    ("futex_client", "watched", "futex 100 1000"),
)
CLIENTS = [load for load, _, _ in LOADS if "client" in load]  # threads that are no loops


class LoopGenerator:
    """loop_gen serve: runs loads on command, always in the same thread."""

    def __init__(self, process):
        self.process = process
        self.pid = process.pid

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise MeasurementFailed(f"loop_gen did not answer: {command}")
        return float(answer)


@contextlib.contextmanager
def loop_generator(build, cpu):
    with running([build / "tests/bench/loop_gen", "serve"], cpu=cpu, stdin=subprocess.PIPE,
                 stdout=subprocess.PIPE, text=True) as process:
        yield LoopGenerator(process)


def settled(times):
    """Whether each minimum has been found twice."""
    for ns in (ns for observers in times.values() for ns in observers.values()):
        first, second = sorted(ns)[:2] if len(ns) > 1 else (0, 1)
        if second > NEAR * first:
            return False
    return True


def measure_times(observers, build, cpu, nr_rounds, progress):
    """ns of each load under each observer, by round: {load: {observer: [ns]}}."""
    times = {load: {name: [] for name in Observers.names} for load, _, _ in LOADS}
    with loop_generator(build, cpu) as watched, loop_generator(build, cpu) as elsewhere:
        generators = {"watched": watched, "elsewhere": elsewhere}
        observers.discover_hooks(watched.pid)
        for number in rounds(nr_rounds, BUDGET_S, lambda: settled(times)):
            progress(f"iterations: round {number + 1} of {nr_rounds}")
            turn = number % len(Observers.names)
            for name in Observers.names[turn:] + Observers.names[:turn]:
                with observers.observe(name, watched.pid):
                    for load, who, command in LOADS:
                        times[load][name].append(generators[who].ask(command))
    return times


def added_ratio(times, observer, reference):
    """Time that `observer` adds, in terms of what `reference` adds."""
    added = times[reference] - times["unwatched"]
    if added <= 0:
        raise MeasurementFailed(f"{reference} seems to cost nothing: {times}")
    return (times[observer] - times["unwatched"]) / added


def measure(observers, build, cpu, nr_rounds, progress):
    times = measure_times(observers, build, cpu, nr_rounds, progress)

    def basis(load):
        fastest = {name: min(ns) for name, ns in times[load].items()}
        return {"ns": fastest, "settled": settled({load: times[load]}),
                "ns_by_round": times[load]}

    def figure(load, reference):
        return {"value": added_ratio(basis(load)["ns"], "loopscope", reference),
                "from": basis(load)}

    def ratio(load):
        ns = basis(load)["ns"]
        return {"value": ns["loopscope"] / ns["unwatched"], "from": basis(load)}

    return {
        **{f"{load}_vs_unwatched": ratio(load) for load in CLIENTS},
        "iteration_vs_empty": figure("ready", "empty"),
        "iteration_vs_bpftrace": figure("ready", "bpftrace"),
        "blocking_iteration_vs_empty": figure("blocking", "empty"),
        "blocking_iteration_vs_bpftrace": figure("blocking", "bpftrace"),
        "other_syscalls_vs_empty": figure("getppid", "empty"),
        "other_syscalls_elsewhere_vs_empty": figure("getppid_elsewhere", "empty"),
    }
