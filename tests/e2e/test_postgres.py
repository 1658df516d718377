# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
PostgreSQL's backends, against the durations of their commands in its log. A backend waits for its
client on one epoll descriptor, and on another, in the midst of a command, for a lock or a latch:
that is no rest.
"""

import postgres
import pytest
import servers
from watch import Watch

# From a command's arrival to the kernel's edge, and from the logged end to the next wait:
# the answer is written, the process title set, statistics are handed in.
EDGE_MS = 0.5

CHECKPOINTER = "select pid from pg_stat_activity where backend_type = 'checkpointer'"

pytestmark = pytest.mark.skipif(not postgres.BIN, reason="postgresql is not installed")


@pytest.fixture(scope="module")
def server():
    with postgres.Postgres().serve() as running:
        yield running


@pytest.fixture
def session(server):
    with server.session() as client:
        yield client


@pytest.fixture
def other(server):
    with server.session() as client:
        yield client


def compare(figures, loop, durations):
    """The loop's busy intervals are the commands."""
    assert (loop["runtime"], loop["wait_family"]) == ("postgres", "epoll")
    nr, total_ms = len(durations), sum(durations)
    figures.near("iterations", loop["iterations"], nr, by=1, source="log, commands")
    figures.at_least("busy", loop.busy_ms, total_ms, "ms", source="log, durations")
    most_ms = loop.busy_ms - loop.time_ms["runqueue"]
    figures.at_most("busy", most_ms, total_ms, "ms", by=EDGE_MS * nr, source="log, durations")
    figures.near(
        "longest busy", loop["busy_ms"]["max"], max(durations), "ms",
        by=EDGE_MS + loop.time_ms["runqueue"], source="log, longest",
    )  # fmt: skip


def observe(server, session, work):
    """(the backend's loop, the durations of what it did)"""
    before = len(server.durations(session.pid))
    with Watch("-p", session.pid) as watch:
        work()
        report = watch.finish()
    report.check_nothing_lost()
    return report.thread(session.pid), server.durations(session.pid)[before:]


def test_work(server, session, figures):
    def work():
        for _ in range(20):
            session.ask("select count(*) from generate_series(1, 100000)")

    loop, durations = observe(server, session, work)
    assert len(durations) == 20
    compare(figures, loop, durations)
    assert loop.time_ms["syscall"] < loop.time_ms["cpu"]


def test_sleep_in_a_command(server, session, figures):
    """Blocked in epoll_wait, of all calls: yet busy."""

    def work():
        for _ in range(5):
            session.ask("select pg_sleep(0.2)")
            session.ask("select 1")

    loop, durations = observe(server, session, work)
    assert len(durations) == 10
    compare(figures, loop, durations)
    compare_asleep(figures, loop, 5, 5 * 200)
    assert loop["stalls"] == 5


def compare_asleep(figures, loop, count, least_ms):
    sleeps, asleep_ms = loop.syscall("epoll_wait")
    figures.at_least("in epoll_wait", sleeps, count, source="script")
    # its timer counts whole milliseconds
    figures.at_least("in epoll_wait", asleep_ms, least_ms, "ms", by=count, source="script")
    figures.at_most("in epoll_wait", asleep_ms, loop.busy_ms, "ms", source="busy")


def test_lock_wait(server, session, other, figures):
    session.ask("create table if not exists rows (id int); select 1")
    session.ask("insert into rows values (1) returning id")
    held_ms = 400

    def work():
        other.ask("begin; update rows set id = id returning id")
        session.tell("update rows set id = id returning id")
        servers.await_true(lambda: other.does(session.pid, "transactionid"), "no wait for a lock")
        other.ask(f"select pg_sleep({held_ms / 1000}); commit")
        session.hear()

    loop, durations = observe(server, session, work)
    assert len(durations) == 1
    compare(figures, loop, durations)
    compare_asleep(figures, loop, 1, held_ms)


def test_attach_in_a_command(server, session, other, figures):
    """
    The wait that a backend is found in may be a command's. What its own is shows when the command
    has ended: from there on every figure is right.
    """
    session.tell("select pg_sleep(1.5)")
    servers.await_true(lambda: other.does(session.pid, "PgSleep"), "no sleep")

    def work():
        session.hear()
        for _ in range(3):
            session.ask("select pg_sleep(0.2)")
            session.ask("select count(*) from generate_series(1, 100000)")

    loop, (first_ms, *durations) = observe(server, session, work)
    assert len(durations) == 6
    total_ms = sum(durations)
    figures.at_least("busy", loop.busy_ms, total_ms, "ms", source="log, durations")
    most_ms = loop.busy_ms - loop.time_ms["runqueue"]
    figures.at_most(
        "busy", most_ms, total_ms + first_ms, "ms", by=EDGE_MS * 7, source="log, durations"
    )
    compare_asleep(figures, loop, 3, 3 * 200)


def test_client_that_copies(server, session, figures):
    """A command that waits for its client waits as the loop does: idle, for nothing holds it up."""

    def work():
        session.tell("create temp table copied (id int); copy copied from stdin")
        servers.await_true(lambda: waits_for_copy(server, session), "no wait for a copy")
        session.tell("1\n\\.\nselect 1")
        session.hear()

    loop, durations = observe(server, session, work)
    figures.at_most("busy", loop.busy_ms, sum(durations), "ms", source="log, durations")
    assert loop["stalls"] == 0


def waits_for_copy(server, session):
    with server.session() as client:
        return client.does(session.pid, "ClientRead")


def test_backends_come_and_go(server):
    """The postmaster's children are watched from their fork to their end."""
    with Watch("-p", server.pid) as watch:
        with server.session() as first, server.session() as second:
            pids = {first.pid, second.pid}
            for session in (first, second):
                session.ask("select pg_sleep(0.01)")
        report = watch.finish()
    assert pids <= {loop["pid"] for loop in report.loops}
    for pid in pids:
        assert report.thread(pid)["iterations"] > 0


def test_checkpointer(server, session, figures):
    """A process of PostgreSQL's that sleeps on its own latch: a loop, whose work is checkpoints."""
    (pid,) = [int(pid) for pid in session.ask(CHECKPOINTER).split()]
    session.ask("create table dirty as select generate_series(1, 300000) id; select 1")
    with Watch("-p", pid) as watch:
        session.ask("checkpoint; select 1")
        report = watch.finish()
    report.check_nothing_lost()
    loop = report.thread(pid)
    total_ms = 1000 * server.checkpoint_s()
    longest_ms = loop["busy_ms"]["max"]
    # told in milliseconds, and whoever waits for it is woken after that
    figures.at_least("longest busy", longest_ms, total_ms, "ms", by=1, source="log, total")
    figures.at_most("longest busy", longest_ms - loop.time_ms["runqueue"], total_ms, "ms",
                    rel=0.1, by=2 + EDGE_MS, source="log, total")  # fmt: skip
