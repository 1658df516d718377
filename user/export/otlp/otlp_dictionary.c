/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An entry's key is its wire format, but for strings and what they are of: so equal ones are found
 * whatever they are made of. Each is written once, when it is new.
 */
#include "export/otlp/otlp_dictionary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/plain_text.h"
#include "export/otlp/otlp_wire.h"
#include "proto/otlp_profiles.pb-c.h"

#define MAX_LINES 64 /* of a location: functions inlined into one another */

struct dictionary_entry {
	int index;
	UT_hash_handle hh;
	unsigned char key[];
};

static const char *const frame_types[NR_FRAME_LANGUAGES] = {
	[FRAME_NATIVE] = "native", [FRAME_CPP] = "native",     [FRAME_RUST] = "rust",
	[FRAME_GO] = "go",         [FRAME_PYTHON] = "cpython", [FRAME_JAVASCRIPT] = "v8js",
	[FRAME_JAVA] = "jvm",
};

static struct dictionary_entry *add(struct dictionary *dictionary, enum dictionary_table table,
				    const void *key, size_t size)
{
	struct dictionary_entry *entry = malloc(sizeof(*entry) + size);

	if (!entry)
		return NULL;
	memcpy(entry->key, key, size);
	entry->index = dictionary->tables[table].nr + 1;
	HASH_ADD_KEYPTR(hh, dictionary->tables[table].entries, entry->key, size, entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	dictionary->tables[table].nr++;
	return entry;
}

/* The index of the bytes in the table; they become an entry of it if they are new. */
static int intern(struct dictionary *dictionary, enum dictionary_table table, const void *bytes,
		  size_t size)
{
	struct buffer *fields = &dictionary->tables[table].fields;
	struct dictionary_entry *entry;
	size_t opened;

	if (dictionary->error)
		return 0;
	HASH_FIND(hh, dictionary->tables[table].entries, bytes, size, entry);
	if (entry)
		return entry->index;
	entry = add(dictionary, table, bytes, size);
	if (!entry) {
		dictionary->error = -ENOMEM;
		return 0;
	}
	opened = wire_open(fields, table);
	buffer_append(fields, bytes, size);
	wire_close(fields, opened);
	if (fields->error)
		dictionary->error = fields->error;
	return entry->index;
}

static int intern_message(struct dictionary *dictionary, enum dictionary_table table,
			  const ProtobufCMessage *message)
{
	_cleanup_(buffer_done) struct buffer bytes = {};

	wire_fields(&bytes, message);
	if (bytes.error)
		dictionary->error = bytes.error;
	/* what is all zero is the entry of index 0 */
	return bytes.size ? intern(dictionary, table, bytes.data, bytes.size) : 0;
}

int dictionary_string(struct dictionary *dictionary, const char *text)
{
	_cleanup_(freep) char *plain = plain_text(text);

	if (!plain) {
		dictionary->error = -ENOMEM;
		return 0;
	}
	return *plain ? intern(dictionary, TABLE_STRINGS, plain, strlen(plain)) : 0;
}

static int attribute(struct dictionary *dictionary, const char *key, Otlp__AnyValue *value)
{
	Otlp__KeyValueAndUnit message = OTLP__KEY_VALUE_AND_UNIT__INIT;

	message.key_strindex = dictionary_string(dictionary, key);
	message.value = value;
	return intern_message(dictionary, TABLE_ATTRIBUTES, &message.base);
}

int dictionary_text_attribute(struct dictionary *dictionary, const char *key, const char *text)
{
	_cleanup_(freep) char *plain = plain_text(text);
	Otlp__AnyValue value = OTLP__ANY_VALUE__INIT;

	if (!plain) {
		dictionary->error = -ENOMEM;
		return 0;
	}
	value.value_case = OTLP__ANY_VALUE__VALUE_STRING_VALUE;
	value.string_value = plain;
	return attribute(dictionary, key, &value);
}

int dictionary_integer_attribute(struct dictionary *dictionary, const char *key, long long number)
{
	Otlp__AnyValue value = OTLP__ANY_VALUE__INIT;

	value.value_case = OTLP__ANY_VALUE__VALUE_INT_VALUE;
	value.int_value = number;
	return attribute(dictionary, key, &value);
}

static int function_of(struct dictionary *dictionary, const struct stack_frame *frame)
{
	Otlp__Function message = OTLP__FUNCTION__INIT;

	if (!*frame->function)
		return 0;
	message.name_strindex = dictionary_string(dictionary, frame->function);
	message.filename_strindex = dictionary_string(dictionary, frame->file);
	return intern_message(dictionary, TABLE_FUNCTIONS, &message.base);
}

static int mapping_of(struct dictionary *dictionary, const struct stack_frame *frame)
{
	Otlp__ProfileMapping message = OTLP__PROFILE_MAPPING__INIT;

	if (!*frame->module)
		return 0;
	message.memory_start = frame->address - frame->module_offset;
	message.filename_strindex = dictionary_string(dictionary, frame->module);
	return intern_message(dictionary, TABLE_MAPPINGS, &message.base);
}

/* A frame and those inlined into it, which come before it. */
static int location_of(struct dictionary *dictionary, const struct stack_frame *frames, size_t nr)
{
	const struct stack_frame *outer = &frames[nr - 1];
	Otlp__Line lines[MAX_LINES], *pointers[MAX_LINES];
	Otlp__Location message = OTLP__LOCATION__INIT;
	int32_t type;

	for (size_t i = 0; i < nr; i++) {
		lines[i] = (Otlp__Line)OTLP__LINE__INIT;
		lines[i].function_index = function_of(dictionary, &frames[i]);
		lines[i].line = frames[i].line;
		pointers[i] = &lines[i];
	}
	message.n_lines = nr > 1 || lines[0].function_index ? nr : 0;
	message.lines = pointers;
	message.mapping_index = mapping_of(dictionary, outer);
	message.address = outer->address;
	type = dictionary_text_attribute(dictionary, "profile.frame.type",
					 frame_types[outer->language % NR_FRAME_LANGUAGES]);
	message.n_attribute_indices = 1;
	message.attribute_indices = &type;
	return intern_message(dictionary, TABLE_LOCATIONS, &message.base);
}

int dictionary_stack(struct dictionary *dictionary, const struct stack *stack)
{
	int32_t locations[STACK_MAX_FRAMES];
	Otlp__Stack message = OTLP__STACK__INIT;
	size_t nr = 0;

	for (size_t i = 0; i < stack->nr_frames && nr < STACK_MAX_FRAMES; nr++) {
		size_t length = 1;

		while (stack->frames[i + length - 1].flags & FRAME_INLINED &&
		       i + length < stack->nr_frames && length < MAX_LINES)
			length++;
		locations[nr] = location_of(dictionary, &stack->frames[i], length);
		i += length;
	}
	message.n_location_indices = nr;
	message.location_indices = locations;
	return intern_message(dictionary, TABLE_STACKS, &message.base);
}

int dictionary_write(const struct dictionary *dictionary, struct buffer *buffer)
{
	for (unsigned int table = TABLE_MAPPINGS; table < NR_TABLES; table++) {
		const struct buffer *fields = &dictionary->tables[table].fields;

		wire_close(buffer, wire_open(buffer, table)); /* index 0 */
		buffer_append(buffer, fields->data, fields->size);
	}
	return dictionary->error ?: buffer->error;
}

void dictionary_done(struct dictionary *dictionary)
{
	for (unsigned int table = TABLE_MAPPINGS; table < NR_TABLES; table++) {
		struct dictionary_entry *entry, *next;

		HASH_ITER(hh, dictionary->tables[table].entries, entry, next)
		{
			HASH_DEL(dictionary->tables[table].entries, entry);
			free(entry);
		}
		buffer_done(&dictionary->tables[table].fields);
	}
}
