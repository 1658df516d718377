/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The totals of each loop's last record. */
#include "view/window_shares.h"

#include <errno.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "model/decode.h"

struct known_loop {
	struct loop_id id;
	__u64 first_seen_ns;
	__u64 time_ns;
	__u64 poll_ns;
	__u64 cause_ns[NR_CAUSES];
	__u64 iterations;
	UT_hash_handle hh;
};

struct window_shares {
	struct known_loop *loops; /* uthash: the longest unheard first */
	unsigned int max_loops;
};

int window_shares_new(unsigned int max_loops, struct window_shares **ret_shares)
{
	struct window_shares *shares = calloc(1, sizeof(*shares));

	if (!shares)
		return -ENOMEM;
	shares->max_loops = max_loops;
	*ret_shares = shares;
	return 0;
}

static void forget(struct window_shares *shares, struct known_loop *loop)
{
	HASH_DEL(shares->loops, loop);
	free(loop);
}

void window_shares_free(struct window_shares *shares)
{
	if (!shares)
		return;
	while (shares->loops)
		forget(shares, shares->loops);
	free(shares);
}

/* What is known of the loop, taken out of the table; NULL: -ENOMEM. */
static struct known_loop *take_out(struct window_shares *shares, const struct loop_window *window)
{
	struct known_loop *loop;

	HASH_FIND(hh, shares->loops, &window->id, sizeof(window->id), loop);
	if (loop) {
		HASH_DEL(shares->loops, loop);
		return loop;
	}
	while (shares->loops && HASH_COUNT(shares->loops) >= shares->max_loops)
		forget(shares, shares->loops);
	loop = calloc(1, sizeof(*loop));
	if (loop)
		loop->id = window->id;
	return loop;
}

/* The kernel side lost its state and began anew, or has only now begun. */
static void begin_anew(struct known_loop *loop, const struct loop_window *window)
{
	const struct loop_id id = loop->id;

	*loop = (struct known_loop){
		.id = id,
		.first_seen_ns = window->first_seen_ns,
		.time_ns = window->first_seen_ns,
	};
}

static bool is_later(const struct known_loop *loop, const struct loop_window *window)
{
	if (window->header.time_ns <= loop->time_ns || window->poll_ns < loop->poll_ns)
		return false;
	for (int i = 0; i < NR_CAUSES; i++) {
		if (window->cause_ns[i] < loop->cause_ns[i])
			return false;
	}
	return true;
}

static void share_since(const struct known_loop *loop, const struct loop_window *window,
			struct window_share *ret_share)
{
	*ret_share = (struct window_share){
		.id = window->id,
		.process_start_ns = window->process_start_ns,
		.from_ns = loop->time_ns,
		.to_ns = window->header.time_ns,
		.poll_ns = window->poll_ns - loop->poll_ns,
	};
	memcpy(ret_share->process, window->process, sizeof(ret_share->process));
	memcpy(ret_share->thread, window->thread, sizeof(ret_share->thread));
	for (int i = 0; i < NR_CAUSES; i++)
		ret_share->cause_ns[i] = window->cause_ns[i] - loop->cause_ns[i];
	if (window->iterations > loop->iterations)
		ret_share->iterations = window->iterations - loop->iterations;
}

static void keep(struct known_loop *loop, const struct loop_window *window)
{
	loop->time_ns = window->header.time_ns;
	loop->poll_ns = window->poll_ns;
	memcpy(loop->cause_ns, window->cause_ns, sizeof(loop->cause_ns));
	loop->iterations = window->iterations;
}

static int put_back(struct window_shares *shares, struct known_loop *loop)
{
	HASH_ADD(hh, shares->loops, id, sizeof(loop->id), loop);
	if (loop->hh.tbl)
		return 0;
	free(loop);
	return -ENOMEM;
}

int window_shares_take(struct window_shares *shares, const void *record, size_t size,
		       struct window_share *ret_share)
{
	struct record_header header;
	struct decoded_window decoded;
	const struct loop_window *window = &decoded.window;
	struct known_loop *loop;
	bool told;

	if (decode_header(record, size, &header) ||
	    (header.kind != RECORD_LOOP_WINDOW && header.kind != RECORD_LOOP_GONE) ||
	    decode_window(record, &decoded))
		return 0;
	loop = take_out(shares, window);
	if (!loop)
		return -ENOMEM;
	if (loop->first_seen_ns != window->first_seen_ns)
		begin_anew(loop, window);
	told = is_later(loop, window);
	if (told) {
		share_since(loop, window, ret_share);
		keep(loop, window);
	}
	return put_back(shares, loop) ?: told;
}
