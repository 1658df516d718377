# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An API server (or kubelet) of scripted answers: to lists in turn, and to watches in turn."""

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

from misbehaving_server import Server, response

NODE = "node-1"

def uid_of(name):
    return hashlib.md5(name.encode()).hexdigest()


def container_id(digit):
    return digit * 64


def make_pod(name, uid=None, *, namespace="shop", containers=("app",), **changes):
    """As an API server writes it; `changes` are to metadata."""
    metadata = {"name": name, "namespace": namespace, "uid": uid or uid_of(name),
                "resourceVersion": "7", **changes}  # fmt: skip
    return {
        "metadata": metadata,
        "spec": {
            "nodeName": NODE,
            "containers": [{"name": c, "image": f"registry/{c}:1"} for c in containers],
        },
        "status": {
            "phase": "Running",
            "containerStatuses": [
                {"name": c, "containerID": f"containerd://{container_id('a')}",
                 "restartCount": 3, "image": f"registry/{c}:1",
                 "lastState": {"terminated": {"containerID": f"containerd://{container_id('b')}"}}}
                for c in containers
            ],
        },
    }  # fmt: skip


def list_text(*items, version="10", more=""):
    """`items`: pods, or texts of what is to stand in the place of one."""
    metadata = json.dumps({"resourceVersion": version, "continue": more})
    texts = [item if isinstance(item, str) else json.dumps(item) for item in items]
    return (f'{{"kind":"PodList","apiVersion":"v1","metadata":{metadata},'
            f'"items":[{",".join(texts)}]}}')  # fmt: skip


def json_response(text, status=200, headers=()):
    body = text if isinstance(text, bytes) else text.encode()
    return response(status, ["Content-Type: application/json", *headers], body)


def pod_list(*items, **options):
    return json_response(list_text(*items, **options))


def status_text(code, message):
    return json.dumps({"kind": "Status", "status": "Failure", "code": code, "message": message})


def failure(code, message="no", headers=()):
    return json_response(status_text(code, message), code, headers)


def event(kind, item):
    """Of a pod: one that is newer than all that was told before."""
    if isinstance(item, dict) and "uid" in item.get("metadata", {}):
        item = {**item, "metadata": {**item["metadata"], "resourceVersion": "1000000"}}
    return json.dumps({"type": kind, "object": item}) + "\n"


def bookmark(version):
    return event("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": version}})


WATCH_HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
              b"Transfer-Encoding: chunked\r\n\r\n")  # fmt: skip
LAST_CHUNK = b"0\r\n\r\n"


def chunk(data):
    data = data if isinstance(data, bytes) else data.encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def hang(connection):
    """Says nothing until the client goes, or the test ends."""
    connection.hang()


def silent_watch(connection):
    connection.send(WATCH_HEAD)
    connection.hang()


def watch(*events, then=hang):
    """A watch of these events; then `then(connection)`, None: a proper end."""

    def answer(connection):
        connection.send(WATCH_HEAD)
        for one in events:
            connection.send(chunk(one))
        if then:
            then(connection)
        else:
            connection.send(LAST_CHUNK)

    return answer


class Turns:
    """The answers in turn, bytes or callables of the connection; the last one for ever."""

    def __init__(self, answers):
        self.answers = list(answers)

    def __call__(self, connection):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer(connection)
        else:
            connection.send(answer)


class FakeCluster(Server):
    """`lists` answer lists, those of a kubelet too; `watches` answer watches."""

    def __init__(self, lists, watches=(silent_watch,), tls=None):
        super().__init__(self.serve_requests, tls)
        self.turns = {"list": Turns(lists), "watch": Turns(watches)}

    @property
    def server(self):
        return self.url("")

    def kind(self, request):
        return "watch" if "watch" in self.query(request) else "list"

    def serve_requests(self, connection):
        while True:
            request = connection.read_request()
            self.turns[self.kind(request)](connection)

    @staticmethod
    def query(request):
        return {k: v[0] for k, v in parse_qs(urlsplit(request.path).query).items()}

    def queries(self, kind):
        return [self.query(r) for r in self.requests if self.kind(r) == kind]

    def count(self, kind):
        return len(self.queries(kind))
