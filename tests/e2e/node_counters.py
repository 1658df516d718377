# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Node's own counters of a loop, and loopscope's figures held against them."""


def grown(before, after):
    """By how much each counter has; without those that this Node does not have."""
    return {key: after[key] - before[key] for key in after if after[key] is not None}


def compare(figures, loop, own, name=""):
    """
    What loopscope saw before `start` and after `stop` was poll: so busy time is
    that of the span, and its share of the span is to be what Node says it is.
    """
    span_ms = own["idle_ms"] + own["active_ms"]
    figures.near(
        f"{name}utilization",
        100 * loop.busy_ms / span_ms,
        100 * own["active_ms"] / span_ms,
        "%",
        by=1,
        source="eventLoopUtilization",
    )
    if "loop_count" in own:
        # `start` and `stop` themselves are iterations, of which the span has one
        figures.near(
            f"{name}iterations",
            loop["iterations"],
            own["loop_count"],
            rel=0.02,
            by=4,
            source="loopCount",
        )
    figures.note(
        f"{name}events", loop["events"], own.get("events", 0), source="uvMetricsInfo.events"
    )
