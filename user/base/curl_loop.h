/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libcurl's multi interface on an sd-event loop: one transfer at a time, whose
 * connection is kept for the next. Nothing here waits.
 */
#ifndef LOOPSCOPE_CURL_LOOP_H
#define LOOPSCOPE_CURL_LOOP_H

#include <curl/curl.h>
#include <systemd/sd-event.h>

struct curl_loop;

/* The transfer has ended and is no longer the loop's; may start another, or free the loop. */
typedef void (*curl_loop_done_fn)(CURLcode code, void *context);

int curl_loop_new(sd_event *event, curl_loop_done_fn done, void *context,
		  struct curl_loop **ret_loop);

/* Ends a transfer without calling back, and closes connections. Takes NULL. */
void curl_loop_free(struct curl_loop *loop);

/* The handle stays the caller's. `done` is never called from within. -EBUSY, -ENOMEM. */
int curl_loop_start(struct curl_loop *loop, CURL *easy);

/* Ends the transfer, if there is one, without calling back. */
void curl_loop_stop(struct curl_loop *loop);

#endif
