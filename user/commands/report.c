/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope report`: the report of a recording, or what differs between two. */
#include <string.h>

#include "base/log.h"
#include "commands/commands.h"
#include "commands/replay.h"
#include "commands/report_output.h"
#include "config/cli.h"

#define MAX_FILES 2

struct report_command {
	const char *files[MAX_FILES];
	int nr_files;
	bool json;
};

enum {
	KEY_JSON = 'j',
};

static error_t parse_report_option(int key, char *argument, struct argp_state *state)
{
	struct report_command *command = state->input;

	switch (key) {
	case KEY_JSON:
		command->json = true;
		return 0;
	case ARGP_KEY_ARG:
		if (command->nr_files == MAX_FILES)
			return cli_error(state, "%s is one file too many: two are compared",
					 argument);
		command->files[command->nr_files++] = argument;
		return 0;
	case ARGP_KEY_END:
		if (!command->nr_files)
			return cli_error(state, "no recording is named: give a file that "
						"'loopscope record' has written");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option report_option_list[] = {
	{"json", KEY_JSON, NULL, 0, "one JSON object a loop, one a line, and a summary", 1},
	{},
};

static const struct argp report_argp = {
	.options = report_option_list,
	.parser = parse_report_option,
	.args_doc = "FILE [FILE]",
	.doc = "Reports what `loopscope record` has recorded, as `stat` would have: the same "
	       "figures, on any machine, and needs no privilege. `-` is the standard input. Of two "
	       "files, tells what became slower from the first to the second, and where its time "
	       "went.",
};

static int report_one(const struct report_command *command)
{
	_cleanup_(replay_done) struct replay replay;
	_cleanup_(loop_list_done) struct loop_list list = {};
	struct report_options options = {.json = command->json};
	struct summary summary;
	int partial = replay_load(command->files[0], &replay), r;

	if (partial < 0)
		return partial;
	r = loop_list_collect(&list, replay.history);
	if (r) {
		log_error("out of memory");
		return r;
	}
	options.blocking_ns = recording_reader_host(replay.reader)->blocking_ns;
	summary = *history_summary(replay.history);
	summary.loops = list.nr;
	r = report_output(&list, &summary, &options);
	if (!r && !list.nr)
		log_error("no loop was seen while that was recorded");
	return r ?: partial;
}

int command_report(int argc, char **argv)
{
	struct report_command command = {};
	int r = cli_parse(&report_argp, argc, argv, &command);

	if (r)
		return cli_exit_status(r);
	return report_one(&command) ? CLI_EXIT_FAILURE : 0;
}
