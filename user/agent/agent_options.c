/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Flags become pairs of a key and a text, which the settings' loader checks with
 * all the rest, so that everything that is wrong is said at once.
 */
#include "agent/agent_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "config/cli.h"

enum {
	KEY_CONFIG = 'c',
	KEY_CHECK = 0x100,
	KEY_PRINT,
	KEY_CONFIG_HELP,
	KEY_EXPORT,
	KEY_LISTEN,
	KEY_LOG_LEVEL,
	KEY_LOG_FORMAT,
	KEY_SET,
};

error_t agent_options_set(struct agent_options *options, const char *key, const char *value)
{
	return -text_pairs_add(&options->flags, key, value);
}

/* otlp, stdout, none, or file:PATH, which is two keys. */
static error_t set_export(struct agent_options *options, const char *to)
{
	static const char file[] = "file:";

	if (strncmp(to, file, sizeof(file) - 1))
		return agent_options_set(options, "export.to", to);
	return agent_options_set(options, "export.to", "file")
		       ?: agent_options_set(options, "export.file", to + sizeof(file) - 1);
}

error_t agent_options_set_pair(struct agent_options *options, char *pair,
			       const struct argp_state *state)
{
	char *equals = strchr(pair, '=');
	error_t r;

	/* the text is not repeated: a secret may be in it */
	if (!equals || equals == pair)
		return cli_error(state, "--set takes KEY=VALUE, as in "
					"export.interval_ms=5000");
	*equals = '\0';
	r = agent_options_set(options, pair, equals + 1);
	*equals = '=';
	return r;
}

error_t agent_options_set_config(struct agent_options *options, const char *path,
				 const struct argp_state *state)
{
	if (!*path)
		return cli_error(state, "--config takes the path of a file");
	options->config = path;
	return 0;
}

static error_t set_mode(struct agent_options *options, enum agent_mode mode,
			const struct argp_state *state)
{
	if (options->mode != AGENT_RUN && options->mode != mode)
		return cli_error(state, "--check-config, --print-config and --config-help exclude "
					"each other");
	options->mode = mode;
	return 0;
}

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct agent_options *options = state->input;

	switch (key) {
	case KEY_CONFIG:
		return agent_options_set_config(options, argument, state);
	case KEY_CHECK:
		return set_mode(options, AGENT_CHECK_CONFIG, state);
	case KEY_PRINT:
		return set_mode(options, AGENT_PRINT_CONFIG, state);
	case KEY_CONFIG_HELP:
		return set_mode(options, AGENT_CONFIG_HELP, state);
	case KEY_EXPORT:
		return set_export(options, argument);
	case KEY_LISTEN:
		return agent_options_set(options, "prometheus.listen", argument);
	case KEY_LOG_LEVEL:
		return agent_options_set(options, "log.level", argument);
	case KEY_LOG_FORMAT:
		return agent_options_set(options, "log.format", argument);
	case KEY_SET:
		return agent_options_set_pair(options, argument, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option option_list[] = {
	{"config", KEY_CONFIG, "FILE", 0, "the configuration; without it, defaults", 1},
	{"set", KEY_SET, "KEY=VALUE", 0,
	 "a key of the configuration, over file and environment; repeatable; no secrets", 1},
	{"export", KEY_EXPORT, "TO", 0, "otlp, stdout, file:PATH or none, as export.to", 1},
	{"listen", KEY_LISTEN, "ADDRESS", 0,
	 "where to serve Prometheus, as prometheus.listen: 127.0.0.1:9464, none", 1},
	{"log-level", KEY_LOG_LEVEL, "LEVEL", 0, "error, warning, info or debug", 1},
	{"log-format", KEY_LOG_FORMAT, "FORMAT", 0, "text or json", 1},
	{.doc = "Instead of running:", .group = 2},
	{"check-config", KEY_CHECK, NULL, 0, "say all that is wrong; exit with 1 if anything is",
	 2},
	{"print-config", KEY_PRINT, NULL, 0,
	 "what is in force, of file, environment and flags, without secrets", 2},
	{"config-help", KEY_CONFIG_HELP, NULL, 0, "every key, its range, its default, its meaning",
	 2},
	{},
};

static const struct argp agent_argp = {
	.options = option_list,
	.parser = parse_option,
	.doc = "Watches the event loops of this machine for good, and exports what it sees: OTLP "
	       "to "
	       "a receiver, Prometheus over HTTP. SIGHUP reads the configuration again.",
};

int agent_options_parse(int argc, char **argv, struct agent_options *ret_options)
{
	*ret_options = (struct agent_options){};
	return cli_parse(&agent_argp, argc, argv, ret_options);
}

void agent_options_done(struct agent_options *options)
{
	text_pairs_done(&options->flags);
}

int agent_options_load(const struct agent_options *options, struct settings **ret_settings)
{
	_cleanup_(settings_errors_done) struct settings_errors errors = {};
	const struct settings_sources sources = {
		.file = options->config,
		.environ_ = (const char *const *)environ,
		.flags = options->flags,
	};
	int r = settings_load(&sources, ret_settings, &errors);

	for (size_t i = 0; i < errors.nr; i++)
		log_error("%s", errors.lines[i]);
	if (r && !errors.nr)
		log_error("cannot load the configuration: %s", strerror(-r));
	return r;
}

static int print_settings(const struct agent_options *options)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	int r = agent_options_load(options, &settings);

	if (r)
		return EXIT_FAILURE;
	if (options->mode == AGENT_PRINT_CONFIG)
		r = settings_print(stdout, settings);
	else
		printf("%s: no errors\n", options->config ?: "defaults");
	if (r || fflush(stdout)) {
		log_error("cannot write to the standard output: %s", strerror(r ? -r : errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

int agent_options_show(const struct agent_options *options)
{
	if (options->mode != AGENT_CONFIG_HELP)
		return print_settings(options);
	if (settings_help(stdout) || fflush(stdout)) {
		log_error("cannot write to the standard output: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
