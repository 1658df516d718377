/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One line a frame, as the runtimes that print stack traces innermost first have it. */
#include "export/stack_text.h"

#include <string.h>

#include "base/plain_text.h"
#include "view/frame_text.h"

static void add_frame(struct buffer *buffer, const struct stack_frame *frame)
{
	const char *place = *frame->file ? frame->file : *frame->function ? frame->module : "";

	buffer_append_text(buffer, "    at ");
	frame_text_append_plain(buffer, frame);
	if (*place) {
		buffer_append_text(buffer, " (");
		plain_text_append(buffer, place, NULL);
		if (*frame->file && frame->line)
			buffer_printf(buffer, ":%u", frame->line);
		buffer_append_text(buffer, ")");
	}
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
