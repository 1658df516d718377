# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent, sending to a real OpenTelemetry Collector; its figures against `stat`'s."""

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import programs
import pytest
import servers
import wait_log
from collector import Collector
from node_agent import NodeAgent
from watch import BINARY, CAUSES, Watch

sys.path.append(str(Path(__file__).parents[1] / "export"))
from certificates import Authority  # noqa: E402

INTERVAL_MS = 250
PROTOCOLS = ("http/protobuf", "grpc")
TOKEN = "a-token-that-nobody-else-is-to-see"
STALLS = 8  # of the asyncio program

CUMULATIVE = 2  # AggregationTemporality of OTLP
# the machine's other loops are no concern of these tests
TARGETS = [
    {"name": "test", "include": [{"comm": comm} for comm in ("redis-server", "node", "python*")]}
]


@pytest.fixture(autouse=True)
def no_settings_from_here(monkeypatch):
    """The agent takes these from its environment."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "OTEL_EXPORTER_OTLP_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def redis_server(tmp_path):
    directory = tmp_path / "redis"
    directory.mkdir()
    with servers.Redis(directory).serve() as server:
        yield server


@pytest.fixture
def tls(tmp_path):
    directory = tmp_path / "tls"
    directory.mkdir()
    authority = Authority(directory, "authority")
    return SimpleNamespace(
        authority=authority, server=authority.issue("server"), client=authority.issue("client")
    )


def settings(collector, protocol="http/protobuf", **otlp):
    return {
        "targets": TARGETS,
        "export": {
            "to": "otlp",
            "interval_ms": INTERVAL_MS,
            "otlp": {"endpoint": collector.endpoint(protocol), "protocol": protocol, **otlp},
        },
    }


def secured(tls):
    """Settings of a client that has a certificate and a token, by way of its environment."""
    return {
        "headers": {"authorization": "Bearer ${LOOPSCOPE_TEST_TOKEN}"},
        "tls": {
            "ca_file": str(tls.authority.file),
            "certificate_file": str(tls.client.certificate),
            "key_file": str(tls.client.key),
        },
    }


def has_loop(pid):
    return lambda export: export.find("event_loop.iterations", pid, pid)


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_it_arrives(tmp_path, redis_server, protocol, compression):
    with Collector(tmp_path).run() as collector:
        options = settings(collector, protocol, compression=compression)
        with NodeAgent(tmp_path, options) as agent:
            export = collector.await_export(has_loop(redis_server.pid), "no redis arrives")
            collector.await_later(time.time_ns())
            agent.stop()
        last = collector.exports()[-1]
    check_what_arrives(export.one("event_loop.iterations", redis_server.pid), redis_server.pid)
    for name in ("failures", "retries", "rejected_points"):
        assert last.one(f"loopscope.export.{name}").value == 0, agent.log.read_text()
    assert last.one("loopscope.records.lost").value == 0
    assert last.one("up").value == 1


def check_what_arrives(point, pid):
    assert point.scope["name"] == "loopscope"
    assert point.metric["unit"] == "{iteration}"
    assert point.metric["sum"]["isMonotonic"] is True
    assert point.temporality == CUMULATIVE
    assert point.attributes["thread.name"] == "redis-server"
    for key, value in {
        "process.pid": pid,
        "service.name": "redis-server",
    }.items():
        assert point.resource.get(key) == value, json.dumps(point.resource, indent=1)
    assert {"service.instance.id", "host.name"} <= point.resource.keys()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_tls_and_token(tmp_path, tls, redis_server, monkeypatch, protocol):
    """A certificate of its own, and a token that is seen nowhere but by the Collector."""
    monkeypatch.setenv("LOOPSCOPE_TEST_TOKEN", TOKEN)
    with Collector(tmp_path, tls, TOKEN).run() as collector:
        options = settings(collector, protocol, **secured(tls))
        options["log"] = {"level": "debug"}
        with NodeAgent(tmp_path, options) as agent:
            collector.await_export(has_loop(redis_server.pid), "no redis arrives")
            seen = [
                Path(f"/proc/{agent.pid}/cmdline").read_text(),
                agent.get("/metrics"),
                agent.get("/debug/loops"),
                printed_settings(agent.file),
            ]
            agent.stop()
    for text in (*seen, agent.log.read_text(), collector.output.read_text()):
        assert text
        assert TOKEN not in text


def printed_settings(file):
    command = [BINARY, "agent", "--config", file, "--print-config"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "***" in result.stdout
    return result.stdout + result.stderr


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("fault", ["token", "certificate"])
def test_who_may_not_send(tmp_path, tls, monkeypatch, protocol, fault):
    """Nothing arrives, the log says why, and never the token."""
    wrong = "a-token-that-is-wrong"
    monkeypatch.setenv("LOOPSCOPE_TEST_TOKEN", wrong if fault == "token" else TOKEN)
    options = secured(tls)
    if fault == "certificate":
        options["tls"] = {"ca_file": str(tls.authority.file)}
    with Collector(tmp_path, tls, TOKEN).run() as collector:
        options = settings(collector, protocol, **options, timeout_ms=INTERVAL_MS)
        with NodeAgent(tmp_path, options) as agent:
            await_failures(agent, 2)
            agent.stop()
        assert not collector.exports()
    log = agent.log.read_text()
    assert TOKEN not in log and wrong not in log
    assert "warning: export" in log
    if fault == "token":  # a connection that is cut for want of a certificate may not say so
        assert "401" in log or "nauthenticated" in log.lower(), log


def await_failures(agent, least):
    try:
        servers.await_true(
            lambda: agent.value("loopscope_export_failures_total") >= least, "no failed exports"
        )
    except TimeoutError as error:
        own = [(s.name, s.value) for s in agent.metrics() if s.name.startswith("loopscope_export")]
        raise TimeoutError(f"{own}: {agent.log.read_text()}") from error


@contextlib.contextmanager
def three_programs(redis_server):
    """Redis, Node and asyncio, each with what it takes to load it, awaiting the load."""
    script = [["idle", 20]] + [["spin", 60], ["idle", 20], ["sleep", 10]] * STALLS
    node = programs.Program("node", programs.APPS / "node_loop.js", "idle")
    python = programs.Program(sys.executable, programs.APPS / "asyncio_loop.py", json.dumps(script))
    with node, python:
        url = f"http://127.0.0.1:{node.hear('ready')['port']}/work"
        python.hear("ready")

        def load():
            python.start()
            servers.wrk(url, 1, connections=4)
            redis_server.benchmark(30000, "-c", "10", "-t", "get,set")
            python.stop()

        yield SimpleNamespace(node=node, python=python, load=load)


def test_figures_are_stats(tmp_path, redis_server, figures):
    """
    `stat` watches the same three programs at the same time. Its counters begin and end
    between exports of the agent: they are at least the change from the export after it
    began to that before it ended, and at most that from the one before it began to the one
    after it ended. All load is within both, so that the bounds are next to each other: they
    differ by what idle loops do in the meantime. Counts keep to them exactly; times but for
    the instants between which the two, called one after the other, read the clock.
    """
    with Collector(tmp_path).run() as collector, three_programs(redis_server) as others:
        pids = (redis_server.pid, others.node.pid, others.python.pid)
        with NodeAgent(tmp_path, settings(collector), ("nice", "-n", "-15")) as agent:
            first = collector.await_later(time.time_ns())
            with Watch(*(word for pid in pids for word in ("-p", pid))) as watch:
                second = collector.await_later(time.time_ns())
                others.load()
                third = collector.await_later(time.time_ns())
                report = watch.finish()
            fourth = collector.await_later(time.time_ns())
            agent.stop()
        exports = collector.exports()
    report.check_nothing_lost()
    for name, pid in zip(("redis", "node", "asyncio"), pids):
        compare_with_stat(figures, name, report.thread(pid), (first, second, third, fourth))
        compare_longest(figures, name, report.thread(pid), [
            export for export in exports if second.time_ns <= export.time_ns <= third.time_ns
        ])  # fmt: skip
        compare_gauges(figures, name, exports, pid)
    stalls = [export.total("event_loop.blocking_calls", pids[2]) for export in (second, third)]
    figures.at_least("asyncio stalls", stalls[1] - stalls[0], STALLS, source="script")


# The two read the clock one after the other at each edge of a busy interval, so that their
# lengths differ by how evenly: by some 20 ns in the mean. And the odd interrupt in between.
EDGE_MS = 0.00005
CLOCK_MS = 0.1


def compare_with_stat(figures, name, loop, exports):
    pid = loop["pid"]
    first, second, third, fourth = exports

    def compare(figure, seen, value, unit="", by=0.0):
        inner, outer = value(third) - value(second), value(fourth) - value(first)
        figures.at_least(f"{name} {figure}", seen, inner, unit, by=by, source="export, inner")
        figures.at_most(f"{name} {figure}", seen, outer, unit, by=by, source="export, outer")

    def total(metric, **attributes):
        return lambda export: export.total(metric, pid, pid, **attributes)

    def busy(export):
        return sum(total("event_loop.time", event_loop__state=cause)(export) for cause in CAUSES)

    def intervals(export):
        return sum(point.count for point in export.find("event_loop.execution_time", pid, pid))

    events = total("event_loop.events")
    figures.near(
        f"{name} events", loop["events"], events(third) - events(second), source="export"
    )
    compare("iterations", loop["iterations"], total("event_loop.iterations"))
    compare("stalls", loop["stalls"], total("event_loop.blocking_calls"))
    compare("busy intervals", loop["busy_ms"]["count"], intervals)
    by = EDGE_MS * loop["busy_ms"]["count"] + max(CLOCK_MS, loop.busy_ms / 1000)
    compare("busy", loop.busy_ms, busy, "ms", by=by)
    for cause in CAUSES:
        state = total("event_loop.time", event_loop__state=cause)
        compare(cause, loop.time_ms[cause], state, "ms", by=by)
    for row in loop["syscalls"]:
        blocked = total("event_loop.blocked_time", syscall__name=row["name"])
        compare(f"in {row['name']}", row["time_ms"], blocked, "ms", by=by)


def compare_longest(figures, name, loop, exports):
    """
    The load lies within these intervals, the longest lag of which is that of the load, unless
    an interval had no export of its own.
    """
    pid = loop["pid"]
    longest = max(export.one("event_loop.max_lag", pid, pid).value for export in exports)
    by = {"by": CLOCK_MS, "source": "stat"}
    figures.at_most(f"{name} lag max", longest, loop["lag_ms"]["max"], "ms", **by)
    if all(wall < 1.5 * INTERVAL_MS for wall, _ in intervals_of(exports, pid)):
        figures.at_least(f"{name} lag max", longest, loop["lag_ms"]["max"], "ms", **by)


def intervals_of(exports, pid):
    """For each pair of exports: the loop's time between them, and by state."""
    for before, after in zip(exports, exports[1:]):
        earlier = time_by_state(before, pid)
        spent = {state: ms - earlier[state] for state, ms in time_by_state(after, pid).items()}
        yield sum(spent.values()), spent


