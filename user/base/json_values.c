/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values that may be missing, and objects made of them. */
#include "base/json_values.h"

#include <math.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define NS_PER_MS 1e6

void json_put(json_t **object, const char *key, json_t *value)
{
	if (!json_object_set_new(*object, key, value))
		return;
	json_decref(*object);
	*object = NULL;
}

void json_append(json_t **array, json_t *value)
{
	if (!json_array_append_new(*array, value))
		return;
	json_decref(*array);
	*array = NULL;
}

json_t *json_text(const char *text)
{
	_cleanup_(freep) char *copy = NULL;

	return json_string_nocheck(utf8_text(text, &copy));
}

json_t *json_figure(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *json_ms(double ns)
{
	return json_figure(ns / NS_PER_MS);
}
