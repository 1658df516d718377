# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A PostgreSQL of its own on a Unix socket, as a user without rights, and sessions with it."""

import contextlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import servers

BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
AS_POSTGRES = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "autovacuum": "off",
    "log_min_duration_statement": "0",
    "log_checkpoints": "on",
    "log_line_prefix": "%p ",
    "max_parallel_workers_per_gather": "0",
}
CHECKPOINT = re.compile(r"checkpoint complete: .* total=([\d.]+) s")
DURATION = re.compile(r"^(\d+) LOG:  duration: ([\d.]+) ms", re.MULTILINE)


class Postgres:
    @contextlib.contextmanager
    def serve(self):
        with tempfile.TemporaryDirectory(prefix="loopscope-postgres-") as name:
            self.directory = Path(name)
            self.log = self.directory / "log"
            shutil.chown(name, "postgres", "postgres")
            data = self.directory / "data"
            subprocess.run([*AS_POSTGRES, BIN / "initdb", "-D", data, "-A", "trust", "-N"],
                           check=True, cwd=name, stdout=subprocess.DEVNULL)  # fmt: skip
            settings = (f"-c{key}={value}" for key, value in SETTINGS.items())
            command = [*AS_POSTGRES, BIN / "postgres", "-D", data, "-k", name, *settings]
            with open(self.log, "w", encoding="ascii") as log:
                with servers.running(command, cwd=name, stderr=log) as process:
                    self.pid = process.pid
                    servers.await_true(self.answers, "postgres does not answer")
                    yield self

    def psql(self, *options):
        return ["psql", "-XAtq", "-h", str(self.directory), "-U", "postgres", *options]

    def answers(self):
        return subprocess.run(self.psql("-c", "select"), stderr=subprocess.DEVNULL).returncode == 0

    def session(self):
        return Session(self)

    def durations(self, pid):
        """Of that backend's commands so far, in ms: from one's arrival to its answer."""
        logged = DURATION.findall(self.log.read_text())
        return [float(ms) for backend, ms in logged if int(backend) == pid]

    def checkpoint_s(self):
        """What the last one took."""
        return float(CHECKPOINT.findall(self.log.read_text())[-1])


class Session:
    """A client whose commands are ended by the lines of its answers."""

    def __init__(self, server):
        self.server = server
        self.pid = None

    def __enter__(self):
        self.context = servers.running(
            self.server.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.process = self.context.__enter__()
        self.pid = int(self.ask("select pg_backend_pid()"))
        return self

    def __exit__(self, *error):
        self.process.stdin.close()
        return self.context.__exit__(*error)

    def tell(self, command):
        """Sends a command, which answers one line."""
        self.process.stdin.write(command + ";\n")
        self.process.stdin.flush()

    def hear(self):
        """The answer, once the backend waits again: another command is to find it waiting."""
        answer = self.process.stdout.readline().rstrip("\n")
        if self.pid:
            servers.await_true(self.rests, "the backend goes on")
        return answer

    def rests(self):
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")")[1].split()[0] == "S"

    def ask(self, command):
        self.tell(command)
        return self.hear()

    def does(self, pid, event):
        """Whether that backend waits for such an event, by its own word."""
        return self.ask(f"select wait_event from pg_stat_activity where pid = {pid}") == event
