#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Run in the guest: stalls of comparison.py under bcc's offcputime and loopscope, in Markdown."""

import dataclasses
import os
import pathlib
import sys

import comparison
import peers

SECONDS = 4  # a guest is emulated, and slow
BIN = pathlib.Path("/payload/bin")
HEAD = """
Made by `make comparison-guest`: the same programs on Debian's kernel {kernel} with
its headers, where kprobes are allowed, emulated by QEMU; Python {python}, bcc {bcc}. A stall
lasts about {seconds} s there, and begins when the tool has said that it traces, for which
offcputime compiles half a minute. It tells when it is stopped, half a second after the stall; shown
is the innermost function of its longest stack of the loop's thread. It follows frame pointers,
which neither programs built with -O2 nor Debian's libc and Python keep; of a loop on CPU it has the
time that others took from it.
"""


class Loopscope(peers.Loopscope):
    name = "loopscope stalls, in the same guest"


class OffCpuTime(peers.OffCpuTime):
    name = "bcc offcputime, in a guest with Debian's 6.1"


TOOLS = (OffCpuTime, Loopscope)
STALLS = tuple(
    dataclasses.replace(stall, argument=SECONDS * 1000)
    for stall in comparison.STALLS
    if stall.language != "node" and stall.work in ("sleep", "spin", "lock")
)


def head():
    return HEAD.format(
        kernel=os.uname().release, python=sys.version.split()[0], seconds=SECONDS,
        bcc=comparison.package_version("bpfcc-tools"))  # fmt: skip


if __name__ == "__main__":
    print(head())
    for row in comparison.rows(STALLS, [tool({"loopscope": BIN / "loopscope"}) for tool in TOOLS],
                               BIN):
        print(row)
