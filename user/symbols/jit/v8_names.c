/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A frame of JavaScript has its context and its function below the frame pointer, whether it is
 * interpreted, by a builtin in node's file, or compiled. What is not one has a marker of its kind
 * there, which is no pointer. Its words come from the copy of the stack; the objects that they
 * point to may have moved since, and such a frame stays without a name.
 *
 * Only a function that begins is missed: until its frame stands, its caller's is found.
 */
#include "symbols/jit/v8_names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/process/address_space.h"
#include "symbols/jit/v8_function.h"

#define READ_BUDGET (32 * 1024 * 1024) /* bytes of the process's memory, for one stack */
#define BUILTIN_PREFIX "Builtins_"     /* of V8's own code in node's file */
#define LIBRARY "/libnode.so"          /* that has V8 where the program does not */

struct v8_process {
	bool has_v8;
	char module[PATH_MAX]; /* path of the file that V8 is in */
	struct v8_constants constants;
};

void v8_process_free(struct v8_process *v8)
{
	free(v8);
}

/* The program's own file, whatever its path leads to by now. */
static void look_into_program(struct process *process, struct v8_process *v8)
{
	_cleanup_(closep) int fd = openat(process->proc_fd, "exe", O_RDONLY | O_CLOEXEC);
	ssize_t n = readlinkat(process->proc_fd, "exe", v8->module, sizeof(v8->module) - 1);

	v8->module[n > 0 ? n : 0] = '\0';
	v8->has_v8 = fd >= 0 && v8_constants_read(fd, &v8->constants) == 0;
}

static void look_into_library(struct process *process, const struct frame *frame,
			      struct v8_process *v8)
{
	const struct code *code = address_space_find(process, frame->address);
	struct elf_object *object = code ? address_space_object(process, code) : NULL;

	if (!object || v8_constants_of(object->elf, &v8->constants))
		return;
	v8->has_v8 = true;
	snprintf(v8->module, sizeof(v8->module), "%s", frame->module);
}

static int find_v8(struct process *process, const struct frames *frames)
{
	if (!process->v8) {
		process->v8 = calloc(1, sizeof(*process->v8));
		if (!process->v8)
			return -ENOMEM;
		look_into_program(process, process->v8);
	}
	for (size_t i = 0; i < frames->nr && !process->v8->has_v8; i++) {
		if (strstr(frames->frame[i].module, LIBRARY))
			look_into_library(process, &frames->frame[i], process->v8);
	}
	return 0;
}

static bool is_builtin_code(const struct frame *frame)
{
	return strncmp(frame->function, BUILTIN_PREFIX, strlen(BUILTIN_PREFIX)) == 0;
}

/*
 * Whether it may be of JavaScript: of no file, or of V8's, which may be stripped and not name its
 * code. Until it is known which that is, any may be it.
 */
static bool is_candidate(const struct v8_process *v8, const struct frame *frame)
{
	if (!frame->fp)
		return false;
	if (*frame->function)
		return is_builtin_code(frame);
	return !*frame->module || !v8 || strcmp(frame->module, v8->module) == 0;
}

/* Native code may leave the pointer as its caller's, which can be JavaScript. */
static bool has_own_pointer(const struct frames *frames, size_t i)
{
	return i + 1 == frames->nr || frames->frame[i].fp != frames->frame[i + 1].fp;
}

static bool has_candidate(const struct process *process, const struct frames *frames)
{
	for (size_t i = 0; i < frames->nr; i++) {
		if (is_candidate(process->v8, &frames->frame[i]))
			return true;
	}
	return false;
}

static int read_memory(void *context, uint64_t address, void *to, size_t size)
{
	return process_read(context, address, to, size);
}

static void give_name(struct frames *frames, struct frame *frame,
		      const struct v8_function *function)
{
	frame->function = frames_text(frames, function->name, strlen(function->name));
	frame->file = frames_text(frames, function->file, strlen(function->file));
	frame->line = function->line;
	frame->language = FRAME_JAVASCRIPT;
	frame->module = "";
	frame->module_offset = 0;
	frame->flags &= ~FRAME_RUNTIME;
	if (strncmp(function->file, "node:", strlen("node:")) == 0)
		frame->flags |= FRAME_RUNTIME;
}

/* What V8 makes at run time and is of no function. */
static void name_by_marker(struct frame *frame, const struct v8_constants *constants,
			   uint64_t marker)
{
	if (*frame->module || marker > INT32_MAX)
		return;
	if (marker >> 1 == (uint64_t)constants->regexp_frame)
		frame->function = "(regular expression)";
	else if (marker >> 1 == (uint64_t)constants->wasm_frame)
		frame->function = "(WebAssembly)";
	else
		return;
	frame->language = FRAME_JAVASCRIPT;
	frame->flags |= FRAME_RUNTIME;
}

static void name_frame(struct v8_heap *heap, const struct stack_sample *sample,
		       struct frames *frames, struct frame *frame)
{
	const struct v8_constants *constants = heap->constants;
	struct v8_function function;
	uint64_t context, value;
	int type;

	if (stack_sample_read(sample, frame->fp + constants->frame_context, &context,
			      sizeof(context)) ||
	    stack_sample_read(sample, frame->fp + constants->frame_function, &value, sizeof(value)))
		return;
	if (!v8_is_object(context)) {
		name_by_marker(frame, constants, context);
		return;
	}
	type = v8_type(heap, context);
	if (type < constants->first_context_type || type > constants->last_context_type ||
	    v8_function_read(heap, value, &function)) {
		/* of a stripped node's code, most is of none anyway */
		if (!*frame->module || *frame->function)
			frames->flags |= STACK_IS_PARTIAL;
		return;
	}
	if (function.is_builtin && *frame->function)
		return;
	give_name(frames, frame, &function);
	if (function.is_builtin)
		frame->flags |= FRAME_RUNTIME;
}

int v8_names(struct process *process, const struct stack_sample *sample, struct frames *frames)
{
	struct v8_heap heap = {.read = read_memory, .context = process, .budget = READ_BUDGET};
	int r;

	if (!has_candidate(process, frames))
		return 0;
	r = find_v8(process, frames);
	if (r || !process->v8->has_v8)
		return r;
	heap.constants = &process->v8->constants;
	for (size_t i = 0; i < frames->nr; i++) {
		struct frame *frame = &frames->frame[i];

		if (strcmp(frame->module, process->v8->module) == 0)
			frame->flags |= FRAME_RUNTIME;
		if (is_candidate(process->v8, frame) && has_own_pointer(frames, i))
			name_frame(&heap, sample, frames, frame);
	}
	return 0;
}
