/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * `loopscope check`: what this machine offers, which hooks are chosen and why, whence containers
 * have their names, and then the proof: attach to nothing, for a moment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "commands/commands.h"
#include "config/cli.h"
#include "identity/kubernetes/bundle.h"
#include "observe/features.h"
#include "observe/observer.h"

#define MAX_CHECKS 32

DEFINE_CLEANUP(struct observer *, observer_free)

static const struct argp check_argp = {
	.doc = "Says whether watching works on this machine: kernel, capabilities, mounts, "
	       "files of container runtimes, and the hooks chosen, each with what to do about it. "
	       "Exits with 0 if it works.",
};

static void put_line(const char *verdict, const char *name, const char *found, const char *advice)
{
	printf("%-5s %-19s %s%s%s\n", verdict, name, found, *found && *advice ? "; " : "", advice);
}

static const char *verdict_of(const struct feature_check *check)
{
	if (check->ok)
		return "ok";
	return check->required ? "FAIL" : "warn";
}

static void show_features(void)
{
	struct feature_check checks[MAX_CHECKS];
	size_t nr = features_check(checks, MAX_CHECKS);

	for (size_t i = 0; i < nr; i++)
		put_line(verdict_of(&checks[i]), checks[i].name, checks[i].found, checks[i].advice);
}

static void show_runtimes(void)
{
	struct bundle_place places[BUNDLE_MAX_PLACES];
	size_t nr = bundle_places("", places);

	for (size_t i = 0; i < nr; i++) {
		char found[256];

		snprintf(found, sizeof(found), "%s: %s", places[i].path,
			 places[i].error ? strerror(-places[i].error) : "can be read");
		put_line(places[i].error ? "warn" : "ok", "container names", found,
			 places[i].error ? "run as root, or add CAP_DAC_READ_SEARCH" : "");
	}
	if (!nr)
		put_line("ok", "container names",
			 "no files of containerd, CRI-O, Docker or Podman are where they usually "
			 "are: containers here, if any, have no names",
			 "");
}

static void show_hooks(const struct observer *observer)
{
	struct observer_hook hooks[OBSERVER_MAX_HOOKS];
	size_t nr = observer_hooks(observer, hooks);

	for (size_t i = 0; i < nr; i++) {
		char found[OBSERVER_ERROR_LEN + 32];

		snprintf(found, sizeof(found), "%s: %s", hooks[i].program ?: "nothing loads",
			 hooks[i].reason);
		put_line(hooks[i].program ? "ok" : "FAIL", hooks[i].point, found, "");
	}
}

static int check(void)
{
	const struct observer_options options = {};
	_cleanup_(observer_freep) struct observer *observer = NULL;
	char error[OBSERVER_ERROR_LEN];
	int r;

	show_features();
	show_runtimes();
	r = observer_new(&options, &observer, error);
	if (!r) {
		show_hooks(observer);
		r = observer_start(observer, error);
	}
	put_line(r ? "FAIL" : "ok", "watching", r ? error : "programs load and attach", "");
	return r;
}

int command_check(int argc, char **argv)
{
	int r = cli_parse(&check_argp, argc, argv, NULL);

	if (r)
		return cli_exit_status(r);
	return check() ? CLI_EXIT_FAILURE : EXIT_SUCCESS;
}
