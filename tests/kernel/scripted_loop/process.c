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
	int command_fd, status_fd;
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
	if (write(process.status_fd, word, strlen(word)) < 0)
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

static void end_children(void)
{
	for (size_t i = 0; i < atomic_load(&process.nr_children); i++) {
		close(process.children[i].command_fd);
		waitpid(process.children[i].pid, NULL, 0);
	}
}

static void *control_main(void *unused)
{
	bool go = process.options.started;

	prctl(PR_SET_NAME, "control");
	if (!go) {
		await_loops(true);
		say("ready\n");
		go = read_word(process.command_fd, "go");
		if (!go)
			_exit(1);
		wake_loops();
	}
	await_loops(false);
	await_children();
	say("done\n");
	read_word(process.command_fd, "quit");
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
	process.command_fd = STDIN_FILENO;
	process.status_fd = STDOUT_FILENO;
	run_loops();
}

static _Noreturn void run_child(const struct script *script, int command_fd, int status_fd)
{
	memset(process.loops, 0, sizeof(process.loops));
	process.nr_children = 0;
	process.options.scripts[0] = *script;
	process.options.nr_scripts = 1;
	process.options.started = true;
	process.command_fd = command_fd;
	process.status_fd = status_fd;
	run_loops();
}

void process_fork(unsigned int later)
{
	size_t index = atomic_load(&process.nr_children);
	struct child *child = &process.children[index];
	int command[2], status[2];

	if (later >= process.options.nr_later || index == PROCESS_MAX_CHILDREN ||
	    pipe2(command, O_CLOEXEC) < 0 || pipe2(status, O_CLOEXEC) < 0)
		give_up("fork");
	child->pid = fork();
	if (child->pid < 0)
		give_up("fork");
	if (!child->pid) {
		close(command[1]);
		run_child(&process.options.later[later], command[0], status[1]);
	}
	close(command[0]);
	close(status[1]);
	child->command_fd = command[1];
	child->status_fd = status[0];
	atomic_store(&process.nr_children, index + 1);
}

void process_exec(unsigned int later)
{
	char path[PATH_MAX] = "";
	char *arguments[] = {"scripted_loop", "--started", NULL, NULL};

	if (later >= process.options.nr_later || readlink("/proc/self/exe", path, PATH_MAX - 1) < 0)
		give_up("exec");
	arguments[2] = (char *)process.options.later[later].text;
	execv(path, arguments);
	give_up(path);
}
