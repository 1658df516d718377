# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""pgbouncer, libevent's loop between clients and PostgreSQL, against its statistics and a log."""

import contextlib
import shutil
import subprocess

import postgres
import pytest
import servers
import wait_log
from bracket import Bracket, compare_waits
from watch import Watch

NR_CLIENTS = 4
NR_TRANSACTIONS = 1000  # of each client

SETTINGS = """
[databases]
* = host={directory} user=postgres

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
admin_users = postgres
max_client_conn = 50
log_connections = 0
log_disconnections = 0
ignore_startup_parameters = extra_float_digits
"""

pytestmark = [
    pytest.mark.skipif(not postgres.BIN, reason="postgresql is not installed"),
    pytest.mark.skipif(not shutil.which("pgbouncer"), reason="pgbouncer is not installed"),
]


class Pgbouncer:
    """Before a PostgreSQL, as its user and in its directory."""

    def __init__(self, server):
        self.directory = server.directory
        self.port = servers.free_port()
        self.logs = self.directory / "waits"
        self.logs.mkdir()
        shutil.chown(self.logs, "postgres")
        self.settings = self.directory / "pgbouncer.ini"
        self.settings.write_text(SETTINGS.format(directory=self.directory, port=self.port))
        self.command = [*postgres.AS_POSTGRES, "pgbouncer", "-q", self.settings]

    @contextlib.contextmanager
    def serve(self):
        with servers.running(
            self.command, env=wait_log.environment(self.logs), cwd=self.directory
        ) as process:
            self.pid = process.pid
            servers.await_true(lambda: self.ask("show version"), "pgbouncer does not answer")
            yield self

    def psql(self, *options):
        return ["psql", "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres",
                *options]  # fmt: skip

    def ask(self, command):
        """The answer of its console, empty if there is none yet."""
        asked = subprocess.run(
            self.psql("-d", "pgbouncer", "-c", command), capture_output=True, text=True
        )
        return asked.stdout

    def queries(self):
        rows = [line.split("|") for line in self.ask("show totals").splitlines()]
        return int(dict(row[:2] for row in rows)["total_query_count"])

    def load(self):
        script = self.directory / "load.sql"
        script.write_text("select 1;\n")
        subprocess.run(
            [postgres.BIN / "pgbench", "-n", "-h", "127.0.0.1", "-p", str(self.port), "-U",
             "postgres", "-c", str(NR_CLIENTS), "-t", str(NR_TRANSACTIONS), "-f", script,
             "postgres"],
            check=True, capture_output=True,
        )  # fmt: skip


@pytest.fixture
def pgbouncer():
    with postgres.Postgres().serve() as server, Pgbouncer(server).serve() as bouncer:
        yield bouncer


def test_load(pgbouncer, figures):
    pid = pgbouncer.pid
    waits = Bracket(lambda: wait_log.read(pgbouncer.logs, pid, pid))
    with Watch("-p", pid) as watch:
        waits.mark()
        before = pgbouncer.queries()
        pgbouncer.load()
        queries = pgbouncer.queries() - before
        waits.mark()
        report = watch.finish()
    waits.mark()
    report.check_nothing_lost()
    loop = report.thread(pid)
    assert (loop["runtime"], loop["wait_family"]) == ("pgbouncer", "epoll")
    compare_waits(figures, waits, loop)
    # of each query the client tells one event, and the server another
    figures.near("events", loop["events"], 2 * queries, rel=0.02, source="queries")
