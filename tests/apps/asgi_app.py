# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The works of web_work.py by ASGI: /hello, /spin, /hold."""

from web_work import work


async def app(scope, receive, send):
    assert scope["type"] == "http"
    body = work(scope["path"].strip("/")).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
