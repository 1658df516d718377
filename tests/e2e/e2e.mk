# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# End-to-end tests: loopscope's figures against those of real programs and servers.

E2E_PROGRAMS := $(BUILD)/tests/uv_loop $(BUILD)/tests/uv_workers $(BUILD)/tests/churn $(BUILD)/tests/many_loops $(BUILD)/tests/short_loops $(BUILD)/tests/uring_loop $(BUILD)/tests/aio_loop $(BUILD)/tests/wait_log.so $(BUILD)/tests/hostile_loop
E2E_ENV := BUILD='$(abspath $(BUILD))' PYTHONDONTWRITEBYTECODE=1

$(BUILD)/tests/uv_loop $(BUILD)/tests/uv_workers: $(BUILD)/tests/%: tests/apps/%.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 $(WARNINGS) -o $@ $< -luv

$(BUILD)/tests/churn $(BUILD)/tests/short_loops: $(BUILD)/tests/%: tests/apps/%.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -pthread -o $@ $<

# what it says of itself is exported, as an interpreter does
$(BUILD)/tests/hostile_loop: tests/apps/hostile_loop.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -pthread -rdynamic -o $@ $<

$(BUILD)/tests/many_loops: tests/apps/many_loops.c $(BUILD)/tests/kernel/scripted_loop/sample.o
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -pthread -o $@ $^

$(BUILD)/tests/uring_loop $(BUILD)/tests/aio_loop: $(BUILD)/tests/%_loop: tests/apps/%_loop.c tests/apps/own_waits.h
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -o $@ $< -l$*

$(BUILD)/tests/wait_log.so: tests/e2e/wait_log.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 $(WARNINGS) -fPIC -shared -o $@ $< -ldl

.PHONY: parts
parts: ## get the real Collector, Prometheus and the like that tests need, once
	$(Q)tests/e2e/parts/build.sh $(BUILD)/parts collector prometheus kustomize netty tokio go-server

e2e: $(BINARIES) $(E2E_PROGRAMS) $(BUILD)/tests/pod_loop $(VENV)/.ready parts ## end-to-end tests; figures in $(BUILD)/e2e.json
	@mkdir -p $(RESULTS)
	$(Q)$(E2E_ENV) $(PYTEST) -p no:cacheprovider -q -rAR --timeout=300 $(RERUN) \
		--junitxml=$(RESULTS)/e2e.xml tests/e2e $(E2E_ARGS)

compare: $(BUILD)/loopscope $(VENV)/.ready ## what in-process monitors say, beside the truth: a Markdown table
	$(Q)$(E2E_ENV) $(PYTHON) tests/e2e/compare_monitors.py
