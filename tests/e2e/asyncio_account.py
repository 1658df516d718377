# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""loopscope's figures against the account that asyncio_loop.py keeps of itself."""

import json
import sys

import programs
from bracket import STALL_MS
from watch import Watch

PROGRAM = programs.APPS / "asyncio_loop.py"

# what a step is to the loop: a cause, and the system call that it sleeps in
CAUSES = {
    "spin": ("cpu", None),
    "sleep": ("syscall", "clock_nanosleep"),
    "acquire": ("lock", "futex"),
    "pipe": ("syscall", "read"),
}


def own_account(before, after):
    """Of the span from `started` to `stopped`."""
    own = {key: after[key] - before[key] for key in before if key != "steps"}
    return {**own, "steps": after["steps"]}


def follow_script(script, *options):
    """(the report, the loop of the program's first thread, the program's account of the span)"""
    command = (sys.executable, PROGRAM, *options, json.dumps(script))
    with programs.Program(*command) as program:
        program.hear("ready")
        with Watch("-p", program.pid) as watch:
            before = program.start()
            after = program.stop()
            report = watch.finish()
    report.check_nothing_lost()
    return report, report.thread(program.pid), own_account(before, after)


def compare_account(figures, loop, own):
    compare_times(figures, loop, own)
    compare_counts(figures, loop, own)


def compare_times(figures, loop, own):
    busy_ms = own["busy_ns"] / 1e6
    figures.near("busy", loop.busy_ms, busy_ms, "ms", rel=0.01, source="log")
    cpu_ms = own["cpu_ns"] / 1e6
    figures.near("cpu", loop.time_ms["cpu"], cpu_ms, "ms", by=0.02 * busy_ms, source="log")


def compare_counts(figures, loop, own):
    """`start` and `stop` are iterations too, and a few more lead to their answers."""
    figures.near("iterations", loop["iterations"], own["iterations"], by=4, source="log")
    figures.near("events", loop["events"], own["events"], by=1, source="log")


def compare_stalls(figures, loop, count):
    """A loop that gets no CPU stalls as well, unseen by the script."""
    waited = loop.time_ms["runqueue"] // STALL_MS
    figures.near("stalls", loop["stalls"], count, by=waited, source="script")


def compare_asleep(figures, loop, syscall, took_ms):
    """The program's clock goes on until the thread, awake, has a CPU again."""
    _, asleep_ms = loop.syscall(syscall)
    awake_ms = asleep_ms + loop.time_ms["runqueue"]
    figures.at_most(f"in {syscall}", asleep_ms, took_ms, "ms", rel=0.001, source="steps")
    figures.at_least(f"in {syscall}, runqueue", awake_ms, took_ms, "ms", rel=0.02, source="steps")


def paced(name, ms, times):
    """Steps with rests between them, each of which ends a busy interval."""
    return [["idle", 20]] + [[name, ms], ["idle", 20]] * times
