# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP profiles of random stalls, decoded with opentelemetry-proto, against the stalls."""

import json
import subprocess

import pytest
from opentelemetry.proto.collector.profiles.v1development.profiles_service_pb2 import (
    ExportProfilesServiceRequest,
)

from otlp_encode_expected import CAUSES, plain
from test_encode import BUILD, decoded_value

TYPES = ["native", "native", "rust", "go", "cpython", "v8js", "jvm"]  # by language
TABLES = ("mapping_table", "location_table", "function_table", "link_table", "string_table",
          "attribute_table", "stack_table")


def expected_locations(frames):
    """Frames that are inlined stand in the location of the first after them that is not."""
    locations, lines = [], []
    for number, frame in enumerate(frames):
        lines.append((plain(frame["function"]),
                      plain(frame["file"]) if frame["function"] else "", frame["line"]))
        if frame["inlined"] and number + 1 < len(frames):
            continue
        module = plain(frame["module"])
        if len(lines) == 1 and not lines[0][0]:
            lines = []
        locations.append((module, frame["address"] - frame["offset"] if module else 0,
                          frame["address"], tuple(lines), TYPES[frame["language"]]))
        lines = []
    return locations


def expected(stall):
    return [(expected_locations(stack["frames"]), stack["weight"],
             stack["time"] + stall["offset"],
             {"thread.id": ("integer", stall["tid"]), "thread.name": ("text", "worker"),
              "event_loop.state": ("text", CAUSES[stack["cause"]])})
            for stack in stall["stacks"] if stack["frames"]]


class Dictionary:
    def __init__(self, message):
        self.message = message
        for table in TABLES:
            rows = getattr(message, table)
            # 0 is nothing; the others are there once
            assert rows[0] == ("" if table == "string_table" else type(rows[0])())
            keys = [row if isinstance(row, str) else row.SerializeToString(deterministic=True)
                    for row in rows]
            assert len(set(keys)) == len(keys), table

    def text(self, index):
        return self.message.string_table[index]

    def attributes(self, indices):
        rows = [self.message.attribute_table[index] for index in indices]
        return {self.text(row.key_strindex): decoded_value(row.value) for row in rows}

    def line(self, line):
        function = self.message.function_table[line.function_index]
        return self.text(function.name_strindex), self.text(function.filename_strindex), line.line

    def location(self, index):
        location = self.message.location_table[index]
        mapping = self.message.mapping_table[location.mapping_index]
        attributes = self.attributes(location.attribute_indices)
        return (self.text(mapping.filename_strindex), mapping.memory_start, location.address,
                tuple(self.line(line) for line in location.lines),
                attributes["profile.frame.type"][1])

    def sample(self, sample):
        stack = self.message.stack_table[sample.stack_index]
        (value,), (time,) = sample.values, sample.timestamps_unix_nano
        return ([self.location(index) for index in stack.location_indices], value, time,
                self.attributes(sample.attribute_indices))


@pytest.mark.parametrize("seed", range(1, 41))
def test_random_stalls(seed, tmp_path):
    subprocess.run([BUILD / "export" / "otlp_profile", str(seed), tmp_path], check=True,
                   timeout=60)
    stall = json.loads((tmp_path / "stall.json").read_text())
    data = (tmp_path / "request").read_bytes()
    request = ExportProfilesServiceRequest.FromString(data)
    request.DiscardUnknownFields()
    assert request.ByteSize() == len(data)
    (resource_profiles,) = request.resource_profiles
    assert resource_profiles.resource.attributes[0].value.string_value == "shop"
    (scope_profiles,) = resource_profiles.scope_profiles
    assert scope_profiles.scope.name == "loopscope"
    (profile,) = scope_profiles.profiles
    dictionary = Dictionary(request.dictionary)
    assert dictionary.text(profile.sample_type.type_strindex) == "stall"
    assert dictionary.text(profile.sample_type.unit_strindex) == "nanoseconds"
    assert profile.time_unix_nano == stall["start"] + stall["offset"]
    assert profile.duration_nano == stall["until"] - stall["start"]
    assert dictionary.attributes(profile.attribute_indices) == {
        "event_loop.stall.id": ("text", f"{stall['tid']}-{stall['start']:x}")}
    assert [dictionary.sample(sample) for sample in profile.samples] == expected(stall)
