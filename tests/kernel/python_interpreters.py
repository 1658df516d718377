# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every CPython from 3.11 to 3.14 that is here, and one of 3.14 out of Debian's packages.

The latter is unpacked once and kept, with the libraries it wants, as the root directory that it
then runs in.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "vm"))

from kernels import AptView, Unavailable

KEPT = Path(
    os.environ.get("LOOPSCOPE_PARTS")
    or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "loopscope-parts"
)
SUITE = "forky"
VERSION = "3.14.8-1"
PACKAGES = (
    *(f"{name}={VERSION}" for name in ("python3.14-minimal", "libpython3.14-minimal")),
    f"libpython3.14-stdlib={VERSION}",
    *("libc6", "libssl3t64", "zlib1g", "libexpat1", "libzstd1"),
)
DEBIANS = "3.14 of Debian"
SYSTEM = Path("/usr/bin/python3.11")


class Interpreter(NamedTuple):
    name: str
    version: int  # as PY_VERSION_HEX >> 16
    command: tuple
    root: Path = Path("/")

    def place(self, script):
        """The script's path as the interpreter sees it."""
        if self.root == Path("/"):
            return str(script)
        shutil.copy(script, self.root / script.name)
        return f"/{script.name}"


def hex_version(text):
    major, minor = text.split(".")[:2]
    return int(major) << 8 | int(minor)


def installed():
    found = [Interpreter("system", 0x030B, (str(SYSTEM),))] if SYSTEM.exists() else []
    for directory in sorted(Path.home().glob(".pyenv/versions/3.1[1-4].*")):
        program = directory / "bin/python3"
        found.append(Interpreter(directory.name, hex_version(directory.name), (str(program),)))
    return found


def unpack(directory):
    with tempfile.TemporaryDirectory() as temporary:
        view = AptView(Path(temporary), SUITE)
        view.update()
        view.run("apt-get", "-q", "download", *PACKAGES)
        for package in Path(temporary).glob("*.deb"):
            view.run("dpkg-deb", "-x", str(package), str(directory))
    for name in ("lib", "lib64"):
        if not (directory / name).exists():
            (directory / name).symlink_to(f"usr/{name}")
    # what maintainer scripts would do, for the search for libraries
    subprocess.run(["ldconfig", "-r", str(directory)], check=False)


def unpacked():
    """CPython 3.14, or Unavailable."""
    kept = KEPT / f"python-{VERSION}"
    if not (kept / "usr/bin/python3.14").exists():
        fresh = KEPT / f"python-{VERSION}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        try:
            unpack(fresh)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"python3.14: {error}") from error
        fresh.rename(kept)
    command = ("unshare", f"--root={kept}", "/usr/bin/python3.14")
    return Interpreter(DEBIANS, 0x030E, command, kept)


def all_names():
    return [*(one.name for one in installed()), DEBIANS]


def named(name):
    """The interpreter of that name; Unavailable."""
    return unpacked() if name == DEBIANS else next(one for one in installed() if one.name == name)
