# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Images made of this machine's own programs and their libraries, without a registry.

Each is an archive of one layer in the form that `docker save` writes, which every
runtime can import.
"""

import hashlib
import io
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path

REGISTRY = "loopscope.test"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def libraries(program):
    """What the dynamic linker loads, itself included, by path; nothing for a static program."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    missing = re.search(r"(\S+) => not found", listed)
    assert not missing, f"{program} wants {missing.group(1)}"
    return set(re.findall(r"(/\S+) \(0x", listed))


class Image:
    def __init__(self, name, entrypoint, environment=None):
        self.name = f"{REGISTRY}/{name}:1"
        self.files = {}  # path inside: path here
        self.config = {
            "Entrypoint": entrypoint,
            "Env": [f"{key}={value}" for key, value in (environment or {}).items()],
        }

    def add(self, inside, path):
        """A file or directory, and the libraries of every program and library in it."""
        path = Path(path)
        if not path.is_dir():
            self.files[inside.lstrip("/")] = path
            self.add_libraries(path)
            return
        for root, folders, names in os.walk(path):
            folders[:] = [name for name in folders if name not in ("__pycache__", "test")]
            for name in names:
                file = Path(root) / name
                self.files[str(Path(inside.lstrip("/")) / file.relative_to(path))] = file
                if ".so" in name:
                    self.add_libraries(file)

    def add_libraries(self, program):
        for library in libraries(program):
            self.files[library.lstrip("/")] = Path(library)

    def layer(self):
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as archive:
            for name in ("tmp", "proc", "sys", "dev", "etc"):
                entry = tarfile.TarInfo(name)
                entry.type, entry.mode = tarfile.DIRTYPE, 0o755 if name != "tmp" else 0o1777
                archive.addfile(entry)
            for inside, path in sorted(self.files.items()):
                archive.add(path.resolve(), inside, recursive=False)
        return stream.getvalue()

    def save(self, directory):
        """Where the archive is."""
        layer = self.layer()
        digest = hashlib.sha256(layer).hexdigest()
        config = json.dumps({
            "architecture": MACHINES[os.uname().machine],
            "os": "linux",
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }).encode()  # fmt: skip
        config_name = f"{hashlib.sha256(config).hexdigest()}.json"
        manifest = [{"Config": config_name, "RepoTags": [self.name], "Layers": ["layer.tar"]}]
        path = Path(directory) / (re.sub(r"\W+", "-", self.name) + ".tar")
        with tarfile.open(path, "w") as archive:
            for name, content in ((config_name, config), ("layer.tar", layer),
                                  ("manifest.json", json.dumps(manifest).encode())):  # fmt: skip
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        return path
