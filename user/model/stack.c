/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * As bytes: a head, the frames, then the texts, each once and terminated; frames name a text by
 * where it begins. The first text is the empty one. Who reads the bytes takes nothing on trust.
 */
#include "model/stack.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define KNOWN_STACK_FLAGS (STACK_IS_CUT | STACK_IS_MISSING | STACK_IS_PARTIAL)
#define KNOWN_FRAME_FLAGS (FRAME_INLINED | FRAME_RUNTIME)
#define TEXT_SLOTS 2048 /* a power of two, well above the texts of all frames */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct stack_head {
	struct loop_id id;
	uint64_t process_start_ns;
	uint64_t start_ns;
	uint64_t time_ns;
	int32_t syscall_nr;
	uint8_t cause;
	uint8_t flags;
	uint16_t nr_frames;
	uint32_t texts_size;
	struct stack_holder holder;
};
_Static_assert(sizeof(struct stack_head) == 80, "file format");

struct frame_bytes {
	uint64_t address;
	uint64_t module_offset;
	uint32_t function;
	uint32_t file;
	uint32_t module;
	uint32_t line;
	uint8_t language;
	uint8_t flags;
	uint16_t reserved[3];
};
_Static_assert(sizeof(struct frame_bytes) == 40, "file format");

#pragma GCC diagnostic pop

struct texts {
	size_t max;
	bool left_out;
	struct buffer bytes;
	uint32_t slots[TEXT_SLOTS]; /* where it begins; 0: free */
};

void stack_of_record(const struct stack_record *record, struct stack *ret_stack)
{
	*ret_stack = (struct stack){
		.id = record->id,
		.process_start_ns = record->process_start_ns,
		.start_ns = record->start_ns,
		.time_ns = record->header.time_ns,
		.syscall_nr = record->syscall_nr,
		.cause = record->cause,
	};
}

/* FNV-1a */
static uint32_t hash(const char *text, size_t length)
{
	uint32_t value = 2166136261U;

	for (size_t i = 0; i < length; i++)
		value = (value ^ (unsigned char)text[i]) * 16777619U;
	return value;
}

static bool is_text(const struct texts *texts, uint32_t at, const char *text, size_t length)
{
	const char *there = (const char *)texts->bytes.data + at;

	return strlen(there) == length && !memcmp(there, text, length);
}

/* Where the text begins; 0, the empty one's place, if there is no room. */
static uint32_t put_text(struct texts *texts, const char *text)
{
	size_t length = strnlen(text, STACK_MAX_TEXT - 1);
	uint32_t slot = hash(text, length) % TEXT_SLOTS;

	if (!length || texts->bytes.error)
		return 0;
	for (; texts->slots[slot]; slot = (slot + 1) % TEXT_SLOTS) {
		if (is_text(texts, texts->slots[slot], text, length))
			return texts->slots[slot];
	}
	if (length + 1 > texts->max - texts->bytes.size) {
		texts->left_out = true;
		return 0;
	}
	texts->slots[slot] = (uint32_t)texts->bytes.size;
	buffer_append(&texts->bytes, text, length);
	buffer_append(&texts->bytes, "", 1);
	return texts->slots[slot];
}

static void put_frame(struct texts *texts, const struct stack_frame *frame,
		      struct frame_bytes *ret_bytes)
{
	*ret_bytes = (struct frame_bytes){
		.address = frame->address,
		.module_offset = frame->module_offset,
		.function = put_text(texts, frame->function),
		.file = put_text(texts, frame->file),
		.module = put_text(texts, frame->module),
		.line = frame->line,
		.language = frame->language,
		.flags = frame->flags,
	};
}

static void put_head(struct buffer *buffer, const struct stack *stack, size_t nr_frames,
		     const struct texts *texts)
{
	struct stack_head head = {
		.id = stack->id,
		.process_start_ns = stack->process_start_ns,
		.start_ns = stack->start_ns,
		.time_ns = stack->time_ns,
		.syscall_nr = stack->syscall_nr,
		.cause = stack->cause,
		.flags = stack->flags,
		.nr_frames = (uint16_t)nr_frames,
		.texts_size = (uint32_t)texts->bytes.size,
		.holder = stack->holder,
	};

	if (nr_frames < stack->nr_frames)
		head.flags |= STACK_IS_CUT;
	if (texts->left_out)
		head.flags |= STACK_IS_PARTIAL;
	buffer_append(buffer, &head, sizeof(head));
}

void stack_encode(struct buffer *buffer, const struct stack *stack)
{
	size_t nr = stack->nr_frames < STACK_MAX_FRAMES ? stack->nr_frames : STACK_MAX_FRAMES;
	struct frame_bytes frames[STACK_MAX_FRAMES];
	struct texts texts = {
		.max = STACK_MAX_BYTES - sizeof(struct stack_head) - nr * sizeof(*frames),
	};

	buffer_append(&texts.bytes, "", 1);
	for (size_t i = 0; i < nr; i++)
		put_frame(&texts, &stack->frames[i], &frames[i]);
	if (texts.bytes.error)
		buffer->error = texts.bytes.error;
	put_head(buffer, stack, nr, &texts);
	buffer_append(buffer, frames, nr * sizeof(*frames));
	buffer_append(buffer, texts.bytes.data, texts.bytes.size);
	buffer_done(&texts.bytes);
}

