/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What all JSON of ours is made of, as jansson's. A function that makes a value returns NULL
 * without memory; put and append take values, NULL too, and carry the failure on.
 */
#ifndef LOOPSCOPE_JSON_VALUES_H
#define LOOPSCOPE_JSON_VALUES_H

#include <jansson.h>

/* A failure leaves *object or *array NULL, on which further calls do nothing. */
void json_put(json_t **object, const char *key, json_t *value);
void json_append(json_t **array, json_t *value);

json_t *json_text(const char *text); /* repaired if it is no UTF-8 */
json_t *json_figure(double value);   /* JSON has no NaN and no infinity: null */
json_t *json_ms(double ns);          /* a figure, as milliseconds */

#endif
