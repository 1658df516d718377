# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the node agent costs: own CPU time, memory, bytes on the wire.

As many loops as a busy node has, in processes of a hundred loops each, and the
agent with its defaults, but for whatever else loops on this machine: an export
each ten seconds, gzip, to a receiver that counts bytes.
"""

import contextlib
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import crowd
from crowd import processes_of_loops
from process import MeasurementFailed, cpu_time_ns, memory_mb, running

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import otlp_sink  # noqa: E402

NR_PROCESSES = 10
LOOPS_EACH = 100
IDLE_EACH = 900
NR_LOOPS = NR_PROCESSES * LOOPS_EACH
WAKES_PER_S = 10  # of each loop
EXPORT_S = 10
WARM_UP = 2   # exports before it is measured
MEASURED = 3  # exports

SETTINGS = """
targets: [{{name: bench, include: [{{comm: loop_gen}}]}}]
export:
  interval_ms: {interval_ms}
  otlp: {{endpoint: "{endpoint}"}}
prometheus: {{listen: "127.0.0.1:0"}}
agent: {{lock_file: {lock_file}}}
"""


def busy_node(build, cpu):
    return processes_of_loops(build, cpu, NR_PROCESSES, LOOPS_EACH, WAKES_PER_S, IDLE_EACH)


@contextlib.contextmanager
def agent(build, cpu, sink):
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        settings = directory / "loopscope.yaml"
        settings.write_text(SETTINGS.format(
            interval_ms=EXPORT_S * 1000, endpoint=sink.endpoint,
            lock_file=directory / "agent.lock"), encoding="utf-8")
        with open(build / "tests/bench/agent.log", "w", encoding="utf-8") as log, \
             running([build / "loopscope", "agent", "--config", settings], cpu=cpu,
                     stdin=subprocess.DEVNULL, stdout=log, stderr=log) as process:
            yield process


def exports(requests):
    """Requests that came close together are one export."""
    found = []
    for request in requests:
        if not found or request.time_s - found[-1][-1].time_s > EXPORT_S / 2:
            found.append([])
        found[-1].append(request)
    return found


def await_exports(sink, nr):
    """The last of them whole: its requests come within a moment."""
    if not sink.wait(lambda requests: len(exports(requests)) >= nr, (nr + 2) * EXPORT_S):
        raise MeasurementFailed(f"{len(exports(sink.requests))} exports instead of {nr}")
    time.sleep(1)


def watch_exports(build, cpu, sink):
    """What the agent costs in its steady state, and what it sends then."""
    with agent(build, cpu, sink) as process:
        await_exports(sink, WARM_UP)
        start_ns, start_cpu_ns = time.monotonic_ns(), cpu_time_ns(process.pid)
        await_exports(sink, WARM_UP + MEASURED)
        wall_ns = time.monotonic_ns() - start_ns
        cpu_ns = cpu_time_ns(process.pid) - start_cpu_ns
        memory = memory_mb(process.pid)
    measured = exports(sink.requests)[WARM_UP:WARM_UP + MEASURED]
    return {"cpu_percent": 100 * cpu_ns / wall_ns, "cpu_ms": cpu_ns / 1e6,
            "wall_ms": wall_ns / 1e6, **memory,
            "bytes_of_exports": [sum(request.wire_bytes for request in export)
                                 for export in measured],
            "bytes_before_gzip": [sum(request.body_bytes for request in export)
                                  for export in measured]}


def figures_of(nr_loops, seen):
    return {f"agent_cpu_percent_{nr_loops}_loops": {"value": seen["cpu_percent"], "from": seen},
            f"agent_rss_mb_{nr_loops}_loops": {"value": seen["VmRSS"], "from": seen}}


def measure_agent(build, cpus, progress):
    cpu, other_cpu = cpus
    progress(f"the agent at {NR_LOOPS} loops: {WARM_UP} and {MEASURED} exports of {EXPORT_S} s")
    with otlp_sink.sink() as sink, busy_node(build, cpu):
        seen = watch_exports(build, other_cpu, sink)
    seen.update({"loops": NR_LOOPS, "processes": NR_PROCESSES, "wakes_per_s": WAKES_PER_S,
                 "idle_threads": NR_PROCESSES * IDLE_EACH, "export_interval_s": EXPORT_S})
    bytes_per_loop = statistics.median(seen["bytes_of_exports"]) / NR_LOOPS
    return {**figures_of(NR_LOOPS, seen),
            "agent_bytes_per_loop": {"value": bytes_per_loop, "from": seen}}


def measure_crowd_agent(build, cpus, progress):
    cpu, other_cpu = cpus
    progress(f"the agent at {crowd.NR_LOOPS} loops: {WARM_UP} and {MEASURED} exports")
    with otlp_sink.sink() as sink, crowd.crowd(build, cpu):
        return figures_of(crowd.NR_LOOPS, watch_exports(build, other_cpu, sink))
