# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Steps that wait by poll() within a callback, as blocking clients do: no loop of their own.

`polls` counts the calls that a step is known to make.
"""

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time

PIECE_MS = 400
PIECES = "import os, time\nfor _ in range({pieces}): os.write(1, b'x'); time.sleep({pause_s})"


def timed(call, *arguments):
    """What the call takes, in nanoseconds."""
    begun = time.monotonic_ns()
    call(*arguments)
    return time.monotonic_ns() - begun


def dribble(writer, ms, piece_ms):
    """A byte now and then, for so long; then the end."""
    with writer:
        for _ in range(ms // piece_ms):
            time.sleep(piece_ms / 1000)
            writer.send(b"x")


@contextlib.contextmanager
def slow_server(ms, piece_ms):
    """A socket with a timeout, on which that server answers."""
    client, server = socket.socketpair()
    answers = threading.Thread(target=dribble, args=(server, ms, piece_ms))
    answers.start()
    with client:
        client.settimeout(60)
        yield client
    answers.join()


def poll_two(ms, times):
    """Polls two descriptors in which nothing comes, for so long in all."""
    ends = os.pipe()
    other_ends = os.pipe()
    poller = select.poll()
    for end in (ends[0], other_ends[0]):
        poller.register(end, select.POLLIN)
    for _ in range(times):
        poller.poll(ms / times)
    for end in (*ends, *other_ends):
        os.close(end)


class PollingSteps:
    def __init__(self):
        self.polls = 0

    def receive(self, ms, piece_ms=PIECE_MS):
        """A client that waits for each piece of an answer by poll()."""

        def run():
            with slow_server(ms, piece_ms) as client:
                while client.recv(1):
                    self.polls += 1

        return timed(run)

    def communicate(self, ms):
        """A child whose output and errors are read by poll() on both pipes."""
        pieces = PIECES.format(pieces=10, pause_s=ms / 10000)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}

        def run():
            with subprocess.Popen([sys.executable, "-S", "-c", pieces], **pipes) as child:
                child.communicate()

        self.polls += 10
        return timed(run)

    def clients(self, ms):
        """
        Threads of a pool that are clients as libcurl makes them: each polls for an answer's
        pieces and for what would wake it up, and rests on a lock for most of its time.
        """

        def request():
            for _ in range(4):
                poll_two(ms / 80, 4)
                threading.Event().wait(19 * ms / 80 / 1000)

        threads = [threading.Thread(target=request) for _ in range(4)]
        for thread in threads:
            thread.start()
        return timed(lambda: [thread.join() for thread in threads])

    def resolve(self, _):
        """Two polls, as a resolver makes, by a thread that then does without."""

        def run():
            poll_two(10, 2)
            threading.Event().wait(0.2)

        resolver = threading.Thread(target=run)
        resolver.start()
        return timed(resolver.join)
