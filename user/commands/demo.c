/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope demo`: a server with something to see, and visitors who make it happen. */
#include "commands/commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "commands/demo_server.h"
#include "commands/demo_traffic.h"
#include "commands/demo_work.h"
#include "config/cli.h"
#include "config/number.h"

#define MAX_DURATION_S 1e6

enum {
	KEY_DURATION = 'd',
	KEY_PORT = 0x100,
	KEY_NO_TRAFFIC,
};

struct demo_options {
	double port;       /* 0: a free one */
	double duration_s; /* 0: until a signal */
	bool traffic;
};

static const struct argp_option option_table[] = {
	{"port", KEY_PORT, "N", 0, "Listen on this port of 127.0.0.1 (default: a free one)", 0},
	{"duration", KEY_DURATION, "SECONDS", 0, "End after this time (default: at Ctrl-C)", 0},
	{"no-traffic", KEY_NO_TRAFFIC, NULL, 0, "Serve, but send no requests of its own", 0},
	{},
};

static error_t parse_option(int key, char *argument, struct argp_state *state)
{
	struct demo_options *options = state->input;

	switch (key) {
	case KEY_PORT:
		if (strchr(argument, '.') ||
		    number_parse_decimal(argument, 1, 65535, &options->port))
			return cli_error(state,
					 "--port takes a whole number from 1 to 65535, not '%s'",
					 argument);
		return 0;
	case KEY_DURATION:
		if (number_parse_decimal(argument, 0.001, MAX_DURATION_S, &options->duration_s))
			return cli_error(state,
					 "--duration takes a number of seconds above 0, not '%s'",
					 argument);
		return 0;
	case KEY_NO_TRAFFIC:
		options->traffic = false;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp demo_argp = {
	.options = option_table,
	.parser = parse_option,
	.doc = "Run a small HTTP server that stalls now and then, with visitors of its own, to "
	       "watch.",
};

static void introduce(int port, bool traffic)
{
	const char *as_root = geteuid() ? "sudo " : "";

	printf("The demo server is process %d, at http://127.0.0.1:%d\n\n", getpid(), port);
	for (size_t i = 0; i < demo_nr_pages; i++)
		printf("    %-11s %s\n", demo_pages[i].path, demo_pages[i].does);
	printf("\nWatch it from another terminal:\n\n"
	       "    %sloopscope -p %d\n"
	       "    %sloopscope stat -p %d\n\n"
	       "%s\n\n"
	       "    curl http://127.0.0.1:%d/slow\n\n"
	       "Ctrl-C ends it.\n",
	       as_root, getpid(), as_root, getpid(),
	       traffic ? "Visitors of its own make it stall every two seconds. Add a stall:"
		       : "Nobody visits it yet. Make it stall:",
	       port);
	fflush(stdout);
}

static int serve(int listen_fd, int stop_fd)
{
	unsigned long served;
	int err = demo_serve(listen_fd, stop_fd, &served);

	if (err < 0) {
		log_error("the demo server's loop failed: %s", strerror(-err));
		return CLI_EXIT_FAILURE;
	}
	printf("%lu requests answered\n", served);
	return 0;
}

static int run(const struct demo_options *options)
{
	_cleanup_(closep) int listen_fd = -1, stop_fd = -1;
	pid_t visitors = 0;
	int port, err, status;

	err = demo_listen((int)options->port, &listen_fd, &port);
	if (err < 0) {
		log_error("cannot listen on port %d of 127.0.0.1: %s", (int)options->port,
			  strerror(-err));
		return CLI_EXIT_FAILURE;
	}
	/* before the signal handlers and the eventfd, which are not the visitors' */
	if (options->traffic)
		err = demo_traffic_start(port, &visitors);
	if (!err)
		err = demo_stop_prepare(options->duration_s, &stop_fd);
	if (err < 0) {
		log_error("cannot start the demo: %s", strerror(-err));
		status = CLI_EXIT_FAILURE;
	} else {
		introduce(port, options->traffic);
		status = serve(listen_fd, stop_fd);
	}
	if (visitors)
		demo_traffic_stop(visitors);
	return status;
}

int command_demo(int argc, char **argv)
{
	struct demo_options options = {.traffic = true};
	int err = cli_parse(&demo_argp, argc, argv, &options);

	if (err)
		return cli_exit_status(err);
	prctl(PR_SET_NAME, "demo-server");
	return run(&options);
}
