# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The works of web_work.py by gevent, at the port of the argument: /hello, /spin, /hold."""

import sys

from gevent.pywsgi import WSGIServer
from web_work import work


def app(environ, start_response):
    body = work(environ["PATH_INFO"].strip("/")).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    WSGIServer(("127.0.0.1", int(sys.argv[1])), app, log=None).serve_forever()
