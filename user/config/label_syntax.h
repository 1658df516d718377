/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What can be a label's key or value. (Kubernetes, "Labels and Selectors", syntax.) */
#ifndef LOOPSCOPE_LABEL_SYNTAX_H
#define LOOPSCOPE_LABEL_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/* "app", "app.kubernetes.io/name". */
bool label_is_key(const char *text, size_t length);

/* An empty one is one. */
bool label_is_value(const char *text, size_t length);

#endif
