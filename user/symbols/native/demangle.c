/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libiberty hands the name over in pieces. A short symbol can stand for a name of any length, each
 * of its parts being twice the one before: so it is left by a jump as soon as there is enough.
 */
#include "symbols/native/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#define MAX_MANGLED 8192 /* longer ones are shown as they are: it works on the stack */

struct output {
	jmp_buf full;
	size_t length;
	char *name; /* of STACK_MAX_TEXT */
};

static void append(const char *text, size_t length, void *context)
{
	struct output *output = context;
	size_t room = STACK_MAX_TEXT - 1 - output->length;

	if (!length)
		return; /* and then there need be no text */
	memcpy(output->name + output->length, text, length < room ? length : room);
	output->length += length < room ? length : room;
	if (length >= room)
		longjmp(output->full, 1);
}

typedef int demangle_function(const char *mangled, int options, demangle_callbackref callback,
			      void *context);

static bool demangle_by(demangle_function *by, const char *symbol, char *name)
{
	static struct output output; /* unlike locals, it is the same after the jump */
	bool done = true;

	output.length = 0;
	output.name = name;
	if (setjmp(output.full) == 0)
		done = by(symbol, DMGL_ANSI | DMGL_RET_DROP, append, &output);
	if (done)
		output.name[output.length] = '\0';
	return done;
}

/* Where what a compiler or a linker has added begins: ".cold", ".isra.0", "@@GLIBC_2.17". */
static size_t plain_length(const char *symbol)
{
	static const char *const added[] = {".cold",     ".isra.", ".part.",     ".constprop.",
					    ".lto_priv", ".llvm.", ".localalias"};
	size_t length = strcspn(symbol, "@");

	if (!length)
		return strlen(symbol);
	for (size_t i = 0; i < sizeof(added) / sizeof(*added); i++) {
		const char *found = strstr(symbol, added[i]);

		if (found && found > symbol && (size_t)(found - symbol) < length)
			length = found - symbol;
	}
	return length;
}

enum frame_language demangle(const char *symbol, char name[static STACK_MAX_TEXT])
{
	size_t length = plain_length(symbol);
	char plain[MAX_MANGLED];

	if (length < sizeof(plain)) {
		memcpy(plain, symbol, length);
		plain[length] = '\0';
		if (demangle_by(rust_demangle_callback, plain, name))
			return FRAME_RUST;
		if (!strncmp(plain, "_Z", 2) &&
		    demangle_by(cplus_demangle_v3_callback, plain, name))
			return FRAME_CPP;
	}
	if (length >= STACK_MAX_TEXT)
		length = STACK_MAX_TEXT - 1;
	memcpy(name, symbol, length);
	name[length] = '\0';
	return FRAME_NATIVE;
}
