/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Other signals than metrics, which go to the same receiver in the same way, but for the path or,
 * over gRPC, the service.
 */
#ifndef LOOPSCOPE_OTLP_SIGNAL_H
#define LOOPSCOPE_OTLP_SIGNAL_H

#include "config/settings/settings.h"

/*
 * The settings of a client for the signal. Its endpoint is its own, to be freed by
 * otlp_signal_done; all else is borrowed. -EINVAL: none was given, and that of metrics does not
 * end in /v1/metrics.
 */
int otlp_signal_settings(const struct otlp_settings *metrics, enum otlp_signal signal,
			 struct otlp_settings *ret_settings);
void otlp_signal_done(struct otlp_settings *settings);

/* "/package.Service/Export" */
const char *otlp_signal_method(enum otlp_signal signal);

#endif
