# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Checks vmlinux/vmlinux.h, written by hand, against the BTF of a kernel.

Every struct of the header must be in the kernel with each of its fields, of a
kind and size that CO-RE can relocate. Of a struct's flavours (name___flavour),
one at least must be there whole: programs choose among them at load time.
LOOPSCOPE_BTF names another kernel's BTF than the running one's.
"""
import functools
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BPFTOOL = os.environ.get("BPFTOOL", "bpftool")
CLANG = os.environ.get("CLANG", "clang-19")
ARCH = {"x86_64": "x86", "aarch64": "arm64"}[os.uname().machine]
KERNEL_BTF = os.environ.get("LOOPSCOPE_BTF", "/sys/kernel/btf/vmlinux")
PREPROCESS = [CLANG, "-target", "bpf", f"-D__TARGET_ARCH_{ARCH}", f"-I{ROOT}/vmlinux"]
TRANSPARENT = ("TYPEDEF", "CONST", "VOLATILE", "RESTRICT", "TYPE_TAG")
COMPOSITE = ("STRUCT", "UNION")
ANONYMOUS = ("", "(anon)")  # as bpftool prints it


class Btf:
    """The types of one BTF file, looked up by id, and structs by name."""

    def __init__(self, path):
        dump = [BPFTOOL, "-j", "btf", "dump", "file", str(path)]
        output = subprocess.run(dump, check=True, capture_output=True).stdout
        types = json.loads(output)["types"]
        self.by_id = {entry["id"]: entry for entry in types}
        self.structs = {entry["name"]: entry for entry in types if entry["kind"] == "STRUCT"}
        self.constants = {
            value["name"]: value["val"]
            for entry in types
            if entry["kind"] in ("ENUM", "ENUM64")
            for value in entry["values"]
        }

    def resolve(self, type_id):
        entry = self.by_id.get(type_id, {"kind": "VOID"})
        while entry["kind"] in TRANSPARENT:
            entry = self.by_id.get(entry["type_id"], {"kind": "VOID"})
        return entry

    def fields(self, struct):
        """Members by name; those of anonymous members count as the struct's own."""
        found = {}
        for member in struct["members"]:
            inner = self.resolve(member["type_id"])
            if member["name"] in ANONYMOUS:
                if inner["kind"] in COMPOSITE:
                    found |= self.fields(inner)
            else:
                found[member["name"]] = member
        return found


def mismatch(ours, our_member, theirs, their_member):
    """Why CO-RE could not relocate our member to theirs; None if it can."""
    our_type = ours.resolve(our_member["type_id"])
    their_type = theirs.resolve(their_member["type_id"])
    if our_type["kind"] in COMPOSITE and their_type["kind"] in COMPOSITE:
        named = our_type["name"] not in ANONYMOUS  # then it has a test of its own
        return None if named else struct_mismatch(ours, our_type, theirs, their_type)
    if our_type["kind"] != their_type["kind"]:
        return f"{our_type['kind']} here, {their_type['kind']} in the kernel"
    if our_type["kind"] == "ARRAY":
        return mismatch(ours, our_type, theirs, their_type)
    bitfield = our_member.get("bitfield_size") or their_member.get("bitfield_size")
    if our_type["kind"] == "INT" and our_type["size"] != their_type["size"] and not bitfield:
        return f"{our_type['size']} bytes here, {their_type['size']} in the kernel"
    return None


def struct_mismatch(ours, our_struct, theirs, their_struct):
    """What of our struct the kernel's has not, or has otherwise; None if nothing."""
    their_fields = theirs.fields(their_struct)
    problems = []
    for name, member in ours.fields(our_struct).items():
        if name not in their_fields:
            problems.append(f"{name}: not in the kernel")
        elif reason := mismatch(ours, member, theirs, their_fields[name]):
            problems.append(f"{name}: {reason}")
    return "; ".join(problems) or None


def preprocessed_header():
    command = [*PREPROCESS, "-E", "-P", str(ROOT / "vmlinux/vmlinux.h")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


HEADER = preprocessed_header()
STRUCTS = re.findall(r"^struct (\w+) \{", HEADER, re.MULTILINE)
CONSTANTS = dict(re.findall(r"^\s+(BPF_\w+) = (\w+)", HEADER, re.MULTILINE))


@functools.cache
def kernel():
    if not os.access(KERNEL_BTF, os.R_OK):
        pytest.skip(f"{KERNEL_BTF} cannot be read: a kernel without CONFIG_DEBUG_INFO_BTF?")
    return Btf(KERNEL_BTF)


@pytest.fixture(scope="module", name="header")
def fixture_header(tmp_path_factory):
    """The header's own BTF: of an object with one variable of each struct."""
    directory = tmp_path_factory.mktemp("vmlinux")
    source, target = directory / "all.c", directory / "all.o"
    variables = "".join(f"struct {name} variable_{name};\n" for name in STRUCTS)
    source.write_text(f'#include "vmlinux.h"\n{variables}')
    subprocess.run([*PREPROCESS, "-O2", "-g", "-c", str(source), "-o", str(target)], check=True)
    return Btf(target)


def problem_of(header, name):
    base = name.split("___")[0]
    if base not in kernel().structs:
        return f"struct {base}: not in the kernel"
    return struct_mismatch(header, header.structs[name], kernel(), kernel().structs[base])


@pytest.mark.parametrize("name", [name for name in STRUCTS if "___" not in name])
def test_struct_is_in_the_kernel(header, name):
    assert problem_of(header, name) is None


@pytest.mark.parametrize("base", sorted({n.split("___")[0] for n in STRUCTS if "___" in n}))
def test_one_flavour_is_in_the_kernel(header, base):
    flavours = [name for name in STRUCTS if name.startswith(f"{base}___")]
    problems = {name: problem_of(header, name) for name in flavours}
    assert None in problems.values(), problems


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant_is_the_kernels(name):
    assert kernel().constants.get(name) == int(CONSTANTS[name], 0)


def test_header_was_read():
    assert "task_struct" in STRUCTS and CONSTANTS
