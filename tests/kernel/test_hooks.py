# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The same truth by each kind of hook on the wait calls, of those that this kernel allows."""

import pytest

from scripted import ScriptedLoop
from watch import Watch
from watched import check_logs, check_misses

# in a mount namespace of its own: nothing stays mounted
WITH_TRACEFS = [
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing; exec "$@"',
    "sh",
]

STEPS = (
    "idle:3 spin:1000 wake:3 nanosleep:2 timeout:2 futex:3 ready:9 poll:2 zero spin:500 "
    "uvlook:2 spin:300 uvlookbatch:12:300 with:1 idle:2 read:2 with:2 idle:2 spin:500 with:0"
)


def watch_by(edges, *targets):
    watch = Watch(*targets, "--edges", edges)
    watch.command = WITH_TRACEFS + watch.command
    return watch


def refusal_of(edges):
    """In the words of loopscope itself; None if these hooks can be used."""
    try:
        with ScriptedLoop("") as program, watch_by(edges, "-p", program.pid):
            return None
    except RuntimeError as error:
        if "no way to see wait calls" not in str(error):
            raise
        return str(error).partition("wait calls: ")[2].strip()


@pytest.mark.parametrize("edges", ["fentry", "tp_btf", "tracepoint"])
def test_edges(edges):
    reason = refusal_of(edges)
    if reason:
        pytest.skip(reason)
    with ScriptedLoop(" ".join([STEPS] * 30)) as program:
        with watch_by(edges, "-p", program.pid) as watch:
            program.run()
            report = watch.finish()
        logs = program.quit()
    assert report.summary["hooks"]["wait_edges"] == edges
    check_misses(report, logs)
    check_logs(report, logs)
