# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads Prometheus's protobuf format by the numbers of its fields, which are written here
anew: io/prometheus/client/metrics.proto of prometheus/client_model."""

import struct
from dataclasses import dataclass, field

COUNTER, GAUGE, HISTOGRAM = 0, 1, 4


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def zigzag(value):
    return (value >> 1) ^ -(value & 1)


def fields(data):
    """(number, value) of each field: an integer, a float, or bytes."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = varint(data, at)
        elif wire == 1:
            value = struct.unpack_from("<d", data, at)[0]
            at += 8
        else:
            assert wire == 2, (number, wire)
            size, at = varint(data, at)
            assert at + size <= len(data)
            value = data[at : at + size]
            at += size
        yield number, value


def varints(data):
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value


def timestamp(data):
    """Nanoseconds."""
    parts = dict(fields(data))
    return parts.get(1, 0) * 10**9 + parts.get(2, 0)


@dataclass
class Histogram:
    count: int = 0
    sum: float = 0
    classic: list = field(default_factory=list)  # (upper bound, cumulative count)
    schema: int = None
    zero_threshold: float = 0
    zero_count: int = 0
    native: dict = field(default_factory=dict)  # index: count
    created: int = 0


def read_histogram(data):
    histogram, spans, deltas = Histogram(), [], []
    for number, value in fields(data):
        if number == 1:
            histogram.count = value
        elif number == 2:
            histogram.sum = value
        elif number == 3:
            parts = dict(fields(value))
            histogram.classic.append((parts[2], parts.get(1, 0)))
        elif number == 5:
            histogram.schema = zigzag(value)
        elif number == 6:
            histogram.zero_threshold = value
        elif number == 7:
            histogram.zero_count = value
        elif number == 12:
            parts = dict(fields(value))
            spans.append((zigzag(parts.get(1, 0)), parts.get(2, 0)))
        elif number == 13:
            deltas += [zigzag(delta) for delta in varints(value)]
        else:
            assert number == 15, number
            histogram.created = timestamp(value)
    index = count = 0
    deltas = iter(deltas)
    for offset, length in spans:
        index += offset
        for _ in range(length):
            count += next(deltas)
            histogram.native[index] = count
            index += 1
    assert next(deltas, None) is None
    return histogram


def read_metric(data):
    """Labels, value and created time of a Metric."""
    labels, value, created = {}, None, 0
    for number, content in fields(data):
        if number == 1:
            pair = dict(fields(content))
            labels[pair[1].decode()] = pair.get(2, b"").decode()
        elif number == 7:
            value = read_histogram(content)
            created = value.created
        else:
            assert number in (2, 3), number  # Gauge, Counter
            parts = dict(fields(content))
            value = parts.get(1, 0)
            created = timestamp(parts[3]) if 3 in parts else 0
    return labels, value, created


@dataclass
class Family:
    name: str = ""
    help: str = ""
    type: int = None
    unit: str = ""
    metrics: list = field(default_factory=list)


def read_families(data):
    families, at = [], 0
    while at < len(data):
        size, at = varint(data, at)
        assert at + size <= len(data)
        family = Family()
        for number, value in fields(data[at : at + size]):
            if number == 4:
                family.metrics.append(read_metric(value))
            elif number == 3:
                family.type = value
            else:
                setattr(family, {1: "name", 2: "help", 5: "unit"}[number], value.decode())
        families.append(family)
        at += size
    return families
