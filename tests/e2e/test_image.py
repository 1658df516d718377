# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The OCI image: the same each time, complete, and taken by who has to take it."""

import hashlib
import json
import re
import shutil
import ssl
import subprocess
import sys
import zlib

import otlp_sink
import pytest
import servers
from image_root import NAME, SCRIPTS, VERSION, Archive, Root, make
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

sys.path.append(str(SCRIPTS))
import oci  # noqa: E402

BINARIES = {f"usr/{directory}/{name}" for directory in ("bin", "libexec/loopscope")
            for name in ("loopscope", "loopscope-agent", "loopscope-symbols")}  # fmt: skip
BILL = "usr/share/doc/loopscope/sbom.spdx.json"
CAPABILITIES = ("BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH")
DEFAULT = ("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID",
           "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="module")
def archive(path):
    return Archive(path)


@pytest.fixture(scope="module")
def root(archive, tmp_path_factory):
    return Root(archive, tmp_path_factory.mktemp("unpacked") / "root")


def test_it_is_the_same_each_time(tmp_path):
    for attempt in range(5):
        archives = [make(tmp_path / f"{attempt}-{number}") for number in range(2)]
        revisions = {json.dumps(Archive(each).annotations()) for each in archives}
        if len(revisions) == 1:  # else somebody has committed in between
            break
    assert archives[0].read_bytes() == archives[1].read_bytes()


def test_blobs_are_what_their_names_say(archive):
    for name, data in archive.files.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    (manifest,) = archive.manifests()
    content = json.loads(archive.blob(manifest))
    config = json.loads(archive.blob(content["config"]))
    unpacked = [zlib.decompress(archive.blob(layer), wbits=31) for layer in content["layers"]]
    assert config["rootfs"]["diff_ids"] == [
        "sha256:" + hashlib.sha256(layer).hexdigest() for layer in unpacked]  # fmt: skip
    assert content["annotations"]["org.opencontainers.image.version"] == VERSION
    assert manifest["platform"]["architecture"] == config["architecture"]


def test_docker_finds_the_same_blobs(archive):
    (entry,) = archive.json("manifest.json")
    content = json.loads(archive.blob(archive.manifests()[0]))
    blobs = [f"blobs/{each['digest'].replace(':', '/')}" for each in content["layers"]]
    assert entry["RepoTags"] == [NAME] and entry["Layers"] == blobs


def test_files_are_roots_and_none_gives_rights(root):
    for each in root.path.rglob("*"):
        status = each.lstat()
        assert (status.st_uid, status.st_gid) == (0, 0), each
        assert not status.st_mode & 0o6000, each
        if not each.is_symlink() and each != root.path / "tmp":
            assert not status.st_mode & 0o022, each


def test_what_can_be_executed(root):
    found = {str(each.relative_to(root.path)) for each in root.path.rglob("*")
             if each.is_file() and not each.is_symlink() and each.stat().st_mode & 0o111}
    assert BINARIES <= found
    assert all(".so" in each for each in found - BINARIES), found


def test_its_programs_run(root):
    result = root.run("/usr/bin/loopscope", "--version")
    assert result.returncode == 0 and result.stdout.startswith("loopscope "), result.stderr
    result = root.run("/usr/bin/loopscope-symbols", "--version")
    assert result.returncode == 0, result.stderr
    result = root.run("/usr/bin/loopscope", "agent", "--config", "/etc/loopscope/loopscope.yaml",
                      "--check-config")  # fmt: skip
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("user, directory", [
    ("0:0", "/usr/bin"), ("65532:65532", "/usr/libexec/loopscope")])  # fmt: skip
def test_it_can_watch(root, user, directory):
    result = root.run(f"{directory}/loopscope", "check", user=user)
    assert result.returncode == 0, result.stdout + result.stderr


def test_nobody_else_can_watch(root):
    """So the file capabilities are what makes the difference."""
    assert root.run("/usr/bin/loopscope", "check", user="65532:65532").returncode == 1


def test_it_exports_to_a_name(root):
    """Libraries for HTTP, name look-ups and all that is loaded late."""
    (root.path / "etc/hosts").write_text("127.0.0.1 collector.test\n")
    with otlp_sink.sink() as sink:
        endpoint = sink.endpoint.replace("127.0.0.1", "collector.test")
        command = root.command(
            "/usr/bin/loopscope", "agent", "--config", "/etc/loopscope/loopscope.yaml", "--listen",
            "none", "--set", f"export.otlp.endpoint={endpoint}", "--set",
            "export.interval_ms=1000")  # fmt: skip
        with servers.running(command, stderr=subprocess.PIPE, text=True) as process:
            assert sink.wait(bool, servers.PATIENCE_S), "no export"
            process.terminate()
            said = process.communicate(timeout=servers.PATIENCE_S)[1]
            assert process.returncode == 0 and "cannot run" not in said, said


def test_terminals_are_known(root):
    result = root.run("/usr/bin/loopscope", "list")
    assert result.returncode == 0, result.stderr
    assert (root.path / "usr/lib/terminfo/x/xterm-256color").exists()
    assert (root.path / "lib").is_symlink()


def test_certificates_are_mozillas_alone(root):
    bundle = root.path / "etc/ssl/certs/ca-certificates.crt"
    listed = subprocess.run(["dpkg-query", "-L", "ca-certificates"], capture_output=True,
                            text=True, check=True).stdout  # fmt: skip
    given = re.findall(r"^/usr/share/ca-certificates/.*\.crt$", listed, re.MULTILINE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(bundle)
    assert context.cert_store_stats()["x509"] == len(given)


def bill(root, tmp_path, change=lambda value: value):
    """What the published validator has against the SBOM."""
    file = tmp_path / "sbom.spdx.json"
    file.write_text(json.dumps(change(json.loads(root.text(BILL)))))
    return validate_full_spdx_document(parse_file(str(file)))


def test_the_bill_is_valid(root, tmp_path):
    assert bill(root, tmp_path) == []


def test_the_validator_notices_a_wrong_bill(root, tmp_path):
    def break_it(value):
        value["relationships"][0]["relatedSpdxElement"] = "SPDXRef-nobody"
        return value

    assert bill(root, tmp_path, break_it)


def test_the_bill_has_every_package(path, root):
    text = root.text(BILL)
    assert path.with_name(path.name.replace(".oci.tar", ".spdx.json")).read_text() == text
    named = {each["name"]: each for each in json.loads(text)["packages"]}
    installed = {each.name for each in (root.path / "var/lib/dpkg/status.d").iterdir()}
    assert installed | {"loopscope", "loopscope-image", "uthash-dev", "libiberty-dev"} == set(named)
    for name in installed:
        assert root.text(f"usr/share/doc/{name}/copyright").strip()
        version = f"Version: {named[name]['versionInfo']}\n"
        assert version in root.text(f"var/lib/dpkg/status.d/{name}")
    libraries = {"libc6", "libbpf1", "libjansson4", "libyaml-0-2", "libprotobuf-c1"}
    assert libraries <= installed


def other_architecture(tmp_path, arch="arm64", name=NAME):
    image = oci.Image([(b"\0" * 10240, "nothing")], arch, 0, {}, {})
    image.write(tmp_path / f"{arch}.oci.tar", name, 0)
    return tmp_path / f"{arch}.oci.tar"


def merge(to, *archives):
    return subprocess.run([SCRIPTS / "merge.py", *archives, "--to", to], capture_output=True,
                          text=True, timeout=120)  # fmt: skip


def test_images_of_two_architectures_are_merged(path, archive, tmp_path):
    to = tmp_path / "both.oci.tar"
    result = merge(to, other_architecture(tmp_path), path)
    assert result.returncode == 0, result.stderr
    both = Archive(to)
    (named,) = both.manifests()
    assert named["annotations"]["io.containerd.image.name"] == NAME
    found = json.loads(both.blob(named))["manifests"]
    digests = {each["platform"]["architecture"]: each["digest"] for each in found}
    (own,) = archive.manifests()
    assert digests[own["platform"]["architecture"]] == own["digest"]
    assert len(digests) == 2 and list(digests) == sorted(digests)
    for each in found:
        for part in json.loads(both.blob(each))["layers"]:
            assert both.blob(part)


@pytest.mark.parametrize("arch, name, said", [
    ("amd64", NAME, "same architecture"), ("arm64", "localhost/else:1", "others are")])
def test_what_does_not_belong_together_is_not_merged(path, tmp_path, arch, name, said):
    first = other_architecture(tmp_path, "amd64")
    (tmp_path / "second").mkdir()
    result = merge(tmp_path / "x", first, other_architecture(tmp_path / "second", arch, name))
    assert result.returncode != 0 and said in result.stderr


class Containerd:
    """One of its own, with nothing in it."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = f"{directory}/c.sock"
        (directory / "c.toml").write_text(
            f'version = 2\nroot = "{directory}/root"\nstate = "{directory}/state"\n'
            'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'
            f'[grpc]\naddress = "{self.socket}"\n'
            f'[plugins."io.containerd.internal.v1.opt"]\npath = "{directory}/opt"\n')

    def ctr(self, *arguments):
        return subprocess.run(["ctr", "--address", self.socket, *map(str, arguments)],
                              capture_output=True, text=True, timeout=120)  # fmt: skip

    def running(self):
        return servers.running(["containerd", "--config", self.directory / "c.toml"])


@pytest.fixture(scope="module")
def containerd(tmp_path_factory):
    for program in ("containerd", "ctr", "runc"):
        if not shutil.which(program):
            pytest.skip(f"no {program} here: `make k8s` installs it")
    runtime = Containerd(tmp_path_factory.mktemp("containerd"))
    with runtime.running():
        servers.await_true(lambda: runtime.ctr("version").returncode == 0, "containerd")
        yield runtime


def test_containerd_runs_it_as_the_daemonset_does(containerd, path):
    """With its own seccomp profile, four capabilities, no new privileges, a read-only root."""
    imported = containerd.ctr("images", "import", path)
    assert imported.returncode == 0, imported.stderr
    assert NAME in containerd.ctr("images", "ls", "-q").stdout.split()
    capabilities = [word for name in CAPABILITIES for word in ("--cap-add", f"CAP_{name}")]
    capabilities += [word for name in DEFAULT for word in ("--cap-drop", f"CAP_{name}")]
    result = containerd.ctr("run", "--rm", "--read-only", "--seccomp", *capabilities, NAME, "check",
                            "/usr/bin/loopscope", "check")  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    without = containerd.ctr("run", "--rm", NAME, "none", "/usr/bin/loopscope", "check")
    assert without.returncode == 1 and "missing; run as root, or add CAP_BPF" in without.stdout


def test_containerd_takes_both_architectures(containerd, path, tmp_path):
    both = tmp_path / "both.oci.tar"
    assert merge(both, path, other_architecture(tmp_path)).returncode == 0
    result = containerd.ctr("images", "import", both)
    assert result.returncode == 0, result.stderr
    listing = containerd.ctr("images", "ls").stdout
    assert re.search(rf"{re.escape(NAME)} .*linux/amd64,linux/arm64", listing), listing
