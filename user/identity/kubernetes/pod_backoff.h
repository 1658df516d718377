/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How long to wait before a request is made again. Pure. */
#ifndef LOOPSCOPE_POD_BACKOFF_H
#define LOOPSCOPE_POD_BACKOFF_H

#define POD_BACKOFF_MAX_MS 60000.0
#define POD_RETRY_AFTER_MAX_MS 300000.0

/*
 * After so many failures in a row, from 1: twice as long each time, and up to twice that by
 * chance, since all nodes of a cluster lose their API server at once. random01 is in [0, 1).
 * retry_after_ms: what the server asks for counts if it is more; negative: nothing.
 */
double pod_backoff_ms(unsigned int nr_failures, double random01, double retry_after_ms);

#endif
