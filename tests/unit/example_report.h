/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loop made up for the tests of views: one second of a Redis that calls fsync. */
#ifndef LOOPSCOPE_TESTS_EXAMPLE_REPORT_H
#define LOOPSCOPE_TESTS_EXAMPLE_REPORT_H

#include <stdio.h>

#include "view/snapshot.h"

struct loop_report example_report(void);
struct loop_report example_unseen_report(void);

/* What `write` prints; the caller frees it. */
char *written_by(void (*write)(FILE *out, const void *context), const void *context);

#endif
