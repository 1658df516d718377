/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopscope: a table of commands. Options without a command are those of `top`.
 */
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "commands/commands.h"
#include "config/cli.h"
#include "config/number.h"

static int command_help(int argc, char **argv);

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *summary;
} commands[] = {
	{"top", command_top, "live table of loops, worst first"},
	{"stalls", command_stalls, "what blocks a loop, while it does"},
	{"stat", command_stat, "watch for a while, then report once"},
	{"record", command_record, "the same, and keep all that is seen in a file"},
	{"report", command_report, "what a recording tells, or what differs between two"},
	{"list", command_list, "every loop of the machine"},
	{"agent", command_agent, "watch this machine for good, and export what is seen"},
	{"pods", command_agent, "this node's pods, as Kubernetes tells of them"},
	{"check", command_check, "whether watching works here, and how"},
	{"demo", command_demo, "a small HTTP server with a bad loop, to be watched"},
	{"help", command_help, "this text, or that of a command"},
};

#define NR_COMMANDS (sizeof(commands) / sizeof(*commands))

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++) {
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

/* argv[0] becomes "loopscope NAME": what usage and errors start with. */
static int command_run(const struct command *command, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof(name), "loopscope %s", command->name);
	argv[0] = name;
	log_set_prefix(name);
	return command->run(argc, argv);
}

static int unknown_command(const char *name)
{
	long pid;

	if (!number_parse_whole(name, 1, INT_MAX, &pid))
		log_error("there is no command '%s': to watch a process, loopscope -p %ld", name,
			  pid);
	else
		log_error("there is no command '%s': see loopscope --help", name);
	return CLI_EXIT_USAGE;
}

static int show_help(void)
{
	printf("Usage: loopscope [COMMAND] [OPTION...]\n"
	       "Watches event loops from the kernel: how late they are, how busy, and what their\n"
	       "time goes on. The programs watched are not changed.\n"
	       "\n"
	       "  loopscope -p PID     a live table of that process's loops\n"
	       "\n"
	       "Commands:\n");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i].name, commands[i].summary);
	printf("\n"
	       "  loopscope COMMAND --help   options of a command\n"
	       "  loopscope --version        version\n");
	return EXIT_SUCCESS;
}

static int command_help(int argc, char **argv)
{
	char *help[] = {NULL, "--help", NULL};
	const struct command *command;

	if (argc < 2)
		return show_help();
	command = command_find(argv[1]);
	if (!command)
		return unknown_command(argv[1]);
	return command->run == command_help ? show_help() : command_run(command, 2, help);
}

static int run(int argc, char **argv)
{
	const char *first = argc > 1 ? argv[1] : "";
	const struct command *command;

	if (!strcmp(first, "--help") || !strcmp(first, "-h"))
		return show_help();
	if (!strcmp(first, "--version") || !strcmp(first, "-V")) {
		printf("loopscope %s\n", LOOPSCOPE_VERSION);
		return EXIT_SUCCESS;
	}
	if (!*first || *first == '-')
		return command_run(&commands[0], argc, argv);
	command = command_find(first);
	return command ? command_run(command, argc - 1, argv + 1) : unknown_command(first);
}

int main(int argc, char **argv)
{
	int status;

	signal(SIGCHLD, SIG_DFL); /* ignored, children would be gone before they are asked for */
	setlocale(LC_CTYPE, "");  /* numbers stay as programs write them */
	status = run(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		log_error("cannot write to the standard output: %s", strerror(errno));
		return CLI_EXIT_FAILURE;
	}
	return status;
}
