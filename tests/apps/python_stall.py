# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An asyncio loop that each line on stdin holds up for a while: "busy" or "asleep".

Says its thread, and before each stall what its stack is in it, the innermost frame first. C calls
Python twice in it: the loop its callback, and sorted() its key.
"""

import asyncio
import json
import os
import sys
import time

STALL_S = 0.6


def tell(line):
    frames, frame = [], sys._getframe(1)
    while frame:
        frames.append([frame.f_code.co_qualname, frame.f_code.co_filename, frame.f_lineno])
        frame = frame.f_back
    frames[0][2] = line
    print(json.dumps({"stack": frames}), flush=True)


def work(how):
    end = time.monotonic() + STALL_S
    tell(sys._getframe().f_lineno + (2 if how == "busy" else 4))
    if how == "busy":
        while time.monotonic() < end: pass  # fmt: skip
    else:
        time.sleep(STALL_S)


class Handler:
    def read(self):
        for how in sys.stdin.readline().split():
            sorted([how], key=lambda each: work(each))


async def main():
    asyncio.get_running_loop().add_reader(0, Handler().read)
    print(json.dumps({"pid": os.getpid()}), flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
