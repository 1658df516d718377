# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""OTLP of random figures, decoded with opentelemetry-proto, against the figures themselves."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from otlp_encode_expected import Expected

ROOT = Path(__file__).parents[2]
BUILD = Path(os.environ.get("BUILD", ROOT / "build"))
GOLDEN = ROOT / "tests" / "unit" / "golden"
SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"
BATCH = 50
SEEDS = 400


def decoded_value(value):
    kind = value.WhichOneof("value")
    if kind == "array_value":
        items = value.array_value.values
        assert all(item.WhichOneof("value") == "string_value" for item in items)
        return "texts", tuple(item.string_value for item in items)
    names = {"string_value": "text", "int_value": "integer", "double_value": "double",
             "bool_value": "boolean"}
    return names[kind], getattr(value, kind)


def decoded_attributes(pairs):
    return tuple((pair.key, *decoded_value(pair.value)) for pair in pairs)


def decoded_number(point):
    kind = point.WhichOneof("value")
    value = getattr(point, kind)
    assert isinstance(value, int if kind == "as_int" else float)
    return value


def decoded_exemplars(point):
    assert all(e.WhichOneof("value") == "as_double" for e in point.exemplars)
    return [(e.as_double, e.time_unix_nano, decoded_attributes(e.filtered_attributes))
            for e in point.exemplars]


def decoded_exponential(point):
    assert point.scale == 2
    assert point.zero_threshold == 2**-10
    counts = list(point.positive.bucket_counts)
    if counts:
        assert counts[0] and counts[-1]
    assert not point.HasField("negative") and point.HasField("sum")
    assert point.count == point.zero_count + sum(counts)
    indexed = {point.positive.offset + i: count for i, count in enumerate(counts) if count}
    return {"zero": point.zero_count, "counts": indexed, "count": point.count, "sum": point.sum,
            "exemplars": decoded_exemplars(point)}


def decoded_explicit(point):
    assert point.HasField("sum")
    assert point.count == sum(point.bucket_counts)
    return {"bounds": list(point.explicit_bounds), "counts": list(point.bucket_counts),
            "count": point.count, "sum": point.sum, "exemplars": decoded_exemplars(point)}


DECODERS = {
    "gauge": decoded_number,
    "sum": decoded_number,
    "histogram": decoded_explicit,
    "exponential_histogram": decoded_exponential,
}


def decoded_metric(metric):
    field = metric.WhichOneof("data")
    data = getattr(metric, field)
    assert metric.description and len(data.data_points) > 0
    kind = {"gauge": "gauge", "histogram": "histogram",
            "exponential_histogram": "histogram"}.get(field)
    if field == "sum":
        kind = "counter" if data.is_monotonic else "now"
    points = [(decoded_attributes(p.attributes), p.start_time_unix_nano, p.time_unix_nano,
               DECODERS[field](p)) for p in data.data_points]
    temporality = None if field == "gauge" else data.aggregation_temporality
    return metric.unit, kind, temporality, points


def decoded_resource(resource_metrics, version):
    assert resource_metrics.schema_url == SCHEMA_URL
    (scope_metrics,) = resource_metrics.scope_metrics
    assert scope_metrics.schema_url == SCHEMA_URL
    assert scope_metrics.scope.name == "loopscope"
    assert scope_metrics.scope.version == version
    metrics = {}
    for metric in scope_metrics.metrics:
        assert metric.name not in metrics
        metrics[metric.name] = decoded_metric(metric)
    resource = resource_metrics.resource
    return (decoded_attributes(resource.attributes), resource.dropped_attributes_count, metrics)


def joined(parts):
    """One row a resource, from those of which some may be continued in the next."""
    rows = []
    for names, left_out, metrics in parts:
        if not rows or rows[-1][0] != names:
            rows.append((names, left_out, {}))
        assert rows[-1][1] == left_out
        for name, (*kind, points) in metrics.items():
            had = rows[-1][2].setdefault(name, (*kind, []))
            assert list(had[:3]) == kind
            had[3].extend(points)
    return rows


