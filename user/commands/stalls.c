/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `loopscope stalls`: each stall as it comes. That one goes on is told at
 * growing ages; who it is told to, and how, is in view/stall_line.h.
 */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/loop_list.h"
#include "commands/session.h"
#include "commands/stall_ages.h"
#include "commands/stall_tally.h"
#include "config/cli.h"
#include "config/number.h"
#include "config/watch_options.h"
#include "symbols/symbols.h"
#include "view/format.h"
#include "view/stall_line.h"
#include "view/terminal_text.h"
#include "view/text.h"

#define NS_PER_S 1e9
/* So often threads not seen to wait are looked at, and what has ended is forgotten. */
#define WALK_S 1
#define FIRST_WALK_S 0.2 /* a loop that is stuck already is told of soon */
#define SOON_S 1e-6      /* a timer of 0 never comes */
#define COUNT_MAX 1000000000

struct stalls_options_given {
	struct watch_options watch;
	double duration_s; /* 0: until interrupted */
	long count;        /* 0: all */
	bool json;
	bool full_stacks;
};

enum {
	KEY_COUNT = 'n',
	KEY_DURATION = 'd',
	KEY_JSON = 'j',
	KEY_THRESHOLD = 't',
	KEY_FULL_STACKS = 0x100, /* without a short name */
};

