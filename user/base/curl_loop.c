/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libcurl says which descriptors and which time to wait for, and is told when they
 * come (curl_multi_socket_action). The loop owns the event sources of both.
 */
#include "base/curl_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

#include "base/cleanup.h"

#define MAX_CONNECTIONS 2 /* kept open: one in use, one to be given up */
#define TIMER_ACCURACY_US 1000

struct curl_loop {
	sd_event *event;
	CURLM *multi;
	CURL *easy; /* under way; NULL: none */
	sd_event_source *timer;
	curl_loop_done_fn done;
	void *context;
};

/* Must be the last that its callers do with the loop: `done` may free it. */
static void check_done(struct curl_loop *loop)
{
	const CURLMsg *message;
	int nr_left;

	while ((message = curl_multi_info_read(loop->multi, &nr_left))) {
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE || message->easy_handle != loop->easy)
			continue;
		curl_loop_stop(loop);
		loop->done(code, loop->context);
		return;
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct curl_loop *loop = userdata;
	int bits = 0, nr_running;

	(void)source;
	if (events & EPOLLIN)
		bits |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		bits |= CURL_CSELECT_OUT;
	if (events & (EPOLLERR | EPOLLHUP))
		bits |= CURL_CSELECT_ERR;
	curl_multi_socket_action(loop->multi, fd, bits, &nr_running);
	check_done(loop);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct curl_loop *loop = userdata;
	int nr_running;

	(void)source;
	(void)usec;
	curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &nr_running);
	check_done(loop);
	return 0;
}

static int watch_timeout(CURLM *multi, long timeout_ms, void *userdata)
{
	struct curl_loop *loop = userdata;
	uint64_t now_us;

	(void)multi;
	if (timeout_ms < 0)
		return sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF) < 0 ? -1 : 0;
	if (sd_event_now(loop->event, CLOCK_MONOTONIC, &now_us) < 0 ||
	    sd_event_source_set_time(loop->timer, now_us + (uint64_t)timeout_ms * 1000) < 0 ||
	    sd_event_source_set_enabled(loop->timer, SD_EVENT_ONESHOT) < 0)
		return -1;
	return 0;
}

static uint32_t events_of(int what)
{
	switch (what) {
	case CURL_POLL_IN:
		return EPOLLIN;
	case CURL_POLL_OUT:
		return EPOLLOUT;
	case CURL_POLL_INOUT:
		return EPOLLIN | EPOLLOUT;
	default:
		return 0;
	}
}

/* `socket_data` is the descriptor's event source, once it has one. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *socket_data)
{
	struct curl_loop *loop = userdata;
	sd_event_source *source = socket_data;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		sd_event_source_disable_unref(source);
		return 0;
	}
	if (source)
		return sd_event_source_set_io_events(source, events_of(what)) < 0 ? -1 : 0;
	if (sd_event_add_io(loop->event, &source, fd, events_of(what), on_io, loop) < 0)
		return -1;
	curl_multi_assign(loop->multi, fd, source);
	return 0;
}

static int set_up(struct curl_loop *loop)
{
	int r = sd_event_add_time(loop->event, &loop->timer, CLOCK_MONOTONIC, 0, TIMER_ACCURACY_US,
				  on_timer, loop);

	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(loop->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	loop->multi = curl_multi_init();
	if (!loop->multi)
		return -ENOMEM;
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(loop->multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERFUNCTION, watch_timeout);
	curl_multi_setopt(loop->multi, CURLMOPT_TIMERDATA, loop);
	curl_multi_setopt(loop->multi, CURLMOPT_MAXCONNECTS, (long)MAX_CONNECTIONS);
	return 0;
}

int curl_loop_new(sd_event *event, curl_loop_done_fn done, void *context,
		  struct curl_loop **ret_loop)
{
	struct curl_loop *loop;
	int r;

	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	loop = calloc(1, sizeof(*loop));
	if (!loop) {
		curl_global_cleanup();
		return -ENOMEM;
	}
	loop->event = sd_event_ref(event);
	loop->done = done;
	loop->context = context;
	r = set_up(loop);
	if (r < 0) {
		curl_loop_free(loop);
		return r;
	}
	*ret_loop = loop;
	return 0;
}

void curl_loop_free(struct curl_loop *loop)
{
	if (!loop)
		return;
	curl_loop_stop(loop);
	if (loop->multi)
		curl_multi_cleanup(loop->multi);
	sd_event_source_disable_unref(loop->timer);
	sd_event_unref(loop->event);
	free(loop);
	curl_global_cleanup();
}

int curl_loop_start(struct curl_loop *loop, CURL *easy)
{
	if (loop->easy)
		return -EBUSY;
	if (curl_multi_add_handle(loop->multi, easy))
		return -ENOMEM;
	loop->easy = easy;
	return 0;
}

void curl_loop_stop(struct curl_loop *loop)
{
	if (loop->easy)
		curl_multi_remove_handle(loop->multi, TAKE_PTR(loop->easy));
}
