/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes with records, in the order in which they got their first; each with its records in
 * theirs. While a batch is out nothing of it goes: what would be dropped is what came after it.
 */
#include "agent/log_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "agent/registry_parts.h"

struct queued {
	struct log_record record;
	size_t bytes;
	__u64 number; /* in the order of arrival */
	bool on_way;
	struct queued *prev, *next;
};

struct source {
	struct process_key key;
	struct attributes attributes; /* as of when it was last seen */
	bool known;                   /* attributes are: it is or was not held */
	struct queued *records;
	struct source *prev, *next;
	UT_hash_handle hh;
};

struct log_queue {
	size_t max_records, max_bytes;
	size_t nr_records, nr_bytes;
	struct source *sources; /* by key */
	struct source *order;
	__u64 number;
	struct log_queue_stats stats;

	struct log_batch batch;
	struct queued **items; /* of the batch, in its order; NULL: settled */
	struct log_record **records;
	size_t nr_settled;
};

int log_queue_new(size_t max_records, size_t max_bytes, struct log_queue **ret_queue)
{
	struct log_queue *queue = calloc(1, sizeof(*queue));

	if (!queue)
		return -ENOMEM;
	queue->max_records = max_records;
	queue->max_bytes = max_bytes;
	*ret_queue = queue;
	return 0;
}

static void drop_record(struct log_queue *queue, struct source *source, struct queued *item)
{
	DL_DELETE(source->records, item);
	queue->nr_records--;
	queue->nr_bytes -= item->bytes;
	log_record_done(&item->record);
	free(item);
}

static void drop_source(struct log_queue *queue, struct source *source)
{
	struct queued *item, *next;

	DL_FOREACH_SAFE(source->records, item, next)
	drop_record(queue, source, item);
	HASH_DEL(queue->sources, source);
	DL_DELETE(queue->order, source);
	attributes_done(&source->attributes);
	free(source);
}

void log_queue_free(struct log_queue *queue)
{
	if (!queue)
		return;
	log_queue_end(queue);
	while (queue->order)
		drop_source(queue, queue->order);
	free(queue);
}

static struct source *find_or_add(struct log_queue *queue, const struct process_key *key)
{
	struct source *source;

	HASH_FIND(hh, queue->sources, key, sizeof(*key), source);
	if (source)
		return source;
	source = calloc(1, sizeof(*source));
	if (!source)
		return NULL;
	source->key = *key;
	HASH_ADD(hh, queue->sources, key, sizeof(source->key), source);
	if (!source->hh.tbl) {
		free(source);
		return NULL;
	}
	DL_APPEND(queue->order, source);
	return source;
}

/* The first of a source that may go; NULL: none. */
static struct queued *first_free(const struct source *source)
{
	struct queued *item = source->records;

	while (item && item->on_way)
		item = item->next;
	return item;
}

/* Of those that came first in their source, the one that came first. */
static bool drop_oldest(struct log_queue *queue)
{
	struct source *source, *of = NULL;
	struct queued *oldest = NULL;

	DL_FOREACH(queue->order, source)
	{
		struct queued *item = first_free(source);

		if (item && (!oldest || item->number < oldest->number)) {
			oldest = item;
			of = source;
		}
	}
	if (!oldest)
		return false;
	drop_record(queue, of, oldest);
	queue->stats.dropped++;
	return true;
}

static bool is_full(const struct log_queue *queue)
{
	return queue->nr_records > queue->max_records || queue->nr_bytes > queue->max_bytes;
}

int log_queue_add(struct log_queue *queue, const struct process_key *process,
		  struct log_record *record)
{
	struct source *source = find_or_add(queue, process);
	struct queued *item = source ? calloc(1, sizeof(*item)) : NULL;

	if (!item) {
		log_record_done(record);
		queue->stats.dropped++;
		return -ENOMEM;
	}
	item->record = *record;
	*record = (struct log_record){};
	item->bytes = log_record_bytes(&item->record);
	item->number = queue->number++;
	DL_APPEND(source->records, item);
	queue->nr_records++;
	queue->nr_bytes += item->bytes;
	while (is_full(queue) && drop_oldest(queue))
		;
	return 0;
}

void log_queue_count_dropped(struct log_queue *queue)
{
	queue->stats.dropped++;
}

