/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line of `loopscope pods`, and the settings that it leads to. */
#ifndef LOOPSCOPE_PODS_REQUEST_H
#define LOOPSCOPE_PODS_REQUEST_H

#include "agent/agent_options.h"
#include "pods/pods_credentials.h"

struct pods_request {
	struct agent_options options; /* of the settings */
	bool json, follow, verbose;
	double timeout_s;
};

/* What cli_parse returns. To be done with in any case. */
int pods_request_parse(int argc, char **argv, struct pods_request *ret_request);
void pods_request_done(struct pods_request *request);

/*
 * The settings, completed by what this machine itself has: its name, and credentials, told in
 * ret_credentials. What is wrong is logged.
 */
int pods_request_load(const struct pods_request *request, struct settings **ret_settings,
		      struct pods_credentials *ret_credentials);

#endif
