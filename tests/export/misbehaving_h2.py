# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An HTTP/2 server, frame by frame, for gRPC answers that no real server gives."""

import gzip
import struct

import h2.config
import h2.connection
import h2.events

from misbehaving_server import Gone, Request

SERVICE = "opentelemetry.proto.collector.metrics.v1.MetricsService"
GRPC = [(":status", "200"), ("content-type", "application/grpc")]


def frame(message=b"", compressed=False, length=None):
    return struct.pack("!BI", compressed, len(message) if length is None else length) + message


def unframe(data, headers):
    compressed, length = struct.unpack("!BI", data[:5])
    assert length == len(data) - 5
    assert compressed == (headers.get("grpc-encoding") == "gzip")
    return gzip.decompress(data[5:]) if compressed else data[5:]


class Stream:
    """A request that has come in whole, and the means to answer it."""

    def __init__(self, session, stream_id, headers, data):
        self.session = session
        self.h2 = session.h2
        self.id = stream_id
        self.headers = headers
        self.data = data

    def send_headers(self, headers, end=False):
        self.h2.send_headers(self.id, headers, end_stream=end)
        self.session.flush()

    def send_data(self, data, end=False):
        """As far as the client's window lets it."""
        while data:
            size = min(
                len(data),
                self.h2.local_flow_control_window(self.id),
                self.h2.max_outbound_frame_size,
            )
            if not size:
                self.session.take_in()
                continue
            self.h2.send_data(self.id, data[:size])
            self.session.flush()
            data = data[size:]
        if end:
            self.h2.end_stream(self.id)
            self.session.flush()

    def reset(self, code):
        self.h2.reset_stream(self.id, code)
        self.session.flush()

    def go_away(self, code=0, last=None):
        """And takes in nothing more, but leaves it to the client to close the connection."""
        self.session.is_over = True
        self.h2.close_connection(code, last_stream_id=last)
        self.session.flush()


class Session:
    """`answer(stream)` is called for each request; to be used as a Server's `behave`."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self, connection):
        _Session(connection, self.answer).run()


class _Session:
    def __init__(self, connection, answer):
        self.connection = connection
        self.answer = answer
        self.streams = {}
        self.is_over = False
        # what is to be broken must not be mended or refused by the library
        config = h2.config.H2Configuration(
            client_side=False,
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.h2 = h2.connection.H2Connection(config)

    def flush(self):
        self.connection.send(self.h2.data_to_send())

    def take_in(self):
        ended = []
        data = self.connection.receive()
        if self.is_over:
            return ended
        for event in self.h2.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                self.streams[event.stream_id] = (dict(event.headers), bytearray())
            elif isinstance(event, h2.events.DataReceived):
                self.streams[event.stream_id][1].extend(event.data)
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, h2.events.StreamEnded):
                ended.append(event.stream_id)
            elif isinstance(event, h2.events.StreamReset):
                raise Gone
        self.flush()
        return ended

    def run(self):
        self.h2.initiate_connection()
        self.flush()
        while True:
            for stream_id in self.take_in():
                headers, data = self.streams.pop(stream_id)
                body = unframe(bytes(data), headers)
                self.connection.server.requests.append(
                    Request(
                        headers[":method"],
                        headers[":path"],
                        headers,
                        body,
                        len(data),
                        self.connection.number,
                    )
                )
                self.answer(Stream(self, stream_id, headers, body))


def succeed(stream):
    stream.send_headers(GRPC)
    stream.send_data(frame())
    stream.send_headers([("grpc-status", "0")], end=True)
