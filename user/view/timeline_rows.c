/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loops in a hash table and in a list; stalls in a heap, the shortest on top. */
#include "view/timeline_rows.h"

#include <errno.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "view/frame_text.h"

#define TICK_NS 10000000ULL /* on every architecture */
#define FIRST_BIN_NS 10000000ULL
#define MAX_LENGTH_NS (1ULL << 60) /* no recording is so long */

struct row_entry {
	struct timeline_row row;
	UT_hash_handle hh;
};

struct timeline_rows {
	__u64 begin_ns, bin_ns;
	size_t max_loops, max_stalls;
	struct row_entry *entries; /* uthash */
	struct timeline_row **sorted;
	struct timeline_bar *bars; /* a heap by duration */
	size_t nr_bars, bars_capacity;
	__u64 bars_left_out;
	bool full;
};

int timeline_rows_new(__u64 begin_ns, size_t max_loops, size_t max_stalls,
		      struct timeline_rows **ret_rows)
{
	struct timeline_rows *rows = calloc(1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	*rows = (struct timeline_rows){
		.begin_ns = begin_ns,
		.bin_ns = FIRST_BIN_NS,
		.max_loops = max_loops,
		.max_stalls = max_stalls,
	};
	*ret_rows = rows;
	return 0;
}

static void forget(struct timeline_rows *rows, struct row_entry *entry)
{
	HASH_DEL(rows->entries, entry);
	free(entry);
}

void timeline_rows_free(struct timeline_rows *rows)
{
	if (!rows)
		return;
	while (rows->entries)
		forget(rows, rows->entries);
	free(rows->sorted);
	free(rows->bars);
	free(rows);
}

static struct row_entry *least_stalled(const struct timeline_rows *rows)
{
	struct row_entry *least = rows->entries;

	for (struct row_entry *entry = least; entry; entry = entry->hh.next) {
		if (entry->row.stalled_ns < least->row.stalled_ns)
			least = entry;
	}
	return least;
}

/* Whether there is room for a loop that has been stalled for so long. */
static bool make_room(struct timeline_rows *rows, __u64 stalled_ns)
{
	struct row_entry *least;

	if (HASH_COUNT(rows->entries) < rows->max_loops)
		return true;
	rows->full = true;
	if (!stalled_ns)
		return false;
	least = least_stalled(rows);
	if (!least || least->row.stalled_ns >= stalled_ns)
		return false;
	forget(rows, least);
	return true;
}

static struct timeline_identity identity_of(const struct loop_id *id)
{
	return (struct timeline_identity){id->start_ns / TICK_NS, id->pid, id->tid};
}

/* 0: *ret_row is its row, NULL if there is no room. */
static int row_of(struct timeline_rows *rows, const struct loop_id *id, __u64 stalled_ns,
		  struct timeline_row **ret_row)
{
	const struct timeline_identity key = identity_of(id);
	struct row_entry *entry;

