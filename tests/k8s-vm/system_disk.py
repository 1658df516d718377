# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The guest's own system: Debian trixie on a disk, made once and kept beside the kernels.

It holds Debian's packages and the unit that starts the checks, and nothing of
the project: that comes on a second disk (payload_disk.py). QEMU writes to a copy.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import kernels

SUITE = "trixie"
SIZE = "3G"
MAKE_S = 1800

SYSTEM = ("systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd", "udev",
          "linux-image-cloud-amd64", "initramfs-tools", "kmod", "procps")
CONTAINERS = ("containerd", "runc", "containernetworking-plugins", "podman", "iproute2",
              "iptables", "ca-certificates", "curl")
# what Debian 12's binaries are linked with, as trixie has it
LIBRARIES = ("libbpf1", "libcap2", "libcurl3t64-gnutls", "libelf1t64", "libjansson4",
             "libmicrohttpd12t64", "libncursesw6", "libprotobuf-c1", "libsystemd0", "libtinfo6",
             "libyaml-0-2", "libzstd1", "zlib1g")

FILES = {
    "etc/hostname": "guest\n",
    "etc/fstab": "/dev/vda / ext4 rw 0 1\n/dev/vdb /payload ext4 ro 0 0\n",
    "etc/systemd/system/checks.service": """[Unit]
After=multi-user.target
RequiresMountsFor=/payload
[Service]
Type=exec
ExecStart=/payload/checks.sh
StandardOutput=tty
StandardError=inherit
TTYPath=/dev/ttyS0
""",
}
MASKED = ("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer",
          "fstrim.timer", "e2scrub_all.timer", "podman-auto-update.timer", "podman.socket",
          "serial-getty@ttyS0.service", "getty@tty1.service", "systemd-pcrphase.service")


class System(NamedTuple):
    directory: Path

    @property
    def disk(self):
        return self.directory / "disk"

    @property
    def kernel(self):
        return self.directory / "vmlinuz"

    @property
    def initrd(self):
        return self.directory / "initrd"


def debootstrap(tree):
    packages = ",".join((*SYSTEM, *CONTAINERS, *LIBRARIES))
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--keyring={kernels.KEYRING}",
         f"--include={packages}", SUITE, tree, kernels.mirror()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAKE_S,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        raise kernels.Unavailable(f"debootstrap of {SUITE} failed:\n{tail}")


def finish(tree):
    for name in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc",
                 "usr/share/locale"):
        shutil.rmtree(tree / name)
    (tree / "payload").mkdir()
    for name, text in FILES.items():
        (tree / name).write_text(text)
    units = tree / "etc/systemd/system"
    for unit in MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    (units / "multi-user.target.wants/checks.service").symlink_to("../checks.service")


def make(directory):
    tree = directory / "tree"
    debootstrap(tree)
    finish(tree)
    for name in ("vmlinuz", "initrd"):
        [path] = (tree / "boot").glob(f"{name}*")
        path.rename(directory / name)
    subprocess.run(["mkfs.ext4", "-qF", "-d", tree, directory / "disk", SIZE], check=True)
    shutil.rmtree(tree)


def fetch():
    """Made if it has not been; kernels.Unavailable if it cannot be."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    system = System(kernels.CACHE / f"{SUITE}-{recipe}")
    if system.directory.exists():
        return system
    if os.geteuid() or not shutil.which("debootstrap") or not kernels.KEYRING.exists():
        raise kernels.Unavailable("making the guest's system takes root, and Debian's debootstrap")
    kernels.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kernels.CACHE) as directory:
        try:
            make(Path(directory))
        except subprocess.TimeoutExpired as late:
            raise kernels.Unavailable(str(late)) from late
        for old in kernels.CACHE.glob(f"{SUITE}-*"):
            shutil.rmtree(old)
        Path(directory).rename(system.directory)
        Path(directory).mkdir()  # to be removed
    return system
