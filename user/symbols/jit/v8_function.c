/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * JSFunction -> SharedFunctionInfo -> a name, or a ScopeInfo that has one; and -> Script. Where in
 * a ScopeInfo things are follows from its flags, whose bits are the same in V8 10 to 13.
 */
#include "symbols/jit/v8_function.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/percent.h"

/* What kinds of functions there are follows the plain one: constructors of classes, of arrays.. */
#define MAX_FUNCTION_KINDS 32

#define SCOPE_SAVED_CLASS (1U << 10)
#define SCOPE_FUNCTION_NAME (3U << 12)
#define SCOPE_INFERRED_NAME (1U << 14)
#define SCOPE_MAX_LOCALS 65536
#define SCOPE_INLINED_NAMES 75 /* more of them are in a table of their own */
#define SCOPE_FIRST_LOCAL_AFTER_POSITION 5

#define FILE_URL "file://"
#define ANONYMOUS "(anonymous)"

struct place {
	uint64_t script; /* 0: none */
	uint32_t position;
};

/* A ScopeInfo, and where in it the words are that follow its local variables. */
struct scope {
	uint64_t object;
	uint32_t flags;
	int32_t next; /* index of the next word */
};

static int scope_word(struct v8_heap *heap, const struct scope *scope, int32_t index,
		      uint64_t *ret_value)
{
	return v8_field(heap, scope->object, (index + 1) * (int32_t)sizeof(uint64_t), ret_value);
}

/* Flags are a small integer, or the lower half of the word in later versions. */
static int scope_open(struct v8_heap *heap, uint64_t object, struct scope *ret_scope)
{
	const struct v8_constants *constants = heap->constants;
	struct scope scope = {.object = object};
	uint64_t flags, nr;
	int r = scope_word(heap, &scope, 0, &flags);

	if (r == 0)
		r = scope_word(heap, &scope, constants->scope_nr_locals, &nr);
	if (r)
		return r;
	if (!v8_is_smi(nr) || v8_smi(nr) < 0 || v8_smi(nr) > SCOPE_MAX_LOCALS)
		return -EINVAL;
	scope.flags = v8_is_smi(flags) ? (uint32_t)v8_smi(flags) : (uint32_t)flags;
	scope.next = constants->scope_first_local + v8_smi(nr) +
		     (v8_smi(nr) < SCOPE_INLINED_NAMES ? v8_smi(nr) : 1) +
		     !!(scope.flags & SCOPE_SAVED_CLASS);
	*ret_scope = scope;
	return 0;
}

/* "" if there is no text in the word: it may be empty, zero, or undefined. */
static int scope_text(struct v8_heap *heap, const struct scope *scope, char *to, size_t size)
{
	uint64_t value;
	int r = scope_word(heap, scope, scope->next, &value);

	to[0] = '\0';
	if (r || v8_is_smi(value))
		return r;
	r = v8_type(heap, value);
	if (!v8_is_string_type(heap, r))
		return r < 0 ? r : 0;
	r = v8_string_text(heap, value, to, size);
	return r < 0 ? r : 0;
}

/* The name a function was given, else the one that the parser made of where it was assigned. */
static int scope_name(struct v8_heap *heap, struct scope *scope, char *to, size_t size)
{
	int r = 0;

	to[0] = '\0';
	if (scope->flags & SCOPE_FUNCTION_NAME) {
		r = scope_text(heap, scope, to, size);
		scope->next += 2;
	}
	if (scope->flags & SCOPE_INFERRED_NAME) {
		if (r == 0 && !*to)
			r = scope_text(heap, scope, to, size);
		scope->next++;
	}
	return r;
}

