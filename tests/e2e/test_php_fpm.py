# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""
php-fpm: its master is a loop. Its workers are none, though each polls its connection for every
request: what they wait in when idle is accept().
"""

import contextlib
import shutil
import socket
import struct

import pytest
import servers
from watch import Watch

NR_WORKERS = 2
NR_REQUESTS = 40

SETTINGS = """
[global]
error_log = {directory}/log
daemonize = no
[www]
user = root
group = root
listen = 127.0.0.1:{port}
pm = static
pm.max_children = {workers}
"""

PROGRAM = shutil.which("php-fpm8.2")

pytestmark = pytest.mark.skipif(not PROGRAM, reason="php-fpm is not installed")


def record(kind, body):
    """Of FastCGI, version 1, for request 1."""
    return struct.pack("!BBHHBx", 1, kind, 1, len(body), 0) + body


def parameter(name, value):
    return bytes([len(name), len(value)]) + name.encode() + value.encode()


class PhpFpm:
    def __init__(self, directory):
        self.port = servers.free_port()
        self.script = directory / "hello.php"
        self.script.write_text('<?php usleep(2000); echo "hello";\n')
        self.settings = directory / "fpm.conf"
        self.settings.write_text(
            SETTINGS.format(directory=directory, port=self.port, workers=NR_WORKERS)
        )

    @contextlib.contextmanager
    def serve(self):
        command = [PROGRAM, "-n", "-F", "-R", "-y", self.settings]
        with servers.running(command) as process:
            self.pid = process.pid
            servers.await_true(self.answers, "php-fpm does not answer")
            yield self

    def answers(self):
        try:
            return self.get().endswith(b"hello")
        except ConnectionRefusedError:
            return False

    def get(self):
        """What the script says, after its headers."""
        begin = struct.pack("!HB5x", 1, 0)  # as a responder
        names = {"SCRIPT_FILENAME": str(self.script), "REQUEST_METHOD": "GET"}
        parameters = b"".join(parameter(*each) for each in names.items())
        request = record(1, begin) + record(4, parameters) + record(4, b"") + record(5, b"")
        with socket.create_connection(("127.0.0.1", self.port)) as client:
            client.sendall(request)
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        length = struct.unpack("!H", answer[4:6])[0]
        return answer[8 : 8 + length]


def test_workers_are_no_loops(tmp_path):
    with PhpFpm(tmp_path).serve() as server:
        workers = servers.child_pids(server.pid)
        assert len(workers) == NR_WORKERS
        with Watch("-p", server.pid) as watch:
            for _ in range(NR_REQUESTS):
                assert server.get().endswith(b"hello")
            report = watch.finish()
    report.check_nothing_lost()
    assert [loop["pid"] for loop in report.loops] == [server.pid]
    assert report.loops[0]["runtime"] == "php-fpm"
