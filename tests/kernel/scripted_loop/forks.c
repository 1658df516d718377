/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Children by fork, by a second fork, by clone flags, from a thread, and by posix_spawn. */
#include "forks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop.h"

struct task {
	void (*body)(void *);
	void *argument;
	pid_t pid;
};

static pid_t fork_plain(const struct task *task)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (!pid)
		task->body(task->argument);
	return pid;
}

static pid_t fork_daemon(const struct task *task)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (!pid) {
		setsid();
		fork_plain(task);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	return 0;
}

static pid_t fork_sibling(const struct task *task)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);

	if (pid < 0)
		give_up("clone");
	if (!pid)
		task->body(task->argument);
	return 0;
}

/* /proc is to be of the namespace that it is in. */
static void run_in_namespace(void *argument)
{
	const struct task *task = argument;

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		give_up("/proc");
	task->body(task->argument);
}

/* Only children are of the new namespace; from then on they are of our own again. */
static pid_t fork_of_namespace(struct task *task)
{
	const struct task inside = {.body = run_in_namespace, .argument = task};
	int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	pid_t pid;

	if (own < 0 || unshare(CLONE_NEWPID))
		give_up("unshare");
	pid = fork_plain(&inside);
	if (setns(own, CLONE_NEWPID))
		give_up("setns");
	close(own);
	return pid;
}

static void *thread_forks(void *argument)
{
	struct task *task = argument;

	task->pid = fork_plain(task);
	return NULL;
}

static pid_t fork_of_thread(struct task *task)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, thread_forks, task);
	if (errno)
		give_up("pthread_create");
	pthread_join(thread, NULL);
	return task->pid;
}

pid_t fork_child(enum fork_kind kind, void (*body)(void *), void *argument)
{
	struct task task = {.body = body, .argument = argument};

	switch (kind) {
	case FORK_DAEMON:
		return fork_daemon(&task);
	case FORK_SIBLING:
		return fork_sibling(&task);
	case FORK_OF_NAMESPACE:
		return fork_of_namespace(&task);
	case FORK_OF_THREAD:
		return fork_of_thread(&task);
	default:
		return fork_plain(&task);
	}
}

pid_t fork_spawn(char *const *arguments, int command_fd, int status_fd)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	/* the same onto itself: no more to be closed at exec */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, command_fd, command_fd);
	posix_spawn_file_actions_adddup2(&actions, status_fd, status_fd);
	errno = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, arguments, environ);
	if (errno)
		give_up("posix_spawn");
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}
