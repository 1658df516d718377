/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop's own account of its wait calls, for the programs that wait by other calls than
 * epoll_wait, and what those programs do meanwhile. Owns the one account of the program.
 *
 * A program says `ready` with the port that it echoes on, takes `start`, `stop` and `count` on
 * stdin and answers `started`, `stopped` and `counted` with the account up to then. Between the
 * first two its timer works.
 */
#ifndef OWN_WAITS_H
#define OWN_WAITS_H

#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_MS 10
#define SPIN_NS 3000000ULL
#define SLEEP_NS 5000000ULL
#define STALL_NS 50000000ULL /* --blocking-ms at its default */

static struct {
	unsigned long iterations;
	unsigned long events;
	unsigned long stalls;
	unsigned long long poll_ns;
	unsigned long long busy_ns;
	unsigned long long spun_ns;
	unsigned long long slept_ns;
	unsigned long long mark_ns; /* the last edge */
	int working;
	unsigned int ticks;
} own;

static unsigned long long own_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void own_wait_begins(void)
{
	unsigned long long now = own_now_ns(), busy = now - own.mark_ns;

	own.busy_ns += busy;
	own.stalls += busy >= STALL_NS;
	own.mark_ns = now;
}

static void own_wait_ended(void)
{
	unsigned long long now = own_now_ns();

	own.poll_ns += now - own.mark_ns;
	own.mark_ns = now;
	own.iterations++;
}

static void own_say(const char *word)
{
	unsigned long long open = own_now_ns() - own.mark_ns;

	printf("%s {\"iterations\": %lu, \"events\": %lu, \"stalls\": %lu, \"poll_ns\": %llu, "
	       "\"busy_ns\": %llu, \"spun_ns\": %llu, \"slept_ns\": %llu}\n",
	       word, own.iterations, own.events, own.stalls, own.poll_ns, own.busy_ns + open,
	       own.spun_ns, own.slept_ns);
	fflush(stdout);
}

/* size: what was read from stdin; the program ends with it. */
static void own_command(const char *text, ssize_t size)
{
	if (size <= 0)
		exit(EXIT_SUCCESS);
	if (!strncmp(text, "count", 5)) {
		own_say("counted");
		return;
	}
	own.working = !strncmp(text, "start", 5);
	own_say(own.working ? "started" : "stopped");
}

/* What the timer does: most times it spins, each fifth time it sleeps. */
static void own_tick(void)
{
	unsigned long long begin = own_now_ns();

	if (!own.working)
		return;
	if (own.ticks++ % 5 == 0) {
		nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
		own.slept_ns += own_now_ns() - begin;
		return;
	}
	while (own_now_ns() - begin < SPIN_NS)
		;
	own.spun_ns += own_now_ns() - begin;
}

static int own_listen(int flags)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) || listen(fd, 64) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		err(1, "listening");
	own.mark_ns = own_now_ns();
	printf("ready {\"port\": %d}\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

#endif
