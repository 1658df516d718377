# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Below the JSON: HTTP that is none, redirects, certificates, tokens, refusals."""

import base64
import ssl

import pytest

from certificates import Authority, server_context
from fake_cluster import FakeCluster, failure, hang, make_pod, pod_list
from misbehaving_server import Server, closed_port, response
from pods_command import SECRET, Follow, run_once
from retries import assert_patient

GOOD = make_pod("good")
HTML = response(200, ["Content-Type: text/html"], b"<html><body>Log in</body></html>")


def drip_list(connection):
    connection.drip(pod_list(GOOD), 0.001)


def headers_without_end(connection):
    connection.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.send(b"X-More: " + b"x" * 1000 + b"\r\n")


def a_header_without_end(connection):
    connection.send(b"HTTP/1.1 200 OK\r\nX-More: ")
    while True:
        connection.send(b"x" * 4096)


def many_answers(connection):
    """Interim ones, for ever."""
    while True:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


FAULTS = {
    "reset at once": lambda c: c.reset(),
    "closed at once": lambda c: c.socket.shutdown(2),
    "reset within the head": lambda c: (c.send(b"HTTP/1.1 20"), c.reset()),
    "reset within the body": lambda c: (c.send(pod_list(GOOD)[:-30]), c.reset()),
    "closed within the body": lambda c: (c.send(pod_list(GOOD)[:-30]), c.socket.shutdown(2)),
    "headers without end": headers_without_end,
    "a header without end": a_header_without_end,
    "interim answers without end": many_answers,
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "a status of no meaning": b"HTTP/1.1 999 ?\r\nContent-Length: 0\r\n\r\n",
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}",
    "chunks of no number": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "a web page": HTML,
    "400": failure(400),
    "401": failure(401),
    "403": failure(403, 'pods is forbidden: User "system:node:x" cannot list'),
    "404": failure(404),
    "500": failure(500),
    "503 of a proxy": response(503, ["Content-Type: text/html"], b"<h1>no</h1>" * 100000),
}  # fmt: skip


