# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The works of stall_works.py by Sanic, in one process: /stall/NAME/MS, /prepare/NAME."""

import sys

import stall_works
from sanic import Sanic
from sanic.response import json

app = Sanic("stalls")


@app.get("/stall/<name>/<ms:int>")
async def stall(_, name, ms):
    return json(stall_works.work(name, ms))


@app.get("/prepare/<name>")
async def prepare(_, name):
    stall_works.prepare(name)
    return json({})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False)
