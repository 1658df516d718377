# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a back end makes of the requests that it takes."""

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_DELTA


def value_of(attributes, key):
    for attribute in attributes:
        if attribute.key == key:
            kind = attribute.value.WhichOneof("value")
            return getattr(attribute.value, kind)
    return None


class Received:
    """Counters as a back end has them: deltas added up, of cumulative series the last value."""

    def __init__(self):
        self.values = {}  # of a series
        self.processes = set()

    def take(self, body):
        for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            who = value_of(resource.resource.attributes, "service.instance.id")
            for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                if metric.name in ("event_loop.iterations", "event_loop.events"):
                    self.take_counter(who, metric)

    def take_counter(self, who, metric):
        delta = metric.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_DELTA
        for point in metric.sum.data_points:
            loop = value_of(point.attributes, "event_loop.id")
            series = (metric.name, who, loop, 0 if delta else point.start_time_unix_nano)
            before = self.values.get(series, 0)
            assert delta or point.as_int >= before, (series, before, point)
            self.values[series] = point.as_int + (before if delta else 0)
            self.processes.add(who)

    def total(self, name):
        return sum(value for series, value in self.values.items() if series[0] == name)
