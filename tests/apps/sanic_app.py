# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A web application of Sanic in one process: port 8000, or that of the argument."""

import sys

from sanic import Sanic
from sanic.response import text

app = Sanic("shop")


@app.get("/")
async def hello(_):
    return text("hello\n")


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    app.run(host="0.0.0.0", port=port, single_process=True, access_log=False)
