# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# loopscope: `make help` lists the targets.
#
# Everything made goes below $(BUILD). Each directory of tests/ brings its own
# fragment, tests/<suite>/*.mk, with a target of the suite's name that leaves
# JUnit XML in $(RESULTS)/<suite>*.xml: that is what `make test` counts.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

VERSION := 0.1.0
ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(shell uname -m)))

BUILD ?= build
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
DESTDIR ?=
RESULTS := $(BUILD)/results
VENV := $(BUILD)/venv
PYTHON := $(VENV)/bin/python
PYTEST := $(PYTHON) -m pytest
# a hypervisor can take the CPU away for longer than a test allows: such a test is run again, and
# said to be; what is wrong fails each time
RERUN := --reruns 2 --reruns-delay 1

CC := gcc
CLANG := clang-19
LLVM_STRIP := llvm-strip-19
CLANG_FORMAT := clang-format-19
CLANG_TIDY := clang-tidy-19
BPFTOOL ?= $(shell command -v bpftool || echo /usr/sbin/bpftool)

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
LDLIBS := -lbpf -lelf -lz -lzstd -ljansson -lncursesw -ltinfo -lprotobuf-c -lm
# the agent's alone: the linker gives each binary only the libraries that it needs
AGENT_LDLIBS := -lcurl -lmicrohttpd -lyaml -lsystemd -lcap
SYMBOLS_LDLIBS := -ldw -lelf -lz -liberty -lseccomp
ifeq ($(SAN),1)
  SANITIZERS := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
  CFLAGS += $(SANITIZERS)
  LDFLAGS += $(SANITIZERS)
endif

BPF_CFLAGS := -O2 -g -std=gnu17 -target bpf -mcpu=v3 -D__TARGET_ARCH_$(ARCH) \
	-Ivmlinux -Iinclude -Ibpf -Wall -Wextra -Werror -Wshadow -Wno-unused-parameter

BPF_SOURCES := $(wildcard bpf/*.bpf.c)
BPF_OBJECTS := $(BPF_SOURCES:%.bpf.c=$(BUILD)/%.bpf.o)
USER_SOURCES := $(wildcard user/*.c user/*/*.c user/*/*/*.c)
USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
MAIN_OBJECTS := $(addprefix $(BUILD)/user/,main.o agent/main.o symbols/main.o)
BINARIES := $(addprefix $(BUILD)/,loopscope loopscope-agent loopscope-symbols)
PROTO_SOURCES := $(wildcard user/export/proto/*.proto)
PROTO_HEADERS := $(PROTO_SOURCES:user/export/proto/%.proto=$(BUILD)/proto/%.pb-c.h)
PROTO_OBJECTS := $(PROTO_HEADERS:.h=.o)
SKELETON := $(BUILD)/loopscope.skel.h
SYSCALL_TABLE := $(BUILD)/syscall_table.h
SCRIPT_HEADERS := $(patsubst user/view/%.js,$(BUILD)/%.js.h,$(wildcard user/view/*.js))
GENERATED := $(SKELETON) $(SYSCALL_TABLE) $(PROTO_HEADERS) $(SCRIPT_HEADERS)
TOOLS := $(BUILD)/tools.checked

.PHONY: all run test unit kernel e2e vm bench compare fuzz san lint format format-check \
	install uninstall image clean help venv deps

##@ Building

all: $(BINARIES) ## build build/loopscope; needs no network

# three binaries of the same objects: a look at a loop need not load what the agent exports with,
# and what reads other programs' files is on its own
$(BUILD)/loopscope: $(BUILD)/user/main.o $(BUILD)/loopscope.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS)

$(BUILD)/loopscope-agent: $(BUILD)/user/agent/main.o $(BUILD)/loopscope.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(LDLIBS) $(AGENT_LDLIBS)

$(BUILD)/loopscope-symbols: $(BUILD)/user/symbols/main.o $(BUILD)/loopscope.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $^ $(SYMBOLS_LDLIBS)

$(BUILD)/loopscope.a: $(filter-out $(MAIN_OBJECTS),$(USER_OBJECTS)) $(PROTO_OBJECTS)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/user/%.o: user/%.c | $(GENERATED)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/proto/%.pb-c.h: user/export/proto/%.proto
	$(say) PROTO $@
	@mkdir -p $(@D)
	$(Q)protoc-c --proto_path=user/export/proto --c_out=$(@D) $<

# a script that a picture carries, as a string of C
$(BUILD)/%.js.h: user/view/%.js
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/"&\\n"/' $< >$@

# their headers include one another
$(BUILD)/proto/%.pb-c.o: $(BUILD)/proto/%.pb-c.h | $(PROTO_HEADERS)
	$(say) CC $@
	$(Q)$(CC) -I$(@D) $(CFLAGS) -c -o $@ $(@:.o=.c)

$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c | $(TOOLS)
	$(say) BPF $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

# state first: libbpf 1.1's linker loses the offsets of maps whose first mention is an extern
$(BUILD)/loopscope.bpf.o: $(BPF_OBJECTS)
	$(say) BPFLINK $@
	$(Q)$(BPFTOOL) gen object $@ $(filter %/state.bpf.o,$^) $(filter-out %/state.bpf.o,$^)

$(SKELETON): $(BUILD)/loopscope.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name loopscope_bpf >$@

# name and number of every system call of this architecture
$(SYSCALL_TABLE): Makefile | $(TOOLS)
	$(say) GEN $@
	@mkdir -p $(@D)
	$(Q)printf '#include <asm/unistd.h>\n' | $(CC) -E -dM -x c - | \
		awk '/^#define __NR_[a-z0-9_]+ / && $$2 != "__NR_syscalls" { \
			sub("__NR_", "", $$2); printf "[__NR_%s] = \"%s\",\n", $$2, $$2 }' | sort >$@

$(TOOLS): scripts/check-tools.sh
	@mkdir -p $(@D)
	$(Q)CC='$(CC)' CLANG='$(CLANG)' LLVM_STRIP='$(LLVM_STRIP)' BPFTOOL='$(BPFTOOL)' \
		scripts/check-tools.sh
	@touch $@

UNIT_DIR = $(DESTDIR)$(PREFIX)/lib/systemd/system
SETTINGS = $(DESTDIR)$(SYSCONFDIR)/loopscope/loopscope.yaml

install: all ## install binaries, man page, service and its settings below DESTDIR
	for binary in $(BINARIES); do \
		install -D -m 755 $$binary $(DESTDIR)$(PREFIX)/bin/$${binary##*/} || exit; \
	done
	install -D -m 644 docs/loopscope.1 $(DESTDIR)$(PREFIX)/share/man/man1/loopscope.1
	install -d $(UNIT_DIR)
	sed 's|/usr/local/bin/|$(PREFIX)/bin/|; s|/etc/loopscope/|$(SYSCONFDIR)/loopscope/|' \
		configs/systemd/loopscope-agent.service >$(UNIT_DIR)/loopscope-agent.service
	chmod 644 $(UNIT_DIR)/loopscope-agent.service
	[ -e $(SETTINGS) ] || install -D -m 640 configs/loopscope.yaml $(SETTINGS)

