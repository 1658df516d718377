/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * otlp_profile SEED DIRECTORY: makes a random stall with stacks and writes it, in DIRECTORY, twice:
 * stall.json, as it is, texts in hexadecimal digits; request, as OTLP's protobuf.
 * test_encode_profiles.py compares.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "export/otlp/otlp_profiles.h"
#include "output_files.h"
#include "random.h"

#define STACKS 6
#define FRAMES 12
#define NAMES 8
#define OFFSET_NS 1760000000000000000ULL

static struct random state;

static unsigned int below(unsigned int limit)
{
	return (unsigned int)random_below(&state, limit);
}

static const char *const names[NAMES] = {
	"",        "main", "handle \xff\"",     "\xc3\xa9t\xc3\xa9",
	"a::b<c>", "x\ny", "__libc_start_main", "\x1b[2J\xe2\x80\xae"};
static const char *const files[3] = {"", "/srv/app.py", "src/lib.rs"};
static const char *const modules[3] = {"", "/usr/bin/app", "[vdso]"};

static struct stack_frame frames[STACKS][FRAMES];
static struct stack stacks[STACKS];
static struct stall_stack weighed[STACKS];
static struct stall stall;

static void make_frame(struct stack_frame *frame)
{
	unsigned int module = below(3);

	*frame = (struct stack_frame){
		.function = names[below(NAMES)],
		.file = files[below(3)],
		.module = modules[module],
		.line = below(3) ? below(100) : 0,
		.language = (uint8_t)below(NR_FRAME_LANGUAGES),
		.flags = below(4) ? 0 : FRAME_INLINED,
	};
	if (module) {
		frame->module_offset = below(1000);
		frame->address = 0x10000ULL * module + frame->module_offset;
	}
}

static void make(void)
{
	stall = (struct stall){
		.id = {.pid = 1, .tid = below(1 << 22)},
		.thread = "worker",
		.state = STALL_ENDED,
		.start_ns = 1 + below(1 << 30),
		.nr_stacks = 1 + below(STACKS),
		.stacks = weighed,
	};
	stall.until_ns = stall.start_ns + below(1 << 30);
	for (size_t i = 0; i < stall.nr_stacks; i++) {
		stacks[i] = (struct stack){
			.time_ns = stall.start_ns + below(1000),
			.cause = (uint8_t)below(NR_CAUSES),
			.nr_frames = i ? below(FRAMES + 1) : FRAMES,
			.frames = frames[i],
		};
		for (size_t j = 0; j < stacks[i].nr_frames; j++)
			make_frame(&frames[i][j]);
		weighed[i] = (struct stall_stack){&stacks[i], below(1 << 30), 0};
	}
}

static void dump_text(FILE *out, const char *key, const char *what)
{
	fprintf(out, "\"%s\":", key);
	output_text(out, what);
	fputc(',', out);
}

static void dump_frame(FILE *out, const struct stack_frame *frame)
{
	fputc('{', out);
	dump_text(out, "function", frame->function);
	dump_text(out, "file", frame->file);
	dump_text(out, "module", frame->module);
	fprintf(out, "\"address\":%llu,\"offset\":%llu,\"line\":%u,\"language\":%d,\"inlined\":%d}",
		(unsigned long long)frame->address, (unsigned long long)frame->module_offset,
		frame->line, frame->language, frame->flags & FRAME_INLINED);
}

static void dump(FILE *out)
{
	fprintf(out, "{\"start\":%llu,\"until\":%llu,\"tid\":%u,\"offset\":%llu,\"stacks\":[",
		stall.start_ns, stall.until_ns, stall.id.tid, OFFSET_NS);
	for (size_t i = 0; i < stall.nr_stacks; i++) {
		fprintf(out, "%s{\"time\":%llu,\"cause\":%d,\"weight\":%llu,\"frames\":[",
			i ? "," : "", (unsigned long long)stacks[i].time_ns, stacks[i].cause,
			weighed[i].weight_ns);
		for (size_t j = 0; j < stacks[i].nr_frames; j++) {
			fputs(j ? "," : "", out);
			dump_frame(out, &frames[i][j]);
		}
		fputs("]}", out);
	}
	fputs("]}", out);
}

int main(int argc, char **argv)
{
	struct attribute attribute = ATTRIBUTE_OF_TEXT("service.name", "shop");
	const struct attributes resource = {.items = &attribute, .nr = 1};
	struct buffer request = {};
	FILE *file;
	int err;

	if (argc != 3) {
		fprintf(stderr, "usage: otlp_profile SEED DIRECTORY\n");
		return 2;
	}
	state.state = strtoull(argv[1], NULL, 10);
	make();
	file = output_create(argv[2], "stall.json");
	dump(file);
	fclose(file);
	err = otlp_encode_profile(&stall, &resource, OFFSET_NS, &request);
	file = output_create(argv[2], "request");
	fwrite(request.data, 1, request.size, file);
	fclose(file);
	buffer_done(&request);
	if (err)
		fprintf(stderr, "%s\n", strerror(-err));
	return err != 0;
}
