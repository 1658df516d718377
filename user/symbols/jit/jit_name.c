/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Node:   "JS:*handle /app/server.js:12:34", where * is how it was compiled; LazyCompile, Function,
 *         Eval and Script in earlier versions; "Builtin:ArrayMap" and the like are V8's own.
 * Java:   "void java.lang.Thread.run()" by jcmd and the JVM itself, "java/lang/Thread::run" or
 *         "Ljava/lang/Thread;::run" by perf-map-agent.
 * Python: "py::handle:/app/server.py".
 */
#include "symbols/jit/jit_name.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/percent.h"

#define FILE_URL "file://"
#define MAX_LINE_DIGITS 9

/* A piece of the text, of which it takes from either end. */
struct piece {
	const char *at;
	size_t length;
};

struct prefix {
	const char *text;
	uint8_t language;
	uint8_t flags;
};

/* Kinds of code of V8: a function's name follows, or one of V8's own. */
static const struct prefix v8_kinds[] = {
	{"JS:", FRAME_JAVASCRIPT, 0},
	{"LazyCompile:", FRAME_JAVASCRIPT, 0},
	{"Function:", FRAME_JAVASCRIPT, 0},
	{"Eval:", FRAME_JAVASCRIPT, 0},
	{"Script:", FRAME_JAVASCRIPT, 0},
	{"Builtin:", FRAME_JAVASCRIPT, FRAME_RUNTIME},
	{"BytecodeHandler:", FRAME_JAVASCRIPT, FRAME_RUNTIME},
	{"Stub:", FRAME_JAVASCRIPT, FRAME_RUNTIME},
	{"Handler:", FRAME_JAVASCRIPT, FRAME_RUNTIME},
	{"RegExp:", FRAME_JAVASCRIPT, FRAME_RUNTIME},
};

/* Packages of the JVM, of languages on it, and of event loops. */
static const char *const runtime_packages[] = {
	"java.",     "javax.", "jdk.",    "sun.",
	"com.sun.",  "scala.", "kotlin.", "kotlinx.coroutines.",
	"io.netty.",
};

/* Code of the JVM that is of no method. */
static const char *const jvm_code[] = {
	"Interpreter",   "StubRoutines",      "call_stub",          "vtable stub",
	"itable stub",   "I2C/C2I",           "RuntimeStub",        "Runtime1",
	"MethodHandle",  "ExceptionBlob",     "DeoptimizationBlob", "UncommonTrapBlob",
	"SafepointBlob", "flush_icache_stub",
};

static bool starts(const struct piece *piece, const char *with)
{
	size_t length = strlen(with);

	return piece->length >= length && memcmp(piece->at, with, length) == 0;
}

static void skip(struct piece *piece, size_t length)
{
	piece->at += length;
	piece->length -= length;
}

static void put(char to[STACK_MAX_TEXT], const struct piece *piece)
{
	size_t length = piece->length < STACK_MAX_TEXT ? piece->length : STACK_MAX_TEXT - 1;

	memcpy(to, piece->at, length);
	to[length] = '\0';
}

static size_t find(const struct piece *piece, const char *what)
{
	const char *at =
		piece->length ? memmem(piece->at, piece->length, what, strlen(what)) : NULL;

	return at ? (size_t)(at - piece->at) : SIZE_MAX;
}

/* Takes ":123" off the end: false if it does not end so. */
static bool take_number(struct piece *piece, uint32_t *ret_number)
{
	size_t digits = 0;
	uint32_t number = 0;

	while (digits < piece->length && digits < MAX_LINE_DIGITS &&
	       isdigit((unsigned char)piece->at[piece->length - 1 - digits]))
		digits++;
	if (!digits || digits == piece->length || piece->at[piece->length - 1 - digits] != ':')
		return false;
	for (size_t i = piece->length - digits; i < piece->length; i++)
		number = number * 10 + (piece->at[i] - '0');
	piece->length -= digits + 1;
	*ret_number = number;
	return true;
}

/* Names may have spaces, as "get size", and paths too: a file is told by how it begins. */
static size_t find_file(const struct piece *piece)
{
	static const char *const beginnings[] = {" /", " file://", " node:", " internal/"};
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		size_t at = find(piece, beginnings[i]);

		first = at < first ? at : first;
	}
	return first != SIZE_MAX ? first : find(piece, " ");
}

