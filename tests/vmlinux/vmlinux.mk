# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# vmlinux/vmlinux.h against the running kernel's BTF, or LOOPSCOPE_BTF's.

.PHONY: vmlinux
vmlinux: | $(TOOLS) $(VENV)/.ready ## check vmlinux/vmlinux.h against the running kernel
	$(Q)BPFTOOL='$(BPFTOOL)' CLANG='$(CLANG)' $(PYTEST) -q tests/vmlinux \
		--junitxml $(RESULTS)/vmlinux.xml
