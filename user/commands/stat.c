/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope stat`: watches for a while, then reports once. */
#include "commands/commands.h"
#include "commands/report_output.h"
#include "config/cli.h"
#include "config/watch_options.h"

#define DURATION_DEFAULT_S 10

struct stat_options {
	struct watch_options watch;
	double duration_s;
	bool json;
};

enum {
	KEY_DURATION = 'd',
	KEY_JSON = 'j',
};

static error_t parse_stat_option(int key, char *argument, struct argp_state *state)
{
	struct stat_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->watch;
		return 0;
	case KEY_DURATION:
		return cli_take_seconds(state, "--duration", argument, CLI_DURATION_MIN_S,
					CLI_DURATION_MAX_S, &options->duration_s);
	case KEY_JSON:
		options->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option stat_option_list[] = {
	{"duration", KEY_DURATION, "SECONDS", 0, "how long to watch (10); Ctrl-C ends it sooner",
	 3},
	{"json", KEY_JSON, NULL, 0, "one JSON object a loop, one a line, and a summary", 4},
	{},
};

static const struct argp_child stat_children[] = {{&watch_argp, 0, NULL, 0}, {}};

static const struct argp stat_argp = {
	.options = stat_option_list,
	.parser = parse_stat_option,
	.children = stat_children,
	.doc = "Watches event loops for a while, then reports how late and how busy each was, and "
	       "what its time went on.",
};

static int watch(const struct stat_options *options)
{
	const struct report_options report = {options->json, options->watch.scope.blocking_ns};
	_cleanup_(loop_list_done) struct loop_list list = {};
	struct summary summary;
	int r = loop_list_watch(&list, &options->watch, options->duration_s, &summary)
			?: report_output(&list, &summary, &report);

	if (!r)
		loop_list_explain_empty(&list, &options->watch, &summary);
	return r;
}

int command_stat(int argc, char **argv)
{
	struct stat_options options = {.duration_s = DURATION_DEFAULT_S};
	int r;

	watch_options_init(&options.watch);
	r = cli_parse(&stat_argp, argc, argv, &options);
	if (r)
		r = cli_exit_status(r);
	else if (watch(&options))
		r = CLI_EXIT_FAILURE;
	watch_options_done(&options.watch);
	return r;
}
