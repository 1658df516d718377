/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the readers of a pod's JSON share. */
#ifndef LOOPSCOPE_POD_JSON_PARTS_H
#define LOOPSCOPE_POD_JSON_PARTS_H

#include "identity/kubernetes/pod.h"

#define DIGITS_OF_HEX "0123456789abcdefABCDEF"

/* NULL: not there, no text, or one with a NUL in it, of which only a part would be seen. */
const char *pod_json_text(const json_t *object, const char *key);

/* A DNS name in lower case, as objects have it; NULL is none. */
bool pod_json_is_name(const char *text);

/* `to` has room for the terminator, too. */
void pod_json_copy_lower(char *to, const char *text, size_t length);

/* -ENOMEM. */
int pod_json_read_containers(const json_t *spec, const json_t *status, struct pod *pod);

#endif
