# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A guest's system: a suite of Debian on a disk, made once and kept beside the kernels.

It holds Debian's packages and a few files of ours, and nothing of the project: that comes on a
second disk. QEMU writes to a copy.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Callable, NamedTuple

import kernels

MAKE_S = 1800


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


class Recipe(NamedTuple):
    name: str
    suite: str
    packages: tuple
    size: str
    finish: Callable  # of the tree that the disk will hold: writes what is ours
    source: str  # the file that says all this: another text of it is another disk


def debootstrap(recipe, tree):
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--keyring={kernels.KEYRING}",
         f"--include={','.join(recipe.packages)}", recipe.suite, tree, kernels.mirror()],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=MAKE_S,
    )
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-10:])
        raise kernels.Unavailable(f"debootstrap of {recipe.suite} failed:\n{tail}")
    for name in ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc",
                 "usr/share/locale"):
        shutil.rmtree(tree / name)


def make(recipe, directory):
    tree = directory / "tree"
    debootstrap(recipe, tree)
    recipe.finish(tree)
    for name in ("vmlinuz", "initrd"):
        [path] = (tree / "boot").glob(f"{name}*")
        path.rename(directory / name)
    subprocess.run(["mkfs.ext4", "-qF", "-d", tree, directory / "disk", recipe.size], check=True)
    shutil.rmtree(tree)


def fetch(recipe):
    """Made if it has not been; kernels.Unavailable if it cannot be."""
    text = Path(recipe.source).read_bytes() + Path(__file__).read_bytes()
    digest = hashlib.sha256(text).hexdigest()[:12]
    system = System(kernels.CACHE / f"{recipe.name}-{digest}")
    if system.directory.exists():
        return system
    if os.geteuid() or not shutil.which("debootstrap") or not kernels.KEYRING.exists():
        raise kernels.Unavailable("making the guest's system takes root, and Debian's debootstrap")
    kernels.CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kernels.CACHE) as directory:
        try:
            make(recipe, Path(directory))
        except subprocess.TimeoutExpired as late:
            raise kernels.Unavailable(str(late)) from late
        for old in kernels.CACHE.glob(f"{recipe.name}-*"):
            shutil.rmtree(old)
        Path(directory).rename(system.directory)
        Path(directory).mkdir()  # to be removed
    return system
