/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A program's file in which V8's constants are looked for: those that are found must be sound. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols/jit/v8_constants.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct v8_constants constants;

	if (fd < 0)
		fd = memfd_create("program", MFD_CLOEXEC);
	if (fd < 0)
		return 0;
	if (ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	if (v8_constants_read(fd, &constants) == 0 && v8_constants_check(&constants))
		abort();
	return 0;
}
