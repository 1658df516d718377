/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Nothing is read but the record. A line of Python needs the process, so there is none. */
#include "symbols/unresolved.h"

#include <string.h>

#include "model/stack.h"
#include "python_frames.h"

struct texts {
	char function[PYTHON_NAME_LEN];
	char file[PYTHON_FILE_LEN];
};

static void take_python(const struct python_frame *python, struct texts *texts,
			struct stack_frame *ret_frame)
{
	memcpy(texts->function, python->function, sizeof(texts->function));
	memcpy(texts->file, python->file, sizeof(texts->file));
	texts->function[sizeof(texts->function) - 1] = '\0';
	texts->file[sizeof(texts->file) - 1] = '\0';
	*ret_frame = (struct stack_frame){
		.function = texts->function,
		.file = texts->file,
		.module = "",
		.language = FRAME_PYTHON,
	};
}

void unresolved_stack(struct buffer *buffer, const struct stack_record *record)
{
	const unsigned char *tail = (const unsigned char *)(record + 1) + record->memory_size;
	const struct python_frame *python = (const struct python_frame *)tail;
	struct texts texts[PYTHON_MAX_FRAMES];
	struct stack_frame frames[1 + PYTHON_MAX_FRAMES] = {{
		.address = record->registers[STACK_REGISTER_PC],
		.function = "",
		.file = "",
		.module = "",
	}};
	struct stack stack;

	stack_of_record(record, &stack);
	stack.flags = STACK_IS_PARTIAL | STACK_IS_CUT;
	stack.frames = frames;
	stack.nr_frames = 1 + record->nr_python;
	for (size_t i = 0; i < record->nr_python; i++)
		take_python(&python[i], &texts[i], &frames[1 + i]);
	stack_encode(buffer, &stack);
}
