#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What watching costs, in ratios: `make bench`.

Measures everything in one run, prints a table, and leaves bench.json in the
build directory: each figure under its name, and under "from" what it was
computed from. An aim missed is a result; a measurement that fails is an error.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import agent
import begun
import explain
import footprint
import iteration
import servers
import stalls
from observers import Observers
from process import MeasurementFailed

TOOLS = {"bpftrace": "bpftrace", "redis-server": "redis-server", "nginx": "nginx-light",
         "wrk": "wrk", "unshare": "util-linux"}

# name: (aim, direction, unit)
AIMS = {
    "iteration_vs_empty": (1.5, "<=", ""),
    "iteration_vs_bpftrace": (0.25, "<=", ""),
    "blocking_iteration_vs_empty": (1.5, "<=", ""),
    "blocking_iteration_vs_bpftrace": (0.25, "<=", ""),
    "other_syscalls_vs_empty": (1.0, "<=", ""),
    "other_syscalls_elsewhere_vs_empty": (1.0, "<=", ""),
    "poll_client_vs_unwatched": (None, "", ""),
    "poll_client_elsewhere_vs_unwatched": (None, "", ""),
    "answered_client_vs_unwatched": (None, "", ""),
    "futex_client_vs_unwatched": (None, "", ""),
    "redis_throughput": (0.98, ">=", ""),
    "nginx_throughput": (0.98, ">=", ""),
    "cpu_percent_1_loops": (None, "", "%"),
    "cpu_percent_100_loops": (None, "", "%"),
    "cpu_percent_1000_loops": (0.2, "<=", "%"),
    "cpu_percent_10000_loops": (None, "", "%"),
    "rss_mb_1_loops": (None, "", "MB"),
    "rss_mb_100_loops": (10.0, "<=", "MB"),
    "rss_mb_1000_loops": (None, "", "MB"),
    "rss_mb_10000_loops": (None, "", "MB"),
    "records_lost": (0, "<=", ""),
    "first_figures_s": (1.0, "<=", "s"),
    "agent_cpu_percent_1000_loops": (0.3, "<=", "%"),
    "agent_rss_mb_1000_loops": (24.0, "<=", "MB"),
    "agent_cpu_percent_10000_loops": (None, "", "%"),
    "agent_rss_mb_10000_loops": (None, "", "MB"),
    "agent_bytes_per_loop": (None, "", "B"),
    "stalls_ready_vs_watched": (1.02, "<=", ""),
    "stalls_blocking_vs_watched": (1.02, "<=", ""),
    "stalls_getppid_vs_watched": (1.02, "<=", ""),
    "every_stall_computing_throughput": (0.97, ">=", ""),
    "every_stall_computing_cpu_throughput": (0.97, ">=", ""),
    "every_stall_sleeping_throughput": (0.97, ">=", ""),
    "every_stall_sleeping_cpu_throughput": (None, "", ""),
    "told_stalls_per_minute": (60, "<=", ""),
    "stalls_not_accounted_for": (0.02, "<=", ""),
    "begun_on_cpu_p95_ms": (20, "<=", "ms"),
    "begun_asleep_p95_ms": (1000, "<=", "ms"),
    "begun_stopped_p95_ms": (1000, "<=", "ms"),
    "every_stall_cpu_percent": (None, "", "%"),
    "symbols_cpu_percent": (None, "", "%"),
    "symbols_rss_mb": (None, "", "MB"),
}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--rounds", type=int, default=8, help="interleaved rounds (8)")
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS),
                        help="measure only this; repeatable")
    parser.add_argument("--edges", choices=("fentry", "tp_btf", "tracepoint"),
                        help="force the hooks of wait calls, to compare them")
    parser.add_argument("--explain", action="store_true",
                        help="print what each program costs instead: needs no quiet machine")
    return parser.parse_args()


class Bench:
    """The CPUs, the observers and how long to measure: what all measurements share."""

    def __init__(self, build, rounds, edges):
        cpus = sorted(os.sched_getaffinity(0))
        self.build = build
        self.rounds = rounds
        self.cpu, self.other_cpu = cpus[0], cpus[-1]
        self.observers = Observers(build, self.other_cpu, edges)
        self.start = time.monotonic()
        os.sched_setaffinity(0, {self.other_cpu})

    def progress(self, text):
        print(f"[{time.monotonic() - self.start:5.0f} s] {text}", file=sys.stderr, flush=True)

    def iterations(self):
        return iteration.measure(self.observers, self.build, self.cpu, self.rounds, self.progress)

    def throughput(self, name, serve):
        figure = servers.measure(name, serve, self.observers, self.build,
                                 (self.cpu, self.other_cpu), self.rounds, self.progress)
        return {f"{name}_throughput": figure}

    def footprint(self):
        return footprint.measure_footprint(self.observers, self.build, self.cpu, self.progress)

    def agent(self):
        return agent.measure_agent(self.build, (self.cpu, self.other_cpu), self.progress)

    def crowd(self):
        figures = footprint.measure_crowd_footprint(self.observers, self.build, self.cpu,
                                                    self.progress)
        figures.update(agent.measure_crowd_agent(self.build, (self.cpu, self.other_cpu),
                                                 self.progress))
        return figures

    def stalls(self):
        return stalls.measure(self.observers, self.build, self.cpu, self.rounds, self.progress)

    def begun(self):
        return begun.measure(self.observers, self.build, self.cpu, self.progress)

    def losses(self):
        return footprint.measure_losses(self.observers, self.build, self.cpu, self.progress)

    def first_figures(self):
        return footprint.measure_first_figures(self.observers, self.build, self.cpu,
                                               self.rounds + 2, self.progress)


