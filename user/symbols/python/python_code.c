/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A code object may be gone by now, and its memory be another one's: so what the frame says is
 * read once more, and has to be the same. Nothing is kept: a stack of 64 frames takes some hundred
 * small reads, about a millisecond.
 */
#include "symbols/python/python_code.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/python/python_lines.h"

#define MAX_LINES (1 << 20) /* bytes of a table */

static bool is_the_same(const struct process *process, const struct python_runtime *runtime,
			const struct python_frame *frame)
{
	struct python_walk walk = {.runtime = runtime, .context = process};
	struct python_frame now = {.code = frame->code};
	const __u32 names = PYTHON_FRAME_NAME_CUT | PYTHON_FRAME_FILE_CUT;

	if (!frame->code ||
	    PYTHON_READ(process, &now.first_line, sizeof(now.first_line),
			python_address(&walk, frame->code, PYTHON_AT_CODE_FIRST_LINE)))
		return false;
	python_frame_names(&walk, &now);
	return !walk.failed && now.first_line == frame->first_line &&
	       (now.flags & names) == (frame->flags & names) &&
	       !strncmp(now.function, frame->function, PYTHON_NAME_LEN) && /* may not end */
	       !strncmp(now.file, frame->file, PYTHON_FILE_LEN);
}

/* 0: it cannot be told. */
static uint32_t read_line(const struct process *process, const struct python_runtime *runtime,
			  const struct python_frame *frame)
{
	struct python_walk walk = {.runtime = runtime, .context = process};
	uint64_t lines = python_pointer(&walk, frame->code, PYTHON_AT_CODE_LINES);
	uint64_t size = python_pointer(&walk, lines, PYTHON_AT_BYTES_SIZE);
	_cleanup_(freep) unsigned char *table = NULL;

	if (frame->instruction == PYTHON_NO_INSTRUCTION || !size || size > MAX_LINES)
		return 0;
	table = malloc(size);
	if (!table ||
	    process_read(process, python_address(&walk, lines, PYTHON_AT_BYTES_DATA), table, size))
		return 0;
	return python_line(table, size, frame->first_line, frame->instruction);
}

/* The whole of what was cut, if it can be had. */
static void read_whole(const struct process *process, const struct python_runtime *runtime,
		       uint64_t code, enum python_offset at, char to[static STACK_MAX_TEXT])
{
	struct python_walk walk = {.runtime = runtime, .context = process};
	char text[STACK_MAX_TEXT];

	if (python_text_read(process, runtime, python_pointer(&walk, code, at), text,
			     sizeof(text)) > 0)
		memcpy(to, text, sizeof(text));
}

void python_code_names(const struct process *process, const struct python_runtime *runtime,
		       const struct python_frame *frame, struct python_names *ret_names)
{
	ret_names->line = frame->first_line > 0 ? (uint32_t)frame->first_line : 0;
	snprintf(ret_names->function, sizeof(ret_names->function), "%.*s", PYTHON_NAME_LEN - 1,
		 frame->function);
	snprintf(ret_names->file, sizeof(ret_names->file), "%.*s", PYTHON_FILE_LEN - 1,
		 frame->file);
	if (!runtime->version || !is_the_same(process, runtime, frame))
		return;
	ret_names->line = read_line(process, runtime, frame) ?: ret_names->line;
	if (frame->flags & PYTHON_FRAME_NAME_CUT)
		read_whole(process, runtime, frame->code, PYTHON_AT_CODE_NAME, ret_names->function);
	if (frame->flags & PYTHON_FRAME_FILE_CUT)
		read_whole(process, runtime, frame->code, PYTHON_AT_CODE_FILE, ret_names->file);
}
