# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What makes pods, as the API wants it written; of Redis, Node and Sanic too."""

from pods import container, spec

HELLO = ("require('http').createServer((request, answer) => answer.end('hello'))"
         ".listen(8000)")  # fmt: skip


def workload(kind, name, *containers, api="apps/v1", restart=None, **fields):
    policy = {"restartPolicy": restart} if restart else {}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec(*containers, **policy)}
    made = {"apiVersion": api, "kind": kind, "metadata": {"name": name, "namespace": "default"},
            "spec": {"template": template, **fields}}  # fmt: skip
    if api == "apps/v1":
        made["spec"]["selector"] = {"matchLabels": {"app": name}}
    return made


def deployment(name, *containers, replicas=1):
    return workload("Deployment", name, *containers, replicas=replicas)


def statefulset(name, *containers, replicas=1):
    return workload("StatefulSet", name, *containers, replicas=replicas, serviceName=name)


def daemonset(name, *containers):
    return workload("DaemonSet", name, *containers)


def job(name, *containers, **fields):
    return workload("Job", name, *containers, api="batch/v1", restart="Never", **fields)


def cronjob(name, *containers):
    return {
        "apiVersion": "batch/v1", "kind": "CronJob",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"schedule": "* * * * *", "concurrencyPolicy": "Forbid",
                 "jobTemplate": {"spec": job(name, *containers)["spec"]}},
    }  # fmt: skip


def server(name, container_image, port, *arguments):
    probe = {"tcpSocket": {"port": port}, "periodSeconds": 1}
    return deployment(name, container(
        name, arguments, f"loopscope.test/{container_image}:1", readinessProbe=probe))  # fmt: skip


def servers():
    return [
        server("redis", "redis-server", 6379),
        server("node", "node", 8000, "-e", HELLO),
        server("sanic", "sanic", 8000),
    ]
