# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Stops at points of known stacks, busy or asleep, and says at each what its stack is.

Each point is a line of JSON on stdout: its name, whether it is busy, the thread, and the frames as
this interpreter knows them itself, the innermost first. A busy one goes on at SIGUSR1, the others
at a byte on stdin. Runs on every Python from 3.11 on.
"""

import asyncio
import functools
import json
import os
import signal
import sys
import threading

released = False


def release(*_):
    global released
    released = True


def frames_from(frame):
    while frame:
        code = frame.f_code
        yield [code.co_qualname, code.co_filename, frame.f_lineno]
        frame = frame.f_back


def tell(name, busy, first):
    """The caller's frame first, which stays in the line named by its attribute of that name."""
    frames = list(frames_from(sys._getframe(1)))
    frames[0][2] = first
    point = {
        "name": name,
        "busy": busy,
        "pid": os.getpid(),
        "tid": threading.get_native_id(),
        "thread": threading.get_ident(),
        "stack": frames,
    }
    print(json.dumps(point), flush=True)


def line_after():
    return sys._getframe(1).f_lineno + 1


def spin(name):
    global released
    released = False
    tell(name, True, line_after())
    while not released: pass  # fmt: skip


def rest(name):
    tell(name, False, line_after())
    os.read(0, 1)


def both(name):
    rest(name)
    spin(name)


class Shop:
    def sell(self, name):
        def inner():
            both(name)

        inner()

    @staticmethod
    def close(name):
        (lambda: both(name))()

    @property
    def price(self):
        both("property")
        return 1


def in_c(name):
    """Python, C, Python, C, Python: three runs."""
    functools.reduce(lambda _, n: sorted([n], key=lambda _: both(name)), [1, 2])


def generator(name):
    yield both(name)


def delegate(name):
    yield from generator(name)


def comprehension(name):
    return [each for each in delegate(name)]


def deep(n, name):
    if n:
        return deep(n - 1, name)
    return both(name)


def many_lines(name):
    both(
        name
    )
    a = 1
    if a == 2:
        both("never")
    else:
        b = [
            a,
            both(name + "2"),
        ]
    return b


async def step(name):
    await asyncio.sleep(0)
    both(name)


async def coroutine(name):
    await step(name)


def früher_größer(name):
    both(name)


def a_function_with_a_name_that_is_longer_than_sixty_three_characters_by_far(name):
    both(name)


def dynamic(name):
    source = "def made(name):\n\n\n    both(name)\nmade(name)"
    exec(compile(source, "<made>", "exec"), globals(), locals())


def in_long_path(name):
    """A file whose path is longer than the kernel side keeps."""
    path = "/" + "/".join(["directory"] * 30) + "/file.py"
    space = {"both": both, "name": name}
    exec(compile("\n\nboth(name)\n", path, "exec"), space)


def in_thread(name):
    event = threading.Event()
    others = [threading.Thread(target=event.wait, daemon=True) for _ in range(20)]
    for other in others:
        other.start()
    thread = threading.Thread(target=rest, args=(name,))
    thread.start()
    thread.join()
    both(name + "_beside")
    event.set()


def in_child(name):
    pid = os.fork()
    if not pid:
        both(name)
        os._exit(0)
    os.waitpid(pid, 0)


def main():
    signal.signal(signal.SIGUSR1, release)
    both("plain")
    Shop().sell("closure")
    Shop.close("lambda")
    _ = Shop().price
    in_c("in_c")
    comprehension("generator")
    deep(20, "deep")
    many_lines("lines")
    asyncio.run(coroutine("coroutine"))
    früher_größer("not_ascii")
    a_function_with_a_name_that_is_longer_than_sixty_three_characters_by_far("long_name")
    dynamic("exec")
    in_long_path("long_path")
    in_thread("thread")
    in_child("child")
    deep(100, "too_deep")


if __name__ == "__main__":
    main()
