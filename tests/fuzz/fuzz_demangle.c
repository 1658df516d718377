/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A linker's name: what is made of it fits, and takes no longer than a name may. */
#include <stdlib.h>
#include <string.h>

#include "symbols/process/code_file.h"
#include "symbols/native/demangle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *symbol = malloc(size + 1), name[STACK_MAX_TEXT];

	if (!symbol)
		return 0;
	memcpy(symbol, data, size);
	symbol[size] = '\0';
	memset(name, 'x', sizeof(name));
	demangle(symbol, name);
	if (strnlen(name, sizeof(name)) == sizeof(name))
		abort();
	function_is_runtime(name);
	free(symbol);
	return 0;
}
