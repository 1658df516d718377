/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Targets and threshold, parsed once for every command that watches. */
#include "config/watch_options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/cgroup_path.h"
#include "config/cli.h"
#include "config/glob.h"
#include "config/number.h"
#include "view/names.h"

#define BLOCKING_MS_DEFAULT 50
#define BLOCKING_MS_MIN 0.001
#define BLOCKING_MS_MAX 3600000
#define NS_PER_MS 1e6

enum {
	KEY_PID = 'p',
	KEY_COMM = 'c',
	KEY_CGROUP = 'g',
	KEY_ALL = 'a',
	KEY_BLOCKING = 'b',
	KEY_NO_CHILDREN = 0x100,
	KEY_EDGES,
	KEY_NAMESPACE,
	KEY_POD,
	KEY_CONTAINER,
	KEY_POD_LABEL,
	KEY_NOT_COMM,
	KEY_WAIT,
};

static error_t add_pid(struct watch_options *options, const char *text,
		       const struct argp_state *state)
{
	pid_t *pids;
	long pid;

	if (number_parse_whole(text, 1, INT_MAX, &pid))
		return cli_error(state, "--pid takes a process id, a whole number from 1, not '%s'",
				 text);
	for (size_t i = 0; i < options->nr_pids; i++) {
		if (options->pids[i] == pid)
			return 0;
	}
	pids = reallocarray(options->pids, options->nr_pids + 1, sizeof(*pids));
	if (!pids)
		return ENOMEM;
	pids[options->nr_pids++] = pid;
	options->pids = pids;
	options->scope.pids = true;
	return 0;
}

/* Adds to an array of SCOPE_MAX_GLOBS, of which *nr are taken. */
static error_t add_glob(struct comm_glob *globs, __u8 *nr, const char *option, const char *pattern,
			const struct argp_state *state)
{
	if (*nr == SCOPE_MAX_GLOBS)
		return cli_error(state, "%s can be given %d times at most", option,
				 SCOPE_MAX_GLOBS);
	switch (glob_compile(pattern, &globs[*nr])) {
	case 0:
		if (glob_shortest_match(&globs[*nr]) >= COMM_GLOB_COMM_LEN)
			return cli_error(state,
					 "%s '%s' can match nothing: names have %d characters "
					 "at most, so shorten it with *",
					 option, pattern, COMM_GLOB_COMM_LEN - 1);
		(*nr)++;
		return 0;
	case -E2BIG:
		return cli_error(state, "%s '%s' is too long: %d characters, ? and * at most",
				 option, pattern, COMM_GLOB_MAX_POSITIONS);
	default:
		return cli_error(state, "%s '%s' is not a pattern of text, *, ? and [a-z]", option,
				 pattern);
	}
}

static error_t add_cgroup(struct watch_options *options, const char *path,
			  const struct argp_state *state)
{
	char error[CGROUP_PATH_ERROR_LEN];
	struct scope_config *scope = &options->scope;
	unsigned int nr = scope->nr_cgroups;

	if (nr == SCOPE_MAX_CGROUPS)
		return cli_error(state, "--cgroup can be given %d times at most",
				 SCOPE_MAX_CGROUPS);
	if (cgroup_path_resolve(path, &scope->cgroups[nr], &options->cgroups[nr], error))
		return cli_error(state, "--cgroup %s: %s", path, error);
	scope->nr_cgroups++;
	return 0;
}

error_t watch_options_set_blocking(struct watch_options *options, const char *option,
				   const char *text, const struct argp_state *state)
{
	double ms;

	if (number_parse_decimal(text, BLOCKING_MS_MIN, BLOCKING_MS_MAX, &ms))
		return cli_error(state, "%s takes milliseconds from %g to %d, not '%s'", option,
				 BLOCKING_MS_MIN, BLOCKING_MS_MAX, text);
	options->scope.blocking_ns = llround(ms * NS_PER_MS);
	return 0;
}

static error_t set_edges(struct watch_options *options, const char *text,
			 const struct argp_state *state)
{
	static const char *const known[] = {"fentry", "tp_btf", "tracepoint"};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(text, known[i]))
			continue;
		options->edges = known[i];
		return 0;
	}
	return cli_error(state, "--edges is fentry, tp_btf or tracepoint, not '%s'", text);
}

/* WAIT_NONE is auto. */
static error_t set_wait_family(struct watch_options *options, const char *text,
			       const struct argp_state *state)
{
	if (options->wait)
		return cli_error(state, "--wait is given twice, as %s and %s: it takes one family",
				 options->wait, text);
	for (int family = WAIT_NONE; family < NR_WAIT_FAMILIES; family++) {
		if (strcmp(text, wait_family_name(family) ?: "auto"))
			continue;
		options->scope.wait_family = family;
		options->wait = text;
		return 0;
	}
	return cli_error(state, "--wait is auto, epoll, poll, select, io_uring or aio, not '%s'",
			 text);
}

bool pod_filter_asks(const struct pod_filter *filter)
{
	return filter->namespace || filter->pod || filter->container || filter->labels;
}

static error_t set_glob(const char **glob, const char *option, const char *text,
			const struct argp_state *state)
{
	const char *fault = glob_fault(text);

	if (fault)
		return cli_error(state, "%s: the pattern '%s' %s", option, text, fault);
	*glob = text;
	return 0;
}

