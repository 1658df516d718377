/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The commands. argv[0] is the command as it was called ("loopscope stat");
 * each returns the exit status: 0, 1 for a failure, 2 for wrong usage.
 */
#ifndef LOOPSCOPE_COMMANDS_H
#define LOOPSCOPE_COMMANDS_H

int command_top(int argc, char **argv);
int command_stat(int argc, char **argv);
int command_stalls(int argc, char **argv);
int command_record(int argc, char **argv);
int command_report(int argc, char **argv);
int command_list(int argc, char **argv);
int command_agent(int argc, char **argv);
int command_check(int argc, char **argv);
int command_demo(int argc, char **argv);

#endif
