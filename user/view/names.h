/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The words of the record stream's numbers: the same in every view. */
#ifndef LOOPSCOPE_NAMES_H
#define LOOPSCOPE_NAMES_H

#include "model/report.h"

const char *cause_name(enum cause cause);
char cause_letter(enum cause cause); /* where there is room for one */

/* "epoll"; NULL: unknown. */
const char *wait_family_name(enum wait_family family);

const char *report_state_name(enum report_state state);

#endif