def assert_split_only_where_needed(requests):
    """A resource that is in two requests is the first in each: it did not fit in one."""
    for request, following in zip(requests, requests[1:]):
        last, first = request.resource_metrics[-1], following.resource_metrics[0]
        if last.resource == first.resource:
            assert len(request.resource_metrics) == 1


def assert_equal(found, expected):
    assert [row[:2] for row in found] == [row[:2] for row in expected]
    for (_, _, metrics), (_, _, wanted) in zip(found, expected):
        assert metrics.keys() == wanted.keys()
        for name, metric in metrics.items():
            assert metric == wanted[name], name
            for _, _, _, value in metric[3]:
                same_type(value, wanted[name][3][0][3], name)


def same_type(value, wanted, name):
    """Integers are sent as such: 1 == 1.0 does not tell."""
    assert isinstance(value, type(wanted)) or isinstance(wanted, float), name
    assert not (isinstance(wanted, float) and isinstance(value, int)), name


def check_seed(directory):
    figures = json.loads((directory / "figures.json").read_text())
    expected = Expected(figures).resources()
    said = [int(line) for line in (directory / "points").read_text().split()]
    requests = []
    for number, nr_points in enumerate(said):
        data = (directory / f"request-{number}").read_bytes()
        assert len(data) <= figures["max_request_bytes"]
        request = ExportMetricsServiceRequest.FromString(data)
        # nothing but what is published; each field once, in as few bytes as there may be
        request.DiscardUnknownFields()
        assert request.ByteSize() == len(data)
        parts = [decoded_resource(r, figures["version"]) for r in request.resource_metrics]
        assert nr_points == sum(len(m[3]) for p in parts for m in p[2].values())
        requests.append(request)
    assert_split_only_where_needed(requests)
    assert_equal(joined([decoded_resource(r, figures["version"])
                         for request in requests for r in request.resource_metrics]), expected)

    lines = (directory / "lines.json").read_text().split("\n")
    assert lines.pop() == ""
    parts = []
    for line in lines:
        request = json_format.Parse(line, ExportMetricsServiceRequest())
        (resource,) = request.resource_metrics
        parts.append(decoded_resource(resource, figures["version"]))
        assert sum(len(m[3]) for m in parts[-1][2].values()) <= 100
    assert_equal(joined(parts), expected)
    return figures, len(requests), len(parts) - len(expected)


@pytest.mark.parametrize("first", range(1, SEEDS + 1, BATCH))
def test_random_figures(first, tmp_path):
    last = first + BATCH - 1
    subprocess.run([BUILD / "export" / "otlp_encode", str(first), str(last), tmp_path],
                   check=True, timeout=100)
    kinds, split, lines_split = set(), 0, 0
    for seed in range(first, last + 1):
        try:
            figures, nr_requests, more_lines = check_seed(tmp_path / str(seed))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        kinds.add((figures["delta"], figures["explicit"]))
        split += nr_requests > 1
        lines_split += more_lines > 0
    assert len(kinds) == 4
    assert split > 5 and lines_split > 5


@pytest.mark.parametrize("name", ["cumulative_exponential", "delta_explicit"])
def test_golden_files_say_the_same(name):
    """The bytes and the JSON of the unit tests' golden files are one and the same request."""
    from_bytes = ExportMetricsServiceRequest.FromString(
        bytes.fromhex((GOLDEN / f"otlp_{name}.hex").read_text()))
    from_json = ExportMetricsServiceRequest()
    for line in (GOLDEN / f"otlp_{name}.json").read_text().splitlines():
        from_json.MergeFrom(json_format.Parse(line, ExportMetricsServiceRequest()))
    assert len(from_bytes.resource_metrics) == 3
    assert from_bytes == from_json
