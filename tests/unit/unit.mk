# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Unit tests of the pure parts, under ASan and UBSan: one program for each
# tests/unit/test_*.c. No libbpf, no skeleton, no privilege.

UNIT_BUILD := $(BUILD)/unit
UNIT_TESTS := $(patsubst tests/unit/%.c,$(UNIT_BUILD)/%,$(wildcard tests/unit/test_*.c))

# What tests may call, all but the room that needs a kernel: the linker takes
# what each of them needs.
UNIT_SOURCES := $(filter-out user/observe/% user/agent/main.c user/symbols/main.c,$(wildcard user/*/*.c user/*/*/*.c)) \
	$(filter-out tests/unit/test_%,$(wildcard tests/unit/*.c))
UNIT_OBJECTS := $(UNIT_SOURCES:%.c=$(UNIT_BUILD)/%.o)

COMMA := ,
UNIT_SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=undefined
UNIT_CFLAGS := $(CFLAGS) -O1 -fno-omit-frame-pointer $(UNIT_SANITIZERS)

.PHONY: unit
unit: $(UNIT_TESTS) ## unit tests of the pure parts
	@mkdir -p $(RESULTS)
	$(Q)status=0; for test in $(UNIT_TESTS); do \
		xml=$(RESULTS)/unit-$${test##*/}.xml; rm -f $$xml; \
		if CMOCKA_MESSAGE_OUTPUT=xml CMOCKA_XML_FILE=$$xml $$test; then \
			printf '  %-8s %s\n' PASS $${test##*/}; \
		else \
			printf '  %-8s %s\n' FAIL $${test##*/}; $$test; status=1; \
		fi; \
	done; exit $$status

.PHONY: golden
golden: $(filter %_golden,$(UNIT_TESTS)) ## write tests/unit/golden/ anew, with what the encoders make now
	@mkdir -p tests/unit/golden
	$(Q)for test in $^; do RENEW_GOLDEN=1 $$test || exit; done

$(UNIT_TESTS): $(UNIT_BUILD)/%: $(UNIT_BUILD)/tests/unit/%.o $(UNIT_BUILD)/pure.a
	$(say) LINK $@
	$(Q)$(CC) $(UNIT_CFLAGS) $(UNIT_LDFLAGS) -o $@ $^ -lcmocka -Wl,--as-needed \
		$(filter-out -lbpf,$(LDLIBS)) $(AGENT_LDLIBS) $(SYMBOLS_LDLIBS)

$(UNIT_BUILD)/test_model_memory: UNIT_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc
$(addprefix $(UNIT_BUILD)/test_,settings_memory pod_memory): UNIT_LDFLAGS := \
	$(addprefix -Wl$(COMMA)--wrap=,malloc calloc realloc reallocarray strdup strndup asprintf \
	vasprintf)
$(UNIT_BUILD)/test_otlp_memory: UNIT_LDFLAGS := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc

$(UNIT_BUILD)/pure.a: $(UNIT_OBJECTS) $(PROTO_OBJECTS)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(UNIT_BUILD)/%.o: %.c | $(SYSCALL_TABLE) $(PROTO_HEADERS) $(SCRIPT_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Ibpf -Itests/unit $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

-include $(UNIT_OBJECTS:.o=.d) $(UNIT_TESTS:$(UNIT_BUILD)/%=$(UNIT_BUILD)/tests/unit/%.d)