/* For want of memory it keeps what it has. */
static void remember(struct source *source, const struct attributes *attributes)
{
	struct attributes copy = {};

	if (attributes_add_missing(&copy, attributes) == -ENOMEM) {
		attributes_done(&copy);
		return;
	}
	copy.nr_left_out = attributes->nr_left_out;
	attributes_done(&source->attributes);
	source->attributes = copy;
	source->known = true;
}

/*
 * Whether its records may go now. A process that went without ever having been shown was not to be
 * watched: nobody is told of it.
 */
static bool refresh(struct log_queue *queue, struct source *source, struct registry *registry)
{
	struct watched_process *process = registry_process(registry, &source->key);

	if (process && watched_process_pod(process)->held)
		return false;
	if (process)
		remember(source, watched_process_attributes(process));
	else if (!source->known || !source->records)
		drop_source(queue, source);
	else
		return true;
	return process && source->known && source->records;
}

static int reserve(struct log_queue *queue)
{
	size_t nr_sources = HASH_COUNT(queue->sources), nr = queue->nr_records;

	queue->batch.groups = calloc(nr_sources + 1, sizeof(*queue->batch.groups));
	queue->items = calloc(nr + 1, sizeof(*queue->items));
	queue->records = calloc(nr + 1, sizeof(*queue->records));
	return queue->batch.groups && queue->items && queue->records ? 0 : -ENOMEM;
}

static void add_group(struct log_queue *queue, const struct source *source, size_t max_records)
{
	struct log_batch *batch = &queue->batch;
	struct log_group *group = &batch->groups[batch->nr_groups];
	struct queued *item;

	if (batch->nr_records == max_records)
		return;
	*group = (struct log_group){
		.resource = &source->attributes,
		.records = (const struct log_record *const *)queue->records + batch->nr_records,
	};
	DL_FOREACH(source->records, item)
	{
		if (batch->nr_records == max_records)
			break;
		item->on_way = true;
		queue->items[batch->nr_records] = item;
		queue->records[batch->nr_records++] = &item->record;
		group->nr_records++;
	}
	batch->nr_groups++;
}

int log_queue_begin(struct log_queue *queue, struct registry *registry, size_t max_records,
		    const struct log_batch **ret_batch)
{
	struct source *source, *next;
	int r = reserve(queue);

	DL_FOREACH_SAFE(queue->order, source, next)
	{
		if (!r && refresh(queue, source, registry))
			add_group(queue, source, max_records);
	}
	if (!r && !queue->batch.nr_records)
		r = -EAGAIN;
	if (r) {
		log_queue_end(queue);
		return r;
	}
	*ret_batch = &queue->batch;
	return 0;
}

void log_queue_settle(struct log_queue *queue, size_t nr, enum log_fate fate)
{
	size_t end = queue->nr_settled + nr;

	for (; queue->nr_settled < end && queue->nr_settled < queue->batch.nr_records;
	     queue->nr_settled++) {
		struct queued *item = queue->items[queue->nr_settled];

		item->on_way = fate != LOG_KEPT;
		if (fate == LOG_DELIVERED)
			queue->stats.delivered++;
		else if (fate == LOG_DROPPED)
			queue->stats.dropped++;
	}
}

/* Those on their way that were settled go. */
static void drop_settled(struct log_queue *queue, struct source *source)
{
	struct queued *item, *next;

	DL_FOREACH_SAFE(source->records, item, next)
	{
		if (item->on_way)
			drop_record(queue, source, item);
	}
	if (!source->records)
		drop_source(queue, source);
}

void log_queue_end(struct log_queue *queue)
{
	struct source *source, *next;

	log_queue_settle(queue, queue->batch.nr_records - queue->nr_settled, LOG_KEPT);
	DL_FOREACH_SAFE(queue->order, source, next)
	drop_settled(queue, source);
	free(queue->batch.groups);
	free(queue->items);
	free(queue->records);
	queue->batch = (struct log_batch){};
	queue->items = NULL;
	queue->records = NULL;
	queue->nr_settled = 0;
}

void log_queue_stats(const struct log_queue *queue, struct log_queue_stats *ret_stats)
{
	*ret_stats = queue->stats;
	ret_stats->queued = queue->nr_records;
}