uninstall: ## remove what install put there, but for settings
	rm -f $(BINARIES:$(BUILD)/%=$(DESTDIR)$(PREFIX)/bin/%) \
		$(DESTDIR)$(PREFIX)/share/man/man1/loopscope.1 $(UNIT_DIR)/loopscope-agent.service

IMAGE ?= localhost/loopscope:$(VERSION)

image: all ## an OCI image in $(BUILD)/image, made of what is here; IMAGE=name:tag names it
	$(Q)PYTHONDONTWRITEBYTECODE=1 python3 scripts/image/build.py --build $(BUILD) \
		--version $(VERSION) --name $(IMAGE) --to $(BUILD)/image

clean: ## remove build/
	$(Q)rm -rf $(BUILD)

##@ Using

run: ## install what is missing, build, watch the demo server; PID=n watches that process instead
	$(Q)scripts/install-deps.sh build
	$(Q)$(MAKE) all
	$(Q)scripts/run.sh $(BUILD)/loopscope $(PID)

deps: ## install every Debian package that building, testing, linting and measuring need
	$(Q)scripts/install-deps.sh build test browser runtimes cargo lint bench

##@ Testing

test: ## install what is missing, build, run unit, export, pods, kernel and end-to-end tests
	$(Q)scripts/install-deps.sh build test browser runtimes cargo
	$(Q)$(MAKE) all
	$(Q)MAKE="$(MAKE)" python3 scripts/run_suites.py --results $(RESULTS) unit vmlinux export pods kernel e2e

# unit: tests of the pure parts under ASan and UBSan, in tests/unit/*.mk
# kernel: scripted loops against the real BPF programs, in tests/kernel/*.mk
# e2e: real programs and servers, in tests/e2e/*.mk
# vm, bench, compare, fuzz: likewise

san: ## build with ASan and UBSan, run the unit tests and a smoke run of the binary
	$(Q)$(MAKE) BUILD=$(BUILD)/san SAN=1 all unit
	$(Q)scripts/smoke.sh $(BUILD)/san/loopscope

venv: $(VENV)/.ready

$(VENV)/.ready: tests/requirements.txt
	$(say) VENV $(VENV)
	$(Q)python3 -m venv --clear $(VENV)
	$(Q)$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

##@ Style

lint: $(GENERATED) ## clang-tidy, shellcheck, pyflakes and the project's own rules
	$(Q)CLANG_TIDY='$(CLANG_TIDY)' USER_FLAGS="$(subst ",\",$(CPPFLAGS)) -std=gnu17" \
		BPF_FLAGS='$(BPF_CFLAGS)' scripts/lint.sh

format: ## format the C sources in place
	$(Q)scripts/list-sources.sh c | xargs $(CLANG_FORMAT) -i

format-check: ## fail if `make format` would change anything
	$(Q)scripts/list-sources.sh c | xargs $(CLANG_FORMAT) --dry-run --Werror

help: ## this list
	@awk -f scripts/help.awk $(filter Makefile %.mk,$(MAKEFILE_LIST))

-include $(BPF_OBJECTS:.o=.d) $(USER_OBJECTS:.o=.d)
include $(wildcard tests/*/*.mk)
