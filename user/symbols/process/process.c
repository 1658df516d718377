/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pid is used again, and another program begun in the same process: so the start is compared, and
 * where the program and its stack lie, which are elsewhere after each exec.
 */
#include "symbols/process/process.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#include "identity/proc.h"
#include "symbols/process/address_space.h"
#include "symbols/jit/perf_map.h"
#include "symbols/python/python_merge.h"
#include "symbols/jit/v8_names.h"

#define TEXT_PIECE 256

static int read_image(int proc_fd, uint64_t start_ns, uint64_t *ret_image)
{
	struct proc_stat stat;
	int r = proc_stat_read(proc_fd, "stat", &stat);

	if (r)
		return r;
	if (stat.start_ticks > proc_ticks_of_ns(start_ns))
		return -ESRCH;
	*ret_image = stat.start_code ^ stat.start_stack;
	return 0;
}

int process_new(pid_t pid, uint64_t start_ns, struct process **ret_process)
{
	_cleanup_(process_freep) struct process *process = calloc(1, sizeof(*process));
	int r;

	if (!process)
		return -ENOMEM;
	process->pid = pid;
	process->start_ns = start_ns;
	process->proc_fd = proc_open(pid);
	if (process->proc_fd < 0)
		return process->proc_fd == -ENOENT ? -ESRCH : process->proc_fd;
	r = read_image(process->proc_fd, start_ns, &process->image);
	if (r)
		return r;
	*ret_process = TAKE_PTR(process);
	return 0;
}

void process_free(struct process *process)
{
	if (!process)
		return;
	address_space_free(process->space);
	python_process_free(process->python);
	perf_map_free(process->perf_map);
	v8_process_free(process->v8);
	closep(&process->proc_fd);
	free(process);
}

bool process_is_current(const struct process *process)
{
	uint64_t image;

	return !read_image(process->proc_fd, process->start_ns, &image) && image == process->image;
}

ssize_t process_read_some(const struct process *process, uint64_t address, void *to, size_t size)
{
	struct iovec local = {to, size};
	struct iovec remote = {(void *)(uintptr_t)address, size};
	ssize_t n = process_vm_readv(process->pid, &local, 1, &remote, 1, 0);

	if (n < 0)
		return errno == EFAULT ? 0 : -errno;
	return n;
}

int process_read(const struct process *process, uint64_t address, void *to, size_t size)
{
	ssize_t n = process_read_some(process, address, to, size);

	if (n < 0)
		return (int)n;
	return (size_t)n == size ? 0 : -EFAULT;
}

/* By pieces that cross no multiple of their size: so none crosses to a page that is not there. */
ssize_t process_read_text(const struct process *process, uint64_t address, char *to, size_t size)
{
	size_t length = 0;

	if (!size)
		return -EINVAL;
	while (length < size - 1) {
		size_t piece = TEXT_PIECE - (address + length) % TEXT_PIECE;
		size_t found;
		int r;

		if (piece > size - 1 - length)
			piece = size - 1 - length;
		r = process_read(process, address + length, to + length, piece);
		if (r)
			return r;
		found = strnlen(to + length, piece);
		length += found;
		if (found < piece)
			break;
	}
	to[length] = '\0';
	return (ssize_t)length;
}
