/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that wait for what they have asked for, as clients' libraries do: by
 * poll() of one descriptor, or by futex. They are no loops.
 */
#include "client_load.h"

#include <err.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "load.h"

/* A thread that waits for one descriptor, and one that answers it. */
struct client {
	int request_fd;
	int answer_fd;
	unsigned long nr_batches, count;
	unsigned int turn; /* whose it is: 0 or 1 */
	double ns;
};

static void await_ready(int fd)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};

	if (poll(&wanted, 1, -1) != 1)
		err(1, "poll");
}

static void run_poll(unsigned long count, void *context)
{
	const struct client *client = context;

	while (count--)
		await_ready(client->answer_fd);
}

static void add_one(int fd)
{
	if (eventfd_write(fd, 1))
		err(1, "write to eventfd");
}

static void take_one(int fd)
{
	eventfd_t value;

	if (eventfd_read(fd, &value))
		err(1, "read from eventfd");
}

static void run_answer(unsigned long count, void *context)
{
	const struct client *client = context;

	while (count--) {
		add_one(client->request_fd);
		await_ready(client->answer_fd);
		take_one(client->answer_fd);
	}
}

static void *give_answers(void *argument)
{
	const struct client *client = argument;

	for (unsigned long i = 0; i < client->nr_batches * client->count; i++) {
		take_one(client->request_fd);
		add_one(client->answer_fd);
	}
	return NULL;
}

static void take_turn(unsigned int *turn, unsigned int mine)
{
	while (__atomic_load_n(turn, __ATOMIC_ACQUIRE) != mine)
		syscall(SYS_futex, turn, FUTEX_WAIT_PRIVATE, !mine, NULL, NULL, 0);
	__atomic_store_n(turn, !mine, __ATOMIC_RELEASE);
	syscall(SYS_futex, turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void run_futex(unsigned long count, void *context)
{
	struct client *client = context;

	while (count--)
		take_turn(&client->turn, 0);
}

static void *take_other_turns(void *argument)
{
	struct client *client = argument;

	for (unsigned long i = 0; i < client->nr_batches * client->count; i++)
		take_turn(&client->turn, 1);
	return NULL;
}

static void *measure_poll(void *argument)
{
	struct client *client = argument;

	add_one(client->answer_fd);
	client->ns = fastest_batch(client->nr_batches, client->count, run_poll, client);
	return NULL;
}

static void *measure_answer(void *argument)
{
	struct client *client = argument;
	pthread_t other = thread_start(give_answers, client);

	client->ns = fastest_batch(client->nr_batches, client->count, run_answer, client);
	pthread_join(other, NULL);
	return NULL;
}

static void *measure_futex(void *argument)
{
	struct client *client = argument;
	pthread_t other = thread_start(take_other_turns, client);

	client->ns = fastest_batch(client->nr_batches, client->count, run_futex, client);
	pthread_join(other, NULL);
	return NULL;
}

double client_measure(enum client_load load, unsigned long nr_batches, unsigned long count)
{
	static void *(*const measure[])(void *) = {
		[CLIENT_POLL] = measure_poll,
		[CLIENT_ANSWER] = measure_answer,
		[CLIENT_FUTEX] = measure_futex,
	};
	struct client client = {
		.request_fd = eventfd(0, EFD_CLOEXEC),
		.answer_fd = eventfd(0, EFD_CLOEXEC),
		.nr_batches = nr_batches,
		.count = count,
	};

	if (client.request_fd < 0 || client.answer_fd < 0)
		err(1, "eventfd");
	pthread_join(thread_start(measure[load], &client), NULL);
	close(client.request_fd);
	close(client.answer_fd);
	return client.ns;
}
