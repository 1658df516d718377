# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An asyncio program that follows a script and keeps its own account.

    asyncio_loop.py [--epoll | --poll | --select | --uvloop] STEPS...

STEPS is a JSON list of [name, milliseconds], of `Steps`, `idle` and `rival`; it is
followed once after `start` on stdin, each step in a callback of its own. Says `ready {}`;
answers `started {account}`, and `stopped {account}` when `stop` has come and the
script is done. At `end` the next loop begins, for the next STEPS, in the same thread.
  busy_ns cpu_ns iterations events   what its selector sees: time and CPU time
      from the return of one select() to the next, GIL included; not with uvloop
  process_ns voluntary involuntary   CPU time and context switches of the whole process,
      threads that have ended included
  polls   calls of poll() that the steps of polling_steps.py make for sure
  steps   for each name [count, ns]: how often, and how long the call that it is about took
"""

import asyncio
import json
import os
import resource
import selectors
import sys
import tempfile
import threading
import time
from collections import defaultdict

from polling_steps import PollingSteps, timed

SELECTORS = {
    "--epoll": selectors.EpollSelector,
    "--poll": selectors.PollSelector,
    "--select": selectors.SelectSelector,
}


class Logged:
    """Of a selector: counts what its caller does between its calls."""

    def __init__(self):
        super().__init__()
        self.busy_ns = self.cpu_ns = self.iterations = self.events = 0
        self.returned = None

    def select(self, timeout=None):
        if self.returned:
            self.busy_ns, self.cpu_ns = self.totals()
        ready = super().select(timeout)
        self.returned = (time.monotonic_ns(), time.thread_time_ns())
        self.iterations += 1
        self.events += len(ready)
        return ready

    def totals(self):
        busy, cpu = self.busy_ns, self.cpu_ns
        if self.returned:
            busy += time.monotonic_ns() - self.returned[0]
            cpu += time.thread_time_ns() - self.returned[1]
        return busy, cpu

    def account(self):
        busy, cpu = self.totals()
        return {
            "busy_ns": busy,
            "cpu_ns": cpu,
            "iterations": self.iterations,
            "events": self.events,
        }


class Steps(PollingSteps):
    """What a callback can do to its loop; all hold it. Each returns how long."""

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
        self.file = tempfile.TemporaryFile()

    def spin(self, ms):
        def run():
            end = time.monotonic_ns() + ms * 1e6
            while time.monotonic_ns() < end:
                pass

        return timed(run)

    def sleep(self, ms):
        return timed(time.sleep, ms / 1000)

    def acquire(self, ms):
        """Waits for a lock that another thread holds, and for that thread to start and end."""
        held = threading.Event()

        def hold():
            with self.lock:
                held.set()
                time.sleep(ms / 1000)

        def run():
            holder = threading.Thread(target=hold)
            holder.start()
            held.wait()
            with self.lock:
                holder.join()

        return timed(run)

    def pipe(self, ms):
        """Reads what another thread writes only later."""
        reader, writer = os.pipe()
        writes_later = threading.Timer(ms / 1000, os.write, (writer, b"x"))
        writes_later.start()
        took_ns = timed(os.read, reader, 1)
        writes_later.join()
        os.close(reader)
        os.close(writer)
        return took_ns

    def fsync(self, _):
        self.file.write(b"x" * 4096)
        self.file.flush()
        return timed(os.fsync, self.file.fileno())


class Rival:
    """A thread that wants the GIL for itself: pure Python, no system call."""

    def __init__(self):
        self.wanted = False

    def start(self):
        self.wanted = True
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while self.wanted:
            pass

    def stop(self):
        self.wanted = False


class Program:
    def __init__(self, script, selector):
        self.script = script
        self.selector = selector
        self.steps = Steps()
        self.rival = Rival()
        self.took = defaultdict(lambda: [0, 0])

    def account(self):
        own = self.selector.account() if self.selector else {}
        used = resource.getrusage(resource.RUSAGE_SELF)
        return {
            **own,
            "process_ns": time.process_time_ns(),
            "voluntary": used.ru_nvcsw,
            "involuntary": used.ru_nivcsw,
            "polls": self.steps.polls,
            "steps": self.took,
        }

    async def follow(self):
        for name, ms in self.script:
            await asyncio.sleep(0)
            if name == "idle":
                await asyncio.sleep(ms / 1000)
            elif name == "rival":
                await self.contend(ms)
            else:
                self.took[name][0] += 1
                self.took[name][1] += getattr(self.steps, name)(ms)

    async def contend(self, ms):
        """Short timers, while another thread holds the GIL whenever it can."""
        end = time.monotonic() + ms / 1000
        self.rival.start()
        while time.monotonic() < end:
            await asyncio.sleep(0.002)
        self.rival.stop()

    async def serve(self):
        loop = asyncio.get_running_loop()
        lines = asyncio.Queue()
        loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline().strip()))
        say("ready", {})
        following = None
        while line := await lines.get():
            if line == "start":
                say("started", self.account())
                following = asyncio.create_task(self.follow())
            elif line == "stop":
                await following
                say("stopped", self.account())
            elif line == "end":
                loop.remove_reader(sys.stdin)
                return


def say(word, value):
    print(word, json.dumps(value), flush=True)


def run(kind, script):
    if kind == "--uvloop":
        import uvloop

        selector, loop = None, uvloop.new_event_loop()
    else:
        selector = type("LoggedSelector", (Logged, SELECTORS[kind]), {})()
        loop = asyncio.SelectorEventLoop(selector)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(Program(script, selector).serve())
    loop.close()


def main():
    kind = "--epoll"
    for word in sys.argv[1:]:
        if word.startswith("--"):
            kind = word
        else:
            run(kind, json.loads(word))


if __name__ == "__main__":
    main()
