# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs scripts from a poll to a poll under loopscope, and holds each loop against its log."""

import os

from scripted import ScriptedLoop
from truth import check_loop, errors
from watch import Watch

ERRORS = []  # of every loop that has been held against its log


def kernel_shows_all():
    """False where init is closed to BPF, as some hypervisors' is: what happens while it runs on
    a CPU, a timer's interrupt included, is missed, and counted. In a pid namespace of its own a
    test cannot see that init."""
    if os.getpid() < 100:
        return False
    try:
        with open("/proc/1/syscall", encoding="ascii") as file:
            return bool(file.read())
    except PermissionError:
        return os.geteuid() != 0


def check_misses(report, logs):
    """Nothing was lost; nothing was missed that could be seen."""
    report.check_nothing_lost()
    sleeps = sum(span.sleeps for log in logs for span in (*log.waits, *log.steps))
    assert report.summary["misses"] <= (0 if kernel_shows_all() else max(4, sleeps // 10))


def watch_program(program, *targets):
    """The report, and the logs of a program's loops."""
    with Watch(*targets) as watch:
        program.run()
        report = watch.finish()
    logs = program.quit()
    check_misses(report, logs)
    return report, logs


def watch_scripts(*scripts, options=(), **settings):
    with ScriptedLoop(*scripts, **settings) as program:
        return watch_program(program, "-p", program.pid, *options)


def check_scripts(*scripts, threshold_ms=50, **settings):
    """(loop, log) of each thread, after all that must hold has been seen to hold."""
    report, logs = watch_scripts(*scripts, **settings)
    assert len(report.loops) == len(logs)
    for loop in report.loops:
        assert loop["state"] == "poll" and loop["current_busy_ms"] == 0
    return check_logs(report, logs, threshold_ms)


def check_logs(report, logs, threshold_ms=50):
    pairs = [(report.thread(log.tid), log) for log in logs]
    for loop, log in pairs:
        ERRORS.append(errors(loop, log))
        check_loop(loop, log, threshold_ms, report.summary["misses"])
    return pairs
