# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the agent tells of stalls, to a real Collector: log records and exemplars."""

import json
import sys
import time

import pytest
import servers
from collector import Collector
from node_agent import NodeAgent
from programs import APPS, Program

INTERVAL_MS = 250
SPIN_MS, SLEEP_MS = 150, 700
LONG_MS = 4000  # it is collected meanwhile
THRESHOLD_MS = 50
WARN, ERROR = 13, 17
ENDED = {"event_loop__stall__phase": "ended"}
ON_CPU = ("cpu", "runqueue")  # what a spin's time goes on where others spin too
CAUSES = ("cpu", "runqueue", "cpu_quota", "syscall", "page_fault", "lock", "other")


@pytest.fixture(autouse=True)
def no_settings_from_here(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def settings(collector, protocol, comm="python*", **stalls):
    return {
        "targets": [{"name": "test", "include": [{"comm": comm}]}],
        "export": {
            "to": "otlp",
            "interval_ms": INTERVAL_MS,
            "otlp": {"endpoint": collector.endpoint(protocol), "protocol": protocol},
        },
        "stalls": stalls,
    }


def stalled_program(script):
    return Program(sys.executable, APPS / "asyncio_loop.py", json.dumps(script))


def of(pid, **attributes):
    """A condition on log records; attributes' dots are written as two underscores."""
    wanted = {key.replace("__", "."): value for key, value in attributes.items()}
    return lambda record: (record.resource.get("process.pid") == pid
                           and wanted.items() <= record.attributes.items())


def ended_with_stack(pid):
    return lambda record: of(pid, **ENDED)(record) and "code.stacktrace" in record.attributes


def check_times(record, least_ms):
    """Its causes are all there is of it, and its time is that of its end."""
    attributes = record.attributes
    causes = {cause: attributes.get(f"event_loop.stall.time.{cause}", 0) for cause in CAUSES}
    duration = attributes["event_loop.stall.duration"]
    assert duration >= least_ms
    assert sum(causes.values()) == pytest.approx(duration, abs=1e-3)
    assert attributes["event_loop.state"] == max(causes, key=causes.get)
    assert attributes["event_loop.stall.threshold"] == THRESHOLD_MS
    assert 0 < int(record.fields["timeUnixNano"]) <= int(record.fields["observedTimeUnixNano"])


def check_who(record, export, pid):
    """The same resource and scope as those of the loop's metrics."""
    point = export.one("event_loop.iterations", pid, pid)
    assert record.fields["eventName"] == "event_loop.stall"
    assert record.resource == point.resource
    assert record.scope == point.scope
    assert record.attributes["thread.id"] == pid
    for key in ("thread.name", "event_loop.id"):
        assert record.attributes[key] == point.attributes[key]


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_stalls_become_log_records(tmp_path, protocol):
    # a stack may be missed on a busy machine, but not each time
    script = [["idle", 50]] + [["spin", SPIN_MS], ["idle", 50], ["sleep", SLEEP_MS],
                               ["idle", 50]] * 3
    began_ns = time.time_ns()
    with Collector(tmp_path).run() as collector, stalled_program(script) as program:
        program.hear("ready")
        with NodeAgent(tmp_path, settings(collector, protocol)) as agent:
            export = collector.await_export(
                lambda export: export.find("event_loop.iterations", program.pid, program.pid),
                "no asyncio arrives")
            program.start()
            spin = collector.await_log_record(
                lambda record: ended_with_stack(program.pid)(record)
                and record.attributes["event_loop.state"] in ON_CPU, "no record of the spin")
            sleep = collector.await_log_record(
                lambda record: ended_with_stack(program.pid)(record)
                and record.attributes["event_loop.state"] == "syscall", "no record of the sleep")
            program.stop()
            agent.stop()
        exports = collector.exports()
    print(spin.body, sleep.body, agent.log.read_text())
    for record, least_ms in ((spin, SPIN_MS), (sleep, SLEEP_MS)):
        check_who(record, export, program.pid)
        check_times(record, least_ms)
        assert began_ns < int(record.fields["timeUnixNano"]) < time.time_ns()
        assert record.attributes["code.stacktrace"].startswith("    at ")
    assert (spin.fields["severityNumber"], spin.fields["severityText"]) == (WARN, "WARN")
    assert (sleep.fields["severityNumber"], sleep.fields["severityText"]) == (ERROR, "ERROR")
    assert sleep.attributes["syscall.name"] == "clock_nanosleep"
    assert sleep.attributes["event_loop.stall.blocked_time.clock_nanosleep"] >= SLEEP_MS
    check_exemplars(exports, sleep, program.pid)
    last = exports[-1]
    assert last.one("loopscope.stalls").value >= 2
    assert last.one("loopscope.stacks").value >= 2
    for name in ("logs.dropped", "logs.failures", "symbols.restarts", "stalls.held_back"):
        assert last.one(f"loopscope.{name}").value == 0


def check_exemplars(exports, record, pid):
    """The longest stall of an interval stands for it in both histograms that it is part of."""
    for name in ("event_loop.lag", "event_loop.execution_time"):
        points = [point for export in exports for point in export.find(name, pid, pid)]
        found = [exemplar for point in points for exemplar in exemplars_of(point)]
        (exemplar, *_) = [e for e in found if e["event_loop.stall.id"]
                       == record.attributes["event_loop.stall.id"]]
        assert exemplar["value"] == record.attributes["event_loop.stall.duration"]
        assert exemplar["time"] == record.fields["timeUnixNano"]
        for key in ("thread.id", "thread.name", "event_loop.state"):
            assert exemplar[key] == record.attributes[key]


def exemplars_of(point):
    for exemplar in point.fields.get("exemplars", []):
        names = {item["key"]: next(iter(item["value"].values()))
                 for item in exemplar["filteredAttributes"]}
        names["thread.id"] = int(names["thread.id"])
        yield {**names, "value": exemplar["asDouble"], "time": exemplar["timeUnixNano"]}


def test_threshold_is_raised_meanwhile(tmp_path):
    """What has begun ends by the threshold that it began by."""
    script = [["idle", 50], ["sleep", LONG_MS], ["idle", 50]]
    with Collector(tmp_path).run() as collector, stalled_program(script) as program:
        program.hear("ready")
        options = settings(collector, "http/protobuf", tell_after_ms=THRESHOLD_MS)
        with NodeAgent(tmp_path, options) as agent:
            collector.await_export(
                lambda export: export.find("event_loop.iterations", program.pid, program.pid),
                "no asyncio arrives")
            program.start()
            collector.await_log_record(
                of(program.pid, event_loop__stall__phase="begun"), "no record of the beginning")
            agent.settings["thresholds"] = {"blocking_ms": 10 * LONG_MS}
            agent.file.write_text(json.dumps(agent.settings))
            agent.reload()
            record = collector.await_log_record(of(program.pid, **ENDED), "no record of the end")
            program.stop()
            agent.stop()
    check_times(record, LONG_MS)


def test_culprits_are_an_attribute(tmp_path):
    """Where it is asked for: all series together are the stalls, whatever is known of each."""
    nr_stalls = 12
    script = [["idle", 30]] + [["spin", SPIN_MS], ["idle", 20]] * nr_stalls
    with Collector(tmp_path).run() as collector, stalled_program(script) as program:
        program.hear("ready")
        options = settings(collector, "grpc", culprit_attribute=True, culprits=2)
        options["export"]["interval_ms"] = 1500
        with NodeAgent(tmp_path, options) as agent:
            collector.await_export(
                lambda export: export.find("event_loop.iterations", program.pid, program.pid),
                "no asyncio arrives")
            program.start()
            program.stop()
            agent.stop()
    last = collector.exports()[-1]
    points = last.find("event_loop.blocking_calls", program.pid, program.pid)
    named = [point for point in points if "code.function.name" in point.attributes]
    print([(point.attributes, point.value) for point in points])
    assert sum(point.value for point in points) >= nr_stalls
    assert 1 <= len(named) <= 2
    assert sum(point.value for point in named) >= 1


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_stacks_become_profiles(tmp_path, protocol):
    """A Collector takes them behind its feature gate service.profilesSupport."""
    script = [["idle", 50], ["spin", SPIN_MS], ["idle", 50]]
    with Collector(tmp_path, profiles=True).run() as collector, stalled_program(script) as program:
        program.hear("ready")
        with NodeAgent(tmp_path, settings(collector, protocol, profiles=True)) as agent:
            collector.await_export(
                lambda export: export.find("event_loop.iterations", program.pid, program.pid),
                "no asyncio arrives")
            program.start()
            record = collector.await_log_record(
                of(program.pid, **ENDED), "no record of the stall")
            found = servers.await_true(
                lambda: profile_of(collector.profile_requests(), record), "no profile arrives")
            program.stop()
            agent.stop()
    last = collector.exports()[-1]
    dictionary, resource, profile = found
    texts = dictionary["stringTable"]
    assert {texts[item["keyStrindex"]] for item in resource["resource"]["attributes"]} \
        == record.resource.keys()
    weight_ns = sum(int(sample["values"][0]) for sample in profile["samples"])
    assert weight_ns == int(profile["durationNano"])
    assert weight_ns / 1e6 == pytest.approx(
        record.attributes["event_loop.stall.duration"], abs=1e-3)
    assert len(dictionary["stackTable"]) > 1
    assert last.one("loopscope.profiles").value >= 1
    assert last.one("loopscope.profiles.dropped").value == 0


def profile_of(requests, record):
    """The profile of the stall of a log record: its dictionary, its resource, itself."""
    wanted = record.attributes["event_loop.stall.id"]
    for request in requests:
        dictionary = request["dictionary"]
        texts = [value.get("value", {}).get("stringValue")
                 for value in dictionary["attributeTable"]]
        for resource in request["resourceProfiles"]:
            for profile in resource["scopeProfiles"][0]["profiles"]:
                if wanted in [texts[index] for index in profile["attributeIndices"]]:
                    return dictionary, resource, profile
    return None
