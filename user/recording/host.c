/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The object made of what this machine says, and read again. */
#include "recording/host.h"

#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/clock.h"
#include "base/json_values.h"
#include "base/whole_file.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static json_t *boot_id(void)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;

	if (whole_file_read(BOOT_ID, 256, &text, &size))
		return json_null();
	text[strcspn(text, "\n")] = '\0';
	return json_text(text);
}

static json_t *clocks_object(void)
{
	json_t *object = json_object();

	json_put(&object, "monotonic_ns", json_integer((json_int_t)clock_monotonic_ns()));
	json_put(&object, "boottime_ns", json_integer((json_int_t)clock_boottime_ns()));
	json_put(&object, "unix_ns", json_integer((json_int_t)clock_unix_ns()));
	return object;
}

static json_t *arguments_array(char *const *arguments)
{
	json_t *array = json_array();

	for (; *arguments; arguments++)
		json_append(&array, json_text(*arguments));
	return array;
}

static json_t *syscalls_object(void)
{
	json_t *object = json_object();

	for (int nr = 0; nr < SYSCALL_NAMES_MAX; nr++) {
		if (syscall_name_known(nr))
			json_put(&object, syscall_name_known(nr), json_integer(nr));
	}
	return object;
}

int recording_host_describe(const struct recording_manner *manner, char **ret_json)
{
	json_auto_t *object = json_object();
	struct utsname names;
	char *json;

	if (uname(&names))
		return -errno;
	json_put(&object, "loopscope", json_string(LOOPSCOPE_VERSION));
	json_put(&object, "hostname", json_text(names.nodename));
	json_put(&object, "kernel", json_text(names.release));
	json_put(&object, "kernel_build", json_text(names.version));
	json_put(&object, "architecture", json_text(names.machine));
	json_put(&object, "cpus", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	json_put(&object, "boot_id", boot_id());
	json_put(&object, "clocks", clocks_object());
	json_put(&object, "arguments", arguments_array(manner->arguments));
	json_put(&object, "blocking_ns", json_integer((json_int_t)manner->blocking_ns));
	json_put(&object, "interval_s", json_figure(manner->interval_s));
	json_put(&object, "syscalls", syscalls_object());
	json = object ? json_dumps(object, JSON_COMPACT) : NULL;
	if (!json)
		return -ENOMEM;
	*ret_json = json;
	return 0;
}

static bool take_text(const json_t *object, const char *key, char to[RECORDING_HOST_TEXT_LEN])
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	if (!value || json_is_null(value))
		return true;
	if (!text || strlen(text) >= RECORDING_HOST_TEXT_LEN)
		return false;
	memcpy(to, text, strlen(text) + 1);
	return true;
}

static bool take_ns(const json_t *object, const char *key, __u64 *to)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return false;
	*to = (__u64)json_integer_value(value);
	return true;
}

static bool take_clocks(const json_t *object, struct item_mark *mark)
{
	return take_ns(object, "monotonic_ns", &mark->monotonic_ns) &&
	       take_ns(object, "boottime_ns", &mark->boottime_ns) &&
	       take_ns(object, "unix_ns", &mark->unix_ns);
}

static bool take_syscalls(json_t *object, struct syscall_names *names)
{
	const char *name;
	json_t *value;

	if (!json_is_object(object))
		return false;
	json_object_foreach(object, name, value)
	{
		json_int_t nr = json_integer_value(value);

		if (!json_is_integer(value) || nr < 0 || nr >= SYSCALL_NAMES_MAX ||
		    !syscall_names_set(names, (int)nr, name))
			return false;
	}
	return true;
}

int recording_host_parse(const char *json, size_t size, struct recording_host **ret_host)
{
	json_auto_t *object = json_loadb(json, size, 0, NULL);
	_cleanup_(freep) struct recording_host *host = calloc(1, sizeof(*host));

	if (!host)
		return -ENOMEM;
	if (!json_is_object(object) || !take_text(object, "hostname", host->hostname) ||
	    !take_text(object, "kernel", host->kernel) ||
	    !take_text(object, "architecture", host->architecture) ||
	    !take_text(object, "loopscope", host->version) ||
	    !take_text(object, "boot_id", host->boot_id) ||
	    !take_clocks(json_object_get(object, "clocks"), &host->begin) ||
	    !take_ns(object, "blocking_ns", &host->blocking_ns) ||
	    !take_syscalls(json_object_get(object, "syscalls"), &host->syscalls))
		return -EBADMSG;
	*ret_host = TAKE_PTR(host);
	return 0;
}
