/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line of `loopscope agent`, and the settings that it leads to. */
#ifndef LOOPSCOPE_AGENT_OPTIONS_H
#define LOOPSCOPE_AGENT_OPTIONS_H

#include <argp.h>

#include "base/cleanup.h"
#include "config/settings/settings.h"

enum agent_mode {
	AGENT_RUN,
	AGENT_CHECK_CONFIG,
	AGENT_PRINT_CONFIG,
	AGENT_CONFIG_HELP,
};

struct agent_options {
	const char *config; /* borrowed from argv; NULL: none */
	enum agent_mode mode;
	struct text_pairs flags; /* over everything, for struct settings_sources */
};

/* What cli_parse returns; argv[0] is "loopscope agent". To be done with in any case. */
int agent_options_parse(int argc, char **argv, struct agent_options *ret_options);
void agent_options_done(struct agent_options *options);

/* For parsers: of --config, of an option that stands for a key, of --set. */
error_t agent_options_set_config(struct agent_options *options, const char *path,
				 const struct argp_state *state);
error_t agent_options_set(struct agent_options *options, const char *key, const char *value);
error_t agent_options_set_pair(struct agent_options *options, char *pair,
			       const struct argp_state *state);

/* Loads the settings with this process's environment; what is wrong is logged, a line each. */
int agent_options_load(const struct agent_options *options, struct settings **ret_settings);

/* All that there is to do in a mode other than AGENT_RUN; returns the exit status. */
int agent_options_show(const struct agent_options *options);

#endif