static void put_file(struct jit_name *name, struct piece file)
{
	bool is_url = starts(&file, FILE_URL "/");

	if (starts(&file, "node:") || starts(&file, "internal/"))
		name->flags |= FRAME_RUNTIME;
	if (is_url)
		skip(&file, strlen(FILE_URL));
	put(name->file, &file);
	if (is_url && !percent_decode(name->file))
		put(name->file, &file);
}

static void parse_javascript(struct piece piece, struct jit_name *name)
{
	uint32_t column;
	size_t at;

	if (piece.length && strchr("*~^+?", *piece.at))
		skip(&piece, 1);
	if (take_number(&piece, &column) && !take_number(&piece, &name->line))
		name->line = column;
	at = find_file(&piece);
	if (at != SIZE_MAX) {
		struct piece file = piece;

		skip(&file, at + 1);
		put_file(name, file);
		piece.length = at;
	}
	put(name->function, &piece);
	if (!piece.length)
		snprintf(name->function, sizeof(name->function), "(anonymous)");
}

static bool parse_v8(const struct piece *text, struct jit_name *name)
{
	for (size_t i = 0; i < sizeof(v8_kinds) / sizeof(*v8_kinds); i++) {
		struct piece piece = *text;

		if (!starts(text, v8_kinds[i].text))
			continue;
		name->language = v8_kinds[i].language;
		name->flags = v8_kinds[i].flags;
		if (name->flags) {
			put(name->function, text);
			return true;
		}
		skip(&piece, strlen(v8_kinds[i].text));
		parse_javascript(piece, name);
		return true;
	}
	return false;
}

static void finish_java(struct jit_name *name)
{
	name->language = FRAME_JAVA;
	for (size_t i = 0; i < sizeof(runtime_packages) / sizeof(*runtime_packages); i++) {
		if (strncmp(name->function, runtime_packages[i], strlen(runtime_packages[i])) == 0)
			name->flags |= FRAME_RUNTIME;
	}
}

/* "type package.Class.method(types)": what is before and behind the name is left out. */
static bool parse_java_signature(struct piece piece, struct jit_name *name)
{
	size_t open = find(&piece, "("), space;

	if (open == SIZE_MAX || piece.at[piece.length - 1] != ')')
		return false;
	piece.length = open;
	while ((space = find(&piece, " ")) != SIZE_MAX)
		skip(&piece, space + 1);
	if (find(&piece, ".") == SIZE_MAX)
		return false;
	put(name->function, &piece);
	finish_java(name);
	return true;
}

/* A class as the JVM writes it within, then the method. */
static bool parse_java_class(const struct piece *text, struct jit_name *name)
{
	size_t end = find(text, "::");
	struct piece type = *text, method = *text;

	if (end == SIZE_MAX || end == 0)
		return false;
	type.length = end;
	skip(&method, end + strlen("::"));
	if (*type.at == 'L' && type.at[end - 1] == ';') {
		skip(&type, 1);
		type.length--;
	}
	if (find(&type, "/") == SIZE_MAX)
		return false;
	snprintf(name->function, sizeof(name->function), "%.*s.%.*s",
		 (int)(type.length < STACK_MAX_TEXT ? type.length : STACK_MAX_TEXT), type.at,
		 (int)(method.length < STACK_MAX_TEXT ? method.length : STACK_MAX_TEXT), method.at);
	for (size_t i = 0; i < type.length && name->function[i]; i++) {
		if (name->function[i] == '/')
			name->function[i] = '.';
	}
	finish_java(name);
	return true;
}

static bool parse_python(struct piece piece, struct jit_name *name)
{
	struct piece file;
	size_t at;

	if (!starts(&piece, "py::"))
		return false;
	skip(&piece, strlen("py::"));
	at = find(&piece, ":");
	if (at != SIZE_MAX) {
		file = piece;
		skip(&file, at + 1);
		put(name->file, &file);
		piece.length = at;
	}
	put(name->function, &piece);
	name->language = FRAME_PYTHON;
	return true;
}

void jit_name_parse(const char *text, size_t length, struct jit_name *ret_name)
{
	struct piece piece = {.at = text, .length = length};

	*ret_name = (struct jit_name){.language = FRAME_NATIVE};
	if (parse_v8(&piece, ret_name) || parse_python(piece, ret_name) ||
	    parse_java_class(&piece, ret_name) || parse_java_signature(piece, ret_name))
		return;
	put(ret_name->function, &piece);
	for (size_t i = 0; i < sizeof(jvm_code) / sizeof(*jvm_code); i++) {
		if (starts(&piece, jvm_code[i]))
			ret_name->flags |= FRAME_RUNTIME;
	}
}
