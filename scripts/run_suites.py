#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs `make SUITE` for each suite named and adds up the JUnit XML they leave.

Ends with the line `N passed, N failed, N skipped`; fails if a test failed, if
a suite's make failed, or if a suite ran no test at all.
"""
import argparse
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def describe(case):
    element = next((e for e in case if e.tag in ("failure", "error", "skipped")), None)
    text = "" if element is None else element.get("message") or element.text or ""
    first_line = text.strip().split("\n")[0]
    return f"{case.get('classname', '')} {case.get('name')}: {first_line}".strip()


def read_cases(suite, results):
    """The test cases of a suite, and a complaint for each file that is no XML."""
    cases, complaints = [], []
    for path in sorted(results.glob(f"{suite}*.xml")):
        try:
            cases += ElementTree.parse(path).iter("testcase")
        except ElementTree.ParseError as error:
            complaints.append(f"{suite}: {path} is cut off or malformed: {error}")
    return cases, complaints


def run_suite(suite, results):
    """Counts of outcomes, and the lines to print of what did not pass."""
    for path in results.glob(f"{suite}*.xml"):
        path.unlink()
    make = os.environ.get("MAKE", "make")
    status = subprocess.run([make, "--no-print-directory", suite], check=False).returncode
    cases, complaints = read_cases(suite, results)
    counts = Counter(outcome(case) for case in cases)
    lines = [f"{outcome(case)}: {describe(case)}" for case in cases if outcome(case) != "passed"]
    if not counts["passed"] and not counts["failed"]:
        complaints.append(f"{suite}: no test ran")
    elif status and not counts["failed"]:
        complaints.append(f"{suite}: make {suite} exited with {status}, though no test failed")
    counts["failed"] += len(complaints)
    return counts, lines + [f"failed: {complaint}" for complaint in complaints]


def summary(counts):
    return ", ".join(f"{counts[key]} {key}" for key in ("passed", "failed", "skipped"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("suites", nargs="+")
    arguments = parser.parse_args()

    arguments.results.mkdir(parents=True, exist_ok=True)
    total, report = Counter(), []
    for suite in arguments.suites:
        start = time.monotonic()
        counts, lines = run_suite(suite, arguments.results)
        total += counts
        report += [f"{suite}: {summary(counts)} in {time.monotonic() - start:.0f} s", *lines]
    print("", *report, summary(total), sep="\n", flush=True)
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
