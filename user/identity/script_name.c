/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of an interpreter's arguments is the program, and what to call it. */
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "identity/service_name.h"

/* Lists are of words between spaces. */
static const struct interpreter {
	const char *executable;     /* a pattern of fnmatch */
	const char *with_value;     /* options whose value may be the next argument */
	const char *module;         /* the option that names the program */
	const char *inline_letters; /* options that bring the program's text; NULL: no short ones */
	bool dotted;                /* a program may be a.b.C, a path of packages */
} interpreters[] = {
	{"python*", " -W -X --check-hash-based-pycs ", "-m", "c", true},
	{"pypy*", " -W -X ", "-m", "c", true},
	{"node",
	 " -r --require --import --loader --experimental-loader -C --conditions --env-file "
	 "--title --input-type ",
	 NULL, "ep", false},
	{"nodejs", " -r --require --import --loader --experimental-loader -C --conditions ", NULL,
	 "ep", false},
	{"java",
	 " -cp -classpath --class-path -p --module-path --add-modules --add-opens --add-exports "
	 "--add-reads --limit-modules --upgrade-module-path --patch-module --source "
	 "--enable-native-access ",
	 "-jar", NULL, true},
	{"ruby*", " -C -E -I -r ", NULL, "e", false},
	{"perl*", " -I ", NULL, "eE", false},
	{"php*", " -d -c -z -S -t ", "-f", "rBRF", false},
	{"sh", " -o ", NULL, "c", false},
	{"dash", " -o ", NULL, "c", false},
	{"bash", " -o -O --rcfile --init-file ", NULL, "c", false},
};

static const char endings[] =
	" .js .mjs .cjs .ts .mts .cts .py .pyc .pyz .rb .ru .pl .psgi .php .phar .jar .sh ";
static const char plain_names[] = " Main __main__ asgi index main run server start wsgi www ";
static const char plain_directories[] = " . bin build dist lib out src ";

static bool is_in(const char *list, const char *word, size_t length)
{
	if (!length)
		return false;
	for (const char *at = list; (at = memmem(at, strlen(at), word, length)); at++) {
		if (at > list && at[-1] == ' ' && at[length] == ' ')
			return true;
	}
	return false;
}

/* How long the name is without one of the endings. */
static size_t without_ending(const char *name, size_t length)
{
	const char *dot = memrchr(name, '.', length);

	if (dot && dot > name && is_in(endings, dot, name + length - dot))
		return dot - name;
	return length;
}

static const struct interpreter *find_interpreter(const char *executable)
{
	for (size_t i = 0; i < sizeof(interpreters) / sizeof(*interpreters); i++) {
		if (fnmatch(interpreters[i].executable, executable, 0) == 0)
			return &interpreters[i];
	}
	return NULL;
}

enum option {
	OPTION_FLAG,
	OPTION_UNKNOWN,    /* the next argument may be its value */
	OPTION_WITH_VALUE, /* the next argument is */
	OPTION_MODULE,     /* the next argument is the program */
	OPTION_INLINE,     /* there is no script */
};

static enum option classify_short(const struct interpreter *interpreter, const char *option)
{
	/* a value may be part of it, and several may be one: python -um name */
	if (!interpreter->inline_letters || is_in(interpreter->with_value, option, 2))
		return OPTION_FLAG;
	if (strpbrk(option, interpreter->inline_letters))
		return OPTION_INLINE;
	if (interpreter->module && option[strlen(option) - 1] == interpreter->module[1])
		return OPTION_MODULE;
	return OPTION_FLAG;
}

static enum option classify(const struct interpreter *interpreter, const char *option)
{
	if (strcmp(option, "-") == 0)
		return OPTION_INLINE; /* from its input */
	if (strcmp(option, "--") == 0)
		return OPTION_FLAG;
	if (is_in(interpreter->with_value, option, strlen(option)))
		return OPTION_WITH_VALUE;
	if (interpreter->module && strcmp(option, interpreter->module) == 0)
		return OPTION_MODULE;
	if (option[1] != '-')
		return classify_short(interpreter, option);
	if (strncmp(option, "--eval", 6) == 0 || strncmp(option, "--print", 7) == 0)
		return OPTION_INLINE;
	return strchr(option, '=') ? OPTION_FLAG : OPTION_UNKNOWN;
}

static bool has_ending(const char *argument)
{
	return without_ending(argument, strlen(argument)) != strlen(argument);
}

/* The argument that is the program, or NULL. */
static const char *find_program(const struct interpreter *interpreter,
				const struct command_line *line)
{
	enum option before = OPTION_FLAG;

	for (size_t i = 1; i < line->nr; i++) {
		const char *argument = line->items[i];

		if (before == OPTION_MODULE)
			return argument;
		if (before != OPTION_WITH_VALUE && *argument == '-') {
			before = classify(interpreter, argument);
			if (before == OPTION_INLINE)
				return NULL;
		} else if (before == OPTION_WITH_VALUE ||
			   (before == OPTION_UNKNOWN && !has_ending(argument))) {
			before = OPTION_FLAG;
		} else {
			return argument;
		}
	}
	return NULL;
}

/* Takes the last component off; its length is 0 once there is none. */
static const char *take_component(const char *path, size_t *length, size_t *ret_length)
{
	const char *slash;
	size_t before;

	while (*length && path[*length - 1] == '/')
		(*length)--;
	slash = memrchr(path, '/', *length);
	before = slash ? slash + 1 - path : 0;
	*ret_length = *length - before;
	*length = before;
	return path + before;
}

static bool name_of_path(const char *path, char ret_name[SERVICE_NAME_LEN])
{
	size_t rest = strlen(path), length, base_length;
	const char *base = take_component(path, &rest, &length), *name = base;

	base_length = length = without_ending(base, length);
	if (is_in(plain_names, base, length)) {
		do
			name = take_component(path, &rest, &length);
		while (is_in(plain_directories, name, length));
		/* no directory, or one that cannot be told from here */
		if (!length || strstr(path, "..")) {
			name = base;
			length = base_length;
		}
	}
	if (!length || length >= SERVICE_NAME_LEN)
		return false;
	snprintf(ret_name, SERVICE_NAME_LEN, "%.*s", (int)length, name);
	return true;
}

static bool is_stream(const char *program)
{
	return strncmp(program, "/dev/", 5) == 0 || strncmp(program, "/proc/", 6) == 0;
}

bool service_name_of_script(const char *executable, const struct command_line *line,
			    const char *(*working_directory)(void *context), void *context,
			    char ret_name[SERVICE_NAME_LEN])
{
	const struct interpreter *interpreter = find_interpreter(executable);
	const char *program = interpreter ? find_program(interpreter, line) : NULL;
	const char *directory = NULL;
	char path[2 * PATH_MAX];

	if (!program || is_stream(program) || strlen(program) >= PATH_MAX)
		return false;
	if (interpreter->dotted && !strchr(program, '/') && !has_ending(program)) {
		snprintf(path, sizeof(path), "%s", program);
		for (char *dot = path; (dot = strchr(dot, '.'));)
			*dot = '/';
		return name_of_path(path, ret_name);
	}
	if (*program != '/')
		directory = working_directory(context);
	snprintf(path, sizeof(path), "%s/%s", directory ?: "", program);
	return name_of_path(path, ret_name);
}
