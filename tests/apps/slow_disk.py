# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A file system that takes its time, until it is ended: slow_disk.py DIRECTORY.

It has every file that is asked for, and takes the milliseconds that its name begins with, as in
`250-1`, for each read of it.
"""

import stat
import sys
import time

import fuse

CONTENTS = b"slow\n" * 100


class SlowDisk(fuse.Operations):
    def getattr(self, path, fh=None):
        if path == "/":
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        return {"st_mode": stat.S_IFREG | 0o644, "st_nlink": 1, "st_size": len(CONTENTS)}

    def read(self, path, size, offset, fh):
        time.sleep(int(path.strip("/").split("-")[0]) / 1000)
        return CONTENTS[offset : offset + size]


if __name__ == "__main__":
    with open("/proc/self/comm", "w") as comm:
        comm.write("slow-disk")
    fuse.FUSE(SlowDisk(), sys.argv[1], foreground=True, nothreads=True, ro=True)
