# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds loopscope's figures against others' and keeps both sides.

A comparison that fails does not end its test: the rest of the figures say why.
The test fails at its end. All go to $(BUILD)/e2e.json.
"""


class Figures:
    def __init__(self, test):
        self.test = test
        self.rows = []

    def note(self, name, loopscope, other, unit="", source="own"):
        """A figure that is told and held against nothing."""
        self.add(name, loopscope, other, unit, source, None, None)

    def near(self, name, loopscope, other, unit="", rel=0.0, by=0.0, source="own"):
        """|loopscope - other| is at most `by`, or at most `rel` of the other."""
        limit = max(by, rel * abs(other))
        self.add(name, loopscope, other, unit, source, limit, abs(loopscope - other) <= limit)

    def at_most(self, name, loopscope, other, unit="", rel=0.0, by=0.0, source="own"):
        limit = max(by, rel * abs(other))
        self.add(name, loopscope, other, unit, source, limit, loopscope <= other + limit, "<=")

    def at_least(self, name, loopscope, other, unit="", rel=0.0, by=0.0, source="own"):
        limit = max(by, rel * abs(other))
        self.add(name, loopscope, other, unit, source, limit, loopscope >= other - limit, ">=")

    def add(self, name, loopscope, other, unit, source, limit, held, relation="="):
        self.rows.append(
            {
                "test": self.test,
                "figure": name,
                "loopscope": loopscope,
                "other": other,
                "source": source,
                "unit": unit,
                "error": loopscope - other,
                "relation": relation,
                "limit": limit,
                "held": held,
            }
        )
        print(describe(self.rows[-1]))

    def verify(self):
        broken = [describe(row) for row in self.rows if row["held"] is False]
        assert not broken, "\n" + "\n".join(broken)


def describe(row):
    verdict = {True: "ok", False: "FAIL", None: "--"}[row["held"]]
    limit = "" if row["limit"] is None else f", limit {row['limit']:.4g}"
    return (
        f"{verdict:4} {row['figure']:28} loopscope {row['loopscope']:<12.6g} {row['relation']} "
        f"{row['source']} {row['other']:.6g} {row['unit']} (error {row['error']:+.4g}{limit})"
    )
