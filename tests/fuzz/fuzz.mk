# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Readers of what comes from outside, fuzzed one after the other for FUZZ_SECONDS
# in all: the decoder of the record stream with the model behind it, the loader of
# the configuration, the decoder of process contexts, kubeconfigs, paths of cgroups, lists and
# watches of pods, label selectors, recordings, programs of which the runtime is told, perf maps, what is
# read of a node, and what else names are found in. A corpus is kept in
# $(BUILD)/fuzz/<target>/corpus and grows; a crash is left in $(BUILD)/fuzz/<target>/.

FUZZ_SECONDS ?= 30
FUZZ_TARGETS := decode settings process_context kubeconfig cgroup_path pod_stream \
	label_selector recording program_file \
	perf_map v8_heap v8_constants symbols native demangle python
FUZZ_SHARE = $$(( ($(FUZZ_SECONDS) + $(words $(FUZZ_TARGETS)) - 1) / $(words $(FUZZ_TARGETS)) ))
FUZZ_BUILD := $(BUILD)/fuzz
FUZZ_CFLAGS := -O1 -g -std=gnu17 $(WARNINGS) -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined
FUZZ_HEADERS := $(wildcard include/*.h user/*/*.h user/*/*/*.h tests/unit/*.h)

FUZZ_SOURCES_decode := tests/unit/report_problem.c $(wildcard user/model/*.c) user/base/buffer.c
FUZZ_LIBS_decode := -lm
FUZZ_SOURCES_settings := $(wildcard user/config/settings/*.c) \
	$(wildcard user/config/label_*.c) $(addprefix user/config/,number.c glob.c listen_address.c) \
	$(addprefix user/base/,buffer.c percent.c utf8.c whole_file.c yaml_text.c)
FUZZ_LIBS_settings := -lyaml -lcurl -lm
FUZZ_FLAGS_settings := -dict=$(FUZZ_BUILD)/settings/words.dict
FUZZ_SOURCES_process_context := \
	$(addprefix user/identity/,attributes.c process_context.c context_payload.c mappings.c \
	pieces.c) \
	user/base/utf8.c $(BUILD)/proto/process_context.pb-c.c
FUZZ_LIBS_process_context := -lprotobuf-c
FUZZ_SOURCES_kubeconfig := \
	$(addprefix user/identity/kubernetes/,cluster_access.c cluster_access_kubelet.c kubeconfig.c \
	kubeconfig_document.c) \
	$(addprefix user/base/,base64.c buffer.c whole_file.c yaml_text.c)
FUZZ_LIBS_kubeconfig := -lyaml -lcurl
FUZZ_FLAGS_kubeconfig := -dict=$(FUZZ_BUILD)/kubeconfig/words.dict
FUZZ_SOURCES_cgroup_path := $(wildcard user/identity/container/*.c)
FUZZ_SOURCES_pod_stream := \
	$(addprefix user/identity/kubernetes/,pod.c pod_json.c pod_json_containers.c pod_stream.c \
	pod_stream_events.c pod_owners.c pod_image.c pod_attributes.c) user/identity/attributes.c \
	$(addprefix user/base/,buffer.c utf8.c) tests/unit/pod_events.c
FUZZ_LIBS_pod_stream := -ljansson
FUZZ_FLAGS_pod_stream := -dict=$(FUZZ_BUILD)/pod_stream/words.dict
FUZZ_SOURCES_label_selector := $(wildcard user/config/label_*.c) user/config/number.c
FUZZ_FLAGS_label_selector := -max_len=256
FUZZ_SOURCES_recording := tests/unit/report_problem.c user/commands/history.c \
	user/commands/pictures.c \
	$(addprefix user/view/,flamegraph.c folded.c format.c frame_text.c names.c picture_style.c \
	pprof.c pprof_tables.c stall_tree.c timeline_axis.c timeline_json.c \
	timeline_rows.c timeline_stall.c timeline_svg.c window_shares.c) \
	user/export/gzip.c $(BUILD)/proto/pprof.pb-c.c user/base/byte_pool.c user/base/plain_text.c \
	user/identity/no_loop.c \
	$(wildcard user/model/*.c user/recording/*.c) \
	$(addprefix user/base/,buffer.c clock.c json_values.c syscall_name.c utf8.c whole_file.c)
FUZZ_SOURCES_program_file := $(addprefix user/identity/,program_file.c content_rules.c \
	runtime_rules.c version_text.c)
FUZZ_LIBS_program_file := -lelf
FUZZ_SOURCES_symbols := user/model/stack.c user/base/buffer.c \
	$(addprefix user/symbols/,protocol.c stack_record.c unresolved.c)
FUZZ_FLAGS_symbols := -max_len=65536
FUZZ_LIBS_recording := -lzstd -lz -ljansson -lprotobuf-c -lm

FUZZ_SOURCES_perf_map := $(addprefix user/symbols/jit/,jit_name.c perf_entries.c) user/base/percent.c
FUZZ_SOURCES_native := $(addprefix user/symbols/elf/,debug_files.c dwarf_inlined.c dwarf_names.c \
	elf_dwarf.c elf_object.c elf_open.c elf_symbols.c) \
	$(addprefix user/symbols/native/,demangle.c expression.c frames.c name_cache.c native_names.c \
	stack_sample.c unwind.c unwind_scan.c) \
	user/symbols/process/runtime_code.c user/base/file_inside.c
FUZZ_LIBS_native := -ldw -lelf -lz -liberty
FUZZ_FLAGS_native := -max_len=65536
FUZZ_SOURCES_demangle := user/symbols/native/demangle.c user/symbols/process/runtime_code.c
FUZZ_LIBS_demangle := -liberty
FUZZ_SOURCES_v8_heap := tests/unit/fake_v8.c user/base/percent.c \
	$(addprefix user/symbols/jit/,v8_heap.c v8_string.c v8_function.c v8_script.c)
FUZZ_SOURCES_v8_constants := user/symbols/jit/v8_constants.c
FUZZ_LIBS_v8_constants := -lelf

FUZZ_SOURCES_python := user/symbols/native/frames.c \
	$(addprefix user/symbols/python/python_,code.c lines.c merge.c offsets.c origin.c text.c)

.PHONY: fuzz $(FUZZ_TARGETS:%=fuzz-%)
fuzz: $(FUZZ_TARGETS:%=fuzz-%) ## fuzz what reads from outside, FUZZ_SECONDS=30

$(FUZZ_TARGETS:%=fuzz-%): fuzz-%: $(FUZZ_BUILD)/fuzz_% $(FUZZ_BUILD)/%/seeds
	@mkdir -p $(FUZZ_BUILD)/$*/corpus
	$(say) FUZZ $*
	$(Q)$< -max_total_time=$(FUZZ_SHARE) -timeout=5 -max_len=16384 -verbosity=0 \
		-print_final_stats=1 $(FUZZ_FLAGS_$*) -artifact_prefix=$(FUZZ_BUILD)/$*/ \
		$(FUZZ_BUILD)/$*/corpus $(FUZZ_BUILD)/$*/seeds

$(FUZZ_BUILD)/fuzz_decode: $(FUZZ_SOURCES_decode)
$(FUZZ_BUILD)/fuzz_program_file: $(FUZZ_SOURCES_program_file)
$(FUZZ_BUILD)/fuzz_settings: $(FUZZ_SOURCES_settings)
$(FUZZ_BUILD)/fuzz_symbols: $(FUZZ_SOURCES_symbols)
$(FUZZ_BUILD)/fuzz_process_context: $(FUZZ_SOURCES_process_context)
$(FUZZ_BUILD)/fuzz_kubeconfig: $(FUZZ_SOURCES_kubeconfig)
$(FUZZ_BUILD)/fuzz_cgroup_path: $(FUZZ_SOURCES_cgroup_path)
$(FUZZ_BUILD)/fuzz_pod_stream: $(FUZZ_SOURCES_pod_stream)
$(FUZZ_BUILD)/fuzz_label_selector: $(FUZZ_SOURCES_label_selector)
$(FUZZ_BUILD)/fuzz_recording: $(FUZZ_SOURCES_recording) | $(SYSCALL_TABLE) $(SCRIPT_HEADERS)
$(FUZZ_BUILD)/fuzz_perf_map: $(FUZZ_SOURCES_perf_map)
$(FUZZ_BUILD)/fuzz_v8_heap: $(FUZZ_SOURCES_v8_heap)
$(FUZZ_BUILD)/fuzz_v8_constants: $(FUZZ_SOURCES_v8_constants)
$(FUZZ_BUILD)/fuzz_native: $(FUZZ_SOURCES_native)
$(FUZZ_BUILD)/fuzz_demangle: $(FUZZ_SOURCES_demangle)
# protoc-c writes both
$(BUILD)/proto/process_context.pb-c.c: $(BUILD)/proto/process_context.pb-c.h ;
$(BUILD)/proto/pprof.pb-c.c: $(BUILD)/proto/pprof.pb-c.h ;
$(FUZZ_TARGETS:%=$(FUZZ_BUILD)/fuzz_%): $(FUZZ_BUILD)/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_HEADERS)
	$(say) CLANG $@
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) -Itests/unit $(FUZZ_CFLAGS) -o $@ $(filter %.c,$^) \
		$(FUZZ_LIBS_$*)

