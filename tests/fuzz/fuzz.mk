# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The decoder of the record stream and the model behind it, fuzzed for
# FUZZ_SECONDS. The corpus is kept in $(BUILD)/fuzz/corpus and grows; a crash
# is left in $(BUILD)/fuzz/.

FUZZ_SECONDS ?= 30
FUZZ_BUILD := $(BUILD)/fuzz
FUZZ_CFLAGS := -O1 -g -std=gnu17 $(WARNINGS) -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined
FUZZ_SOURCES := tests/fuzz/fuzz_decode.c tests/unit/report_problem.c $(wildcard user/model/*.c)
FUZZ_HEADERS := $(wildcard include/*.h user/model/*.h tests/unit/*.h)

.PHONY: fuzz
fuzz: $(FUZZ_BUILD)/fuzz_decode $(FUZZ_BUILD)/seeds ## fuzz the decoder of records, FUZZ_SECONDS=30
	@mkdir -p $(FUZZ_BUILD)/corpus
	$(Q)$< -max_total_time=$(FUZZ_SECONDS) -timeout=5 -max_len=16384 -verbosity=0 -print_final_stats=1 \
		-artifact_prefix=$(FUZZ_BUILD)/ $(FUZZ_BUILD)/corpus $(FUZZ_BUILD)/seeds

$(FUZZ_BUILD)/fuzz_decode: $(FUZZ_SOURCES) $(FUZZ_HEADERS)
	$(say) FUZZ $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) -Itests/unit $(FUZZ_CFLAGS) -o $@ $(FUZZ_SOURCES) -lm

$(FUZZ_BUILD)/make_seeds: tests/fuzz/make_seeds.c tests/unit/fake_loop.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^)

$(FUZZ_BUILD)/seeds: $(FUZZ_BUILD)/make_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@
