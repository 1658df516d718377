# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The few protobuf messages that OTLP receivers answer, encoded by hand from the specification.

By hand, so that the client's decoder is tested against bytes that are right by
construction, and so that broken ones can be made too.
"""


def varint(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(number, value):
    return varint(number << 3) + varint(value % 2**64)


def bytes_field(number, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def partial_success(rejected, message=""):
    """ExportMetricsServiceResponse"""
    return bytes_field(1, integer(1, rejected) + bytes_field(2, message))


def retry_info(seconds, nanos=0):
    """google.protobuf.Any of google.rpc.RetryInfo"""
    info = bytes_field(1, integer(1, seconds) + integer(2, nanos))
    return any_of("google.rpc.RetryInfo", info)


def any_of(name, value):
    return bytes_field(1, f"type.googleapis.com/{name}") + bytes_field(2, value)


def rpc_status(code, message, *details):
    """google.rpc.Status"""
    out = integer(1, code) + bytes_field(2, message)
    return out + b"".join(bytes_field(3, detail) for detail in details)
