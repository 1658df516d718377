/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* /proc/PID/environ, taken apart at its NULs. */
#include "identity/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/pieces.h"

struct wanted {
	struct environment_variable *variables;
	size_t nr;
};

static int take(char *text, void *context)
{
	const struct wanted *wanted = context;

	for (size_t i = 0; i < wanted->nr; i++) {
		struct environment_variable *variable = &wanted->variables[i];
		size_t length = strlen(variable->name);

		if (variable->value || strncmp(text, variable->name, length) != 0 ||
		    text[length] != '=')
			continue;
		variable->value = strdup(text + length + 1);
		return variable->value ? 0 : -ENOMEM;
	}
	return 0;
}

int environment_read(int directory, struct environment_variable *variables, size_t nr)
{
	_cleanup_(closep) int fd = openat(directory, "environ", O_RDONLY | O_CLOEXEC);
	char window[ENVIRONMENT_MAX_VARIABLE];
	const struct pieces pieces = {'\0', ENVIRONMENT_MAX_BYTES, window, sizeof(window)};
	int r;

	if (fd < 0)
		return -errno;
	r = pieces_read(fd, &pieces, take, &(struct wanted){variables, nr});
	explicit_bzero(window, sizeof(window));
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
