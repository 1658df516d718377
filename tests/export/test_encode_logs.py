# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP of random log records, decoded with opentelemetry-proto, against the records themselves."""

import json
import subprocess

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from otlp_encode_expected import repaired
from test_encode import BUILD, SCHEMA_URL, decoded_value

MAX_REQUEST_BYTES = 4096
SEVERITIES = {13: "WARN", 17: "ERROR"}


def expected_attributes(dumped):
    return [(repaired(key), *(("integer", value) if isinstance(value, int)
                              else ("text", repaired(value)))) for key, value in dumped]


def expected_record(dumped):
    attributes = expected_attributes(dumped["attributes"])
    if dumped["has_stack"]:
        attributes.append(("code.stacktrace", "text", repaired(dumped["stack"])))
    return (dumped["time"], dumped["observed"], dumped["severity"],
            SEVERITIES[dumped["severity"]], repaired(dumped["body"]), "event_loop.stall",
            attributes)


def expected(dumped):
    return [((expected_attributes(group["resource"]), group["left_out"]), expected_record(record))
            for group in dumped["groups"] for record in group["records"]]


def decoded_attributes(pairs):
    return [(pair.key, *decoded_value(pair.value)) for pair in pairs]


def decoded_record(record):
    assert record.body.WhichOneof("value") == "string_value"
    return (record.time_unix_nano, record.observed_time_unix_nano, record.severity_number,
            record.severity_text, record.body.string_value, record.event_name,
            decoded_attributes(record.attributes))


def decoded(request, version):
    rows = []
    for group in request.resource_logs:
        (scope_logs,) = group.scope_logs
        assert group.schema_url == scope_logs.schema_url == SCHEMA_URL
        assert (scope_logs.scope.name, scope_logs.scope.version) == ("loopscope", version)
        assert len(scope_logs.log_records) > 0
        resource = (decoded_attributes(group.resource.attributes),
                    group.resource.dropped_attributes_count)
        rows += [(resource, decoded_record(record)) for record in scope_logs.log_records]
    return rows


@pytest.mark.parametrize("seed", range(1, 41))
def test_random_records(seed, tmp_path):
    subprocess.run([BUILD / "export" / "otlp_logs", str(seed), tmp_path], check=True, timeout=60)
    dumped = json.loads((tmp_path / "records.json").read_text())
    counts = [int(line) for line in (tmp_path / "records").read_text().split()]
    rows = []
    for number, count in enumerate(counts):
        data = (tmp_path / f"request-{number}").read_bytes()
        assert len(data) <= MAX_REQUEST_BYTES
        request = ExportLogsServiceRequest.FromString(data)
        # nothing but what is published; each field once, in as few bytes as there may be
        request.DiscardUnknownFields()
        assert request.ByteSize() == len(data)
        made = decoded(request, dumped["version"])
        assert len(made) == count
        rows += made
    assert rows == expected(dumped)
    assert len(counts) > 1

    lines = (tmp_path / "lines.json").read_text().split("\n")
    assert lines.pop() == ""
    requests = [json_format.Parse(line, ExportLogsServiceRequest()) for line in lines]
    assert [row for request in requests for row in decoded(request, dumped["version"])] == rows
