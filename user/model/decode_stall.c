/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records of stalls: checked in full before anything of them is believed. See decode.h. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "model/decode.h"
#include "stall.h"

#define KNOWN_FLAGS (STALL_STACK_FOLLOWS | STALL_WOKEN | STALL_THREAD_EXITS)

static bool enumerations_known(const struct stall_record *record)
{
	return record->header.reserved == 0 && record->reserved == 0 &&
	       record->family < NR_WAIT_FAMILIES && record->cause < NR_CAUSES &&
	       !(record->flags & ~KNOWN_FLAGS) && record->nr_syscalls <= STALL_NR_SYSCALLS;
}

static bool times_agree(const struct stall_record *record)
{
	__u64 left;

	if (record->header.time_ns > INT64_MAX || !record->start_ns ||
	    record->start_ns > record->header.time_ns)
		return false;
	left = record->header.time_ns - record->start_ns;
	for (int i = 0; i < NR_CAUSES; i++) {
		if (record->cause_ns[i] > left)
			return false;
		left -= record->cause_ns[i];
	}
	return !left;
}

/* What is shown as a number with a sign. */
static bool counts_fit(const struct stall_record *record)
{
	for (unsigned int i = 0; i < record->nr_syscalls; i++) {
		if (record->syscalls[i].time_ns > INT64_MAX)
			return false;
	}
	return record->blocking_ns <= INT64_MAX && record->stalls_held <= INT64_MAX &&
	       record->stacks_held <= INT64_MAX;
}

int decode_stall(const void *record, struct stall_record *ret_record)
{
	struct record_header header;
	struct stall_record stall;

	memcpy(&header, record, sizeof(header));
	if (header.size != sizeof(stall))
		return -EBADMSG;
	memcpy(&stall, record, sizeof(stall));
	if (!enumerations_known(&stall) || !times_agree(&stall) || !counts_fit(&stall))
		return -EBADMSG;
	stall.thread[RECORD_COMM_LEN - 1] = '\0';
	stall.process[RECORD_COMM_LEN - 1] = '\0';
	stall.waker.thread[RECORD_COMM_LEN - 1] = '\0';
	stall.waker.process[RECORD_COMM_LEN - 1] = '\0';
	*ret_record = stall;
	return 0;
}
