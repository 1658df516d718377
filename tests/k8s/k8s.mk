# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The right pod on a real node, and in a real cluster; both are made for it, and leave nothing.

K8S_PROGRAMS := $(BUILD)/tests/pod_loop $(BUILD)/tests/pause
K8S_ENV := BUILD='$(abspath $(BUILD))' PYTHONDONTWRITEBYTECODE=1
K8S_PYTEST := $(K8S_ENV) $(PYTEST) -p no:cacheprovider -q -rAR --timeout=600 \
	--basetemp=$(BUILD)/k8s

$(K8S_PROGRAMS): $(BUILD)/tests/%: tests/apps/%.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -static -pthread -o $@ $<

.PHONY: k8s e2e-k8s
k8s: $(BINARIES) $(K8S_PROGRAMS) $(VENV)/.ready ## containers and pods of every kind, real ones: containerd, a kubelet, podman
	$(Q)scripts/install-deps.sh k8s
	$(Q)tests/e2e/parts/build.sh $(BUILD)/parts kubelet
	@mkdir -p $(RESULTS)
	$(Q)$(K8S_PYTEST) $(RERUN) --junitxml=$(RESULTS)/k8s.xml tests/k8s/test_alone.py \
		tests/k8s/test_commands.py tests/k8s/test_podman.py $(E2E_ARGS)

e2e-k8s: image $(K8S_PROGRAMS) $(VENV)/.ready ## that, and a real cluster with the agent installed in it
	$(Q)scripts/install-deps.sh k8s
	$(Q)tests/e2e/parts/build.sh $(BUILD)/parts kubelet control-plane etcd collector
	@mkdir -p $(RESULTS)
	$(Q)$(K8S_PYTEST) --junitxml=$(RESULTS)/k8s-all.xml tests/k8s $(E2E_ARGS)
