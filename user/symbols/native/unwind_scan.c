/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Calls of x86 are told by their bytes; of other machines nothing is found. */
#include "symbols/native/unwind_scan.h"

#include <errno.h>
#include <string.h>

#define MAX_WORDS 512
#define LONGEST_CALL 7

bool unwind_scan_applies(const struct code_file *file)
{
	const char *slash = strrchr(file->path, '/'), *name = slash ? slash + 1 : file->path;

	return !strncmp(name, "ld-musl-", strlen("ld-musl-")) ||
	       !strncmp(name, "libc.musl-", strlen("libc.musl-"));
}

/* Whether these bytes end in a call: e8 and four bytes, or ff /2 and what its address takes. */
static bool ends_in_call(const unsigned char *bytes)
{
#if defined(__x86_64__)
	const unsigned char *end = bytes + LONGEST_CALL;

	if (end[-5] == 0xe8)
		return true;
	for (int size = 2; size <= LONGEST_CALL; size++) {
		if (size != 5 && end[-size] == 0xff && (end[1 - size] & 0x38) == 0x10)
			return true;
	}
#else
	(void)bytes;
#endif
	return false;
}

static bool is_return_address(struct process *process, uint64_t address)
{
	const struct code *code = address_space_find(process, address - 1);
	unsigned char bytes[LONGEST_CALL];

	return code && address - code->start >= sizeof(bytes) &&
	       !process_read(process, address - sizeof(bytes), bytes, sizeof(bytes)) &&
	       ends_in_call(bytes);
}

int unwind_scan(struct process *process, const struct stack_sample *sample, uint64_t stack_pointer,
		uint64_t *ret_pc, uint64_t *ret_cfa)
{
	for (int i = 0; i < MAX_WORDS; i++) {
		uint64_t at = stack_pointer + i * sizeof(uint64_t), word;

		if (stack_sample_read(sample, at, &word, sizeof(word)))
			return -ENOENT;
		if (is_return_address(process, word)) {
			*ret_pc = word;
			*ret_cfa = at + sizeof(word);
			return 0;
		}
	}
	return -ENOENT;
}
