/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The node agent: observes for months, exports, serves; one thread, one loop. */
#ifndef LOOPSCOPE_AGENT_H
#define LOOPSCOPE_AGENT_H

/* The whole of `loopscope agent`; returns the exit status. */
int agent_main(int argc, char **argv);

#endif
