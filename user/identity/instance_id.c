/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The boot's id is 122 random bits. Its lower half takes pid and start time by exclusive or, so
 * that no two processes of a boot share one; its upper half takes their hash, so that no two
 * look alike.
 */
#include "identity/instance_id.h"

#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/percent.h"
#include "identity/proc.h"

#define PID_BITS 22 /* PID_MAX_LIMIT is 2^22: 40 of the lower half's 62 bits are left for ticks */
#define LOWER_BITS 62
#define VARIANT (2ULL << LOWER_BITS)
#define VERSION_MASK 0xf000ULL /* of the upper half */
#define VERSION 0x8000ULL

/* The finalizer of splitmix64. */
static __u64 mix(__u64 value)
{
	value ^= value >> 30;
	value *= 0xbf58476d1ce4e5b9ULL;
	value ^= value >> 27;
	value *= 0x94d049bb133111ebULL;
	return value ^ (value >> 31);
}

void instance_id_format(const unsigned char boot[INSTANCE_ID_BOOT_LEN], pid_t pid,
			__u64 start_ticks, char ret_id[INSTANCE_ID_LEN])
{
	__u64 upper, lower, process = start_ticks << PID_BITS | (__u32)pid;

	memcpy(&upper, boot, sizeof(upper));
	memcpy(&lower, boot + sizeof(upper), sizeof(lower));
	upper = be64toh(upper) ^ mix(process);
	upper = (upper & ~VERSION_MASK) | VERSION;
	lower = be64toh(lower) ^ process;
	lower = (lower & ((1ULL << LOWER_BITS) - 1)) | VARIANT;
	snprintf(ret_id, INSTANCE_ID_LEN, "%08llx-%04llx-%04llx-%04llx-%012llx", upper >> 32,
		 upper >> 16 & 0xffff, upper & 0xffff, lower >> 48, lower & 0xffffffffffffULL);
}

void instance_id_of_process(pid_t pid, __u64 start_ticks, char ret_id[INSTANCE_ID_LEN])
{
	unsigned char boot[INSTANCE_ID_BOOT_LEN] = {};
	size_t nr_digits = 0;
	char text[64];

	proc_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", text, sizeof(text));
	for (const char *at = text; *at && nr_digits < 2 * sizeof(boot); at++) {
		int digit = hex_digit(*at);

		if (digit < 0)
			continue;
		boot[nr_digits / 2] = boot[nr_digits / 2] << 4 | digit;
		nr_digits++;
	}
	instance_id_format(boot, pid, start_ticks, ret_id);
}
