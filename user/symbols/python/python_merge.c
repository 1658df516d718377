/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interpreter calls itself for a function of Python only where C is between the two. So frames
 * of Python come in runs, each of which ends with an entry frame, and of each run there is one
 * native frame of the function that evaluates it.
 */
#include "symbols/python/python_merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/text_end.h"
#include "symbols/python/python_code.h"

struct merge {
	struct process *process;       /* NULL: it is gone */
	struct python_runtime runtime; /* version 0: nothing can be asked of it */
	struct frames *frames;
	uint64_t stack_pointer; /* of the innermost frame */
};

/* Its handlers are functions of their own where compilers can jump from one to the next. */
static const char *const evaluators[] = {"_PyEval_EvalFrameDefault", "_TAIL_CALL_"};

static bool is_evaluator(const struct frame *frame)
{
	size_t length = strlen(evaluators[0]);

	if (!strncmp(frame->function, evaluators[1], strlen(evaluators[1])))
		return true;
	/* compilers make parts of it, whose names have something behind a dot */
	return !strncmp(frame->function, evaluators[0], length) &&
	       (!frame->function[length] || frame->function[length] == '.');
}

static void fill_frame(const struct merge *merge, const struct python_frame *python,
		       struct frame *frame)
{
	struct python_names names;

	python_code_names(merge->process, &merge->runtime, python, &names);
	frame->function = frames_text(merge->frames, names.function, strlen(names.function));
	frame->file = frames_text(merge->frames, names.file, strlen(names.file));
	frame->line = names.line;
	frame->language = FRAME_PYTHON;
	frame->flags = python_origin_of(names.file) == PYTHON_APPLICATION ? 0 : FRAME_RUNTIME;
}

/* Up to the first entry frame, it included. */
static size_t run_length(const struct python_frame *python, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		if (python[i].flags & PYTHON_FRAME_ENTRY)
			return i + 1;
	return nr;
}

/* Returns how many there was room for. */
static size_t insert_run(const struct merge *merge, const struct python_frame *python, size_t nr,
			 size_t at)
{
	nr = frames_insert(merge->frames, at, nr);
	for (size_t i = 0; i < nr; i++)
		fill_frame(merge, &python[i], &merge->frames->frame[at + i]);
	return nr;
}

/* A program may have been installed as a package: then that is all there is to blame. */
static void blame_packages(struct frames *frames)
{
	for (size_t i = 0; i < frames->nr; i++)
		if (frames->frame[i].language == FRAME_PYTHON &&
		    !(frames->frame[i].flags & FRAME_RUNTIME))
			return;
	for (size_t i = 0; i < frames->nr; i++)
		if (frames->frame[i].language == FRAME_PYTHON &&
		    python_origin_of(frames->frame[i].file) == PYTHON_PACKAGE)
			frames->frame[i].flags &= ~FRAME_RUNTIME;
}

/* Of asyncio, which runs other loops than its own, too. */
static bool runs_loop(const struct frame *frame)
{
	if (frame->language != FRAME_PYTHON || !(frame->flags & FRAME_RUNTIME))
		return false;
	if (!strcmp(frame->function, "BaseEventLoop.run_forever"))
		return text_ends_in(frame->file, "/asyncio/base_events.py");
	return !strcmp(frame->function, "Runner.run") &&
	       text_ends_in(frame->file, "/asyncio/runners.py");
}

/* Who runs the loop waits for all that is done in it, and is to blame for nothing of that. */
static void spare_callers(struct frames *frames)
{
	size_t outermost = frames->nr;

	while (outermost && !runs_loop(&frames->frame[outermost - 1]))
		outermost--;
	for (size_t i = outermost; outermost && i < frames->nr; i++)
		frames->frame[i].flags |= FRAME_RUNTIME;
}

/*
 * Where the evaluator is that was called for a run: what it keeps of the call on its stack is
 * between the frame that it called and its own caller's. It needs no name: parts of it, which
 * compilers set apart, have none in a stripped program.
 */
static size_t find_entered(const struct merge *merge, size_t from, __u32 entered_at)
{
	const struct frames *frames = merge->frames;
	__u32 below = (__u32)merge->stack_pointer;

	for (size_t at = 0; entered_at && at < frames->nr; at++) {
		__u32 cfa = (__u32)frames->frame[at].cfa;
		bool is_last =
			at + 1 == frames->nr || frames->frame[at + 1].cfa != frames->frame[at].cfa;

		if (!cfa || !is_last) /* inlined frames share one */
			continue;
		if (at >= from && entered_at - below < cfa - below)
			return at;
		below = cfa;
	}
	return frames->nr;
}

static size_t find_evaluator(const struct frames *frames, size_t from)
{
	while (from < frames->nr && !is_evaluator(&frames->frame[from]))
		from++;
	return from;
}

/* In place of evaluators, as many as there are; returns how many frames that took. */
static size_t replace_evaluators(const struct merge *merge, const struct python_frame *python,
				 size_t nr)
{
	struct frames *frames = merge->frames;
	size_t from = 0, used = 0;

	while (used < nr) {
		size_t length = run_length(python + used, nr - used);
		size_t at = find_entered(merge, from, python[used + length - 1].entered_at);

		if (at == frames->nr)
			at = find_evaluator(frames, from);
		if (at == frames->nr)
			return used;
		frames_remove(frames, at, 1);
		from = at + insert_run(merge, python + used, length, at);
		used += length;
	}
	if (find_evaluator(frames, from) < frames->nr)
		frames->flags |= STACK_IS_PARTIAL;
	return used;
}

int python_merge(struct process *process, const struct stack_sample *sample, struct frames *frames)
{
	struct merge merge = {.process = process, .frames = frames};
	size_t nr = sample->nr_python, used;

	if (sample->record)
		merge.stack_pointer = stack_sample_pointer(sample);
	if (nr && process && python_find(process, &merge.runtime))
		merge.runtime.version = 0;
	used = replace_evaluators(&merge, sample->python, nr);
	insert_run(&merge, sample->python + used, nr - used, frames->nr);
	if (nr && sample->python[nr - 1].flags & PYTHON_FRAME_LAST)
		frames->flags |= STACK_IS_PARTIAL;
	blame_packages(frames);
	spare_callers(frames);
	return 0;
}
