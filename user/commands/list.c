/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `loopscope list`: every loop there is. Those asleep in their wait call show
 * at once; a second is enough for those that come round meanwhile.
 */
#include <limits.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/explain.h"
#include "commands/loop_list.h"
#include "config/cli.h"
#include "config/number.h"
#include "config/watch_options.h"
#include "view/json.h"
#include "view/listing.h"
#include "view/terminal_text.h"

#define SCAN_S 1

struct list_options {
	struct watch_options watch;
	bool json;
	long explained; /* a pid; 0: none is */
};

enum {
	KEY_JSON = 'j',
	KEY_EXPLAIN = 0x1000,
};

/* After the targets, which a child parses. */
static error_t check_explained(const struct watch_options *watch, const struct argp_state *state)
{
	const struct scope_config *scope = &watch->scope;

	if (watch->no_target && !scope->nr_not_globs && scope->children &&
	    !pod_filter_asks(&watch->pods))
		return 0;
	return cli_error(state, "--explain PID tells of that process alone: of the options that "
				"say what to watch it takes --wait only");
}

static error_t parse_list_option(int key, char *argument, struct argp_state *state)
{
	struct list_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->watch;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_EXPLAIN:
		if (number_parse_whole(argument, 1, INT_MAX, &options->explained))
			return cli_error(state,
					 "--explain takes a process id, a whole number from "
					 "1, not '%s'",
					 argument);
		return 0;
	case ARGP_KEY_END:
		return options->explained ? check_explained(&options->watch, state) : 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option list_option_list[] = {
	{"json", KEY_JSON, NULL, 0, "one JSON object a loop, one a line, and a summary", 4},
	{"explain", KEY_EXPLAIN, "PID", 0,
	 "instead: what was seen of one process, which of its threads are loops, and why", 4},
	{},
};

static const struct argp_child list_children[] = {{&watch_argp, 0, NULL, 0}, {}};

static const struct argp list_argp = {
	.options = list_option_list,
	.parser = parse_list_option,
	.children = list_children,
	.doc = "Lists event loops: those of the whole machine, unless there are targets.",
};

/* Threads start on the clock that goes on while the machine is suspended. */
static double age_ns(const struct loop_report *report)
{
	return (double)clock_boottime_ns() - (double)report->id.start_ns;
}

static int write_list(const struct loop_list *list, const struct summary *summary, bool json)
{
	int r = 0;

	__u32 told = 0; /* the last process of which it is told why it has no loops */

	if (!json)
		listing_write_header(stdout);
	for (size_t i = 0; !r && i < list->nr; i++) {
		const struct loop_entry *entry = &list->loops[i]->entry;

		if (json) {
			r = json_write_listed(stdout, entry, age_ns(entry->report));
			continue;
		}
		if (entry->no_loop && entry->report->id.pid == told)
			continue;
		listing_write_loop(stdout, entry, age_ns(entry->report), terminal_unicode());
		if (entry->no_loop)
			told = entry->report->id.pid;
	}
	return !r && json ? json_write_summary(stdout, summary) : r;
}

static int list_loops(const struct list_options *options)
{
	_cleanup_(loop_list_done) struct loop_list list = {.with_no_loops = true};
	struct summary summary;
	int r = loop_list_watch(&list, &options->watch, SCAN_S, &summary);

	if (r)
		return r;
	loop_list_sort_by_pid(&list);
	r = write_list(&list, &summary, options->json);
	if (r)
		log_error("cannot write the list: %s", strerror(-r));
	loop_list_explain_empty(&list, &options->watch, &summary);
	return r;
}

int command_list(int argc, char **argv)
{
	struct list_options options = {};
	int r;

	watch_options_init(&options.watch);
	options.watch.all_by_default = true;
	r = cli_parse(&list_argp, argc, argv, &options);
	if (r)
		r = cli_exit_status(r);
	else if (options.explained
			 ? explain((pid_t)options.explained, &options.watch, SCAN_S, options.json)
			 : list_loops(&options))
		r = CLI_EXIT_FAILURE;
	watch_options_done(&options.watch);
	return r;
}
