# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Runs serve_figures, the agent's HTTP server with made-up figures, and asks it."""

import http.client
import json
import os
import socket
import subprocess
from pathlib import Path

BUILD = Path(os.environ.get("BUILD", Path(__file__).parents[2] / "build"))
SERVE = BUILD / "export" / "serve_figures"
DUMP = BUILD / "export" / "dump_figures"

PASSWORD = "s3cr3t of the test: \u00e9"
TIMEOUT_S = 60


def options(arguments):
    words = []
    for name, value in arguments.items():
        option = "--" + name.replace("_", "-")
        words += [option] if value is True else [option, str(value)]
    return words


def environment(password=None):
    # freed memory kept aside would look like memory held
    extra = {"ASAN_OPTIONS": "quarantine_size_mb=1"}
    return {**os.environ, **extra, **({"SERVE_PASSWORD": password} if password else {})}


def encoded(name, **arguments):
    """What the encoder makes, without the server."""
    command = [SERVE, *options(arguments), "--encode", name]
    return subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S).stdout


def dumped(loops=None):
    """The figures as they are, from a program that knows no exposition."""
    command = [DUMP, *([str(loops)] if loops else [])]
    done = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_S)
    return json.loads(done.stdout)


class FiguresServer:
    """The server, running. When it ends well, it has leaked nothing: its sanitizers see to it."""

    def __init__(self, password=None, **arguments):
        self.command = [SERVE, *options(arguments)]
        self.password = password

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command,
            env=environment(self.password),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        line = self.process.stdout.readline().decode().strip()
        assert line.isdigit(), line + self.process.stderr.read().decode()
        self.port = int(line)
        return self

    def __exit__(self, kind, *error):
        output, errors = self.process.communicate(timeout=TIMEOUT_S)
        errors = errors.decode()
        assert not output
        if kind is None:
            assert self.process.returncode == 0, errors
            assert "ERROR: " not in errors and "runtime error" not in errors, errors
            assert errors.startswith("scrapes: ") and errors.count("\n") == 1, errors
            assert not self.password or self.password not in errors
            self.scrapes = int(errors.split()[1])

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT_S)

    def request(self, path, method="GET", headers=None, context=None):
        """Status, headers and body."""
        kind = http.client.HTTPSConnection if context else http.client.HTTPConnection
        more = {"context": context} if context else {}
        connection = kind("127.0.0.1", self.port, timeout=TIMEOUT_S, **more)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def status(self, path, **arguments):
        return self.request(path, **arguments)[0]

    def resident_bytes(self):
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")


def start_error(password=None, **arguments):
    """What the server says that does not start."""
    done = subprocess.run(
        [SERVE, *options(arguments)],
        env=environment(password),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    assert done.returncode == 1, done
    assert not done.stderr, done.stderr
    return done.stdout.strip()


def read_all(client):
    """Until the server closes; an abrupt end counts as one, too."""
    received = b""
    try:
        while part := client.recv(65536):
            received += part
    except ConnectionError:
        pass
    return received


def get(path="/healthz", *headers):
    lines = [f"GET {path} HTTP/1.1", "Host: x", *headers, "", ""]
    return "\r\n".join(lines).encode()
