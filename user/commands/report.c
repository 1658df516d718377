/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope report`: the report of a recording, or what differs between two. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "commands/commands.h"
#include "commands/picture_files.h"
#include "commands/replay.h"
#include "commands/report_output.h"
#include "config/cli.h"
#include "view/compare.h"
#include "view/terminal_text.h"
#include "view/text.h"

#define MAX_FILES 2
#define NS_PER_MS 1e6

struct report_command {
	const char *files[MAX_FILES];
	int nr_files;
	bool json;
	struct picture_paths pictures;
};

enum {
	KEY_JSON = 'j',
	KEY_FLAMEGRAPH = 0x100, /* without a short name */
	KEY_FOLDED,
	KEY_TIMELINE,
	KEY_PPROF,
};

static error_t check_report(const struct report_command *command, struct argp_state *state)
{
	char problem[PICTURE_PROBLEM_LEN];

	if (!command->nr_files)
		return cli_error(state, "no recording is named: give a file that "
					"'loopscope record' has written");
	if (picture_paths_problem(&command->pictures, problem))
		return cli_error(state, "%s", problem);
	if (!picture_paths_any(&command->pictures))
		return 0;
	if (command->nr_files > 1)
		return cli_error(state, "pictures are made of one recording, not of two%s",
				 command->pictures.folded ? "; --folded=OUT needs the `=`" : "");
	if (command->json)
		return cli_error(state, "--json is of the report, which is not made with pictures: "
					"leave it out, or them");
	return 0;
}

static error_t take_picture(struct argp_state *state, const char *option, const char *path,
			    const char **ret_path)
{
	if (*ret_path)
		return cli_error(state, "%s can be given only once", option);
	*ret_path = path;
	return 0;
}

static error_t parse_report_option(int key, char *argument, struct argp_state *state)
{
	struct report_command *command = state->input;
	struct picture_paths *pictures = &command->pictures;

	switch (key) {
	case KEY_JSON:
		command->json = true;
		return 0;
	case KEY_FLAMEGRAPH:
		return take_picture(state, "--flamegraph", argument, &pictures->flamegraph);
	case KEY_FOLDED:
		return take_picture(state, "--folded", argument ?: "-", &pictures->folded);
	case KEY_TIMELINE:
		return take_picture(state, "--timeline", argument, &pictures->timeline);
	case KEY_PPROF:
		return take_picture(state, "--pprof", argument, &pictures->pprof);
	case ARGP_KEY_ARG:
		if (command->nr_files == MAX_FILES)
			return cli_error(state, "%s is one file too many: two are compared",
					 argument);
		command->files[command->nr_files++] = argument;
		return 0;
	case ARGP_KEY_END:
		return check_report(command, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option report_option_list[] = {
	{"json", KEY_JSON, NULL, 0, "one JSON object a loop, one a line, and a summary", 1},
	{"flamegraph", KEY_FLAMEGRAPH, "OUT.svg", 0,
	 "draw what loops were stalled in, to be opened in a browser", 2},
	{"folded", KEY_FOLDED, "OUT", OPTION_ARG_OPTIONAL,
	 "the same as folded stacks, for tools that read those; weights are microseconds", 2},
	{"timeline", KEY_TIMELINE, "OUT", 0,
	 "draw when they were stalled: OUT.svg for a glance, else JSON for Perfetto", 2},
	{"pprof", KEY_PPROF, "OUT.pb.gz", 0, "stalls as a profile for pprof", 2},
	{},
};

static const struct argp report_argp = {
	.options = report_option_list,
	.parser = parse_report_option,
	.args_doc = "FILE [FILE]",
	.doc = "Reports what `loopscope record` has recorded, as `stat` would have: the same "
	       "figures, on any machine, and needs no privilege. `-` is the standard input. Of two "
	       "files, tells what became slower from the first to the second, and where its time "
	       "went. With pictures of its stalls, there is no report; `-` as a picture's name is "
	       "the standard output.",
};

/* As `record` did. */
static void explain_none(const char *path, const struct loop_list *list)
{
	if (list->nr)
		return;
	if (list->nr_left_out)
		log_error("no loop was seen while %s was recorded: %s", path,
			  list->left_out[0].reason);
	else
		log_error("no loop was seen while %s was recorded", path);
}

static int report_one(const struct report_command *command)
{
	_cleanup_(replay_done) struct replay replay;
	_cleanup_(loop_list_done) struct loop_list list = {};
	struct report_options options = {.json = command->json};
	struct summary summary;
	int partial = replay_load(command->files[0], NULL, &replay), r;

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
	if (!r)
		explain_none(command->files[0], &list);
	return r ?: partial;
}

/* One side of a comparison, and its entries as they are to be handed on. */
struct side {
	struct replay replay;
	struct loop_list list;
	const struct loop_entry **entries;
	int partial;
};

static void side_done(struct side *side)
{
	free(side->entries);
	loop_list_done(&side->list);
	replay_done(&side->replay);
}

static int side_load(const char *path, struct side *side)
{
	int r = replay_load(path, NULL, &side->replay);

	if (r < 0)
		return r;
	side->partial = r;
	r = loop_list_collect(&side->list, side->replay.history);
	side->entries = calloc(side->list.nr + 1, sizeof(*side->entries));
	if (r || !side->entries) {
		log_error("out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < side->list.nr; i++)
		side->entries[i] = &side->list.loops[i]->entry;
	return 0;
}

static const struct recording_host *host_of(const struct side *side)
{
	return recording_reader_host(side->replay.reader);
}

static bool are_of_one_boot(const struct side *before, const struct side *after)
{
	const char *first = host_of(before)->boot_id, *second = host_of(after)->boot_id;

	return *first && !strcmp(first, second);
}

/* Within a boot, time may have been set. */
static void explain_order(const struct side *before, const struct side *after, bool same_boot)
{
	const struct item_mark *first = &host_of(before)->begin, *second = &host_of(after)->begin;

	if (same_boot ? first->boottime_ns > second->boottime_ns : first->unix_ns > second->unix_ns)
		log_warning(
			"%s was recorded before %s: to see what has changed since, give it first",
			after->replay.path, before->replay.path);
}

static void explain_losses(const struct side *side, const char *which, FILE *out)
{
	text_write_losses_of(out, which, history_summary(side->replay.history));
}

static void explain_stalls(const struct side *before, const struct side *after)
{
	double first = host_of(before)->blocking_ns / NS_PER_MS;
	double second = host_of(after)->blocking_ns / NS_PER_MS;

	if (first != second)
		log_warning("a stall is of %g ms or more before and of %g ms after: stalls are "
			    "not compared",
			    first, second);
}

static int report_two(const struct report_command *command)
{
	_cleanup_(side_done) struct side before = {.replay.fd = -EBADF},
					 after = {.replay.fd = -EBADF};
	_cleanup_(comparison_done) struct comparison comparison = {};
	bool same_boot;
	int r = side_load(command->files[0], &before) ?: side_load(command->files[1], &after);

	if (r)
		return r;
	same_boot = are_of_one_boot(&before, &after);
	explain_order(&before, &after, same_boot);
	explain_stalls(&before, &after);
	explain_none(command->files[0], &before.list);
	explain_none(command->files[1], &after.list);
	r = comparison_make(before.entries, before.list.nr, after.entries, after.list.nr, same_boot,
			    &comparison);
	if (!r && command->json)
		r = compare_write_json(stdout, &comparison);
	else if (!r)
		compare_write_text(stdout, &comparison, terminal_unicode());
	explain_losses(&before, "before: ", command->json ? stderr : stdout);
	explain_losses(&after, "after: ", command->json ? stderr : stdout);
	if (r)
		log_error("cannot compare: %s", strerror(-r));
	return r ?: before.partial ?: after.partial;
}

int command_report(int argc, char **argv)
{
	struct report_command command = {};
	int r = cli_parse(&report_argp, argc, argv, &command);

	if (r)
		return cli_exit_status(r);
	if (picture_paths_any(&command.pictures))
		r = picture_files_write(command.files[0], &command.pictures);
	else
		r = command.nr_files == 1 ? report_one(&command) : report_two(&command);
	return r ? CLI_EXIT_FAILURE : 0;
}
