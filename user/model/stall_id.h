/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a stall is called wherever it is told of: unique on its machine since boot. */
#ifndef LOOPSCOPE_STALL_ID_H
#define LOOPSCOPE_STALL_ID_H

#include <stdio.h>

#include "model/stalls.h"

#define STALL_ID_LEN 40

static inline const char *stall_id_text(const struct stall *stall, char text[STALL_ID_LEN])
{
	snprintf(text, STALL_ID_LEN, "%u-%llx", stall->id.tid, (unsigned long long)stall->start_ns);
	return text;
}

#endif
