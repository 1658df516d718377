/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Question and answer lie in memory that both have; a byte through a socket says that they are
 * there. A child that misses its deadline is killed, and another is begun with the next call. It
 * may be there for as long as the file system hangs: its memory is its own then, and it has nothing
 * open that keeps anybody waiting.
 */
#include "base/apart.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdalign.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/privileges.h"

#define NS_PER_MS 1000000ULL
#define CALL_TIMEOUT_NS (2000 * NS_PER_MS)
#define END_TIMEOUT_NS (200 * NS_PER_MS)

/* So many may miss their deadline within that time, and so many be left behind. */
#define MAX_ENDED 3
#define ENDED_REST_NS (60000 * NS_PER_MS)

struct area {
	apart_function *function;
	alignas(max_align_t) unsigned char question[APART_MAX_QUESTION];
	alignas(max_align_t) unsigned char answer[APART_MAX_ANSWER]; /* 0 between calls */
};

struct ended_child {
	pid_t pid; /* 0: it is gone */
	__u64 killed_ns;
};

struct apart {
	pid_t pid; /* 0: there is no child */
	int fd;
	struct area *area;
	struct ended_child *room; /* for it, once it has to be ended */
	struct ended_child ended[MAX_ENDED];
	__u64 nr_unanswered;
};

int apart_new(struct apart **ret_apart)
{
	struct apart *apart = calloc(1, sizeof(*apart));

	if (!apart)
		return -ENOMEM;
	*ret_apart = apart;
	return 0;
}

/*
 * Nothing but to read others: it may be begun before its parent has given up what it has. No
 * descriptors but the socket: who reads this program's output waits for nobody else. A process
 * group of its own: what is typed at a terminal is not meant for it.
 */
static _Noreturn void serve(int fd, struct area *area)
{
	char byte;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	privileges_use_two();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "loopscope-apart");
	setpgid(0, 0);
	if (fd > 0)
		close_range(0, fd - 1, 0);
	close_range(fd + 1, ~0U, 0);
	while (recv(fd, &byte, sizeof(byte), 0) == sizeof(byte)) {
		area->function(area->question, area->answer);
		if (send(fd, &byte, sizeof(byte), MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

static void reap(struct ended_child *ended)
{
	if (ended->pid && waitpid(ended->pid, NULL, WNOHANG) != 0)
		ended->pid = 0;
}

static struct ended_child *find_room(struct apart *apart)
{
	__u64 now_ns = clock_monotonic_ns();

	for (size_t i = 0; i < MAX_ENDED; i++) {
		struct ended_child *ended = &apart->ended[i];

		reap(ended);
		if (!ended->pid && (!ended->killed_ns || now_ns - ended->killed_ns > ENDED_REST_NS))
			return ended;
	}
	return NULL;
}

static int start(struct apart *apart)
{
	struct area *area;
	int fds[2];
	pid_t pid;

	apart->room = find_room(apart);
	if (!apart->room)
		return -EBUSY;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = area == MAP_FAILED ? -1 : fork();
	if (pid == 0)
		serve(fds[1], area);
	if (pid < 0) {
		int r = -errno;

		close(fds[0]);
		close(fds[1]);
		if (area != MAP_FAILED)
			munmap(area, sizeof(*area));
		return r;
	}
	close(fds[1]);
	apart->pid = pid;
	apart->fd = fds[0];
	apart->area = area;
	return 0;
}

static void end_child(struct apart *apart)
{
	kill(apart->pid, SIGKILL);
	*apart->room = (struct ended_child){apart->pid, clock_monotonic_ns()};
	close(apart->fd);
	munmap(apart->area, sizeof(*apart->area));
	apart->pid = 0;
}

/* 0 once there is something to read of it, or it has ended. */
static int await(int fd, __u64 deadline_ns)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};

	for (;;) {
		__u64 now_ns = clock_monotonic_ns();
		int r;

		if (now_ns >= deadline_ns)
			return -ETIMEDOUT;
		r = poll(&wait, 1, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
		if (r > 0)
			return 0;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}

static int exchange(const struct apart *apart)
{
	char byte = 0;
	int r;

	if (send(apart->fd, &byte, sizeof(byte), MSG_NOSIGNAL) < 0)
		return -EIO;
	r = await(apart->fd, clock_monotonic_ns() + CALL_TIMEOUT_NS);
	if (!r && recv(apart->fd, &byte, sizeof(byte), 0) != sizeof(byte))
		r = -EIO;
	return r;
}

static bool has_ended(const struct apart *apart)
{
	char byte;

	return recv(apart->fd, &byte, sizeof(byte), MSG_DONTWAIT | MSG_PEEK) == 0;
}

static int ask(struct apart *apart, apart_function *function, const void *question,
	       size_t question_size)
{
	int r;

	if (apart->pid && has_ended(apart))
		end_child(apart);
	r = apart->pid ? 0 : start(apart);
	if (r)
		return r;
	apart->area->function = function;
	memcpy(apart->area->question, question, question_size);
	r = exchange(apart);
	if (r)
		end_child(apart);
	return r;
}

int apart_call(struct apart *apart, apart_function *function, const void *question,
	       size_t question_size, void *answer, size_t answer_size)
{
	int r;

	if (!apart) {
		memset(answer, 0, answer_size);
		function(question, answer);
		return 0;
	}
	if (question_size > APART_MAX_QUESTION || answer_size > APART_MAX_ANSWER)
		return -E2BIG;
	r = ask(apart, function, question, question_size);
	if (r) {
		apart->nr_unanswered++;
		return r;
	}
	memcpy(answer, apart->area->answer, answer_size);
	explicit_bzero(apart->area->answer, answer_size); /* it may hold secrets */
	return 0;
}

__u64 apart_unanswered(const struct apart *apart)
{
	return apart->nr_unanswered;
}

static void await_end(struct ended_child *ended, __u64 deadline_ns)
{
	_cleanup_(closep) int fd = ended->pid ? pidfd_open(ended->pid, 0) : -1;

	if (fd >= 0)
		await(fd, deadline_ns);
	reap(ended);
}

void apart_free(struct apart *apart)
{
	__u64 deadline_ns = clock_monotonic_ns() + END_TIMEOUT_NS;

	if (!apart)
		return;
	if (apart->pid)
		end_child(apart);
	for (size_t i = 0; i < MAX_ENDED; i++)
		await_end(&apart->ended[i], deadline_ns);
	free(apart);
}
