/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every item is bytes, as from a file. */
#include "pictures_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "fake_loop.h"

#define MAX_FRAMES 16

void pictures_put(struct pictures_fixture *fixture, enum item_kind kind, const void *data,
		  size_t size)
{
	assert_int_equal(history_take(fixture->history, kind, data, size), 0);
	assert_int_equal(pictures_take(fixture->pictures, kind, data, size), 0);
}

void pictures_put_mark(struct pictures_fixture *fixture, enum item_kind kind, __u64 now_ns)
{
	const struct item_mark mark = {now_ns, now_ns, now_ns};

	pictures_put(fixture, kind, &mark, sizeof(mark));
}

struct made_picture picture_made(enum picture_kind kind,
				 void (*feed)(struct pictures_fixture *fixture))
{
	struct pictures_fixture fixture = {
		.host = {"web-1 <&>", "6.1", "9.9", PICTURES_BEGIN_NS, 1790000000ULL * 1000 * MS,
			 50 * MS},
	};
	struct made_picture made = {};
	FILE *out = open_memstream(&made.data, &made.size);
	const struct picture_outputs outputs = {
		.flamegraph = kind == PICTURE_FLAMEGRAPH ? out : NULL,
		.folded = kind == PICTURE_FOLDED ? out : NULL,
		.timeline_json = kind == PICTURE_TIMELINE_JSON ? out : NULL,
		.timeline_svg = kind == PICTURE_TIMELINE_SVG ? out : NULL,
		.pprof = kind == PICTURE_PPROF ? out : NULL,
	};

	assert_non_null(out);
	assert_int_equal(history_new(NULL, &fixture.history), 0);
	assert_int_equal(pictures_new(&outputs, &fixture.host, fixture.history, &fixture.pictures),
			 0);
	feed(&fixture);
	assert_int_equal(pictures_finish(fixture.pictures, &made.losses), 0);
	assert_int_equal(fclose(out), 0);
	pictures_free(fixture.pictures);
	history_free(fixture.history);
	return made;
}

static struct loop_id id_of(__u32 tid)
{
	return (struct loop_id){.pid = 100, .tid = tid, .start_ns = 5, .exec_id = 1};
}

static void put_record(struct pictures_fixture *fixture, const struct made_stall *made,
		       enum record_kind kind, __u64 now_ns)
{
	struct stall_record record = {
		.header = {kind, 0, sizeof(record), now_ns},
		.id = id_of(made->tid),
		.start_ns = made->start_ns,
		.blocking_ns = 50 * MS,
		.family = WAIT_EPOLL,
		.cause = made->cause,
		.syscall_nr = -1,
	};

	memcpy(record.thread, made->thread, strnlen(made->thread, sizeof(record.thread)));
	memcpy(record.process, made->process, strnlen(made->process, sizeof(record.process)));
	record.cause_ns[made->cause] = now_ns - made->start_ns;
	if (kind == RECORD_STALL_ENDED) {
		record.cause_ns[made->cause] -= made->other_ns;
		record.cause_ns[made->other] += made->other_ns;
	}
	if (kind == RECORD_STALL_ENDED && made->woken) {
		record.flags = STALL_WOKEN;
		record.waker = (struct stall_waker){9, 10, "writer", "backup"};
	}
	pictures_put(fixture, ITEM_RECORD, &record, sizeof(record));
}

static void put_stack(struct pictures_fixture *fixture, const struct made_stall *made,
		      const struct made_frame *list, __u64 now_ns)
{
	struct stack_frame frames[MAX_FRAMES] = {};
	struct stack stack = {
		.id = id_of(made->tid),
		.start_ns = made->start_ns,
		.time_ns = now_ns,
		.syscall_nr = -1,
		.cause = made->cause,
		.flags = made->stack_flags,
		.frames = frames,
	};
	_cleanup_(buffer_done) struct buffer bytes = {};

	for (; list[stack.nr_frames].function; stack.nr_frames++) {
		const struct made_frame *frame = &list[stack.nr_frames];

		assert_in_range(stack.nr_frames, 0, MAX_FRAMES - 1);
		frames[stack.nr_frames] = (struct stack_frame){
			.address = *frame->module ? 0x7f0000001000 + frame->line : 0,
			.module_offset = *frame->module ? 0x1000 + frame->line : 0,
			.function = frame->function,
			.file = frame->file,
			.module = frame->module,
			.line = frame->line,
			.language = frame->language,
			.flags = frame->flags,
		};
	}
	stack_encode(&bytes, &stack);
	assert_int_equal(bytes.error, 0);
	pictures_put(fixture, ITEM_STACK, bytes.data, bytes.size);
}

void pictures_put_stall(struct pictures_fixture *fixture, const struct made_stall *made)
{
	const __u64 length_ns = made->end_ns - made->start_ns;

	put_record(fixture, made, RECORD_STALL_BEGUN, made->start_ns + 50 * MS);
	for (size_t i = 0; i < made->nr_stacks; i++)
		put_stack(fixture, made, made->stacks[i],
			  made->start_ns + length_ns * (i + 1) / (made->nr_stacks + 1));
	if (!made->goes_on)
		put_record(fixture, made, RECORD_STALL_ENDED, made->end_ns);
	else
		put_record(fixture, made, RECORD_STALL_LASTS, made->end_ns);
}

static void put_window(struct pictures_fixture *fixture, struct fake_loop *loop)
{
	unsigned char record[WINDOW_MAX_SIZE];

	pictures_put(fixture, ITEM_RECORD, record,
		     fake_loop_record(loop, RECORD_LOOP_WINDOW, record));
}

