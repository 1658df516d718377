# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An HTTP/1.1 server on a raw socket that does what a test tells it to, however wrong."""

import gzip
import socket
import ssl
import threading
from dataclasses import dataclass

MAX_HEAD = 65536


@dataclass
class Request:
    method: str
    path: str
    headers: dict
    body: bytes  # decoded
    wire_size: int  # of the body as it was sent
    connection: int  # which one it came on, from 0


class Gone(Exception):
    """The client has closed the connection."""


class Connection:
    def __init__(self, server, sock, number):
        self.server = server
        self.socket = sock
        self.number = number
        self.pending = b""

    def receive(self):
        data = self.socket.recv(65536)
        if not data:
            raise Gone
        return data

    def read_head(self):
        while b"\r\n\r\n" not in self.pending:
            assert len(self.pending) < MAX_HEAD
            self.pending += self.receive()
        head, _, self.pending = self.pending.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        method, path, version = first.split(" ")
        assert version == "HTTP/1.1", first
        return method, path, headers

    def read_exactly(self, size):
        while len(self.pending) < size:
            self.pending += self.receive()
        data, self.pending = self.pending[:size], self.pending[size:]
        return data

    def read_request(self):
        method, path, headers = self.read_head()
        raw = self.read_exactly(int(headers.get("content-length", "0")))
        body = gzip.decompress(raw) if headers.get("content-encoding") == "gzip" else raw
        request = Request(method, path, headers, body, len(raw), self.number)
        self.server.requests.append(request)
        return request

    def send(self, data):
        self.socket.sendall(data)

    def hang(self):
        """Until the server stops."""
        self.server.stopping.wait()

    def drip(self, data, seconds=0.05):
        """A byte at a time, until the client has had enough."""
        for i in range(len(data)):
            self.send(data[i : i + 1])
            if self.server.stopping.wait(seconds):
                return

    def reset(self):
        """Closes with RST: what is unread or unsent is lost."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()


class Server:
    """Runs `behave(connection)` in a thread for each connection.

    With a TLS context the handshake comes first.
    """

    def __init__(self, behave, tls=None):
        self.behave = behave
        self.tls = tls
        self.requests = []
        self.nr_connections = 0
        self.failures = []
        self.stopping = threading.Event()
        self.threads = []
        self.sockets = []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.acceptor = threading.Thread(target=self.accept, daemon=True)
        self.acceptor.start()
        return self

    def __exit__(self, kind, *error):
        self.stopping.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.acceptor.join()
        for sock in self.sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join()
        if self.failures and kind is None:
            raise self.failures[0]

    def url(self, path="/v1/metrics", host="127.0.0.1"):
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def accept(self):
        while not self.stopping.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            number, self.nr_connections = self.nr_connections, self.nr_connections + 1
            self.sockets.append(sock)
            thread = threading.Thread(target=self.serve, args=(sock, number), daemon=True)
            self.threads.append(thread)
            thread.start()

    def serve(self, sock, number):
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
                self.sockets.append(sock)
            self.behave(Connection(self, sock, number))
        except (Gone, OSError, ssl.SSLError):
            pass
        except Exception as error:  # a fault of the test: shown by it
            self.failures.append(error)
        finally:
            sock.close()


def closed_port():
    """One on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        return closed.getsockname()[1]


def response(status, headers=(), body=b"", reason="Reason"):
    lines = [f"HTTP/1.1 {status} {reason}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Answers:
    """Answers the requests, over all connections, with these in turn; the last one for ever."""

    def __init__(self, *responses):
        self.responses = list(responses)

    def next(self):
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]

    def __call__(self, connection):
        while True:
            connection.read_request()
            connection.send(self.next())
