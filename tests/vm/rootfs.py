# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The guests' file system: busybox, the programs under test, their libraries, the checks."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

GUEST = Path(__file__).parent / "guest"
BUSYBOX = Path("/bin/busybox")
DIRECTORIES = ("bin", "dev", "proc", "sys", "tmp", "results")


def libraries(program):
    """What the dynamic linker would load, itself included; nothing for a static program."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    missing = re.search(r"(\S+) => not found", listed)
    assert not missing, f"{program} wants {missing.group(1)}"
    return set(re.findall(r"(/\S+) \(0x", listed))


def populate(root, programs):
    for name in DIRECTORIES:
        (root / name).mkdir()
    for program in (BUSYBOX, *programs):
        shutil.copy(program, root / "bin")
    for library in set().union(*map(libraries, programs)):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    for script in GUEST.glob("*.sh"):
        shutil.copy(script, root)
    (root / "init.sh").rename(root / "init")
    (root / "init").chmod(0o755)


def build(path, programs):
    with tempfile.TemporaryDirectory() as directory:
        populate(Path(directory), programs)
        names = sorted(str(entry.relative_to(directory)) for entry in Path(directory).rglob("*"))
        archive = subprocess.run(
            ["cpio", "--create", "--format=newc", "--quiet", "--owner=0:0"],
            cwd=directory,
            input="\n".join(names).encode(),
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
    path.write_bytes(archive)
