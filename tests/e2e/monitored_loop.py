# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""monitored_loop.js for asyncio: the same plan, protocol and answers.

Its monitor is the one that everybody writes: sleep for 100 ms, see how late it is.
"""

import asyncio
import contextlib
import json
import math
import socket
import struct
import sys
import time

PERIOD_S = 0.1
REST_S = 0.1  # in which what has been sent is read


class Monitor:
    def __init__(self):
        self.late_ms = []

    async def run(self):
        loop = asyncio.get_running_loop()
        while True:
            before = loop.time()
            await asyncio.sleep(PERIOD_S)
            self.late_ms.append(max(0.0, loop.time() - before - PERIOD_S) * 1000)

    def figures(self):
        late = sorted(self.late_ms)
        if not late:
            return None
        rank = {f"p{q}": late[math.ceil(len(late) * q / 100) - 1] for q in (50, 95, 99)}
        return {**rank, "max": late[-1], "samples": len(late)}


class Probed:
    """A socket read to its end whenever it is readable; asyncio's own reads one datagram."""

    def __init__(self):
        self.probes_ns = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.bind(("127.0.0.1", 0))

    def read(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                (sent_ns,) = struct.unpack("<Q", self.socket.recv(8))
                self.probes_ns.append(time.monotonic_ns() - sent_ns)


class Program:
    def __init__(self, plan):
        self.plan = plan
        self.stalls_ns = []
        self.tasks = []
        self.monitor = Monitor()
        self.probed = Probed()

    async def stall(self):
        turn = 0
        while self.plan["gaps_ms"]:
            await asyncio.sleep(self.plan["gaps_ms"][turn % len(self.plan["gaps_ms"])] / 1000)
            turn += 1
            begun = now = time.monotonic_ns()
            while now < begun + self.plan["stall_ms"] * 1e6:
                now = time.monotonic_ns()
            self.stalls_ns.append(now - begun)

    def start(self):
        self.started_ns = time.monotonic_ns()
        self.tasks.append(asyncio.create_task(self.stall()))
        if self.plan["monitor"]:
            self.tasks.append(asyncio.create_task(self.monitor.run()))
        say("started", {})

    def stop(self):
        for task in self.tasks:
            task.cancel()
        asyncio.get_running_loop().call_later(REST_S, self.tell)

    def tell(self):
        answer = {
            "monitor": self.monitor.figures(),
            "stalls_ns": self.stalls_ns,
            "probes_ns": self.probed.probes_ns,
            "span_ns": time.monotonic_ns() - self.started_ns,
        }
        say("stopped", answer)

    def command(self):
        line = sys.stdin.readline()
        if not line:
            asyncio.get_running_loop().stop()
        elif line.strip():
            getattr(self, line.strip())()

    async def serve(self):
        loop = asyncio.get_running_loop()
        loop.add_reader(self.probed.socket, self.probed.read)
        loop.add_reader(sys.stdin, self.command)
        say("ready", {"port": self.probed.socket.getsockname()[1]})
        await asyncio.Event().wait()


def say(word, value):
    print(word, json.dumps(value), flush=True)


if __name__ == "__main__":
    asyncio.run(Program(json.loads(sys.argv[1])).serve())
