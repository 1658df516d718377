/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the two sources of pods have in common: one request at a time, whose bytes become pods of
 * the store, and a wait after each failure. pod_api.c and pod_kubelet.c decide what to ask for
 * next; pod_watch.c hears the news of both. Time and transfers are a driver's: pod_transfer.c is
 * the real one, tests bring their own. Private to the watch of pods.
 */
#ifndef LOOPSCOPE_POD_FEED_H
#define LOOPSCOPE_POD_FEED_H

#include <stdbool.h>

#include "identity/kubernetes/pod_stream.h"
#include "identity/kubernetes/pod_watch.h"

#define POD_FEED_MAX_LIST_BYTES (256UL << 20) /* all pages together */

struct pod_feed;

/* What a request came to. */
struct pod_answer {
	long status;                       /* HTTP's; 0: none came */
	double retry_after_ms;             /* negative: the server has not said */
	char message[POD_WATCH_ERROR_LEN]; /* what is wrong; "": a 200 that came whole */
};

struct pod_driver {
	/* Whom to call: pod_feed_wake, _answered, _bytes, _done. */
	void (*attach)(void *context, struct pod_feed *feed);
	double (*now_ms)(void *context); /* monotonic */
	double (*random01)(void *context);
	/* pod_feed_wake comes once, after that time, in place of any armed before. */
	void (*arm)(void *context, double delay_ms);
	/* A GET. pod_feed_done comes once, within the time; nothing comes from within. `error` has
	 * POD_WATCH_ERROR_LEN bytes. */
	int (*start)(void *context, const char *path, double timeout_ms, char *error);
	/* Nothing comes any more, of request and timer. */
	void (*stop)(void *context);
	void (*free)(void *context);
	void *context;
	const char *server; /* for messages; the driver's */
};

enum pod_news_kind {
	POD_NEWS_RECEIVING, /* a list begins to come: nobody else may begin one in the store */
	POD_NEWS_LISTED,    /* the store holds what there is */
	POD_NEWS_SETTLED,   /* all is well */
	POD_NEWS_FAILED,    /* and is tried again */
};

struct pod_news {
	enum pod_news_kind kind;
	long status;         /* HTTP's, of a failure; 0: none */
	const char *message; /* of a failure; may come from the server, printable */
};

struct pod_feed_options {
	struct pods *pods;
	struct pod_parse_options parse;
	struct pod_watch_stats *stats;
	/* Must not free the feed. */
	void (*news)(struct pod_feed *feed, const struct pod_news *news, void *context);
	void *context;
};

/* What a source does when something comes. */
struct pod_feed_ops {
	void (*wake)(struct pod_feed *feed);
	void (*answered)(struct pod_feed *feed); /* a 200 begins to come */
	/* -ESTALE: nothing more is wanted, and `done` knows why. */
	int (*event)(struct pod_feed *feed, struct pod_event *event);
	void (*done)(struct pod_feed *feed, const struct pod_answer *answer);
};

struct pod_feed {
	const struct pod_feed_ops *ops;
	struct pod_driver driver;
	struct pod_feed_options options;

	struct pod_stream *stream; /* of the latest request */
	bool answered;             /* with a 200 */
	double began_ms;           /* the latest request */
	double heard_ms;           /* the latest bytes */
	size_t max_bytes;          /* of it; 0: no end */
	size_t nr_bytes;
	unsigned long long nr_bad; /* of the stream, as counted so far */
	const char *fault;         /* why we broke it off; static; NULL: we did not */
	unsigned int nr_failures;  /* in a row */
};

/* The feed frees the driver. */
void pod_feed_init(struct pod_feed *feed, const struct pod_feed_ops *ops,
		   const struct pod_driver *driver, const struct pod_feed_options *options);
void pod_feed_done_with(struct pod_feed *feed);

double pod_feed_now_ms(const struct pod_feed *feed);
void pod_feed_arm(struct pod_feed *feed, double delay_ms);

/* Begins a request; false: it has failed, and `wake` comes. max_bytes 0: no end. */
bool pod_feed_request(struct pod_feed *feed, enum pod_stream_kind kind, const char *path,
		      double timeout_ms, size_t max_bytes);

/* Ends request and timer. */
void pod_feed_stop(struct pod_feed *feed);

/* Counts the failure, waits, tells. */
void pod_feed_fail(struct pod_feed *feed, const struct pod_answer *answer);

/* Likewise, with a reason of our own. */
void pod_feed_fail_by(struct pod_feed *feed, const char *message);

void pod_feed_tell(struct pod_feed *feed, enum pod_news_kind kind);

/* Puts the event's pod, if it has one. -ENOMEM. */
int pod_feed_put(struct pod_feed *feed, struct pod_event *event);
__u64 pod_feed_now_ns(const struct pod_feed *feed);

/* For drivers. pod_feed_bytes: what is not 0 ends the transfer; pod_feed_done comes then, too. */
void pod_feed_wake(struct pod_feed *feed);
void pod_feed_answered(struct pod_feed *feed);
int pod_feed_bytes(struct pod_feed *feed, const void *bytes, size_t nr_bytes);
void pod_feed_done(struct pod_feed *feed, const struct pod_answer *answer);

#endif
