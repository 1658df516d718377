# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A real cluster of one node: etcd, API server, controller manager, scheduler, kube-proxy.

    with Node(directory) as node, Cluster(node) as cluster:
        cluster.apply(deployment)
        cluster.await_pods("app=web", 3)
"""

import contextlib
import json
import subprocess

from built_parts import built_part
from certificates import openssl
from machine import await_slowly
from node import ADDRESS, NAME, POD_NETWORK

API = f"https://{ADDRESS}:6443"
ETCD = "http://127.0.0.1:2379"
SERVICES = "10.97.0.0/24"
SERVICE_ADDRESS = "10.97.0.1"
ISSUER = "https://kubernetes.default.svc"
API_NAMES = f"IP:{ADDRESS},IP:{SERVICE_ADDRESS},DNS:kubernetes.default.svc"
# user, and the subject that its certificate has
USERS = {
    "admin": "/O=system:masters/CN=admin",
    "controllers": "/CN=system:kube-controller-manager",
    "scheduler": "/CN=system:kube-scheduler",
    "proxy": "/CN=system:kube-proxy",
    "kubelet": f"/O=system:nodes/CN=system:node:{NAME}",
}
# who asked for pods, and with which token: what tests about watches and tokens look at
AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "rules": [
        {"level": "Metadata", "resources": [{"group": "", "resources": ["pods"]}],
         "verbs": ["list", "watch"]},
        {"level": "None"},
    ],
}  # fmt: skip


def kubeconfig(ca_file, **user):
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "test",
                      "cluster": {"server": API, "certificate-authority": str(ca_file)}}],
        "users": [{"name": "user", "user": {key: str(value) for key, value in user.items()}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "user"}}],
        "current-context": "test",
    }  # fmt: skip


class KubectlError(Exception):
    """What it says is its message."""


class Cluster:
    def __init__(self, node):
        self.node = node
        self.directory = node.directory
        self.audit_log = self.directory / "audit.log"
        self.api_options = []

    def __enter__(self):
        self.make_credentials()
        self.start_etcd()
        self.start_api()
        self.start_proxy()
        self.node.start_kubelet(self.kubeconfigs["kubelet"])
        self.await_ready()
        return self

    def __exit__(self, *_):
        pass  # it ends with the node

    def program(self, name):
        return built_part("control-plane", name)

    def make_credentials(self):
        authority = self.node.authority
        self.serving = authority.issue("api", API_NAMES)
        self.kubeconfigs = {}
        for user, subject in USERS.items():
            pair = authority.issue(f"user-{user}", subject=subject)
            path = self.directory / f"{user}.kubeconfig"
            path.write_text(json.dumps(kubeconfig(authority.file, **{
                "client-certificate": pair.certificate, "client-key": pair.key})))
            self.kubeconfigs[user] = path
            if user == "admin":
                self.admin = pair
        self.signing_key = self.directory / "pki/service-accounts.key"
        self.signing_public = self.directory / "pki/service-accounts.pub"
        openssl("genrsa", "-out", self.signing_key, "2048")
        openssl("rsa", "-in", self.signing_key, "-pubout", "-out", self.signing_public)
        (self.directory / "audit-policy.json").write_text(json.dumps(AUDIT))

    def start_etcd(self):
        self.etcd = self.node.daemon(
            "etcd", built_part("etcd", "etcd"), "--data-dir", self.directory / "etcd",
            "--listen-client-urls", ETCD, "--advertise-client-urls", ETCD,
            "--listen-peer-urls", "http://127.0.0.1:2380", "--unsafe-no-fsync",
            "--logger=zap", "--log-level=warn")  # fmt: skip

    def start_api(self, *options):
        """Returns when it answers. Options are for this start."""
        self.api = self.node.daemon(
            "kube-apiserver", self.program("kube-apiserver"),
            f"--etcd-servers={ETCD}",
            f"--bind-address={ADDRESS}", f"--advertise-address={ADDRESS}", "--secure-port=6443",
            f"--service-cluster-ip-range={SERVICES}",
            f"--client-ca-file={self.node.authority.file}",
            f"--tls-cert-file={self.serving.certificate}",
            f"--tls-private-key-file={self.serving.key}",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            f"--service-account-issuer={ISSUER}",
            f"--service-account-signing-key-file={self.signing_key}",
            f"--service-account-key-file={self.signing_public}",
            f"--kubelet-client-certificate={self.admin.certificate}",
            f"--kubelet-client-key={self.admin.key}",
            f"--kubelet-certificate-authority={self.node.authority.file}",
            "--kubelet-preferred-address-types=InternalIP",
            "--allow-privileged=true",
            f"--audit-policy-file={self.directory / 'audit-policy.json'}",
            f"--audit-log-path={self.audit_log}",
            *options)  # fmt: skip
        await_slowly(self.api_ready, "the API server does not answer")
        self.start_controllers()

    def stop_api(self):
        """And those that end without one where there are several: they start again with it."""
        for daemon in (self.api, *self.controllers):
            daemon.stop()
            self.node.daemons.remove(daemon)

    def api_ready(self):
        self.api.check()
        with contextlib.suppress(KubectlError):
            return self.kubectl("get", "--raw", "/readyz") == "ok"

    def start_controller(self, name, user, *options):
        own = self.kubeconfigs[user]
        return self.node.daemon(
            name, self.program(name), f"--kubeconfig={own}",
            f"--authentication-kubeconfig={own}", f"--authorization-kubeconfig={own}",
            "--leader-elect=false", "--bind-address=127.0.0.1", *options)  # fmt: skip

    def start_controllers(self):
        self.controllers = [
            self.start_controller(
                "kube-controller-manager", "controllers",
                f"--service-account-private-key-file={self.signing_key}",
                f"--root-ca-file={self.node.authority.file}",
                "--use-service-account-credentials"),
            self.start_controller("kube-scheduler", "scheduler"),
        ]  # fmt: skip

    def start_proxy(self):
        self.node.daemon(
            "kube-proxy", self.program("kube-proxy"), f"--kubeconfig={self.kubeconfigs['proxy']}",
            f"--hostname-override={NAME}", "--proxy-mode=iptables",
            f"--cluster-cidr={POD_NETWORK}",
            # these would be the machine's, not the node's
            "--conntrack-max-per-core=0", "--conntrack-tcp-timeout-established=0",
            "--conntrack-tcp-timeout-close-wait=0")  # fmt: skip

    def await_ready(self):
        def ready():
            self.node.check()
            nodes = self.get("nodes")
            # without its service account no pod is taken
            return (nodes and condition(nodes[0], "Ready")
                    and self.get("serviceaccounts", namespace="default"))

        await_slowly(ready, "the node does not become Ready")

    def kubectl(self, *arguments, document=None):
        command = [self.program("kubectl"), f"--kubeconfig={self.kubeconfigs['admin']}", *arguments]
        result = subprocess.run(
            list(map(str, command)), check=False, capture_output=True, text=True,
            input=json.dumps(document) if document else None)  # fmt: skip
        if result.returncode:
            raise KubectlError(f"kubectl {' '.join(map(str, arguments))}: {result.stderr}")
        return result.stdout

    def apply(self, *documents):
        items = {"apiVersion": "v1", "kind": "List", "items": list(documents)}
        self.kubectl("apply", "-f", "-", document=items)

    def get(self, resource, selector=None, namespace=None):
        where = ["--namespace", namespace] if namespace else ["--all-namespaces"]
        labels = ["--selector", selector] if selector else []
        return json.loads(self.kubectl("get", resource, *where, *labels, "-o", "json"))["items"]

    def await_pods(self, selector, nr, namespace="default"):
        """So many pods of the selector, all Ready, and none besides."""
        seen = []

        def ready():
            seen[:] = self.get("pods", selector, namespace)
            return len(seen) == nr and all(condition(pod, "Ready") for pod in seen)

        await_slowly(ready, lambda: f"{nr} pods of {selector}, Ready: {summary(seen)}", step_s=0.5)
        return seen

    def etcdctl(self, *arguments):
        return self.node.run(built_part("etcd", "etcdctl"), "--endpoints", ETCD, *arguments,
                             env={"ETCDCTL_API": "3", "PATH": "/usr/sbin:/usr/bin"})  # fmt: skip

    def forget_history(self):
        """What was before now is not to be watched any more, and now is later than it was."""
        for number in range(3):
            self.etcdctl("put", "/test/history", number)
        [status] = json.loads(self.etcdctl("endpoint", "status", "--write-out=json"))
        self.etcdctl("compact", status["Status"]["header"]["revision"])

    def audited(self, user):
        """Requests of a user that the API server has answered or begun to."""
        if not self.audit_log.exists():
            return []
        lines = self.audit_log.read_text().split("\n")[:-1]
        events = map(json.loads, lines)
        return [event for event in events if event["user"]["username"] == user]


def condition(item, kind):
    conditions = item.get("status", {}).get("conditions", [])
    return any(one["type"] == kind and one["status"] == "True" for one in conditions)


def summary(items):
    return [(item["metadata"]["name"], item.get("status", {}).get("phase")) for item in items]
