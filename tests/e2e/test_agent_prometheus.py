# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The agent, scraped by a real Prometheus: rules, alerts and the dashboard's queries."""

import contextlib
import json
import re
import sys
import threading

import programs
import pytest
import servers
from built_parts import built_part
from node_agent import NodeAgent
from otlp_json import Export
from prometheus import CONFIGS, Prometheus, promtool
from test_configs import VARIABLES, targets
from test_demo import demo_server

INTERVAL_MS = 500
TARGETS = [
    {"name": "test", "include": [{"comm": comm} for comm in ("demo-server", "node", "python*")]}
]
SETTINGS = {"targets": TARGETS, "export": {"to": "none", "interval_ms": INTERVAL_MS}}
LOOP_ALERTS = ("EventLoopLagHigh", "EventLoopSaturated", "EventLoopBlockingCalls")
POD = {"k8s_namespace_name": "shop", "k8s_pod_name": "web-0"}
VISITORS = 4  # of /slow, which takes half a second: enough that there is always one


@contextlib.contextmanager
def visited(demo, path, visitors=1):
    """Requests one after the other, by so many clients at a time, until the end."""
    done = threading.Event()

    def visit():
        while not done.is_set():
            demo.get(path)

    threads = [threading.Thread(target=visit) for _ in range(visitors)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def scrape(agent, **options):
    return {"static_configs": [{"targets": [f"127.0.0.1:{agent.port}"]}], **options}


def both_kinds(agent):
    """Two jobs at the same agent, for native histograms and for classic ones."""
    return [
        scrape(agent, job_name="loopscope", scrape_native_histograms=True),
        scrape(agent, job_name="classic", scrape_native_histograms=False),
    ]


def in_a_pod(*command):
    """A program that says so itself, as operators that inject SDKs have it."""
    said = ",".join(f"{name.replace('_', '.')}={value}" for name, value in POD.items())
    return programs.Program("env", f"OTEL_RESOURCE_ATTRIBUTES={said}", *command)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A demo that is slow, one that is well, and Prometheus, which has scraped them a while."""
    directory = tmp_path_factory.mktemp("world")
    with contextlib.ExitStack() as stack:
        slow = stack.enter_context(demo_server("--no-traffic"))
        well = stack.enter_context(demo_server("--no-traffic"))
        node = stack.enter_context(in_a_pod("node", programs.APPS / "node_loop.js", "timers"))
        node.hear("ready")
        node.start()
        stack.enter_context(visited(well, "/health"))
        agent = stack.enter_context(NodeAgent(directory, SETTINGS))
        prometheus = stack.enter_context(Prometheus(directory, both_kinds(agent)).run())
        prometheus.slow, prometheus.well, prometheus.agent = slow.pid, well.pid, agent
        prometheus.node = node.pid
        with visited(slow, "/slow", VISITORS), visited(slow, "/blocking"):
            wait_for_alerts(prometheus, slow.pid)
            yield prometheus


def firing(prometheus, pid, job=None):
    return {
        name
        for name, labels, _ in prometheus.alerts()
        if labels.get("process_pid") == str(pid) and job in (None, labels["job"])
    }


def wait_for_alerts(prometheus, pid):
    for job in ("loopscope", "classic"):
        servers.await_true(
            lambda: set(LOOP_ALERTS) <= firing(prometheus, pid, job),
            f"not all alerts of {job} fire",
        )


def test_alerts_fire_on_the_slow_alone(world):
    assert set(LOOP_ALERTS) <= firing(world, world.slow)
    assert not firing(world, world.well)
    for name, labels, annotations in world.alerts():
        assert labels["severity"] in ("warning", "critical")
        for text in annotations.values():
            assert "<" not in text and "  " not in text, text  # what a template cannot find
        assert name.startswith("EventLoop"), labels


def test_both_kinds_of_histogram_agree(world):
    """The classic buckets' quantile lies in the bucket in which the native one's lies."""
    lag = {
        labels["job"]: value
        for labels, value in world.query(
            f'loop:event_loop_lag_milliseconds:p95_5m{{process_pid="{world.slow}"}}'
        )
    }
    assert lag.keys() == {"loopscope", "classic"}
    native = world.query(f'event_loop_lag_milliseconds{{process_pid="{world.slow}"}}')
    assert [(labels["job"], value) for labels, value in native] == [("loopscope", None)]
    buckets = world.query(f'event_loop_lag_milliseconds_bucket{{process_pid="{world.slow}"}}')
    assert {labels["job"] for labels, _ in buckets} == {"classic"}
    assert lag["loopscope"] > 50 and lag["classic"] > 50


def test_labels_of_series(world):
    (labels, _), *_ = world.query(f'event_loop_iterations_total{{process_pid="{world.slow}"}}')
    assert labels["service_name"] == "loopscope"  # by its executable
    assert labels["thread_name"] == "demo-server"
    assert labels["event_loop_id"] == str(world.slow)
    assert labels["instance"] == f"127.0.0.1:{world.agent.port}"


def substituted(expression, **chosen):
    """As Grafana does it, with all chosen but for what is named."""
    chosen = {"__rate_interval": "10s", **dict.fromkeys(VARIABLES, ".*"), **chosen}
    for name, value in chosen.items():
        expression = re.sub(rf"\${name}\b", value, expression)
    assert "$" not in expression
    return expression


@pytest.mark.parametrize("job", ["loopscope", "classic"])
def test_dashboard_queries_return_series(world, job):
    empty = []
    assert len(targets()) > 30
    for panel, target in targets():
        expression = substituted(target["expr"])
        expression = re.sub(r"(\w+)\{instance=", rf'\1{{job="{job}",instance=', expression)
        if not world.query(expression):
            empty.append((panel["title"], expression))
    assert not empty, json.dumps(empty, indent=1)


def of_pod(world, target, pod):
    expression = substituted(target["expr"], namespace=POD["k8s_namespace_name"], pod=pod)
    return [value for _, value in world.query(expression)]


def test_panels_of_loops_can_be_of_one_pod(world):
    """Those that ask by service ask by pod: some tell of this one, none of another."""
    of_loops = [target for _, target in targets() if "$service_name" in target["expr"]]
    assert len(of_loops) > 30
    for target in of_loops:
        assert of_pod(world, target, "no-pod") in ([], [0]), target["expr"]
    assert sum(bool(of_pod(world, target, POD["k8s_pod_name"])) for target in of_loops) > 20
    (table,) = [target for panel, target in targets()
                if panel["type"] == "table" and "utilization" in target["expr"]]  # fmt: skip
    named = [labels for labels, _ in world.query(substituted(table["expr"]))
             if POD.items() <= labels.items()]  # fmt: skip
    assert {labels["process_pid"] for labels in named} == {str(world.node)}


def test_variables_have_values(world):
    dashboard = json.loads((CONFIGS / "grafana" / "loopscope.json").read_text())
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            series, _, label = variable["definition"].partition("label_values(")[2][:-1].rpartition(
                ", "
            )
            found = world.query(f"count by ({label}) ({substituted(series)})")
            values = {labels.get(label) for labels, _ in found}
            if label in POD:
                assert values == {POD[label], None}, variable["name"]
            else:
                assert values and None not in values, variable["name"]


def test_rules_and_alerts_ask_for_what_there_is(world):
    """Every metric that is named anywhere in configs/ is one that the agent has."""
    known = {labels["__name__"] for labels, _ in world.query('{job=~"loopscope|classic"}')}
    for name in ("prometheus/rules.yaml", "prometheus/alerts.yaml", "grafana/loopscope.json",
                 "README.md"):  # fmt: skip
        text = (CONFIGS / name).read_text()
        asked = set(re.findall(r"(?<![:\w])(?:event_loop|loopscope|process)_\w+", text))
        metrics = {word for word in asked if re.search(
            r"_(total|milliseconds|percent|bucket|seconds|bytes|depth|loops)$", word)}  # fmt: skip
        assert metrics <= known, (name, metrics - known)


def test_promtool_takes_the_exposition(world):
    """It would have seconds in place of milliseconds, and ratios in place of percents."""
    result = promtool("check", "metrics", input=world.agent.get("/metrics"))
    assert result.returncode in (0, 3), result.stdout + result.stderr  # 3: remarks
    remarks = (result.stdout + result.stderr).splitlines()
    assert not [line for line in remarks if "milliseconds" not in line and "percent" not in line]


def test_prometheus_has_no_complaint(world):
    assert {labels["job"]: value for labels, value in world.query("up")} == {
        "loopscope": 1,
        "classic": 1,
    }
    for target in world.api("targets")["activeTargets"]:
        assert target["lastError"] == "", target
    log = (world.directory / "prometheus.log").read_text()
    assert "level=ERROR" not in log and "Error on ingesting" not in log, log


def test_alerts_are_over_when_it_is(tmp_path):
    """And a stall under way is told of while it lasts."""
    settings = {**SETTINGS, "export": {"to": "none", "interval_ms": 250}}
    script = json.dumps([["idle", 100], ["sleep", 8000], ["idle", 1000]])
    program = programs.Program(sys.executable, programs.APPS / "asyncio_loop.py", script)
    with program, NodeAgent(tmp_path, settings) as agent:
        program.hear("ready")
        jobs = [scrape(agent, job_name="loopscope", scrape_native_histograms=True)]
        with Prometheus(tmp_path, jobs).run() as prometheus:
            program.start()
            servers.await_true(
                lambda: "EventLoopStuck" in firing(prometheus, program.pid), "it is not told of"
            )
            expression = f'event_loop_stall_age_milliseconds{{process_pid="{program.pid}"}}'
            age = max(value for _, value in prometheus.query(expression))
            assert age > 5000
            program.stop()
            servers.await_true(lambda: not firing(prometheus, program.pid), "it stays")


def test_agents_that_are_gone_are_told_of(tmp_path):
    with contextlib.ExitStack() as stack:
        agent = stack.enter_context(NodeAgent(tmp_path, SETTINGS))
        jobs = [scrape(agent, job_name="loopscope")]
        prometheus = stack.enter_context(Prometheus(tmp_path, jobs).run())
        prometheus.await_series("up == 1")
        agent.stop()
        servers.await_true(
            lambda: "LoopscopeDown" in {name for name, _, _ in prometheus.alerts()}, "no alert"
        )


def test_series_end_with_their_process(tmp_path):
    """
    Within two export intervals they are gone from /metrics. The file tells how many there
    were; one more may end while the process does, or while the test looks.
    """
    file = tmp_path / "exports.jsonl"
    export = {"to": "file", "file": str(file), "interval_ms": 2000}
    stalls = {"logs": False}
    with NodeAgent(tmp_path, {**SETTINGS, "export": export, "stalls": stalls}) as agent:
        with demo_server("--no-traffic") as demo:
            demo.get("/health")
            agent.await_loops(demo.pid)
            before = len(export_times(file))
        servers.await_true(lambda: not series_of(agent, demo.pid), "they stay")
        assert len(export_times(file)) <= before + 3
        agent.stop()
    assert not requests_in(file)[-1].find("event_loop.iterations", demo.pid)


def requests_in(file):
    return [Export(json.loads(line)) for line in file.read_text().split("\n")[:-1]]


def export_times(file):
    """An export may be of several requests."""
    return {request.time_ns for request in requests_in(file)}


def series_of(agent, pid):
    return [s for s in agent.metrics() if s.labels.get("process_pid") == str(pid)]


def test_by_way_of_the_collector(tmp_path):
    """
    Agent, configs/collector's pipeline, Prometheus' OTLP receiver: the same names and labels,
    and the same alerts.
    """
    program = built_part("collector", "collector")
    ports = {name: servers.free_port() for name in ("http", "grpc", "health")}
    pipeline = (CONFIGS / "collector" / "collector.yaml").read_text()
    for name, port in (("http", "4318"), ("grpc", "4317"), ("health", "13133")):
        assert f":{port}\n" in pipeline
        pipeline = pipeline.replace(f":{port}\n", f":{ports[name]}\n")
    (tmp_path / "collector.yaml").write_text(pipeline)
    with contextlib.ExitStack() as stack:
        demo = stack.enter_context(demo_server("--no-traffic"))
        prometheus = stack.enter_context(Prometheus(tmp_path, []).run())
        environment = {"METRICS_ENDPOINT": f"{prometheus.url}/api/v1/otlp", "PATH": "/usr/bin"}
        log = stack.enter_context(open(tmp_path / "collector.log", "wb"))
        stack.enter_context(
            servers.running(
                [program, "--config", tmp_path / "collector.yaml"],
                env=environment, stdout=log, stderr=log,
            )
        )  # fmt: skip
        otlp = {"endpoint": f"http://localhost:{ports['grpc']}", "protocol": "grpc"}
        settings = {**SETTINGS, "export": {"to": "otlp", "interval_ms": 1000, "otlp": otlp}}
        agent = stack.enter_context(NodeAgent(tmp_path, settings))
        with visited(demo, "/slow", VISITORS):
            servers.await_true(
                lambda: set(LOOP_ALERTS) <= firing(prometheus, demo.pid), "not all alerts fire"
            )
            compare_names(prometheus, agent, demo.pid)


def compare_names(prometheus, agent, pid):
    """A scrape has as classic buckets what OTLP brings as native histograms."""
    scraped = {
        re.sub(r"_(bucket|count|sum)$", "", sample.name)
        for sample in agent.metrics()
        if sample.labels.get("process_pid") == str(pid) or sample.name.startswith("loopscope_")
    }
    received = {
        labels["__name__"]
        for selector in (f'__name__!~"target_info|ALERTS.*|.*:.*", process_pid="{pid}"',
                         '__name__=~"loopscope_.*"')
        for labels, _ in prometheus.query(f"{{{selector}}}")
    }  # fmt: skip
    assert received == scraped - {"loopscope_resource_info"}  # OTLP has resources
    (labels, _), *_ = prometheus.query(f'event_loop_iterations_total{{process_pid="{pid}"}}')
    assert labels["service_name"] == "loopscope"
    assert labels["thread_name"] == "demo-server"
    assert labels["host_name"]
