# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lag, against what random arrivals wait: computed from a log of stalls, and measured."""

import compare_monitors
import pytest

BUCKET = 2 ** (1 / 4)
SPAN_S = 6


def waited(stalls_ms, span_ms, quantile):
    """
    The wait that a share of `quantile` of arrivals, uniform over the span, does
    not exceed: of a stall of B, those in its first B - x wait longer than x.
    """
    low, high = 0.0, max(stalls_ms)
    while high - low > 0.001:
        middle = (low + high) / 2
        longer = sum(max(0, stall - middle) for stall in stalls_ms)
        if longer > (1 - quantile) * span_ms:
            low = middle
        else:
            high = middle
    return high


@pytest.mark.parametrize("runtime", list(compare_monitors.MONITORS))
def test_stalls(figures, runtime):
    command, _ = compare_monitors.MONITORS[runtime]
    gaps_ms = compare_monitors.exponential_ms(100)
    plan = {"monitor": False, "stall_ms": 50, "gaps_ms": gaps_ms}
    measured = compare_monitors.measure(command, plan, SPAN_S)
    lag_ms, probes_ms = measured["loopscope"], measured["truth"]
    window_ms = 1000 * measured["loop"]["window_s"]
    figures.near("stalls", measured["loop"]["stalls"], len(measured["stalls_ms"]), source="log")
    for name, quantile in (("p95", 0.95), ("p99", 0.99)):
        truth_ms = waited(measured["stalls_ms"], window_ms, quantile)
        limit_ms = truth_ms * (BUCKET - 1)
        figures.near(f"lag {name}", lag_ms[name], truth_ms, "ms", by=limit_ms, source="stall log")
        figures.note(f"lag {name}", lag_ms[name], probes_ms[name], "ms", "probes")
    figures.at_least("lag max", lag_ms["max"], max(measured["stalls_ms"]), "ms", source="log")
