# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""asyncio's loops on other calls than epoll_wait, for servers that take a loop by name."""

import asyncio
import selectors


def on_poll():
    return asyncio.SelectorEventLoop(selectors.PollSelector())


def on_select():
    return asyncio.SelectorEventLoop(selectors.SelectSelector())
