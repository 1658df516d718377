# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a request must hold, worked out from the figures and the documented metrics alone."""

import re
from bisect import bisect_left

CAUSES = ["cpu", "runqueue", "cpu_quota", "syscall", "page_fault", "lock", "other"]
MS = 1e6
S = 1e9
CUMULATIVE, DELTA = 2, 1

# controls, marks of direction, separators of lines
HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f"
                    "\ufeff\ufffe\uffff]")

# upper bounds of all buckets but the last: 2^(k/4)
LOWEST, HIGHEST = -40, 64

# name: unit, kind, in the order in which they are sent
LOOP_METRICS = {
    "event_loop.lag": ("ms", "histogram"),
    "event_loop.execution_time": ("ms", "histogram"),
    "event_loop.wake_delay": ("ms", "histogram"),
    "event_loop.wake_delay.time": ("ms", "counter"),
    "event_loop.callback_queue.depth": ("{event}", "histogram"),
    "event_loop.max_lag": ("ms", "gauge"),
    "event_loop.utilization": ("%", "gauge"),
    "event_loop.iterations": ("{iteration}", "counter"),
    "event_loop.events": ("{event}", "counter"),
    "event_loop.time": ("ms", "counter"),
    "event_loop.blocked_time": ("ms", "counter"),
    "event_loop.blocking_calls": ("{call}", "counter"),
    "event_loop.stall.age": ("ms", "gauge"),
    "nodejs.eventloop.time": ("s", "counter"),
    "nodejs.eventloop.utilization": ("1", "gauge"),
}
PROCESS_METRICS = {
    "process.cpu.time": ("s", "counter"),
    "process.context_switches": ("{context_switch}", "counter"),
}
HISTOGRAMS = {
    "event_loop.lag": ("lag", MS),
    "event_loop.execution_time": ("busy", MS),
    "event_loop.wake_delay": ("wake", MS),
    "event_loop.callback_queue.depth": ("batch", 1),
}
EXEMPLARS = ("event_loop.lag", "event_loop.execution_time")
GAUGES = {
    "event_loop.max_lag": ("max_lag_ms", 1),
    "event_loop.utilization": ("utilization_percent", 1),
    "event_loop.stall.age": ("stall_age_ms", 1),
    "nodejs.eventloop.utilization": ("utilization_percent", 100),
}
AGENT_TOTALS = {
    "loopscope.records": ("{record}", "records"),
    "loopscope.records.lost": ("{record}", "records_lost"),
    "loopscope.records.unknown": ("{record}", "records_unknown"),
    "loopscope.windows.torn": ("{window}", "windows_torn"),
    "loopscope.misses": ("{miss}", "misses"),
    "loopscope.waits.skipped": ("{wait}", "compat_skipped"),
    "loopscope.loops.dropped": ("{wait}", "loops_dropped"),
    "loopscope.series.overflown": ("{loop}", "series_overflown"),
    "loopscope.kubernetes.unresolved": ("{process}", "pods_unresolved"),
    "loopscope.kubernetes.containers_unresolved": ("{process}", "containers_unresolved"),
    "loopscope.kubernetes.requests": ("{request}", "kubernetes_requests"),
    "loopscope.kubernetes.failures": ("{request}", "kubernetes_failures"),
    "loopscope.export.attempts": ("{request}", "export_attempts"),
    "loopscope.export.requests": ("{request}", "export_requests"),
    "loopscope.export.failures": ("{export}", "export_failures"),
    "loopscope.export.retries": ("{request}", "export_retries"),
    "loopscope.export.rejected_points": ("{point}", "export_rejected_points"),
    "loopscope.export.bytes": ("By", "export_bytes"),
    "loopscope.stalls": ("{stall}", "stalls"),
    "loopscope.stalls.held_back": ("{stall}", "stalls_held_back"),
    "loopscope.stacks": ("{stack}", "stacks"),
    "loopscope.stacks.cut": ("{stack}", "stacks_cut"),
    "loopscope.stacks.missing": ("{stack}", "stacks_missing"),
    "loopscope.stacks.held_back": ("{stack}", "stacks_held_back"),
    "loopscope.symbols.restarts": ("{restart}", "symbols_restarts"),
    "loopscope.symbols.evictions": ("{process}", "symbols_evictions"),
    "loopscope.logs.records": ("{record}", "logs_exported"),
    "loopscope.logs.dropped": ("{record}", "logs_dropped"),
    "loopscope.logs.failures": ("{export}", "logs_failures"),
    "loopscope.profiles": ("{profile}", "profiles_exported"),
    "loopscope.profiles.dropped": ("{profile}", "profiles_dropped"),
    "loopscope.scrapes": ("{request}", "scrapes"),
    "loopscope.config.reloads": ("{reload}", "reloads"),
    "loopscope.config.reload_failures": ("{reload}", "reload_failures"),
}
AGENT_NOW = {
    "loopscope.loops": ("{loop}", "loops_watched"),
    "loopscope.processes": ("{process}", "processes_watched"),
    "loopscope.kubernetes.pods": ("{pod}", "pods_known"),
    "loopscope.memory.rss": ("By", "rss_bytes"),
    "loopscope.symbols.processes": ("{process}", "symbols_processes"),
    "loopscope.symbols.memory.rss": ("By", "symbols_rss_bytes"),
}


