/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One thread for each visitor, who asks for one page again and again over a
 * connection that is kept. A late answer delays the visitor's next request.
 */
#include "commands/demo_traffic.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "base/cleanup.h"

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000

/* A stall of either kind every four seconds, the first ones within three. */
static const struct visitor {
	const char *path;
	unsigned int first_ms, period_ms;
} visitors[] = {
	{"/", 0, 5},        {"/", 2, 7},           {"/health", 500, 1000},
	{"/fast", 50, 100}, {"/slow", 1000, 4000}, {"/blocking", 3000, 4000},
};

#define NR_VISITORS (sizeof(visitors) / sizeof(visitors[0]))

static int server_port;

static void add_ms(struct timespec *time, unsigned int ms)
{
	time->tv_sec += ms / 1000;
	time->tv_nsec += (long)(ms % 1000) * NS_PER_MS;
	if (time->tv_nsec >= NS_PER_S) {
		time->tv_nsec -= NS_PER_S;
		time->tv_sec++;
	}
}

static int connect_to_server(void)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(server_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return TAKE_FD(fd);
}

/* The server's answers are short, whole, and one at a time: it is our own. */
static int visit(int fd, const char *path)
{
	char text[1024];
	int length;

	length = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
	if (send(fd, text, length, MSG_NOSIGNAL) != length || recv(fd, text, sizeof(text), 0) <= 0)
		return -EPIPE;
	return 0;
}

static void *visit_for_ever(void *argument)
{
	const struct visitor *visitor = argument;
	struct timespec next, now;
	int fd = -1;

	clock_gettime(CLOCK_MONOTONIC, &next);
	add_ms(&next, visitor->first_ms);
	for (;;) {
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		if (fd < 0)
			fd = connect_to_server();
		if (fd >= 0 && visit(fd, visitor->path) < 0) {
			close(fd);
			fd = -1;
		}
		add_ms(&next, visitor->period_ms);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec > next.tv_sec ||
		    (now.tv_sec == next.tv_sec && now.tv_nsec > next.tv_nsec))
			next = now;
	}
	return NULL;
}

/* The process: each visitor a thread, until it is killed. */
static _Noreturn void run_visitors(void)
{
	pthread_t thread;

	prctl(PR_SET_NAME, "demo-traffic");
	for (size_t i = 1; i < NR_VISITORS; i++)
		pthread_create(&thread, NULL, visit_for_ever, (void *)&visitors[i]);
	visit_for_ever((void *)&visitors[0]);
	_exit(0);
}

int demo_traffic_start(int port, pid_t *ret_pid)
{
	pid_t parent = getpid(), pid;

	server_port = port;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		*ret_pid = pid;
		return 0;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* dead already */
		_exit(0);
	run_visitors();
}

void demo_traffic_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}
