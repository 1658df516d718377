# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A file system to be: paths, and what lies there; written as a tar that is the same each time."""

import io
import os
import struct
import tarfile
from pathlib import PurePosixPath

XATTR_CAPABILITY = "SCHILY.xattr.security.capability"
REVISION_2_EFFECTIVE = 0x02000001  # struct vfs_cap_data: two words of each set, all in effect


def file_capabilities(numbers):
    """security.capability as the kernel has it, in the text that tarfile makes its bytes of."""
    permitted = sum(1 << number for number in numbers)
    low, high = permitted & 0xFFFFFFFF, permitted >> 32
    packed = struct.pack("<5I", REVISION_2_EFFECTIVE, low, 0, high, 0)
    return packed.decode("utf-8", "surrogateescape")


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

    def data(self, path, data, mode=0o644, capabilities=()):
        """capabilities: whoever executes the file has them, if he may have them at all."""
        pax = {XATTR_CAPABILITY: file_capabilities(capabilities)} if capabilities else {}
        self.add(path, type=tarfile.REGTYPE, mode=mode, data=data, pax_headers=pax)

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
                member.pax_headers = fields.get("pax_headers", {})
                member.size, member.mtime = len(data), epoch
                archive.addfile(member, io.BytesIO(data))
        return out.getvalue()
