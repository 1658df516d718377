/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A sound record with something of everything in it, and what the model says
 * to it once a test has spoilt it.
 */
#ifndef LOOPSCOPE_TESTS_DECODE_FIXTURE_H
#define LOOPSCOPE_TESTS_DECODE_FIXTURE_H

#include "unit.h"

#include "fake_loop.h"

struct decode_fixture {
	unsigned char record[WINDOW_MAX_SIZE];
	size_t size;
};

int decode_set_up(void **state);

/*
 * Applies a copy in memory of exactly its size, so that AddressSanitizer sees
 * any read beyond it. A report that the model then makes must be sound.
 */
int decode_apply_copy(const unsigned char *record, size_t size);

#endif