static error_t set_labels(struct watch_options *options, const char *text,
			  const struct argp_state *state)
{
	char error[LABEL_SELECTOR_ERROR_LEN];
	struct label_selector *selector;
	int r = label_selector_parse(text, &selector, error);

	if (r == -ENOMEM)
		return ENOMEM;
	if (r)
		return cli_error(state, "--pod-label '%s': %s", text, error);
	label_selector_free(options->pods.labels);
	options->pods.labels = selector;
	return 0;
}

static error_t check_target(struct watch_options *options, const struct argp_state *state)
{
	struct scope_config *scope = &options->scope;

	if (scope->pids || scope->nr_globs || scope->nr_cgroups || scope->all)
		return 0;
	if (!options->all_by_default && !pod_filter_asks(&options->pods) && !scope->nr_not_globs)
		return cli_error(state, "nothing to watch: give --pid PID, --comm GLOB, "
					"--cgroup PATH, --namespace GLOB, --pod-label SELECTOR or "
					"--all");
	options->no_target = true;
	scope->all = true;
	return 0;
}

/* The name is kept, to tell of one that nothing has. */
static error_t add_comm(struct watch_options *options, const char *pattern,
			const struct argp_state *state)
{
	struct scope_config *scope = &options->scope;
	error_t r = add_glob(scope->globs, &scope->nr_globs, "--comm", pattern, state);

	if (!r)
		options->comms[scope->nr_globs - 1] = pattern;
	return r;
}

static error_t parse_watch_option(int key, char *argument, struct argp_state *state)
{
	struct watch_options *options = state->input;
	struct scope_config *scope = &options->scope;

	switch (key) {
	case KEY_PID:
		return add_pid(options, argument, state);
	case KEY_COMM:
		return add_comm(options, argument, state);
	case KEY_NOT_COMM:
		return add_glob(scope->not_globs, &scope->nr_not_globs, "--not-comm", argument,
				state);
	case KEY_CGROUP:
		return add_cgroup(options, argument, state);
	case KEY_ALL:
		scope->all = true;
		return 0;
	case KEY_NO_CHILDREN:
		scope->children = false;
		return 0;
	case KEY_BLOCKING:
		return watch_options_set_blocking(options, "--blocking-ms", argument, state);
	case KEY_NAMESPACE:
		return set_glob(&options->pods.namespace, "--namespace", argument, state);
	case KEY_POD:
		return set_glob(&options->pods.pod, "--pod", argument, state);
	case KEY_CONTAINER:
		return set_glob(&options->pods.container, "--container", argument, state);
	case KEY_POD_LABEL:
		return set_labels(options, argument, state);
	case KEY_WAIT:
		return set_wait_family(options, argument, state);
	case KEY_EDGES:
		return set_edges(options, argument, state);
	case ARGP_KEY_END:
		return check_target(options, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option watch_option_list[] = {
	{.doc = "What to watch (several add up):", .group = 1},
	{"pid", KEY_PID, "PID", 0, "a process, all its threads, and its children; repeatable", 1},
	{"no-children", KEY_NO_CHILDREN, NULL, 0, "with --pid: not its children", 1},
	{"comm", KEY_COMM, "GLOB", 0,
	 "processes and threads whose name matches, as in 'redis*'; repeatable", 1},
	{"cgroup", KEY_CGROUP, "PATH", 0,
	 "processes in a cgroup (v1 or v2) and below it: a directory, or a path relative to the "
	 "cgroup v2 mount; repeatable",
	 1},
	{"all", KEY_ALL, NULL, 0, "the whole machine", 1},
	{.doc = "Of those, or of the whole machine, only loops (all that are given):", .group = 2},
	{"not-comm", KEY_NOT_COMM, "GLOB", 0,
	 "of processes and threads whose name does not match; repeatable", 2},
	{"namespace", KEY_NAMESPACE, "GLOB", 0, "in pods of a Kubernetes namespace", 2},
	{"pod", KEY_POD, "GLOB", 0, "in pods of that name", 2},
	{"container", KEY_CONTAINER, "GLOB", 0,
	 "in containers of that name, or whose id begins so, by 12 digits or more", 2},
	{"pod-label", KEY_POD_LABEL, "SELECTOR", 0,
	 "in pods with such labels, as in 'app=web,tier!=cache'; see `loopscope pods`", 2},
	{.doc = "How:", .group = 3},
	{"blocking-ms", KEY_BLOCKING, "MS", 0,
	 "count callbacks that hold the loop for at least so long as stalls (50)", 3},
	{"wait", KEY_WAIT, "FAMILY", 0,
	 "the calls in which loops wait: epoll, poll, select, io_uring or aio; auto: for each "
	 "thread those that it is seen to wait in (auto)",
	 3},
	{"edges", KEY_EDGES, "KIND", OPTION_HIDDEN, "force the wait call hooks", 3},
	{},
};

const struct argp watch_argp = {.options = watch_option_list, .parser = parse_watch_option};

void watch_options_init(struct watch_options *options)
{
	*options = (struct watch_options){
		.scope.blocking_ns = BLOCKING_MS_DEFAULT * (__u64)NS_PER_MS,
		.scope.children = true,
	};
}

void watch_options_done(struct watch_options *options)
{
	free(options->pids);
	label_selector_free(options->pods.labels);
	for (int i = 0; i < SCOPE_MAX_CGROUPS; i++)
		free(options->cgroups[i]);
}
