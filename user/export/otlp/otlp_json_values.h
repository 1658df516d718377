/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values of OTLP JSON, as jansson's. NULL: out of memory; it may be put like any other. */
#ifndef LOOPSCOPE_OTLP_JSON_VALUES_H
#define LOOPSCOPE_OTLP_JSON_VALUES_H

#include <jansson.h>
#include <stdio.h>

#include "identity/attributes.h"

/* 64-bit integers are texts. */
json_t *json_unsigned(__u64 value);
json_t *json_signed(__s64 value);

/* What JSON has no number for is a text. */
json_t *json_number(double value);

/* An array of key and value. */
json_t *json_attributes(const struct attribute *attributes, size_t nr);

/* A request of one resource: metrics, log records or profiles, by the names of their fields. */
json_t *json_otlp_request(const char *resources_key, const char *scopes_key, const char *items_key,
			  json_t *items, const struct attributes *attributes);

/* -ENOMEM: it is NULL; or negative errno of the writing. */
int json_otlp_write(FILE *out, const json_t *value);

#endif
