# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A file system that hangs while a file is there: hanging_disk.py SOURCE DIRECTORY FILE.

It shows what is in SOURCE, and answers nothing as long as FILE exists; but no question waits for
ever, since who has asked it cannot be killed: longer than tests have patience, that is all.
"""

import os
import sys
import time

import fuse

KEYS = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid", "st_mtime", "st_atime", "st_ctime")


MOST_S = 90


class HangingDisk(fuse.Operations):
    def __init__(self, source, hang):
        self.source, self.hang = source, hang

    def answer(self, function, *arguments):
        end = time.monotonic() + MOST_S
        while os.path.exists(self.hang) and time.monotonic() < end:
            time.sleep(0.01)
        return function(*arguments)

    def getattr(self, path, fh=None):
        status = self.answer(os.lstat, self.source + path)
        return {key: getattr(status, key) for key in KEYS}

    def open(self, path, flags):
        return self.answer(os.open, self.source + path, os.O_RDONLY)

    def read(self, path, size, offset, fh):
        return self.answer(os.pread, fh, size, offset)


if __name__ == "__main__":
    with open("/proc/self/comm", "w") as comm:
        comm.write("hanging-disk")
    source, directory, hang = sys.argv[1:]
    # a look at attributes that are kept would not hang
    fuse.FUSE(HangingDisk(source, hang), directory, foreground=True, attr_timeout=0,
              entry_timeout=0, ro=True)  # fmt: skip
