#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes the agent's OCI image of what is built and what of this Debian it needs.

No registry and no container engine is asked for anything. The same tree on the same Debian gives
the same bytes: times are SOURCE_DATE_EPOCH's, or the commit's. Of another architecture's image only
a machine of that can know the libraries: build there, and join both with merge.py.
"""

import argparse
import os
import re
import subprocess
from pathlib import Path

import oci
import root
import sbom

SOURCE = Path(__file__).resolve().parents[2]
CONFIG = {
    # Kubernetes gives capabilities that are asked for to no other user
    "User": "0:0",
    "Entrypoint": ["/usr/bin/loopscope"],
    "Cmd": ["agent", "--config", "/etc/loopscope/loopscope.yaml"],
    "Env": ["PATH=/usr/bin", "LANG=C.UTF-8", "TERM=xterm-256color"],
    "ExposedPorts": {"9464/tcp": {}},
    "WorkingDir": "/",
}


def git(*arguments):
    """"" where there is no git, or no repository."""
    try:
        return subprocess.run(["git", "-C", SOURCE, *arguments], capture_output=True, text=True,
                              check=True).stdout.strip()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""


def epoch_of_source():
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or 0)


def release():
    fields = dict(re.findall(r'^(\w+)="?([^"\n]*)', Path("/etc/os-release").read_text(), re.M))
    return f"{fields['ID']}-{fields.get('VERSION_ID', 'unstable')}"


def annotations(version, epoch):
    revision = git("rev-parse", "HEAD")
    prefix = "org.opencontainers.image."
    return {
        prefix + "title": "loopscope",
        prefix + "description": "Watches event loops from the kernel: lag, utilization, stalls "
                                "and their causes",
        prefix + "version": version,
        prefix + "created": oci.time_text(epoch),
        prefix + "licenses": sbom.LICENCE,
        **({prefix + "revision": revision} if revision else {}),
    }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=Path, required=True, help="where the binaries are")
    parser.add_argument("--version", required=True)
    parser.add_argument("--name", required=True, help="of the image, tag included")
    parser.add_argument("--to", type=Path, required=True, help="directory for the archive")
    arguments = parser.parse_args()

    epoch = epoch_of_source()
    binaries = [arguments.build / name for name in root.BINARIES]
    arch = oci.architecture(binaries[0])
    base = root.Base(binaries)
    own = root.own_files(SOURCE, arguments.build)
    bill = sbom.document(base, arguments.version, arch, epoch, release(), root.COMPILED_IN)
    own.data("/usr/share/doc/loopscope/sbom.spdx.json", bill)
    layers = [(base.tree.tar(0), "libraries of Debian"), (own.tar(epoch), "loopscope")]
    image = oci.Image(layers, arch, epoch, annotations(arguments.version, epoch), CONFIG)

    arguments.to.mkdir(parents=True, exist_ok=True)
    stem = f"{arguments.to}/loopscope-{arguments.version}-{arch}"
    image.write(f"{stem}.oci.tar", arguments.name, epoch)
    Path(f"{stem}.spdx.json").write_bytes(bill)
    packed = sum(layer["size"] for layer in image.layers)
    print(f"{stem}.oci.tar: {arguments.name}, {packed / 1e6:.1f} MB, unpacked "
          f"{(base.tree.size() + own.size()) / 1e6:.1f} MB\n"
          f"{image.manifest['digest']}")  # fmt: skip


if __name__ == "__main__":
    main()
