/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers as text that reads back as the same number; fast for those that metrics are made of. */
#ifndef LOOPSCOPE_EXPOSITION_NUMBER_H
#define LOOPSCOPE_EXPOSITION_NUMBER_H

#include <linux/types.h>
#include <stddef.h>

#define NUMBER_TEXT_LEN 32

/* Each returns the length of the text, which is terminated. */
size_t number_text_integer(__u64 value, char ret_text[NUMBER_TEXT_LEN]);
size_t number_text(double value, char ret_text[NUMBER_TEXT_LEN]);

#endif
