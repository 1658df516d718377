/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One descriptor stands for three: the socket of the program, a timer for when it takes too long,
 * and an event for what may come out without it.
 */
#include "symbols/symbols.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/program_beside.h"
#include "model/decode.h"
#include "symbols/symbols_parts.h"

#define DEFAULT_MEMORY_BYTES ((size_t)192 << 20)
#define DEFAULT_TIMEOUT_MS 3000
#define DEFAULT_MAX_WAITING 64

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL
#define HELLO_TIMEOUT_MS 5000
#define RETRY_NS (10 * NSEC_PER_MSEC) /* until a killed program is gone */

static int watch(const struct symbols *symbols, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	return epoll_ctl(symbols->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

static int open_descriptors(struct symbols *symbols)
{
	symbols->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	symbols->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	symbols->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (symbols->epoll_fd < 0 || symbols->timer_fd < 0 || symbols->event_fd < 0)
		return -errno;
	return watch(symbols, symbols->timer_fd) ?: watch(symbols, symbols->event_fd);
}

/* A program that cannot be run at all is told of at once. */
static int await_hello(struct symbols *symbols)
{
	struct pollfd wait = {.fd = symbols->program.fd, .events = POLLIN};
	int n;

	do {
		n = poll(&wait, 1, HELLO_TIMEOUT_MS);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n ? -errno : -ETIMEDOUT;
	symbols_take_answers(symbols, clock_monotonic_ns());
	return symbols->greeted ? 0 : -ENOEXEC;
}

static void explain(const char *path, int r, char *error)
{
	const char *why =
		r == -ENOEXEC ? "it is of another version, or a library is missing" : strerror(-r);

	snprintf(error, SYMBOLS_ERROR_LEN,
		 "cannot run %.400s, which belongs beside this program: %s", path, why);
}

int symbols_start_program(const char *path, const struct symbols_options *options,
			  struct symbols **ret_symbols, char *error)
{
	_cleanup_(symbols_freep) struct symbols *symbols = calloc(1, sizeof(*symbols));
	int r;

	if (!symbols) {
		explain(path, -ENOMEM, error);
		return -ENOMEM;
	}
	/* stacks pass through this process: they are not for a core to keep */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	symbols_program_init(&symbols->program, path,
			     options->memory_bytes ?: DEFAULT_MEMORY_BYTES);
	symbols->timeout_ns = (options->timeout_ms ?: DEFAULT_TIMEOUT_MS) * NSEC_PER_MSEC;
	symbols->max_waiting = options->max_waiting ?: DEFAULT_MAX_WAITING;
	r = open_descriptors(symbols);
	if (!r)
		r = symbols_begin(symbols, clock_monotonic_ns());
	if (!r)
		r = await_hello(symbols);
	if (r) {
		explain(path, r, error);
		return r;
	}
	*ret_symbols = TAKE_PTR(symbols);
	return 0;
}

int symbols_start(const struct symbols_options *options, struct symbols **ret_symbols, char *error)
{
	char path[PATH_MAX] = SYMBOLS_PROGRAM;
	int r = program_beside(SYMBOLS_PROGRAM, path);

	if (r) {
		explain(path, r, error);
		return r;
	}
	return symbols_start_program(path, options, ret_symbols, error);
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	symbols_program_end(&symbols->program);
	symbols_drop_all(symbols);
	closep(&symbols->epoll_fd);
	closep(&symbols->timer_fd);
	closep(&symbols->event_fd);
	free(symbols);
}

/* When to be called though nothing comes: 0, never. */
static uint64_t next_call_ns(const struct symbols *symbols)
{
	const struct entry *later = symbols->of_state[ENTRY_LATER];
	uint64_t at_ns = symbols->deadline_ns;

	if (!at_ns && symbols->program.pid < 0 && symbols->of_state[ENTRY_WAITS])
		at_ns = clock_monotonic_ns() + RETRY_NS;
	if (later && (!at_ns || later->due_ns < at_ns))
		at_ns = later->due_ns;
	return at_ns;
}

static void set_descriptors(const struct symbols *symbols)
{
	uint64_t at_ns = next_call_ns(symbols);
	struct itimerspec at = {
		.it_value = {(time_t)(at_ns / NSEC_PER_SEC), (long)(at_ns % NSEC_PER_SEC)}};

	timerfd_settime(symbols->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
	if (symbols_deliverable(symbols))
		eventfd_write(symbols->event_fd, 1);
}

int symbols_submit_process(struct symbols *symbols, pid_t pid, uint64_t process_start_ns)
{
	struct entry *entry;

	entry = symbols_put(symbols, ENTRY_PROCESS, NULL, 0);
	if (!entry)
		return -ENOMEM;
	entry->process = (struct process_request){.pid = pid, .start_ns = process_start_ns};
	symbols_forgive(symbols, entry);
	symbols_send_waiting(symbols, clock_monotonic_ns());
	set_descriptors(symbols);
	return 0;
}

static int submit_stack(struct symbols *symbols, const void *record, size_t size)
{
	uint64_t now_ns = clock_monotonic_ns();
	bool too_many = symbols->nr_stacks >= symbols->max_waiting;
	struct entry *entry;

	if (!stack_record_valid(record, size))
		return -EBADMSG;
	entry = symbols_put(symbols, ENTRY_STACK, record, size);
	if (!entry) {
		symbols->stats.held_back++;
		return -ENOMEM;
	}
	if (too_many)
		symbols_give_up(symbols, entry, now_ns);
	symbols_send_waiting(symbols, now_ns);
	return 0;
}

int symbols_submit(struct symbols *symbols, const void *record, size_t size)
{
	struct record_header header;
	struct stall_record stall;
	int r = decode_header(record, size, &header);

	if (r)
		return r;
	if (header.kind == RECORD_STACK)
		r = submit_stack(symbols, record, header.size);
	else if (!record_is_stall(header.kind) || decode_stall(record, &stall))
		r = -EBADMSG;
	else if (!symbols_put(symbols, ENTRY_RECORD, record, header.size))
		r = -ENOMEM;
	set_descriptors(symbols);
	return r;
}

/* What is malformed is passed as it is: whoever takes it counts it. */
static void pass_alone(const void *record, size_t size, symbols_take_fn take, void *context)
{
	struct stall_record stall;

	if (!decode_stall(record, &stall)) {
		stall.flags &= ~STALL_STACK_FOLLOWS;
		record = &stall;
	}
	take(record, size, context);
}

void symbols_pass(struct symbols *symbols, const void *record, size_t size, symbols_take_fn take,
		  void *context)
{
	struct record_header header;
	int r = decode_header(record, size, &header);

	if (r || (header.kind != RECORD_STACK && !record_is_stall(header.kind))) {
		take(record, size, context);
		return;
	}
	if (symbols && !symbols_submit(symbols, record, header.size))
		return;
	if (header.kind != RECORD_STACK)
		pass_alone(record, header.size, take, context);
}

int symbols_fd(const struct symbols *symbols)
{
	return symbols->epoll_fd;
}

int symbols_read(struct symbols *symbols, const struct symbols_listener *listener)
{
	uint64_t now_ns = clock_monotonic_ns();
	uint64_t count;
	eventfd_t events;
	int r;

	eventfd_read(symbols->event_fd, &events);
	if (read(symbols->timer_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		return -errno;
	symbols_take_answers(symbols, now_ns);
	symbols_send_waiting(symbols, now_ns);
	r = symbols_deliver(symbols, listener);
	set_descriptors(symbols);
	return r;
}

bool symbols_idle(const struct symbols *symbols)
{
	return !symbols->entries && !symbols->of_state[ENTRY_WAITS] &&
	       !symbols->of_state[ENTRY_SENT];
}

void symbols_stats(struct symbols *symbols, struct symbols_stats *ret_stats)
{
	struct symbols_stats stats = symbols->stats;

	stats.cpu_ns = symbols_program_cpu_ns(&symbols->program);
	stats.memory_bytes = symbols_program_memory(&symbols->program);
	stats.evictions += symbols->evictions;
	*ret_stats = stats;
}
