# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Short-lived asyncio loops, each in a process or a thread of its own.

    loop_crowd.py fork|spawn|threads COUNT

Says `ready {}`; starts them all at `start`, and answers `stopped {}` when all have ended.
"""

import asyncio
import json
import multiprocessing
import sys
import threading
import time


async def work(number):
    for _ in range(10 + 5 * number):
        await asyncio.sleep(0.002)
        end = time.monotonic_ns() + 1000000
        while time.monotonic_ns() < end:
            pass


def live(number):
    asyncio.run(work(number))


def say(word):
    print(word, json.dumps({}), flush=True)


def main():
    kind, count = sys.argv[1:]
    make = threading.Thread
    if kind != "threads":
        make = multiprocessing.get_context(kind).Process
    say("ready")
    for _ in sys.stdin:
        crowd = [make(target=live, args=(number,)) for number in range(int(count))]
        for each in crowd:
            each.start()
        for each in crowd:
            each.join()
        say("stopped")


if __name__ == "__main__":
    main()
