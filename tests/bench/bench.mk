# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What watching costs. Takes about eleven minutes, best on a machine that does
# nothing else; figures, and what they were computed from, go to $(BUILD)/bench.json.
#
#   BENCH_ROUNDS=N    interleaved rounds
#   BENCH_FLAGS=...   --only MEASUREMENT; --edges HOOKS to compare hooks of wait calls;
#                     or --explain for the cost of each BPF program

BENCH_ROUNDS ?= 8
BENCH_PROGRAMS := $(addprefix $(BUILD)/tests/bench/,loop_gen empty_hooks redis_load)

bench: ## measure what watching costs, in eleven minutes; figures in $(BUILD)/bench.json
	$(Q)scripts/install-deps.sh build test bench
	$(Q)$(MAKE) $(BINARIES) $(BENCH_PROGRAMS)
	$(Q)python3 -B tests/bench/bench.py --build $(BUILD) --rounds $(BENCH_ROUNDS) $(BENCH_FLAGS)

$(BUILD)/tests/bench/loop_gen: $(addprefix tests/bench/,load.c client_load.c stall_load.c load.h client_load.h stall_load.h)

$(BENCH_PROGRAMS): $(BUILD)/tests/bench/%: tests/bench/%.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -std=gnu17 -D_GNU_SOURCE $(WARNINGS) -o $@ $(filter %.c,$^) -lbpf

# Not part of any suite: it tells what others' tools say, and those need not be there.
COMPARISON := tests/bench/comparison.md
.PHONY: comparison
comparison: $(BUILD)/loopscope $(BUILD)/loopscope-symbols ## the same stalls under other tools: tests/bench/comparison.md
	$(Q)scripts/install-deps.sh build test comparison
	$(Q)python3 -m venv $(BUILD)/comparison-venv
	$(Q)$(BUILD)/comparison-venv/bin/pip install --quiet --disable-pip-version-check \
		-r tests/bench/requirements.txt
	$(Q)$(BUILD)/comparison-venv/bin/python -B tests/bench/comparison.py --build $(BUILD) \
		$(COMPARISON)
	$(Q)$(MAKE) comparison-guest

# of what does not run on every machine; without QEMU its rows say so
.PHONY: comparison-guest
comparison-guest: $(BUILD)/loopscope $(BUILD)/loopscope-symbols ## the same under bcc in a guest: its last section
	$(Q)scripts/install-deps.sh build test
	$(Q)-scripts/install-deps.sh k8s-vm
	$(Q)python3 -B tests/bench/comparison_guest.py --build $(BUILD) $(COMPARISON)
