# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What looking for stalls costs: where there are none, and where every iteration is one.

Rounds are interleaved as those of iteration.py are. The program's throughput is compared in wall
time, of which the medians of the rounds' ratios count, and in CPU time, which other work on
the machine disturbs less, by the minima.
"""

import json
import statistics
import time
from pathlib import Path

from iteration import loop_generator, settled
from process import cpu_time_ns, memory_mb, rounds

BUDGET_S = 150
HELD_UP_US = 2000  # each iteration
WINDOW_ITERATIONS = 400
MINUTE_S = 60

NO_STALL_OBSERVERS = ("unwatched", "loopscope", "stalls")
NO_STALL_LOADS = (
    ("ready", "ready 100 5000"),
    ("blocking", "blocking 100 2000"),
    ("getppid", "getppid 100 10000"),
)
EVERY_OBSERVERS = ("unwatched", "every_stall")


def rotated(names, number):
    turn = number % len(names)
    return names[turn:] + names[:turn]


def measure_no_stall(observers, build, cpu, nr_rounds, progress):
    """Time of an iteration while stalls are looked for, in terms of one that is watched at all."""
    times = {load: {name: [] for name in NO_STALL_OBSERVERS} for load, _ in NO_STALL_LOADS}
    with loop_generator(build, cpu) as generator:
        for number in rounds(nr_rounds, BUDGET_S, lambda: settled(times)):
            progress(f"no stall: round {number + 1} of {nr_rounds}")
            for name in rotated(NO_STALL_OBSERVERS, number):
                with observers.observe(name, generator.pid):
                    for load, command in NO_STALL_LOADS:
                        times[load][name].append(generator.ask(command))
    figures = {}
    for load, by_observer in times.items():
        ns = {name: min(each) for name, each in by_observer.items()}
        figures[f"stalls_{load}_vs_watched"] = {
            "value": ns["stalls"] / ns["loopscope"],
            "from": {"ns": ns, "settled": settled({load: by_observer}),
                     "ns_by_round": by_observer}}
    return figures


def window(generator, command):
    """(wall, CPU) ns of an iteration"""
    count = int(command.split()[1])
    before_ns = cpu_time_ns(generator.pid)
    wall_ns = generator.ask(command)
    return wall_ns, (cpu_time_ns(generator.pid) - before_ns) / count


def fitting_units(generator):
    """Of work, for an iteration of the length wanted."""
    units = 100_000
    ns = min(generator.ask(f"compute 50 {units}") for _ in range(5))
    return int(units * HELD_UP_US * 1000 / ns)


def throughput(load, kept):
    def ratio(one, other, which):
        return one[which] / other[which]

    walls = [ratio(each["unwatched"], each["every_stall"], 0) for each in kept]
    least = {name: min(each[name][1] for each in kept) for name in EVERY_OBSERVERS}
    return {
        f"every_stall_{load}_throughput": {
            "value": statistics.median(walls), "from": {"rounds": kept}},
        f"every_stall_{load}_cpu_throughput": {
            "value": least["unwatched"] / least["every_stall"], "from": {"cpu_ns": least}},
    }


def measure_every_stall(observers, build, cpu, nr_rounds, progress):
    kept = {"computing": [], "sleeping": []}
    with loop_generator(build, cpu) as generator:
        units = fitting_units(generator)
        commands = {"computing": f"compute {WINDOW_ITERATIONS} {units}",
                    "sleeping": f"sleep {WINDOW_ITERATIONS} {HELD_UP_US}"}
        for number in rounds(nr_rounds, BUDGET_S, lambda: True):
            progress(f"every iteration a stall: round {number + 1} of {nr_rounds}")
            windows = {load: {} for load in kept}
            for name in rotated(EVERY_OBSERVERS, number):
                with observers.observe(name, generator.pid):
                    for load, command in commands.items():
                        windows[load][name] = window(generator, command)
            for load, each in windows.items():
                kept[load].append(each)
    return {**throughput("computing", kept["computing"]),
            **throughput("sleeping", kept["sleeping"])}


def symbols_of(process):
    """The pid of loopscope-symbols; another child reads files."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (child,) = [child for child in children
                if Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"loopscope-symbols")]
    return int(child)


def measure_ceilings(observers, build, cpu, progress):
    """A minute and some of nothing but stalls: what is told of them, and at what cost."""
    progress("ceilings: a minute of stalls")
    with loop_generator(build, cpu) as generator:
        units = fitting_units(generator)
        with observers.observe("every_stall", generator.pid) as process:
            symbols = symbols_of(process)
            start = time.monotonic()
            nr_iterations = 0
            while time.monotonic() - start < MINUTE_S + 4:
                generator.ask(f"compute {WINDOW_ITERATIONS} {units}")
                nr_iterations += WINDOW_ITERATIONS
            wall_ns = (time.monotonic() - start) * 1e9
            cpu_ns = {"loopscope": cpu_time_ns(process.pid), "symbols": cpu_time_ns(symbols)}
            memory = {"loopscope": memory_mb(process.pid), "symbols": memory_mb(symbols)}
    events = [json.loads(line) for line in observers.log_path.read_text().splitlines()]
    ended = [event for event in events if event["event"] == "ended"]
    held = max((event.get("stalls_held", 0) for event in events), default=0)
    basis = {"iterations": nr_iterations, "ended": len(ended), "events": len(events),
             "held_back": held, "cpu_ns": cpu_ns, "memory_mb": memory}
    return {
        "told_stalls_per_minute": {"value": len(ended) / 2, "from": basis},
        "stalls_not_accounted_for": {
            "value": missing_share(nr_iterations, len(ended), held), "from": basis},
        "every_stall_cpu_percent": {
            "value": 100 * sum(cpu_ns.values()) / wall_ns, "from": basis},
        "symbols_cpu_percent": {"value": 100 * cpu_ns["symbols"] / wall_ns, "from": basis},
        "symbols_rss_mb": {"value": memory["symbols"]["VmHWM"], "from": basis},
    }


def missing_share(nr_iterations, nr_told, nr_held):
    """Of all stalls, those neither told nor counted as held back when the last one was told.

    The last minute's count comes with its first stalls: what came after those is not known.
    """
    known = nr_iterations * MINUTE_S / (MINUTE_S + 4)
    return max(0.0, 1 - (nr_told + nr_held) / known)


def measure(observers, build, cpu, nr_rounds, progress):
    return {
        **measure_no_stall(observers, build, cpu, nr_rounds, progress),
        **measure_every_stall(observers, build, cpu, nr_rounds, progress),
        **measure_ceilings(observers, build, cpu, progress),
    }
