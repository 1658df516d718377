# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What in-process monitors say of a loop that stalls, beside the truth and loopscope.

In one run, on the same loop and over the same span: the runtime's own monitor,
loopscope, and the truth, which is what datagrams sent at Poisson times wait
until the loop reads them. Prints Markdown for the README, and leaves the
figures in $(BUILD)/compare.json.

A monitor inside the loop re-arms when the loop is free again: a stall of a
second is one sample among a thousand, though a fifth of all requests met it.
"""

import argparse
import json
import math
import os
import random
import socket
import struct
import sys
import threading
import time

import programs
from watch import BUILD, Watch

PROBE_MEAN_S = 0.01  # a socket keeps as many as come within two seconds
QUANTILES = ("p50", "p95", "p99", "max")

NODE = ("node", programs.HERE / "monitored_loop.js")
ASYNCIO = (sys.executable, programs.HERE / "monitored_loop.py")
MONITORS = {
    "Node": (NODE, "`monitorEventLoopDelay`"),
    "asyncio": (ASYNCIO, "`sleep(0.1)` lateness"),
}


def exponential_ms(mean_ms, count=500):
    chance = random.Random(mean_ms)
    return [1 + chance.expovariate(1 / mean_ms) for _ in range(count)]


# what the loop does, for how many seconds, the plan
SCENARIOS = (
    ("50 ms of work after 100 ms of rest, on average", 12, (50, exponential_ms(100))),
    ("1 s of work after 8 s of rest, on average", 60, (1000, exponential_ms(8000))),
    ("5 ms of work, always", 6, (5, [0])),
)


class Prober(threading.Thread):
    """Sends datagrams at Poisson times, in which the loop has no say: it must not be waited for."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.address = ("127.0.0.1", port)
        self.ended = threading.Event()
        self.sent = 0

    def run(self):
        chance = random.Random(1)
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            due = time.monotonic()
            while not self.ended.is_set():
                due += chance.expovariate(1 / PROBE_MEAN_S)
                time.sleep(max(0, due - time.monotonic()))
                sender.sendto(struct.pack("<Q", time.monotonic_ns()), self.address)
                self.sent += 1

    def stop(self):
        self.ended.set()
        self.join()


def quantiles(values):
    values = sorted(values)
    ranks = {f"p{q}": values[math.ceil(len(values) * q / 100) - 1] for q in (50, 95, 99)}
    return {**ranks, "max": values[-1], "samples": len(values)}


def measure(command, plan, seconds):
    """The same loop and span, by monitor, by loopscope and by probes; in ms."""
    with programs.Program(*command, json.dumps(plan)) as program:
        prober = Prober(program.hear("ready")["port"])
        with Watch("-p", program.pid) as watch:
            program.start()
            prober.start()
            time.sleep(seconds)
            prober.stop()
            own = program.stop()
            loop = watch.finish().thread(program.pid)
    assert len(own["probes_ns"]) == prober.sent, "datagrams were lost"
    return {
        "monitor": own["monitor"],
        "loopscope": {key: loop["lag_ms"][key] for key in QUANTILES},
        "truth": quantiles([ns / 1e6 for ns in own["probes_ns"]]),
        "stalls_ms": [ns / 1e6 for ns in own["stalls_ns"]],
        "loop": loop.fields,
    }


def measure_idle(command, seconds):
    """Iterations a second of a loop with nothing to do, without its monitor and with it."""
    rates = {}
    for monitor in (False, True):
        plan = {"monitor": monitor, "stall_ms": 0, "gaps_ms": []}
        with programs.Program(*command, json.dumps(plan)) as program:
            program.hear("ready")
            program.start()
            with Watch("-p", program.pid) as watch:
                time.sleep(seconds)
                loop = watch.finish().thread(program.pid)
        rates["monitored" if monitor else "alone"] = loop["iterations"] / loop["window_s"]
    return rates


def run(scale):
    results = []
    for runtime, (command, monitor) in MONITORS.items():
        for what, seconds, (stall_ms, gaps_ms) in SCENARIOS:
            plan = {"monitor": True, "stall_ms": stall_ms, "gaps_ms": gaps_ms}
            measured = measure(command, plan, seconds * scale)
            results.append({"runtime": runtime, "by": monitor, "loop does": what, **measured})
            print(f"{runtime}: {what}: done", file=sys.stderr)
    idle = {runtime: measure_idle(command, 3) for runtime, (command, _) in MONITORS.items()}
    return {"scenarios": results, "idle_iterations_per_second": idle}


def cell(values):
    return " / ".join(
        f"{values[key]:.0f}" if values[key] >= 10 else f"{values[key]:.1f}" for key in QUANTILES
    )


NOTES = """
`monitorEventLoopDelay` counts its own resolution, 10 ms here, as delay. asyncio calls a
reader after what was queued before it was readable: where it always works, a datagram waits
one more turn than the loop's lag, which ends when the loop looks.
"""


def markdown(results):
    yield "Lag in ms, p50 / p95 / p99 / max:"
    yield ""
    yield "| loop | what it does | its own monitor | loopscope | truth (random arrivals) |"
    yield "|---|---|---|---|---|"
    for row in results["scenarios"]:
        yield (
            f"| {row['runtime']} | {row['loop does']} | {cell(row['monitor'])} "
            f"| {cell(row['loopscope'])} | {cell(row['truth'])} |"
        )
    yield NOTES
    for runtime, rates in results["idle_iterations_per_second"].items():
        yield (
            f"An idle {runtime} loop iterates {rates['alone']:.1f} times a second, "
            f"{rates['monitored']:.1f} with {MONITORS[runtime][1]} in it."
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--scale", type=float, default=1, help="length of the measurements")
    arguments = parser.parse_args()
    results = run(arguments.scale)
    (BUILD / "compare.json").write_text(json.dumps(results, indent=1) + "\n")
    print("\n".join(markdown(results)))


if __name__ == "__main__":
    main()