def repaired(hexadecimal):
    """Text as UTF-8, each byte that is in no character replaced."""
    data, text, at = bytes.fromhex(hexadecimal), "", 0
    while at < len(data):
        for size in range(1, 5):
            try:
                text += data[at : at + size].decode()
            except UnicodeDecodeError:
                continue
            at += size
            break
        else:
            text += "\ufffd"
            at += 1
    return text


def plain(hexadecimal):
    """That, with what ends lines, steers terminals or cannot be seen made visible."""
    return HIDDEN.sub(lambda found: "\\" + (f"x{ord(found[0]):02x}" if found[0] < "\x80"
                                            else f"u{ord(found[0]):04x}"), repaired(hexadecimal))


def attributes(dumped):
    """As (key, type, value), in order."""
    rows = []
    for attribute in dumped["attributes"]:
        key = repaired(attribute["key"])
        if "text" in attribute:
            rows.append((key, "text", repaired(attribute["text"])))
        elif "integer" in attribute:
            rows.append((key, "integer", attribute["integer"]))
        elif "double" in attribute:
            rows.append((key, "double", float.fromhex(attribute["double"])))
        elif "boolean" in attribute:
            rows.append((key, "boolean", bool(attribute["boolean"])))
        else:
            rows.append((key, "texts", tuple(repaired(t["text"]) for t in attribute["texts"])))
    return tuple(rows)


def difference(now, since):
    """What is new, of figures of whatever shape."""
    if isinstance(now, dict):
        return {key: difference(value, (since or {}).get(key)) for key, value in now.items()}
    if isinstance(now, list):
        return [difference(a, b) for a, b in zip(now, since or [None] * len(now))]
    if isinstance(now, str):
        return float.fromhex(now) - (float.fromhex(since) if since else 0)
    return now - (since or 0)


def exponential(buckets):
    """Counts by OTLP's index: that of (base^i, base^(i+1)]."""
    counts = {}
    for bucket, count in enumerate(buckets[1:]):
        if count:
            counts[LOWEST + bucket] = count
    return {"zero": buckets[0], "counts": counts}


def exemplar(dumped):
    """(value, time, attributes)"""
    names = (("thread.id", "integer", dumped["thread_id"]),
             ("thread.name", "text", repaired(dumped["thread"])),
             ("event_loop.state", "text", CAUSES[dumped["cause"]]),
             ("event_loop.stall.id", "text", repaired(dumped["stall_id"])))
    return float.fromhex(dumped["value_ms"]), dumped["time_unix_ns"], names


def explicit(buckets, bounds):
    counts = [0] * (len(bounds) + 1)
    for bucket, count in enumerate(buckets[:-1]):
        counts[bisect_left(bounds, 2 ** ((LOWEST + bucket) / 4))] += count
    counts[-1] += buckets[-1]
    return {"bounds": bounds, "counts": counts}


