/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Offsets of 3.11 and 3.12, which never changed within a version; later ones describe themselves in
 * _Py_DebugOffsets, an array of 64-bit numbers whose order is a version's own. All are of 64-bit
 * machines.
 */
#include "symbols/python/python_offsets.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define COOKIE "xdebugpy"
#define AT_VERSION 1
#define AT_FREE_THREADED 2
#define NR_WORDS (PYTHON_DEBUG_OFFSETS_SIZE / sizeof(uint64_t))

/* What is behind the header of a text that is not of ASCII: its length and pointer as UTF-8. */
#define WIDE_HEADER 16

static const struct python_runtime known[] = {
	{
		.version = 0x030b,
		.offsets =
			{
				[PYTHON_AT_INTERPRETERS] = 40,
				[PYTHON_AT_INTERPRETER_NEXT] = 0,
				[PYTHON_AT_INTERPRETER_THREADS] = 16,
				[PYTHON_AT_GIL_HOLDER] = 368,
				[PYTHON_AT_THREAD_NEXT] = 8,
				[PYTHON_AT_THREAD_INTERPRETER] = 16,
				[PYTHON_AT_THREAD_ID] = 152,
				[PYTHON_AT_THREAD_NATIVE] = 160,
				[PYTHON_AT_THREAD_FRAME] = 56,
				[PYTHON_AT_CFRAME_FRAME] = 8,
				[PYTHON_AT_FRAME_PREVIOUS] = 48,
				[PYTHON_AT_FRAME_CODE] = 32,
				[PYTHON_AT_FRAME_INSTRUCTION] = 56,
				[PYTHON_AT_FRAME_OWNER] = 69,
				[PYTHON_AT_FRAME_ENTRY] = 68,
				[PYTHON_AT_CODE_FILE] = 112,
				[PYTHON_AT_CODE_NAME] = 128,
				[PYTHON_AT_CODE_LINES] = 136,
				[PYTHON_AT_CODE_FIRST_LINE] = 72,
				[PYTHON_AT_CODE_BYTES] = 184,
				[PYTHON_AT_BYTES_SIZE] = 16,
				[PYTHON_AT_BYTES_DATA] = 32,
				[PYTHON_AT_STRING_LENGTH] = 16,
				[PYTHON_AT_STRING_STATE] = 32,
				[PYTHON_AT_STRING_ASCII] = 48,
				[PYTHON_AT_STRING_WIDE] = 72,
				[PYTHON_STRING_KIND_SHIFT] = 2,
			},
	},
	{
		.version = 0x030c,
		.offsets =
			{
				[PYTHON_AT_INTERPRETERS] = 40,
				[PYTHON_AT_INTERPRETER_NEXT] = 0,
				[PYTHON_AT_INTERPRETER_THREADS] = 72,
				[PYTHON_AT_GIL_HOLDER] = 8,
				[PYTHON_AT_GIL] = 384,
				[PYTHON_AT_THREAD_NEXT] = 8,
				[PYTHON_AT_THREAD_INTERPRETER] = 16,
				[PYTHON_AT_THREAD_ID] = 136,
				[PYTHON_AT_THREAD_NATIVE] = 144,
				[PYTHON_AT_THREAD_FRAME] = 56,
				[PYTHON_AT_CFRAME_FRAME] = 0,
				[PYTHON_AT_FRAME_PREVIOUS] = 8,
				[PYTHON_AT_FRAME_CODE] = 0,
				[PYTHON_AT_FRAME_INSTRUCTION] = 56,
				[PYTHON_AT_FRAME_OWNER] = 70,
				[PYTHON_AT_CODE_FILE] = 112,
				[PYTHON_AT_CODE_NAME] = 128,
				[PYTHON_AT_CODE_LINES] = 136,
				[PYTHON_AT_CODE_FIRST_LINE] = 68,
				[PYTHON_AT_CODE_BYTES] = 192,
				[PYTHON_AT_BYTES_SIZE] = 16,
				[PYTHON_AT_BYTES_DATA] = 32,
				[PYTHON_AT_STRING_LENGTH] = 16,
				[PYTHON_AT_STRING_STATE] = 32,
				[PYTHON_AT_STRING_ASCII] = 40,
				[PYTHON_AT_STRING_WIDE] = 56,
				[PYTHON_STRING_KIND_SHIFT] = 2,
				[PYTHON_FIRST_SHIM] = 3,
			},
	},
};

int python_offsets_known(__u32 version, struct python_runtime *ret_runtime)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].version == version) {
			ret_runtime->version = version;
			memcpy(ret_runtime->offsets, known[i].offsets, sizeof(known[i].offsets));
			return 0;
		}
	}
	return -ENOTSUP;
}

/* Which number of _Py_DebugOffsets it is; 0: none of them. */
struct layout {
	__u8 at[NR_PYTHON_OFFSETS];
	__u8 gil; /* what PYTHON_AT_GIL_HOLDER counts from */
};

