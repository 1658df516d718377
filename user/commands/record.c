/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `loopscope record`: what `stat` does, with all that passes kept in a file. Every loop is looked
 * at once an interval, so that the file tells how it went; the report at the end is of the whole
 * time, and `report` makes the same of the file.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "commands/commands.h"
#include "commands/progress.h"
#include "commands/recorder.h"
#include "commands/report_output.h"
#include "config/cli.h"
#include "config/watch_options.h"
#include "view/format.h"

#define NS_PER_S 1e9
#define INTERVAL_DEFAULT_S 1
#define FLUSH_NS 1000000000ULL
#define SOON_S 1e-6 /* a timer of 0 never comes */

struct record_options {
	struct watch_options watch;
	const char *output;
	double duration_s; /* 0: until interrupted */
	double interval_s;
	bool json;
};

enum {
	KEY_DURATION = 'd',
	KEY_INTERVAL = 'i',
	KEY_JSON = 'j',
	KEY_OUTPUT = 'o',
};

static error_t parse_record_option(int key, char *argument, struct argp_state *state)
{
	struct record_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->watch;
		return 0;
	case KEY_OUTPUT:
		options->output = argument;
		return 0;
	case KEY_DURATION:
		return cli_take_seconds(state, "--duration", argument, CLI_DURATION_MIN_S,
					CLI_DURATION_MAX_S, &options->duration_s);
	case KEY_INTERVAL:
		return cli_take_seconds(state, "--interval", argument, CLI_INTERVAL_MIN_S,
					CLI_INTERVAL_MAX_S, &options->interval_s);
	case KEY_JSON:
		options->json = true;
		return 0;
	case ARGP_KEY_END:
		if (!options->output || !*options->output)
			return cli_error(state, "nowhere to record to: give -o FILE");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option record_option_list[] = {
	{"output", KEY_OUTPUT, "FILE", 0,
	 "where to record to; `-` is the standard output, and there is no report then", 4},
	{"duration", KEY_DURATION, "SECONDS", 0, "how long to watch (until Ctrl-C)", 4},
	{"interval", KEY_INTERVAL, "SECONDS", 0, "time between two looks at every loop (1)", 4},
	{"json", KEY_JSON, NULL, 0,
	 "report one JSON object a loop, one a line, and a summary, as `stat` does", 5},
	{},
};

static const struct argp_child record_children[] = {{&watch_argp, 0, NULL, 0}, {}};

static const struct argp record_argp = {
	.options = record_option_list,
	.parser = parse_record_option,
	.children = record_children,
	.doc = "Watches event loops as `stat` does, and records what it sees to a file. "
	       "`loopscope report` makes the report of the file, on any machine, and compares two "
	       "of them. A file that is there is overwritten only if it is a recording.",
};

struct recording {
	const struct record_options *options;
	struct recorder recorder;
	struct session_listener listener;
	struct session *session;
	__u64 begin_ns, next_walk_ns, next_flush_ns;
	__u64 end_ns; /* UINT64_MAX: none is set */
};

static __u64 earlier(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

static int set_timer(const struct recording *recording)
{
	__u64 now = clock_monotonic_ns();
	__u64 next = earlier(earlier(recording->next_walk_ns, recording->next_flush_ns),
			     recording->end_ns);

	return session_set_timer(recording->session,
				 next > now ? (next - now) / NS_PER_S + SOON_S : SOON_S, 0);
}

static void show_progress(struct recording *recording, __u64 now)
{
	const struct history *history = session_history(recording->session);
	__u64 lost = history_summary(history)->records_lost;
	char size[PROGRESS_SIZE_LEN], loops[FORMAT_LEN], records[FORMAT_LEN], losses[48] = "";

	if (lost)
		snprintf(losses, sizeof(losses), ", %s lost",
			 format_counted(records, lost, "record"));
	progress_show("%.0f s, %s, %s%s", (now - recording->begin_ns) / NS_PER_S,
		      format_counted(loops, history_nr_loops(history), "loop"),
		      progress_size(size, recorder_bytes(&recording->recorder)), losses);
}

/* What is due now; looks that were missed are not made up for. */
static int take_tick(struct recording *recording)
{
	__u64 now = clock_monotonic_ns(), interval_ns = recording->options->interval_s * NS_PER_S;
	int r = 0;

	if (now >= recording->next_walk_ns) {
		r = session_walk(recording->session);
		recording->next_walk_ns +=
			((now - recording->next_walk_ns) / interval_ns + 1) * interval_ns;
	}
	if (!r && now >= recording->next_flush_ns) {
		r = recorder_flush(&recording->recorder);
		recording->next_flush_ns = now + FLUSH_NS;
		show_progress(recording, now);
	}
	return r;
}

static int watch_on(struct recording *recording)
{
	for (;;) {
		enum session_event event;
		int r = set_timer(recording) ?: session_wait(recording->session, &event);

		if (r)
			return r;
		switch (event) {
		case SESSION_TICK:
			r = take_tick(recording);
			if (r || clock_monotonic_ns() >= recording->end_ns)
				return r;
			break;
		case SESSION_TARGETS_GONE:
			progress_end();
			log_progress("the last process to watch has ended");
			return 0;
		case SESSION_INTERRUPTED:
			return 0;
		case SESSION_INPUT:
		case SESSION_RESIZED:
			break;
		}
	}
}

static int start(struct recording *recording)
{
	const struct record_options *options = recording->options;
	char error[SESSION_ERROR_LEN];
	int r;

	recording->listener = recorder_listener(&recording->recorder);
	r = session_start(&options->watch, &recording->listener, &recording->session, error);
	if (r) {
		if (!recording->recorder.error)
			log_error("%s", error);
		return r;
	}
	recording->begin_ns = clock_monotonic_ns();
	recording->next_walk_ns = recording->begin_ns + options->interval_s * NS_PER_S;
	recording->next_flush_ns = recording->begin_ns;
	recording->end_ns = UINT64_MAX;
	if (options->duration_s) {
		recording->end_ns = recording->begin_ns + options->duration_s * NS_PER_S;
		log_progress("watching for %g s; Ctrl-C ends it sooner", options->duration_s);
	} else {
		log_progress("watching until Ctrl-C");
	}
	return 0;
}

static void explain_write_error(const struct recorder *recorder)
{
	const char *path = recorder->file.path;

	if (recording_file_is_stdout(&recorder->file))
		log_error("cannot write to the standard output: %s",
			  recorder->error == -EPIPE ? "nobody reads it any more"
						    : strerror(-recorder->error));
	else
		log_error("cannot write %s: %s; what it holds up to then can be read by "
			  "'loopscope report %s'",
			  path, strerror(-recorder->error), path);
}

/* The session's history is the list's from then on. */
static int run(struct recording *recording, struct loop_list *list)
{
	int r = start(recording);

	if (!r) {
		r = watch_on(recording) ?: session_walk(recording->session)
				?: session_end(recording->session);
		progress_end();
		if (r && !recording->recorder.error)
			log_error("watching failed: %s", strerror(-r));
	}
	if (recorder_finish(&recording->recorder)) {
		explain_write_error(&recording->recorder);
		r = recording->recorder.error;
	}
	if (r)
		return r;
	r = loop_list_collect(list, session_history(recording->session));
	if (r)
		log_error("out of memory");
	list->history = session_take_history(recording->session);
	return r;
}

static int report(struct loop_list *list, const struct record_options *options)
{
	const struct report_options report_options = {options->json,
						      options->watch.scope.blocking_ns};
	struct summary summary = *history_summary(list->history);
	int r;

	summary.loops = list->nr;
	loop_list_tell_stale(&summary);
	r = report_output(list, &summary, &report_options);
	if (!r)
		loop_list_explain_empty(list, &options->watch, &summary);
	return r;
}

static int record(const struct record_options *options, char **arguments)
{
	_cleanup_(loop_list_done) struct loop_list list = {};
	struct recording recording = {
		.options = options,
		.recorder.manner = {arguments, options->watch.scope.blocking_ns,
				    options->interval_s},
	};
	char error[RECORDING_FILE_ERROR_LEN];
	int r = recording_file_open(options->output, &recording.recorder.file, error);

	if (r) {
		log_error("%s", error);
		return r;
	}
	if (recording_file_is_stdout(&recording.recorder.file))
		signal(SIGPIPE, SIG_IGN); /* what becomes of the pipe is said */
	r = run(&recording, &list);
	session_free(recording.session);
	recorder_done(&recording.recorder);
	if (r || recording_file_is_stdout(&recording.recorder.file))
		return r;
	return report(&list, options);
}

int command_record(int argc, char **argv)
{
	struct record_options options = {.interval_s = INTERVAL_DEFAULT_S};
	int r;

	watch_options_init(&options.watch);
	options.watch.stalls = true;
	r = cli_parse(&record_argp, argc, argv, &options);
	if (r)
		r = cli_exit_status(r);
	else if (record(&options, argv + 1))
		r = CLI_EXIT_FAILURE;
	watch_options_done(&options.watch);
	return r;
}