	*ret_row = NULL;
	HASH_FIND(hh, rows->entries, &key, sizeof(key), entry);
	if (!entry) {
		if (!make_room(rows, stalled_ns))
			return 0;
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			return -ENOMEM;
		entry->row.identity = key;
		HASH_ADD(hh, rows->entries, row.identity, sizeof(key), entry);
		if (!entry->hh.tbl) {
			free(entry);
			return -ENOMEM;
		}
	}
	*ret_row = &entry->row;
	return 0;
}

static void fold(float bins[TIMELINE_NR_BINS])
{
	for (size_t i = 0; i < TIMELINE_NR_BINS; i++)
		bins[i] = 2 * i < TIMELINE_NR_BINS ? bins[2 * i] + bins[2 * i + 1] : 0;
}

/* Until the bins reach as far as that. */
static void widen(struct timeline_rows *rows, __u64 to_ns)
{
	while ((to_ns - rows->begin_ns) / rows->bin_ns >= TIMELINE_NR_BINS) {
		for (struct row_entry *entry = rows->entries; entry; entry = entry->hh.next) {
			fold(entry->row.busy_ns);
			fold(entry->row.known_ns);
		}
		rows->bin_ns *= 2;
	}
}

/* A window's busy time lies somewhere in it: it is spread evenly. */
static void spread(const struct timeline_rows *rows, struct timeline_row *row, __u64 from_ns,
		   __u64 to_ns, double utilization)
{
	while (from_ns < to_ns) {
		const __u64 bin = (from_ns - rows->begin_ns) / rows->bin_ns;
		const __u64 bin_end_ns = rows->begin_ns + (bin + 1) * rows->bin_ns;
		const __u64 until_ns = bin_end_ns < to_ns ? bin_end_ns : to_ns;

		row->known_ns[bin] += (float)(until_ns - from_ns);
		row->busy_ns[bin] += (float)((double)(until_ns - from_ns) * utilization);
		from_ns = until_ns;
	}
}

int timeline_rows_add_share(struct timeline_rows *rows, const struct window_share *share)
{
	const __u64 window_ns = share->to_ns - share->from_ns;
	const __u64 from_ns = share->from_ns > rows->begin_ns ? share->from_ns : rows->begin_ns;
	struct timeline_row *row;
	int r;

	if (share->to_ns <= from_ns || share->to_ns - rows->begin_ns > MAX_LENGTH_NS)
		return 0;
	r = row_of(rows, &share->id, 0, &row);
	if (r || !row)
		return r;
	memcpy(row->process, share->process, RECORD_COMM_LEN);
	memcpy(row->thread, share->thread, RECORD_COMM_LEN);
	row->busy_all_ns += window_ns - share->poll_ns;
	widen(rows, share->to_ns);
	spread(rows, row, from_ns, share->to_ns,
	       (double)(window_ns - share->poll_ns) / (double)window_ns);
	return 0;
}

static __u64 length_of(const struct timeline_bar *bar)
{
	return bar->to_ns - bar->from_ns;
}

static void swap(struct timeline_bar *a, struct timeline_bar *b)
{
	const struct timeline_bar kept = *a;

	*a = *b;
	*b = kept;
}

static void sift_up(struct timeline_bar *bars, size_t at)
{
	for (; at && length_of(&bars[at]) < length_of(&bars[(at - 1) / 2]); at = (at - 1) / 2)
		swap(&bars[at], &bars[(at - 1) / 2]);
}

static void sift_down(struct timeline_bar *bars, size_t nr)
{
	for (size_t at = 0, child; (child = 2 * at + 1) < nr; at = child) {
		if (child + 1 < nr && length_of(&bars[child + 1]) < length_of(&bars[child]))
			child++;
		if (length_of(&bars[at]) <= length_of(&bars[child]))
			return;
		swap(&bars[at], &bars[child]);
	}
}

static int put_bar(struct timeline_rows *rows, const struct timeline_bar *bar)
{
	if (rows->nr_bars == rows->max_stalls) {
		rows->bars_left_out++;
		if (length_of(bar) <= length_of(&rows->bars[0]))
			return 0;
		rows->bars[0] = *bar;
		sift_down(rows->bars, rows->nr_bars);
		return 0;
	}
	if (rows->nr_bars == rows->bars_capacity) {
		size_t capacity = rows->bars_capacity * 2 ?: 64;
		struct timeline_bar *bars = reallocarray(rows->bars, capacity, sizeof(*bars));

		if (!bars)
			return -ENOMEM;
		rows->bars = bars;
		rows->bars_capacity = capacity;
	}
	rows->bars[rows->nr_bars] = *bar;
	sift_up(rows->bars, rows->nr_bars++);
	return 0;
}

static void name_culprit(const struct stall *stall, struct timeline_bar *bar)
{
	const struct stack_frame *frame = stall_culprit(stall, NULL);
	_cleanup_(buffer_done) struct buffer text = {};

	if (!frame)
		return;
	frame_text_append(&text, frame);
	if (buffer_append(&text, "", 1))
		return;
	snprintf(bar->culprit, sizeof(bar->culprit), "%s", (char *)text.data);
	if (*frame->file && frame->line)
		snprintf(bar->place, sizeof(bar->place), "%.240s:%u", frame->file, frame->line);
	else
		snprintf(bar->place, sizeof(bar->place), "%.250s", frame->file);
}

int timeline_rows_add_stall(struct timeline_rows *rows, const struct stall *stall)
{
	struct timeline_bar bar = {
		.identity = identity_of(&stall->id),
		.from_ns = stall->start_ns > rows->begin_ns ? stall->start_ns : rows->begin_ns,
		.to_ns = stall->until_ns,
		.cause = stall->cause,
		.state = stall->state,
	};
	struct timeline_row *row;
	int r;

	if (bar.to_ns <= bar.from_ns)
		return 0;
	r = row_of(rows, &stall->id, bar.to_ns - bar.from_ns, &row);
	if (r || !row)
		return r;
	memcpy(row->process, stall->process, RECORD_COMM_LEN);
	memcpy(row->thread, stall->thread, RECORD_COMM_LEN);
	memcpy(bar.cause_ns, stall->cause_ns, sizeof(bar.cause_ns));
	row->stalls++;
	row->stalled_ns += bar.to_ns - bar.from_ns;
	name_culprit(stall, &bar);
	return put_bar(rows, &bar);
}

static int most_stalled_first(const void *a, const void *b)
{
	const struct timeline_row *first = *(struct timeline_row *const *)a;
	const struct timeline_row *second = *(struct timeline_row *const *)b;

	if (first->stalled_ns != second->stalled_ns)
		return first->stalled_ns < second->stalled_ns ? 1 : -1;
	if (first->busy_all_ns != second->busy_all_ns)
		return first->busy_all_ns < second->busy_all_ns ? 1 : -1;
	return memcmp(&first->identity, &second->identity, sizeof(first->identity));
}

size_t timeline_rows_sorted(struct timeline_rows *rows, struct timeline_row *const **ret_rows)
{
	size_t nr = 0;

	free(rows->sorted);
	rows->sorted = calloc(HASH_COUNT(rows->entries) + 1, sizeof(struct timeline_row *));
	*ret_rows = rows->sorted;
	if (!rows->sorted)
		return 0;
	for (struct row_entry *entry = rows->entries; entry; entry = entry->hh.next)
		rows->sorted[nr++] = &entry->row;
	qsort(rows->sorted, nr, sizeof(*rows->sorted), most_stalled_first);
	return nr;
}

size_t timeline_rows_bars(const struct timeline_rows *rows, const struct timeline_bar **ret_bars)
{
	*ret_bars = rows->bars;
	return rows->nr_bars;
}

__u64 timeline_rows_bin_ns(const struct timeline_rows *rows)
{
	return rows->bin_ns;
}

__u64 timeline_rows_bars_left_out(const struct timeline_rows *rows)
{
	return rows->bars_left_out;
}

bool timeline_rows_full(const struct timeline_rows *rows)
{
	return rows->full;
}
