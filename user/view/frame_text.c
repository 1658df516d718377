/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A frame by the best that is known of it. */
#include "view/frame_text.h"

#include <string.h>

#include "base/plain_text.h"

const char *frame_text_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

int frame_text_append(struct buffer *buffer, const struct stack_frame *frame)
{
	if (*frame->function)
		return buffer_append_text(buffer, frame->function);
	if (*frame->module)
		return buffer_printf(buffer, "%s+0x%llx", frame_text_base(frame->module),
				     (unsigned long long)frame->module_offset);
	if (frame->address)
		return buffer_printf(buffer, "0x%llx", (unsigned long long)frame->address);
	return buffer_append_text(buffer, "[unknown]");
}

int frame_text_append_plain(struct buffer *buffer, const struct stack_frame *frame)
{
	_cleanup_(buffer_done) struct buffer raw = {};

	frame_text_append(&raw, frame);
	if (buffer_append(&raw, "", 1))
		return buffer->error = raw.error;
	return plain_text_append(buffer, (const char *)raw.data, NULL);
}

bool frame_text_is_name(const struct stack_frame *frame)
{
	return *frame->function || *frame->module;
}
