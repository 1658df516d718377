/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* DWARF tells most, and symbols what it leaves out; what both do not is a module and an offset. */
#include "symbols/native/native_names.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "symbols/process/address_space.h"
#include "symbols/process/code_file.h"
#include "symbols/native/demangle.h"
#include "symbols/elf/elf_dwarf.h"
#include "symbols/elf/elf_symbols.h"
#include "symbols/native/name_cache.h"

#define NSEC_PER_SEC 1000000000ULL
#define MAX_CPU_NS (NSEC_PER_SEC / 2) /* of a stack, for DWARF; then symbols must do */

struct naming {
	struct process *process;
	struct frames *frames;
	uint64_t until_ns; /* of this thread's CPU time */
};

/* Texts of one address, while they are put together. */
struct text_space {
	char functions[DWARF_MAX_INLINED][STACK_MAX_TEXT];
	char files[DWARF_MAX_INLINED][STACK_MAX_TEXT];
};

/* A Go program's own symbols are its packages' paths and names; others are of C that it links. */
static uint8_t language_of(const struct elf_object *object, uint8_t by_name, uint8_t by_dwarf,
			   const char *function)
{
	if (by_name != FRAME_NATIVE)
		return by_name;
	if (by_dwarf == FRAME_NATIVE && object->is_go && strchr(function, '.'))
		return FRAME_GO;
	return by_dwarf;
}

static void name_one(const struct elf_object *object, const struct dwarf_place *place,
		     char *function, char *file, struct native_name *ret_name)
{
	uint8_t language = demangle(place->function ?: "", function);

	if (!place->function && place->entry.addr)
		elf_dwarf_name(&place->entry, function);
	if (!place->file)
		*file = '\0';
	else if (place->file[0] == '/' || !place->directory)
		snprintf(file, STACK_MAX_TEXT, "%s", place->file);
	else
		snprintf(file, STACK_MAX_TEXT, "%s/%s", place->directory, place->file);
	*ret_name = (struct native_name){
		.function = function,
		.file = file,
		.line = place->line,
		.language = language_of(object, language, place->language, function),
		.flags = function_is_runtime(function) || source_is_runtime(file) ? FRAME_RUNTIME
										  : 0,
	};
}

static void find_names(struct elf_object *object, uint64_t vaddr, bool by_dwarf,
		       struct native_names *names)
{
	static struct text_space texts; /* large, and of one address at a time */
	struct dwarf_place places[DWARF_MAX_INLINED] = {};
	size_t nr = by_dwarf ? elf_dwarf_find(object, vaddr, places) : 0, outer;

	names->nr = nr ?: 1;
	outer = names->nr - 1;
	/* a function of C has many names in the C library: symbols have the one that is called */
	if (!places[outer].function || places[outer].language == FRAME_NATIVE)
		places[outer].function = elf_symbol_at(object, vaddr) ?: places[outer].function;
	for (size_t i = 0; i < names->nr; i++) {
		name_one(object, &places[i], texts.functions[i], texts.files[i], &names->names[i]);
		if (i < outer)
			names->names[i].flags |= FRAME_INLINED;
	}
}

static uint64_t cpu_ns(void)
{
	struct timespec now = {};

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * NSEC_PER_SEC + now.tv_nsec;
}

/*
 * DWARF is for what a user can change: an interpreter's and the C library's own lines help nobody,
 * and are large. What there was no time for is found when it is met again.
 */
static const struct native_names *names_of(const struct naming *naming, struct elf_object *object,
					   uint64_t vaddr, bool runtime)
{
	const struct native_names *known = name_cache_get(object->id, vaddr);
	bool late = !runtime && !known && cpu_ns() > naming->until_ns;
	static struct native_names names;

	if (known)
		return known;
	find_names(object, vaddr, !runtime && !late, &names);
	if (late)
		naming->frames->flags |= STACK_IS_PARTIAL;
	else
		name_cache_put(object->id, vaddr, &names);
	return &names;
}

static void fill(struct frames *frames, struct frame *frame, const struct native_name *name)
{
	frame->function = frames_text(frames, name->function, strlen(name->function));
	frame->file = frames_text(frames, name->file, strlen(name->file));
	frame->line = name->line;
	frame->language = name->language;
	frame->flags |= name->flags;
}

/* How many frames there are now in the place of the one at `at`. */
static size_t put_names(struct frames *frames, size_t at, const struct native_names *names)
{
	const struct frame whole = frames->frame[at];
	size_t nr;

	frames_insert(frames, at, names->nr - 1);
	/* at the array's end, outer ones are cut off, and the frame itself */
	nr = frames->nr - at < names->nr ? frames->nr - at : names->nr;
	for (size_t i = 0; i < nr; i++) {
		frames->frame[at + i] = whole;
		fill(frames, &frames->frame[at + i], &names->names[i]);
	}
	return nr;
}

/* Frames of one file mostly follow each other: they share its name. */
static const char *module_text(struct frames *frames, size_t at, const char *path)
{
	char cut[STACK_MAX_TEXT];

	snprintf(cut, sizeof(cut), "%s", path);
	for (size_t i = at; i-- > 0;) {
		if (!strcmp(frames->frame[i].module, cut))
			return frames->frame[i].module;
	}
	return frames_text(frames, cut, strlen(cut));
}

static size_t name_frame(const struct naming *naming, size_t at)
{
	struct process *process = naming->process;
	struct frames *frames = naming->frames;
	struct frame *frame = &frames->frame[at];
	uint64_t pc = frame->address - frame->is_return, bias;
	const struct code *code = address_space_find(process, pc);
	const struct code_file *file = code ? address_space_file(process, code) : NULL;
	struct elf_object *object = file ? address_space_object(process, code) : NULL;

	/* a compiler at run time may write to a file, to map it twice */
	if (!file || (file->not_elf && file->path[0] != '['))
		return 1;
	frame->module = module_text(frames, at, file->path);
	frame->module_offset = frame->address - code->start + code->offset;
	if (file->runtime)
		frame->flags |= FRAME_RUNTIME;
	if (!object || !address_space_bias(code, object, &bias))
		return 1;
	frame->module_offset = frame->address - bias;
	return put_names(frames, at, names_of(naming, object, pc - bias, file->runtime));
}

int native_names(struct process *process, struct frames *frames)
{
	const struct naming naming = {process, frames, cpu_ns() + MAX_CPU_NS};

	for (size_t at = 0; at < frames->nr;)
		at += frames->frame[at].address ? name_frame(&naming, at) : 1;
	return 0;
}
