/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames of this very process, which has the symbols of a node, a heap of V8's made up in its
 * memory, and a stack that points into it.
 */
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_v8.h"
#include "symbols/jit/v8_names.h"
#include "v8_symbols.h"

#define STACK_BASE 0x700000
#define FP(n) (STACK_BASE + 64 * ((n) + 1))

static struct fake_v8 v8;
static struct frames frames;
static struct process process;
static struct stack_record record;
static uint64_t stack[64];
static struct stack_sample sample = {
	.record = &record, .memory = (const unsigned char *)stack, .memory_size = sizeof(stack)};
static char own_path[PATH_MAX];
static uint64_t context, handle, internal, builtin;

static uint64_t function_in(const char *name, const char *file)
{
	uint64_t scope = fake_v8_scope(&v8, 0, fake_v8_text(&v8, name), 4);
	uint64_t script =
		fake_v8_script(&v8, fake_v8_text(&v8, file), fake_v8_text(&v8, "one\ntwo\nthree"));

	return fake_v8_function(&v8, scope, script);
}

static int make_heap(void **state)
{
	void *memory = mmap((void *)FAKE_V8_BASE, FAKE_V8_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	(void)state;
	if (memory != (void *)FAKE_V8_BASE)
		return -1;
	fake_v8_reset(&v8);
	context = fake_v8_object(&v8, fake_v8_constants.first_context_type, 4);
	handle = function_in("handle", "/app/server.js");
	internal = function_in("emit", "node:events");
	builtin = fake_v8_function(&v8, fake_v8_text(&v8, "map"), v8.undefined);
	memcpy(memory, v8.memory, v8.used);
	return readlink("/proc/self/exe", own_path, sizeof(own_path) - 1) > 0 ? 0 : -1;
}

static int set_up(void **state)
{
	(void)state;
	record.registers[STACK_REGISTER_SP] = STACK_BASE + STACK_RED_ZONE;
	memset(stack, 0, sizeof(stack));
	frames_reset(&frames);
	process = (struct process){.pid = getpid(),
				   .proc_fd = open("/proc/self", O_PATH | O_CLOEXEC)};
	return process.proc_fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	v8_process_free(process.v8);
	close(process.proc_fd);
	return 0;
}

/* A frame with what is below its frame pointer. */
static struct frame *add(uint64_t first, uint64_t second)
{
	struct frame *frame = frames_append(&frames, 0x1000);
	uint64_t fp = FP(frames.nr - 1);

	frame->fp = fp;
	stack[(fp - 8 - STACK_BASE) / 8] = first;
	stack[(fp - 16 - STACK_BASE) / 8] = second;
	return frame;
}

static void name_all(void)
{
	assert_int_equal(v8_names(&process, &sample, &frames), 0);
}

static void test_compiled(void **state)
{
	const struct frame *ours = add(context, handle), *nodes = add(context, internal);

	(void)state;
	name_all();
	assert_string_equal(ours->function, "handle");
	assert_string_equal(ours->file, "/app/server.js");
	assert_int_equal(ours->line, 2);
	assert_int_equal(ours->language, FRAME_JAVASCRIPT);
	assert_int_equal(ours->flags, 0);
	assert_string_equal(nodes->function, "emit");
	assert_int_equal(nodes->flags, FRAME_RUNTIME);
	assert_int_equal(frames.flags, 0);
}

static void test_interpreted(void **state)
{
	struct frame *frame = add(context, handle), *stripped = add(context, handle);

	(void)state;
	frame->function = "Builtins_InterpreterEntryTrampoline";
	frame->module = stripped->module = own_path;
	frame->module_offset = stripped->module_offset = 5;
	name_all();
	assert_string_equal(frame->function, "handle");
	assert_string_equal(frame->module, "");
	assert_int_equal(frame->module_offset, 0);
	assert_int_equal(frame->flags, 0);
	assert_string_equal(stripped->function, "handle");
}

/* Of a stripped node, and nothing else on the stack. */
static void test_stripped(void **state)
{
	struct frame *frame = add(context, handle);

	(void)state;
	frame->module = own_path;
	name_all();
	assert_string_equal(frame->function, "handle");
}

/* Native code called from JavaScript without a frame of V8's between them. */
static void test_pointer_of_the_caller(void **state)
{
	struct frame *native = add(context, handle), *caller = add(context, handle);

	(void)state;
	native->module = own_path;
	native->fp = caller->fp;
	name_all();
	assert_string_equal(native->function, "");
	assert_string_equal(caller->function, "handle");
}

static void test_native(void **state)
{
	struct frame *of_node = add(context, handle), *another = add(context, handle);

	(void)state;
	add(context, handle);
	of_node->function = "node::Start";
	of_node->module = own_path;
	another->module = "/lib/addon.node";
	name_all();
	assert_string_equal(of_node->function, "node::Start");
	assert_int_equal(of_node->flags, FRAME_RUNTIME);
	assert_string_equal(another->function, "");
	assert_int_equal(another->flags, 0);
}

static void test_builtin(void **state)
{
	struct frame *named = add(context, builtin), *frame = add(context, builtin);

	(void)state;
	named->function = "Builtins_ArrayMap";
	named->module = own_path;
	name_all();
	assert_string_equal(named->function, "Builtins_ArrayMap");
	assert_string_equal(frame->function, "map");
	assert_int_equal(frame->flags, FRAME_RUNTIME);
}

static void test_markers(void **state)
{
	const struct frame *regexp = add(27 << 1, 0), *other = add(3 << 1, handle);

	(void)state;
	name_all();
	assert_string_equal(regexp->function, "(regular expression)");
	assert_int_equal(regexp->flags, FRAME_RUNTIME);
	assert_string_equal(other->function, "");
	assert_int_equal(frames.flags, 0);
}

/* What has moved, or never was what it should be, has no name. */
static void test_no_names(void **state)
{
	const struct frame *no_context = add(handle, handle), *no_function = add(context, context);
	const struct frame *gone = add(context, 0x123456789);

	(void)state;
	name_all();
	assert_string_equal(no_context->function, "");
	assert_string_equal(no_function->function, "");
	assert_string_equal(gone->function, "");
	assert_int_equal(frames.flags, STACK_IS_PARTIAL);
}

static void test_outside_of_the_copy(void **state)
{
	struct frame *beyond = add(context, handle), *without = add(context, handle);

	(void)state;
	beyond->fp = STACK_BASE + sizeof(stack) + 16;
	without->fp = 0;
	name_all();
	assert_string_equal(beyond->function, "");
	assert_string_equal(without->function, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compiled, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_interpreted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stripped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_pointer_of_the_caller, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_native, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_builtin, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_markers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_outside_of_the_copy, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, make_heap, NULL);
}
