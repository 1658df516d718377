/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of jansson, which repairs and escapes what processes call themselves and their code. */
#include "view/timeline_stall.h"

#include <string.h>

#include "base/json_values.h"
#include "base/syscall_name.h"
#include "view/frame_text.h"
#include "view/names.h"

static json_t *json_of(struct buffer *buffer)
{
	return buffer_append(buffer, "", 1) ? NULL : json_text((const char *)buffer->data);
}

static json_t *frame_name(const struct stack_frame *frame, const char *otherwise)
{
	_cleanup_(buffer_done) struct buffer text = {};

	if (!frame)
		return json_string(otherwise);
	frame_text_append(&text, frame);
	return json_of(&text);
}

json_t *timeline_stall_name(const struct stall *stall)
{
	return frame_name(stall_culprit(stall, NULL), "stall");
}

json_t *timeline_stack_name(const struct stack *stack)
{
	return frame_name(stack_culprit(stack), FRAME_TEXT_NO_STACK);
}

/* "function file:line" */
static json_t *frame_line(const struct stack_frame *frame)
{
	_cleanup_(buffer_done) struct buffer text = {};

	frame_text_append(&text, frame);
	if (*frame->file)
		buffer_printf(&text, " %s", frame->file);
	if (*frame->file && frame->line)
		buffer_printf(&text, ":%u", frame->line);
	return json_of(&text);
}

json_t *timeline_stack_arguments(const struct stall *stall, const struct stack *stack)
{
	json_t *object = json_object(), *frames = json_array();

	for (size_t i = 0; i < stack->nr_frames; i++)
		json_append(&frames, frame_line(&stack->frames[i]));
	json_put(&object, "cause", json_string(cause_name(stack->cause)));
	if (stack->time_ns >= stall->start_ns)
		json_put(&object, "taken_ms", json_ms(stack->time_ns - stall->start_ns));
	if (stack->flags & STACK_IS_CUT)
		json_put(&object, "outer_frames_missing", json_true());
	json_put(&object, "stack", frames);
	return object;
}

static void put_text(json_t **object, const char *key, const char *text)
{
	if (*text)
		json_put(object, key, json_text(text));
}

static json_t *culprit_object(const struct stack_frame *frame)
{
	json_t *object = json_object();

	put_text(&object, "function", frame->function);
	put_text(&object, "file", frame->file);
	if (frame->line)
		json_put(&object, "line", json_integer(frame->line));
	put_text(&object, "module", frame->module);
	return object;
}

static json_t *times_object(const struct stall *stall)
{
	json_t *object = json_object();

	for (int i = 0; i < NR_CAUSES; i++) {
		if (stall->cause_ns[i])
			json_put(&object, cause_name(i), json_ms(stall->cause_ns[i]));
	}
	return object;
}

static json_t *syscalls_object(const struct loop_entry *entry)
{
	const struct stall *stall = entry->stall;
	json_t *object = json_object();
	char name[SYSCALL_NAME_LEN];

	for (unsigned int i = 0; i < stall->nr_syscalls; i++)
		json_put(&object, syscall_name_by(entry->syscalls, stall->syscalls[i].nr, name),
			 json_ms(stall->syscalls[i].time_ns));
	return object;
}

static json_t *waker_object(const struct stall_waker *waker)
{
	char process[RECORD_COMM_LEN + 1] = "", thread[RECORD_COMM_LEN + 1] = "";
	json_t *object = json_object();

	memcpy(process, waker->process, RECORD_COMM_LEN);
	memcpy(thread, waker->thread, RECORD_COMM_LEN);
	json_put(&object, "pid", json_integer(waker->pid));
	json_put(&object, "tid", json_integer(waker->tid));
	json_put(&object, "process", json_text(process));
	json_put(&object, "thread", json_text(thread));
	return object;
}

static const char *state_text(const struct stall *stall)
{
	switch (stall->state) {
	case STALL_GOES_ON:
		return "goes on";
	case STALL_LOST:
		return "its end was not told";
	case STALL_ENDED:
		break;
	}
	return "ended";
}

json_t *timeline_stall_arguments(const struct loop_entry *entry)
{
	const struct stall *stall = entry->stall;
	const struct stack_frame *culprit = stall_culprit(stall, NULL);
	json_t *object = json_object();

	json_put(&object, "duration_ms", json_ms(stall->until_ns - stall->start_ns));
	json_put(&object, "cause", json_string(cause_name(stall->cause)));
	json_put(&object, "state", json_string(state_text(stall)));
	if (stall->unseen)
		json_put(&object, "began_before_anyone_watched", json_true());
	if (culprit)
		json_put(&object, "culprit", culprit_object(culprit));
	json_put(&object, "time_ms", times_object(stall));
	if (stall->nr_syscalls)
		json_put(&object, "syscalls_ms", syscalls_object(entry));
	if (stall->woken)
		json_put(&object, "woken_by", waker_object(&stall->waker));
	if (entry->container) {
		put_text(&object, "pod", entry->container->pod);
		put_text(&object, "namespace", entry->container->namespace);
	}
	return object;
}

json_t *timeline_begun_arguments(const struct stall *stall)
{
	json_t *object = json_object();

	json_put(&object, "threshold_ms", json_ms(stall->blocking_ns));
	return object;
}

json_t *timeline_woken_arguments(const struct stall *stall)
{
	json_t *object = waker_object(&stall->waker);

	json_put(&object, "note",
		 json_string("by whom its longest sleep was ended; shown at the stall's end, since "
			     "when that was is not known"));
	return object;
}
