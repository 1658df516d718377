# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An asyncio loop, or uvloop's with --uvloop, held up by the works of stall_works.py.

Takes `stall NAME MS` on stdin, answers `stalled {begun, ended}`; `prepare NAME`, answers
`prepared {}`; says `ready {}` first.
"""

import asyncio
import json
import sys

import stall_works


def say(word, value):
    print(word, json.dumps(value), flush=True)


def obey(line):
    command, name, *ms = line.split()
    if command == "prepare":
        stall_works.prepare(name)
        say("prepared", {})
    else:
        say("stalled", stall_works.work(name, int(ms[0])))


async def serve():
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def read():
        line = sys.stdin.readline()
        if line:
            obey(line)
        else:
            loop.remove_reader(sys.stdin)
            ended.set_result(None)

    loop.add_reader(sys.stdin, read)
    say("ready", {})
    await ended


if __name__ == "__main__":
    if "--uvloop" in sys.argv:
        import uvloop

        uvloop.install()
    asyncio.run(serve())
