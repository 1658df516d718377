/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values that objects of more than one kind have. See base/json_values.h. */
#ifndef LOOPSCOPE_JSON_PARTS_H
#define LOOPSCOPE_JSON_PARTS_H

#include <stdio.h>

#include "base/json_values.h"
#include "view/snapshot.h"

json_t *json_text_or_null(const char *text);      /* NULL: null */
json_t *json_text_unless_empty(const char *text); /* "": null */

/* null without one, as what is not known of it. */
json_t *json_container_of(const struct entry_container *container);
json_t *json_pod_of(const struct entry_container *container);

json_t *json_syscall(const struct window_syscall *call, const struct syscall_names *names);

/* What a thread does now; -1: in no call. */
json_t *json_where(enum cause cause, int syscall_nr, const struct syscall_names *names);

/* 0 or -ENOMEM; whether `out` could be written, ferror tells. */
int json_write_line(FILE *out, const json_t *object);

#endif
