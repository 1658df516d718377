# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The guest's own system: Debian trixie, and the unit that starts the checks.

The project comes on a second disk (payload_disk.py).
"""

import debian_disk

SUITE = "trixie"

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


def finish(tree):
    (tree / "payload").mkdir()
    for name, text in FILES.items():
        (tree / name).write_text(text)
    units = tree / "etc/systemd/system"
    for unit in MASKED:
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    (units / "multi-user.target.wants/checks.service").symlink_to("../checks.service")


PACKAGES = (*SYSTEM, *CONTAINERS, *LIBRARIES)
RECIPE = debian_disk.Recipe(SUITE, SUITE, PACKAGES, "3G", finish, __file__)


def fetch():
    return debian_disk.fetch(RECIPE)
