# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What scripted stalls are to be told as, and how many of them are told so, live.

CULPRITS_REPEATS says how often each is repeated: 3, or 100 for the score. A stall is told
right if both of its records name the culprit, and the first one came while it lasted.
"""

import os
import re
from dataclasses import dataclass

import programs
from stall_events import StallsWatch
from watch import CAUSES

REPEATS = int(os.environ.get("CULPRITS_REPEATS", "3"))
MOST_AT_ONCE = 20  # for one watch: ceilings hold back what is beyond some number in a minute
MOST_WRONG = 0.05
WHOLE = 0.6  # of the time that a program or client counts, the least that its stall lasts


@dataclass(frozen=True)
class Truth:
    function: str  # as `bare` has it; None: `under` itself, or whatever it called
    source: str = None  # file of tests/apps; None: one without debugging information
    mark: str = None  # the lines that have, or lie between, comments `culprit: MARK`
    module: str = None  # its path, or a link to it
    cause: str = "cpu"
    syscall: str = None  # that most of the time was spent in
    waker: str = None  # the name of the thread that ended it, in the process of `waker_pid`
    holder: str = None  # the name of the thread that has the lock, in the same process
    under: str = None  # a function that is to be on the stack, too

    def lines(self):
        """(first, last)"""
        text = (programs.APPS / self.source).read_text().splitlines()
        marked = [number for number, line in enumerate(text, 1)
                  if re.search(rf"culprit: {self.mark}\b", line)]  # fmt: skip
        return marked[0], marked[-1]


def python(function, mark, **more):
    return Truth(function, "stall_works.py", mark, **more)


def node(function, mark, **more):
    return Truth(function, "stall_node.js", mark, **more)


def cpp(function, mark, **more):
    return Truth(function, "stall_cpp.cpp", mark, **more)


def rust(function, mark, **more):
    return Truth(function, "stall_rust.rs", mark, **more)


ASLEEP = {"cause": "syscall"}
LOCKED = {"cause": "lock", "syscall": "futex"}

# who sends to a socket ends no sleep: the kernel's own softirq does
PYTHON = {
    "sleep": python("pause", "sleep", syscall="clock_nanosleep", **ASLEEP),
    "requests": python("fetch", "requests", syscall="recvfrom", **ASLEEP),
    "loop": python("count", "loop"),
    "json": python("parse", "json"),
    "gil": python("compete", "gil", waker="gil-holder", holder="gil-holder", **LOCKED),
}
NODE = {
    "pbkdf2": node("derive", "pbkdf2"),
    "parse": node("parse", "parse"),
    "hot": node("hot", "hot"),
    "read": node("load", "read", syscall="read", waker="fifo-writer", **ASLEEP),
}
CPP = {
    "spin": cpp("mix", "spin", under="shop::cart::checksum"),
    "sleep": cpp("shop::flush", "sleep", syscall="clock_nanosleep", **ASLEEP),
    "lock": cpp("shop::stock::take", "lock", waker="lock-holder", holder="lock-holder", **LOCKED),
}
RUST = {
    "spin": rust("mix", "spin", under="stall_rust::shop::Cart::checksum"),
    "sleep": rust("stall_rust::shop::flush", "sleep", syscall="clock_nanosleep", **ASLEEP),
    "lock": rust("stall_rust::shop::take", "lock", waker="lock-holder", **LOCKED),
}
REDIS = {
    "DEBUG SLEEP": Truth("debugCommand", module="/usr/bin/redis-server",
                         syscall="clock_nanosleep", under="call", **ASLEEP),
    "KEYS *": Truth(None, module="/usr/bin/redis-server", under="keysCommand"),
}  # fmt: skip
NGINX = {
    "slow disk": Truth("ngx_read_file", module="/usr/sbin/nginx", under="ngx_http_output_filter",
                       syscall="pread64", waker="slow-disk", **ASLEEP),
    "full pipe": Truth(None, module="/usr/sbin/nginx", under="ngx_http_free_request",
                       syscall="write", waker="log-reader", **ASLEEP),
}  # fmt: skip


def bare(function):
    """Without return type, template arguments and parameters: as a truth has it."""
    name = re.sub(r"\(anonymous namespace\)::", "", function)
    while "<" in name and ">" in name:
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    words = re.sub(r"\(.*", "", name).split()
    return words[-1] if words else ""


def is_named(name, told):
    return bare(told) == name or bare(told).endswith(("::" + name, "." + name))


def wrong_place(truth, culprit):
    if truth.module and culprit.get("module", "") != os.path.realpath(truth.module):
        yield f"module {culprit.get('module')}"
    if truth.source:
        first, last = truth.lines()
        if not culprit.get("file", "").endswith(truth.source):
            yield f"file {culprit.get('file')}"
        elif not first <= culprit.get("line", 0) <= last:
            yield f"line {culprit.get('line')}, not {first} to {last}"


def wrong_culprit(truth, event):
    """What is wrong with a record's culprit and stack, in a few words; empty: nothing."""
    culprit = event.get("culprit")
    if not culprit:
        return ["no culprit"]
    functions = [frame.get("function", "") for frame in event["stack"]]
    inner = functions
    wrong = list(wrong_place(truth, culprit))
    if truth.under:
        at = [number for number, each in enumerate(functions) if is_named(truth.under, each)]
        if not at:
            return [*wrong, f"no {truth.under} on the stack {functions[:12]}"]
        inner = functions[: at[-1] + 1]
    function = culprit.get("function", "")
    if not (is_named(truth.function, function) if truth.function else function in inner):
        wrong.append(f"function {function}, on the stack {functions[:6]}")
    return wrong


