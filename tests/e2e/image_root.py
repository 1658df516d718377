# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The image that `make image` makes: built, read, unpacked, and entered without a runtime."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from watch import BUILD

SOURCE = Path(__file__).parents[2]
SCRIPTS = SOURCE / "scripts" / "image"
NAME = "localhost/loopscope:test"
VERSION = "0.0.1"
# a mount namespace of its own, so that nothing is left mounted; runtimes mount these three too
ENTER = """
mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" &&
root=$1 user=$2 && shift 2 &&
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot --userspec="$user" "$root" "$@"
"""


def make(to):
    """The archive."""
    subprocess.run(
        [sys.executable, SCRIPTS / "build.py", "--build", BUILD, "--version", VERSION,
         "--name", NAME, "--to", to],
        check=True, timeout=120, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    (archive,) = Path(to).glob("*.oci.tar")
    return archive


class Archive:
    def __init__(self, path):
        with tarfile.open(path) as archive:
            self.files = {member.name: archive.extractfile(member).read() for member in archive}

    def json(self, name):
        return json.loads(self.files[name])

    def blob(self, descriptor):
        return self.files["blobs/" + descriptor["digest"].replace(":", "/")]

    def manifests(self):
        return self.json("index.json")["manifests"]

    def annotations(self):
        return json.loads(self.blob(self.manifests()[0]))["annotations"]


class Root:
    """An unpacked image, as a runtime unpacks it: layer upon layer, file capabilities too."""

    def __init__(self, archive, path):
        self.path = path
        path.mkdir()
        (manifest,) = archive.manifests()
        for layer in json.loads(archive.blob(manifest))["layers"]:
            subprocess.run(["tar", "-xzf", "-", "-C", path, "--xattrs", "--xattrs-include=*"],
                           input=archive.blob(layer), check=True)  # fmt: skip

    def command(self, *command, user="0:0"):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", ENTER, "enter",
                self.path, user, *command]  # fmt: skip

    def run(self, *command, **options):
        return subprocess.run(self.command(*command, **options), capture_output=True, text=True,
                              timeout=120)  # fmt: skip

    def text(self, path):
        return (self.path / path).read_text()
