/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What /proc shows of a process, for its explanation. */
#ifndef LOOPSCOPE_EXPLAIN_PROCESS_H
#define LOOPSCOPE_EXPLAIN_PROCESS_H

#include <sys/types.h>

#include "view/explanation.h"

/* Fills in everything but what is learnt by watching. -ESRCH, -ENOMEM, ... */
int explain_process(pid_t pid, struct explanation *explanation);

#endif
