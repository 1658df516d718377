/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames that are folded are told by what they are of: a library's file, or a package. */
#include "view/stack_lines.h"

#include <inttypes.h>
#include <string.h>

#include "base/fnv.h"
#include "view/format.h"
#include "view/frame_text.h"
#include "view/terminal_text.h"

#define MAX_INNERMOST 3
#define MAX_APPLICATION 8 /* with the above some 12 lines */
#define MAX_OWNERS 2      /* that are named of a fold */
#define OWNER_LEN 64
#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

struct text {
	FILE *out;
	const char *indent;
	const struct stack *stack;
	const struct stack_frame *culprit;
	const struct stack_lines_options *options;
};

static bool is_application(const struct stack_frame *frame)
{
	return !(frame->flags & FRAME_RUNTIME);
}

void stack_lines_name(const struct stack_frame *frame, size_t size, char *ret_name)
{
	char module[STACK_LINES_NAME_LEN];

	if (*frame->function)
		terminal_escape(ret_name, size, frame->function);
	else if (*frame->module)
		snprintf(ret_name, size, "%s+0x%" PRIx64,
			 terminal_escape(module, sizeof(module), frame_text_base(frame->module)),
			 frame->module_offset);
	else
		snprintf(ret_name, size, "0x%" PRIx64, frame->address);
}

void stack_lines_place(FILE *out, const struct stack_frame *frame)
{
	const char *path = *frame->file ? frame->file : *frame->function ? frame->module : "";
	char name[STACK_LINES_NAME_LEN];

	if (!is_application(frame))
		path = frame_text_base(path);
	if (*path)
		fprintf(out, "  %s", terminal_escape(name, sizeof(name), path));
	if (*frame->file && frame->line)
		fprintf(out, ":%u", frame->line);
}

static void put_frame(const struct text *text, const struct stack_frame *frame)
{
	const char *style = frame == text->culprit ? BOLD : is_application(frame) ? "" : DIM;
	char name[STACK_LINES_NAME_LEN];

	if (!text->options->styles)
		style = "";
	stack_lines_name(frame, sizeof(name), name);
	fprintf(text->out, "%s  %s%s", text->indent, style, name);
	stack_lines_place(text->out, frame);
	fprintf(text->out, "%s%s\n", frame->flags & FRAME_INLINED ? "  (inlined)" : "",
		*style ? PLAIN : "");
}

/* Its library's file; of a source file, the directory: asyncio, node:internal. What CPython adds to
 * the names of modules in C is left out. */
static void name_owner(const struct stack_frame *frame, char ret_owner[OWNER_LEN])
{
	const char *path = *frame->module ? frame->module : frame->file;
	const char *base = frame_text_base(path), *end = base + strlen(base);
	char owner[OWNER_LEN], *tag;

	if (!*frame->module && base > path) {
		end = base - 1;
		for (base = end; base > path && base[-1] != '/';)
			base--;
	}
	snprintf(owner, sizeof(owner), "%.*s", (int)(end - base), base);
	tag = strstr(owner, ".cpython-");
	if (tag)
		*tag = '\0';
	terminal_escape(ret_owner, OWNER_LEN, owner);
}

/* " of libpython3.11.so.1.0, asyncio and others"; nothing where one of the application is there. */
static void put_owners(const struct text *text, size_t from, size_t to)
{
	char owners[MAX_OWNERS + 1][OWNER_LEN] = {};
	size_t nr = 0;

	for (size_t i = from; i < to && nr <= MAX_OWNERS; i++) {
		bool known = false;

		if (is_application(&text->stack->frames[i]))
			return;
		name_owner(&text->stack->frames[i], owners[nr]);
		for (size_t j = 0; j < nr; j++)
			known |= !strcmp(owners[j], owners[nr]);
		nr += *owners[nr] && !known;
	}
	for (size_t i = 0; i < nr && i < MAX_OWNERS; i++)
		fprintf(text->out, "%s%s",
			!i                 ? " of "
			: nr == MAX_OWNERS ? " and "
					   : ", ",
			owners[i]);
	if (nr > MAX_OWNERS)
		fputs(" and others", text->out);
}

static void put_fold(const struct text *text, size_t from, size_t to)
{
	const bool styles = text->options->styles;
	char frames[FORMAT_LEN];

	if (to - from == 1) {
		put_frame(text, &text->stack->frames[from]);
		return;
	}
	fprintf(text->out, "%s  %s%s %s", text->indent, styles ? DIM : "",
		text->options->unicode ? "…" : "...", format_counted(frames, to - from, "frame"));
	put_owners(text, from, to);
	fprintf(text->out, "%s\n", styles ? PLAIN : "");
}

static void put_frames(const struct text *text)
{
	const struct stack *stack = text->stack;
	size_t nr_application = 0, next = 0;

	for (size_t i = 0; i < stack->nr_frames; i++) {
		const struct stack_frame *frame = &stack->frames[i];

		if (!text->options->full && i >= MAX_INNERMOST && frame != text->culprit &&
		    (!is_application(frame) || ++nr_application > MAX_APPLICATION))
			continue;
		if (i > next)
			put_fold(text, next, i);
		put_frame(text, frame);
		next = i + 1;
	}
	if (stack->nr_frames > next)
		put_fold(text, next, stack->nr_frames);
}

void stack_lines_write(FILE *out, const char *indent, const struct stack *stack,
		       const struct stack_frame *culprit, const struct stack_lines_options *options)
{
	const struct text text = {out, indent, stack, culprit, options};

	put_frames(&text);
	if (stack->flags & STACK_IS_CUT)
		fprintf(out, "%s  outer frames are missing\n", indent);
	if (stack->flags & STACK_IS_PARTIAL)
		fprintf(out, "%s  some frames or names are missing\n", indent);
}

/* With its end: no two texts are as one. */
static uint64_t mix(uint64_t value, const char *text)
{
	return fnv_add(value, text, strlen(text) + 1);
}

uint64_t stack_lines_likeness(const struct stack *stack, const struct stack_frame *culprit)
{
	uint64_t value = FNV_BASIS;

	for (size_t i = 0; i < stack->nr_frames; i++) {
		const struct stack_frame *frame = &stack->frames[i];

		if (!is_application(frame) && frame != culprit)
			continue;
		value = mix(mix(mix(value, frame->function), frame->file), frame->module);
		value ^= frame == culprit;
	}
	return value ?: 1;
}
