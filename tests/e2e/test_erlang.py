# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Erlang's schedulers, against scheduler_wall_time. They take turns at one epoll descriptor, and park
when idle while another has the turn.
"""

import shutil
import subprocess
from pathlib import Path

import programs
import pytest
import servers
from watch import Watch

NR_SCHEDULERS = 2

pytestmark = pytest.mark.skipif(not shutil.which("erlc"), reason="erlang is not installed")


class ErlangServer(programs.Program):
    """
    Its schedulers do not spin before they park: that is CPU time to the kernel, and no
    activity to Erlang.
    """

    def __init__(self, directory):
        source = programs.APPS / "erlang_server.erl"
        subprocess.run(["erlc", "-Werror", "-o", directory, source], check=True)
        super().__init__("erl", "-noshell", "-pa", directory, "-s", "erlang_server",
                         "+S", NR_SCHEDULERS, "+sbwt", "none")  # fmt: skip

    def begin(self):
        self.url = f"http://127.0.0.1:{self.hear('ready')['port']}/"

    def threads(self):
        """The tid of each scheduler, by its number."""
        found = {}
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            number, _, rest = (task / "comm").read_text().strip().partition("_")
            if rest == "scheduler":
                found[number] = int(task.name)
        return found

    def active_ms(self):
        self.tell("count")
        return {number: ns / 1e6 for number, ns in self.hear("counted").items()}


@pytest.fixture
def server(tmp_path):
    with ErlangServer(tmp_path) as program:
        program.begin()
        yield program


def test_schedulers(server, figures):
    """Of several connections: parks are known for that once both schedulers have polled."""
    threads = server.threads()
    with Watch("-p", server.pid) as watch:
        before = server.active_ms()
        servers.wrk(server.url, seconds=2, connections=4)
        after = server.active_ms()
        report = watch.finish()
    report.check_nothing_lost()
    for number, tid in threads.items():
        loop = report.thread(tid)
        assert (loop["runtime"], loop["wait_family"]) == ("erlang", "epoll")
        active_ms = after[number] - before[number]
        compare_active(figures, loop, active_ms, f"scheduler {number} ")


def compare_active(figures, loop, active_ms, name):
    """A scheduler that polls is not active to Erlang, nor while it waits for a CPU to do so."""
    by = 0.02 * loop["window_s"] * 1000
    figures.at_least(
        f"{name}busy", loop.busy_ms, active_ms, "ms", by=by, source="scheduler_wall_time"
    )
    figures.at_most(
        f"{name}busy", loop.busy_ms - loop.time_ms["runqueue"], active_ms, "ms",
        by=by, source="scheduler_wall_time",
    )  # fmt: skip
    # all of its waits but for its mutexes, when both schedulers want one at once
    figures.at_most(f"{name}lock", loop.time_ms["lock"], by, "ms", source="2 % of the window")
