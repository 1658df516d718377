/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The root of every command's parser. argp's own messages take two lines and
 * do not say what is at fault, so they are off (ARGP_NO_ERRS), and with them
 * its --help: both are done here.
 */
#include "config/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

#define KEY_HELP 'h'

struct command_line {
	const struct argp *argp;
	void *input;
	bool reported;
};

error_t cli_error(const struct argp_state *state, const char *format, ...)
{
	struct command_line *line = state->hook;
	char message[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	log_error("%s (see %s --help)", message, state->argv[0]);
	line->reported = true;
	return EINVAL;
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

/* argp stopped at an option it could not take: why? */
static void report_option(const struct argp_state *state)
{
	const struct command_line *line = state->hook;
	const char *text = state->argv[state->next > 1 ? state->next - 1 : state->next];
	struct typed_option typed = {.is_long = !strncmp(text, "--", 2)};
	const struct argp_option *option;
	unsigned int nr_found = 0;

	typed.text = text + 1 + typed.is_long;
	typed.length = strcspn(typed.text, "=");
	option = option_find(line->argp, typed, &nr_found);
	if (!nr_found)
		cli_error(state, "there is no option %s", text);
	else if (nr_found > 1)
		cli_error(state, "option %s could be one of several: write it out", text);
	else if (option->arg)
		cli_error(state, "option %s needs a value: %s", text, option->arg);
	else
		cli_error(state, "option --%s takes no value", option->name);
}

static error_t parse_root(int key, char *argument, struct argp_state *state)
{
	struct command_line *line = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->hook = line;
		state->child_inputs[0] = line->input;
		return 0;
	case KEY_HELP:
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK,
			  state->argv[0]);
		line->reported = true;
		return ECANCELED;
	case ARGP_KEY_ARG:
		return cli_error(state, "%s is not expected here: only options are", argument);
	case ARGP_KEY_ERROR:
		if (!line->reported)
			report_option(state);
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
	struct command_line line = {.argp = argp, .input = input};
	const struct argp_child children[] = {{argp, 0, NULL, 0}, {}};
	const struct argp root = {root_options, parse_root, NULL, NULL, children, NULL, NULL};

	log_set_prefix(argv[0]);
	return -argp_parse(&root, argc, argv, ARGP_NO_ERRS | ARGP_NO_HELP | ARGP_NO_EXIT, NULL,
			   &line);
}

int cli_exit_status(int error)
{
	if (error == -ECANCELED)
		return EXIT_SUCCESS;
	return error == -EINVAL ? CLI_EXIT_USAGE : CLI_EXIT_FAILURE;
}
