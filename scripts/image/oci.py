# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OCI images as archives: one image, or one for several architectures.

An archive is an OCI layout, as `ctr images import` and `podman load` take it. One of a single
image has a manifest.json too, by which every `docker load` finds the same blobs.
"""

import hashlib
import io
import json
import tarfile
import zlib
from datetime import datetime, timezone

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
GZIP_WBITS = 31
MACHINES = {62: "amd64", 183: "arm64", 243: "riscv64", 22: "s390x", 21: "ppc64le"}


def time_text(epoch):
    return datetime.fromtimestamp(epoch, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def architecture(binary):
    """By the ELF header, in the words of OCI."""
    machine = int.from_bytes(binary.read_bytes()[18:20], "little")
    if machine not in MACHINES:
        raise SystemExit(f"image: {binary} is for an unknown machine, {machine}")
    return MACHINES[machine]


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def as_json(value):
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def compress(data):
    """gzip without a time and a name in it: the same bytes each time."""
    gzip = zlib.compressobj(6, zlib.DEFLATED, GZIP_WBITS)
    return gzip.compress(data) + gzip.flush()


def names(reference):
    """What runtimes take an image's name from; each looks at its own key."""
    return {"io.containerd.image.name": reference,
            "org.opencontainers.image.ref.name": reference.rpartition(":")[2]}  # fmt: skip


class Blobs:
    def __init__(self):
        self.data = {}

    def add(self, data, media_type, **fields):
        """The blob's descriptor."""
        self.data[digest_of(data)] = data
        return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **fields}

    def add_json(self, value, media_type, **fields):
        return self.add(as_json(value), media_type, **fields)

    def json(self, descriptor):
        return json.loads(self.data[descriptor["digest"]])


class Image:
    """One image: `layers` are pairs of a tar and what it is for."""

    def __init__(self, layers, arch, epoch, annotations, config):
        self.blobs = Blobs()
        self.layers = [self.blobs.add(compress(tar), LAYER) for tar, _ in layers]
        created = time_text(epoch)
        self.config = self.blobs.add_json({
            "created": created, "architecture": arch, "os": "linux",
            "config": {**config, "Labels": annotations},
            "rootfs": {"type": "layers", "diff_ids": [digest_of(tar) for tar, _ in layers]},
            "history": [{"created": created, "created_by": what} for _, what in layers],
        }, CONFIG)  # fmt: skip
        self.manifest = self.blobs.add_json({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": self.config,
            "layers": self.layers, "annotations": annotations,
        }, MANIFEST, platform={"os": "linux", "architecture": arch})  # fmt: skip

    def write(self, path, reference, epoch):
        def blob(descriptor):
            return "blobs/" + descriptor["digest"].replace(":", "/")

        for_docker = [{"Config": blob(self.config), "RepoTags": [reference],
                       "Layers": [blob(layer) for layer in self.layers]}]  # fmt: skip
        write_archive(path, self.blobs, {**self.manifest, "annotations": names(reference)}, epoch,
                      {"manifest.json": as_json(for_docker)})  # fmt: skip


def write_archive(path, blobs, descriptor, epoch, files=()):
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}
    files = {**dict(files), "oci-layout": as_json({"imageLayoutVersion": "1.0.0"}),
             "index.json": as_json(index)}  # fmt: skip
    files |= {f"blobs/{digest.replace(':', '/')}": data for digest, data in blobs.data.items()}
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.mode = len(data), epoch, 0o644
            archive.addfile(member, io.BytesIO(data))


def read_archive(path):
    """Its blobs, and the descriptors that its index lists."""
    blobs = Blobs()
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.startswith("blobs/sha256/"):
                data = archive.extractfile(member).read()
                if not member.name.endswith(hashlib.sha256(data).hexdigest()):
                    raise SystemExit(f"image: {path}: {member.name} is not what its name says")
                blobs.data[digest_of(data)] = data
        index = json.load(archive.extractfile("index.json"))
    return blobs, index["manifests"]


def merge(paths, to, epoch):
    """One archive of one name, whose index has an image for each architecture."""
    blobs, manifests, reference = Blobs(), [], None
    for path in paths:
        more, descriptors = read_archive(path)
        blobs.data |= more.data
        for descriptor in descriptors:
            named = descriptor.pop("annotations")["io.containerd.image.name"]
            if reference not in (None, named):
                raise SystemExit(f"image: {path} is {named}, the others are {reference}")
            reference = named
            manifests.append(descriptor)
    platforms = [each["platform"]["architecture"] for each in manifests]
    if len(set(platforms)) != len(platforms):
        raise SystemExit(f"image: two images for the same architecture: {', '.join(platforms)}")
    manifests.sort(key=lambda each: each["platform"]["architecture"])
    index = blobs.add_json({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}, INDEX)
    write_archive(to, blobs, {**index, "annotations": names(reference)}, epoch)