static void put_process(struct pictures_fixture *fixture)
{
	const struct process_facts facts = {
		.key = {.exec_id = 1, .pid = 100},
		.in_container = true,
		.container = {"c0ffee", "main", "web-1", "shop"},
	};
	_cleanup_(buffer_done) struct buffer buffer = {};

	item_put_process(&buffer, &facts);
	pictures_put(fixture, ITEM_PROCESS, buffer.data, buffer.size);
}

void pictures_feed_quiet(struct pictures_fixture *fixture)
{
	struct fake_loop loop;

	put_process(fixture);
	fake_loop_start(&loop, 1, PICTURES_BEGIN_NS);
	for (int i = 0; i < 4; i++) {
		fake_loop_pass(&loop, 200 * MS);
		fake_loop_return(&loop, 30 * US, 2);
		fake_loop_pass(&loop, 20 * MS);
		fake_loop_sleep(&loop, 0, CAUSE_SYSCALL, 10 * MS);
		fake_loop_enter(&loop);
		put_window(fixture, &loop);
	}
	pictures_put_mark(fixture, ITEM_WALK, PICTURES_BEGIN_NS + 1000 * MS);
}

static const struct made_frame parsing[] = {
	{"scanstring", "", "/usr/lib/python3.11/_json.so", 0x40, FRAME_NATIVE, FRAME_RUNTIME},
	{"loads", "/usr/lib/python3.11/json/__init__.py", "", 346, FRAME_PYTHON, FRAME_RUNTIME},
	{"parse_orders", "/srv/app/orders.py", "", 12, FRAME_PYTHON, 0},
	{"Handle._run", "/usr/lib/python3.11/asyncio/events.py", "", 80, FRAME_PYTHON,
	 FRAME_RUNTIME},
	{"<module>", "/srv/app/main.py", "", 3, FRAME_PYTHON, 0},
	{},
};
static const struct made_frame parsing_later[] = {
	{"loads", "/usr/lib/python3.11/json/__init__.py", "", 346, FRAME_PYTHON, FRAME_RUNTIME},
	{"parse_orders", "/srv/app/orders.py", "", 14, FRAME_PYTHON, 0},
	{"Handle._run", "/usr/lib/python3.11/asyncio/events.py", "", 80, FRAME_PYTHON,
	 FRAME_RUNTIME},
	{"<module>", "/srv/app/main.py", "", 3, FRAME_PYTHON, 0},
	{},
};
static const struct made_frame reading[] = {
	{"read", "", "/lib/libc.so.6", 0x20, FRAME_NATIVE, FRAME_RUNTIME},
	{"copy_block", "/src/cache.cc", "/srv/cache", 40, FRAME_CPP, FRAME_INLINED},
	{"Cache::fill(int)", "/src/cache.cc", "/srv/cache", 41, FRAME_CPP, 0},
	{"", "", "/srv/cache", 0x77, FRAME_NATIVE, 0},
	{},
};

void pictures_feed_example(struct pictures_fixture *fixture)
{
	static const struct made_frame *const parsed[] = {parsing, parsing_later, parsing};
	static const struct made_frame *const read[] = {reading};
	const __u64 begin = PICTURES_BEGIN_NS;
	const struct made_stall stalls[] = {
		{1, begin + 100 * MS, begin + 260 * MS, CAUSE_CPU, CAUSE_RUNQUEUE, 10 * MS,
		 "python3", "python3", parsed, 3, 0, false, false},
		{1, begin + 400 * MS, begin + 480 * MS, CAUSE_CPU, CAUSE_CPU, 0, "python3",
		 "python3", parsed, 1, 0, false, false},
		{2, begin + 300 * MS, begin + 700 * MS, CAUSE_SYSCALL, CAUSE_CPU, MS, "io", "cache",
		 read, 1, STACK_IS_CUT, false, true},
		{2, begin + 800 * MS, begin + 900 * MS, CAUSE_LOCK, CAUSE_CPU, 40 * MS, "io",
		 "cache", NULL, 0, 0, false, false},
		{3, begin + 900 * MS, begin + 1000 * MS, CAUSE_OTHER, CAUSE_CPU, 0, "stopped",
		 "cache", NULL, 0, 0, true, false},
	};

	pictures_feed_quiet(fixture);
	for (size_t i = 0; i < ARRAY_SIZE(stalls); i++)
		pictures_put_stall(fixture, &stalls[i]);
	pictures_put_mark(fixture, ITEM_END, begin + 1000 * MS);
}

void pictures_feed_hostile(struct pictures_fixture *fixture)
{
	static const struct made_frame frames[] = {
		{"</title></text><script>alert(1)</script>", "a;b\nc", "/x\x1b[2J\"'&", 5,
		 FRAME_NATIVE, 0},
		{"]]>\xff\xfe\\ 1", "\xe2\x80\xae/e\xcc\x81", "", 6, FRAME_PYTHON, 0},
		{"\xef\xbf\xbf\xc2\x85", "", "", 0, FRAME_NATIVE, 0},
		{},
	};
	static const struct made_frame *const stacks[] = {frames};
	const struct made_stall stall = {
		.tid = 1,
		.start_ns = PICTURES_BEGIN_NS + 10 * MS,
		.end_ns = PICTURES_BEGIN_NS + 110 * MS,
		.cause = CAUSE_PAGE_FAULT,
		.other = CAUSE_CPU,
		.thread = "<b>;\n\"'&\x01\xff",
		.process = "\"}],</svg>;\r\n\t\x7f",
		.stacks = stacks,
		.nr_stacks = 1,
	};

	pictures_put_stall(fixture, &stall);
	pictures_put_mark(fixture, ITEM_END, PICTURES_BEGIN_NS + 200 * MS);
}
