# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Loops that end, or begin anew, in a thread that lives on: what is theirs, and what is not."""

import os
import select
import signal
import sys

import programs
import servers
from watch import Watch

PROGRAM = """
import asyncio, ctypes, os, select, socket, sys, time
async def work(rounds=20):
    for _ in range(rounds):
        await asyncio.sleep(0.005)
def spin(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass
async def stall(kind, count):
    for _ in range(count):
        kind(0.2)
        await work(5)
def serve(poller, rounds):
    for _ in range(rounds):
        poller.poll(0.005)
def wait_twice():
    quiet, _ = pair = socket.socketpair()
    poller = select.poll()
    poller.register(quiet, select.POLLIN)
    for _ in range(2):
        poller.poll(20)
def rest():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall(202, ctypes.byref(ctypes.c_int(0)), 128, 0, ctypes.byref(
        (ctypes.c_long * 2)(20, 0)), None, 0)
print('ready {}', flush=True)
sys.stdin.readline()
exec(sys.argv[1])
print('done {}', flush=True)
sys.stdin.readline()
"""


def watched(script, meanwhile=None):
    with programs.Program(sys.executable, "-c", PROGRAM, script) as program:
        program.hear("ready")
        with Watch("-p", program.pid) as watch:
            program.tell("go")
            if meanwhile:
                meanwhile(program.pid)
            program.hear("done")
            report = watch.finish()
    report.check_nothing_lost()
    return report.loops


def total(loops, value):
    return sum(value(loop) for loop in loops)


def test_what_comes_after():
    """Neither sleeping nor spinning is the loop's, once it is closed."""
    loops = watched(
        "asyncio.run(work()); time.sleep(0.6); asyncio.run(work()); spin(0.6)"
    )
    assert total(loops, lambda loop: loop["iterations"]) >= 40
    assert total(loops, lambda loop: loop["stalls"]) == 0
    assert total(loops, lambda loop: loop["time_ms"]["syscall"]) < 100
    assert total(loops, lambda loop: loop["time_ms"]["cpu"]) < 200


def test_stalls_of_the_next():
    """The descriptor has the same number, and perhaps the same address."""
    loops = watched("asyncio.run(work()); asyncio.run(stall(time.sleep, 4))")
    assert total(loops, lambda loop: loop["stalls"]) == 4
    assert total(loops, lambda loop: loop["time_ms"]["syscall"]) >= 790


def test_stall_before_the_end():
    """The last thing that it does before it closes is its own."""
    loops = watched("asyncio.run(stall(spin, 1)); spin(0.01)")
    assert total(loops, lambda loop: loop["stalls"]) == 1
    loops = watched("p = select.epoll(); serve(p, 40); spin(0.2); p.close(); time.sleep(0.2)")
    assert total(loops, lambda loop: loop["stalls"]) == 1
    assert total(loops, lambda loop: loop["time_ms"]["syscall"]) == 0


def test_another_one_under_its_number():
    """A wait of a callback's stays nested."""
    script = "p = select.epoll(); q = select.epoll(); serve(p, 5); os.dup2(q.fileno(), p.fileno())"
    loops = watched(script + "\nfor _ in range(10): serve(p, 4); wait_twice()")
    [loop] = loops
    assert loop["wait_family"] == "epoll" and loop["iterations"] >= 45
    assert loop.syscall("poll")[1] >= 390


def test_stopped_and_continued():
    """A timed wait for a lock that goes on after signals is no poll."""

    def stop_and_continue(pid):
        for _ in range(3):
            servers.await_true(lambda: syscall_of(pid) in ("202", "219"), "it does not rest")
            os.kill(pid, signal.SIGSTOP)
            select.select([], [], [], 0.1)
            os.kill(pid, signal.SIGCONT)
            servers.await_true(lambda: syscall_of(pid) == "219", "it does not go on")
        os.kill(pid, signal.SIGUSR1)

    handled = "import signal; signal.signal(signal.SIGUSR1, lambda *_: None); rest()"
    assert not watched(handled, stop_and_continue)


def syscall_of(pid):
    with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
        return file.read().split()[0]
