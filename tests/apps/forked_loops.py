# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Children, each with an asyncio loop that counts for itself, in the ways that Python has them.

    forked_loops.py fork | spawn | forkserver | subprocess | daemon NUMBER

Says `ready {}`; at `start` it starts that many children, all at once. Each says `child {account}`
when its loop is closed:
  pid iterations events   calls of its selector, and what those returned
  sleeps                  blocking ones, in callbacks
"""

import asyncio
import json
import multiprocessing
import os
import selectors
import subprocess
import sys
import time


class Counted(selectors.EpollSelector):
    iterations = events = 0

    def select(self, timeout=None):
        ready = super().select(timeout)
        self.iterations += 1
        self.events += len(ready)
        return ready


async def work(number):
    """The odd ones sleep in each callback."""
    for _ in range(number):
        await asyncio.sleep(0.002)
        if number % 2:
            time.sleep(0.001)


def say(word, account):
    os.write(1, f"{word} {json.dumps(account)}\n".encode())  # short: in one piece


def child(number):
    selector = Counted()
    loop = asyncio.SelectorEventLoop(selector)
    loop.run_until_complete(work(number))
    loop.close()
    say("child", {"pid": os.getpid(), "iterations": selector.iterations,
                  "events": selector.events, "sleeps": number if number % 2 else 0})


def as_daemon(number):
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    child(number)
    os._exit(0)


def as_program(number):
    return subprocess.Popen([sys.executable, __file__, "child", str(number)])


def start_children(way, numbers):
    if way == "daemon":
        for number in numbers:
            as_daemon(number)
    elif way == "subprocess":
        for process in [as_program(number) for number in numbers]:
            process.wait()
    else:
        context = multiprocessing.get_context(way)
        processes = [context.Process(target=child, args=(number,)) for number in numbers]
        for process in processes:
            process.start()
        for process in processes:
            process.join()


def main():
    way, number = sys.argv[1], int(sys.argv[2])
    if way == "child":
        child(number)
        return
    say("ready", {})
    sys.stdin.readline()
    start_children(way, range(5, 5 + number))
    sys.stdin.readline()


if __name__ == "__main__":
    main()
