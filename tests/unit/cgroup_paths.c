/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table: each row is preceded by what makes it. "run" is one that was seen on a machine, with
 * these ids for its own; others are as source or documentation of the runtime has them.
 */
#include "cgroup_paths.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define INNER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "b7c3a1f2-5a4e-4a53-9d8e-1e2f3a4b5c6d"
#define UID_ "b7c3a1f2_5a4e_4a53_9d8e_1e2f3a4b5c6d"
#define UID2 "a2b4c6d8-0135-4791-8ace-02468acebdf1"
#define UID2_ "a2b4c6d8_0135_4791_8ace_02468acebdf1"
#define HASH "5ae1e2a6c9c64a5e8d6c2f64c0a9b7d1"

#define PODS "/kubepods.slice"
#define BURSTABLE_SLICE PODS "/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"
#define BEST_EFFORT_SLICE PODS "/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice"
#define GUARANTEED_SLICE PODS "/kubepods-pod" UID_ ".slice"
#define KIND_SLICE                                                                \
	"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/" \
	"kubelet-kubepods-burstable-pod" UID2_ ".slice"
#define USER "/user.slice/user-1000.slice/user@1000.service"

#define IN_POD(id, uid, qos, runtime) {id, uid, POD_QOS_##qos, CONTAINER_RUNTIME_##runtime}
#define POD_OWN(uid, qos) IN_POD("", uid, qos, UNKNOWN)
#define PLAIN(id, runtime) IN_POD(id, "", UNKNOWN, runtime)

