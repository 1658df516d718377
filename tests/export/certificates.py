# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Certificates for tests, made by openssl, and the servers' TLS contexts."""

import ssl
import subprocess

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
LOCAL = "IP:127.0.0.1,DNS:localhost"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Pair:
    """A certificate and its key."""

    def __init__(self, directory, name):
        self.certificate = directory / f"{name}.pem"
        self.key = directory / f"{name}.key"


class Authority:
    def __init__(self, directory, name):
        self.directory = directory
        self.name = name
        self.pair = Pair(directory, name)
        self.file = self.pair.certificate
        openssl("req", "-x509", *NEW_KEY, "-keyout", self.pair.key, "-out", self.file,
                "-days", 2, "-subj", f"/CN={name}")  # fmt: skip

    def issue(self, name, names=LOCAL, days=2, subject=None):
        """With negative `days`: one that has expired. `subject`: if not just the name."""
        pair = Pair(self.directory, f"{self.name}-{name}")
        request = self.directory / f"{name}.csr"
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\n")
        openssl("req", *NEW_KEY, "-keyout", pair.key, "-out", request,
                "-subj", subject or f"/CN={name}")  # fmt: skip
        openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.pair.key,
                "-days", days, "-extfile", extensions, "-out", pair.certificate)  # fmt: skip
        return pair


def server_context(pair, client_authority=None, protocols=(), newest=None):
    """client_authority: whose certificates clients must show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    if newest:
        context.maximum_version = newest
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if client_authority:
        context.load_verify_locations(client_authority.file)
        context.verify_mode = ssl.CERT_REQUIRED
    return context
