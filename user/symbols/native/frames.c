/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One array, one arena: a stack of many long names loses the names of its outer frames. */
#include "symbols/native/frames.h"

#include <string.h>

static const struct frame nameless = {.function = "", .file = "", .module = ""};

void frames_reset(struct frames *frames)
{
	frames->flags = 0;
	frames->nr = 0;
	frames->text_size = 0;
}

struct frame *frames_append(struct frames *frames, uint64_t address)
{
	struct frame *frame;

	if (frames->nr == STACK_MAX_FRAMES) {
		frames->flags |= STACK_IS_CUT;
		return NULL;
	}
	frame = &frames->frame[frames->nr++];
	*frame = nameless;
	frame->address = address;
	return frame;
}

size_t frames_insert(struct frames *frames, size_t at, size_t nr)
{
	size_t behind;

	if (at > frames->nr)
		return 0;
	if (nr > STACK_MAX_FRAMES - at)
		nr = STACK_MAX_FRAMES - at;
	behind = frames->nr - at;
	if (behind > STACK_MAX_FRAMES - at - nr) {
		behind = STACK_MAX_FRAMES - at - nr;
		frames->flags |= STACK_IS_CUT;
	}
	memmove(&frames->frame[at + nr], &frames->frame[at], behind * sizeof(struct frame));
	for (size_t i = at; i < at + nr; i++)
		frames->frame[i] = nameless;
	frames->nr = at + nr + behind;
	return nr;
}

void frames_remove(struct frames *frames, size_t at, size_t nr)
{
	if (at >= frames->nr)
		return;
	if (nr > frames->nr - at)
		nr = frames->nr - at;
	memmove(&frames->frame[at], &frames->frame[at + nr],
		(frames->nr - at - nr) * sizeof(struct frame));
	frames->nr -= nr;
}

const char *frames_text(struct frames *frames, const char *text, size_t length)
{
	char *copy = frames->text + frames->text_size;

	if (length >= STACK_MAX_TEXT)
		length = STACK_MAX_TEXT - 1;
	length = strnlen(text, length);
	if (!length)
		return "";
	if (length >= FRAMES_TEXT_BYTES - frames->text_size) {
		frames->flags |= STACK_IS_PARTIAL;
		return "";
	}
	memcpy(copy, text, length);
	copy[length] = '\0';
	frames->text_size += length + 1;
	return copy;
}
