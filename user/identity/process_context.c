/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finding the mapping and reading it through /proc/PID/mem, which is of one process and one
 * program, whoever has the pid by now.
 *
 * Reading another's memory may fault a page in, and where that is a page of a file of FUSE or
 * of a network, whoever serves it can make the reader wait for ever. So nothing is read but
 * memory that has no such file behind it: anonymous memory, and shared memory (memfd).
 */
#include "identity/process_context.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/mappings.h"

#define SIGNATURE "OTEL_CTX"
#define VERSION 2
#define MAX_TRIES 3      /* of a context that changes meanwhile */
#define MAX_CANDIDATES 4 /* mappings of that name that are none */
#define FOUND 1          /* ends a walk */

struct search {
	int directory;
	int mem;
	dev_t shared_memory;
	unsigned int nr_candidates;
	int result;
	unsigned char *payload; /* PROCESS_CONTEXT_MAX_PAYLOAD bytes */
	size_t payload_size;
};

/* The device that the kernel's own mount of shared memory has: it has no path to be found by. */
static int shared_memory_device(dev_t *ret_device)
{
	_cleanup_(closep) int fd = memfd_create("loopscope", MFD_CLOEXEC);
	struct stat status;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	*ret_device = status.st_dev;
	return 0;
}

static bool has_no_file(const struct search *search, const struct mapping *mapping)
{
	return mapping->inode == 0 || mapping->device == search->shared_memory;
}

/* Named by prctl, which files cannot be, or by memfd_create alone. */
static bool is_candidate(const struct mapping *mapping)
{
	static const char *const names[] = {"[anon:" SIGNATURE "]", "[anon_shmem:" SIGNATURE "]",
					    "/memfd:" SIGNATURE, "/memfd:" SIGNATURE " (deleted)"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(mapping->name, names[i]) == 0)
			return true;
	}
	return false;
}

static int read_memory(const struct search *search, __u64 address, void *buffer, size_t size)
{
	ssize_t n;

	do
		n = pread(search->mem, buffer, size, (off_t)address);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return -ESRCH; /* it has no memory any more */
	return n == (ssize_t)size ? 0 : -EBADMSG;
}

struct range {
	const struct search *search;
	__u64 start;
	size_t size;
};

/* FOUND: the range is in one mapping, and may be read. */
static int range_is_in(const struct mapping *mapping, void *context)
{
	const struct range *range = context;

	if (range->start < mapping->start || range->start >= mapping->end)
		return 0;
	if (mapping->end - range->start < range->size || !has_no_file(range->search, mapping))
		return -EBADMSG;
	return FOUND;
}

static int check_payload(const struct search *search, const struct mapping *mapping,
			 const struct process_context_header *header)
{
	struct range range = {search, header->payload, header->payload_size};
	int r = range_is_in(mapping, &range);

	if (r == 0)
		r = mappings_walk(search->directory, range_is_in, &range);
	return r == FOUND ? 0 : -EBADMSG;
}

static int read_published_at(const struct search *search, const struct mapping *mapping,
			     __u64 *ret_time_ns)
{
	size_t offset = offsetof(struct process_context_header, published_at_ns);

	return read_memory(search, mapping->start + offset, ret_time_ns, sizeof(*ret_time_ns));
}

/* The time of publication first and last: the same, and what was read between belongs together. */
static int read_once(struct search *search, const struct mapping *mapping)
{
	struct process_context_header header;
	__u64 before, after;
	int r, problem;

	r = read_published_at(search, mapping, &before);
	if (!r)
		r = read_memory(search, mapping->start, &header, sizeof(header));
	if (r)
		return r;
	problem = process_context_check(&header);
	if (!problem)
		problem = check_payload(search, mapping, &header);
	if (!problem)
		problem = read_memory(search, header.payload, search->payload, header.payload_size);
	r = read_published_at(search, mapping, &after);
	if (r)
		return r;
	if (before != after || before != header.published_at_ns)
		return -EAGAIN;
	if (!problem)
		search->payload_size = header.payload_size;
	return problem;
}

/* FOUND: the result is known. */
static int try_mapping(const struct mapping *mapping, void *context)
{
	struct search *search = context;

	if (!is_candidate(mapping))
		return 0;
	search->result = -EBADMSG;
	if (!search->shared_memory && shared_memory_device(&search->shared_memory))
		return FOUND;
	if (!has_no_file(search, mapping))
		return 0;
	for (int i = 0; i < MAX_TRIES; i++) {
		search->result = read_once(search, mapping);
		if (search->result != -EAGAIN)
			break;
	}
	return search->result != -EBADMSG || ++search->nr_candidates == MAX_CANDIDATES ? FOUND : 0;
}

int process_context_read(int directory, unsigned char payload[PROCESS_CONTEXT_MAX_PAYLOAD],
			 size_t *ret_size)
{
	_cleanup_(closep) int mem = openat(directory, "mem", O_RDONLY | O_CLOEXEC);
	struct search search = {
		.directory = directory, .mem = mem, .result = -ENOENT, .payload = payload};
	int r;

	if (mem < 0)
		return -errno;
	r = mappings_walk(directory, try_mapping, &search);
	if (r < 0)
		return r;
	if (!search.result)
		*ret_size = search.payload_size;
	return search.result;
}

int process_context_check(const struct process_context_header *header)
{
	if (memcmp(header->signature, SIGNATURE, sizeof(header->signature)) != 0 ||
	    header->version != VERSION)
		return -EBADMSG;
	if (header->published_at_ns == 0)
		return -EAGAIN;
	if (header->payload_size == 0 || header->payload_size > PROCESS_CONTEXT_MAX_PAYLOAD)
		return -EBADMSG;
	return 0;
}
