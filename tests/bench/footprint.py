# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loopscope's own CPU time and memory, its first answer, and what it loses."""

import contextlib
import json
import signal
import statistics
import subprocess
import time

from crowd import NR_LOOPS, crowd
from iteration import loop_generator
from observers import wait_attached
from process import MeasurementFailed, cpu_time_ns, memory_mb, pinned, running, wait_for

NR_IDLE = 10000
WAKES_PER_S = 10  # of each loop
LOOP_COUNTS = (1, 100, 1000)
FOOTPRINT_S = 10.0  # as many windows
HAMMER_MS = 3000


@contextlib.contextmanager
def timer_loops(build, cpu, nr_loops):
    command = [build / "tests/bench/loop_gen", "loops", nr_loops, WAKES_PER_S, NR_IDLE]
    with running(command, cpu=cpu, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                 text=True) as process:
        if process.stdout.readline() != "ready\n":
            raise MeasurementFailed(f"{nr_loops} loops could not be started")
        yield process.pid


def watch_footprint(observers, target, progress):
    """CPU in percent of one core, and memory, of `loopscope top` in its steady state."""
    with observers.loopscope_top(*target) as process:
        progress(f"own CPU and memory: top {' '.join(map(str, target))}")
        wait_for("line from loopscope top", lambda: observers.log_path.stat().st_size)
        start_ns, start_cpu_ns = time.monotonic_ns(), cpu_time_ns(process.pid)
        time.sleep(FOOTPRINT_S)
        wall_ns = time.monotonic_ns() - start_ns
        cpu_ns = cpu_time_ns(process.pid) - start_cpu_ns
        return {"cpu_ms": cpu_ns / 1e6, "wall_ms": wall_ns / 1e6,
                "cpu_percent": 100 * cpu_ns / wall_ns, **memory_mb(process.pid)}


def measure_footprint(observers, build, cpu, progress):
    figures = {}
    for nr_loops in LOOP_COUNTS:
        with timer_loops(build, cpu, nr_loops) as pid:
            seen = {"by_pid": watch_footprint(observers, ("-p", pid), progress)}
            if nr_loops == max(LOOP_COUNTS):
                seen["all"] = watch_footprint(observers, ("--all",), progress)
        load = {"loops": nr_loops, "wakes_per_s": WAKES_PER_S, "idle_threads": NR_IDLE}
        for name, field in (("cpu_percent", "cpu_percent"), ("rss_mb", "VmRSS")):
            figures[f"{name}_{nr_loops}_loops"] = {"value": seen["by_pid"][field],
                                                   "from": {**load, **seen}}
    return figures


def measure_crowd_footprint(observers, build, cpu, progress):
    with crowd(build, cpu):
        seen = watch_footprint(observers, ("--comm", "loop_gen"), progress)
    return {f"{name}_{NR_LOOPS}_loops": {"value": seen[field], "from": seen}
            for name, field in (("cpu_percent", "cpu_percent"), ("rss_mb", "VmRSS"))}


@contextlib.contextmanager
def stat(observers, pid, duration_s, cpu=None):
    """`loopscope stat --json`, which must end well by the end of the block."""
    command = [observers.loopscope_path, "stat", "-p", str(pid), "-d", str(duration_s), "--json",
               *observers.edge_options()]
    with subprocess.Popen(observers.in_place(command), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, preexec_fn=pinned(cpu)) as process:
        yield process
        errors = process.communicate(timeout=20)[1]
    if process.returncode:
        raise MeasurementFailed(f"stat ended with {process.returncode}: {errors.strip()}")


def measure_losses(observers, build, cpu, progress):
    """Records lost, and iterations not seen, at the highest rate that one core gives."""
    progress("records lost at the highest iteration rate")
    with loop_generator(build, cpu) as generator:
        with stat(observers, generator.pid, 60, cpu=observers.cpu) as process:
            wait_attached(process)
            iterations = generator.ask(f"hammer {HAMMER_MS}")
            process.send_signal(signal.SIGINT)
            *loops, summary = [json.loads(line) for line in process.stdout]
    losses = {name: summary[name] for name in ("records_lost", "loops_lost", "torn", "misses")}
    return {"records_lost": {"value": losses["records_lost"], "from": {
        "iterations": iterations, "iterations_per_s": iterations * 1000 / HAMMER_MS,
        "iterations_seen": sum(loop["iterations"] for loop in loops), **losses}}}


def first_figures_s(observers, pid, duration_s):
    """From exec to the first line of a report, less the time it watches for."""
    start_ns = time.monotonic_ns()
    with stat(observers, pid, duration_s) as process:
        loop = json.loads(process.stdout.readline())
        took_s = (time.monotonic_ns() - start_ns) / 1e9
    if loop.get("summary"):
        raise MeasurementFailed("stat saw no loop")
    return took_s - duration_s


def measure_first_figures(observers, build, cpu, runs, progress):
    """Of a loop among ten thousand idle threads; the first run reads cold files."""
    times = []
    with timer_loops(build, cpu, 1) as pid:
        for number in range(runs):
            progress(f"first figures: run {number + 1} of {runs}")
            times.append(first_figures_s(observers, pid, 0.1))
    return {"first_figures_s": {"value": statistics.median(times),
                                "from": {"minimum_s": min(times), "runs_s": times}}}
