# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A Kubernetes node on cgroup v2 with the systemd driver, in QEMU. It is emulated on one CPU:
# 13 minutes, beside the first run's 2 for the guest's system and 5 for the kubelet, which
# are kept.

.PHONY: e2e-k8s-vm
e2e-k8s-vm: all $(BUILD)/tests/pod_loop $(BUILD)/tests/pause $(VENV)/.ready ## pods on a node with cgroup v2 and the systemd driver, in QEMU
	$(Q)scripts/install-deps.sh k8s-vm
	$(Q)tests/e2e/parts/build.sh $(BUILD)/parts kubelet
	@mkdir -p $(RESULTS)
	$(Q)BUILD='$(abspath $(BUILD))' PYTHONDONTWRITEBYTECODE=1 $(PYTEST) -p no:cacheprovider -q -rsfE \
		--basetemp=$(BUILD)/k8s-vm --junitxml=$(RESULTS)/e2e-k8s-vm.xml tests/k8s-vm
