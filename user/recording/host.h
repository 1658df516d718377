/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The description at the beginning of a recording: a JSON object of the machine, its clocks, the
 * names of its system calls, and what was watched how. All that a report needs of the machine is
 * in it: nothing is asked of the one that the recording is read on.
 */
#ifndef LOOPSCOPE_RECORDING_HOST_H
#define LOOPSCOPE_RECORDING_HOST_H

#include "base/cleanup.h"
#include "base/syscall_name.h"
#include "recording/item.h"

#define RECORDING_HOST_TEXT_LEN 256

struct recording_host {
	char hostname[RECORDING_HOST_TEXT_LEN]; /* texts are hostile; "" where not known */
	char kernel[RECORDING_HOST_TEXT_LEN];
	char architecture[RECORDING_HOST_TEXT_LEN];
	char version[RECORDING_HOST_TEXT_LEN]; /* of the loopscope that recorded */
	char boot_id[RECORDING_HOST_TEXT_LEN];
	struct item_mark begin;
	__u64 blocking_ns;
	struct syscall_names syscalls;
};

/* How it was watched. */
struct recording_manner {
	char *const *arguments; /* of the command line, NULL at the end */
	__u64 blocking_ns;
	double interval_s;
};

/* This machine's, as JSON, for free(). -ENOMEM. */
int recording_host_describe(const struct recording_manner *manner, char **ret_json);

/* -EBADMSG: it is no such object; -ENOMEM. */
int recording_host_parse(const char *json, size_t size, struct recording_host **ret_host);

static inline void recording_host_free(struct recording_host *host)
{
	free(host);
}

#endif
