# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the agent says of whole processes, against what they say of themselves."""

import json
import sys

import programs
import servers
from node_agent import NodeAgent

PROGRAM = programs.APPS / "asyncio_loop.py"

# threads that end, one that contends for the GIL, CPU time of the loop's own
SCRIPT = [["idle", 20]] + [["acquire", 10], ["idle", 5], ["spin", 30]] * 10 + [["rival", 300]]


def samples(agent, program, name, label):
    return {sample.labels[label]: sample.value for sample in agent.metrics()
            if sample.name == name and sample.labels["process_pid"] == str(program.pid)}


def test_usage(tmp_path, figures):
    settings = {"export": {"to": "none", "interval_ms": 200}}
    command = (sys.executable, PROGRAM, json.dumps(SCRIPT))
    with NodeAgent(tmp_path, settings) as agent, programs.Program(*command) as program:
        program.hear("ready")
        agent.await_loops(program.pid)
        program.start()
        own = program.stop()

        def settled():
            """Read twice, an interval apart: nothing more is coming."""
            before = samples(agent, program, "process_cpu_time_seconds_total", "cpu_mode")
            spent = sum(before.values())
            return before if spent and spent * 1e9 >= own["process_ns"] else None

        cpu = servers.await_true(settled, "the process's CPU time")
        switches = samples(agent, program, "process_context_switches_total",
                           "process_context_switch_type")
        agent.stop()
    # what its answer takes comes after the account
    figures.near("cpu time", sum(cpu.values()), own["process_ns"] / 1e9, "s", by=0.01)
    figures.at_least("user time", cpu["user"], 0.5 * own["process_ns"] / 1e9, "s")
    figures.near("voluntary", switches["voluntary"], own["voluntary"], by=10)
    figures.near("involuntary", switches["involuntary"], own["involuntary"], by=10)
