/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * scripted_loop: epoll loops that follow a script and log their own truth, for
 * an observer's figures to be compared with. script.h lists the steps,
 * process.h the words it is led by.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "loop.h"
#include "process.h"

static const char usage[] =
	"usage: scripted_loop [--started] [--command FD] [--status FD] [--name COMM] "
	"[--later SCRIPT]... SCRIPT...\n";

static int add_script(const char *text, struct script *scripts, size_t *nr_scripts, size_t max)
{
	if (*nr_scripts == max)
		return -1;
	return script_parse(text, &scripts[(*nr_scripts)++]);
}

static int parse_arguments(int argc, char **argv, struct process_options *options)
{
	static const struct option long_options[] = {
		{"started", no_argument, NULL, 's'},      {"command", required_argument, NULL, 'c'},
		{"status", required_argument, NULL, 't'}, {"name", required_argument, NULL, 'n'},
		{"later", required_argument, NULL, 'l'},  {0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		if (option == 's')
			options->started = true;
		else if (option == 'c')
			options->command_fd = atoi(optarg);
		else if (option == 't')
			options->status_fd = atoi(optarg);
		else if (option == 'n')
			prctl(PR_SET_NAME, optarg);
		else if (option != 'l' || add_script(optarg, options->later, &options->nr_later,
						     PROCESS_MAX_CHILDREN) < 0)
			return -1;
	}
	for (int i = optind; i < argc; i++) {
		if (add_script(argv[i], options->scripts, &options->nr_scripts, PROCESS_MAX_LOOPS) <
		    0)
			return -1;
	}
	return options->nr_scripts ? 0 : -1;
}

int main(int argc, char **argv)
{
	static struct process_options options = {
		.command_fd = STDIN_FILENO,
		.status_fd = STDOUT_FILENO,
	};
	struct sigaction action = {.sa_handler = wait_interrupted};

	if (parse_arguments(argc, argv, &options) < 0) {
		fputs(usage, stderr);
		return 1;
	}
	sigaction(SIGUSR1, &action, NULL);
	/* a timer's slack would be a lag of its own */
	prctl(PR_SET_TIMERSLACK, 1);
	process_run(&options);
}
