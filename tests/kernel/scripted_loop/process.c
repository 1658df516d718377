/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Threads, children and the control thread. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forks.h"
#include "loop.h"

struct child {
	pid_t pid;
	int command_fd, status_fd;
};

/* One for each process: a child begins with a copy, and resets it. */
static struct {
	struct process_options options;
	struct loop loops[PROCESS_MAX_LOOPS];
	struct child children[PROCESS_MAX_CHILDREN];
	atomic_size_t nr_children;
} process;

/* The state letter of a thread of this process; 'X' once it is gone. */
static char thread_state(pid_t tid)
{
	char path[64], text[256];
	const char *end;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 'X';
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (size <= 0)
		return 'X';
	text[size] = '\0';
	end = strrchr(text, ')');
	return end && end[1] ? end[2] : 'X';
}

static bool loop_has_settled(struct loop *loop, bool before)
{
	char state;

	if (!atomic_load(before ? &loop->waits_for_go : &loop->rests))
		return false;
	state = thread_state(loop->tid);
	if (!before && strcmp(loop->log.ending, "exit") == 0)
		return state == 'X' || state == 'Z';
	return state == 'S';
}

static void await_loops(bool before)
{
	for (size_t i = 0; i < process.options.nr_scripts; i++) {
		while (!loop_has_settled(&process.loops[i], before))
			usleep(1000);
	}
}

/* A line, a byte at a time: what follows it belongs to whom exec makes of us. */
static bool read_word(int fd, const char *expected)
{
	char word[16];
	size_t length = 0;

	while (length < sizeof(word) && read(fd, &word[length], 1) == 1) {
		if (word[length] == '\n')
			return strlen(expected) == length && !memcmp(word, expected, length);
		length++;
	}
	return false;
}

static void say(const char *word)
{
	if (write(process.options.status_fd, word, strlen(word)) < 0)
		give_up("write");
}

static void wake_loops(void)
{
	for (size_t i = 0; i < process.options.nr_scripts; i++)
		eventfd_write(process.loops[i].control_fd, 1);
}

static void await_children(void)
{
	for (size_t i = 0; i < atomic_load(&process.nr_children); i++) {
		if (!read_word(process.children[i].status_fd, "done"))
			give_up("a child has failed");
	}
}

/* Others of them may have its command too: it is told. It has ended when its status has. */
static void end_children(void)
{
	for (size_t i = 0; i < atomic_load(&process.nr_children); i++) {
		const struct child *child = &process.children[i];

		if (write(child->command_fd, "quit\n", 5) < 0)
			give_up("write");
		read_word(child->status_fd, "");
		if (child->pid)
			waitpid(child->pid, NULL, 0);
	}
}

static void *control_main(void *unused)
{
	bool go = process.options.started;

	prctl(PR_SET_NAME, "control");
	if (!go) {
		await_loops(true);
		say("ready\n");
		go = read_word(process.options.command_fd, "go");
		if (!go)
			_exit(1);
		wake_loops();
	}
	await_loops(false);
	await_children();
	say("done\n");
	read_word(process.options.command_fd, "quit");
	end_children();
	for (size_t i = 0; i < process.options.nr_scripts; i++)
		log_print(&process.loops[i].log, getpid(), process.loops[i].tid, stdout);
	_exit(0);
	return unused;
}

static void loop_main(struct loop *loop)
{
	int err = loop_open(loop);

	if (err < 0) {
		errno = -err;
		give_up("loop");
	}
	loop_run(loop, process.options.started);
}

static void *loop_thread(void *loop)
{
	prctl(PR_SET_NAME, "loop");
	loop_main(loop);
	return NULL;
}

static void start_thread(void *(*function)(void *), void *argument)
{
	pthread_t id;

	errno = pthread_create(&id, NULL, function, argument);
	if (errno)
		give_up("pthread_create");
	pthread_detach(id);
}

static _Noreturn void run_loops(void)
{
	for (size_t i = 0; i < process.options.nr_scripts; i++)
		process.loops[i].script = &process.options.scripts[i];
	for (size_t i = 1; i < process.options.nr_scripts; i++)
		start_thread(loop_thread, &process.loops[i]);
	start_thread(control_main, NULL);
	loop_main(&process.loops[0]);
	pthread_exit(NULL);
}

void process_run(const struct process_options *options)
{
	process.options = *options;
	run_loops();
}

struct child_start {
	const struct script *script;
	int command[2], status[2];
};

static void run_child(void *argument)
{
	struct child_start start = *(struct child_start *)argument;

	close(start.command[1]);
	memset(process.loops, 0, sizeof(process.loops));
	process.nr_children = 0;
	process.options.scripts[0] = *start.script;
	process.options.nr_scripts = 1;
	process.options.started = true;
	process.options.command_fd = start.command[0];
	process.options.status_fd = start.status[1];
	run_loops();
}

static pid_t spawn_child(const struct child_start *start)
{
	char command[32], status[32];
	char *arguments[] = {
		"scripted_loop", "--started", command, status, (char *)start->script->text, NULL,
	};

	snprintf(command, sizeof(command), "--command=%d", start->command[0]);
	snprintf(status, sizeof(status), "--status=%d", start->status[1]);
	return fork_spawn(arguments, start->command[0], start->status[1]);
}

void process_fork(unsigned int later, unsigned int kind)
{
	size_t index = atomic_load(&process.nr_children);
	struct child *child = &process.children[index];
	struct child_start start;

	if (later >= process.options.nr_later || index == PROCESS_MAX_CHILDREN ||
	    kind >= NR_FORK_KINDS || pipe2(start.command, O_CLOEXEC) < 0 ||
	    pipe2(start.status, O_CLOEXEC) < 0)
		give_up("fork");
	start.script = &process.options.later[later];
	child->pid = kind == FORK_SPAWN ? spawn_child(&start) : fork_child(kind, run_child, &start);
	close(start.command[0]);
	close(start.status[1]);
	child->command_fd = start.command[1];
	child->status_fd = start.status[0];
	atomic_store(&process.nr_children, index + 1);
}

static void keep_at_exec(int fd)
{
	if (fcntl(fd, F_SETFD, 0) < 0)
		give_up("fcntl");
}

void process_exec(unsigned int later)
{
	char path[PATH_MAX] = "", command[32], status[32];
	char *arguments[] = {"scripted_loop", "--started", command, status, NULL, NULL};

	if (later >= process.options.nr_later || readlink("/proc/self/exe", path, PATH_MAX - 1) < 0)
		give_up("exec");
	keep_at_exec(process.options.command_fd);
	keep_at_exec(process.options.status_fd);
	snprintf(command, sizeof(command), "--command=%d", process.options.command_fd);
	snprintf(status, sizeof(status), "--status=%d", process.options.status_fd);
	arguments[4] = (char *)process.options.later[later].text;
	execv(path, arguments);
	give_up(path);
}
