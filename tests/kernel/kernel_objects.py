# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What loopscope has in the kernel, as bpftool sees it."""

import json
import os
import re
import subprocess
from pathlib import Path

BPFTOOL = os.environ.get("BPFTOOL", "/usr/sbin/bpftool")
ID = re.compile(r"^(prog|map|link)_id:\s*(\d+)$", re.MULTILINE)


def bpftool(*arguments):
    done = subprocess.run(
        [BPFTOOL, "--json", *arguments], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def shown(kind):
    """All programs, maps or links of the machine."""
    return bpftool(kind, "show")


def kernel_objects(pid):
    """(kind, id) of each program, map and link that the process holds open."""
    objects = set()
    for path in Path(f"/proc/{pid}/fdinfo").iterdir():
        objects.update((kind, int(number)) for kind, number in ID.findall(path.read_text()))
    return objects


def map_of(pid, name):
    """A map of the process, by its name: id, max_entries, ..."""
    objects = kernel_objects(pid)
    [row] = [row for row in shown("map") if row["name"] == name and ("map", row["id"]) in objects]
    return row