const struct cgroup_path cgroup_paths[] = {
	/*
	 * Kubernetes, cgroupfs driver
	 */
	/* containerd 1.6 with kubelet 1.34, every class: run, cgroup v1, and 0:: of hybrid */
	{"/kubepods/besteffort/pod" UID "/" ID, "", {IN_POD(ID, UID, BEST_EFFORT, UNKNOWN)}},
	{"/kubepods/burstable/pod" UID "/" ID, "", {IN_POD(ID, UID, BURSTABLE, UNKNOWN)}},
	{"/kubepods/pod" UID "/" ID, "", {IN_POD(ID, UID, GUARANTEED, UNKNOWN)}},
	/* a static pod, whose uid is the hash of its file: run */
	{"/kubepods/burstable/pod" HASH "/" ID, "", {IN_POD(ID, HASH, BURSTABLE, UNKNOWN)}},
	/* a process that has made a cgroup within its container */
	{"/kubepods/besteffort/pod" UID "/" ID "/worker",
	 "",
	 {IN_POD(ID, UID, BEST_EFFORT, UNKNOWN)}},
	/* a pod's own cgroup; gVisor's sandbox was there, and now is in its pause container's */
	{"/kubepods/burstable/pod" UID, "", {POD_OWN(UID, BURSTABLE)}},
	/* CRI-O 1.x, cgroup_manager = "cgroupfs"; its conmon, conmon_cgroup = "pod" */
	{"/kubepods/burstable/pod" UID "/crio-" ID, "", {IN_POD(ID, UID, BURSTABLE, CRIO)}},
	{"/kubepods/burstable/pod" UID "/crio-conmon-" ID, "", {POD_OWN(UID, BURSTABLE)}},
	/* CRI-O with crictl, which names no parent */
	{"/crio/crio-" ID, "", {PLAIN(ID, CRIO)}},
	{"/crio/crio-conmon-" ID, "", {}},
	/* containerd with crictl, which names no parent */
	{"/k8s.io/" ID, "", {PLAIN(ID, CONTAINERD)}},
	/* kubelet --cgroup-root=/tenants/a */
	{"/tenants/a/kubepods/burstable/pod" UID "/" ID, "", {IN_POD(ID, UID, BURSTABLE, UNKNOWN)}},
	/* Kata 2 and 3: the sandbox's virtual machine; its rest, sandbox_cgroup_only = false */
	{"/kubepods/burstable/pod" UID "/kata_" ID, "", {POD_OWN(UID, BURSTABLE)}},
	{"/kata_overhead/" ID, "", {}},

	/*
	 * Kubernetes, systemd driver
	 */
	/* containerd, SystemdCgroup = true, every class: run, cgroup v2 */
	{BEST_EFFORT_SLICE "/cri-containerd-" ID ".scope",
	 "",
	 {IN_POD(ID, UID, BEST_EFFORT, CONTAINERD)}},
	{BURSTABLE_SLICE "/cri-containerd-" ID ".scope",
	 "",
	 {IN_POD(ID, UID, BURSTABLE, CONTAINERD)}},
	{GUARANTEED_SLICE "/cri-containerd-" ID ".scope",
	 "",
	 {IN_POD(ID, UID, GUARANTEED, CONTAINERD)}},
	/* a static pod */
	{PODS "/kubepods-burstable.slice/kubepods-burstable-pod" HASH ".slice/cri-containerd-" ID
	      ".scope",
	 "",
	 {IN_POD(ID, HASH, BURSTABLE, CONTAINERD)}},
	/* CRI-O, OpenShift; with crun on cgroup v2; exec_cgroup; conmon in the pod */
	{BURSTABLE_SLICE "/crio-" ID ".scope", "", {IN_POD(ID, UID, BURSTABLE, CRIO)}},
	{BURSTABLE_SLICE "/crio-" ID ".scope/container", "", {IN_POD(ID, UID, BURSTABLE, CRIO)}},
	{BURSTABLE_SLICE "/crio-conmon-" ID ".scope", "", {POD_OWN(UID, BURSTABLE)}},
	/* CRI-O's conmon by default; CRI-O with crictl */
	{"/system.slice/crio-conmon-" ID ".scope", "", {}},
	{"/system.slice/crio-" ID ".scope", "", {PLAIN(ID, CRIO)}},
	/* the cgroup of CRI-O's infra container, which is made without systemd */
	{BURSTABLE_SLICE "/crio-" ID, "", {IN_POD(ID, UID, BURSTABLE, CRIO)}},
	/* dockershim up to 1.23, cri-dockerd */
	{BURSTABLE_SLICE "/docker-" ID ".scope", "", {IN_POD(ID, UID, BURSTABLE, DOCKER)}},
	/* a runtime without a driver for systemd's, below the kubelet's slice */
	{GUARANTEED_SLICE "/" ID, "", {IN_POD(ID, UID, GUARANTEED, UNKNOWN)}},
	/* a pod's own slice */
	{BURSTABLE_SLICE, "", {POD_OWN(UID, BURSTABLE)}},
	/* the kubelet has systemd make slices, runc is not told: GKE and EKS had such nodes */
	{"/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" ID,
	 "",
	 {IN_POD(ID, UID, BURSTABLE, CONTAINERD)}},
	{"/system.slice/containerd.service/kubepods-burstable-pod" UID_ ".slice",
	 "",
	 {POD_OWN(UID, BURSTABLE)}},
	{"/kubepods-pod" UID_ ".slice:crio:" ID, "", {IN_POD(ID, UID, GUARANTEED, CRIO)}},
	/* a slice's name in which the dashes are escaped as systemd-escape does */
	{"/kubepods.slice/kubepods-podb7c3a1f2\\x2d5a4e\\x2d4a53\\x2d9d8e\\x2d1e2f3a4b5c6d.slice/"
	 "cri-containerd-" ID ".scope",
	 "",
	 {IN_POD(ID, UID, GUARANTEED, CONTAINERD)}},
	/* EKS's Bottlerocket and AL2023: what serves the node has a slice of its own */
	{"/runtime.slice/containerd.service", "containerd.service", {}},
	{"/runtime.slice/kubelet.service", "kubelet.service", {}},
	{"/system.slice/k3s.service", "k3s.service", {}},
	/* Talos has no systemd */
	{"/podruntime/kubelet", "", {}},

	/*
	 * Docker
	 */
	/* cgroupfs driver: run, 20.10 on cgroup v1 */
	{"/docker/" ID, "", {PLAIN(ID, DOCKER)}},
	/* systemd driver, and systemd in the container */
	{"/system.slice/docker-" ID ".scope", "", {PLAIN(ID, DOCKER)}},
	{"/system.slice/docker-" ID ".scope/init.scope", "init.scope", {PLAIN(ID, DOCKER)}},
	{"/docker/" ID "/system.slice/ssh.service", "ssh.service", {PLAIN(ID, DOCKER)}},
	/* --cgroup-parent: run with cgroupfs; with systemd a slice */
	{"/shop/" ID, "", {PLAIN(ID, UNKNOWN)}},
	{"/shop.slice/docker-" ID ".scope", "", {PLAIN(ID, DOCKER)}},
	/* a slice for its parent though the driver is cgroupfs */
	{"/system.slice:docker:" ID, "", {PLAIN(ID, DOCKER)}},
	/* rootless */
	{USER "/user.slice/docker-" ID ".scope", "", {PLAIN(ID, DOCKER)}},
	/* Amazon ECS on EC2; Fargate's ids are no such */
	{"/ecs/34dc0b5e626f2c5c4c5170e34b10e765/" ID, "", {PLAIN(ID, DOCKER)}},
	{"/ecs/34dc0b5e626f2c5c4c5170e34b10e765/34dc0b5e626f2c5c4c5170e34b10e765-123456789",
	 "",
	 {}},
	/* its daemon */
	{"/system.slice/docker.service", "docker.service", {}},

	/*
	 * Podman
	 */
	/* cgroupfs: run, 4.3, alone and in a pod; its monitor */
	{"/libpod_parent/libpod-" ID, "", {PLAIN(ID, PODMAN)}},
	{"/libpod_parent/" INNER "/libpod-" ID, "", {PLAIN(ID, PODMAN)}},
	{"/libpod_parent/conmon", "", {}},
	/* systemd: alone, with crun on cgroup v2, in a pod; monitors */
	{"/machine.slice/libpod-" ID ".scope", "", {PLAIN(ID, PODMAN)}},
	{"/machine.slice/libpod-" ID ".scope/container", "", {PLAIN(ID, PODMAN)}},
	{"/machine.slice/machine-libpod_pod_" INNER ".slice/libpod-" ID ".scope/container",
	 "",
	 {PLAIN(ID, PODMAN)}},
	{"/machine.slice/libpod-conmon-" ID ".scope", "", {}},
	/* rootless */
	{USER "/user.slice/libpod-" ID ".scope/container", "", {PLAIN(ID, PODMAN)}},
	{USER "/user.slice/user-libpod_pod_" INNER ".slice/libpod-" ID ".scope",
	 "",
	 {PLAIN(ID, PODMAN)}},
	/* quadlets and --cgroups=split: within the unit made for it; the monitor beside */
	{"/system.slice/web.service/libpod-payload-" ID, "web.service", {PLAIN(ID, PODMAN)}},
	{USER "/app.slice/web.service/libpod-payload-" ID, "web.service", {PLAIN(ID, PODMAN)}},
	{"/system.slice/web.service/runtime", "web.service", {}},
	/* systemd in a container */
	{"/machine.slice/libpod-" ID ".scope/container/system.slice/nginx.service",
	 "nginx.service",
	 {PLAIN(ID, PODMAN)}},

	/*
	 * containerd without Kubernetes
	 */
	/* nerdctl, cgroupfs; systemd; rootless */
	{"/default/" ID, "", {PLAIN(ID, CONTAINERD)}},
	{"/system.slice/nerdctl-" ID ".scope", "", {PLAIN(ID, CONTAINERD)}},
	{USER "/user.slice/nerdctl-" ID ".scope", "", {PLAIN(ID, CONTAINERD)}},
	/* ctr, whose ids are as one likes: run */
	{"/default/t1", "", {}},
	{"/default/" ID "/workers", "", {PLAIN(ID, CONTAINERD)}},

	/*
	 * One in another
	 */
	/* kind, cgroup v1 and v2; a process of the node itself */
	{"/docker/" ID "/kubelet/kubepods/besteffort/pod" UID "/" INNER,
	 "",
	 {PLAIN(ID, DOCKER), IN_POD(INNER, UID, BEST_EFFORT, UNKNOWN)}},
	{"/docker/" ID KIND_SLICE "/cri-containerd-" INNER ".scope",
	 "",
	 {PLAIN(ID, DOCKER), IN_POD(INNER, UID2, BURSTABLE, CONTAINERD)}},
	{"/system.slice/docker-" ID ".scope" KIND_SLICE "/cri-containerd-" INNER ".scope",
	 "",
	 {PLAIN(ID, DOCKER), IN_POD(INNER, UID2, BURSTABLE, CONTAINERD)}},
	/* a static pod of kind */
	{"/system.slice/docker-" ID ".scope/kubelet.slice/kubelet-kubepods.slice/"
	 "kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-pod" HASH
	 ".slice/cri-containerd-" INNER ".scope",
	 "",
	 {PLAIN(ID, DOCKER), IN_POD(INNER, HASH, BURSTABLE, CONTAINERD)}},
	{"/system.slice/docker-" ID ".scope/kubelet.slice/kubelet.service",
	 "kubelet.service",
	 {PLAIN(ID, DOCKER)}},
	/* kind by rootless podman */
	{USER "/user.slice/libpod-" ID ".scope/container" KIND_SLICE "/cri-containerd-" INNER
	      ".scope",
	 "",
	 {PLAIN(ID, PODMAN), IN_POD(INNER, UID2, BURSTABLE, CONTAINERD)}},
	/* k3d, minikube --driver=docker: with its containerd, with its docker */
	{"/docker/" ID "/kubepods/burstable/pod" UID "/" INNER,
	 "",
	 {PLAIN(ID, DOCKER), IN_POD(INNER, UID, BURSTABLE, UNKNOWN)}},
	{"/system.slice/docker-" ID ".scope" BEST_EFFORT_SLICE "/docker-" INNER ".scope",
	 "",
	 {PLAIN(ID, DOCKER), IN_POD(INNER, UID, BEST_EFFORT, DOCKER)}},
	/* docker in a pod: what it runs is in that pod, and not of it */
	{"/kubepods/burstable/pod" UID "/" ID "/docker/" INNER,
	 "",
	 {IN_POD(ID, UID, BURSTABLE, UNKNOWN), PLAIN(INNER, DOCKER)}},
	/* kind in a pod */
	{BURSTABLE_SLICE "/cri-containerd-" ID ".scope/docker/" ID KIND_SLICE
			 "/cri-containerd-" INNER ".scope",
	 "",
	 {IN_POD(ID, UID, BURSTABLE, CONTAINERD), PLAIN(ID, DOCKER),
	  IN_POD(INNER, UID2, BURSTABLE, CONTAINERD)}},
	/* systemd in a pod's container */
	{BURSTABLE_SLICE "/crio-" ID ".scope/system.slice/nginx.service",
	 "nginx.service",
	 {IN_POD(ID, UID, BURSTABLE, CRIO)}},
	/* podman in docker, and its monitor */
	{"/docker/" ID "/libpod_parent/libpod-" INNER,
	 "",
	 {PLAIN(ID, DOCKER), PLAIN(INNER, PODMAN)}},
	{"/docker/" ID "/machine.slice/libpod-conmon-" INNER ".scope", "", {PLAIN(ID, DOCKER)}},

	/*
	 * Relative to another cgroup namespace's root: the reader is in a container itself
	 */
	{"/../../pod" UID "/" ID, "", {IN_POD(ID, UID, UNKNOWN, UNKNOWN)}},
	{"/../../../burstable/pod" UID "/" ID, "", {IN_POD(ID, UID, BURSTABLE, UNKNOWN)}},
	{"/../../kubepods-besteffort-pod" UID_ ".slice/cri-containerd-" ID ".scope",
	 "",
	 {IN_POD(ID, UID, BEST_EFFORT, CONTAINERD)}},
	{"/../cri-containerd-" ID ".scope", "", {PLAIN(ID, CONTAINERD)}},
	{"/../" ID, "", {PLAIN(ID, UNKNOWN)}},
	{ID, "", {PLAIN(ID, UNKNOWN)}},
	{"/../../system.slice/ssh.service", "ssh.service", {}},

	/*
	 * Containers that have names instead of ids
	 */
	/* LXC and Incus, with systemd in it or without; Proxmox; their monitors */
	{"/lxc.payload.web/system.slice/nginx.service", "nginx.service", {}},
	{"/lxc.payload.web", "", {}},
	{"/system.slice/lxc.payload.web.scope", "", {}},
	{"/system.slice/lxc@web.service/lxc.payload.web", "", {}},
	{"/system.slice/lxc@web.service/lxc.payload/web", "", {}},
	{"/lxc/101/ns/system.slice/cron.service", "cron.service", {}},
	{"/lxc.monitor.web", "", {}},
	/* docker in LXC */
	{"/lxc.payload.ci/system.slice/docker-" ID ".scope", "", {PLAIN(ID, DOCKER)}},
	/* systemd-nspawn, as machinectl starts it or by hand */
	{"/machine.slice/systemd-nspawn@web.service/payload/system.slice/nginx.service",
	 "nginx.service",
	 {}},
	{"/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn@web.service", {}},
	{"/machine.slice/machine-my\\x2dweb.scope/payload", "machine-my\\x2dweb.scope", {}},
	/* Cloud Foundry's Garden */
	{"/garden/6f265890-5165-7fab-6b52-18d1", "", {}},
	{"/system.slice/garden.service/garden/6f265890-5165-7fab-6b52-18d1", "", {}},

	/*
	 * No container: units of systemd
	 */
	{"/system.slice/nginx.service", "nginx.service", {}},
	{"/system.slice/system-worker.slice/worker@3.service", "worker@3.service", {}},
	{"/system.slice/checkout.service/workers/1", "checkout.service", {}},
	{"/system.slice/09AZ-az_.service", "09AZ-az_.service", {}},
	{"/system.slice/name.with.dots.service", "name.with.dots.service", {}},
	{"/system.slice/system-dbus\\x2d:1.2\\x2dorg.slice/dbus-:1.2-org.x@0.service",
	 "dbus-:1.2-org.x@0.service",
	 {}},
	{"/system.slice/mnt-data.mount", "mnt-data.mount", {}},
	{"/init.scope", "init.scope", {}},
	{"/user.slice/user-0.slice/session-3.scope", "session-3.scope", {}},
	{USER "/init.scope", "init.scope", {}},
	{USER "/app.slice/shop.service", "shop.service", {}},
	{USER "/tmux-spawn-1.scope", "tmux-spawn-1.scope", {}},
	/* what runs containers */
	{"/system.slice/containerd.service", "containerd.service", {}},
	/* a name that a file of the kernel's could have (cg_escape) */
	{"/system.slice/_cpu.service", "cpu.service", {}},
	/* Nomad's exec driver */
	{"/nomad.slice/share.slice/" UID ".web.scope", UID ".web.scope", {}},
	{"/", "", {}},
	{"", "", {}},

	/*
	 * What looks like it and is none
	 */
	{"//", "", {}},
	{".scope", "", {}},
	{"/system.slice/.service", "", {}},
	{"/system.slice/nginx.services", "", {}},
	{"/system.slice/ng inx.service", "", {}},
	{"/system.slice/ng\ninx.service", "", {}},
	{"/system.slice/ng\xc3\xa4nx.service", "", {}},
	{"/docker/" ID "0", "", {}}, /* 65 digits */
	{"/docker/0" ID, "", {}},    /* and before */
	{"/docker/0123456789abcdef", "", {}},
	{"/docker/" ID ".service", ID ".service", {}},
	{"/docker/" ID ".scope.scope", ID ".scope.scope", {}},
	{"/docker/" ID "-init", "", {}},
	{"/docker/012345678/9abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "", {}},
	{"/docker/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "", {}},
	{"/kubepods/burstable", "", {}},
	{"/kubepods.slice/kubepods-burstable.slice", "", {}},
	{"/kubepods/pod", "", {}},
	{"/kubepods/pod" UID "0", "", {}},
	{"/kubepods/podb7c3a1f2-5a4e-4a53-9d8e-1e2f3a4b5c6", "", {}},
	{"/kubepods/podb7c3a1f-25a4e-4a53-9d8e-1e2f3a4b5c6d", "", {}},
	{"/kubepods/podb7c3a1f25a4e-4a53-9d8e-1e2f3a4b5c6dab", "", {}},
	{"/kubepods/podg7c3a1f2-5a4e-4a53-9d8e-1e2f3a4b5c6d", "", {}},
	{"/kubepods/pod" HASH "0", "", {}},
	{"/kubepods/podb7c3a1f2\\x2d", "", {}},
	{"/kubepods/xpod" UID, "", {}},
	{"/kubepods/burstable/opod-" UID, "", {}},
	/* no class of its own: the words must stand alone */
	{"/notburstable/pod" UID "/" ID, "", {IN_POD(ID, UID, UNKNOWN, UNKNOWN)}},
	{"/a-burstable/pod" UID "/" ID, "", {IN_POD(ID, UID, BURSTABLE, UNKNOWN)}},
};

const size_t nr_cgroup_paths = sizeof(cgroup_paths) / sizeof(cgroup_paths[0]);
