# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The image's root file system: the binaries, and what they need of this Debian."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from debian import Package, common_licences, owners
from tree import Tree

# what is compiled in, as headers or an archive: no file of it is in the image, but its licence
COMPILED_IN = ("uthash-dev", "libiberty-dev")
HEADER = "# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause\n"
PASSWD = """root:x:0:0:root:/:/sbin/nologin
loopscope:x:65532:65532:loopscope:/:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
"""
GROUP = "root:x:0:\nloopscope:x:65532:\nnogroup:x:65534:\n"
NSSWITCH = HEADER + "passwd: files\ngroup: files\nhosts: files dns\n"
# of linux/capability.h: DAC_READ_SEARCH, SYS_PTRACE, PERFMON, BPF
CAPABILITIES = (2, 19, 38, 39)
BINARIES = {
    "loopscope": CAPABILITIES,
    "loopscope-agent": CAPABILITIES,
    "loopscope-symbols": CAPABILITIES[:2],
}
EMPTY = ("/dev", "/proc", "/sys", "/run/loopscope", "/var/lib/loopscope")


def libraries(binary):
    """What the dynamic linker would load, itself included, as ldd says; all of it, recursively."""
    listing = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    missing = re.findall(r"(\S+) => not found", listing)
    if missing:
        raise SystemExit(f"image: {binary} needs {', '.join(missing)}, which is not here")
    return set(re.findall(r"(/\S+) \(0x", listing))


def place(path):
    """Where a library is to lie: the links of directories resolved, but not its own."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


class Base:
    """The layer below: what changes with Debian's updates only."""

    def __init__(self, binaries):
        self.tree = Tree()
        self.packages = {}
        found = set().union(*map(libraries, binaries))
        for path, package in owners(sorted(found)).items():
            self.package(package)
            self.tree.copy(place(path), path)
        for top in sorted({path.split("/")[1] for path in found} | {"bin", "lib"}):
            if os.path.islink(f"/{top}"):
                self.tree.link(top, os.readlink(f"/{top}"))
        self.add_certificates()
        self.add_terminals()
        self.add_etc()
        self.add_licences()

    def package(self, name):
        short = name.split(":")[0]
        if short not in self.packages:
            self.packages[short] = Package(name)
        return self.packages[short]

    def add_certificates(self):
        """Those of the package, not those that this machine's administrator trusts beside them."""
        files = self.package("ca-certificates").files(r"/usr/share/ca-certificates/.*\.crt")
        bundle = "".join(Path(file).read_text().rstrip("\n") + "\n" for file in files)
        self.tree.text("/etc/ssl/certs/ca-certificates.crt", bundle)

    def add_terminals(self):
        """For `kubectl exec -it ... loopscope top`."""
        for path in self.package("ncurses-base").files(r"(/usr)?/lib/terminfo/./[^/]+"):
            self.tree.copy(path if path.startswith("/usr") else f"/usr{path}", path)
        self.package("libc-bin")
        self.tree.copy("/usr/lib/locale/C.utf8/LC_CTYPE")

    def add_etc(self):
        self.package("base-files")
        self.tree.copy("/usr/lib/os-release")
        self.tree.link("/etc/os-release", "../usr/lib/os-release")
        self.tree.text("/etc/passwd", PASSWD)
        self.tree.text("/etc/group", GROUP)
        self.tree.text("/etc/nsswitch.conf", NSSWITCH)
        for path in EMPTY:
            self.tree.directory(path)
        self.tree.directory("/tmp", 0o1777)

    def add_licences(self):
        for name in COMPILED_IN:
            self.package(name)
        texts = {}
        for name, package in self.packages.items():
            texts[name] = package.copyright()
            self.tree.text(package.copyright_file(), texts[name])
            if name not in COMPILED_IN:
                self.tree.text(f"/var/lib/dpkg/status.d/{name}", package.status())
        for path in common_licences("".join(texts.values())):
            if os.path.islink(path):
                self.tree.link(path, os.readlink(path))
            else:
                self.tree.copy(path)


def stripped(binary):
    """Without symbols, which nobody can use there; `nm` and the like read those of the build."""
    with tempfile.NamedTemporaryFile() as to:
        subprocess.run(["strip", "--strip-all", "-o", to.name, binary], check=True)
        return Path(to.name).read_bytes()


def own_files(source, build):
    """The layer above: what changes with loopscope."""
    tree = Tree()
    for name, capabilities in BINARIES.items():
        binary = stripped(build / name)
        tree.data(f"/usr/bin/{name}", binary, 0o755)
        # again, for a user who is not root; these run only where all of them may be had
        tree.data(f"/usr/libexec/loopscope/{name}", binary, 0o755, capabilities)
    tree.copy("/etc/loopscope/loopscope.yaml", source / "configs" / "loopscope.yaml")
    for licence in [source / "LICENSE", *sorted((source / "LICENSES").iterdir())]:
        tree.copy(f"/usr/share/doc/loopscope/{licence.name}", licence)
    return tree
