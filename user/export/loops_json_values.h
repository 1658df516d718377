/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What JSON of figures is made of. Each function that makes a value returns NULL without
 * memory; put and add take values, NULL too, and carry the failure on.
 */
#ifndef LOOPSCOPE_LOOPS_JSON_VALUES_H
#define LOOPSCOPE_LOOPS_JSON_VALUES_H

#include <jansson.h>

#include "identity/attributes.h"

/* A failure leaves *object NULL, on which further calls do nothing. */
void loops_json_put(json_t **object, const char *key, json_t *value);
void loops_json_add(json_t **array, json_t *value);

json_t *loops_json_text(const char *text); /* repaired if it is no UTF-8 */
json_t *loops_json_figure(double value);   /* JSON has no NaN and no infinity: null */
json_t *loops_json_ms(__u64 ns);           /* as milliseconds */
json_t *loops_json_instant(__u64 unix_ns); /* "2026-01-31T23:59:59.999Z" */
json_t *loops_json_attribute(const struct attribute *attribute);
json_t *loops_json_attributes(const struct attributes *set); /* an object */

#endif
