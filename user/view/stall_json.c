/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stall's line as a JSON object. */
#include <inttypes.h>

#include "base/clock.h"
#include "model/stall_id.h"
#include "view/json_parts.h"
#include "view/names.h"
#include "view/stall_line.h"

#define ADDRESS_LEN 32

static void put_unless_empty(json_t **object, const char *key, const char *text)
{
	if (*text)
		json_put(object, key, json_text(text));
}

/* Text: numbers of JSON are not exact from 2^53 on. */
static void put_address(json_t **object, const char *key, uint64_t address)
{
	char text[ADDRESS_LEN];

	snprintf(text, sizeof(text), "0x%" PRIx64, address);
	json_put(object, key, json_string(text));
}

static json_t *frame_place(const struct stack_frame *frame)
{
	json_t *object = json_object();

	put_unless_empty(&object, "function", frame->function);
	put_unless_empty(&object, "file", frame->file);
	if (frame->line)
		json_put(&object, "line", json_integer(frame->line));
	put_unless_empty(&object, "module", frame->module);
	if (!*frame->function && *frame->module)
		put_address(&object, "offset", frame->module_offset);
	return object;
}

static json_t *culprit_object(const struct stack_frame *frame)
{
	return frame && (*frame->function || *frame->module) ? frame_place(frame) : json_null();
}

static json_t *frame_object(const struct stack_frame *frame)
{
	json_t *object = frame_place(frame);

	if (frame->address)
		put_address(&object, "address", frame->address);
	put_unless_empty(&object, "language", frame_language_name(frame->language));
	return object;
}

static json_t *stack_array(const struct stack *stack)
{
	json_t *array = json_array();

	for (size_t i = 0; stack && i < stack->nr_frames; i++)
		json_append(&array, frame_object(&stack->frames[i]));
	return array;
}

static json_t *time_object(const struct stall *stall)
{
	json_t *object = json_object();

	for (int i = 0; i < NR_CAUSES; i++)
		json_put(&object, cause_name(i), json_ms(stall->cause_ns[i]));
	return object;
}

static json_t *syscall_array(const struct loop_entry *entry)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < entry->stall->nr_syscalls; i++)
		json_append(&array, json_syscall(&entry->stall->syscalls[i], entry->syscalls));
	return array;
}

static json_t *waker_object(const struct stall *stall)
{
	const struct stall_waker *waker = &stall->waker;
	json_t *object;

	if (!stall->woken)
		return json_null();
	object = json_object();
	json_put(&object, "pid", json_integer(waker->pid));
	json_put(&object, "tid", json_integer(waker->tid));
	json_put(&object, "process", json_text(waker->process));
	json_put(&object, "thread", json_text(waker->thread));
	return object;
}

static void put_holder(json_t **object, const struct stall *stall)
{
	const struct stack_holder *holder = stall_holder(stall);
	json_t *thread;

	if (!holder)
		return;
	thread = json_object();
	json_put(&thread, "pid", json_integer(stall->id.pid));
	json_put(&thread, "tid", json_integer(holder->tid));
	json_put(&thread, "process", json_text(stall->process));
	json_put(&thread, "thread", json_text(holder->thread));
	json_put(object, "held_by", thread);
}

static void put_head(json_t **object, const struct stall_line *line)
{
	static const char *const events[] = {
		[STALL_EVENT_BEGUN] = "begun",
		[STALL_EVENT_LASTS] = "lasts",
		[STALL_EVENT_ENDED] = "ended",
	};
	const struct stall *stall = line->entry->stall;
	const bool ended = line->event == STALL_EVENT_ENDED;
	char time[CLOCK_TEXT_LEN], id[STALL_ID_LEN];

	json_put(object, "event", json_string(events[line->event]));
	json_put(object, "id", json_string(stall_id_text(stall, id)));
	json_put(object, "time", json_string(clock_text(line->unix_ns, time)));
	json_put(object, "pid", json_integer(stall->id.pid));
	json_put(object, "tid", json_integer(stall->id.tid));
	json_put(object, "process", json_text(stall->process));
	json_put(object, "thread", json_text(stall->thread));
	json_put(object, ended ? "duration_ms" : "age_ms",
		 json_ms(stall->until_ns - stall->start_ns));
	if (!ended)
		json_put(object, "where",
			 json_where(stall->cause, stall->syscall_nr, line->entry->syscalls));
}

/* Only where there is something to say. */
static void put_reservations(json_t **object, const struct stall *stall)
{
	if (stall->unseen)
		json_put(object, "unseen", json_true());
	if (stall->thread_exited)
		json_put(object, "thread_exited", json_true());
	if (stall->state == STALL_LOST)
		json_put(object, "end_lost", json_true());
	if (stall->stalls_held)
		json_put(object, "stalls_held", json_integer((json_int_t)stall->stalls_held));
	if (stall->stacks_held)
		json_put(object, "stacks_held", json_integer((json_int_t)stall->stacks_held));
}

int stall_json_write(FILE *out, const struct stall_line *line)
{
	json_auto_t *object = json_object();
	const struct stall *stall = line->entry->stall;
	const struct stack *stack = NULL;
	const struct stack_frame *culprit = stall_line_culprit(line, &stack);

	put_head(&object, line);
	json_put(&object, "container", json_container_of(line->entry->container));
	json_put(&object, "pod", json_pod_of(line->entry->container));
	if (!stall->unseen)
		json_put(&object, "time_ms", time_object(stall));
	json_put(&object, "syscalls", syscall_array(line->entry));
	json_put(&object, "culprit", culprit_object(culprit));
	json_put(&object, "stack", stack_array(stack));
	json_put(&object, "woken_by", waker_object(stall));
	put_holder(&object, stall);
	put_reservations(&object, stall);
	return json_write_line(out, object);
}
