# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A file system to be: paths, and what lies there; written as a tar that is the same each time."""

import io
import os
import tarfile
from pathlib import PurePosixPath


class Tree:
    def __init__(self):
        self.entries = {}

    def add(self, path, **fields):
        """Of any kind; the directories above it too, unless they are there."""
        place = PurePosixPath(path.lstrip("/"))
        for above in reversed(place.parents[:-1]):
            self.entries.setdefault(str(above), {"type": tarfile.DIRTYPE, "mode": 0o755})
        self.entries[str(place)] = fields

    def directory(self, path, mode=0o755):
        self.add(path, type=tarfile.DIRTYPE, mode=mode)

    def link(self, path, to):
        self.add(path, type=tarfile.SYMTYPE, mode=0o777, linkname=to)

    def text(self, path, text):
        self.data(path, text.encode())

    def data(self, path, data, mode=0o644):
        self.add(path, type=tarfile.REGTYPE, mode=mode, data=data)

    def copy(self, path, source=None):
        """A file of this machine, executable if it is so here."""
        with open(source or path, "rb") as file:
            mode = 0o755 if os.fstat(file.fileno()).st_mode & 0o111 else 0o644
            self.data(path, file.read(), mode)

    def size(self):
        return sum(len(entry.get("data", b"")) for entry in self.entries.values())

    def tar(self, epoch):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for path, fields in sorted(self.entries.items()):
                member = tarfile.TarInfo(path)
                data = fields.get("data", b"")
                member.type, member.mode = fields["type"], fields["mode"]
                member.linkname = fields.get("linkname", "")
                member.size, member.mtime = len(data), epoch
                archive.addfile(member, io.BytesIO(data))
        return out.getvalue()
