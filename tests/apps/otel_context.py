# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An asyncio program that publishes an OpenTelemetry process context, as an SDK does.

    otel_context.py [KEY=VALUE ...]

Publishes the pairs as the attributes of its resource, says `ready`, and runs its
loop until stdin ends. A line of pairs on stdin publishes these in their place, and
is answered by `ready` too. The layout and the order of writes are those of OTEP 4719,
version 2: a memfd named OTEL_CTX, the signature last, the time of publication 0
while the rest is changed.
"""

import asyncio
import ctypes
import mmap
import os
import struct
import sys
import time

SIZE = 16 * 1024
HEADER = struct.Struct("=8sIIQQ")
PUBLISHED_AT = 16
PR_SET_VMA, PR_SET_VMA_ANON_NAME = 0x53564D41, 0
MADV_DONTFORK = 10

libc = ctypes.CDLL(None, use_errno=True)


def field(number, data):
    """A protobuf field of bytes."""
    length, encoded = len(data), bytearray([number << 3 | 2])
    while length > 0x7F:
        encoded.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(encoded) + bytes([length]) + data


def encode(pairs):
    """ProcessContext{resource: Resource{attributes: [KeyValue{key, AnyValue{string}}]}}"""
    attributes = b""
    for pair in pairs:
        key, value = pair.split("=", 1)
        attributes += field(1, field(1, key.encode()) + field(2, field(1, value.encode())))
    return field(1, attributes)


class Context:
    """The mapping; its payload stands behind the header."""

    def __init__(self, pairs):
        fd = os.memfd_create("OTEL_CTX", os.MFD_CLOEXEC)
        os.ftruncate(fd, SIZE)
        self.memory = mmap.mmap(fd, SIZE)
        os.close(fd)
        self.memory.madvise(MADV_DONTFORK)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        size = self.write_payload(pairs)
        header = HEADER.pack(b"", 2, size, self.now(), self.address + HEADER.size)
        self.memory[8 : HEADER.size] = header[8:]
        self.memory[:8] = b"OTEL_CTX"
        self.set_name()

    @staticmethod
    def now():
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    def set_name(self):
        """May fail: the kernel need not support it, and the memfd has a name of its own."""
        libc.prctl(
            PR_SET_VMA,
            ctypes.c_ulong(PR_SET_VMA_ANON_NAME),
            ctypes.c_ulong(self.address),
            ctypes.c_ulong(SIZE),
            b"OTEL_CTX",
        )

    def write_payload(self, pairs):
        payload = encode(pairs)
        if len(payload) > SIZE - HEADER.size:
            sys.exit("otel_context.py: more than fits the mapping")
        self.memory[HEADER.size : HEADER.size + len(payload)] = payload
        return len(payload)

    def publish_at(self, time_ns):
        self.memory[PUBLISHED_AT : PUBLISHED_AT + 8] = struct.pack("=Q", time_ns)

    def update(self, pairs):
        self.publish_at(0)
        size = self.write_payload(pairs)
        self.memory[12:16] = struct.pack("=I", size)
        self.publish_at(self.now())
        self.set_name()


async def main():
    context = Context(sys.argv[1:])
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    print("ready", flush=True)
    while line := await lines.readline():
        context.update(line.decode().split())
        print("ready", flush=True)


asyncio.run(main())
