# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The same binary on other kernels, in QEMU; VM=optional lets CI do without them.

.PHONY: vm
vm: $(BINARIES) $(BUILD)/tests/scripted_loop | $(VENV)/.ready ## the same binary on Debian's other kernels, in QEMU
	$(Q)scripts/install-deps.sh vm
	$(Q)BUILD=$(BUILD) $(PYTEST) -q -rsfE tests/vm --junitxml $(RESULTS)/vm.xml
