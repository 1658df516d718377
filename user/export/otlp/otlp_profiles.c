/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The profile comes first and its dictionary after it: only then all that it refers to is known. */
#include "export/otlp/otlp_profiles.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "export/otlp/otlp_dictionary.h"
#include "export/otlp/otlp_resource.h"
#include "export/otlp/otlp_wire.h"
#include "model/stall_id.h"
#include "proto/otlp_profiles.pb-c.h"
#include "view/names.h"

#define REQUEST_DICTIONARY 2
#define PROFILE_SAMPLES 2
#define SAMPLE_ATTRIBUTES 3

struct profile_writer {
	const struct stall *stall;
	__u64 unix_offset_ns;
	struct buffer *request;
	struct dictionary dictionary;
};

static void add_sample(struct profile_writer *writer, const struct stall_stack *weighed)
{
	struct dictionary *dictionary = &writer->dictionary;
	const struct stall *stall = writer->stall;
	const struct stack *stack = weighed->stack;
	char thread[RECORD_COMM_LEN + 1];
	int32_t attributes[SAMPLE_ATTRIBUTES];
	int64_t value = (int64_t)weighed->weight_ns;
	uint64_t time_ns = stack->time_ns + writer->unix_offset_ns;
	Otlp__Sample message = OTLP__SAMPLE__INIT;
	size_t opened = wire_open(writer->request, PROFILE_SAMPLES);

	snprintf(thread, sizeof(thread), "%.*s", RECORD_COMM_LEN, stall->thread);
	attributes[0] = dictionary_integer_attribute(dictionary, "thread.id", stall->id.tid);
	attributes[1] = dictionary_text_attribute(dictionary, "thread.name", thread);
	attributes[2] =
		dictionary_text_attribute(dictionary, "event_loop.state", cause_name(stack->cause));
	message.stack_index = dictionary_stack(dictionary, stack);
	message.n_attribute_indices = SAMPLE_ATTRIBUTES;
	message.attribute_indices = attributes;
	message.n_values = 1;
	message.values = &value;
	message.n_timestamps_unix_nano = 1;
	message.timestamps_unix_nano = &time_ns;
	wire_fields(writer->request, &message.base);
	wire_close(writer->request, opened);
}

static void add_profile(struct profile_writer *writer)
{
	const struct stall *stall = writer->stall;
	Otlp__Profile message = OTLP__PROFILE__INIT;
	Otlp__ValueType type = OTLP__VALUE_TYPE__INIT;
	char id[STALL_ID_LEN];
	int32_t attribute;

	type.type_strindex = dictionary_string(&writer->dictionary, "stall");
	type.unit_strindex = dictionary_string(&writer->dictionary, "nanoseconds");
	attribute = dictionary_text_attribute(&writer->dictionary, "event_loop.stall.id",
					      stall_id_text(stall, id));
	message.sample_type = &type;
	message.time_unix_nano = stall->start_ns + writer->unix_offset_ns;
	message.duration_nano = stall->until_ns - stall->start_ns;
	message.n_attribute_indices = 1;
	message.attribute_indices = &attribute;
	wire_fields(writer->request, &message.base);
	for (size_t i = 0; i < stall->nr_stacks; i++) {
		if (stall->stacks[i].stack->nr_frames)
			add_sample(writer, &stall->stacks[i]);
	}
}

static bool has_frames(const struct stall *stall)
{
	for (size_t i = 0; i < stall->nr_stacks; i++) {
		if (stall->stacks[i].stack->nr_frames)
			return true;
	}
	return false;
}

int otlp_encode_profile(const struct stall *stall, const struct attributes *resource,
			__u64 unix_offset_ns, struct buffer *request)
{
	struct profile_writer writer = {stall, unix_offset_ns, request, {}};
	struct otlp_resource open;
	size_t opened;
	int r;

	if (!has_frames(stall))
		return -ENODATA;
	otlp_resource_open(request, resource, &open);
	opened = wire_open(request, OTLP_SCOPE_ITEMS);
	add_profile(&writer);
	wire_close(request, opened);
	otlp_resource_close(request, &open);
	opened = wire_open(request, REQUEST_DICTIONARY);
	r = dictionary_write(&writer.dictionary, request);
	wire_close(request, opened);
	dictionary_done(&writer.dictionary);
	return r;
}
