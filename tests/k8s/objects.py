# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The truth about pods as the API has it: who owns each, all the way up; what was deleted too."""

import json
import ssl
import threading
import time
import urllib.request

from cluster import API

RESOURCES = {
    "Pod": "/api/v1/pods",
    "ReplicaSet": "/apis/apps/v1/replicasets",
    "Job": "/apis/batch/v1/jobs",
}
OWNERS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob")
RETRY_S = 0.2


class Objects:
    """A context: lists and watches, a thread a resource, whatever becomes of the API server."""

    def __init__(self, cluster):
        self.context = ssl.create_default_context(cafile=cluster.node.authority.file)
        self.context.load_cert_chain(cluster.admin.certificate, cluster.admin.key)
        self.by_uid = {}
        self.told_s = {}  # when the id of a container was first there
        self.end = threading.Event()

    def __enter__(self):
        for path in RESOURCES.values():
            threading.Thread(target=self.follow, args=(path,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.end.set()  # a thread ends with the API server, or with this program

    def follow(self, path):
        while not self.end.wait(RETRY_S):
            try:
                self.list_and_watch(path)
            except (OSError, ValueError, ssl.SSLError):
                continue

    def open(self, path):
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self.context))
        return opener.open(API + path)  # no timeout: watches are silent for long

    def list_and_watch(self, path):
        with self.open(path) as answer:
            known = json.load(answer)
        for item in known["items"]:
            self.take(item)
        version = known["metadata"]["resourceVersion"]
        with self.open(f"{path}?watch=1&resourceVersion={version}") as answer:
            for line in answer:
                event = json.loads(line)
                if event["type"] == "ERROR" or self.end.is_set():
                    return
                self.take(event["object"])

    def take(self, item):
        self.by_uid[item["metadata"]["uid"]] = item
        for status in item.get("status", {}).get("containerStatuses", []):
            _, _, container_id = status.get("containerID", "").partition("://")
            self.told_s.setdefault(container_id, time.monotonic())

    def pod_of(self, uid):
        """Of the uid that its cgroups have, which for static pods is another; None: not known."""
        if uid in self.by_uid:
            return self.by_uid[uid]
        for item in list(self.by_uid.values()):
            annotations = item["metadata"].get("annotations", {})
            if annotations.get("kubernetes.io/config.mirror") == uid:
                return item
        return None

    def owners(self, item):
        """(kind, name) of each, as OpenTelemetry has kinds."""
        found = []
        while item:
            references = item["metadata"].get("ownerReferences", [])
            owner = next((one for one in references if one.get("controller")), None)
            if owner and owner["kind"] in OWNERS:
                found.append((owner["kind"].lower(), owner["name"]))
            item = self.by_uid.get(owner["uid"]) if owner else None
        return found

    def known(self, container):
        """What labels.expected wants to know beside the container."""
        pod = self.pod_of(container.uid)
        assert pod, f"the API has never had the pod of {container}"
        label = pod["metadata"].get("labels", {}).get("app")
        return {
            "owners": self.owners(pod),
            "uid": pod["metadata"]["uid"],
            "labels": {"app": label} if label else {},
        }
