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

# the kernel side's reader of Python's frames, by itself
PYTHON_FRAMES := $(BUILD)/tests/python_frames
PYTHON_TICK := $(BUILD)/tests/kernel/python_frames/python_tick

$(PYTHON_TICK).bpf.o: tests/kernel/python_frames/tick.bpf.c $(BUILD)/bpf/python.bpf.o
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Itests/kernel/python_frames -MMD -MP -c -o $(@:.bpf.o=.part.o) $<
	$(Q)$(BPFTOOL) gen object $@ $(BUILD)/bpf/python.bpf.o $(@:.bpf.o=.part.o)

$(PYTHON_TICK).skel.h: $(PYTHON_TICK).bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name python_tick_bpf >$@

$(PYTHON_FRAMES): tests/kernel/python_frames/python_frames.c $(PYTHON_TICK).skel.h \
		$(BUILD)/loopscope.a
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS) -I$(dir $(PYTHON_TICK)) -Itests/kernel/python_frames $(CFLAGS) \
		$(LDFLAGS) -o $@ $< $(BUILD)/loopscope.a $(LDLIBS) $(SYMBOLS_LDLIBS)

# its structures have to be found from outside
FAKE_PYTHON := $(BUILD)/tests/fake_python

$(FAKE_PYTHON): tests/kernel/python_frames/fake_python.c
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE -rdynamic -o $@ $<

.PHONY: kernel
kernel: $(BUILD)/loopscope $(BUILD)/loopscope-symbols $(SCRIPTED_LOOP) $(BRIEF_LOOPS) $(PYTHON_FRAMES) $(FAKE_PYTHON) | $(VENV)/.ready ## scripted loops against the real BPF programs
	$(Q)BUILD=$(BUILD) BPFTOOL=$(BPFTOOL) $(PYTEST) -p no:cacheprovider -q -rsR --timeout=300 \
		$(RERUN) --junitxml=$(RESULTS)/kernel.xml tests/kernel

-include $(SCRIPTED_LOOP_OBJECTS:.o=.d) $(PYTHON_TICK).part.d $(BUILD)/tests/kernel/brief_loops.d
