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
import shutil
import sys
import sysconfig
import tarfile
from pathlib import Path

from rootfs import libraries

REGISTRY = "loopscope.test"
# no program in a container needs these folders of Python and its packages
LEFT_OUT = {"__pycache__", "test", "tests", "site-packages", "dist-packages", "idlelib",
            "ensurepip", "lib2to3", "tkinter", "pip", "setuptools", "pkg_resources",
            "grpc"}  # fmt: skip
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


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
            folders[:] = set(folders) - LEFT_OUT
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


def of_program(name, *arguments):
    """An image of one program of this machine, by its name on PATH."""
    program = shutil.which(name)  # some do as the name says that they are called by
    image = Image(name, [program, *arguments])
    image.add(program, program)
    return image


def of_python(name, script):
    """A script, Python as it runs here, and its packages."""
    program = Path(sys.executable).resolve()
    image = Image(name, [str(program), f"/{script.name}"], {
        "PYTHONPATH": "/packages", "PYTHONDONTWRITEBYTECODE": "1"})  # fmt: skip
    image.add(str(program), program)
    image.add(sysconfig.get_path("stdlib"), sysconfig.get_path("stdlib"))
    image.add("/packages", sysconfig.get_path("purelib"))
    image.add(f"/{script.name}", script)
    return image
