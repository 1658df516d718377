# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The real servers that parts/build.sh has built, or why there are none."""

import pytest
from watch import BUILD

PARTS = BUILD / "parts"


def built_part(part, name):
    path = PARTS / part / name
    if path.exists():
        return path
    for missing in (PARTS / f"{part}.missing", PARTS / "missing"):
        if missing.exists():
            pytest.skip(missing.read_text().strip())
    raise FileNotFoundError(f"{path}: run `make parts`")
