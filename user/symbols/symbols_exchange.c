/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What goes to the program and what comes from it. Few requests are under way at once: those are
 * what a program that ends has to be sent anew. One that answers what it was not asked is ended.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "symbols/symbols_parts.h"

#define MAX_SENT 16

#define NSEC_PER_SEC 1000000000ULL
#define HELLO_TIMEOUT_NS (5 * NSEC_PER_SEC)
#define GONE_TIMEOUT_NS NSEC_PER_SEC /* of one that was killed */

static void watch(struct symbols *symbols, int operation)
{
	struct epoll_event event = {
		.events = EPOLLIN | (symbols->wants_room ? EPOLLOUT : 0),
		.data.fd = symbols->program.fd,
	};

	/* fails for want of memory; then the timer is what calls us */
	if (epoll_ctl(symbols->epoll_fd, operation, symbols->program.fd, &event))
		symbols->wants_room = false;
}

int symbols_begin(struct symbols *symbols, uint64_t now_ns)
{
	int r = symbols_program_start(&symbols->program, now_ns);

	if (r)
		return r;
	symbols->greeted = false;
	symbols->wants_room = false;
	symbols->looked_at = SYMBOLS_NOT_AHEAD;
	symbols->stats.evictions += symbols->evictions;
	symbols->evictions = 0;
	watch(symbols, EPOLL_CTL_ADD);
	return 0;
}

static void want_room(struct symbols *symbols, bool wants)
{
	if (symbols->wants_room == wants)
		return;
	symbols->wants_room = wants;
	watch(symbols, EPOLL_CTL_MOD);
}

/* For what it is busy with now; to be run at all it may take longer. */
static void set_deadline(struct symbols *symbols, uint64_t now_ns)
{
	if (!symbols->of_state[ENTRY_SENT])
		symbols->deadline_ns = 0;
	else
		symbols->deadline_ns =
			now_ns + (symbols->greeted ? symbols->timeout_ns : HELLO_TIMEOUT_NS);
}

static int send_entry(struct symbols *symbols, struct entry *entry)
{
	const struct message_head head = {
		.kind = entry->kind == ENTRY_STACK ? MESSAGE_STACK : MESSAGE_PROCESS,
		.number = symbols->next_number,
	};
	const void *body = entry->kind == ENTRY_STACK ? entry->data : (void *)&entry->process;
	size_t size = entry->kind == ENTRY_STACK ? entry->size : sizeof(entry->process);
	int r = message_send(symbols->program.fd, &head, body, size, MSG_DONTWAIT);

	if (r)
		return r;
	entry->number = symbols->next_number++;
	symbols_set_state(symbols, entry, ENTRY_SENT);
	return 0;
}

/* There is a program, or what waits for one is given up. */
static bool have_program(struct symbols *symbols, uint64_t now_ns)
{
	int r;

	if (symbols->program.pid >= 0)
		return true;
	r = symbols_begin(symbols, now_ns);
	if (r == -EAGAIN && now_ns - symbols->program.killed_ns < GONE_TIMEOUT_NS)
		return false;
	if (r)
		symbols_give_up_all(symbols, now_ns);
	return !r;
}

void symbols_send_waiting(struct symbols *symbols, uint64_t now_ns)
{
	struct entry *entry;

	symbols_ask_again(symbols, now_ns);
	while (symbols->nr_of_state[ENTRY_SENT] < MAX_SENT &&
	       (entry = symbols->of_state[ENTRY_WAITS])) {
		int r;

		if (symbols_is_blamed(symbols, entry, now_ns)) {
			symbols_give_up(symbols, entry, now_ns);
			continue;
		}
		if (!have_program(symbols, now_ns))
			return;
		r = send_entry(symbols, entry);
		want_room(symbols, r == -EAGAIN);
		if (r) /* an end of the program is seen when its answers are looked for */
			return;
		if (symbols->nr_of_state[ENTRY_SENT] == 1)
			set_deadline(symbols, now_ns);
	}
}

