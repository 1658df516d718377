# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The guest, booted once; all tests read what it left."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
# pods, and the truth of them, are those of the tests on a node that is no guest
sys.path += [str(TESTS / name) for name in ("vm", "k8s", "export", "e2e")]

import kernels
import payload_disk
import qemu
import system_disk
from built_parts import built_part

KERNEL = kernels.Kernel("6.12", system_disk.SUITE)
MEMORY_MB = 3072
MOST_S = 3600


def disk(path, options):
    return ["-drive", f"file={path},format=raw,if=virtio,{options}"]


def boot(system, payload, directory):
    return qemu.run(KERNEL, directory, [
        *("-m", str(MEMORY_MB), "-serial", f"file:{directory}/results"),
        *("-kernel", str(system.kernel), "-initrd", str(system.initrd)),
        *disk(system.disk, "snapshot=on"),
        *disk(payload, "readonly=on"),
        *("-append", "root=/dev/vda rw console=ttyS0 quiet panic=-1 systemd.show_status=no"),
    ], MOST_S)


@pytest.fixture(scope="session")
def guest(tmp_path_factory):
    kubelet = built_part("kubelet", "kubelet")
    try:
        system = system_disk.fetch()
    except kernels.Unavailable as reason:
        pytest.skip(str(reason))
    directory = tmp_path_factory.mktemp("guest")
    payload_disk.write(directory / "payload", directory / "tree", kubelet)
    return boot(system, directory / "payload", directory)
