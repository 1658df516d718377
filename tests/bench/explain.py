# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where the cost goes: run time of each of loopscope's programs, by the kernel's
own accounting, beside what the same accounting shows for an empty program; and
how the CPU time of a window is split between the walk, the kernel and the rest.
"""

import contextlib
import ctypes
import os
import pathlib
import time

import footprint
from iteration import LOADS, loop_generator
from process import cpu_time_ns, fdinfos

SYS_BPF = {"x86_64": 321, "aarch64": 280}
BPF_ENABLE_STATS = 32
WINDOWS_S = 5


@contextlib.contextmanager
def run_time_accounting():
    """On for as long as the descriptor is open, so that it never outlives this process."""
    attributes = (ctypes.c_uint32 * 1)(0)  # BPF_STATS_RUN_TIME
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.syscall(SYS_BPF[os.uname().machine], BPF_ENABLE_STATS, attributes,
                      ctypes.sizeof(attributes))
    if fd < 0:
        raise OSError(ctypes.get_errno(), "BPF_ENABLE_STATS")
    try:
        yield
    finally:
        os.close(fd)


def run_times(pid):
    """{hook: (runs, ns)} of the process's attached programs so far."""
    infos = fdinfos(pid)
    hooks = {}
    for info in infos:
        if "link_type" in info:
            where = info.get("tp_name") or info.get("target_name") or info.get("target_btf_id")
            hooks[info["prog_id"]] = f"{info['link_type']}:{where}"
    return {hooks[info["prog_id"]]: (int(info["run_cnt"]), int(info["run_time_ns"]))
            for info in infos if "run_cnt" in info and info["prog_id"] in hooks}


@contextlib.contextmanager
def run_times_of(process, grown):
    """Fills `grown` with what the programs ran inside the block."""
    before = run_times(process.pid)
    yield
    for hook, (runs, ns) in run_times(process.pid).items():
        runs_before, ns_before = before.get(hook, (0, 0))
        grown[hook] = (runs - runs_before, ns - ns_before)


def profile(observers, observer, generators):
    """{load: {hook: (runs, ns)}} under one observer."""
    found = {load: {} for load, _, _ in LOADS}
    with observers.observe(observer, generators["watched"].pid) as process:
        for load, who, command in LOADS:
            with run_times_of(process, found[load]):
                generators[who].ask(command)
    return found


def print_programs(empty, loopscope):
    print(f"{'load':18} {'hook':32} {'runs':>9} {'ns a run':>9} {'empty':>9}")
    for load, hooks in loopscope.items():
        for hook, (runs, ns) in sorted(hooks.items()):
            empty_runs, empty_ns = empty[load].get(hook, (0, 0))
            of_empty = f"{empty_ns / empty_runs:9.1f}" if empty_runs else ""
            if runs:
                print(f"{load:18} {hook:32} {runs:9} {ns / runs:9.1f} {of_empty}".rstrip())


def user_and_system_s(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return [int(ticks) / os.sysconf("SC_CLK_TCK") for ticks in fields[11:13]]


def print_windows(observers, pid, nr_loops):
    """A window of many loops: milliseconds each, and programs."""
    grown = {}
    with observers.loopscope_top("-p", pid) as process:
        time.sleep(WINDOWS_S)
        start, start_cpu_ns = user_and_system_s(process.pid), cpu_time_ns(process.pid)
        with run_times_of(process, grown):
            time.sleep(WINDOWS_S)
        user_s, system_s = (end - begin for begin, end in
                            zip(start, user_and_system_s(process.pid)))
        cpu_ns = cpu_time_ns(process.pid) - start_cpu_ns
    print(f"a window of {nr_loops} loops: {cpu_ns / 1e6 / WINDOWS_S:.3f} ms of CPU; by ticks, "
          f"user {user_s * 1e3 / WINDOWS_S:.1f} and system {system_s * 1e3 / WINDOWS_S:.1f} ms")
    for hook, (runs, ns) in sorted(grown.items()):
        if runs:
            print(f"  {hook:32} {runs / WINDOWS_S:9.0f} runs {ns / 1e6 / WINDOWS_S:9.3f} ms, "
                  f"{ns / runs:.1f} ns a run")


def explain(observers, build, cpu, progress):
    with loop_generator(build, cpu) as watched, loop_generator(build, cpu) as elsewhere, \
         run_time_accounting():
        generators = {"watched": watched, "elsewhere": elsewhere}
        observers.discover_hooks(watched.pid)
        progress("run times of empty programs")
        empty = profile(observers, "empty", generators)
        progress("run times of loopscope's programs")
        loopscope = profile(observers, "loopscope", generators)
        print_programs(empty, loopscope)
        for nr_loops in footprint.LOOP_COUNTS:
            progress(f"windows of {nr_loops} loops")
            with footprint.timer_loops(build, cpu, nr_loops) as pid:
                print_windows(observers, pid, nr_loops)
