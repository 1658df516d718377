# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
Erlang: its schedulers take turns at one epoll descriptor, and any of them runs any process. So none
is a loop: `list` says why, and nothing else shows them.
"""

import json
import shutil
import subprocess

import programs
import pytest
import servers
from watch import BINARY, Watch

pytestmark = pytest.mark.skipif(not shutil.which("erlc"), reason="erlang is not installed")


@pytest.fixture
def server(tmp_path):
    source = programs.APPS / "erlang_server.erl"
    subprocess.run(["erlc", "-Werror", "-o", tmp_path, source], check=True)
    command = ("erl", "-noshell", "-pa", tmp_path, "-s", "erlang_server", "+S", 2)
    with programs.Program(*command) as program:
        program.url = f"http://127.0.0.1:{program.hear('ready')['port']}/"
        yield program


def test_left_out(server):
    with Watch("-p", server.pid) as watch:
        servers.wrk(server.url, seconds=1, connections=4)
        report = watch.finish()
    report.check_nothing_lost()
    assert report.loops == []
    assert any("no loop seen: Erlang's" in line for line in watch.stderr)


def test_listed_with_the_reason(server):
    listing = subprocess.Popen(
        [BINARY, "list", "--json", "-p", str(server.pid)], stdout=subprocess.PIPE, text=True
    )
    servers.wrk(server.url, seconds=1, connections=4)
    *threads, _ = map(json.loads, listing.communicate()[0].splitlines())
    names = {thread["thread"] for thread in threads}
    assert "0_poller" in names <= {"0_poller", "1_scheduler", "2_scheduler"}
    for thread in threads:
        assert (thread["runtime"], thread["wait_family"]) == ("erlang", "epoll")
        assert "no thread is a loop" in thread["no_loop"]
