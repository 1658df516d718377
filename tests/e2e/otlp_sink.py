# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An OTLP/HTTP receiver that takes every request and remembers what it was sent.

Without packages beside Python's own: the bench uses it too. Bodies are handed to
`take`, unpacked, in the server's thread; those of log records to `take_logs`, and they
are remembered by no one else.
"""

import contextlib
import gzip
import http.server
import threading
import time


class Request:
    def __init__(self, handler, wire):
        self.time_s = time.monotonic()
        self.path = handler.path
        self.wire_bytes = len(wire)
        gzipped = handler.headers.get("Content-Encoding") == "gzip"
        self.body = gzip.decompress(wire) if gzipped else wire


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        if self.server.sink.away:
            self.close_connection = True
            return
        wire = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.sink.receive(Request(self, wire))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Sink:
    def __init__(self, take=None, take_logs=None):
        self.take = take
        self.take_logs = take_logs
        self.away = False   # connections are cut before a request is read
        self.requests = []  # without bodies
        self.changed = threading.Condition()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.sink = self
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}/v1/metrics"

    def receive(self, request):
        with self.changed:
            if request.path == "/v1/logs":
                if self.take_logs:
                    self.take_logs(request.body)
                return
            if self.take:
                self.take(request.body)
            request.body_bytes = len(request.body)
            del request.body
            self.requests.append(request)
            self.changed.notify_all()

    def wait(self, condition, timeout_s):
        """Until condition(requests) holds, looked at whenever a request has come."""
        with self.changed:
            return self.changed.wait_for(lambda: condition(self.requests), timeout_s)

    def wait_more(self, nr, timeout_s):
        """Until so many more requests have come."""
        with self.changed:
            wanted = len(self.requests) + nr
        return self.wait(lambda requests: len(requests) >= wanted, timeout_s)


@contextlib.contextmanager
def sink(take=None, take_logs=None):
    receiver = Sink(take, take_logs)
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
