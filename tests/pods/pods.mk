# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `loopscope pods` and with it the list and watch of pods, against API servers and
# kubelets that lie and attack. Needs neither root nor BPF nor a cluster.

PODS_ENV := BUILD='$(abspath $(BUILD))' PYTHONDONTWRITEBYTECODE=1

.PHONY: pods
pods: all $(VENV)/.ready ## pods as an API server or kubelet tells of them, hostile ones too
	@mkdir -p $(RESULTS)
	$(Q)$(PODS_ENV) $(PYTEST) -p no:cacheprovider -q -rA --timeout=120 $(RERUN) \
		--junitxml=$(RESULTS)/pods.xml tests/pods $(PODS_ARGS)