class Expected:
    """All metrics of a dump: {resource: {name: (unit, kind, temporality, points)}}."""

    def __init__(self, figures):
        self.figures = figures
        self.delta = bool(figures["delta"])
        self.bounds = [float.fromhex(bound) for bound in figures["bounds"]]
        self.limit = max(figures["max_series"] - 1, 0)

    def resources(self):
        rows = [(attributes(r), r["left_out"], self.resource(r))
                for r in self.figures["resources"]]
        agent = self.figures["agent"]
        rows.append((attributes(agent), agent["left_out"], self.agent()))
        return [row for row in rows if row[2]]

    def temporality(self, kind):
        if kind == "gauge":
            return None
        return DELTA if self.delta and kind != "now" else CUMULATIVE

    def metric(self, unit, kind, points):
        return unit, kind, self.temporality(kind), points

    def point(self, names, start, value):
        return names, start, self.figures["time_unix_ns"], value

    def resource(self, resource):
        metrics = {}
        for name, (unit, kind) in LOOP_METRICS.items():
            if name.startswith("nodejs.") and not resource["nodejs"]:
                continue
            points = self.loop_points(name, resource)
            if points:
                metrics[name] = self.metric(unit, kind, points)
        if resource["process"]["valid"]:
            for name, (unit, kind) in PROCESS_METRICS.items():
                points = self.process_points(name, resource["process"])
                metrics[name] = self.metric(unit, kind, points)
        return metrics

    def series_each(self, name):
        """How many series a loop may have in a metric."""
        return {
            "event_loop.time": 8,
            "nodejs.eventloop.time": 8,
            "event_loop.blocking_calls": 7 + self.figures["max_culprits"],
            "event_loop.wake_delay.time": 2,
            "event_loop.blocked_time": self.figures["max_blocked_syscalls"] + 1,
        }.get(name, 1)

    def loop_points(self, name, resource):
        shown = self.limit // self.series_each(name)
        points, beyond = [], False
        for loop in resource["loops"]:
            if loop["ordinal"] < shown:
                points += self.points_of(name, loop, False)
            else:
                beyond = True
        overflow = resource["overflow"]
        if overflow and (beyond or self.holds_something(name, overflow["totals"])):
            points += self.points_of(name, overflow, True)
        return points

    @staticmethod
    def holds_something(name, totals):
        if name in ("event_loop.time", "nodejs.eventloop.time"):
            return totals["poll_ns"] or any(totals["cause_ns"])
        if name == "event_loop.blocking_calls":
            return any(totals["stalls"])
        if name == "event_loop.wake_delay.time":
            return totals["wake_runqueue_ns"] or totals["wake_quota_ns"]
        if name == "event_loop.blocked_time":
            return bool(totals["syscalls"])
        return (totals["iterations"] or totals["events"]
                or any(totals[h]["count"] for h in ("lag", "busy", "wake", "batch")))

    def points_of(self, name, loop, together):
        names = attributes(loop)
        if name in GAUGES:
            figure, divisor = GAUGES[name]
            value = float.fromhex(loop[figure])
            if not loop["has_gauges"] or value != value:
                return []
            return [self.point(names, 0, value / divisor)]
        start = loop["since_unix_ns"] if self.delta else loop["start_unix_ns"]
        values = self.values(name, loop)
        if together and name not in HISTOGRAMS and values:
            values = [((), sum(value for _, value in values))]
        if self.delta and loop["ended"]:
            values = [(own, value) for own, value in values
                      if (value["count"] if isinstance(value, dict) else value)]
        return [self.point(names + own, start, self.scaled(name, value))
                for own, value in values]

    @staticmethod
    def scaled(name, value):
        unit = LOOP_METRICS[name][0]
        return value / {"ms": MS, "s": S}[unit] if unit in ("ms", "s") and not isinstance(
            value, dict) else value

    def values(self, name, loop):
        """[(the point's own attributes, value)]: ns, counts, or a histogram."""
        totals = loop["totals"]
        since = loop["since"] if self.delta else None
        plain = {k: v for k, v in totals.items() if k != "syscalls"}
        new = difference(plain, since)
        if name in HISTOGRAMS:
            made = self.histogram(*HISTOGRAMS[name], new)
            if name in EXEMPLARS and made["count"] and loop["exemplar"]:
                made["exemplars"] = [exemplar(loop["exemplar"])]
            return [((), made)]
        if name in ("event_loop.iterations", "event_loop.events"):
            return [((), new[name.split(".")[1]])]
        if name == "event_loop.blocked_time":
            return self.blocked(totals["syscalls"], dict(since["syscalls"]) if since else {})
        if name == "event_loop.wake_delay.time":
            rows = [("runqueue", new["wake_runqueue_ns"]), ("cpu_quota", new["wake_quota_ns"])]
        elif name == "event_loop.time":
            rows = [("poll", new["poll_ns"])] + list(zip(CAUSES, new["cause_ns"]))
        elif name == "event_loop.blocking_calls":
            return self.blocking_calls(loop, totals["stalls"], new["stalls"], since)
        else:
            rows = [("active", sum(new["cause_ns"])), ("idle", new["poll_ns"])]
            return [((("nodejs.eventloop.state", "text", n),), v) for n, v in rows]
        return [((("event_loop.state", "text", n),), v) for n, v in rows]

    @staticmethod
    def blocking_calls(loop, ever, new, since):
        """Those with a culprit, then what is left of each cause."""
        left, rows = list(new), []
        for culprit in loop["culprits"]:
            value = culprit["stalls"] - (culprit["since"] if since else 0)
            left[culprit["cause"]] -= value
            rows.append(((("code.function.name", "text", repaired(culprit["function"])),
                          ("event_loop.state", "text", CAUSES[culprit["cause"]])), value))
        return rows + [((("event_loop.state", "text", cause),), value)
                       for cause, value, total in zip(CAUSES, left, ever)
                       if total or cause == "cpu"]

    def blocked(self, now, since):
        most = self.figures["max_blocked_syscalls"]
        named = [call for call in now if call[0] != "other"][:most]
        rest = now[len(named):]
        rows = [(name, time - since.get(name, 0)) for name, time in named]
        if rest:
            rows.append(("other", sum(time - since.get(name, 0) for name, time in rest)))
        return [((("syscall.name", "text", name),), time) for name, time in rows]

    def histogram(self, figure, divisor, new):
        histogram = new[figure]
        buckets = histogram["buckets"]
        assert sum(buckets) == histogram["count"]
        made = (explicit(buckets, self.bounds) if self.figures["explicit"]
                else exponential(buckets))
        made["count"] = histogram["count"]
        made["sum"] = histogram["sum"] / divisor if histogram["count"] else 0
        made["exemplars"] = []
        return made

    def process_points(self, name, process):
        if name == "process.cpu.time":
            key, divisor = "cpu.mode", S
            rows = [("user", "user_ns", "since_user_ns"),
                    ("system", "system_ns", "since_system_ns")]
        else:
            key, divisor = "process.context_switch.type", None
            rows = [("voluntary", "voluntary_switches", "since_voluntary"),
                    ("involuntary", "involuntary_switches", "since_involuntary")]
        start = process["since_unix_ns" if self.delta else "start_unix_ns"]
        points = []
        for value, now, since in rows:
            number = process[now] - (process[since] if self.delta else 0)
            points.append(self.point(((key, "text", value),), start,
                                     number / divisor if divisor else number))
        return points

    def agent(self):
        agent = self.figures["agent"]
        since = self.figures["agent_since"] if self.delta else None
        start = self.figures["agent_since_unix_ns"] if since else agent["start_unix_ns"]
        metrics = {"up": self.metric("1", "gauge", [self.point((), 0, 1)])}

        def counter(name, unit, rows):
            if rows:
                metrics[name] = self.metric(
                    unit, "counter", [self.point(own, start, value) for own, value in rows])

        def text(key, value):
            return ((key, "text", value),)

        def new(figure):
            return agent[figure] - (since[figure] if since else 0)

        for name, (unit, figure) in AGENT_TOTALS.items():
            counter(name, unit, [((), new(figure))])
        for name, (unit, figure) in AGENT_NOW.items():
            metrics[name] = self.metric(
                unit, "now", [self.point((), agent["start_unix_ns"], agent[figure])])
        metrics["loopscope.export.duration"] = self.metric(
            "s", "gauge", [self.point((), 0, float.fromhex(agent["export_duration_s"]))])
        crossings = difference(agent["threshold_crossings"],
                               since["threshold_crossings"] if since else None)
        counter("loopscope.threshold.crossings", "{crossing}",
                [(text("threshold", threshold), value) for threshold, value
                 in zip(("lag_p95_ms", "utilization", "stall_age_ms"), crossings)])
        counter("loopscope.cpu.time", "s", [(text("cpu.mode", "user"), new("cpu_user_ns") / S),
                                            (text("cpu.mode", "system"), new("cpu_system_ns") / S)])
        counter("loopscope.symbols.cpu.time", "s", [((), new("symbols_cpu_ns") / S)])
        had = {name: values for name, *values in since["programs"]} if since else {}
        runs, times, misses = [], [], []
        for name, *values in agent["programs"]:
            ran, time, missed = difference(values, had.get(name))
            own = text("bpf.program.name", name)
            if values[0]:
                runs.append((own, ran))
                times.append((own, time / S))
            misses.append((own, missed))
        counter("loopscope.program.runs", "{run}", runs)
        counter("loopscope.program.run_time", "s", times)
        counter("loopscope.program.recursion_misses", "{miss}", misses)
        return metrics
