# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernels of the matrix: Debian's, out of their packages, kept between runs.

A package is found through a private view of apt on one suite, so that neither
the machine's sources nor its package database change. The mirror is the one
that the machine has its own packages from. What is in the cache is not fetched
again; to have a newer one, remove it there.
"""

import os
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "loopscope/vm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
METAPACKAGE = "linux-image-cloud-amd64"
FETCH_S = 300


class Unavailable(Exception):
    """A kernel cannot be had here, and why."""


class Kernel(NamedTuple):
    name: str
    suite: str
    watches: bool = True  # new enough
    options: str = ""  # on its command line

    @property
    def image(self):
        return CACHE / f"vmlinuz-{self.suite}"


KERNELS = (
    Kernel("5.10", "bullseye", watches=False),
    Kernel("6.1", "bookworm"),
    Kernel("6.12", "trixie"),
    # BPF programs get no memory on a CPU without cmpxchg16b, which qemu.py says
    # why there is none, but from caches that are being debugged
    Kernel("7", "sid", options="slab_debug=F,kmalloc-cg-*"),
)


def mirror():
    """Where the machine's own main archive is."""
    codename = platform.freedesktop_os_release().get("VERSION_CODENAME")
    output = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)", "Component: main"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for line in output.splitlines():
        release, uri = line.split(maxsplit=1)
        if release == codename:
            return uri
    raise Unavailable(f"apt has no source for {codename}, component main")


class AptView:
    """apt as it is configured here (a proxy, say), but with one suite for its only source."""

    def __init__(self, directory, suite):
        self.directory = directory
        for name in ("lists/partial", "archives/partial"):
            (directory / name).mkdir(parents=True)
        (directory / "status").touch()
        (directory / "sources.list").write_text(
            f"deb [signed-by={KEYRING} target=Packages] {mirror()} {suite} main\n"
        )
        self.configuration = directory / "apt.conf"
        self.configuration.write_text(
            f'Dir::State "{directory}";\n'
            f'Dir::State::status "{directory}/status";\n'
            f'Dir::Cache "{directory}";\n'
            f'Dir::Etc::sourcelist "{directory}/sources.list";\n'
            'Dir::Etc::sourceparts "/dev/null";\n'
            'Dir::Etc::preferences "/dev/null";\n'
            'Dir::Etc::preferencesparts "/dev/null";\n'
            'APT::Sandbox::User "";\n'
        )

    def run(self, *command):
        done = subprocess.run(
            command,
            cwd=self.directory,
            env={**os.environ, "APT_CONFIG": str(self.configuration), "LC_ALL": "C"},
            capture_output=True,
            text=True,
            timeout=FETCH_S,
        )
        if done.returncode:
            raise Unavailable(f"{' '.join(command)}: {done.stderr.strip() or done.stdout}")
        return done.stdout

    def update(self):
        # an index that cannot be fetched is a mere warning otherwise
        self.run("apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update")

    def depends(self, package):
        output = self.run("apt-cache", "depends", package)
        return re.findall(r"^ *\|?Depends: (\S+)$", output, re.MULTILINE)

    def download(self, package):
        self.run("apt-get", "-q", "download", package)
        [path] = self.directory.glob(f"{package}_*.deb")
        return path


def extract_image(package, target):
    """Whether the package holds a kernel, and if so, that kernel."""
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as unpacking:
        with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
            for member in archive:
                if member.isfile() and Path(member.name).name.startswith("vmlinuz"):
                    with archive.extractfile(member) as source, open(target, "wb") as copy:
                        shutil.copyfileobj(source, copy)
                    unpacking.kill()
                    return True
    return False


def find_image(view, target):
    """From the metapackage on, until a package holds a kernel: they split them differently."""
    packages = [METAPACKAGE]
    for package in packages:
        if package != METAPACKAGE and extract_image(view.download(package), target):
            return
        packages += [
            name
            for name in view.depends(package)
            if re.match(r"linux-(image|binary)-\d", name) and name not in packages
        ]
    raise Unavailable(f"no kernel in any of {', '.join(packages)}")


def fetch(kernel):
    """The path of the kernel's image; Unavailable if it cannot be had."""
    if platform.machine() != "x86_64":
        raise Unavailable("the matrix is of x86-64 kernels, for a binary built here")
    if kernel.image.exists():
        return kernel.image
    if not shutil.which("apt-get") or not KEYRING.exists():
        raise Unavailable("no Debian here to fetch kernels with")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as directory:
        view = AptView(Path(directory), kernel.suite)
        try:
            view.update()
            find_image(view, Path(directory) / "vmlinuz")
        except subprocess.TimeoutExpired as late:
            raise Unavailable(str(late)) from late
        (Path(directory) / "vmlinuz").rename(kernel.image)
    return kernel.image
