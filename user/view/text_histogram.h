/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lag and busy intervals, drawn side by side. */
#ifndef LOOPSCOPE_TEXT_HISTOGRAM_H
#define LOOPSCOPE_TEXT_HISTOGRAM_H

#include <stdbool.h>
#include <stdio.h>

#include "model/report.h"

/* Nothing if the loop was never busy. */
void text_write_histograms(FILE *out, const struct loop_report *report, bool unicode);

#endif
