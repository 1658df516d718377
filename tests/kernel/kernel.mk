# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Scripted loops with a known truth, against the real BPF programs; needs root.

SCRIPTED_LOOP := $(BUILD)/tests/scripted_loop
SCRIPTED_LOOP_OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/kernel/scripted_loop/*.c))

$(BUILD)/tests/kernel/%.o: tests/kernel/%.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(SCRIPTED_LOOP): $(SCRIPTED_LOOP_OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

BRIEF_LOOPS := $(BUILD)/tests/brief_loops

$(BRIEF_LOOPS): $(BUILD)/tests/kernel/brief_loops.o
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

.PHONY: kernel
kernel: $(BUILD)/loopscope $(SCRIPTED_LOOP) $(BRIEF_LOOPS) | $(VENV)/.ready ## scripted loops against the real BPF programs
	$(Q)BUILD=$(BUILD) BPFTOOL=$(BPFTOOL) $(PYTEST) -p no:cacheprovider -q -rsR --timeout=300 \
		$(RERUN) --junitxml=$(RESULTS)/kernel.xml tests/kernel

-include $(SCRIPTED_LOOP_OBJECTS:.o=.d) $(BUILD)/tests/kernel/brief_loops.d
