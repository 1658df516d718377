#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes the guest a node with loops of every kind, has them watched by the agent as a
# service and then as a pod, and sends what it exported, and what is true. The tests
# judge. The project, and what is needed of others', is below /payload.

MANIFESTS=/etc/kubernetes/manifests
LOOP=/usr/local/bin/pod_loop
EXPORTS=/var/lib/loopscope/export.jsonl # of both: in its pod, that is another directory
POD_EXPORTS=/var/lib/agent-pod/export.jsonl
CRI=/var/lib/containerd/io.containerd.grpc.v1.cri
TRUTH=/var/lib/truth
PATIENCE_S=900

# shellcheck disable=SC1091 # not there but in the guest
. /payload/step.sh

# await_true COMMAND...: until it succeeds
await_true() {
	for _ in $(seq "$PATIENCE_S"); do
		"$@" >/dev/null 2>&1 && return
		sleep 1
	done
	echo "in vain: $*" >&2
	"$@" >&2
}

facts() {
	uname -r
	stat --file-system --format %T /sys/fs/cgroup
}

install_payload() {
	cp -r /payload/etc /payload/usr / && systemctl daemon-reload || return
	mkdir -p "$MANIFESTS" "$TRUTH"
	# what a kubelet takes for the node's own address
	ip link add eth0 type dummy && ip address add 10.99.0.1/24 dev eth0 || return
	ip link set eth0 up && ip route add default dev eth0
}

ctr_k8s() {
	ctr --namespace k8s.io "$@"
}

runtime() {
	systemctl restart containerd && await_true ctr version || return
	for archive in /payload/images/*.tar; do
		ctr_k8s images import "$archive" || return
	done
}

# for good: what containerd says of each container, pods' own included, and its log, of
# which both are soon removed when the container has ended
take_truth() {
	while sleep 2; do
		for directory in "$CRI"/containers/* "$CRI"/sandboxes/*; do
			id=${directory##*/}
			[ ! -e "$TRUTH/$id.json" ] || continue
			if ctr_k8s containers info "$id" >/tmp/info; then
				mv /tmp/info "$TRUTH/$id.json"
			fi
		done
		(cd /var/log/pods && cp --parents --link --no-clobber ./*/*/*.log "$TRUTH")
	done >/dev/null 2>&1
}

# loops outside of pods: of a service, of a user, of a plain container
others() {
	systemd-run --quiet --unit=plain "$LOOP" 0 100 || return
	useradd --create-home --uid 1000 looper && loginctl enable-linger looper || return
	await_true test -S /run/user/1000/systemd/private || return
	XDG_RUNTIME_DIR=/run/user/1000 setsid runuser --user looper -- \
		systemd-run --user --scope --unit=own "$LOOP" 0 100 &
	podman load --quiet --input /payload/images/loopscope-test-loop-1.tar || return
	podman run --detach --network=host loopscope.test/loop:1 0 100
}

kubelet_start() {
	systemd-run --quiet --unit=kubelet --collect /payload/kubelet \
		--config=/etc/kubernetes/kubelet.yaml --hostname-override=node1 --node-ip=10.99.0.1
}

# every container of these pods has been started, one of them again
all_began() { # namespace
	[ "$(find "$TRUTH" -path "$TRUTH/$1_*" -name 0.log | wc -l)" -eq \
		"$(cat "/payload/nr-$1")" ] &&
		find "$TRUTH" -path "$TRUTH/$1_*" -name 1.log | grep -q .
}

# the kubelet can tell of as many
all_told() {
	curl --silent http://127.0.0.1:10255/pods >/tmp/pods
	for file in "$TRUTH"/*.json; do
		id=${file##*/}
		[ ! -d "$CRI/containers/${id%.json}" ] || grep -q "${id%.json}" /tmp/pods || return
	done
}

# as a whole: the kubelet would read half of it
add_manifest() {
	cp "$1" /etc/kubernetes/new && mv /etc/kubernetes/new "$MANIFESTS/$(basename "$1")"
}

began() { # namespace, pod
	find "$TRUTH" -path "$TRUTH/$1_$2-node1_*.log" | grep -q .
}

pods_run() { # namespace
	systemctl is-active --quiet kubelet || kubelet_start || return
	# one by one: all at once take longer than the kubelet waits for any of them
	for manifest in "/payload/manifests/$1"/*.json; do
		pod=$(basename "$manifest" .json)
		add_manifest "$manifest"
		await_true began "$1" "$pod" || return
		echo "$(cut -d " " -f 1 /proc/uptime) $pod"
	done
	await_true all_began "$1"
	result=$?
	await_true all_told
	cp /tmp/pods pods.json
	grep -H . /proc/[0-9]*/cgroup >cgroups
	podman ps --no-trunc --format '{{.ID}} {{.Pid}}' >podman.txt
	return "$result"
}

pod_loops() {
	for pid in $(ctr_k8s tasks ls | awk '$3 == "RUNNING" { print $2 }'); do
		grep -qx pod_loop "/proc/$pid/comm" && echo "$pid"
	done
}

no_pod_loops() {
	[ -z "$(pod_loops)" ]
}

# ends those in pods, the kubelet first, which would start them again
loops_end() {
	systemctl stop kubelet
	rm "$MANIFESTS"/*
	pod_loops | xargs kill
	await_true no_pod_loops
}

service_end() {
	systemctl stop loopscope-agent
	systemctl show --property=Result loopscope-agent
	gzip -1 <"$EXPORTS" >exports.gz
}

# in a pod with a cgroup namespace of its own, where every path in /proc is relative
agent_pod() {
	add_manifest /payload/agent-pod.json && kubelet_start || return
	await_true test -s "$POD_EXPORTS" || return
	agent=$(pgrep -x loopscope-agent) || return
	readlink "/proc/$agent/ns/cgroup" /proc/1/ns/cgroup
	grep ^Cap /proc/1/status "/proc/$agent/status"
}

agent_pod_end() {
	pkill -x loopscope-agent
	while pgrep -x loopscope-agent; do
		sleep 1
	done
	gzip -1 <"$POD_EXPORTS" >exports.gz
}

journal() { # unit
	journalctl --no-pager --unit="$1"
}

mkdir /results
stty -F "$RESULTS_PORT" raw

step facts facts
step install install_payload
step runtime runtime
take_truth &
step check loopscope check
step service_start systemctl start loopscope-agent
step others others
step service_pods pods_run service
step service_loops_end loops_end
step service_end service_end
step agent_pod agent_pod
step pod_pods pods_run pod
step pod_loops_end loops_end
step pod_end agent_pod_end
step truth cp -r "$TRUTH" .
step agent_log journal loopscope-agent
step kubelet_log journal kubelet
step containerd_log journal containerd
step kernel_log dmesg
step end true
systemctl poweroff --force --force
