/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Command lines: argp parses and formats the help; this adds --help and errors
 * of one line that say what is wrong and what to do.
 */
#ifndef LOOPSCOPE_CLI_H
#define LOOPSCOPE_CLI_H

#include <argp.h>

#define CLI_EXIT_FAILURE 1
#define CLI_EXIT_USAGE 2

/*
 * Parses argv with `argp`, which takes options only unless it has args_doc; argv[0] is the
 * command as it was called ("loopscope stat") and `input` goes to the parser.
 * -ECANCELED: help was asked for and printed; -EINVAL: an error was reported.
 */
int cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/* The exit status for what cli_parse returned. */
int cli_exit_status(int error);

/* For parsers: reports what is wrong with an option, and returns what they should. */
error_t cli_error(const struct argp_state *state, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What --duration, of a watch that is to end, and --interval, of walks, may be. */
#define CLI_DURATION_MIN_S 0.01
#define CLI_DURATION_MAX_S 31536000
#define CLI_INTERVAL_MIN_S 0.1
#define CLI_INTERVAL_MAX_S 3600

/* For parsers: takes the argument of an option like these. */
error_t cli_take_seconds(const struct argp_state *state, const char *option, const char *text,
			 double least, double most, double *ret_seconds);

#endif
