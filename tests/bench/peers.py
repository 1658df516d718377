# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Tools that tell what a program does: each is run beside one stall, as its manual has it.

A tool is begun before the stall and asked for its result, if it does not speak by itself, when the
stall has ended. `told()` answers what it showed, in a few words, and when: nanoseconds of
CLOCK_MONOTONIC, None for nothing.
"""

import collections
import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time

from process import wait_for

FREQUENCY = 99
UP_S = 180  # what compiles takes long on a slow machine
ASK_AFTER_S = 0.5  # into the stall: someone happens to look


class DoesNotRun(Exception):
    """The tool, on this machine; why."""


def go_first():
    """Before what else the machine runs: its load is of no concern here."""
    os.setpriority(os.PRIO_PROCESS, 0, -15)


class Peer:
    """What does nothing by itself; others fill in."""

    name = ""
    languages = ("python", "node", "native")
    options = ()  # of node
    environment = {}

    def __init__(self, places):
        self.places = places  # BINARY, and paths of tools

    def fits(self, stall):
        return stall.language in self.languages

    @contextlib.contextmanager
    def beside(self, _program, _directory):
        yield

    def look(self, _program):
        """In the midst of the stall."""

    def told(self, stall, program):
        raise NotImplementedError


def share(part, whole):
    return f"{100 * part / whole:.0f} % of {whole} samples"


def name_of_culprit(stall, text):
    """The place in `text` as the tool writes it, if it names the function at all."""
    return next(iter(re.findall(rf"^.*\b{stall.function}\b.*$", text, re.M)), "").strip()


class Recorder(Peer):
    """Writes a file when it is interrupted."""

    def command(self, pid, path):
        raise NotImplementedError

    def is_up(self):
        return True

    @contextlib.contextmanager
    def beside(self, program, directory):
        self.pid = program.pid
        self.path = directory / f"{type(self).__name__}.out"
        self.log = directory / f"{type(self).__name__}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(list(map(str, self.command(program.pid, self.path))),
                                            stdout=log, stderr=log,
                                            preexec_fn=go_first)  # fmt: skip
            time.sleep(1)  # most do not say when they have begun
            wait_for(f"beginning of {self.name}",
                     lambda: self.process.poll() is not None or self.is_up(), UP_S, 0.1)
            yield
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def text(self):
        return self.path.read_text() if self.path.exists() else ""

    def told(self, stall, _program):
        return self.judge(stall), time.monotonic_ns()

    def judge(self, stall):
        raise NotImplementedError


class PySpyRecord(Recorder):
    name = "py-spy record"
    languages = ("python",)

    def command(self, pid, path):
        options = ("-r", FREQUENCY, "-d", 60, "-f", "raw", "-o", path)
        return (self.places["py-spy"], "record", "-p", pid, *options)

    def judge(self, stall):
        weights = collections.Counter()
        for line in self.text().splitlines():
            stack, _, count = line.rpartition(" ")
            weights[stack.split(";")[-1], f"{stall.function} (" in stack] += int(count)
        whole = sum(weights.values())
        named = sum(count for (_, has), count in weights.items() if has)
        if not named:
            return f"not there: {share(0, whole)}"
        leaf = max((each for each in weights if each[1]), key=weights.get)[0]
        return f"`{leaf}`: {share(named, whole)}"


class PySpyDump(Peer):
    name = "py-spy dump"
    languages = ("python",)

    def look(self, program):
        command = [self.places["py-spy"], "dump", "-p", str(program.pid)]
        self.output = subprocess.run(command, capture_output=True, text=True,
                                     preexec_fn=go_first).stdout  # fmt: skip
        self.at_ns = time.monotonic_ns()

    def told(self, stall, _program):
        named = name_of_culprit(stall, self.output)
        return (f"`{named}`" if named else "another place"), self.at_ns


class PerfRecord(Recorder):
    name = "perf record"

    def command(self, pid, path):
        options = ("-q", "-e", "cpu-clock", "-F", FREQUENCY, "--call-graph", "dwarf")
        return ("perf", "record", *options, "-p", pid, "-o", path)

    def judge(self, stall):
        script = subprocess.run(["perf", "script", "-i", self.path], capture_output=True, text=True)
        stacks = [each for each in script.stdout.split("\n\n") if "cpu-clock" in each]
        if not stacks:
            return "no sample: it did not run"
        named = sum(bool(re.search(rf"\b{stall.function}\b", each)) for each in stacks)
        if named:
            return f"`{stall.function}`: {share(named, len(stacks))}"
        leaves = collections.Counter(
            each.splitlines()[1].split()[1].split("+")[0] for each in stacks if "\n" in each
        )
        leaf, count = leaves.most_common(1)[0]
        return f"`{leaf}` ({share(count, len(stacks))}), never `{stall.function}`"


# of offcputime: what the kernel and, after "--", the program was in; the thread; microseconds
STACK_OFF_CPU = r"^((?:    .*\n)+?)    -  .* \((\d+)\)\n +(\d+)$"


class OffCpuTime(Recorder):
    name = "bcc offcputime"

    def command(self, pid, _path):
        return ("env", "PYTHONUNBUFFERED=1", "offcputime-bpfcc", "-d", "-p", pid, 600)

    def is_up(self):
        return "Tracing" in self.log.read_text()

    def judge(self, stall):
        text = self.log.read_text()
        if "Traceback" in text:
            lines = [line for line in text.splitlines() if line.strip()]
            reason = next((line for line in lines if "kernel headers" in line), lines[-1])
            raise DoesNotRun(re.split(r"(?<=[.!]) ", reason)[0])
        stacks = [(stack, int(us)) for stack, tid, us in re.findall(STACK_OFF_CPU, text, re.M)
                  if int(tid) == self.pid]
        if not stacks:
            return "nothing: it never slept"
        named = [us for stack, us in stacks if re.search(rf"\b{stall.function}\b", stack)]
        if named:
            return f"`{stall.function}`: {sum(named) / 1e6:.3f} s"
        stack, us = max(stacks, key=lambda each: each[1])
        leaf = stack.rpartition("    --\n")[2].splitlines()[0].strip()
        return f"`{leaf}`: {us / 1e6:.3f} s, never `{stall.function}`"


class NodeProfile(Peer):
    """Written by Node itself, when it exits."""

    name = "Node --cpu-prof"
    languages = ("node",)

    @contextlib.contextmanager
    def beside(self, _program, directory):
        self.directory = directory
        yield

    def told(self, stall, program):
        program.end()
        path = next(self.directory.glob("*.cpuprofile"))
        at_ns = time.monotonic_ns()
        profile = json.loads(path.read_text())
        parents = {child: node["id"] for node in profile["nodes"]
                   for child in node.get("children", ())}  # fmt: skip
        frames = {node["id"]: node["callFrame"] for node in profile["nodes"]}
        times = collections.Counter()
        for sample, delta_us in zip(profile["samples"], profile["timeDeltas"]):
            while sample and frames[sample]["functionName"] != stall.function:
                sample = parents.get(sample)
            if sample:
                frame = frames[sample]
                times[f"{frame['url'].rpartition('/')[2]}:{frame['lineNumber'] + 1}"] += delta_us
        if not times:
            return f"never `{stall.function}`", at_ns
        (place, us), *_ = times.most_common(1)
        return f"`{stall.function}` ({place}), {us / 1e6:.2f} s", at_ns


class AsyncioDebug(Peer):
    name = "asyncio debug mode"
    languages = ("python",)
    environment = {"PYTHONASYNCIODEBUG": "1"}

    def told(self, _stall, program):
        wait_for("line of asyncio", lambda: program.errors_with("took"), timeout_s=5)
        at_ns, line = program.errors_with("took")[-1]
        line = re.sub(r"(at|created at) \S*/", r"\1 ", line)
        return f"`{line}`", at_ns


class Loopscope(Peer):
    name = "loopscope stalls"

    @contextlib.contextmanager
    def beside(self, program, _directory):
        command = [self.places["loopscope"], "stalls", "-p", program.pid, "-t", 50, "--json"]
        process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True,
                                   preexec_fn=go_first)  # fmt: skip
        for line in process.stderr:
            if "watching" in line:
                break
        self.records = []
        reader = threading.Thread(target=self.read, args=(process.stdout,))
        reader.start()
        yield
        process.send_signal(signal.SIGINT)
        process.wait(timeout=10)
        reader.join()

    def read(self, stream):
        for line in stream:
            self.records.append((time.monotonic_ns(), json.loads(line)))

    def told(self, _stall, _program):
        at_ns, first = self.records[0]
        end_ns, ended = max(self.records, key=lambda each: each[1].get("duration_ms", 0))
        culprit = first["culprit"] or {}
        place = f"{culprit.get('file', '').rpartition('/')[2]}:{culprit.get('line', '?')}"
        doing = first["where"]["syscall"] or first["where"]["cause"]
        words = f"`{culprit.get('function', '?')} ({place})`, in {doing}"
        cause = max(ended["time_ms"], key=ended["time_ms"].get)
        words += f"; at its end {ended['duration_ms'] / 1e3:.3f} s, most of it {cause}"
        if ended["woken_by"]:
            words += f", ended by thread {ended['woken_by']['thread']}"
        return words, at_ns


PEERS = (Loopscope, PySpyRecord, PySpyDump, PerfRecord, OffCpuTime, NodeProfile, AsyncioDebug)