/* Where the function begins; 0, which is the script's beginning, if it does not say. */
static uint32_t scope_position(struct v8_heap *heap, const struct scope *scope)
{
	int32_t index = heap->constants->scope_first_local >= SCOPE_FIRST_LOCAL_AFTER_POSITION
				? SCOPE_FIRST_LOCAL_AFTER_POSITION - 2
				: scope->next;
	uint64_t start, end;

	if (scope_word(heap, scope, index, &start) || scope_word(heap, scope, index + 1, &end) ||
	    !v8_is_smi(start) || !v8_is_smi(end) || v8_smi(start) < 0 ||
	    v8_smi(start) > v8_smi(end))
		return UINT32_MAX;
	return v8_smi(start);
}

/* A SharedFunctionInfo has the name itself until the function is compiled. */
static int read_name(struct v8_heap *heap, uint64_t shared, char *name, uint32_t *ret_position)
{
	struct scope scope;
	uint64_t value;
	int r = v8_field(heap, shared, heap->constants->shared_name, &value);

	*ret_position = UINT32_MAX;
	name[0] = '\0';
	if (r || v8_is_smi(value))
		return r;
	r = v8_type(heap, value);
	if (v8_is_string_type(heap, r)) {
		r = v8_string_text(heap, value, name, STACK_MAX_TEXT);
		return r < 0 ? r : 0;
	}
	if (r != heap->constants->scope_type)
		return r < 0 ? r : -EINVAL;
	r = scope_open(heap, value, &scope);
	if (r == 0)
		r = scope_name(heap, &scope, name, STACK_MAX_TEXT);
	if (r == 0)
		*ret_position = scope_position(heap, &scope);
	return r;
}

/* Modules have a URL for a name: what is a file is shown as its path. */
static void show_as_path(char *file)
{
	char path[STACK_MAX_TEXT];

	if (strncmp(file, FILE_URL "/", strlen(FILE_URL "/")) != 0)
		return;
	snprintf(path, sizeof(path), "%s", file + strlen(FILE_URL));
	if (percent_decode(path))
		memcpy(file, path, strlen(path) + 1);
}

/* 0 goes to *ret_script for a function in no script: V8's own. */
static int read_script(struct v8_heap *heap, uint64_t shared, uint64_t *ret_script, char *file)
{
	uint64_t script, name;
	int r = v8_field(heap, shared, heap->constants->shared_script, &script);

	*ret_script = 0;
	file[0] = '\0';
	if (r)
		return r;
	r = v8_type(heap, script);
	if (r != heap->constants->script_type)
		return r < 0 ? r : 0;
	*ret_script = script;
	r = v8_field(heap, script, heap->constants->script_name, &name);
	if (r || v8_is_smi(name))
		return r;
	r = v8_type(heap, name);
	if (!v8_is_string_type(heap, r))
		return r < 0 ? r : 0;
	r = v8_string_text(heap, name, file, STACK_MAX_TEXT);
	if (r < 0)
		return r;
	show_as_path(file);
	return 0;
}

static int find_shared(struct v8_heap *heap, uint64_t function, uint64_t *ret_shared)
{
	const struct v8_constants *constants = heap->constants;
	int r = v8_type(heap, function);

	if (r < constants->function_type || r > constants->function_type + MAX_FUNCTION_KINDS)
		return r < 0 ? r : -EINVAL;
	r = v8_field(heap, function, constants->function_shared, ret_shared);
	if (r)
		return r;
	r = v8_type(heap, *ret_shared);
	if (r != constants->shared_type)
		return r < 0 ? r : -EINVAL;
	return 0;
}

int v8_function_read(struct v8_heap *heap, uint64_t function, struct v8_function *ret_function)
{
	uint64_t shared, script;
	uint32_t position;
	int r = find_shared(heap, function, &shared);

	if (r == 0)
		r = read_name(heap, shared, ret_function->name, &position);
	if (r == 0)
		r = read_script(heap, shared, &script, ret_function->file);
	if (r)
		return r;
	ret_function->is_builtin = !script;
	ret_function->line = script ? v8_script_line(heap, script, position) : 0;
	if (!*ret_function->name)
		memcpy(ret_function->name, ANONYMOUS, sizeof(ANONYMOUS));
	return 0;
}
