/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope pods`: this node's pods, as the agent would know them. */
#ifndef LOOPSCOPE_PODS_COMMAND_H
#define LOOPSCOPE_PODS_COMMAND_H

/* The whole of the command; argv[0] is "loopscope pods". Returns the exit status. */
int pods_main(int argc, char **argv);

#endif
