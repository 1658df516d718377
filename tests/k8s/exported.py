# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the agent has exported as OTLP JSON, by container: every resource, and its loops."""

import json
from collections import defaultdict
from pathlib import Path

from otlp_json import points_of

ITERATIONS = "event_loop.iterations"
CUMULATIVE = 2


class Exported:
    """Of a file of one request a line: the agent's own, or a Collector's."""

    def __init__(self, path):
        self.path = Path(path)
        self.offset = 0
        self.rest = ""
        self.resources = defaultdict(list)  # by container: each that has been exported, once
        self.values = {}  # of a loop's counter
        self.loops = defaultdict(set)  # by container
        self.labelled = defaultdict(int)  # by container: iterations exported with a pod
        self.complete = set()  # containers of which it was known in the end which one they are
        self.own = {}  # the agent's own metrics, the last value of each
        self.time_ns = 0  # of the last export

    def read(self):
        """What has come since; the last line may be under way."""
        if self.path.exists():
            with open(self.path) as file:
                file.seek(self.offset)
                *lines, self.rest = (self.rest + file.read()).split("\n")
                self.offset = file.tell()
            for line in lines:
                self.take(json.loads(line))
        return self

    def take(self, request):
        for point in points_of(request):
            self.time_ns = max(self.time_ns, int(point.fields["timeUnixNano"]))
            if point.metric["name"] == ITERATIONS:
                self.take_loop(point)
            elif point.metric["name"].startswith("loopscope."):
                labels = tuple(sorted(point.attributes.items()))
                self.own[(point.metric["name"], labels)] = point.value

    def take_loop(self, point):
        container = point.resource.get("container.id")
        known = self.resources[container]
        if point.resource not in known:
            known.append(point.resource)
        loop = (point.resource["service.instance.id"], point.attributes["event_loop.id"],
                point.fields["startTimeUnixNano"] if point.temporality == CUMULATIVE else 0)
        before = self.values.get(loop, 0)
        value = point.value if point.temporality == CUMULATIVE else before + point.value
        assert value >= before, (point, before)
        self.values[loop] = value
        self.loops[container].add(loop)
        if "k8s.container.name" in point.resource:
            self.complete.add(container)
        if "k8s.pod.name" in point.resource:
            self.labelled[container] += value - before

    def iterations(self, container):
        """Of each of its loops, in no order."""
        return sorted(self.values[loop] for loop in self.loops[container])

    def own_total(self, name):
        """A metric of the agent's own, of all its attributes."""
        return sum(value for (metric, _), value in self.own.items() if metric == name)
