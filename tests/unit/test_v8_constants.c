/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* This very program has symbols as a node has them, so that its own file is read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "symbols/v8_constants.h"

#define CONSTANTS(X)                                                        \
	X(off_fp_context_or_frame_type, -8)                                 \
	X(off_fp_function, -16)                                             \
	X(frametype_IrregexpFrame, 27)                                      \
	X(class_HeapObject__map__Map, 0)                                    \
	X(class_Map__instance_type__uint16_t, 12)                           \
	X(class_JSFunction__shared__SharedFunctionInfo, 24)                 \
	X(class_SharedFunctionInfo__name_or_scope_info__Tagged_Object_, 16) \
	X(class_SharedFunctionInfo__raw_script__Tagged_Object_, 32)         \
	X(class_Script__source__Object, 8)                                  \
	X(class_Script__name__Object, 16)                                   \
	X(class_Script__line_ends__Object, 56)                              \
	X(class_String__length__int32_t, 12)                                \
	X(class_SeqOneByteString__chars__char, 16)                          \
	X(class_SeqTwoByteString__chars__char, 16)                          \
	X(class_ConsString__first__String, 16)                              \
	X(class_ConsString__second__String, 24)                             \
	X(class_SlicedString__parent__String, 16)                           \
	X(class_SlicedString__offset__SMI, 24)                              \
	X(class_ThinString__actual__String, 16)                             \
	X(class_ExternalString__resource__Object, 16)                       \
	X(class_FixedArrayBase__length__SMI, 8)                             \
	X(class_FixedArray__data__uintptr_t, 16)                            \
	X(scopeinfo_idx_ncontextlocals, 2)                                  \
	X(scopeinfo_idx_first_vars, 3)                                      \
	X(type_Map__MAP_TYPE, 255)                                          \
	X(type_JSFunction__JS_FUNCTION_TYPE, 2066)                          \
	X(type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE, 262)          \
	X(type_Script__SCRIPT_TYPE, 167)                                    \
	X(type_ScopeInfo__SCOPE_INFO_TYPE, 261)                             \
	X(type_FixedArray__FIXED_ARRAY_TYPE, 175)                           \
	X(FirstContextType, 205)                                            \
	X(LastContextType, 214)                                             \
	X(FirstNonstringType, 128)                                          \
	X(StringRepresentationMask, 7)                                      \
	X(StringEncodingMask, 8)                                            \
	X(OneByteStringTag, 8)                                              \
	X(SeqStringTag, 0)                                                  \
	X(ConsStringTag, 1)                                                 \
	X(ExternalStringTag, 2)                                             \
	X(SlicedStringTag, 3)                                               \
	X(ThinStringTag, 5)                                                 \
	X(TaggedSize, 8)                                                    \
	X(SystemPointerSize, 8)                                             \
	X(SmiShiftSize, 31)                                                 \
	X(SmiValueShift, 1)                                                 \
	X(HeapObjectTag, 1)                                                 \
	X(HeapObjectTagMask, 3)                                             \
	X(SmiTag, 0)                                                        \
	X(SmiTagMask, 1)

#define DEFINE(name, value) int32_t v8dbg_##name __attribute__((used)) = (value);
CONSTANTS(DEFINE)

/* Another one of that name's beginning, and one of another size. */
int32_t v8dbg_type_ScriptOrModule__SCRIPT_OR_MODULE_TYPE __attribute__((used)) = 99;
int64_t v8dbg_frametype_WasmFrame __attribute__((used)) = 5;

static int open_self(void)
{
	return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

static void test_own_file(void **state)
{
	_cleanup_(closep) int fd = open_self();
	struct v8_constants constants;

	(void)state;
	assert_int_equal(v8_constants_read(fd, &constants), 0);
	assert_int_equal(constants.frame_function, -16);
	assert_int_equal(constants.function_shared, 24);
	assert_int_equal(constants.shared_name, 16);
	assert_int_equal(constants.shared_script, 32);
	assert_int_equal(constants.script_type, 167);
	assert_int_equal(constants.map, 0);
	assert_int_equal(constants.thin_tag, 5);
	assert_int_equal(constants.regexp_frame, 27);
	assert_int_equal(constants.wasm_frame, V8_NO_CONSTANT);
	assert_int_equal(v8_constants_check(&constants), 0);
}

static void test_ranges(void **state)
{
	_cleanup_(closep) int fd = open_self();
	struct v8_constants good, bad;

	(void)state;
	assert_int_equal(v8_constants_read(fd, &good), 0);
	bad = good;
	bad.tagged_size = 4; /* pointers are compressed */
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.script_name = V8_NO_CONSTANT;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.function_shared = 4096;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.frame_function = 8;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
	bad = good;
	bad.first_context_type = bad.last_context_type + 1;
	assert_int_equal(v8_constants_check(&bad), -ENOTSUP);
}

static int read_copy(const char *data, size_t size)
{
	_cleanup_(closep) int fd = memfd_create("node", MFD_CLOEXEC);
	struct v8_constants constants;

	assert_int_equal(write(fd, data, size), size);
	return v8_constants_read(fd, &constants);
}

/* Cut at many places, and with bytes changed: refused, or read, never more. */
static void test_broken_files(void **state)
{
	_cleanup_(closep) int fd = open_self();
	_cleanup_(freep) char *data = NULL;
	struct stat status;

	(void)state;
	assert_int_equal(fstat(fd, &status), 0);
	data = malloc((size_t)status.st_size);
	assert_int_equal(read(fd, data, (size_t)status.st_size), status.st_size);
	assert_int_equal(read_copy(data, (size_t)status.st_size), 0);
	assert_int_equal(read_copy(data, 0), -EBADMSG);
	for (off_t size = 1; size < status.st_size; size += status.st_size / 50)
		assert_true(read_copy(data, (size_t)size) < 0);
	srandom(1);
	for (int i = 0; i < 200; i++) {
		/* where the section headers are, and what is before them */
		off_t at = status.st_size - 1 - random() % 4096;
		char was = data[at];

		data[at] = (char)random();
		read_copy(data, (size_t)status.st_size);
		data[at] = was;
	}
}

static void test_no_node(void **state)
{
	_cleanup_(closep) int fd = open("/bin/sh", O_RDONLY | O_CLOEXEC);
	struct v8_constants constants;

	(void)state;
	assert_int_equal(v8_constants_read(fd, &constants), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_file),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_broken_files),
		cmocka_unit_test(test_no_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
