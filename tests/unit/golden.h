/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an encoder made, byte for byte as in tests/unit/golden/. `make golden` writes those
 * files anew: look at the difference before it is committed. Run from the root of the tree.
 */
#ifndef LOOPSCOPE_TESTS_GOLDEN_H
#define LOOPSCOPE_TESTS_GOLDEN_H

#include <stddef.h>

void assert_golden(const char *name, const void *data, size_t size);

/* The same for what is not text: 32 bytes a line, in hexadecimal digits. */
void assert_golden_hex(const char *name, const void *data, size_t size);

#endif
