# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The works of web_work.py by Sanic: /hello, /spin, /hold."""

from sanic import Sanic
from sanic.response import text
from web_work import work

app = Sanic("work")


@app.get("/<name>")
async def answer(_, name):
    return text(work(name))
