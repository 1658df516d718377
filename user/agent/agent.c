/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From the command line to the service: settings first, then rights and the lock, then all else. */
#include "agent/agent.h"

#include <stdlib.h>

#include "agent/agent_options.h"
#include "agent/lock_file.h"
#include "agent/service.h"
#include "base/log.h"
#include "config/cli.h"
#include "observe/privilege.h"

static int run(const struct agent_options *options)
{
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(closep) int lock_fd = -1;
	char error[LOCK_FILE_ERROR_LEN], missing[PRIVILEGE_MISSING_LEN];

	if (agent_options_load(options, &settings))
		return CLI_EXIT_USAGE; /* the service manager does not try again then */
	log_set(settings->log_level, settings->log_format);
	privilege_missing(missing, sizeof(missing));
	if (*missing) { /* who lacks them may seldom write to the lock's directory */
		log_error(PRIVILEGE_MISSING, missing);
		return CLI_EXIT_FAILURE;
	}
	if (lock_file_take(settings->lock_file, &lock_fd, error)) {
		log_error("%s", error);
		return CLI_EXIT_FAILURE;
	}
	return service_run(options, TAKE_PTR(settings)) ? CLI_EXIT_FAILURE : EXIT_SUCCESS;
}

int agent_main(int argc, char **argv)
{
	struct agent_options options;
	int r;

	log_set_prefix(argv[0]);
	r = agent_options_parse(argc, argv, &options);
	if (r)
		r = cli_exit_status(r);
	else
		r = options.mode == AGENT_RUN ? run(&options) : agent_options_show(&options);
	agent_options_done(&options);
	return r;
}
