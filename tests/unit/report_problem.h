/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What holds for every report, whatever the records that it was made from. */
#ifndef LOOPSCOPE_TESTS_REPORT_PROBLEM_H
#define LOOPSCOPE_TESTS_REPORT_PROBLEM_H

#include "model/report.h"

/* The first invariant that the report breaks, in words; NULL if it breaks none. */
const char *report_problem(const struct loop_report *report);

#endif
