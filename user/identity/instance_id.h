/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* service.instance.id of a process that has none of its own. */
#ifndef LOOPSCOPE_INSTANCE_ID_H
#define LOOPSCOPE_INSTANCE_ID_H

#include <linux/types.h>
#include <sys/types.h>

#define INSTANCE_ID_LEN 37 /* a UUID's text and its terminator */
#define INSTANCE_ID_BOOT_LEN 16

/*
 * A UUID of version 8 (RFC 9562) out of the machine's boot, the pid and the start time, in clock
 * ticks since the boot: of the same process ever the same, and of no two the same. Pure.
 */
void instance_id_format(const unsigned char boot[INSTANCE_ID_BOOT_LEN], pid_t pid,
			__u64 start_ticks, char ret_id[INSTANCE_ID_LEN]);

/* The same, of this boot. */
void instance_id_of_process(pid_t pid, __u64 start_ticks, char ret_id[INSTANCE_ID_LEN]);

#endif
