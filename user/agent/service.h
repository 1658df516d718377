/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent at work: collector, exporters and HTTP server on one event loop, with
 * the timers and signals that drive them.
 */
#ifndef LOOPSCOPE_SERVICE_H
#define LOOPSCOPE_SERVICE_H

#include "agent/agent_options.h"

/*
 * Runs until SIGTERM or SIGINT. Takes the settings; options must outlive it, for SIGHUP reads the
 * same sources again. What goes wrong is logged. Negative errno: it could not start, or watch on.
 */
int service_run(const struct agent_options *options, struct settings *settings);

#endif
