# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ten thousand loops at once: each is in the report, once, with the figures that it counted itself.

The loops rest when the window begins and when it ends, so that theirs is the same one.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import NamedTuple

import pytest
import servers
from node_agent import NodeAgent, Sample
from otlp_sink import sink
from programs import Program, built
from received import Received
from watch import Watch

NR_LOOPS = 10_000
NR_MEASURED = 200
RATE = 1    # wakes a second, of each loop
LOAD_S = 4
SPREADS = [(10, NR_LOOPS // 10), (NR_LOOPS, 1)]  # processes, loops of each
MAX_LOOPS = 16_384  # of which commands keep figures
TOO_MANY = 20_000
MAX_SERIES = 20_000  # of a metric, of a process
INTERVAL_MS = 2000
LOSSES = ("loopscope_records_lost_total", "loopscope_records_unknown_total",
          "loopscope_windows_torn_total", "loopscope_loops_dropped_total",
          "loopscope_series_overflown_total")  # fmt: skip
NAME = f"many-{os.getpid()}"  # no other run's


class Truth(NamedTuple):
    """What a loop counted, and measured if it is one of those that do."""

    pid: int
    tid: int
    iterations: int
    events: int
    busy_ns: int | None = None
    unsure_ns: int = 0
    stalls_least: int = 0
    stalls_most: int = 0


class Loops(Program):
    """Ended before the next ones are watched: that is their parent's end, and then theirs."""

    def __init__(self, nr_processes, nr_threads):
        each = nr_processes * nr_threads // NR_MEASURED
        super().__init__(built("many_loops"), NAME, nr_processes, nr_threads, RATE, each)

    def __enter__(self):
        super().__enter__()
        self.hear("ready")
        return self

    def __exit__(self, *error):
        result = super().__exit__(*error)
        servers.await_true(lambda: not nr_named(), "loops that have not ended")
        return result

    def work(self):
        """Between two rests: [Truth]."""
        self.start()
        time.sleep(LOAD_S)
        return [Truth(*row) for row in self.stop()["loops"]]


def nr_named():
    """Processes of ours, ended or not."""
    nr = 0
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            nr += comm.read_text() == f"{NAME}\n"
    return nr


class Usage:
    """CPU time in s, and memory in MB, of a process."""

    def __init__(self, pid):
        self.pid = pid

    def cpu_s(self):
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def rss_mb(self):
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * 4096 / 1e6


def check_measured(figures, pairs):
    """Busy time and stalls of the loops that measured them."""
    beyond = [(loop, truth) for loop, truth in pairs
              if abs(loop.busy_ms * 1e6 - truth.busy_ns) > 0.01 * truth.busy_ns + truth.unsure_ns]
    figures.at_most("loops, busy time wrong", len(beyond), 0, source="log")
    wrong = [(loop, truth) for loop, truth in pairs
             if not truth.stalls_least <= loop["stalls"] <= truth.stalls_most]
    figures.at_most("loops, stalls wrong", len(wrong), 0, source="log")
    print(beyond[:3], wrong[:3])


@pytest.mark.parametrize("nr_processes, nr_threads", SPREADS)
def test_report(figures, nr_processes, nr_threads):
    with Loops(nr_processes, nr_threads) as program, Watch("--comm", NAME) as watch:
        usage = Usage(watch.process.pid)
        figures.note("CPU at start", usage.cpu_s(), 0, "s")
        truths = {(truth.pid, truth.tid): truth for truth in program.work()}
        figures.note("memory", usage.rss_mb(), 0, "MB")
        report = watch.finish()
    report.check_nothing_lost()
    figures.note("misses", report.summary["misses"], 0)
    assert len(truths) == len(report.loops) == NR_LOOPS
    pairs = [(loop, truths.pop((loop["pid"], loop["tid"]))) for loop in report.loops]
    for loop, truth in pairs:
        assert (loop["iterations"], loop["events"]) == (truth.iterations, truth.events), loop
    measured = [(loop, truth) for loop, truth in pairs if truth.busy_ns is not None]
    assert len(measured) == NR_MEASURED
    check_measured(figures, measured)


def test_too_many():
    """As many as there is room for are watched, figures right; that there are more is said."""
    with Loops(20, TOO_MANY // 20) as program, Watch("--comm", NAME) as watch:
        truths = {(truth.pid, truth.tid): truth for truth in program.work()}
        report = watch.finish()
    assert report.summary["loops_lost"] >= TOO_MANY - MAX_LOOPS
    assert report.summary["records_lost"] == 0
    assert len(report.loops) == MAX_LOOPS
    for loop in report.loops:
        truth = truths.pop((loop["pid"], loop["tid"]))
        assert (loop["iterations"], loop["events"]) == (truth.iterations, truth.events), loop


@pytest.mark.parametrize("nr_loops", [1000, NR_LOOPS])
def test_end_at_once(figures, nr_loops):
    """All at one stroke: a thousand fit into the ring; of more, those lost are counted, each."""
    with Loops(10, nr_loops // 10) as program, Watch("--comm", NAME) as watch:
        truths = {(truth.pid, truth.tid): truth for truth in program.work()}
        program.process.kill()
        program.process.wait()
        servers.await_true(lambda: not nr_named(), "loops that have not ended")
        report = watch.finish()
    lost = report.summary["records_lost"]
    figures.at_most("records lost", lost, 0 if nr_loops <= 1000 else nr_loops, source="room")
    assert len(report.loops) + lost == nr_loops
    for loop in report.loops:
        truth = truths.pop((loop["pid"], loop["tid"]))
        assert loop["ended"] and loop["events"] == truth.events, loop


def settings(endpoint, **limits):
    return {
        "targets": [{"name": "many", "include": [{"comm": NAME}]}],
        "export": {"interval_ms": INTERVAL_MS, "otlp": {"endpoint": endpoint}},
        "limits": limits,
    }


class Page:
    """What /metrics says of iterations, and the agent of itself: all of it is a million lines."""

    def __init__(self, agent):
        wanted = ("event_loop_iterations_total{", "loopscope_loops", *LOSSES)
        self.samples = [Sample(line) for line in agent.get("/metrics").splitlines()
                        if line.startswith(wanted)]  # fmt: skip

    def value(self, name):
        (sample,) = [sample for sample in self.samples if sample.name == name]
        return sample.value

    def iterations(self):
        """{(pid, tid): iterations}, no loop twice."""
        found = {}
        for sample in self.samples:
            if sample.name == "event_loop_iterations_total":
                loop = (int(sample.labels["process_pid"]), int(sample.labels["event_loop_id"]))
                assert loop not in found, sample.labels
                found[loop] = int(sample.value)
        return found


def check_shown(shown, truths):
    """Without the differences in full, which are long."""
    wrong = [(loop, truths.get(loop), shown.get(loop)) for loop in truths.keys() | shown.keys()
             if truths.get(loop) != shown.get(loop)]  # fmt: skip
    assert not wrong, (len(wrong), wrong[:5])


@pytest.mark.parametrize("nr_processes, nr_threads", SPREADS)
def test_agent(tmp_path, figures, nr_processes, nr_threads):
    """Each loop has its series, on the page and in what a receiver gets. It may watch as many as
    it does by default; a process may have all the series that a thousand loops have."""
    received = Received()
    with Loops(nr_processes, nr_threads) as program, sink(received.take) as receiver, \
         NodeAgent(tmp_path, settings(receiver.endpoint, series=MAX_SERIES)) as agent:  # fmt: skip
        usage = Usage(agent.pid)
        figures.note("CPU at start", usage.cpu_s(), 0, "s")
        assert Page(agent).value("loopscope_loops") == NR_LOOPS
        before = usage.cpu_s()
        truths = {(truth.pid, truth.tid): truth.iterations for truth in program.work()}
        figures.note("CPU a second", (usage.cpu_s() - before) / LOAD_S, 0, "s")
        total = sum(truths.values())
        assert receiver.wait(lambda _: received.total("event_loop.iterations") == total,
                             servers.PATIENCE_S), agent.log.read_text()  # fmt: skip
        receiver.away = True  # what it makes of an export would keep the page waiting
        page = Page(agent)
        receiver.away = False
        check_shown(page.iterations(), truths)
        assert {name: page.value(name) for name in LOSSES} == dict.fromkeys(LOSSES, 0)
        figures.note("memory", usage.rss_mb(), 0, "MB")
        agent.stop()
    assert received.total("event_loop.iterations") == total
    assert len({series[1:] for series in received.values}) == NR_LOOPS


def test_agent_too_many(tmp_path):
    """More than its limit: it says so, and goes on."""
    limit = NR_LOOPS // 2
    with Loops(10, NR_LOOPS // 10) as program, \
         NodeAgent(tmp_path, settings("http://127.0.0.1:1", loops=limit)) as agent:  # fmt: skip
        program.work()
        page = Page(agent)
        assert 0 < page.value("loopscope_loops") <= limit
        assert page.value("loopscope_loops_dropped_total") >= NR_LOOPS - limit
        assert page.value("loopscope_records_lost_total") == 0
        agent.stop()
