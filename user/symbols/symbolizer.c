/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The order of the parts, and what becomes of a stack that one of them cannot deal with. */
#include "symbols/symbolizer.h"

#include <errno.h>

#include "symbols/native/frames.h"
#include "symbols/native/native_names.h"
#include "symbols/jit/perf_map.h"
#include "symbols/process/process_cache.h"
#include "symbols/python/python_merge.h"
#include "symbols/native/unwind.h"
#include "symbols/jit/v8_names.h"

#define DEFAULT_MAX_PROCESSES 64

struct symbolizer {
	struct process_cache *processes; /* owned */
	struct frames frames;            /* of the stack at hand */
	struct stack_frame stack_frames[STACK_MAX_FRAMES];
};

int symbolizer_new(const struct symbolizer_options *options, struct symbolizer **ret_symbolizer)
{
	_cleanup_(symbolizer_freep) struct symbolizer *symbolizer = calloc(1, sizeof(*symbolizer));
	int r;

	if (!symbolizer)
		return -ENOMEM;
	r = process_cache_new(options->max_processes ?: DEFAULT_MAX_PROCESSES,
			      &symbolizer->processes);
	if (r)
		return r;
	*ret_symbolizer = TAKE_PTR(symbolizer);
	return 0;
}

void symbolizer_free(struct symbolizer *symbolizer)
{
	if (!symbolizer)
		return;
	process_cache_free(symbolizer->processes);
	free(symbolizer);
}

static struct process *find_process(struct symbolizer *symbolizer,
				    const struct stack_record *record)
{
	struct process *process;

	return process_cache_get(symbolizer->processes, (pid_t)record->id.pid,
				 record->process_start_ns, &process)
		       ? NULL
		       : process;
}

int symbolizer_prepare(struct symbolizer *symbolizer, pid_t pid, uint64_t process_start_ns,
		       struct python_runtime *ret_runtime)
{
	struct process *process;
	int r = process_cache_get(symbolizer->processes, pid, process_start_ns, &process);

	if (r)
		return r;
	return python_find(process, ret_runtime);
}

void symbolizer_capture(struct symbolizer *symbolizer, const struct stack_record *record,
			struct capture *ret_capture)
{
	capture_thread(find_process(symbolizer, record), record, ret_capture);
}

static void make_sample(const struct stack_record *record, const struct capture *capture,
			struct stack_sample *ret_sample)
{
	const unsigned char *tail = (const unsigned char *)(record + 1);

	*ret_sample = (struct stack_sample){.record = record};
	if (capture) {
		ret_sample->memory = capture->memory;
		ret_sample->memory_size = capture->memory_size;
		ret_sample->python = capture->python;
		ret_sample->nr_python = capture->nr_python;
		ret_sample->flags = capture->flags;
		return;
	}
	ret_sample->memory = tail;
	ret_sample->memory_size = record->memory_size;
	ret_sample->python = (const struct python_frame *)(tail + record->memory_size);
	ret_sample->nr_python = record->nr_python;
}

/* Each part finds the frames as the one before it left them. */
static int find_frames(struct process *process, const struct stack_sample *sample,
		       struct frames *frames)
{
	int r;

	if (process) {
		r = unwind(process, sample, frames);
		r = r ?: native_names(process, frames);
		r = r ?: v8_names(process, sample, frames);
		r = r ?: perf_map_names(process, frames);
		if (r)
			return r;
	} else {
		frames_append(frames, sample->record->registers[STACK_REGISTER_PC]);
		frames->flags |= STACK_IS_PARTIAL;
	}
	return python_merge(process, sample, frames);
}

static void give_frames(struct symbolizer *symbolizer, struct stack *stack)
{
	const struct frames *frames = &symbolizer->frames;

	for (size_t i = 0; i < frames->nr; i++) {
		const struct frame *frame = &frames->frame[i];

		symbolizer->stack_frames[i] = (struct stack_frame){
			.address = frame->address,
			.module_offset = frame->module_offset,
			.function = frame->function,
			.file = frame->file,
			.module = frame->module,
			.line = frame->line,
			.language = frame->language,
			.flags = frame->flags,
		};
	}
	stack->nr_frames = frames->nr;
	stack->frames = symbolizer->stack_frames;
	stack->flags |= frames->flags;
}

int symbolizer_resolve(struct symbolizer *symbolizer, const struct stack_record *record,
		       const struct capture *capture, struct buffer *buffer)
{
	struct process *process = find_process(symbolizer, record);
	struct stack stack;
	struct stack_sample sample;
	int r;

	make_sample(record, capture, &sample);
	stack_of_record(record, &stack);
	stack.flags = sample.flags;
	if (capture)
		stack.holder = capture->holder;
	if (process) /* whether the copy was too short, unwinding tells: mostly it was not */
		stack.flags &= (uint8_t)~STACK_IS_CUT;
	frames_reset(&symbolizer->frames);
	if (!(sample.flags & STACK_IS_MISSING)) {
		r = find_frames(process, &sample, &symbolizer->frames);
		if (r)
			return r;
		give_frames(symbolizer, &stack);
	}
	stack_encode(buffer, &stack);
	return buffer->error;
}

void symbolizer_stats(const struct symbolizer *symbolizer, struct symbolizer_stats *ret_stats)
{
	*ret_stats = (struct symbolizer_stats){
		.processes = process_cache_count(symbolizer->processes),
		.evictions = process_cache_evictions(symbolizer->processes),
	};
}
