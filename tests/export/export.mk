# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What leaves the agent: encoders, and the OTLP client against servers that misbehave.
# The programs are the unit tests' objects, ASan and UBSan with them.

EXPORT_PROGRAMS := $(patsubst tests/export/%.c,$(BUILD)/export/%,$(wildcard tests/export/*.c))
EXPORT_ENV := BUILD='$(abspath $(BUILD))' PYTHONDONTWRITEBYTECODE=1

$(EXPORT_PROGRAMS): $(BUILD)/export/%: tests/export/%.c $(BUILD)/unit/pure.a
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(UNIT_CFLAGS) -MMD -MP -MF $@.d -o $@ $< \
		$(BUILD)/unit/pure.a -Wl,--as-needed $(filter-out -lbpf,$(LDLIBS)) $(AGENT_LDLIBS)

.PHONY: export
export: $(EXPORT_PROGRAMS) $(VENV)/.ready ## what the agent sends, and how it bears what comes back
	@mkdir -p $(RESULTS)
	$(Q)$(EXPORT_ENV) $(PYTEST) -p no:cacheprovider -q -rA --timeout=120 $(RERUN) \
		--junitxml=$(RESULTS)/export.xml tests/export $(EXPORT_ARGS)

-include $(EXPORT_PROGRAMS:=.d)
