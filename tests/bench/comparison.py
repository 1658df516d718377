#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The same stalls under loopscope and under other tools, side by side: `make comparison`.

Writes a Markdown table to the file named: what each tool showed, and how long after the
stall's beginning it had said it.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from dataclasses import dataclass

import peers
from process import MeasurementFailed

HERE = pathlib.Path(__file__).resolve().parent
APPS = HERE.parent / "apps"
SECONDS = 2  # that a stall lasts, near enough


@dataclass(frozen=True)
class Stall:
    title: str
    language: str
    work: str
    function: str  # to blame
    argument: object = SECONDS * 1000
    options: tuple = ()  # of node

    def command(self, build):
        if self.language == "python":
            return [sys.executable, APPS / "stall_loop.py"]
        if self.language == "node":
            return ["node", *self.options, APPS / "stall_node.js"]
        return [build / "stall_cpp"]


STALLS = (
    Stall("asyncio: `time.sleep`", "python", "sleep", "pause"),
    Stall("asyncio: `requests.get`, slow server", "python", "requests", "fetch"),
    Stall("asyncio: a pure-Python loop", "python", "loop", "count"),
    Stall("asyncio: `json.loads` of 50 MB", "python", "json", "parse"),
    Stall("asyncio: GIL held in C by another thread", "python", "gil", "compete"),
    Stall("Node: `crypto.pbkdf2Sync`", "node", "pbkdf2", "derive", 1_500_000),
    Stall("Node: a hot JavaScript function", "node", "hot", "hot"),
    Stall("Node: the same, `--perf-basic-prof`", "node", "hot", "hot",
          options=("--perf-basic-prof",)),
    Stall("Node: `fs.readFileSync` on a FIFO", "node", "read", "load"),
    Stall("C++ at -O2: a loop in an inlined function", "native", "spin", "mix"),
    Stall("C++ at -O2: `nanosleep`", "native", "sleep", "flush"),
    Stall("C++ at -O2: a mutex that another thread has", "native", "lock", "take"),
)  # fmt: skip


