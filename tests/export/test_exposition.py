# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Expositions as others' parsers read them, against the figures they were made of.

What is expected is worked out here from a dump of the figures and the names that dashboards
rely on; it knows nothing of the encoders or of the table of instruments.
"""

import math

import pytest
from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as openmetrics_parser

from figures_server import dumped, encoded
from metric_families import COUNTER, GAUGE, HISTOGRAM, read_families

# as in serve_figures.c
LABELS = ["service.name", "process.pid", "process.executable.name", "container.id",
          "k8s.namespace.name", "k8s.pod.name"]  # fmt: skip
BOUNDS_MS = [0.25, 0.5, 1, 2, 4, 8, 10, 16, 32, 64, 100, 256, 512, 1024, 4096, 16384]
BOUNDS_EVENTS = [2**i for i in range(11)]
MAX_SYSCALLS = {None: 2, 25: 10}
NS_PER_MS = 1e6

SOURCES = [pytest.param(None, id="example"), pytest.param(25, id="25-loops")]
PARSERS = {
    "openmetrics": openmetrics_parser.text_string_to_metric_families,
    "text": text_parser.text_string_to_metric_families,
}


def our_bound(bucket):
    return 2 ** ((bucket - 40) / 4)


def label_name(key):
    return key.replace(".", "_")


class Expected:
    """Every event_loop_* and nodejs_* series of the figures: counters, gauges, histograms."""

    def __init__(self, loops):
        self.max_syscalls = MAX_SYSCALLS[loops]
        self.numbers, self.histograms, self.created = {}, {}, {}
        for resource in dumped(loops):
            for loop in resource["loops"]:
                self.add_loop(resource, loop)

    def add_loop(self, resource, loop):
        attributes = {key: resource["attributes"][key] for key in LABELS
                      if key in resource["attributes"]} | loop["attributes"]  # fmt: skip
        self.labels = {label_name(key): str(value) for key, value in attributes.items()}
        self.start = loop["start"]
        totals, gauges = loop["totals"], loop.get("gauges", {})
        self.add_histograms(totals)
        self.add_counters(totals)
        self.add_syscalls(totals["syscalls"])
        for name, key in [("max_lag_milliseconds", "max_lag_ms"),
                          ("utilization_percent", "utilization_percent"),
                          ("stall_age_milliseconds", "stall_age_ms")]:  # fmt: skip
            self.add_gauge(f"event_loop_{name}", gauges.get(key))
        if resource["nodejs"]:
            busy_ns = sum(totals["cause_ns"].values())
            self.add("nodejs_eventloop_time_seconds_total", busy_ns / 1e9,
                     nodejs_eventloop_state="active")  # fmt: skip
            self.add("nodejs_eventloop_time_seconds_total", totals["poll_ns"] / 1e9,
                     nodejs_eventloop_state="idle")  # fmt: skip
            share = gauges.get("utilization_percent")
            self.add_gauge("nodejs_eventloop_utilization_ratio", share and share / 100)

    def key(self, name, labels):
        return name, frozenset((self.labels | labels).items())

    def add(self, name, value, **labels):
        self.numbers[self.key(name, labels)] = value
        self.created[self.key(name, labels)] = self.start

    def add_gauge(self, name, value):
        if value is not None:
            self.numbers[self.key(name, {})] = value

    def add_histograms(self, totals):
        for name, key, unit, bounds in [
            ("lag_milliseconds", "lag", NS_PER_MS, BOUNDS_MS),
            ("execution_time_milliseconds", "busy", NS_PER_MS, BOUNDS_MS),
            ("wake_delay_milliseconds", "wake", NS_PER_MS, BOUNDS_MS),
            ("callback_queue_depth", "batch", 1, BOUNDS_EVENTS),
        ]:
            histogram = totals[key]
            key = self.key(f"event_loop_{name}", {})
            self.created[key] = self.start
            self.histograms[key] = {
                "count": histogram["count"],
                "sum": histogram["sum"] / unit,
                "buckets": histogram["buckets"],
                # all of ours end above the bound, but for rounding, or at it
                "classic": [(bound, sum(count for i, count in enumerate(histogram["buckets"][:-1])
                                        if our_bound(i) <= bound * (1 + 1e-9)))
                            for bound in bounds],  # fmt: skip
            }

    def add_counters(self, totals):
        self.add("event_loop_iterations_total", totals["iterations"])
        self.add("event_loop_events_total", totals["events"])
        states = {"poll": totals["poll_ns"], **totals["cause_ns"]}
        for state, ns in states.items():
            self.add("event_loop_time_milliseconds_total", ns / NS_PER_MS, event_loop_state=state)
        for state, ns in [("runqueue", totals["wake_runqueue_ns"]),
                          ("cpu_quota", totals["wake_quota_ns"])]:  # fmt: skip
            self.add("event_loop_wake_delay_time_milliseconds_total", ns / NS_PER_MS,
                     event_loop_state=state)  # fmt: skip
        for cause, count in totals["stalls"].items():
            if count or cause == "cpu":
                self.add("event_loop_blocking_calls_total", count, event_loop_state=cause)

    def add_syscalls(self, calls):
        other = [ns for _, ns in calls[self.max_syscalls :]]
        named = [*calls[: self.max_syscalls], *([("other", sum(other))] if other else [])]
        for name, ns in named:
            self.add("event_loop_blocked_time_milliseconds_total", ns / NS_PER_MS,
                     syscall_name=name)  # fmt: skip


def is_compared(name):
    return name.startswith(("event_loop_", "nodejs_"))


def text_samples(name, loops):
    """Each sample once: its name and labels, and its value."""
    text = encoded(name, **({"loops": loops} if loops else {})).decode()
    samples = {}
    for family in PARSERS[name](text):
        for sample in family.samples:
            key = sample.name, frozenset(sample.labels.items())
            assert key not in samples
            samples[key] = sample.value
    return text, samples


def histogram_samples(expected):
    """The lines that make up the histograms."""
    samples = {}
    for (name, labels), histogram in expected.histograms.items():
        samples[f"{name}_count", labels] = histogram["count"]
        samples[f"{name}_sum", labels] = histogram["sum"]
        for bound, count in [*histogram["classic"], (math.inf, histogram["count"])]:
            samples[f"{name}_bucket", labels | {("le", bound)}] = count
    return samples


def bounds_as_numbers(samples):
    return {
        (name, frozenset((k, float(v) if k == "le" else v) for k, v in labels)): value
        for (name, labels), value in samples.items()
    }


@pytest.mark.parametrize("loops", SOURCES)
@pytest.mark.parametrize("name", PARSERS)
def test_text_formats(name, loops):
    expected = Expected(loops)
    _, samples = text_samples(name, loops)
    samples = {k: v for k, v in bounds_as_numbers(samples).items() if is_compared(k[0])}
    assert samples == {**expected.numbers, **histogram_samples(expected)}


@pytest.mark.parametrize("name", PARSERS)
def test_lines_of_a_family_are_together(name):
    text, _ = text_samples(name, 25)
    families = []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            family = line.split()[2]
            assert family not in families
            families.append(family)
        elif line != "# EOF":
            subject = line.split()[2] if line.startswith("# ") else line
            assert subject.startswith(families[-1]), line
    assert text.endswith("\n# EOF\n" if name == "openmetrics" else "\n")
    assert ("# EOF" in text) == (name == "openmetrics")


def test_units_are_told():
    text, _ = text_samples("openmetrics", None)
    assert "# UNIT event_loop_lag_milliseconds milliseconds\n" in text
    assert "# UNIT event_loop_utilization_percent percent\n" in text
    assert "# UNIT process_cpu_time_seconds seconds\n" in text
    assert "# UNIT loopscope_memory_rss_bytes bytes\n" in text
    assert "# UNIT event_loop_iterations" not in text


def test_the_agent_itself():
    _, samples = text_samples("openmetrics", None)
    plain = {name: value for (name, labels), value in samples.items() if not labels}
    assert plain["loopscope_records_lost_total"] == 4
    assert plain["loopscope_export_bytes_total"] == 123456
    assert plain["loopscope_export_duration_seconds"] == 0.125
    assert plain["loopscope_loops"] == 3
    assert "up" not in plain
    target = {labels for name, labels in samples if name == "target_info"}
    assert target == {frozenset({("host_name", "node-1"), ("service_name", "loopscope")})}


@pytest.mark.parametrize("name", PARSERS)
def test_every_attribute_of_each_process_is_told_once(name):
    _, samples = text_samples(name, 25)
    told = {labels for metric, labels in samples if metric == "loopscope_resource_info"}
    assert told == {
        frozenset((label_name(key), str(value)) for key, value in resource["attributes"].items())
        for resource in dumped(25)
    }


def test_hostile_names_come_out_as_they_are():
    _, samples = text_samples("text", None)
    values = {value for _, labels in samples for _, value in labels}
    assert 'work"er\\\n1' in values
    assert 'shop \u00e9\\"\n' in values


@pytest.mark.parametrize("loops", SOURCES)
def test_protobuf(loops):
    expected = Expected(loops)
    families = read_families(encoded("protobuf", **({"loops": loops} if loops else {})))
    assert len({family.name for family in families}) == len(families)
    types = {family.name: family.type for family in families}
    numbers, histograms, created = {}, {}, {}
    for family in families:
        for labels, value, start in family.metrics:
            key = family.name, frozenset(labels.items())
            if not is_compared(family.name):
                continue
            assert key not in numbers and key not in histograms
            (histograms if family.type == HISTOGRAM else numbers)[key] = value
            if start:
                created[key] = start
    assert numbers == expected.numbers
    assert created == expected.created
    assert histograms.keys() == expected.histograms.keys()
    for key, histogram in histograms.items():
        check_histogram(histogram, expected.histograms[key])
    assert types["event_loop_events_total"] == COUNTER
    assert types["event_loop_max_lag_milliseconds"] == GAUGE
    assert types["loopscope_resource_info"] == types["target_info"] == GAUGE


def check_histogram(histogram, expected):
    buckets = expected["buckets"]
    assert histogram.count == expected["count"] == sum(buckets)
    assert histogram.sum == expected["sum"]
    assert histogram.classic == expected["classic"]
    assert (histogram.schema, histogram.zero_threshold) == (2, 2**-10)
    assert histogram.zero_count == buckets[0]
    # bucket i of schema 2 is ((2^(1/4))^(i-1), (2^(1/4))^i], ours of index k ends at 2^((k-40)/4)
    native = {index: count for index, count in histogram.native.items() if count}
    assert native == {k - 40: count for k, count in enumerate(buckets) if k and count}
