/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the room's door and its program say to each other, one message a packet of a socket that
 * keeps packets whole (SOCK_SEQPACKET). Each request has one answer, in their order, and its
 * number. The program reads what others have written, and may have come to harm over it: so its
 * answers are checked like anything else from outside. Its requests are, too.
 */
#ifndef LOOPSCOPE_SYMBOLS_PROTOCOL_H
#define LOOPSCOPE_SYMBOLS_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "python_frames.h"
#include "model/stack.h"
#include "symbols/stack_record.h"

#define SYMBOLS_PROGRAM "loopscope-symbols"
#define SYMBOLS_VERSION_LEN 32

enum symbols_message {
	MESSAGE_STACK = 1, /* a record of a stack; answer: the bytes of a stack (model/stack.h) */
	MESSAGE_PROCESS,   /* struct process_request; answer: struct python_runtime */
	MESSAGE_HELLO,     /* its first, unasked, number 0: its version, terminated */
	MESSAGE_LOOKS_AT,  /* unasked, of that number: it is not at the oldest, but at this one */
};

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct message_head {
	uint32_t kind;
	uint32_t processes; /* of answers: that it knows now */
	uint64_t number;
	uint64_t evictions; /* of answers: since it began */
};
_Static_assert(sizeof(struct message_head) == 24, "wire format");

struct process_request {
	int32_t pid;
	uint32_t reserved;
	uint64_t start_ns;
};
_Static_assert(sizeof(struct process_request) == 16, "wire format");

#pragma GCC diagnostic pop

#define REQUEST_MAX_SIZE (sizeof(struct message_head) + STACK_RECORD_MAX_SIZE)
#define ANSWER_MAX_SIZE (sizeof(struct message_head) + STACK_MAX_BYTES)

/* What follows the head. It points into the message. */
struct message {
	struct message_head head;
	const void *body;
	size_t size;
};

/*
 * Whether it is a sound request: the record is valid; a process has a pid. Messages need not be
 * aligned.
 */
bool message_read_request(const void *data, size_t size, struct message *ret_message);

/* Whether it is a sound answer, but for the bytes of a stack: those stack_decode checks. */
bool message_read_answer(const void *data, size_t size, struct message *ret_message);

/*
 * One packet. -EAGAIN: there is no room, or, of what is received, nothing, if `flags` has
 * MSG_DONTWAIT; 0 received: the other side has ended. Both are free of SIGPIPE.
 */
int message_send(int fd, const struct message_head *head, const void *body, size_t size, int flags);
ssize_t message_receive(int fd, void *buffer, size_t size, int flags);

#endif
