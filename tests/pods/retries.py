# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""That a client which has failed waits before it tries again."""

import time

WINDOW_S = 1.5
MAX_REQUESTS = 4  # one at once after an expired version, then after 1 to 2 s, 2 to 4 s, ...


def assert_patient(server, max_requests=MAX_REQUESTS):
    """Few requests in a window: a slow machine makes them fewer, so that this holds on any."""
    before = len(server.requests) + server.nr_connections
    time.sleep(WINDOW_S)
    more = len(server.requests) + server.nr_connections - before
    assert more <= 2 * max_requests, f"{more} requests and connections in {WINDOW_S} s"
