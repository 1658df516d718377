# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that wait for completions, of io_uring and its forerunner, against their own accounts."""

import contextlib
import socket
import time
from types import SimpleNamespace

import programs
import pytest
from bracket import Bracket, compare_waits
from watch import Watch

SPAN_S = 1
NR_CLIENTS = 4
MAX_MESSAGE = 64


class Loop(programs.Program):
    def __enter__(self):
        super().__enter__()
        said = self.process.stdout.readline()
        if said.startswith("no io_uring"):
            self.__exit__()
            pytest.skip(said.strip())
        self.port = int(said.split()[-1].rstrip("}"))
        return self

    def count(self):
        self.tell("count")
        return SimpleNamespace(**self.hear("counted"))

    def echo(self, seconds):
        """So many round trips in that time, each client waiting for its own."""
        with contextlib.ExitStack() as stack:
            address = ("127.0.0.1", self.port)
            clients = [stack.enter_context(socket.create_connection(address))
                       for _ in range(NR_CLIENTS)]  # fmt: skip
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                for client in clients:
                    client.sendall(MAX_MESSAGE * b"x")
                for client in clients:
                    left = MAX_MESSAGE
                    while left:
                        left -= len(client.recv(left))


def watch_loop(program, figures, load=True):
    """The loop as loopscope reports it, held against its own account, and that over the span."""
    bracket = Bracket(program.count)
    with Watch("-p", program.pid) as watch:
        for _ in range(4):  # it takes two waits alike to be looked at
            program.count()
        program.start()
        bracket.mark()
        if load:
            program.echo(SPAN_S)
        else:
            time.sleep(SPAN_S)
        bracket.mark()
        program.stop()
        report = watch.finish()
    bracket.mark()
    report.check_nothing_lost()
    loop = report.thread(program.pid)
    compare_waits(figures, bracket, loop)
    return loop, bracket


def compare_sleeps(figures, loop, bracket, asleep_ms):
    """What was slept includes, by the program's clock, the wait for a CPU after it."""
    inner, outer = (value(lambda log: log.slept_ns / 1e6) for value in
                    (bracket.inner, bracket.outer))  # fmt: skip
    waited_ms = loop.time_ms["runqueue"] + loop.time_ms["cpu_quota"]
    figures.at_least("asleep", asleep_ms + waited_ms, inner, "ms", rel=0.01, source="own, inner")
    figures.at_most("asleep", asleep_ms, outer, "ms", rel=0.01, source="own, outer")


@pytest.mark.parametrize("how", ["submit", "timeout", "registered"])
def test_io_uring(figures, how):
    """What is completed meanwhile interrupts a callback's sleep, which goes on by another name."""
    with Loop(programs.built("uring_loop"), how) as program:
        loop, bracket = watch_loop(program, figures)
    assert loop["wait_family"] == "io_uring"
    compare_sleeps(figures, loop, bracket, loop.time_ms["syscall"])


def test_io_uring_in_callbacks(figures):
    """Of a loop on epoll they are blocking calls, and no waits."""
    with Loop(programs.built("uring_loop"), "nested") as program:
        loop, bracket = watch_loop(program, figures, load=False)
    assert loop["wait_family"] == "epoll"
    compare_sleeps(figures, loop, bracket, loop.syscall("io_uring_enter")[1])


@pytest.mark.parametrize("how", ["pgetevents", "getevents"])
def test_aio(figures, how):
    with Loop(programs.built("aio_loop"), how) as program:
        loop, bracket = watch_loop(program, figures)
    assert loop["wait_family"] == "aio"
    compare_sleeps(figures, loop, bracket, loop.time_ms["syscall"])