/* What it was sent beside what it was busy with is sent to the next one. */
void symbols_fail(struct symbols *symbols, uint64_t now_ns)
{
	struct entry *entry =
		symbols_sent(symbols, symbols->looked_at) ?: symbols->of_state[ENTRY_SENT];

	symbols_program_kill(&symbols->program, now_ns);
	symbols->stats.restarts++;
	symbols->stats.processes = 0;
	symbols->deadline_ns = 0;
	if (entry) {
		symbols_blame(symbols, entry, now_ns);
		symbols_give_up(symbols, entry, now_ns);
	}
	symbols_send_anew(symbols);
}

/* Whose stack it says it is must be what was asked for. */
static bool take_stack(struct symbols *symbols, struct entry *entry, const struct message *message)
{
	const struct stack_record *record = (const struct stack_record *)entry->data;
	_cleanup_(stack_freep) struct stack *stack = NULL;
	unsigned char *bytes;

	if (stack_decode(message->body, message->size, &stack) ||
	    memcmp(&stack->id, &record->id, sizeof(stack->id)) ||
	    stack->process_start_ns != record->process_start_ns ||
	    stack->start_ns != record->start_ns || stack->time_ns != record->header.time_ns)
		return false;
	symbols->stats.stacks++;
	symbols->stats.missing += stack->flags & STACK_IS_MISSING ? 1 : 0;
	symbols->stats.cut += stack->flags & STACK_IS_CUT ? 1 : 0;
	bytes = malloc(message->size);
	if (!bytes)
		return false;
	memcpy(bytes, message->body, message->size);
	symbols_done(symbols, entry, bytes, message->size);
	return true;
}

static bool take_python(struct symbols *symbols, struct entry *entry, const struct message *message)
{
	memcpy(&entry->python, message->body, sizeof(entry->python));
	symbols_done(symbols, entry, NULL, 0);
	return true;
}

static bool take_hello(struct symbols *symbols, const struct message *message, uint64_t now_ns)
{
	if (symbols->greeted || strcmp(message->body, LOOPSCOPE_VERSION) != 0)
		return false;
	symbols->greeted = true;
	set_deadline(symbols, now_ns);
	return true;
}

/* No longer time is given for it: what has come to harm may say so again and again. */
static bool take_looks_at(struct symbols *symbols, uint64_t number)
{
	symbols->looked_at = number;
	return symbols_sent(symbols, number);
}

static bool take_answer(struct symbols *symbols, const struct message *message, uint64_t now_ns)
{
	struct entry *entry = symbols->of_state[ENTRY_SENT];
	bool sound;

	if (message->head.kind == MESSAGE_HELLO)
		return take_hello(symbols, message, now_ns);
	if (message->head.kind == MESSAGE_LOOKS_AT)
		return take_looks_at(symbols, message->head.number);
	if (!symbols->greeted || !entry || message->head.number != entry->number ||
	    (entry->kind == ENTRY_STACK) != (message->head.kind == MESSAGE_STACK))
		return false;
	sound = entry->kind == ENTRY_STACK ? take_stack(symbols, entry, message)
					   : take_python(symbols, entry, message);
	if (!sound)
		return false;
	symbols->stats.processes = message->head.processes;
	symbols->evictions = message->head.evictions;
	symbols->looked_at = SYMBOLS_NOT_AHEAD;
	set_deadline(symbols, now_ns);
	return true;
}

void symbols_take_answers(struct symbols *symbols, uint64_t now_ns)
{
	struct message message;

	while (symbols->program.fd >= 0) {
		ssize_t n = message_receive(symbols->program.fd, symbols->packet,
					    sizeof(symbols->packet), MSG_DONTWAIT);

		if (n == -EAGAIN)
			break;
		if (n <= 0 || !message_read_answer(symbols->packet, (size_t)n, &message) ||
		    !take_answer(symbols, &message, now_ns))
			symbols_fail(symbols, now_ns);
	}
	if (symbols->deadline_ns && now_ns >= symbols->deadline_ns)
		symbols_fail(symbols, now_ns);
}