$(FUZZ_BUILD)/make_seeds: tests/fuzz/make_seeds.c tests/unit/fake_loop.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^)

$(FUZZ_BUILD)/decode/seeds: $(FUZZ_BUILD)/make_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@

# the example, a file of values that are no defaults, a wrong one; and the words of the example
$(FUZZ_BUILD)/settings/seeds: configs/loopscope.yaml $(wildcard tests/fuzz/settings/*.yaml)
	@mkdir -p $@
	$(Q)cp $^ $@
	$(Q)grep -oE '[a-z_]+:' $< | sort -u | sed 's/.*/"&"/' >$(@D)/words.dict
	@touch $@

# one by opentelemetry-proto, behind a header
$(FUZZ_BUILD)/process_context/seeds: $(wildcard tests/fuzz/process_context/*.bin)
	@mkdir -p $@
	$(Q)cp $^ $@
	@touch $@

$(FUZZ_BUILD)/kubeconfig/seeds: $(wildcard tests/fuzz/kubeconfig/*.yaml)
	@mkdir -p $@
	$(Q)cp $^ $@
	$(Q)cat $^ | grep -oE '[a-zA-Z-]+:' | sort -u | sed 's/.*/"&"/' >$(@D)/words.dict
	@touch $@

$(FUZZ_BUILD)/make_path_seeds: tests/fuzz/make_path_seeds.c tests/unit/cgroup_paths.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^)

$(FUZZ_BUILD)/cgroup_path/seeds: $(FUZZ_BUILD)/make_path_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@

$(FUZZ_BUILD)/make_program_seeds: tests/fuzz/make_program_seeds.c tests/unit/made_elf.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^)

