/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A killed process that waits for a file system is not gone for as long as that does; it is not
 * waited for.
 */
#include "symbols/symbols_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/privileges.h"
#include "base/program_beside.h"
#include "identity/proc.h"
#include "symbols/protocol.h"

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_USEC 1000ULL
#define SOCKET_BYTES (1 << 20) /* for several requests; the kernel may give less */
#define END_TIMEOUT_MS 1000

void symbols_program_init(struct symbols_program *program, const char *path, size_t memory_bytes)
{
	*program = (struct symbols_program){
		.memory_bytes = memory_bytes, .pid = -1, .fd = -1, .ending = -1};
	snprintf(program->path, sizeof(program->path), "%s", path);
}

static int spawn(const char *path, char *const argv[], int fd, pid_t *ret_pid)
{
	char *const environment[] = {NULL};
	int r;

	privileges_lend();
	r = program_spawn(path, argv, environment, (const int[]){fd, -1, -1}, ret_pid);
	privileges_call_back();
	return r;
}

/* Tries to see it gone; adds what it has used. */
static void reap(struct symbols_program *program)
{
	struct rusage usage;
	pid_t pid;

	if (program->ending < 0)
		return;
	do {
		pid = wait4(program->ending, NULL, WNOHANG, &usage);
	} while (pid < 0 && errno == EINTR);
	if (!pid)
		return;
	if (pid > 0)
		program->cpu_ns +=
			(uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NSEC_PER_SEC +
			(uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * NSEC_PER_USEC;
	program->ending = -1;
}

static bool began_too_often(const struct symbols_program *program, uint64_t now_ns)
{
	uint64_t oldest_ns = program->starts_ns[program->nr_starts % PROGRAM_MAX_STARTS];

	return program->nr_starts >= PROGRAM_MAX_STARTS && now_ns - oldest_ns < PROGRAM_STARTS_NS;
}

int symbols_program_start(struct symbols_program *program, uint64_t now_ns)
{
	char memory[32];
	char *const argv[] = {SYMBOLS_PROGRAM, memory, NULL};
	const int size = SOCKET_BYTES;
	int fds[2], r;

	reap(program);
	if (program->ending >= 0)
		return -EAGAIN;
	if (began_too_often(program, now_ns))
		return -EBUSY;
	program->starts_ns[program->nr_starts++ % PROGRAM_MAX_STARTS] = now_ns;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds))
		return -errno;
	snprintf(memory, sizeof(memory), "%zu", program->memory_bytes);
	if (setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    fcntl(fds[0], F_SETFL, O_NONBLOCK))
		r = -errno;
	else
		r = spawn(program->path, argv, fds[1], &program->pid);
	close(fds[1]);
	if (r) {
		close(fds[0]);
		program->pid = -1;
		return r;
	}
	program->fd = fds[0];
	return 0;
}

void symbols_program_kill(struct symbols_program *program, uint64_t now_ns)
{
	if (program->pid < 0)
		return;
	closep(&program->fd);
	kill(program->pid, SIGKILL);
	program->ending = program->pid;
	program->killed_ns = now_ns;
	program->fd = -1;
	program->pid = -1;
	reap(program);
}

void symbols_program_end(struct symbols_program *program)
{
	struct pollfd wait = {.events = POLLIN};

	symbols_program_kill(program, 0);
	if (program->ending < 0)
		return;
	wait.fd = pidfd_open(program->ending, 0);
	poll(&wait, 1, END_TIMEOUT_MS);
	closep(&wait.fd);
	reap(program);
}

uint64_t symbols_program_cpu_ns(const struct symbols_program *program)
{
	return program->cpu_ns + (program->pid < 0 ? 0 : proc_cpu_ns(program->pid));
}

uint64_t symbols_program_memory(const struct symbols_program *program)
{
	return program->pid < 0 ? 0 : proc_resident_bytes(program->pid);
}