/* Nobody has no name, and nobody waits for himself. */
static bool holder_valid(const struct stack_head *head)
{
	static const char nameless[RECORD_COMM_LEN];
	const struct stack_holder *holder = &head->holder;

	if (!holder->tid)
		return !memcmp(holder->thread, nameless, sizeof(nameless));
	return holder->tid <= INT32_MAX && holder->tid != head->id.tid &&
	       !holder->thread[RECORD_COMM_LEN - 1];
}

static bool head_valid(const struct stack_head *head, size_t size)
{
	return head->time_ns <= INT64_MAX && head->start_ns <= head->time_ns &&
	       head->cause < NR_CAUSES && !(head->flags & ~KNOWN_STACK_FLAGS) &&
	       head->nr_frames <= STACK_MAX_FRAMES && holder_valid(head) &&
	       size <= STACK_MAX_BYTES && head->texts_size &&
	       size == sizeof(*head) + head->nr_frames * sizeof(struct frame_bytes) +
			       head->texts_size;
}

/* Any place of the texts is that of one, since the last byte ends it. */
static bool texts_valid(const char *texts, size_t size)
{
	if (texts[0] || texts[size - 1])
		return false;
	for (size_t at = 0; at < size;) {
		size_t length = strlen(texts + at);

		if (length >= STACK_MAX_TEXT)
			return false;
		at += length + 1;
	}
	return true;
}

/* A language that a later version knows is one without a name here. */
static bool get_frame(const struct frame_bytes *bytes, const char *texts, size_t texts_size,
		      struct stack_frame *ret_frame)
{
	if (bytes->function >= texts_size || bytes->file >= texts_size ||
	    bytes->module >= texts_size || bytes->flags & ~KNOWN_FRAME_FLAGS ||
	    bytes->reserved[0] || bytes->reserved[1] || bytes->reserved[2])
		return false;
	*ret_frame = (struct stack_frame){
		.address = bytes->address,
		.module_offset = bytes->module_offset,
		.function = texts + bytes->function,
		.file = texts + bytes->file,
		.module = texts + bytes->module,
		.line = bytes->line,
		.language = bytes->language,
		.flags = bytes->flags,
	};
	return true;
}

static struct stack *stack_new(const struct stack_head *head)
{
	size_t frames_size = head->nr_frames * sizeof(struct stack_frame);
	size_t size = sizeof(struct stack) + frames_size + head->texts_size;
	struct stack *stack = malloc(size);

	if (!stack)
		return NULL;
	*stack = (struct stack){
		.id = head->id,
		.process_start_ns = head->process_start_ns,
		.start_ns = head->start_ns,
		.time_ns = head->time_ns,
		.syscall_nr = head->syscall_nr,
		.cause = head->cause,
		.flags = head->flags,
		.holder = head->holder,
		.memory_bytes = size,
		.nr_frames = head->nr_frames,
		.frames = (struct stack_frame *)(stack + 1),
	};
	return stack;
}

int stack_decode(const void *data, size_t size, struct stack **ret_stack)
{
	_cleanup_(stack_freep) struct stack *stack = NULL;
	const unsigned char *from = data;
	struct stack_head head;
	char *texts;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, from, sizeof(head));
	if (!head_valid(&head, size))
		return -EBADMSG;
	stack = stack_new(&head);
	if (!stack)
		return -ENOMEM;
	texts = (char *)(stack->frames + head.nr_frames);
	memcpy(texts, from + size - head.texts_size, head.texts_size);
	if (!texts_valid(texts, head.texts_size))
		return -EBADMSG;
	from += sizeof(head);
	for (size_t i = 0; i < head.nr_frames; i++, from += sizeof(struct frame_bytes)) {
		struct frame_bytes bytes;

		memcpy(&bytes, from, sizeof(bytes));
		if (!get_frame(&bytes, texts, head.texts_size, &stack->frames[i]))
			return -EBADMSG;
	}
	*ret_stack = TAKE_PTR(stack);
	return 0;
}

void stack_free(struct stack *stack)
{
	free(stack);
}

const struct stack_frame *stack_culprit(const struct stack *stack)
{
	const struct stack_frame *nameless = NULL, *runtime = NULL;

	for (size_t i = 0; i < stack->nr_frames; i++) {
		const struct stack_frame *frame = &stack->frames[i];
		bool named = frame->function[0];

		if (frame->flags & FRAME_RUNTIME) {
			if (!runtime && named)
				runtime = frame;
		} else if (named) {
			return frame;
		} else if (!nameless && frame->module[0]) {
			nameless = frame;
		}
	}
	return nameless ?: runtime ?: stack->nr_frames ? stack->frames : NULL;
}

const char *frame_language_name(enum frame_language language)
{
	static const char *const names[] = {
		[FRAME_NATIVE] = "c",  [FRAME_CPP] = "c++",       [FRAME_RUST] = "rust",
		[FRAME_GO] = "go",     [FRAME_PYTHON] = "python", [FRAME_JAVASCRIPT] = "javascript",
		[FRAME_JAVA] = "java",
	};

	return (unsigned int)language < NR_FRAME_LANGUAGES ? names[language] : "";
}
