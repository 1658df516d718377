#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Stalls under bcc's offcputime in a guest whose kernel lets it: `make comparison-guest`.

Writes the last section of the Markdown file that `make comparison` has made.
"""

import argparse
import pathlib
import shutil
import sys
import tarfile
import tempfile

import comparison
import guest_rows
from process import MeasurementFailed

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path.append(str(TESTS / "vm"))

import debian_disk
import guest_disk
import kernels
import qemu

HEADING = "## In a guest with kernel 6.1\n"
KERNEL = kernels.Kernel("6.1", guest_disk.SUITE)
MEMORY_MB = 2048
MOST_S = 1200


def write_payload(path, build):
    with tempfile.TemporaryDirectory() as directory, tarfile.open(path, "w") as archive:
        comparison.build_parts(pathlib.Path(directory))
        for program in (build / "loopscope", build / "loopscope-symbols",
                        pathlib.Path(directory) / "stall_cpp"):
            archive.add(program, f"bin/{program.name}")
        for source in (*HERE.glob("*.py"), *(TESTS / "apps").glob("*.py")):
            archive.add(source, f"tests/{source.relative_to(TESTS)}")
        for script in (HERE / "guest_checks.sh", TESTS / "vm/guest/step.sh"):
            archive.add(script, script.name)


def boot(build):
    if not shutil.which("qemu-system-x86_64"):
        raise kernels.Unavailable("there is no QEMU here")
    system = debian_disk.fetch(guest_disk.RECIPE)
    with tempfile.TemporaryDirectory(prefix="loopscope-guest-") as directory:
        write_payload(f"{directory}/payload", build)
        return qemu.run(KERNEL, pathlib.Path(directory), [
            *("-m", str(MEMORY_MB), "-serial", f"file:{directory}/results"),
            *("-kernel", str(system.kernel), "-initrd", str(system.initrd)),
            *("-drive", f"file={system.disk},format=raw,if=virtio,snapshot=on"),
            *("-drive", f"file={directory}/payload,format=raw,if=virtio,readonly=on"),
            *("-append", "root=/dev/vda rw console=ttyS0 quiet panic=-1"),
        ], MOST_S)  # fmt: skip


def section(build):
    try:
        guest = boot(build)
    except kernels.Unavailable as reason:
        return "\n".join(not_had(str(reason).splitlines()[0]))
    if guest.files.get("rows/status") != b"0\n":
        said = guest.files.get("rows/stderr", b"").decode(errors="replace")
        raise MeasurementFailed(f"{said}{guest.end()}")
    return guest.text("rows", "stdout")


def not_had(reason):
    for stall in guest_rows.STALLS:
        yield comparison.table_head(stall)
        for tool in guest_rows.TOOLS:
            yield f"| {tool.name} | not had: {reason} | never |"
    yield ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("output", type=pathlib.Path, help="the Markdown file to end")
    arguments = parser.parse_args()
    added = section(arguments.build)
    before = arguments.output.read_text(encoding="utf-8").partition(f"\n{HEADING}")[0]
    arguments.output.write_text(f"{before}\n{HEADING}{added}", encoding="utf-8")


if __name__ == "__main__":
    main()
