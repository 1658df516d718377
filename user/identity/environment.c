/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* /proc/PID/environ, read by the buffer and taken apart at its NULs. */
#include "identity/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

struct window {
	char bytes[ENVIRONMENT_MAX_VARIABLE];
	size_t length;
	bool skip; /* the rest of a variable too long to keep */
};

static int take(const char *text, struct environment_variable *variables, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		size_t length = strlen(variables[i].name);

		if (variables[i].value || strncmp(text, variables[i].name, length) != 0 ||
		    text[length] != '=')
			continue;
		variables[i].value = strdup(text + length + 1);
		return variables[i].value ? 0 : -ENOMEM;
	}
	return 0;
}

/* Takes the variables that are complete, and keeps the start of the next one. */
static int take_complete(struct window *window, struct environment_variable *variables, size_t nr)
{
	char *at = window->bytes, *end = window->bytes + window->length, *nul;

	while ((nul = memchr(at, '\0', end - at))) {
		int r = window->skip ? 0 : take(at, variables, nr);

		if (r)
			return r;
		window->skip = false;
		at = nul + 1;
	}
	window->length = end - at;
	if (window->length == sizeof(window->bytes)) {
		window->skip = true;
		window->length = 0;
	}
	memmove(window->bytes, at, window->length);
	return 0;
}

static int read_variables(int fd, struct window *window, struct environment_variable *variables,
			  size_t nr)
{
	for (size_t total = 0; total < ENVIRONMENT_MAX_BYTES;) {
		ssize_t n = read(fd, window->bytes + window->length,
				 sizeof(window->bytes) - window->length);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		total += n;
		window->length += n;
		r = take_complete(window, variables, nr);
		if (r)
			return r;
	}
	return 0;
}

int environment_read(int directory, struct environment_variable *variables, size_t nr)
{
	_cleanup_(closep) int fd = openat(directory, "environ", O_RDONLY | O_CLOEXEC);
	struct window window;
	int r;

	if (fd < 0)
		return -errno;
	window.length = 0;
	window.skip = false;
	r = read_variables(fd, &window, variables, nr);
	explicit_bzero(&window, sizeof(window));
	if (r)
		environment_done(variables, nr);
	return r;
}

void environment_done(struct environment_variable *variables, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		free(variables[i].value);
		variables[i].value = NULL;
	}
}
