/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pipe of lines. That the child goes when we do, it sees to itself: nobody reads its pipe then.
 * What it complains of goes to a pipe too, so that it writes over no screen.
 */
#include "commands/pods_child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/program_beside.h"
#include "commands/beside.h"
#include "commands/pod_lines.h"

#define MAX_LINE (4UL * 1024 * 1024) /* as long as the API's longest object */
#define READ_BYTES 65536
#define MAX_READS 16          /* in turn: a flood must not keep us from all else */
#define SYNC_TIMEOUT_MS 10000 /* as `loopscope pods` itself has it */
#define NS_PER_MS 1000000ULL
#define COMPLAINT_PREFIX "loopscope pods: "
#define COMPLAINT_LEN 1040

struct pods_child {
	struct pods *pods;
	struct beside_child process;
	bool synced;
	char status[POD_LINE_MESSAGE_LEN]; /* the last */
	char complaint[COMPLAINT_LEN];     /* as much of the first as has come */
	char *line;                        /* as much of it as has come */
	size_t length;
};

void pods_child_free(struct pods_child *child)
{
	if (!child)
		return;
	beside_end(&child->process);
	free(child->line);
	free(child);
}

static int start(struct pods_child *child, char *error)
{
	char *const argv[] = {BESIDE_AGENT, "pods", "--json", "--follow", NULL};
	char path[PATH_MAX] = BESIDE_AGENT;
	int r = program_beside(BESIDE_AGENT, path) ?: beside_start(path, argv, &child->process);

	if (r)
		snprintf(error, PODS_CHILD_ERROR_LEN,
			 "this node's pods are not known: cannot run %.400s, which belongs "
			 "beside this program: %s",
			 path, strerror(-r));
	return r;
}

/* What is not understood is passed over: it is ours, but may be of another version. */
static void take_line(struct pods_child *child, const char *text, size_t length)
{
	struct pod_line line;

	if (pod_line_take(child->pods, text, length, clock_monotonic_ns(), &line))
		return;
	if (line.kind == POD_LINE_SYNCED)
		child->synced = true;
	if (line.kind == POD_LINE_STATUS)
		snprintf(child->status, sizeof(child->status), "%s", line.message);
}

static int append(struct pods_child *child, const char *bytes, size_t nr)
{
	char *line;

	if (!nr)
		return 0;
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
	const char *newline;

	while ((newline = memchr(bytes, '\n', nr))) {
		size_t length = (size_t)(newline - bytes);
		int r = append(child, bytes, length);

		if (r)
			return r;
		take_line(child, child->line, child->length);
		child->length = 0;
		bytes += length + 1;
		nr -= length + 1;
	}
	return append(child, bytes, nr);
}

int pods_child_fd(const struct pods_child *child)
{
	return child->process.out_fd;
}

int pods_child_read(struct pods_child *child)
{
	char bytes[READ_BYTES];

	for (int i = 0; i < MAX_READS; i++) {
		ssize_t nr = read(child->process.out_fd, bytes, sizeof(bytes));
		int r;

		if (nr < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -errno;
		if (!nr)
			return -EPIPE;
		r = take_bytes(child, bytes, (size_t)nr);
		if (r)
			return r;
	}
	return 0;
}

/* Keeps the first line; false: no more will come. */
static bool read_complaint(struct pods_child *child)
{
	size_t length = strlen(child->complaint);
	char bytes[sizeof(child->complaint)];
	ssize_t nr = read(child->process.error_fd, bytes, sizeof(bytes) - 1);

	if (nr <= 0)
		return nr < 0 && (errno == EAGAIN || errno == EINTR);
	bytes[nr] = '\0';
	if (!strchr(child->complaint, '\n'))
		snprintf(child->complaint + length, sizeof(child->complaint) - length, "%s", bytes);
	return true;
}

/* What it says from now on is in its lines, too. */
static void stop_listening(struct pods_child *child)
{
	closep(&child->process.error_fd);
	child->process.error_fd = -1;
}

/* Its first complaint as part of a line of ours; "": none. */
static const char *complaint_of(struct pods_child *child)
{
	char *text = child->complaint;

	text[strcspn(text, "\n")] = '\0';
	if (strncmp(text, COMPLAINT_PREFIX, strlen(COMPLAINT_PREFIX)) == 0)
		text += strlen(COMPLAINT_PREFIX);
	return text;
}

/* A descriptor that is readable while one of the signals is pending. */
static int open_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* For what comes next, until the deadline. */
static int take_next(struct pods_child *child, int signal_fd, __u64 deadline)
{
	struct pollfd wait[] = {
		{.fd = signal_fd, .events = POLLIN},
		{.fd = child->process.error_fd, .events = POLLIN},
		{.fd = child->process.out_fd, .events = POLLIN},
	};
	struct signalfd_siginfo signal;
	__u64 now = clock_monotonic_ns();

	if (now >= deadline)
		return -ETIMEDOUT;
	if (poll(wait, sizeof(wait) / sizeof(*wait), (int)((deadline - now) / NS_PER_MS) + 1) <= 0)
		return 0;
	if (wait[0].revents && read(signal_fd, &signal, sizeof(signal)) == sizeof(signal))
		return -ECANCELED;
	if (wait[1].revents && !read_complaint(child))
		stop_listening(child);
	return wait[2].revents ? pods_child_read(child) : 0;
}

/* Why its pods are not known, in its own words where there are any. */
static const char *reason_of(struct pods_child *child, int reason)
{
	const char *complaint;

	read_complaint(child);
	complaint = complaint_of(child);
	if (*complaint)
		return complaint;
	if (reason == -EPIPE)
		return "what tells of them has ended";
	if (reason == -ETIMEDOUT)
		return *child->status ? child->status : "nothing has come within 10 s";
	return strerror(-reason);
}

static void explain(struct pods_child *child, int reason, char *error)
{
	if (reason == -ECANCELED)
		snprintf(error, PODS_CHILD_ERROR_LEN,
			 "interrupted before this node's pods were known");
	else
		snprintf(error, PODS_CHILD_ERROR_LEN,
			 "this node's pods are not known: %.*s "
			 "(KUBECONFIG names a kubeconfig; `loopscope pods` tells more)",
			 COMPLAINT_LEN, reason_of(child, reason));
}

static int await_sync(struct pods_child *child, char *error)
{
	__u64 deadline = clock_monotonic_ns() + SYNC_TIMEOUT_MS * NS_PER_MS;
	_cleanup_(closep) int signal_fd = open_signals();
	int r = signal_fd < 0 ? -errno : 0;

	while (!r && !child->synced)
		r = take_next(child, signal_fd, deadline);
	if (r) {
		explain(child, r, error);
		return r;
	}
	read_complaint(child);
	if (*child->complaint)
		log_warning("%s", complaint_of(child));
	return 0;
}

int pods_child_start(struct pods *pods, bool wait, struct pods_child **ret_child,
		     char error[PODS_CHILD_ERROR_LEN])
{
	_cleanup_(pods_child_freep) struct pods_child *child = calloc(1, sizeof(*child));
	int r;

	snprintf(error, PODS_CHILD_ERROR_LEN, "out of memory");
	if (!child)
		return -ENOMEM;
	child->process = (struct beside_child){-1, -1, -1, -1};
	child->pods = pods;
	r = start(child, error);
	if (!r && wait)
		r = await_sync(child, error);
	if (r)
		return r;
	stop_listening(child);
	*ret_child = TAKE_PTR(child);
	return 0;
}
