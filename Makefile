# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# loopscope: `make help` lists the targets.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

BUILD ?= build
CC := gcc
CLANG := clang-19
LLVM_STRIP := llvm-strip-19
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)

VERSION := 0.1.0
ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(shell uname -m)))

ifeq ($(V),1)
  Q :=
  say := @true
else
  Q := @
  say := @printf '  %-8s %s\n'
endif

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wmissing-prototypes -Wstrict-prototypes
CPPFLAGS += -Iinclude -Iuser -I$(BUILD) -D_GNU_SOURCE -DLOOPSCOPE_VERSION='"$(VERSION)"'
CFLAGS ?= -O2 -g
CFLAGS += -std=gnu17 $(WARNINGS)
LDLIBS := -lbpf -lelf -lz -ljansson -lncursesw -ltinfo -lm
ifeq ($(SAN),1)
  CFLAGS += -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
  LDFLAGS += -fsanitize=address,undefined
endif

BPF_CFLAGS := -O2 -g -std=gnu17 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) \
	-Ivmlinux -Iinclude -Ibpf -Wall -Wextra -Werror -Wshadow -Wno-unused-parameter

BPF_SOURCES := $(wildcard bpf/*.bpf.c)
BPF_OBJECTS := $(BPF_SOURCES:%.bpf.c=$(BUILD)/%.bpf.o)
USER_SOURCES := $(wildcard user/*.c user/*/*.c)
USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
SKELETON := $(BUILD)/loopscope.skel.h
SYSCALL_TABLE := $(BUILD)/syscall_table.h

.PHONY: all clean
all: $(BUILD)/loopscope

$(BUILD)/loopscope: $(USER_OBJECTS)
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/user/%.o: user/%.c | $(SKELETON) $(SYSCALL_TABLE)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<
	$(Q)$(LLVM_STRIP) -g $@

$(BUILD)/loopscope.bpf.o: $(BPF_OBJECTS)
	$(say) BPFLINK $@
	$(Q)$(BPFTOOL) gen object $@ $^

$(SKELETON): $(BUILD)/loopscope.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name loopscope_bpf >$@

# name and number of every system call of this architecture
$(SYSCALL_TABLE): Makefile
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)printf '#include <asm/unistd.h>\n' | $(CC) -E -dM -x c - | \
		awk '/^#define __NR_[a-z0-9_]+ / && $$2 != "__NR_syscalls" { \
			sub("__NR_", "", $$2); printf "[__NR_%s] = \"%s\",\n", $$2, $$2 }' | sort >$@

clean:
	$(Q)rm -rf $(BUILD)

-include $(BPF_OBJECTS:.o=.d) $(USER_OBJECTS:.o=.d)