def follow_of(fake, credentials, **fields):
    return Follow(f"--kubeconfig={credentials.write(fake.server, **fields)}")


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_fault(credentials, fault):
    """It is said at once, in one printable line; tried again with patience; then all is well."""
    with FakeCluster([fault, pod_list(GOOD)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            message = follow.wait_message("API server")
            assert_patient(cluster)
            follow.wait_synced()
    assert message.isprintable() and len(message) < 512
    assert set(follow.pods()) == {"good"}


@pytest.mark.parametrize("status", [401, 403, 500])
def test_status_is_said(credentials, status):
    with FakeCluster([failure(status, "because of this")]) as cluster:
        kubeconfig = credentials.write(cluster.server)
        done = run_once(f"--kubeconfig={kubeconfig}", "--set=kubernetes.pods=api", "--timeout=0.5")
    assert done.returncode == 1 and done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert f"HTTP {status}" in line and "because of this" in line


def test_retry_after(credentials):
    """An hour is too long, a second too short: nothing more comes in the window."""
    with FakeCluster([failure(429, headers=["Retry-After: 3600"])]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_message("429")
            assert_patient(cluster, 0)


def test_slow_bytes(credentials):
    with FakeCluster([drip_list]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
        assert cluster.count("list") == 1
    assert set(follow.pods()) == {"good"}


def test_nobody_there(credentials):
    kubeconfig = credentials.write(f"http://127.0.0.1:{closed_port()}")
    with Follow(f"--kubeconfig={kubeconfig}") as follow:
        follow.wait_message("onnect")


def test_no_answer_can_be_ended(credentials):
    """SIGTERM ends it in the middle of a request, a handshake too."""
    with FakeCluster([hang]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_for(lambda f: cluster.count("list"))
    with Server(hang) as silent:
        kubeconfig = credentials.write(silent.url("").replace("http:", "https:"))
        with Follow(f"--kubeconfig={kubeconfig}") as follow:
            follow.wait_for(lambda f: silent.nr_connections)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect(credentials, authority, server_pair, status):
    """Neither to another host nor to another port, and the token goes nowhere else."""
    tls = server_context(server_pair)
    with FakeCluster([pod_list(make_pod("trap"))], tls=tls) as trap:
        answer = response(status, [f"Location: {trap.url('/api/v1/pods', host='localhost')}"])
        with FakeCluster([answer], tls=server_context(server_pair)) as cluster:
            options = {"cluster": {"certificate-authority": str(authority.file)}}
            with follow_of(cluster, credentials, **options) as follow:
                follow.wait_message("redirect")
                assert_patient(cluster)
            assert cluster.requests[0].headers["authorization"] == f"Bearer {SECRET}"
        assert not trap.nr_connections
    assert not follow.of_type("pod")


def test_plain_http_gets_no_token(credentials):
    with FakeCluster([pod_list(GOOD)]) as cluster:
        with follow_of(cluster, credentials) as follow:
            follow.wait_synced()
        assert not [r for r in cluster.requests if "authorization" in r.headers]


def test_the_token_is_not_repeated(credentials, authority, server_pair):
    """A server that shows in its error what it was shown."""
    answer = failure(401, f"invalid token {SECRET}, said Bearer {SECRET}")
    with FakeCluster([answer], tls=server_context(server_pair)) as cluster:
        options = {"cluster": {"certificate-authority": str(authority.file)}}
        with follow_of(cluster, credentials, **options) as follow:
            follow.wait_message("invalid token")


TRUST = {
    "another authority": {},
    "another name": {"certificate-authority": None, "tls-server-name": "other.example"},
}


@pytest.mark.parametrize("fields", TRUST.values(), ids=TRUST.keys())
def test_wrong_certificate(credentials, authority, server_pair, tmp_path, fields):
    stranger = Authority(tmp_path, "stranger")
    cluster_fields = {"certificate-authority": str(stranger.file), **fields}
    if fields:
        cluster_fields["certificate-authority"] = str(authority.file)
    with FakeCluster([pod_list(GOOD)], tls=server_context(server_pair)) as cluster:
        with follow_of(cluster, credentials, cluster=cluster_fields) as follow:
            follow.wait_message("certificate")
            assert_patient(cluster)
        assert not cluster.requests
    assert not follow.of_type("pod")


def test_expired_certificate(credentials, authority):
    pair = authority.issue("expired", days=-1)
    with FakeCluster([pod_list(GOOD)], tls=server_context(pair)) as cluster:
        options = {"cluster": {"certificate-authority": str(authority.file)}}
        with follow_of(cluster, credentials, **options) as follow:
            follow.wait_message("certificate")
        assert not cluster.requests


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls(credentials, authority, server_pair):
    context = server_context(server_pair)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with FakeCluster([pod_list(GOOD)], tls=context) as cluster:
        options = {"cluster": {"certificate-authority": str(authority.file)}}
        with follow_of(cluster, credentials, **options) as follow:
            follow.wait_message("API server")
        assert not cluster.requests


def test_name_of_the_certificate(credentials, authority):
    """Asked for at its address, known by another name, and told its address as host."""
    pair = authority.issue("named", names="DNS:kubernetes.default")
    with FakeCluster([pod_list(GOOD)], tls=server_context(pair)) as cluster:
        options = {"cluster": {"certificate-authority": str(authority.file),
                               "tls-server-name": "kubernetes.default"}}  # fmt: skip
        with follow_of(cluster, credentials, **options) as follow:
            follow.wait_synced()
        assert cluster.requests[0].headers["host"] == f"127.0.0.1:{cluster.port}"
        assert cluster.requests[0].headers["authorization"] == f"Bearer {SECRET}"


def test_not_verified(credentials, server_pair):
    options = {"cluster": {"insecure-skip-tls-verify": True}}
    with FakeCluster([pod_list(GOOD)], tls=server_context(server_pair)) as cluster:
        with follow_of(cluster, credentials, **options) as follow:
            follow.wait_synced()


def inline(path):
    return base64.b64encode(path.read_bytes()).decode()


@pytest.mark.parametrize("as_data", [False, True], ids=["files", "data"])
def test_client_certificate(credentials, authority, server_pair, as_data):
    """Of the API server, and again of a kubelet with the same credentials."""
    pair = authority.issue("client")
    if as_data:
        cluster_fields = {"certificate-authority-data": inline(authority.file)}
        user = {"client-certificate-data": inline(pair.certificate),
                "client-key-data": inline(pair.key)}  # fmt: skip
    else:
        cluster_fields = {"certificate-authority": str(authority.file)}
        user = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
    context = server_context(server_pair, client_authority=authority)
    with FakeCluster([pod_list(GOOD)], tls=context) as cluster:
        kubeconfig = credentials.write(cluster.server, cluster=cluster_fields, user=user)
        with Follow(f"--kubeconfig={kubeconfig}") as follow:
            follow.wait_synced()
        with Follow(f"--kubeconfig={kubeconfig}", f"--kubelet={cluster.server}") as follow:
            follow.wait_synced()
        assert {r.path.split("?")[0] for r in cluster.requests} == {"/api/v1/pods", "/pods"}


class Guarded(FakeCluster):
    """Refuses requests without the token that counts now."""

    token = "first.token"

    def serve_requests(self, connection):
        while True:
            request = connection.read_request()
            if request.headers.get("authorization") == f"Bearer {self.token}":
                self.turns[self.kind(request)](connection)
            else:
                connection.send(failure(401, "Unauthorized"))


def test_rotated_token(credentials, authority, server_pair, tmp_path):
    """The file is read for each request: a new token is taken without a start."""
    file = tmp_path / "token"
    file.write_text("expired.token\n")
    options = {"cluster": {"certificate-authority": str(authority.file)},
               "user": {"tokenFile": "token"}}  # fmt: skip
    with Guarded([pod_list(GOOD)], tls=server_context(server_pair)) as cluster:
        with follow_of(cluster, credentials, **options) as follow:
            assert "expired.token" not in follow.wait_message("401")
            file.write_text("first.token\n")
            follow.wait_synced()
        seen = [r.headers["authorization"] for r in cluster.requests]
    assert seen[0] == "Bearer expired.token" and seen[-1] == "Bearer first.token"
    assert not [line for line in follow.lines if "first.token" in line]


@pytest.mark.parametrize("content", [b"", b"a" * 20000, b"a\r\nX-Evil: 1", b"a\0b"],
                         ids=["empty", "20 KB", "two lines", "a NUL"])  # fmt: skip
def test_token_that_is_none(credentials, authority, server_pair, tmp_path, content):
    (tmp_path / "token").write_bytes(content)
    options = {"cluster": {"certificate-authority": str(authority.file)},
               "user": {"tokenFile": "token"}}  # fmt: skip
    with FakeCluster([pod_list(GOOD)], tls=server_context(server_pair)) as cluster:
        with follow_of(cluster, credentials, **options) as follow:
            follow.wait_message("token")
            assert_patient(cluster)
        assert not cluster.requests


KUBELETS = {
    "a web page": HTML,
    "nothing": response(200),
    "metrics": response(200, [], b"# HELP x\nx 1\n" * 1000),
    "401": failure(401, "Unauthorized"),
    "403": response(403, [], b"Forbidden (user=system:anonymous, verb=get, resource=nodes)"),
    "half a list": lambda c: (c.send(pod_list(GOOD)[:-30]), c.reset()),
    "no answer that is one": b"\x15\x03\x01\x00\x02\x02",
}


@pytest.mark.parametrize("garbage", KUBELETS.values(), ids=KUBELETS.keys())
def test_kubelet_garbage(garbage):
    """What was known before it went bad stays known."""
    with FakeCluster([pod_list(GOOD), garbage]) as kubelet:
        with Follow(f"--kubelet={kubelet.server}",
                    "--set=kubernetes.kubelet.interval_ms=1000") as follow:  # fmt: skip
            follow.wait_synced()
            message = follow.wait_message("kubelet")
            assert_patient(kubelet)
    assert message.isprintable() and set(follow.pods()) == {"good"}
    assert not follow.of_type("deleted")
