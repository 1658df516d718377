# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The system of the guest that bcc's tools run in: Debian 12, its kernel and the headers of that.

The project comes on a second disk, which is a tar archive.
"""

import debian_disk

SUITE = "bookworm"
SYSTEM = ("linux-image-cloud-amd64", "linux-headers-cloud-amd64", "initramfs-tools", "kmod",
          "busybox-static", "bpfcc-tools")
# what loopscope and the C++ program are linked with
LIBRARIES = ("libbpf1", "libdw1", "libelf1", "libjansson4", "libncursesw6", "libprotobuf-c1",
             "libstdc++6", "libtinfo6", "zlib1g")

INIT = """#!/bin/sh
mkdir /payload && tar -x -f /dev/vdb -C /payload && . /payload/guest_checks.sh
busybox poweroff -f
"""


def finish(tree):
    init = tree / "sbin/init"
    init.write_text(INIT)
    init.chmod(0o755)


RECIPE = debian_disk.Recipe("bcc", SUITE, (*SYSTEM, *LIBRARIES), "2G", finish, __file__)
