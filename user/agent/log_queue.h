/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Log records on their way out, by the process that they are of. They stay until they are told to
 * have arrived; what does not fit is dropped, the oldest first, and counted. Pure.
 */
#ifndef LOOPSCOPE_LOG_QUEUE_H
#define LOOPSCOPE_LOG_QUEUE_H

#include "agent/registry.h"
#include "export/log_record.h"

struct log_queue;

struct log_queue_stats {
	__u64 queued;    /* now */
	__u64 delivered; /* or refused for good by the receiver */
	__u64 dropped;   /* for want of room, of leave, or of a receiver */
};

/* The queue's; records and resources stay where they are until log_queue_end. */
struct log_batch {
	struct log_group *groups;
	size_t nr_groups;
	size_t nr_records;
};

/* -ENOMEM */
int log_queue_new(size_t max_records, size_t max_bytes, struct log_queue **ret_queue);
void log_queue_free(struct log_queue *queue);
DEFINE_CLEANUP(struct log_queue *, log_queue_free)

/*
 * Takes what the record has, on errors too. The resource is that of the process, as the registry
 * has it when the record goes out, or had it last. -ENOMEM: dropped, and counted.
 */
int log_queue_add(struct log_queue *queue, const struct process_key *process,
		  struct log_record *record);

/* One was not even made. */
void log_queue_count_dropped(struct log_queue *queue);

/*
 * At most so many records, by process; not those of processes that are held. One batch at a time.
 * -ENOMEM; -EAGAIN: there is nothing that could go.
 */
int log_queue_begin(struct log_queue *queue, struct registry *registry, size_t max_records,
		    const struct log_batch **ret_batch);

/* What became of the next `nr` records of the batch, in its order. */
enum log_fate { LOG_DELIVERED, LOG_DROPPED, LOG_KEPT };
void log_queue_settle(struct log_queue *queue, size_t nr, enum log_fate fate);

/* The batch is over: what has not been settled is kept. */
void log_queue_end(struct log_queue *queue);

void log_queue_stats(const struct log_queue *queue, struct log_queue_stats *ret_stats);

#endif
