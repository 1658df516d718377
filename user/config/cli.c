/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The root of every command's parser. argp's own messages take two lines and
 * do not say what is at fault, so they are off (ARGP_NO_ERRS), and with them
 * its --help: both are done here.
 */
#include "config/cli.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/number.h"

#define KEY_HELP 'h'

/* What a parser returns of an error that it has reported; argp itself never does. */
#define REPORTED EBADMSG

struct command_line {
	const struct argp *argp;
	void *input;
	int next; /* argument, when argp gave up */
};

error_t cli_error(const struct argp_state *state, const char *format, ...)
{
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	log_error("%s (see %s --help)", message, state->argv[0]);
	return REPORTED;
}

error_t cli_take_seconds(const struct argp_state *state, const char *option, const char *text,
			 double least, double most, double *ret_seconds)
{
	if (!number_parse_decimal(text, least, most, ret_seconds))
		return 0;
	return cli_error(state, "%s takes seconds from %g to %.0f, not '%s'", option, least, most,
			 text);
}

/* An option as typed, up to its `=`: one letter, or the start of a long name. */
struct typed_option {
	const char *text;
	size_t length;
	bool is_long;
};

static bool option_is(const struct argp_option *option, struct typed_option typed)
{
	if (!typed.is_long)
		return option->key == (unsigned char)*typed.text;
	return option->name && !strncmp(option->name, typed.text, typed.length);
}

/* The first that it can mean. */
static const struct argp_option *option_find(const struct argp *argp, struct typed_option typed,
					     unsigned int *nr_found)
{
	const struct argp_option *found = NULL, *option = argp->options;

	for (; option && (option->name || option->key || option->doc); option++) {
		if (!option_is(option, typed))
			continue;
		if (!found)
			found = option;
		(*nr_found)++;
	}
	for (const struct argp_child *child = argp->children; child && child->argp; child++) {
		option = option_find(child->argp, typed, nr_found);
		if (!found)
			found = option;
	}
	return found;
}

static bool has_option(const struct argp *argp, const char *name)
{
	unsigned int nr_found = 0;

	return option_find(argp, (struct typed_option){name, strlen(name), true}, &nr_found);
}

/* `stalls` alone has one called --threshold. */
static const char *unknown_fault(const struct argp *argp, struct typed_option typed)
{
	static const struct argp_option threshold = {.name = "threshold", .key = 't'};

	if (option_is(&threshold, typed) && has_option(argp, "blocking-ms"))
		return "is not known: here the threshold is -b, --blocking-ms";
	return "is not known";
}

/* What is wrong with an argument; NULL if nothing is. */
static const char *option_fault(const struct argp *argp, const char *text)
{
	struct typed_option typed = {.text = text + 1, .length = 1};
	const struct argp_option *option;
	unsigned int nr_found;

	if (!strncmp(text, "--", 2))
		typed = (struct typed_option){text + 2, strcspn(text + 2, "="), true};
	else if (*text != '-')
		return NULL;
	do { /* letters may share a dash */
		nr_found = 0;
		option = option_find(argp, typed, &nr_found);
		if (!option)
			return unknown_fault(argp, typed);
		if (nr_found > 1)
			return "could be one of several: write it out";
		if (option->arg)
			return "needs a value";
	} while (!typed.is_long && *++typed.text);
	return strchr(text, '=') ? "takes no value" : NULL;
}

/* argp stopped at an option it could not take, or right after it. */
static void report_option(const struct command_line *line, char *const *argv)
{
	const char *text = argv[line->next - 1];
	const char *fault = line->next > 1 ? option_fault(line->argp, text) : NULL;

	if (!fault && argv[line->next]) {
		text = argv[line->next];
		fault = option_fault(line->argp, text);
	}
	log_error("option %s %s (see %s --help)", text, fault ?: "cannot be understood", argv[0]);
}

static error_t refuse_argument(const struct argp_state *state, const struct argp *argp,
			       const char *text)
{
	long pid;

	if (has_option(argp, "pid") && !number_parse_whole(text, 1, INT_MAX, &pid))
		return cli_error(state, "%s is not expected here: to watch a process, -p %ld", text,
				 pid);
	return cli_error(state, "%s is not expected here: only options are", text);
}

static error_t parse_root(int key, char *argument, struct argp_state *state)
{
	struct command_line *line = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = line->input;
		return 0;
	case KEY_HELP:
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK,
			  state->argv[0]);
		return ECANCELED;
	case ARGP_KEY_ARG:
		if (line->argp->children[0].argp->args_doc)
			return ARGP_ERR_UNKNOWN; /* the command takes them */
		return refuse_argument(state, line->argp, argument);
	case ARGP_KEY_ERROR:
		line->next = state->next;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option root_options[] = {
	{"help", KEY_HELP, NULL, 0, "show this help", -1},
	{},
};

int cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
	const struct argp_child children[] = {{argp, 0, NULL, 0}, {}};
	const struct argp root = {root_options, parse_root, NULL, NULL, children, NULL, NULL};
	struct command_line line = {.argp = &root, .input = input};

	int r;

	log_set_prefix(argv[0]);
	r = argp_parse(&root, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT, NULL, &line);
	if (r == EINVAL)
		report_option(&line, argv);
	if (r == ENOMEM)
		log_error("out of memory");
	return r == REPORTED ? -EINVAL : -r;
}

int cli_exit_status(int error)
{
	if (error == -ECANCELED)
		return EXIT_SUCCESS;
	return error == -EINVAL ? CLI_EXIT_USAGE : CLI_EXIT_FAILURE;
}
