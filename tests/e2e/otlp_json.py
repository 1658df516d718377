# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reads OTLP JSON: the points of one export, found by metric, process and attributes."""

from dataclasses import dataclass


def attribute_value(value):
    kind, content = next(iter(value.items()), ("", None))
    return int(content) if kind == "intValue" else content


def attributes_of(holder):
    return {item["key"]: attribute_value(item["value"]) for item in holder.get("attributes", [])}


@dataclass
class Point:
    resource: dict
    scope: dict
    metric: dict
    kind: str  # sum, gauge, histogram, exponentialHistogram
    attributes: dict
    fields: dict

    @property
    def value(self):
        if "asInt" in self.fields:
            return int(self.fields["asInt"])
        return self.fields.get("asDouble", 0)

    @property
    def count(self):
        return int(self.fields.get("count", 0))

    @property
    def sum(self):
        return self.fields.get("sum", 0)

    @property
    def temporality(self):
        return self.metric[self.kind].get("aggregationTemporality")


def points_of(request):
    for resource_metrics in request["resourceMetrics"]:
        resource = attributes_of(resource_metrics["resource"])
        for scope_metrics in resource_metrics["scopeMetrics"]:
            scope = scope_metrics.get("scope", {})
            for metric in scope_metrics["metrics"]:
                kind = next(key for key in metric if isinstance(metric[key], dict))
                for fields in metric[kind]["dataPoints"]:
                    yield Point(resource, scope, metric, kind, attributes_of(fields), fields)


@dataclass
class LogRecord:
    resource: dict
    scope: dict
    attributes: dict
    fields: dict

    @property
    def body(self):
        return self.fields["body"]["stringValue"]


def records_of(request):
    for resource_logs in request["resourceLogs"]:
        resource = attributes_of(resource_logs["resource"])
        for scope_logs in resource_logs["scopeLogs"]:
            for fields in scope_logs["logRecords"]:
                yield LogRecord(resource, scope_logs["scope"], attributes_of(fields), fields)


class Export:
    """One request."""

    def __init__(self, request):
        self.points = list(points_of(request))
        self.time_ns = max(int(point.fields["timeUnixNano"]) for point in self.points)

    def find(self, name, pid=None, tid=None, **attributes):
        """Attributes' dots are written as two underscores."""
        wanted = {key.replace("__", "."): value for key, value in attributes.items()}
        if tid is not None:
            wanted["event_loop.id"] = str(tid)
        return [
            point
            for point in self.points
            if point.metric["name"] == name
            and (pid is None or point.resource.get("process.pid") == pid)
            and wanted.items() <= point.attributes.items()
        ]

    def total(self, name, pid=None, tid=None, **attributes):
        """The sum of counters; of nothing it is 0: a loop not seen yet."""
        return sum(point.value for point in self.find(name, pid, tid, **attributes))

    def one(self, name, pid=None, tid=None, **attributes):
        (point,) = self.find(name, pid, tid, **attributes)
        return point

    def loops(self):
        """(pid, tid as text) of every loop in it."""
        return {
            (point.resource["process.pid"], point.attributes["event_loop.id"])
            for point in self.find("event_loop.iterations")
        }
