/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports as JSON, one object a line, always valid UTF-8: bytes of names that
 * are not become U+FFFD. Times are milliseconds, but for keys that end in _s.
 */
#ifndef LOOPSCOPE_JSON_H
#define LOOPSCOPE_JSON_H

#include <stdio.h>

#include "view/snapshot.h"

/* All return 0 or -ENOMEM; whether `out` could be written, ferror tells. */
int json_write_loop(FILE *out, const struct loop_entry *entry);
int json_write_summary(FILE *out, const struct summary *summary);

/* The loop without figures; age_ns is its thread's. */
int json_write_listed(FILE *out, const struct loop_entry *entry, double age_ns);

#endif