MEASUREMENTS = {
    "first_figures": Bench.first_figures,
    "iterations": Bench.iterations,
    "stalls": Bench.stalls,
    "begun": Bench.begun,
    "losses": Bench.losses,
    "redis": lambda bench: bench.throughput("redis", servers.redis),
    "nginx": lambda bench: bench.throughput("nginx", servers.nginx),
    "footprint": Bench.footprint,
    "agent": Bench.agent,
    "crowd": Bench.crowd,
}


def check_environment(build):
    """One clear line for whatever is missing."""
    if os.geteuid() != 0:
        sys.exit("bench: must run as root, as loopscope and bpftrace do")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("bench: needs two CPUs, one for what is observed and one for the rest")
    missing = sorted(package for tool, package in TOOLS.items() if not shutil.which(tool))
    if missing:
        sys.exit(f"bench: apt-get install {' '.join(missing)}")
    for name in ("loopscope", "loopscope-agent", "loopscope-symbols", "tests/bench/loop_gen"):
        if not (build / name).exists():
            sys.exit(f"bench: {build / name} is not built: use `make bench`")


def machine():
    model = [line.split(":")[1].strip() for line in
             pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
             if line.startswith("model name")]
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"bench: load average {load}: others use this machine, so figures are rough",
              file=sys.stderr)
    return {"kernel": os.uname().release, "architecture": os.uname().machine,
            "cpu": model[0] if model else None, "cpus": os.cpu_count(), "load_average_1m": load}


def run(bench, names):
    """All figures, and the failures."""
    figures, failures = {}, {}
    for name in names:
        try:
            figures.update(MEASUREMENTS[name](bench))
        except (MeasurementFailed, OSError, ValueError, KeyError,
                subprocess.SubprocessError) as error:
            failures[name] = f"{type(error).__name__}: {error}"
            bench.progress(f"{name} FAILED: {failures[name]}")
    return figures, failures


def print_table(figures):
    print(f"{'measure':34} {'value':>9}  {'aim':>8}")
    for name, (aim, direction, unit) in AIMS.items():
        if name not in figures:
            continue
        value = figures[name]["value"]
        wanted, verdict = "", ""
        if aim is not None:
            wanted = f"{direction} {aim:g}"
            met = value <= aim if direction == "<=" else value >= aim
            verdict = "" if met else "missed"
        print(f"{name:34} {value:9.3f}  {wanted:>8} {unit:3} {verdict}".rstrip())
    for load, title in (("iteration_vs_empty", "iteration"),
                        ("blocking_iteration_vs_empty", "blocking iteration"),
                        ("other_syscalls_vs_empty", "getppid")):
        if load in figures:
            times = ", ".join(f"{observer} {ns:.1f}"
                              for observer, ns in figures[load]["from"]["ns"].items())
            doubt = "" if figures[load]["from"]["settled"] else " (not settled: a busy machine)"
            print(f"ns for each {title}: {times}{doubt}")
    for server in ("redis", "nginx"):
        if f"{server}_throughput" in figures:
            basis = figures[f"{server}_throughput"]["from"]
            times = ", ".join(f"{observer} {ns:.0f}"
                              for observer, ns in basis["cpu_ns_per_request"].items())
            print(f"{server} with empty programs on the same hooks: "
                  f"{basis['empty_programs']:.3f}; ns of CPU a request: {times}")


def main():
    arguments = parse_arguments()
    check_environment(arguments.build)
    bench = Bench(arguments.build, arguments.rounds, arguments.edges)
    if arguments.explain:
        explain.explain(bench.observers, bench.build, bench.cpu, bench.progress)
        return 0
    about = machine()
    figures, failures = run(bench, arguments.only or MEASUREMENTS)
    document = {name: figure["value"] for name, figure in figures.items()}
    document.update({
        "from": {name: figure["from"] for name, figure in figures.items()},
        "aims": {name: f"{direction} {aim}" for name, (aim, direction, _) in AIMS.items()
                 if direction},
        "hooks": bench.observers.hooks, "machine": about, "rounds": arguments.rounds,
        "took_s": time.monotonic() - bench.start, "failures": failures,
    })
    path = arguments.build / "bench.json"
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print_table(figures)
    print(f"kept in {path}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
