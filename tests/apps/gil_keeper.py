# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An asyncio loop that needs the GIL while, for each line on stdin, a thread keeps it for a while.

Says its process, and before each stall the thread that keeps the GIL, which is called gil-keeper.
"""

import asyncio
import collections
import itertools
import json
import os
import sys
import threading
from pathlib import Path

NAME = "gil-keeper"
ROUNDS = 100_000_000  # some 10 ns each


def keep():
    tid = threading.get_native_id()
    if sys.version_info < (3, 14):  # which tells the kernel by itself
        Path(f"/proc/self/task/{tid}/comm").write_text(NAME)
    print(json.dumps({"tid": tid}), flush=True)
    collections.deque(itertools.repeat(None, ROUNDS), maxlen=0)  # all of it in C


def compete():
    if not sys.stdin.readline():
        sys.exit()
    keeper = threading.Thread(target=keep, name=NAME)
    keeper.start()
    while keeper.is_alive():
        pass


async def main():
    asyncio.get_running_loop().add_reader(0, compete)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
