# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The observers that are compared, each a context manager that is attached
inside its block: none, empty programs, loopscope, bpftrace.
"""

import contextlib
import pathlib
import signal
import subprocess
import time

from process import MeasurementFailed, fdinfos, running, wait_for

HERE = pathlib.Path(__file__).resolve().parent
SETTLE_S = 0.2  # links are put, and system calls slow or fast again, a little after the fact

TRACING_KINDS = {"24": "fentry", "25": "fexit"}  # enum bpf_attach_type, as fdinfo prints it


def attached_hooks(pid):
    """Hooks the process's links sit on, as empty_hooks takes them: {prog_id: hook}.

    Iterators cost only the one who reads them, a clock's ticks come by time and not by what the
    process does: both are left out.
    """
    hooks = {}
    for info in fdinfos(pid):
        kind = info.get("link_type")
        if kind == "raw_tracepoint":
            hooks[info["prog_id"]] = "tp_btf:" + info["tp_name"]
        elif kind == "tracing" and info["attach_type"] in TRACING_KINDS:
            hooks[info["prog_id"]] = f"{TRACING_KINDS[info['attach_type']]}:{info['target_btf_id']}"
        elif kind == "perf" and info.get("event_type") == "tracepoint":
            hooks[info["prog_id"]] = "tracepoint:" + info["tp_name"]
        elif kind not in (None, "iter", "perf"):
            raise MeasurementFailed(f"no empty program is known for a link of type {kind}")
    return hooks


def with_tracefs(command):
    """In a mount namespace of its own, so that the host stays as it is."""
    script = 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec "$0" "$@"'
    return ["unshare", "--mount", "sh", "-c", script, *command]


def wait_attached(process):
    """Returns when a process has links, and no new ones for a while."""
    seen = {"hooks": {}, "since": time.monotonic()}

    def steady():
        if process.poll() is not None:
            raise MeasurementFailed(f"the observer ended with {process.returncode}")
        hooks = attached_hooks(process.pid)
        if hooks != seen["hooks"]:
            seen.update(hooks=hooks, since=time.monotonic())
        return hooks and time.monotonic() - seen["since"] > SETTLE_S

    wait_for("attached program", steady)


class Observers:
    """Starts observers on one CPU, out of the way of what they observe."""

    names = ("unwatched", "empty", "loopscope", "bpftrace")

    def __init__(self, build, cpu, edges=None):
        self.loopscope_path = build / "loopscope"
        self.empty_path = build / "tests/bench/empty_hooks"
        self.log_path = build / "tests/bench/observer.log"
        self.cpu = cpu
        self.edges = edges
        self.hooks = None

    def discover_hooks(self, pid):
        """The empty programs go where loopscope's own were put on this kernel."""
        with self.loopscope(pid) as process:
            self.hooks = sorted(set(attached_hooks(process.pid).values()))
        return self.hooks

    @contextlib.contextmanager
    def observe(self, name, pid):
        with getattr(self, name)(pid) as process:
            yield process
        time.sleep(SETTLE_S)

    def edge_options(self):
        return ["--edges", self.edges] if self.edges else []

    def in_place(self, command):
        """Plain tracepoints need tracefs; all else runs as a user would run it."""
        return with_tracefs(command) if self.edges == "tracepoint" else command

    def unwatched(self, _pid):
        return contextlib.nullcontext()

    @contextlib.contextmanager
    def empty(self, _pid):
        command = self.in_place([self.empty_path, *self.hooks])
        with running(command, cpu=self.cpu, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                     text=True) as process:
            if process.stdout.readline() != "ready\n":
                raise MeasurementFailed("the empty programs could not be attached")
            time.sleep(SETTLE_S)
            yield process

    @contextlib.contextmanager
    def loopscope(self, pid):
        with self.loopscope_top("-p", pid) as process:
            yield process

    def loopscope_top(self, *target):
        return self.loopscope_command("top", *target)

    def stalls(self, pid):
        return self.loopscope_command("stalls", "-p", pid)

    def every_stall(self, pid):
        return self.stalls_told([pid], 1)

    def stalls_told(self, pids, threshold_ms):
        targets = [word for pid in pids for word in ("-p", pid)]
        return self.loopscope_command("stalls", *targets, "-t", threshold_ms, "--json")

    @contextlib.contextmanager
    def loopscope_command(self, *words):
        """What it prints goes to a file."""
        command = self.in_place([self.loopscope_path, *words, *self.edge_options()])
        with open(self.log_path, "w", encoding="utf-8") as log, \
             running(command, cpu=self.cpu, stop_with=signal.SIGINT, stdin=subprocess.DEVNULL,
                     stdout=log) as process:
            wait_attached(process)
            yield process

    @contextlib.contextmanager
    def bpftrace(self, pid):
        command = with_tracefs(["bpftrace", "-B", "line", HERE / "busy_off_cpu.bt", pid])
        with running(command, cpu=self.cpu, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                     stderr=subprocess.DEVNULL, text=True) as process:
            if not any(line == "up\n" for line in process.stdout):
                raise MeasurementFailed("bpftrace did not start")
            yield process
