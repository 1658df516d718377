# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What dpkg knows of the files that go into the image: their packages, and those's licences."""

import os
import re
import subprocess
from pathlib import Path

FIELDS = ("binary:Package", "Package", "Version", "Architecture", "source:Package",
          "source:Version", "Homepage", "Maintainer")  # fmt: skip


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Package:
    def __init__(self, name):
        values = run("dpkg-query", "-W", "-f", "\n".join(f"${{{field}}}" for field in FIELDS), name)
        self.full_name, self.name, self.version, self.architecture, self.source, \
            self.source_version, self.homepage, self.maintainer = values.split("\n")  # fmt: skip

    def copyright_file(self):
        return f"/usr/share/doc/{self.name}/copyright"

    def copyright(self):
        return Path(self.copyright_file()).read_text(errors="replace")

    def status(self):
        """As in dpkg's own list, from which scanners tell what is installed."""
        return run("dpkg-query", "-s", self.full_name)

    def files(self, pattern):
        listed = run("dpkg-query", "-L", self.full_name).splitlines()
        return sorted(path for path in listed if re.fullmatch(pattern, path))


def spellings(path):
    """A file's names: dpkg may know it with or without the /usr that links lead to."""
    real = os.path.realpath(path)
    for each in (path, real):
        yield each
        yield each.removeprefix("/usr") if each.startswith("/usr/") else f"/usr{each}"


def owners(paths):
    """The name of the package that each of these files belongs to."""
    known = dict.fromkeys(spelling for path in paths for spelling in spellings(path))
    listed = subprocess.run(["dpkg-query", "-S", *known], capture_output=True, text=True,
                            check=False).stdout  # fmt: skip
    for line in listed.splitlines():
        names, _, path = line.partition(": ")
        known[path] = names.split(", ")[0]
    found = {path: next(filter(None, map(known.get, spellings(path))), None) for path in paths}
    unknown = [path for path in paths if not found[path]]
    if unknown:
        raise SystemExit(f"image: no package owns {', '.join(unknown)}, so that the licence is not "
                         "known. Libraries must be Debian's.")  # fmt: skip
    return found


def common_licences(text):
    """Licences that a copyright file only refers to; these files are on every Debian."""
    names = set(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9.+-]*[A-Za-z0-9])", text))
    paths = [f"/usr/share/common-licenses/{name}" for name in sorted(names)]
    there = [path for path in paths if os.path.exists(path)]
    return sorted({*there, *map(os.path.realpath, there)})