def time_by_state(export, pid):
    points = export.find("event_loop.time", pid, pid)
    return {point.attributes["event_loop.state"]: point.value for point in points}


def compare_gauges(figures, name, exports, pid):
    """
    Utilization is that of the interval that an export ends. An export that finds the one
    before it still under way is left out, and the next one's counters are of two intervals.
    """
    seen = [export for export in exports if export.find("event_loop.time", pid, pid)]
    errors, uneven_ms = [], 0.0
    for before, after, (wall, spent) in zip(seen, seen[1:], intervals_of(seen, pid)):
        uneven_ms = max(uneven_ms, abs(wall - (after.time_ns - before.time_ns) / 1e6))
        if wall < 1.5 * INTERVAL_MS:
            gauge = after.one("event_loop.utilization", pid, pid).value
            errors.append(abs(gauge - 100 * (wall - spent["poll"]) / wall))
    assert len(errors) >= 3
    figures.near(
        f"{name} utilization, worst", max(errors), 0, "%", by=0.01, source="event_loop.time"
    )
    figures.note(f"{name} wall, worst", uneven_ms, 0, "ms", source="export times")


def test_the_last_export_holds_all(tmp_path, redis_server, figures):
    """SIGTERM between two exports an hour apart: what was counted since is sent."""
    requests = 20000
    with Collector(tmp_path).run() as collector:
        options = settings(collector)
        with NodeAgent(tmp_path, options) as agent:
            collector.await_export(has_loop(redis_server.pid), "no redis arrives")
            rarely = {**options["export"], "interval_ms": 3600000}
            agent.file.write_text(json.dumps({**agent.settings, "export": rarely}))
            agent.reload()
            before = len(collector.exports())
            log = waits(redis_server)
            base = collector.exports()[-1].total("event_loop.events", redis_server.pid)
            redis_server.benchmark(requests, "-c", "10", "-t", "get")
            events = waits(redis_server).events - log.events
            assert len(collector.exports()) <= before + 1
            told_ns = time.time_ns()
            agent.stop()
        last = collector.await_export(lambda export: export.time_ns > told_ns, "no last export")
    grown = last.total("event_loop.events", redis_server.pid) - base
    figures.near("events", grown, events, source="log")
    assert events >= requests


def waits(server):
    return wait_log.read(server.logs, server.pid, server.pid)
