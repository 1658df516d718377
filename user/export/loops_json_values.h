/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What JSON of figures is made of. NULL: out of memory; it may be put like any other. */
#ifndef LOOPSCOPE_LOOPS_JSON_VALUES_H
#define LOOPSCOPE_LOOPS_JSON_VALUES_H

#include <jansson.h>

#include "identity/attributes.h"

json_t *loops_json_instant(__u64 unix_ns); /* "2026-01-31T23:59:59.999Z" */
json_t *loops_json_attribute(const struct attribute *attribute);
json_t *loops_json_attributes(const struct attributes *set); /* an object */

#endif
