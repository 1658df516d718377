/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `loopscope top`: a window each interval, drawn on the terminal or, where there
 * is none, printed as lines.
 */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/history.h"
#include "commands/session.h"
#include "commands/top_table.h"
#include "config/cli.h"
#include "config/number.h"
#include "config/watch_options.h"
#include "view/columns.h"
#include "view/lines.h"
#include "view/screen.h"
#include "view/terminal_text.h"

#define INTERVAL_DEFAULT_S 1
#define FIRST_WINDOW_S 0.3 /* something to see within a second of starting */
#define LINES_EACH_HEADER 40
#define LINES_DEFAULT 100
#define LINES_MAX 1000000

struct top_options {
	struct watch_options watch;
	double interval_s;
	long max_lines;
};

struct top {
	struct session *session;
	struct top_table table;
	struct session_listener listener;
	struct past_culprits past;
	bool on_screen;
	bool unicode;
	size_t max_lines;    /* at each update */
	size_t nr_lines;     /* that may still come below the last header */
	unsigned int wanted; /* columns that are not always there, from the first loop on */
	bool told_stale;     /* that labels are */
	bool told_left_out;
};

enum {
	KEY_INTERVAL = 'i',
	KEY_LINES = 'n',
};

static error_t parse_top_option(int key, char *argument, struct argp_state *state)
{
	struct top_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->watch;
		return 0;
	case KEY_INTERVAL:
		return cli_take_seconds(state, "--interval", argument, CLI_INTERVAL_MIN_S,
					CLI_INTERVAL_MAX_S, &options->interval_s);
	case KEY_LINES:
		if (number_parse_whole(argument, 1, LINES_MAX, &options->max_lines))
			return cli_error(state, "--lines takes a number from 1 to %d, not '%s'",
					 LINES_MAX, argument);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option top_option_list[] = {
	{"interval", KEY_INTERVAL, "SECONDS", 0, "time between two updates (1)", 4},
	{"lines", KEY_LINES, "N", 0,
	 "where lines are printed: no more than those of the N worst loops at each update (100)",
	 4},
	{},
};

static const struct argp_child top_children[] = {{&watch_argp, 0, NULL, 0}, {}};

static const struct argp top_argp = {
	.options = top_option_list,
	.parser = parse_top_option,
	.children = top_children,
	.doc = "Shows event loops live, the worst first: each figure is of the last interval. "
	       "Where the output is not a terminal, prints lines instead.",
};

/* Once; on the screen it stays to be read. */
static void tell_stale(struct top *top)
{
	if (!top->table.summary.labels_stale || top->told_stale)
		return;
	top->told_stale = true;
	log_warning("labels of pods stay as they are: `loopscope pods`, which tells of them, has "
		    "ended");
}

/* Why there is nothing to see, where that is known: once, and never on the screen. */
static void tell_left_out(struct top *top)
{
	if (top->table.nr || !top->table.no_loop || top->told_left_out)
		return;
	top->told_left_out = true;
	log_warning("nothing to show: %s; 'loopscope list' shows the threads", top->table.no_loop);
}

static void print_lines(struct top *top)
{
	const struct top_table *table = &top->table;
	size_t nr = table->nr_matching < top->max_lines ? table->nr_matching : top->max_lines;
	unsigned int wanted = columns_wanted(table->rows, table->nr_matching);
	time_t now = time(NULL);

	if (wanted & ~top->wanted) {
		top->wanted |= wanted;
		top->nr_lines = 0;
	}
	if (!top->nr_lines) {
		lines_write_header(stdout, top->wanted);
		top->nr_lines = LINES_EACH_HEADER;
	}
	lines_write_rows(stdout, table->rows, nr, now, top->unicode, top->wanted);
	if (nr < table->nr_matching)
		lines_write_omitted(stdout, table->nr_matching - nr, now);
	top->nr_lines -= nr < top->nr_lines ? nr : top->nr_lines;
	fflush(stdout);
	tell_stale(top);
	tell_left_out(top);
}

static void draw(struct top *top)
{
	struct screen_table view;

	top_table_fit(&top->table, screen_nr_rows());
	view = top_table_view(&top->table);
	screen_draw(&view);
}

/* Ends the window. While paused, windows go on unseen, so that the next shown is a short one. */
static int take_window(struct top *top)
{
	struct top_table *table = &top->table;
	int r = session_walk(top->session);

	if (r)
		return r;
	past_culprits_advance(&top->past, clock_monotonic_ns());
	if (!table->paused) {
		top_table_clear(table);
		r = session_visit(top->session, top_table_add, table);
		top_table_arrange(table);
		table->summary = *history_summary(session_history(top->session));
		table->summary.loops = table->nr;
	}
	r = r ?: session_next_window(top->session);
	if (r)
		return r;
	if (top->on_screen)
		draw(top);
	else
		print_lines(top);
	return 0;
}

/* False if a key asked to end. */
static bool take_keys(struct top *top)
{
	int key = screen_read_key();

	while (key != SCREEN_KEY_NONE) {
		if (!top_table_key(&top->table, key, screen_nr_rows()))
			return false;
		key = screen_read_key();
	}
	draw(top);
	return true;
}

static int run(struct top *top)
{
	enum session_event event;
	int r;

	while (!ferror(stdout)) { /* which main reports */
		r = session_wait(top->session, &event);
		if (r)
			return r;
		switch (event) {
		case SESSION_TICK:
			r = take_window(top);
			if (r)
				return r;
			break;
		case SESSION_INPUT:
			if (!take_keys(top))
				return 0;
			break;
		case SESSION_RESIZED:
			if (top->on_screen) {
				screen_resize();
				draw(top);
			}
			break;
		case SESSION_INTERRUPTED:
			return 0;
		case SESSION_TARGETS_GONE:
			r = take_window(top);
			screen_close();
			log_progress("the last process to watch has ended");
			return r;
		}
	}
	return 0;
}

static int take_stall(enum stall_event event, const struct loop_entry *entry, void *context)
{
	struct top *top = context;

	if (event == STALL_EVENT_ENDED)
		past_culprits_take(&top->past, entry);
	return 0;
}

static int start(struct top *top, const struct top_options *options)
{
	double first_s = options->interval_s;
	char error[SESSION_ERROR_LEN];
	int r = session_start(&options->watch, &top->listener, &top->session, error);

	if (r) {
		log_error("%s", error);
		return r;
	}
	if (first_s > FIRST_WINDOW_S)
		first_s = FIRST_WINDOW_S;
	r = session_set_timer(top->session, first_s, options->interval_s);
	if (!r && !screen_open()) {
		top->on_screen = true;
		r = session_watch_input(top->session, STDIN_FILENO);
	}
	if (r) {
		screen_close();
		log_error("cannot wait for events: %s", strerror(-r));
	}
	return r;
}

static int watch(const struct top_options *options)
{
	struct top top = {
		.table.blocking_ns = options->watch.scope.blocking_ns,
		.table.interval_s = options->interval_s,
		.unicode = terminal_unicode(),
		.max_lines = options->max_lines,
		.wanted = pod_filter_asks(&options->watch.pods) ? COLUMNS_CONTAINER : 0,
		.table.past = &top.past,
		.listener = {.stall = take_stall, .context = &top},
	};
	int r = start(&top, options);

	if (!r) {
		if (top.on_screen)
			draw(&top);
		r = run(&top);
		screen_close();
		tell_left_out(&top);
		if (r)
			log_error("watching failed: %s", strerror(-r));
	}
	session_free(top.session);
	top_table_done(&top.table);
	past_culprits_done(&top.past);
	return r;
}

int command_top(int argc, char **argv)
{
	struct top_options options = {
		.interval_s = INTERVAL_DEFAULT_S,
		.max_lines = LINES_DEFAULT,
	};
	int r;

	watch_options_init(&options.watch);
	options.watch.stalls = true; /* culprits */
	r = cli_parse(&top_argp, argc, argv, &options);
	if (r)
		r = cli_exit_status(r);
	else if (watch(&options))
		r = CLI_EXIT_FAILURE;
	watch_options_done(&options.watch);
	return r;
}
