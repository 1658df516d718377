# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Redis, against its INFO, its clients' clocks, and its own log of its wait calls."""

import threading
import time

import pytest
import servers
import wait_log
from bracket import Bracket, compare_waits
from watch import Watch


@pytest.fixture
def redis_server(tmp_path):
    with servers.Redis(tmp_path).serve() as server:
        yield server


def waits_of(server):
    return lambda: wait_log.read(server.logs, server.pid, server.pid)


@pytest.mark.parametrize("options", [("-c", "20"), ("-c", "20", "-P", "16"), ("-c", "1")])
def test_benchmark(redis_server, figures, options):
    requests = 20000 if options == ("-c", "1") else 100000
    waits = Bracket(waits_of(redis_server))
    with Watch("-p", redis_server.pid) as watch:
        waits.mark()
        before = redis_server.client.info()
        redis_server.benchmark(requests, "-t", "get,set", *options)
        after = redis_server.client.info()
        waits.mark()
        report = watch.finish()
    waits.mark()
    report.check_nothing_lost()
    loop = report.thread(redis_server.pid)
    assert loop["runtime"] == "redis"
    assert loop["wait_family"] == "epoll"
    compare_waits(figures, waits, loop)
    compare_cpu(figures, redis_server, loop, before, after)
    if "-P" not in options:
        compare_commands(figures, loop, before, after)


def compare_cpu(figures, server, loop, before, after):
    """Its CPU time is that of its busy intervals and of what it ran in its wait calls."""
    used = server.main_thread_cpu_ms(after) - server.main_thread_cpu_ms(before)
    cpu = loop.time_ms["cpu"]
    figures.at_most("cpu", cpu, used, "ms", rel=0.02, by=10, source="INFO main thread")
    figures.at_least("cpu + poll", cpu + loop.poll_ms, used, "ms", source="INFO main thread")


def compare_commands(figures, loop, before, after):
    """Without pipelining each command is one event, and so are a client's coming and going."""

    def grown(key):
        return after[key] - before[key]

    events = grown("total_commands_processed") + 2 * grown("total_connections_received")
    figures.near("events", loop["events"], events, rel=0.01, source="INFO commands")


def test_debug_sleep(redis_server, figures):
    with Watch("-p", redis_server.pid) as watch:
        redis_server.client.execute_command("DEBUG", "SLEEP", "0.3")
        report = watch.finish()
    own_ms = waits_of(redis_server)().busy_max_ns / 1e6
    report.check_nothing_lost()
    loop = report.thread(redis_server.pid)
    count, asleep_ms = loop.syscall("clock_nanosleep")
    assert count == 1
    assert loop["stalls"] == 1
    figures.at_least("asleep", asleep_ms, 300, "ms", source="DEBUG SLEEP")
    figures.at_least("longest busy", loop["busy_ms"]["max"], asleep_ms, "ms", source="asleep")
    figures.near("longest busy", loop["busy_ms"]["max"], own_ms, "ms", rel=0.01, source="log")
    figures.near(
        "lag max", loop["lag_ms"]["max"], loop["busy_ms"]["max"], "ms", source="longest busy"
    )


def test_sleeping_now(redis_server, figures):
    """The report comes while the loop is stuck: it is told, with its age."""
    with Watch("-p", redis_server.pid) as watch:
        calls = redis_server.client.info("commandstats").get("cmdstat_debug", {}).get("calls", 0)
        assert calls == 0
        sleeper = threading.Thread(
            target=redis_server.client.execute_command, args=("DEBUG", "SLEEP", "2")
        )
        waits = waits_of(redis_server)
        sent = time.monotonic()
        sleeper.start()
        before = waits().iterations
        servers.await_true(lambda: is_sleeping(redis_server.pid), "redis does not sleep")
        report = watch.finish()
        after = waits()
        told = time.monotonic()
        sleeper.join()
    loop = report.thread(redis_server.pid)
    assert after.iterations - before <= 1, "the report came too late to test anything"
    assert loop["state"] == "busy"
    assert loop["syscalls"][0]["name"] == "clock_nanosleep"
    age = loop["current_busy_ms"]
    figures.at_most("age", age, 1000 * (told - sent), "ms", source="client")
    figures.at_least("age", age, loop["syscalls"][0]["time_ms"], "ms", source="asleep")
    figures.at_least("longest busy", loop["busy_ms"]["max"], age, "ms", source="age")


def is_sleeping(pid):
    """In clock_nanosleep: 230 on x86, 115 on arm64."""
    with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
        return file.read().split()[0] in ("230", "115")


def test_append_only_fsync(tmp_path, figures):
    """Each command that writes waits for the disk, before the loop waits again."""
    with servers.Redis(
        tmp_path, "--appendonly", "yes", "--appendfsync", "always"
    ).serve() as server:
        waits = Bracket(waits_of(server))
        with Watch("-p", server.pid) as watch:
            waits.mark()
            for number in range(50):
                server.client.set(f"key{number}", "value")
            waits.mark()
            report = watch.finish()
        waits.mark()
    loop = report.thread(server.pid)
    compare_waits(figures, waits, loop)
    count, time_ms = loop.syscall("fdatasync")
    figures.at_least("fdatasync sleeps", count, 50, source="commands")
    figures.at_most("fdatasync", time_ms, loop.time_ms["syscall"], "ms", source="cause")