def wrong_holder(truth, event):
    """What is wrong with who is said to have the lock, while the thread waits for it."""
    held_by = event.get("held_by") or {}
    wanted = (event["pid"], truth.holder) if truth.holder else (None, None)
    if (held_by.get("pid"), held_by.get("thread")) != wanted:
        yield f"held by {held_by}, not {wanted}"


def wrong_end(truth, event, waker_pid):
    """What is wrong with what an ended stall says beside its culprit."""
    wrong = []
    causes = [name for name in CAUSES if name != "runqueue"]  # others had the CPU: no concern here
    cause = max(causes, key=lambda name: event["time_ms"][name])
    if cause != truth.cause:
        wrong.append(f"cause {cause}")
    syscalls = sorted(event.get("syscalls", []), key=lambda row: -row["time_ms"])
    if truth.syscall and (not syscalls or syscalls[0]["name"] != truth.syscall):
        wrong.append(f"syscalls {syscalls}")
    woken_by = event.get("woken_by")
    if truth.holder and not woken_by:
        # a wait with a timeout may run out just as the lock is free: nobody wakes the thread then
        wrong += wrong_holder(truth, event)
    elif truth.waker:
        wanted = (waker_pid, truth.waker)
        if not woken_by or (woken_by.get("pid"), woken_by.get("thread")) != wanted:
            wrong.append(f"woken by {woken_by}, not {wanted}")
    elif truth.syscall and woken_by:
        wrong.append(f"woken by {woken_by}, not a timer")
    return wrong


def wrong_stall(truth, watch, tid, since, span, waker_pid):
    """What is wrong with what was told of the stall of `span`, (begun, ended) in ns."""
    begun_ns, ended_ns = span
    ended = watch.await_event("ended", tid, since, WHOLE * (ended_ns - begun_ns) / 1e6)
    end = watch.events.index(ended)
    begun = [event for event in watch.of_thread(tid, since)
             if event["event"] == "begun" and event in watch.events[:end]]  # fmt: skip
    wrong = [f"ended: {each}" for each in wrong_culprit(truth, ended)]
    wrong += wrong_end(truth, ended, waker_pid)
    if not begun:
        return [*wrong, "not told while it lasted"]
    wrong += [f"begun: {each}" for each in wrong_culprit(truth, begun[-1])]
    wrong += [f"begun: {each}" for each in wrong_holder(truth, begun[-1])]
    late_ms = (begun[-1]["came_ns"] - ended_ns) / 1e6
    if late_ms > 0:
        wrong.append(f"told {late_ms:.0f} ms after its end")
    return wrong


def repeat(nr, truth, tid, stall, waker_pid):
    """What was wrong of each stall that was not told right."""
    with StallsWatch("-p", tid) as watch:
        for _ in range(nr):
            since = len(watch.events)
            wrong = wrong_stall(truth, watch, tid, since, stall(), waker_pid)
            if wrong:
                yield wrong


def score(figures, truth, tid, stall, waker_pid=None):
    """`stall` holds the thread up once and returns when it began and ended: REPEATS times."""
    all_wrong = []
    for done in range(0, REPEATS, MOST_AT_ONCE):
        nr = min(MOST_AT_ONCE, REPEATS - done)
        all_wrong += repeat(nr, truth, tid, stall, waker_pid)
    for wrong in all_wrong:
        print(wrong)
    figures.note("told right", REPEATS - len(all_wrong), REPEATS, source="stalls")
    assert len(all_wrong) <= MOST_WRONG * REPEATS, all_wrong[:5]
