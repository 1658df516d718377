# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""asyncio on poll() and on select(): against a log of those calls, and the program's account."""

import contextlib
import json
import sys

import programs
import pytest
import servers
import wait_log
from asyncio_account import (
    CAUSES,
    PROGRAM,
    compare_asleep,
    compare_stalls,
    compare_times,
    own_account,
    paced,
)
from bracket import Bracket, compare_waits
from watch import Watch

FAMILIES = ("poll", "select")
ROUNDS = 10  # that a thread goes before it is called a loop, and some


@contextlib.contextmanager
def logged(logs, *words):
    """The program, its wait calls logged."""
    settings = [f"LD_PRELOAD={wait_log.LIBRARY}", f"WAIT_LOG_DIR={logs}"]
    with programs.Program("env", *settings, sys.executable, PROGRAM, *words) as program:
        program.hear("ready")
        yield program


def come_round(program, read):
    """Iterations that do nothing, up to which a thread that polls may be no loop."""
    for _ in range(ROUNDS):
        before = read().iterations
        program.tell("nothing")
        servers.await_true(lambda before=before: read().iterations > before, "no iteration")


def follow(logs, family, script):
    """(the loop, a bracket of its log, the program's account)"""
    with logged(logs, f"--{family}", json.dumps(script)) as program:

        def read():
            return wait_log.read(logs, program.pid, program.pid, family)

        bracket = Bracket(read)
        with Watch("-p", program.pid) as watch:
            come_round(program, read)
            bracket.mark()
            before = program.start()
            after = program.stop()
            bracket.mark()
            report = watch.finish()
        bracket.mark()
    report.check_nothing_lost()
    loop = report.thread(program.pid)
    assert (loop["runtime"], loop["wait_family"]) == ("python", family)
    return loop, bracket, own_account(before, after)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("step", list(CAUSES))
def test_cause(figures, tmp_path, family, step):
    loop, bracket, own = follow(tmp_path, family, paced(step, 60, 10))
    compare_waits(figures, bracket, loop)
    cause, syscall = CAUSES[step]
    count, took_ns = own["steps"][step]
    compare_stalls(figures, loop, count)
    if syscall:
        compare_asleep(figures, loop, syscall, took_ns / 1e6)
        figures.near(cause, loop.time_ms[cause], loop.syscall(syscall)[1], "ms", rel=0.02)


@pytest.mark.parametrize("family", FAMILIES)
def test_all_steps(figures, tmp_path, family):
    loop, bracket, own = follow(
        tmp_path, family, [[name, 20] for name in (*CAUSES, "fsync", "idle")] * 5
    )
    compare_waits(figures, bracket, loop)
    compare_times(figures, loop, own)