static const struct layout layout_3_13 = {
	.at =
		{
			[PYTHON_AT_INTERPRETERS] = 5,        [PYTHON_AT_INTERPRETER_NEXT] = 8,
			[PYTHON_AT_INTERPRETER_THREADS] = 9, [PYTHON_AT_GIL] = 14,
			[PYTHON_AT_GIL_HOLDER] = 18,         [PYTHON_AT_THREAD_NEXT] = 21,
			[PYTHON_AT_THREAD_INTERPRETER] = 22, [PYTHON_AT_THREAD_FRAME] = 23,
			[PYTHON_AT_THREAD_ID] = 24,          [PYTHON_AT_THREAD_NATIVE] = 25,
			[PYTHON_AT_FRAME_PREVIOUS] = 29,     [PYTHON_AT_FRAME_CODE] = 30,
			[PYTHON_AT_FRAME_INSTRUCTION] = 31,  [PYTHON_AT_FRAME_OWNER] = 33,
			[PYTHON_AT_CODE_FILE] = 35,          [PYTHON_AT_CODE_NAME] = 37,
			[PYTHON_AT_CODE_LINES] = 38,         [PYTHON_AT_CODE_FIRST_LINE] = 39,
			[PYTHON_AT_CODE_BYTES] = 43,         [PYTHON_AT_BYTES_SIZE] = 65,
			[PYTHON_AT_BYTES_DATA] = 66,         [PYTHON_AT_STRING_STATE] = 68,
			[PYTHON_AT_STRING_LENGTH] = 69,      [PYTHON_AT_STRING_ASCII] = 70,
		},
	.gil = 15,
};

static const struct layout layout_3_14 = {
	.at =
		{
			[PYTHON_AT_INTERPRETERS] = 5,        [PYTHON_AT_INTERPRETER_NEXT] = 8,
			[PYTHON_AT_INTERPRETER_THREADS] = 9, [PYTHON_AT_GIL] = 15,
			[PYTHON_AT_GIL_HOLDER] = 19,         [PYTHON_AT_THREAD_NEXT] = 24,
			[PYTHON_AT_THREAD_INTERPRETER] = 25, [PYTHON_AT_THREAD_FRAME] = 26,
			[PYTHON_AT_THREAD_ID] = 27,          [PYTHON_AT_THREAD_NATIVE] = 28,
			[PYTHON_AT_FRAME_PREVIOUS] = 32,     [PYTHON_AT_FRAME_CODE] = 33,
			[PYTHON_AT_FRAME_INSTRUCTION] = 34,  [PYTHON_AT_FRAME_OWNER] = 36,
			[PYTHON_AT_CODE_FILE] = 40,          [PYTHON_AT_CODE_NAME] = 42,
			[PYTHON_AT_CODE_LINES] = 43,         [PYTHON_AT_CODE_FIRST_LINE] = 44,
			[PYTHON_AT_CODE_BYTES] = 48,         [PYTHON_AT_BYTES_SIZE] = 75,
			[PYTHON_AT_BYTES_DATA] = 76,         [PYTHON_AT_STRING_STATE] = 78,
			[PYTHON_AT_STRING_LENGTH] = 79,      [PYTHON_AT_STRING_ASCII] = 80,
		},
	.gil = 16,
};

static int take_offsets(const uint64_t *words, const struct layout *layout, __u16 *offsets)
{
	for (int i = 0; i < NR_PYTHON_OFFSETS; i++) {
		uint64_t value = layout->at[i] ? words[layout->at[i]] : 0;

		if (layout->at[i] && i == PYTHON_AT_GIL_HOLDER)
			value -= words[layout->gil];
		if (value > UINT16_MAX - WIDE_HEADER)
			return -EBADMSG;
		offsets[i] = (__u16)value;
	}
	return 0;
}

int python_offsets_read(const void *bytes, struct python_runtime *ret_runtime)
{
	struct python_runtime runtime = *ret_runtime;
	uint64_t words[NR_WORDS];
	bool free_threaded, is_3_14;

	if (memcmp(bytes, COOKIE, strlen(COOKIE)) != 0)
		return -ENODATA;
	memcpy(words, bytes, sizeof(words));
	runtime.version = (__u32)(words[AT_VERSION] >> 16);
	if (words[AT_VERSION] >> 32 || (runtime.version != 0x030d && runtime.version != 0x030e))
		return -ENOTSUP;
	is_3_14 = runtime.version == 0x030e;
	free_threaded = words[AT_FREE_THREADED];
	if (take_offsets(words, is_3_14 ? &layout_3_14 : &layout_3_13, runtime.offsets))
		return -EBADMSG;
	runtime.offsets[PYTHON_AT_STRING_WIDE] =
		runtime.offsets[PYTHON_AT_STRING_ASCII] + WIDE_HEADER;
	/* a whole byte is before the kind there, which is changed atomically */
	runtime.offsets[PYTHON_STRING_KIND_SHIFT] = is_3_14 && free_threaded ? 8 : 2;
	runtime.offsets[PYTHON_FIRST_SHIM] = 3;
	*ret_runtime = runtime;
	return 0;
}
