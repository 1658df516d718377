# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Node, C++ and Rust held up on purpose: `loopscope stalls` says so, and by what."""

import os
import shutil
import subprocess

import culprits
import programs
import pytest
from slow_parts import write_later

ASLEEP_MS = 700
BUSY_MS = 400
TEXT_MB = 50
ITERATIONS = 400000
NATIVE_MS = {"spin": BUSY_MS, "sleep": ASLEEP_MS, "lock": ASLEEP_MS}
COMPILERS = {
    "cpp": ("g++", "-std=gnu++17", "-O2", "-g", "-pthread"),
    "rust": ("rustc", "--edition=2021", "-O", "-g"),
}
TRUTHS = {"cpp": culprits.CPP, "rust": culprits.RUST}


def hold_up(program, line):
    program.tell(line)
    span = program.hear("stalled")
    return span["begun"], span["ended"]


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
@pytest.mark.parametrize("options", [(), ("--perf-basic-prof",)], ids=["plain", "perf map"])
@pytest.mark.parametrize("name", ["pbkdf2", "parse", "hot"])
def test_node(name, options, figures, tmp_path):
    argument = {"pbkdf2": ITERATIONS, "parse": 0, "hot": BUSY_MS}[name]
    command = ("node", *options, programs.APPS / "stall_node.js")
    with programs.Program(*command, cwd=tmp_path) as program:
        program.hear("ready")
        program.tell(f"prepare text {TEXT_MB}")
        program.hear("prepared")
        stall = lambda: hold_up(program, f"stall {name} {argument}")  # noqa: E731
        culprits.score(figures, culprits.NODE[name], program.pid, stall)


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_node_reads_a_fifo(figures, tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with programs.Program("node", programs.APPS / "stall_node.js") as program:
        program.hear("ready")

        def stall():
            writer = write_later(fifo, ASLEEP_MS)
            span = hold_up(program, f"stall read {fifo}")
            writer.join()
            return span

        culprits.score(figures, culprits.NODE["read"], program.pid, stall, os.getpid())


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    """Path of stall_cpp or stall_rust, built with optimization."""
    directory = tmp_path_factory.mktemp("native")

    def build(kind):
        compiler, *options = COMPILERS[kind]
        if not shutil.which(compiler):
            pytest.skip(f"no {compiler} here")
        program = directory / f"stall_{kind}"
        source = programs.APPS / f"stall_{kind}.{ {'rust': 'rs'}.get(kind, kind) }"
        if not program.exists():
            subprocess.run([compiler, *options, "-o", program, source], check=True)
        return program

    return build


@pytest.mark.parametrize("name", list(NATIVE_MS))
@pytest.mark.parametrize("kind", list(COMPILERS))
def test_native(kind, name, native, figures):
    with programs.Program(native(kind)) as program:
        program.hear("ready")
        stall = lambda: hold_up(program, f"stall {name} {NATIVE_MS[name]}")  # noqa: E731
        culprits.score(figures, TRUTHS[kind][name], program.pid, stall, program.pid)