$(FUZZ_BUILD)/program_file/seeds: $(FUZZ_BUILD)/make_program_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@

# what servers have sent, behind the kind and the sizes of pieces; and the keys in it
$(FUZZ_BUILD)/pod_stream/seeds: $(wildcard tests/unit/pods/*.json)
	@mkdir -p $@
	$(Q)for file in $^; do \
		for kind in L W; do \
			{ printf '%s12345678' $$kind; cat $$file; } >$@/$$kind-$${file##*/}; \
		done; \
	done
	$(Q)grep -ohE '"[A-Za-z]+": ?' $^ | tr -d ': ' | sort -u | \
		sed 's/"/\\"/g; s/.*/"&"/' >$(@D)/words.dict
	@touch $@

$(FUZZ_BUILD)/make_symbols_seeds: tests/fuzz/make_symbols_seeds.c user/model/stack.c \
		user/base/buffer.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^)

$(FUZZ_BUILD)/symbols/seeds: $(FUZZ_BUILD)/make_symbols_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@

$(FUZZ_BUILD)/make_recording_seeds: tests/fuzz/make_recording_seeds.c tests/unit/fake_loop.c \
		$(filter-out tests/% user/commands/%,$(FUZZ_SOURCES_recording)) $(FUZZ_HEADERS) | \
		$(SYSCALL_TABLE) $(SCRIPT_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^) $(FUZZ_LIBS_recording)

