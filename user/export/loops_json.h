/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* /debug/loops: every loop with its resource, totals and gauges, as one JSON object. */
#ifndef LOOPSCOPE_LOOPS_JSON_H
#define LOOPSCOPE_LOOPS_JSON_H

#include "base/buffer.h"
#include "export/figures.h"

int loops_json_encode(const struct figures *figures, struct buffer *out);

#endif
