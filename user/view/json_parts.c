/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What several objects have in common. */
#include "view/json_parts.h"

#include <errno.h>

#include "base/syscall_name.h"
#include "view/names.h"

#define DIGITS 15 /* nanoseconds of eleven days, exactly */

json_t *json_text_or_null(const char *text)
{
	return text ? json_text(text) : json_null();
}

json_t *json_text_unless_empty(const char *text)
{
	return json_text_or_null(*text ? text : NULL);
}

json_t *json_container_of(const struct entry_container *container)
{
	json_t *object;

	if (!container)
		return json_null();
	object = json_object();
	json_put(&object, "id", json_text_unless_empty(container->id));
	json_put(&object, "name", json_text_unless_empty(container->name));
	return object;
}

json_t *json_pod_of(const struct entry_container *container)
{
	json_t *object;

	if (!container || !*container->pod)
		return json_null();
	object = json_object();
	json_put(&object, "namespace", json_text_unless_empty(container->namespace));
	json_put(&object, "name", json_text_unless_empty(container->pod));
	return object;
}

json_t *json_syscall(const struct window_syscall *call, const struct syscall_names *names)
{
	json_t *object = json_object();
	char name[SYSCALL_NAME_LEN];

	json_put(&object, "name", json_string(syscall_name_by(names, call->nr, name)));
	json_put(&object, "count", json_integer(call->count));
	json_put(&object, "time_ms", json_ms(call->time_ns));
	return object;
}

json_t *json_where(enum cause cause, int syscall_nr, const struct syscall_names *names)
{
	char name[SYSCALL_NAME_LEN];
	json_t *object = json_object();

	json_put(&object, "cause", json_string(cause_name(cause)));
	json_put(&object, "syscall",
		 syscall_nr < 0 ? json_null()
				: json_string(syscall_name_by(names, syscall_nr, name)));
	return object;
}

int json_write_line(FILE *out, const json_t *object)
{
	if (!object)
		return -ENOMEM;
	json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS));
	fputc('\n', out);
	return 0;
}