static error_t parse_stalls_option(int key, char *argument, struct argp_state *state)
{
	struct stalls_options_given *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->watch;
		return 0;
	case KEY_THRESHOLD:
		return watch_options_set_blocking(&options->watch, "--threshold", argument, state);
	case KEY_DURATION:
		return cli_take_seconds(state, "--duration", argument, CLI_DURATION_MIN_S,
					CLI_DURATION_MAX_S, &options->duration_s);
	case KEY_COUNT:
		if (number_parse_whole(argument, 1, COUNT_MAX, &options->count))
			return cli_error(state, "--count takes a number from 1 to %d, not '%s'",
					 COUNT_MAX, argument);
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_FULL_STACKS:
		options->full_stacks = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option stalls_option_list[] = {
	{"threshold", KEY_THRESHOLD, "MS", 0, "the same as --blocking-ms", 3},
	{"duration", KEY_DURATION, "SECONDS", 0, "how long to watch (until Ctrl-C)", 4},
	{"count", KEY_COUNT, "N", 0, "watch until so many stalls have ended", 4},
	{"json", KEY_JSON, NULL, 0, "one JSON object for each line that is told, one a line", 5},
	{"full-stacks", KEY_FULL_STACKS, NULL, 0,
	 "every frame of a stack; otherwise those of interpreters and libraries are counted. The "
	 "JSON has them all",
	 5},
	{},
};

static const struct argp_child stalls_children[] = {{&watch_argp, 0, NULL, 0}, {}};

static const struct argp stalls_argp = {
	.options = stalls_option_list,
	.parser = parse_stalls_option,
	.children = stalls_children,
	.doc = "Shows what blocks a loop while it does: when a callback has held the loop for so "
	       "long, with what it does and the stack that it does it in; now and then, while it "
	       "goes on; and when it has ended, with what its time went on.",
};

struct stall_watch {
	const struct stalls_options_given *options;
	struct stack_lines_options text;
	struct session_listener listener;
	struct session *session;
	struct stall_ages *ages;
	struct stall_tally tally;
	bool walked;
	bool last;     /* no more will be told: how long each has lasted is */
	__u64 end_ns;  /* UINT64_MAX: none is set */
	__u64 nr_told; /* lines */
	long nr_ended;
};

static bool is_done(const struct stall_watch *watch)
{
	return watch->options->count && watch->nr_ended >= watch->options->count;
}

static int write_line(struct stall_watch *watch, const struct stall_line *line)
{
	int r = 0;

	if (watch->options->json)
		r = stall_json_write(stdout, line);
	else
		stall_text_write(stdout, line, &watch->text);
	fflush(stdout);
	return r;
}

/* -ECANCELED: nothing more is to be told, or can be, which main reports. */
static int take_event(enum stall_event event, const struct loop_entry *entry, void *context)
{
	struct stall_watch *watch = context;
	struct stall_line line = {
		.event = event,
		.entry = entry,
		/* clocks are compared each time: they are set, and stand still */
		.unix_ns = clock_unix_ns() - clock_monotonic_ns() + entry->stall->until_ns,
	};
	int r;

	if (entry->no_loop)
		return 0;
	if (!stall_ages_is_due(watch->ages, event, entry->stall) && !watch->last)
		return 0;
	line.shown = stall_ages_shown(watch->ages, entry->stall);
	r = write_line(watch, &line);
	if (event == STALL_EVENT_ENDED)
		stall_ages_forget(watch->ages, entry->stall);
	watch->nr_told++;
	watch->nr_ended += event == STALL_EVENT_ENDED;
	if (!r && (ferror(stdout) || is_done(watch)))
		r = -ECANCELED;
	return r;
}

static void tell_held(struct stall_watch *watch)
{
	const struct summary *summary = history_summary(session_history(watch->session));
	char more[FORMAT_LEN];
	__u64 nr = stall_tally_take(&watch->tally, summary->stalls_held, clock_monotonic_ns());

	if (nr)
		log_progress("%s " TEXT_STALLS_HELD, format_counted(more, nr, "more stall"));
}

static int take_tick(struct stall_watch *watch)
{
	int r = session_walk(watch->session) ?: session_next_window(watch->session);

	watch->walked = true;
	tell_held(watch);
	return r;
}

static int set_timer(const struct stall_watch *watch)
{
	__u64 now = clock_monotonic_ns();
	double left_s = watch->end_ns > now ? (watch->end_ns - now) / NS_PER_S : 0;
	double walk_s = watch->walked ? WALK_S : FIRST_WALK_S;

	return session_set_timer(watch->session, left_s < walk_s ? left_s + SOON_S : walk_s, 0);
}

static int watch_on(struct stall_watch *watch)
{
	for (;;) {
		enum session_event event;
		int r = set_timer(watch) ?: session_wait(watch->session, &event);

		if (r)
			return r;
		switch (event) {
		case SESSION_TICK:
			r = take_tick(watch);
			if (r || clock_monotonic_ns() >= watch->end_ns)
				return r;
			break;
		case SESSION_TARGETS_GONE:
			r = session_settle(watch->session);
			log_progress("the last process to watch has ended");
			return r;
		case SESSION_INTERRUPTED:
			return 0;
		case SESSION_INPUT:
		case SESSION_RESIZED:
			break;
		}
	}
}

static int start(struct stall_watch *watch)
{
	const struct stalls_options_given *options = watch->options;
	char error[SESSION_ERROR_LEN], threshold[FORMAT_LEN];
	int r = session_start(&options->watch, &watch->listener, &watch->session, error);

	if (r == -ECANCELED)
		return r;
	if (r) {
		log_error("%s", error);
		return r;
	}
	format_duration(threshold, (double)options->watch.scope.blocking_ns, false);
	watch->end_ns = UINT64_MAX;
	if (options->duration_s) {
		watch->end_ns = clock_monotonic_ns() + options->duration_s * NS_PER_S;
		log_progress("watching for stalls of %s or more, for %g s; Ctrl-C ends it sooner",
			     threshold, options->duration_s);
	} else {
		log_progress("watching for stalls of %s or more, until Ctrl-C", threshold);
	}
	return 0;
}

/* What was not read, and why. */
static void tell_stacks(const struct symbols_stats *stats, const struct history *history)
{
	const struct text_note notes[] = {
		{stats->held_back, "stack", "stacks", "not read: too many came at once"},
		{history_stacks_held(history), "stack", "stacks",
		 "not kept: too many stalls lasted at once"},
		{stats->missing, "stack", "stacks",
		 "that could not be read: the thread had run on, or ended"},
		{stats->cut, "stack", "stacks", "whose outer frames could not be read"},
		{stats->restarts, "restart", "restarts", "of loopscope-symbols, which finds names"},
	};

	text_write_notes(stderr, "", notes, sizeof(notes) / sizeof(*notes));
}

/* What was lost; and of silence, why: on stderr. */
static int explain(struct stall_watch *watch)
{
	_cleanup_(loop_list_done) struct loop_list list = {};
	struct history *history = session_history(watch->session);
	struct symbols_stats stats;
	char threshold[FORMAT_LEN];
	int r = session_walk(watch->session);

	watch->last = true;
	r = r ?: session_settle(watch->session) ?: loop_list_collect(&list, history);
	if (r)
		return r;
	text_write_losses(stderr, history_summary(history));
	session_symbols_stats(watch->session, &stats);
	tell_stacks(&stats, history);
	loop_list_tell_stale(history_summary(history));
	if (watch->nr_told)
		return 0;
	if (!list.nr)
		loop_list_explain_empty(&list, &watch->options->watch, history_summary(history));
	else
		log_progress("no stall of %s or more",
			     format_duration(threshold,
					     (double)watch->options->watch.scope.blocking_ns,
					     false));
	return 0;
}

static int run(struct stall_watch *watch)
{
	int r = start(watch);

	if (watch->session && !r)
		r = watch_on(watch) ?: explain(watch);
	if (r == -ECANCELED)
		return 0; /* all that was to be told has been */
	if (r && watch->session)
		log_error("watching failed: %s", strerror(-r));
	return r;
}

static int watch_stalls(const struct stalls_options_given *options)
{
	struct stall_watch watch = {
		.options = options,
		.text = {.unicode = terminal_unicode(),
			 .styles = terminal_has_styles(stdout),
			 .full = options->full_stacks},
		.listener = {.stall = take_event, .context = &watch},
	};
	int r = stall_ages_new(&watch.ages);

	if (r) {
		log_error("out of memory");
		return r;
	}
	r = run(&watch);
	session_free(watch.session);
	stall_ages_free(watch.ages);
	return r;
}

int command_stalls(int argc, char **argv)
{
	struct stalls_options_given options = {};
	int r;

	watch_options_init(&options.watch);
	options.watch.stalls = true;
	r = cli_parse(&stalls_argp, argc, argv, &options);
	if (r)
		r = cli_exit_status(r);
	else if (watch_stalls(&options))
		r = CLI_EXIT_FAILURE;
	watch_options_done(&options.watch);
	return r;
}