class Program:
    """Commands on stdin, answers on stdout; its errors are kept with the time they came."""

    def __init__(self, command, environment, directory):
        self.process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env={**os.environ, **environment},
            cwd=directory, preexec_fn=peers.go_first)  # fmt: skip
        self.pid = self.process.pid
        self.errors = []
        self.reader = threading.Thread(target=self.read_errors)
        self.reader.start()

    def read_errors(self):
        for line in self.process.stderr:
            self.errors.append((time.monotonic_ns(), line.strip()))

    def errors_with(self, words):
        return [each for each in self.errors if words in each[1]]

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self, word):
        line = self.process.stdout.readline()
        if not line.startswith(word):
            raise MeasurementFailed(f"{line!r} instead of {word}")
        return json.loads(line[len(word):])

    def end(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()
        self.process.wait(timeout=30)
        self.reader.join()
        self.process.stdout.close()


def slow_answer(server):
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        time.sleep(SECONDS)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def write_later(path):
    with open(path, "r+b", buffering=0) as fifo:
        time.sleep(SECONDS)
        fifo.write(b"at last\n")


@contextlib.contextmanager
def others_of(stall, directory):
    """Who makes the stall last; yields (environment, argument)."""
    environment, argument, thread = {"GIL_HOLDER": str(directory.parent)}, stall.argument, None
    if stall.work == "requests":
        import socket

        server = socket.create_server(("127.0.0.1", 0))
        environment["SLOW_URL"] = f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread = threading.Thread(target=slow_answer, args=(server,))
    elif stall.work == "read":
        argument = directory / "fifo"
        os.mkfifo(argument)
        thread = threading.Thread(target=write_later, args=(argument,))
    yield environment, argument, thread
    if thread:
        thread.join()


def measure(stall, tool, build, directory):
    """(what it showed, seconds after the stall's beginning, whether the stall still lasted)"""
    options = ("--cpu-prof",) if isinstance(tool, peers.NodeProfile) else ()
    command = stall.command(build)
    command[1:1] = options
    with others_of(stall, directory) as (environment, argument, thread):
        program = Program(command, {**environment, **tool.environment}, directory)
        try:
            program.hear("ready")
            if stall.language == "python":
                program.tell(f"prepare {stall.work}")
                program.hear("prepared")
            elif stall.language == "native":
                program.tell("stall sleep 1")  # what it makes at first is none of the stall's
                program.hear("stalled")
            with tool.beside(program, directory):
                time.sleep(0.5)
                if thread:
                    thread.start()
                program.tell(f"stall {stall.work} {argument}")
                time.sleep(peers.ASK_AFTER_S)
                tool.look(program)
                span = program.hear("stalled")
                time.sleep(0.5)
            words, at_ns = tool.told(stall, program)
        finally:
            program.end()
    return words, (at_ns - span["begun"]) / 1e9, at_ns < span["ended"]


def build_parts(directory):
    subprocess.run(["g++", "-std=gnu++17", "-O2", "-g", "-pthread", "-o",
                    directory / "stall_cpp", APPS / "stall_cpp.cpp"], check=True)  # fmt: skip
    name = "gil_holder" + sysconfig.get_config_var("EXT_SUFFIX")
    headers = sysconfig.get_paths()["include"]
    subprocess.run(["gcc", "-O2", "-g", "-shared", "-fPIC", f"-I{headers}", "-o",
                    directory / name, APPS / "gil_holder.c"], check=True)  # fmt: skip


def cell_of(stall, tool, build):
    directory = pathlib.Path(tempfile.mkdtemp(dir=build))
    try:
        words, after_s, live = measure(stall, tool, build, directory)
    except peers.DoesNotRun as reason:
        return f"does not run here: {reason} | never"
    finally:
        shutil.rmtree(directory)
    return f"{words} | {after_s:.2f} s, {'while it lasted' if live else 'after its end'}"


def table_head(stall):
    return f"\n### {stall.title}\n\n| tool | what it showed | when |\n|---|---|---|"


def rows(stalls, tools, build):
    for stall in stalls:
        yield table_head(stall)
        for tool in tools:
            if not tool.fits(stall):
                continue
            print(f"{stall.title}: {tool.name}", file=sys.stderr, flush=True)
            yield f"| {tool.name} | {cell_of(stall, tool, build)} |"


def machine():
    """As a reader knows it: "2 CPUs, Intel(R) Xeon(R) Processor, virtual, 8 GB"."""
    told = dict(map(str.strip, line.split(":", 1)) for line in
                pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
                if ":" in line)  # fmt: skip
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    virtual = ", virtual" if "hypervisor" in told.get("flags", "").split() else ""
    model = told.get("model name", os.uname().machine)
    return f"{os.cpu_count()} CPUs, {model}{virtual}, {memory:.0f} GB"


def version(*command):
    said = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    return said.stdout.strip().splitlines()[0] if said.stdout.strip() else "-"


def package_version(package):
    return version("dpkg-query", "-W", "-f", "${Version}\n", package)


def head(places, load_before):
    text = (HERE / "comparison_head.md").read_text(encoding="utf-8")
    return text.format(
        date=time.strftime("%F", time.gmtime()), machine=machine(),
        loopscope=version(places["loopscope"], "--version"),
        kernel=os.uname().release, node=version("node", "--version"),
        python=sys.version.split()[0], perf=version("perf", "--version"),
        py_spy=version(places["py-spy"], "--version"),
        bcc=package_version("bpfcc-tools"), before=load_before, after=os.getloadavg()[0],
        seconds=SECONDS, ask=peers.ASK_AFTER_S)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--only", default="", help="tools whose name has this text")
    parser.add_argument("--stall", default="", help="stalls whose title has this text")
    parser.add_argument("output", type=pathlib.Path, help="the Markdown file to write")
    arguments = parser.parse_args()
    places = {"py-spy": pathlib.Path(sys.executable).parent / "py-spy",
              "loopscope": arguments.build.resolve() / "loopscope"}  # fmt: skip
    tools = [peer(places) for peer in peers.PEERS if arguments.only in peer.name]
    stalls = [stall for stall in STALLS if arguments.stall in stall.title]
    with tempfile.TemporaryDirectory(prefix="loopscope-comparison-") as directory:
        build_parts(pathlib.Path(directory))
        load = os.getloadavg()[0]
        lines = list(rows(stalls, tools, pathlib.Path(directory)))
    lines.insert(0, head(places, load))
    arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
