/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checks first, in full; nothing of a record that fails one is used. What
 * passes cannot overflow the arithmetic of the model: no total goes beyond
 * INT64_MAX, which is 292 years.
 */
#include "model/decode.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define KNOWN_FLAGS (WINDOW_BUCKETS_UNCHANGED | WINDOW_PARKS)

/* False once the total is beyond INT64_MAX. */
static bool total_add(__u64 *total, __u64 value)
{
	if (value > INT64_MAX - *total)
		return false;
	*total += value;
	return true;
}

static bool enumerations_known(const struct loop_window *window)
{
	return window->header.reserved == 0 && window->family < NR_WAIT_FAMILIES &&
	       (window->state == LOOP_POLL || window->state == LOOP_BUSY) &&
	       window->cause < NR_CAUSES && !(window->flags & ~KNOWN_FLAGS);
}

static bool times_agree(const struct loop_window *window)
{
	__u64 total = 0;

	if (window->header.time_ns > INT64_MAX || window->first_seen_ns > window->header.time_ns ||
	    window->interval_start_ns > window->header.time_ns)
		return false;
	if (!total_add(&total, window->poll_ns))
		return false;
	for (int i = 0; i < NR_CAUSES; i++) {
		if (!total_add(&total, window->cause_ns[i]))
			return false;
	}
	return total == window->header.time_ns - window->first_seen_ns;
}

/* What is counted, and shown as a number with a sign. */
static bool counts_fit(const struct loop_window *window)
{
	__u64 stalls = 0;

	for (int i = 0; i < NR_CAUSES; i++) {
		if (!total_add(&stalls, window->stalls[i]))
			return false;
	}
	return window->iterations <= INT64_MAX && window->events <= INT64_MAX;
}

static bool counts_agree(const struct loop_window *window)
{
	if (window->nr_syscalls > RECORD_NR_SYSCALLS || window->nr_buckets > WINDOW_MAX_BUCKETS)
		return false;
	if (window->flags & WINDOW_BUCKETS_UNCHANGED && (window->nr_syscalls || window->nr_buckets))
		return false;
	return window->header.size == sizeof(*window) +
					      window->nr_syscalls * sizeof(struct window_syscall) +
					      window->nr_buckets * sizeof(struct window_bucket);
}

static bool syscalls_valid(const unsigned char *from, unsigned int nr)
{
	struct window_syscall syscall;
	__u64 time_ns = 0;

	for (unsigned int i = 0; i < nr; i++, from += sizeof(syscall)) {
		memcpy(&syscall, from, sizeof(syscall));
		if (!total_add(&time_ns, syscall.time_ns)) /* any number: programs choose it */
			return false;
	}
	return true;
}

static bool buckets_valid(const unsigned char *from, unsigned int nr)
{
	struct window_bucket bucket;
	__u64 count = 0, sum = 0;
	int previous = -1;

	for (unsigned int i = 0; i < nr; i++, from += sizeof(bucket)) {
		int position;

		memcpy(&bucket, from, sizeof(bucket));
		position = bucket.histogram * HISTOGRAM_NR_BUCKETS + bucket.index;
		if (bucket.histogram >= NR_LOOP_HISTOGRAMS ||
		    bucket.index >= HISTOGRAM_NR_BUCKETS || position <= previous)
			return false;
		if (bucket.reserved || !bucket.count || !total_add(&count, bucket.count) ||
		    !total_add(&sum, bucket.sum))
			return false;
		previous = position;
	}
	return true;
}

int decode_header(const void *record, size_t size, struct record_header *ret_header)
{
	struct record_header header;

	if (size < sizeof(header))
		return -EBADMSG;
	memcpy(&header, record, sizeof(header));
	if (header.size < sizeof(header) || header.size > size)
		return -EBADMSG;
	*ret_header = header;
	return 0;
}

int decode_window(const void *record, struct decoded_window *ret_decoded)
{
	struct record_header header;
	struct loop_window window;
	const unsigned char *tail;

	memcpy(&header, record, sizeof(header));
	if (header.size < sizeof(window))
		return -EBADMSG;
	memcpy(&window, record, sizeof(window));
	if (!enumerations_known(&window) || !times_agree(&window) || !counts_fit(&window) ||
	    !counts_agree(&window))
		return -EBADMSG;
	tail = (const unsigned char *)record + sizeof(window);
	if (!syscalls_valid(tail, window.nr_syscalls) ||
	    !buckets_valid(tail + window.nr_syscalls * sizeof(struct window_syscall),
			   window.nr_buckets))
		return -EBADMSG;
	window.thread[RECORD_COMM_LEN - 1] = '\0';
	window.process[RECORD_COMM_LEN - 1] = '\0';
	*ret_decoded = (struct decoded_window){
		.window = window,
		.tail = tail,
		.tail_bytes = header.size - sizeof(window),
	};
	return 0;
}
