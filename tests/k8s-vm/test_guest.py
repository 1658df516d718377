# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The guest is the node that it is to be, and runs to its end."""

import pytest

STEPS = ("facts", "install", "runtime", "check", "service_start", "others", "service_pods",
         "service_loops_end", "service_end", "agent_pod", "pod_pods", "pod_loops_end", "pod_end",
         "truth", "end")


@pytest.mark.parametrize("step", STEPS)
def test_step(guest, step):
    assert guest.status(step) == 0, guest.text(step, "stderr")


def test_kernel_and_cgroups(guest):
    release, file_system = guest.lines("facts", "stdout")
    assert release.startswith(f"{guest.kernel.name}.") and file_system == "cgroup2fs"


def test_agent_pod_has_a_cgroup_namespace_of_its_own(guest):
    own, first, *_ = guest.lines("agent_pod", "stdout")
    assert own != first
