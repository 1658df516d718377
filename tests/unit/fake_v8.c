/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each object has a map of its own, whose map is the map of maps. */
#include "fake_v8.h"

#include <errno.h>
#include <string.h>

#define ODDBALL_TYPE 131
#define SCOPE_FUNCTION_NAME (1 << 12)

const struct v8_constants fake_v8_constants = {
	.frame_context = -8,
	.frame_function = -16,
	.regexp_frame = 27,
	.wasm_frame = 5,
	.map = 0,
	.instance_type = 12,
	.function_shared = 24,
	.shared_name = 16,
	.shared_script = 32,
	.script_source = 8,
	.script_name = 16,
	.script_line_ends = 56,
	.string_length = 12,
	.one_byte_chars = 16,
	.two_byte_chars = 16,
	.cons_first = 16,
	.cons_second = 24,
	.sliced_parent = 16,
	.sliced_offset = 24,
	.thin_actual = 16,
	.external_resource = 16,
	.array_length = 8,
	.array_data = 16,
	.scope_nr_locals = 2,
	.scope_first_local = 3,
	.map_type = 255,
	.function_type = 2066,
	.shared_type = 262,
	.script_type = 167,
	.scope_type = 261,
	.array_type = 175,
	.first_context_type = 205,
	.last_context_type = 214,
	.first_no_string_type = 128,
	.representation_mask = 7,
	.encoding_mask = 8,
	.one_byte_tag = 8,
	.seq_tag = 0,
	.cons_tag = 1,
	.external_tag = 2,
	.sliced_tag = 3,
	.thin_tag = 5,
	.tagged_size = 8,
	.pointer_size = 8,
	.smi_shift_size = 31,
	.smi_value_shift = 1,
	.object_tag = 1,
	.object_tag_mask = 3,
	.smi_tag = 0,
	.smi_tag_mask = 1,
};

static int read_fake(void *context, uint64_t address, void *to, size_t size)
{
	const struct fake_v8 *v8 = context;

	if (address < FAKE_V8_BASE || address - FAKE_V8_BASE > v8->used ||
	    size > v8->used - (address - FAKE_V8_BASE))
		return -EFAULT;
	memcpy(to, v8->memory + (address - FAKE_V8_BASE), size);
	return 0;
}

static uint64_t allocate(struct fake_v8 *v8, size_t size)
{
	uint64_t address = FAKE_V8_BASE + v8->used;

	v8->used += (size + 7) / 8 * 8;
	return address + 1;
}

void *fake_v8_at(struct fake_v8 *v8, uint64_t object, int32_t offset)
{
	return v8->memory + (object - 1 - FAKE_V8_BASE) + offset;
}

void fake_v8_set(struct fake_v8 *v8, uint64_t object, int32_t offset, uint64_t value)
{
	memcpy(fake_v8_at(v8, object, offset), &value, sizeof(value));
}

uint64_t fake_v8_smi(int32_t value)
{
	return (uint64_t)(uint32_t)value << 32;
}

static uint64_t make_map(struct fake_v8 *v8, int type)
{
	uint64_t map = allocate(v8, 16);
	uint16_t narrow = (uint16_t)type;

	fake_v8_set(v8, map, 0, v8->map_of_maps ?: map);
	memcpy(fake_v8_at(v8, map, fake_v8_constants.instance_type), &narrow, sizeof(narrow));
	return map;
}

void fake_v8_reset(struct fake_v8 *v8)
{
	memset(v8, 0, sizeof(*v8));
	v8->heap = (struct v8_heap){
		.constants = &fake_v8_constants,
		.read = read_fake,
		.context = v8,
		.budget = 1 << 20,
	};
	v8->map_of_maps = make_map(v8, fake_v8_constants.map_type);
	v8->undefined = fake_v8_object(v8, ODDBALL_TYPE, 5);
}

uint64_t fake_v8_object(struct fake_v8 *v8, int type, size_t nr_words)
{
	uint64_t map = make_map(v8, type);
	uint64_t object = allocate(v8, (nr_words + 1) * 8);

	fake_v8_set(v8, object, 0, map);
	return object;
}

static void set_length(struct fake_v8 *v8, uint64_t string, uint32_t length)
{
	memcpy(fake_v8_at(v8, string, fake_v8_constants.string_length), &length, sizeof(length));
}

uint64_t fake_v8_text(struct fake_v8 *v8, const char *text)
{
	size_t length = strlen(text);
	uint64_t string = fake_v8_object(v8, fake_v8_constants.one_byte_tag, 2 + length / 8);

	set_length(v8, string, (uint32_t)length);
	memcpy(fake_v8_at(v8, string, fake_v8_constants.one_byte_chars), text, length);
	return string;
}

uint64_t fake_v8_cons(struct fake_v8 *v8, uint64_t first, uint64_t second, uint32_t length)
{
	uint64_t string = fake_v8_object(v8, 32 | fake_v8_constants.cons_tag, 3);

	set_length(v8, string, length);
	fake_v8_set(v8, string, fake_v8_constants.cons_first, first);
	fake_v8_set(v8, string, fake_v8_constants.cons_second, second);
	return string;
}

uint64_t fake_v8_scope(struct fake_v8 *v8, int nr_locals, uint64_t name, int32_t start)
{
	int32_t names = nr_locals < 75 ? nr_locals : 1;
	uint64_t scope = fake_v8_object(v8, fake_v8_constants.scope_type,
					(size_t)(3 + names + nr_locals + 5));
	int32_t at = (3 + names + nr_locals + 1) * 8;

	fake_v8_set(v8, scope, 8, fake_v8_smi(name ? SCOPE_FUNCTION_NAME : 0));
	fake_v8_set(v8, scope, 24, fake_v8_smi(nr_locals));
	if (name) {
		fake_v8_set(v8, scope, at, name);
		at += 16;
	}
	fake_v8_set(v8, scope, at, fake_v8_smi(start));
	fake_v8_set(v8, scope, at + 8, fake_v8_smi(start + 10));
	return scope;
}

uint64_t fake_v8_script(struct fake_v8 *v8, uint64_t name, uint64_t source)
{
	uint64_t script = fake_v8_object(v8, fake_v8_constants.script_type, 12);

	fake_v8_set(v8, script, fake_v8_constants.script_source, source);
	fake_v8_set(v8, script, fake_v8_constants.script_name, name);
	fake_v8_set(v8, script, fake_v8_constants.script_line_ends, v8->undefined);
	return script;
}

uint64_t fake_v8_function(struct fake_v8 *v8, uint64_t name_or_scope, uint64_t script)
{
	uint64_t shared = fake_v8_object(v8, fake_v8_constants.shared_type, 7);
	uint64_t function = fake_v8_object(v8, fake_v8_constants.function_type, 7);

	fake_v8_set(v8, shared, fake_v8_constants.shared_name, name_or_scope);
	fake_v8_set(v8, shared, fake_v8_constants.shared_script, script);
	fake_v8_set(v8, function, fake_v8_constants.function_shared, shared);
	return function;
}
