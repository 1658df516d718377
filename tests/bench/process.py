# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Start, await, stop and read processes: what every measurement needs.

Everything about a running process is read from /proc; waits poll a condition
and fail loudly when it does not come true.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import time


class MeasurementFailed(Exception):
    """Something that must work for a figure to mean anything did not."""


def wait_for(what, condition, timeout_s=20.0, interval_s=0.01):
    """Polls until condition() is true, and returns its value."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise MeasurementFailed(f"no {what} within {timeout_s:g} s")
        time.sleep(interval_s)


def rounds(wanted, budget_s, enough):
    """Numbers the rounds of a measurement: as many as wanted, half as many again while
    it has not got enough, but no new one, beyond two, when the time is up.
    """
    deadline = time.monotonic() + budget_s
    for number in range(wanted + wanted // 2):
        if (number >= wanted and enough()) or (number >= 2 and time.monotonic() > deadline):
            return
        yield number


def pinned(cpu):
    """For preexec_fn: the child, and all it starts, on that CPU only."""
    return None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})


@contextlib.contextmanager
def running(command, cpu=None, stop_with=signal.SIGTERM, **popen):
    """A process for the length of a block; one that ends early is a failure."""
    process = subprocess.Popen([str(word) for word in command], preexec_fn=pinned(cpu), **popen)
    try:
        yield process
        if process.poll() is not None:
            raise MeasurementFailed(f"{command[0]} ended early, with {process.returncode}")
    finally:
        stop(process, stop_with)


def stop(process, signal_number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(signal_number)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def cpu_time_ns(pid):
    """Time on a CPU of all threads, user and system."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text(encoding="ascii").split()[0]) for task in tasks)


def memory_mb(pid):
    """Resident set now and at its highest, in MB."""
    fields = dict(line.split(":", 1) for line in
                  pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines())
    return {name: int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "VmHWM")}


def fdinfos(pid):
    """fdinfo of every descriptor, as dicts: BPF programs and links describe themselves there."""
    found = []
    for path in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):
            lines = path.read_text(encoding="utf-8").splitlines()
            found.append({key: value.strip() for key, _, value in
                          (line.partition(":") for line in lines)})
    return found