$(FUZZ_BUILD)/recording/seeds: $(FUZZ_BUILD)/make_recording_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@

$(FUZZ_BUILD)/label_selector/seeds: tests/fuzz/fuzz.mk
	@mkdir -p $@
	$(Q)printf '%s' 'app=web,tier!=cache,env in (a,b),!legacy,track' >$@/all
	$(Q)printf '%s' 'n>4,n<6,example.com/track notin (a,),app==web' >$@/others
	@touch $@

# an address, and a map of each kind
$(FUZZ_BUILD)/perf_map/seeds: tests/fuzz/fuzz.mk
	@mkdir -p $@
	$(Q)printf '\005\020\0\0\0\0\0\0%s\n%s\n' '1000 10 JS:*handle /app/a.js:1:2' \
		'1004 80 JS:~get size file:///a%20b.mjs:3:4' >$@/node
	$(Q)printf '\005\020\0\0\0\0\0\0%s\n%s\n%s\n' '0x1000 0x10 void a.b.C.d(int)' \
		'0x1008 0x10 La/b/C;::d' '1020 10 py::f:/a.py' >$@/others
	@touch $@

$(FUZZ_BUILD)/make_v8_seeds: tests/fuzz/make_v8_seeds.c tests/unit/fake_v8.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^)

$(FUZZ_BUILD)/v8_heap/seeds: $(FUZZ_BUILD)/make_v8_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@

# small libraries with CFI, symbols and both kinds of DWARF, behind a stack of zeros; the
# instruction is in a function that calls another
$(FUZZ_BUILD)/native/seeds: tests/unit/native/calls.c tests/unit/native/ways.c
	@mkdir -p $@
	$(Q)for source in $^; do \
		for flags in -g0 -gdwarf-4 -gdwarf-5; do \
			seed=$@/$$(basename $$source)$$flags; \
			$(CC) -O2 $$flags -shared -fPIC -nostdlib -Wl,-z,noseparate-code \
				-Wl,-z,max-page-size=64 -o $$seed.so $$source && \
				pc=$$(nm $$seed.so | awk '/ T (handle|interrupted)$$/ {print substr($$1, 13)}') && \
				{ printf "$$(printf '\\%03o\\%03o' $$((0x$$pc % 256 + 9)) $$((0x$$pc / 256)))"; \
				head -c 166 /dev/zero; cat $$seed.so; } >$$seed && rm $$seed.so || exit; \
		done; \
	done
	@touch $@

$(FUZZ_BUILD)/demangle/seeds: tests/fuzz/fuzz.mk
	@mkdir -p $@
	$(Q)printf '%s' '_ZN3app12_GLOBAL__N_14burnIlEEvT_.constprop.0' >$@/cpp
	$(Q)printf '%s' '_ZZN3app5serveEiENKUlvE_clEv' >$@/lambda
	$(Q)printf '%s' '_ZN4core3ptr42drop_in_place$$LT$$alloc..string..String$$GT$$17h0123456789abcdefE' \
		>$@/rust
	$(Q)printf '%s' '_RNvNtNtCs1234_7mycrate3foo3bar3baz' >$@/rust0
	@touch $@

$(FUZZ_BUILD)/v8_constants/seeds: tests/fuzz/v8_symbols.c tests/unit/v8_symbols.h
	@mkdir -p $@
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit -std=gnu17 -c -o $@/object $<
	@touch $@

$(FUZZ_BUILD)/fuzz_python: $(FUZZ_SOURCES_python)

$(FUZZ_BUILD)/make_python_seeds: tests/fuzz/make_python_seeds.c tests/unit/python_heap.c \
		user/symbols/python/python_offsets.c $(FUZZ_HEADERS)
	$(say) CC $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests/unit $(CFLAGS) -o $@ $(filter %.c,$^) -lcmocka

$(FUZZ_BUILD)/python/seeds: $(FUZZ_BUILD)/make_python_seeds
	@mkdir -p $@
	$(Q)$< $@
	@touch $@
