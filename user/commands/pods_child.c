/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A pipe of lines. That the child goes when we do, it sees to itself: nobody reads its pipe then. */
#include "commands/pods_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "commands/beside.h"
#include "commands/pod_lines.h"

#define MAX_LINE (4UL * 1024 * 1024) /* as long as the API's longest object */
#define READ_BYTES 65536
#define SYNC_TIMEOUT_MS 15000
#define NS_PER_MS 1000000ULL

struct pods_child {
	struct pods *pods;
	pid_t pid;
	int fd;
	bool synced;
	char *line; /* as much of it as has come */
	size_t length;
};

void pods_child_free(struct pods_child *child)
{
	if (!child)
		return;
	closep(&child->fd);
	if (child->pid > 0) {
		kill(child->pid, SIGTERM);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(child->line);
	free(child);
}

static int spawn(struct pods_child *child, const char *path, int write_fd)
{
	char *const argv[] = {"loopscope-agent", "pods", "--json", "--follow", NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int r;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, write_fd, STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigmask(&attributes, &none);
	r = posix_spawn(&child->pid, path, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (r)
		child->pid = 0;
	return -r;
}

static int start(struct pods_child *child, char *error)
{
	_cleanup_(closep) int write_fd = -1;
	char path[BESIDE_PATH_LEN] = "";
	int fds[2], r = beside_path(path);

	if (!r && pipe2(fds, O_CLOEXEC))
		r = -errno;
	if (!r) {
		child->fd = fds[0];
		write_fd = fds[1];
		r = fcntl(child->fd, F_SETFL, O_NONBLOCK) ? -errno : spawn(child, path, write_fd);
	}
	if (r)
		snprintf(error, PODS_CHILD_ERROR_LEN, "cannot run %.200s, which tells of pods: %s",
			 path, strerror(-r));
	return r;
}

/* What is not understood is passed over: it is ours, but may be of another version. */
static void take_line(struct pods_child *child, const char *line, size_t length)
{
	enum pod_line kind;

	if (!pod_line_take(child->pods, line, length, clock_monotonic_ns(), &kind) &&
	    kind == POD_LINE_SYNCED)
		child->synced = true;
}

static int append(struct pods_child *child, const char *bytes, size_t nr)
{
	char *line;

	if (child->length + nr > MAX_LINE)
		return -EFBIG;
	line = realloc(child->line, child->length + nr);
	if (!line)
		return -ENOMEM;
	memcpy(line + child->length, bytes, nr);
	child->line = line;
	child->length += nr;
	return 0;
}

static int take_bytes(struct pods_child *child, const char *bytes, size_t nr)
{
	const char *end;
	int r = 0;

	while (!r && (end = memchr(bytes, '\n', nr))) {
		size_t length = (size_t)(end - bytes);

		r = append(child, bytes, length);
		if (!r)
			take_line(child, child->line, child->length);
		child->length = 0;
		bytes += length + 1;
		nr -= length + 1;
	}
	return r ?: append(child, bytes, nr);
}

int pods_child_read(struct pods_child *child)
{
	char bytes[READ_BYTES];

	for (;;) {
		ssize_t nr = read(child->fd, bytes, sizeof(bytes));
		int r;

		if (nr < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (!nr)
			return -EPIPE;
		r = take_bytes(child, bytes, (size_t)nr);
		if (r)
			return r;
	}
}

static int await_sync(struct pods_child *child, char *error)
{
	__u64 deadline = clock_monotonic_ns() + SYNC_TIMEOUT_MS * NS_PER_MS;
	int r = 0;

	while (!r && !child->synced) {
		struct pollfd wait = {.fd = child->fd, .events = POLLIN};
		__u64 now = clock_monotonic_ns();

		if (now >= deadline)
			r = -ETIMEDOUT;
		else if (poll(&wait, 1, (int)((deadline - now) / NS_PER_MS) + 1) > 0)
			r = pods_child_read(child);
	}
	if (r)
		snprintf(
			error, PODS_CHILD_ERROR_LEN,
			"this node's pods are not told of, so labels cannot be matched: `loopscope "
			"pods` shows why");
	return r;
}

int pods_child_start(struct pods *pods, struct pods_child **ret_child,
		     char error[PODS_CHILD_ERROR_LEN])
{
	_cleanup_(pods_child_freep) struct pods_child *child = calloc(1, sizeof(*child));
	int r;

	snprintf(error, PODS_CHILD_ERROR_LEN, "out of memory");
	if (!child)
		return -ENOMEM;
	child->fd = -1;
	child->pods = pods;
	r = start(child, error) ?: await_sync(child, error);
	if (r)
		return r;
	*ret_child = TAKE_PTR(child);
	return 0;
}
