# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What makes others wait: a disk, a server, writers and readers of pipes. Contexts, all of them.

Threads of the tests that end others' waits have names, to be found in `woken_by`.
"""

import contextlib
import ctypes.util
import fcntl
import os
import socketserver
import sys
import threading
import time
from pathlib import Path

import programs
import pytest
import servers

PIPE_BYTES = 4096


def named(name):
    """To be called by the thread that is to have that name."""
    Path("/proc/thread-self/comm").write_text(name)


class SlowAnswers(socketserver.StreamRequestHandler):
    """GET /MS: answers after so many milliseconds."""

    def handle(self):
        named("slow-server")
        path = self.rfile.readline().split()[1]
        while self.rfile.readline().strip():
            pass
        time.sleep(int(path.strip(b"/")) / 1000)
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


@contextlib.contextmanager
def slow_server():
    """Its URL, to which milliseconds are to be added."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), SlowAnswers) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            serving.join()


def write_later(path, ms):
    """A thread that has opened the FIFO, writes to it after so long, and closes it."""
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def run():
        named("fifo-writer")
        time.sleep(ms / 1000)
        os.write(fd, b"at last\n")
        os.close(fd)

    writer = threading.Thread(target=run)
    writer.start()
    return writer


class FullPipe:
    """A FIFO that nobody reads, until it is asked to be."""

    def __init__(self, path):
        os.mkfifo(path)
        self.fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        fcntl.fcntl(self.fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def fill(self):
        for size in (PIPE_BYTES, 1):  # at a write that fits whole, or not at all
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(self.fd, bytes(size))

    def empty(self):
        with contextlib.suppress(BlockingIOError):
            while os.read(self.fd, PIPE_BYTES):
                pass

    def empty_later(self, ms):
        """When it did, in nanoseconds of CLOCK_MONOTONIC."""
        emptied = []

        def run():
            named("log-reader")
            time.sleep(ms / 1000)
            emptied.append(time.monotonic_ns())
            self.empty()

        reader = threading.Thread(target=run)
        reader.start()
        reader.join()
        return emptied[0]


@contextlib.contextmanager
def fuse_disk(directory, command):
    """Mounted there; yields the pid of who serves it. Skips where there is no FUSE."""
    if not os.path.exists("/dev/fuse") or not ctypes.util.find_library("fuse"):
        pytest.skip("no FUSE here: it takes /dev/fuse and libfuse2")
    directory.mkdir()
    with servers.running([sys.executable, *command]) as process:
        servers.await_true(
            lambda: process.poll() is not None or os.path.ismount(directory), "no disk"
        )
        if process.poll() is not None:
            pytest.skip("this machine does not mount a FUSE file system")
        yield process.pid


def slow_disk(directory):
    return fuse_disk(directory, [programs.APPS / "slow_disk.py", directory])


def hanging_disk(source, directory, hang):
    """Shows what is in `source`; answers nothing while there is a file `hang`."""
    return fuse_disk(directory, [programs.APPS / "hanging_disk.py", source, directory, hang])
