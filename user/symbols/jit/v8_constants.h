/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How V8 lays out frames and objects, as a node says of itself: its build exports numbers named
 * v8dbg_ for debuggers. They come from its file, never from its memory.
 */
#ifndef LOOPSCOPE_V8_CONSTANTS_H
#define LOOPSCOPE_V8_CONSTANTS_H

#include <libelf.h>
#include <stdint.h>

#define V8_NO_CONSTANT INT32_MIN /* of those that not all versions have */

/* Offsets count from an object's first byte, where its map is; `_type` are instance types. */
struct v8_constants {
	int32_t frame_context, frame_function; /* from the frame pointer */
	int32_t regexp_frame, wasm_frame;      /* or V8_NO_CONSTANT */
	int32_t map, instance_type;
	int32_t function_shared;
	int32_t shared_name, shared_script;
	int32_t script_source, script_name, script_line_ends;
	int32_t string_length, one_byte_chars, two_byte_chars;
	int32_t cons_first, cons_second;
	int32_t sliced_parent, sliced_offset;
	int32_t thin_actual, external_resource;
	int32_t array_length, array_data;
	int32_t scope_nr_locals, scope_first_local; /* indexes of words behind the map */
	int32_t map_type, function_type, shared_type, script_type, scope_type, array_type;
	int32_t first_context_type, last_context_type, first_no_string_type;
	int32_t representation_mask, encoding_mask, one_byte_tag;
	int32_t seq_tag, cons_tag, external_tag, sliced_tag, thin_tag;
	/* those that must be as expected, or objects are laid out in another way altogether */
	int32_t tagged_size, pointer_size, smi_shift_size, smi_value_shift;
	int32_t object_tag, object_tag_mask, smi_tag, smi_tag_mask;
};

/* -ENOENT: the file has none of them; -ENOTSUP: some are missing, or no use can be made of them. */
int v8_constants_of(Elf *elf, struct v8_constants *ret_constants);

/* The same of an open file; -EBADMSG: it is no ELF file of this machine's kind. */
int v8_constants_read(int fd, struct v8_constants *ret_constants);

/* Whether all of them can be: -ENOTSUP. */
int v8_constants_check(const struct v8_constants *constants);

#endif
