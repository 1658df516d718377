# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A worker of gunicorn's with asyncio's own loop, where uvloop is installed too."""

from uvicorn_worker import UvicornWorker


class AsyncioWorker(UvicornWorker):
    CONFIG_KWARGS = {"loop": "asyncio", "http": "auto"}
