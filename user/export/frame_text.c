/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One line a frame, as the runtimes that print stack traces innermost first have it. */
#include "export/frame_text.h"

#include <stdio.h>
#include <string.h>

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

bool frame_has_name(const struct stack_frame *frame)
{
	return *frame->function || *frame->module;
}

const char *frame_name(const struct stack_frame *frame, char name[FRAME_NAME_LEN])
{
	if (*frame->function)
		snprintf(name, FRAME_NAME_LEN, "%.*s", STACK_MAX_TEXT, frame->function);
	else if (*frame->module)
		snprintf(name, FRAME_NAME_LEN, "%.*s+0x%llx", STACK_MAX_TEXT,
			 last_part(frame->module), (unsigned long long)frame->module_offset);
	else
		snprintf(name, FRAME_NAME_LEN, "0x%llx", (unsigned long long)frame->address);
	return name;
}

static void add_frame(struct buffer *buffer, const struct stack_frame *frame)
{
	char name[FRAME_NAME_LEN];

	buffer_printf(buffer, "    at %s", frame_name(frame, name));
	if (*frame->file && frame->line)
		buffer_printf(buffer, " (%s:%u)", frame->file, frame->line);
	else if (*frame->file)
		buffer_printf(buffer, " (%s)", frame->file);
	else if (*frame->function && *frame->module)
		buffer_printf(buffer, " (%s)", frame->module);
	buffer_append_text(buffer, "\n");
}

void stack_text(struct buffer *buffer, const struct stack *stack, size_t max_bytes)
{
	static const char cut[] = "    ...\n";
	size_t end = buffer->size + max_bytes - strlen(cut);
	bool whole = !(stack->flags & STACK_IS_CUT);

	for (size_t i = 0; i < stack->nr_frames; i++) {
		size_t size = buffer->size;

		add_frame(buffer, &stack->frames[i]);
		if (buffer->error)
			return;
		if (buffer->size > end) {
			buffer->size = size;
			whole = false;
			break;
		}
	}
	if (!whole)
		buffer_append_text(buffer, cut);
}
