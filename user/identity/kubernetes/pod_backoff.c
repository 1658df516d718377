/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Exponential back-off between 1 and 60 s. */
#include "identity/kubernetes/pod_backoff.h"

#define BACKOFF_FIRST_MS 1000.0

double pod_backoff_ms(unsigned int nr_failures, double random01, double retry_after_ms)
{
	double wait_ms = BACKOFF_FIRST_MS;

	for (unsigned int i = 1; i < nr_failures && wait_ms < POD_BACKOFF_MAX_MS / 2; i++)
		wait_ms *= 2;
	if (wait_ms > POD_BACKOFF_MAX_MS / 2)
		wait_ms = POD_BACKOFF_MAX_MS / 2;
	wait_ms *= 1 + random01;
	if (retry_after_ms > POD_RETRY_AFTER_MAX_MS)
		retry_after_ms = POD_RETRY_AFTER_MAX_MS;
	return retry_after_ms > wait_ms ? retry_after_ms : wait_ms;
}
