/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loop of before is which loop of after: equal keys, from the closest kind on, in order of
 * start. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/compare.h"

#define KEY_LEN 1024

/* What Kubernetes makes up names of: no vowels, and no digits that look like some. */
#define MADE_UP "bcdfghjklmnpqrstvwxz2456789"
#define RANDOM_LEN 5 /* behind the name of every pod that a controller made */
#define HASH_MIN 6   /* of a Deployment's template, before that */
#define HASH_MAX 10

enum closeness {
	SAME_THREAD,
	SAME_PROCESS,
	SAME_NAMES,
	LIKE_NAMES,     /* but for numbers in the thread's */
	WHICHEVER_ROLE, /* and main thread or not */
	NR_CLOSENESS,
};

struct candidate {
	const struct loop_entry *entry;
	bool matched;
	bool fragment;
	char key[KEY_LEN];
};

/* Cuts "-xxxxx" off the end, of so many made up characters. */
static bool cut_made_up(char *name, size_t min, size_t max)
{
	char *dash = strrchr(name, '-');
	size_t length = dash ? strlen(dash + 1) : 0;

	if (length < min || length > max || strspn(dash + 1, MADE_UP) != length || dash == name)
		return false;
	*dash = '\0';
	return true;
}

static void name_pod(const struct entry_container *container, char *to, size_t size)
{
	char workload[sizeof(container->pod)];

	memcpy(workload, container->pod, sizeof(workload));
	if (cut_made_up(workload, RANDOM_LEN, RANDOM_LEN))
		cut_made_up(workload, HASH_MIN, HASH_MAX);
	snprintf(to, size, "%s/%s/%s", container->namespace, workload, container->name);
}

/* The innermost service that the cgroup is below; sessions and scopes are new each time. */
static void name_service(const char *cgroup, char *to, size_t size)
{
	static const char suffix[] = ".service";
	size_t length = strlen(cgroup);

	*to = '\0';
	while (length) {
		size_t begin = length;

		while (begin && cgroup[begin - 1] != '/')
			begin--;
		if (length - begin > strlen(suffix) &&
		    !memcmp(cgroup + length - strlen(suffix), suffix, strlen(suffix))) {
			snprintf(to, size, "%.*s", (int)(length - begin), cgroup + begin);
			return;
		}
		length = begin ? begin - 1 : 0;
	}
}

static void name_place(const struct loop_entry *entry, char *to, size_t size)
{
	const struct entry_container *container = entry->container;

	if (container && *container->pod)
		name_pod(container, to, size);
	else if (container)
		snprintf(to, size, "%s", container->name);
	else
		name_service(entry->cgroup, to, size);
}

/* Each number becomes one '#'. */
static void leave_numbers_out(char *name)
{
	char *to = name;

	for (const char *from = name; *from; from++) {
		if (!isdigit((unsigned char)*from))
			*to++ = *from;
		else if (to == name || to[-1] != '#')
			*to++ = '#';
	}
	*to = '\0';
}

/* Of a thread that is the same, nothing else counts; but one that has executed another program, or
 * waits otherwise, has another loop. */
static void make_thread_key(struct candidate *candidate)
{
	const struct loop_report *report = candidate->entry->report;

	snprintf(candidate->key, KEY_LEN, "%u %llu %u %llu %u %d", report->id.pid,
		 report->process_start_ns, report->id.tid, report->id.start_ns, report->id.exec_id,
		 report->family);
}

static void make_key(struct candidate *candidate, enum closeness closeness)
{
	const struct loop_entry *entry = candidate->entry;
	const struct loop_report *report = entry->report;
	char place[KEY_LEN / 2 + 256], thread[RECORD_COMM_LEN], process[64] = "";

	if (closeness == SAME_THREAD) {
		make_thread_key(candidate);
		return;
	}
	name_place(entry, place, sizeof(place));
	memcpy(thread, report->thread, sizeof(thread));
	if (closeness >= LIKE_NAMES)
		leave_numbers_out(thread);
	if (closeness == SAME_PROCESS)
		snprintf(process, sizeof(process), "%u %llu", report->id.pid,
			 report->process_start_ns);
	snprintf(candidate->key, KEY_LEN, "%s\n%s\n%s\n%s\n%s\n%s\n%d\n%d", place, process,
		 report->process, entry->runtime ?: "", entry->loop_library ?: "", thread,
		 report->family, closeness < WHICHEVER_ROLE && report->id.tid == report->id.pid);
}

static int compare_numbers(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

/* Those still to be matched first, then by key, then as they started. */
static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *left = *(struct candidate *const *)a,
			       *right = *(struct candidate *const *)b;
	const struct loop_report *one = left->entry->report, *other = right->entry->report;
	int order = (int)left->matched - (int)right->matched ?: strcmp(left->key, right->key);

	order = order ?: compare_numbers(one->process_start_ns, other->process_start_ns);
	order = order ?: compare_numbers(one->id.start_ns, other->id.start_ns);
	order = order ?: compare_numbers(one->id.tid, other->id.tid);
	return order ?: compare_numbers(one->first_seen_ns, other->first_seen_ns);
}

struct candidates {
	struct candidate *all;
	struct candidate **sorted;
	size_t nr;
};

static void candidates_done(struct candidates *candidates)
{
	free(candidates->all);
	free(candidates->sorted);
}

static int make_candidates(const struct loop_entry *const *entries, size_t nr,
			   struct candidates *ret_candidates)
{
	struct candidates candidates = {
		.all = calloc(nr + 1, sizeof(*candidates.all)),
		.sorted = calloc(nr + 1, sizeof(struct candidate *)),
		.nr = nr,
	};

	if (!candidates.all || !candidates.sorted) {
		candidates_done(&candidates);
		return -ENOMEM;
	}
	for (size_t i = 0; i < nr; i++) {
		candidates.all[i].entry = entries[i];
		candidates.sorted[i] = &candidates.all[i];
	}
	*ret_candidates = candidates;
	return 0;
}

/* How many are left, which are the first then. */
static size_t sort(struct candidates *candidates, enum closeness closeness)
{
	size_t nr = 0;

	for (size_t i = 0; i < candidates->nr; i++) {
		make_key(&candidates->all[i], closeness);
		nr += !candidates->all[i].matched;
	}
	qsort(candidates->sorted, candidates->nr, sizeof(*candidates->sorted), compare_candidates);
	return nr;
}

static void add(struct comparison *comparison, struct candidate *before, struct candidate *after)
{
	comparison->loops[comparison->nr++] = (struct compared_loop){
		.before = before ? before->entry : NULL,
		.after = after ? after->entry : NULL,
		.named = (after ?: before)->entry,
	};
	if (before)
		before->matched = true;
	if (after)
		after->matched = true;
}

/* How many from here on have the same key. */
static size_t nr_alike(const struct candidates *candidates, size_t from, size_t end)
{
	size_t to = from;

	while (to < end && !strcmp(candidates->sorted[to]->key, candidates->sorted[from]->key))
		to++;
	return to - from;
}

static void pair_off(struct comparison *comparison, struct candidates *before,
		     struct candidates *after, enum closeness closeness)
{
	size_t nr_before = sort(before, closeness), nr_after = sort(after, closeness);

	for (size_t i = 0, j = 0; i < nr_before && j < nr_after;) {
		size_t first = nr_alike(before, i, nr_before);
		size_t second = nr_alike(after, j, nr_after);
		int order = strcmp(before->sorted[i]->key, after->sorted[j]->key);

		for (size_t k = 0; !order && k < first && k < second; k++) {
			add(comparison, before->sorted[i + k], after->sorted[j + k]);
			comparison->loops[comparison->nr - 1].by_order =
				closeness != SAME_THREAD && (first > 1 || second > 1);
		}
		i += order <= 0 ? first : 0;
		j += order >= 0 ? second : 0;
	}
}

static int compare_threads(const struct loop_id *one, const struct loop_id *other)
{
	return compare_numbers(one->pid, other->pid)
		       ?: compare_numbers(one->tid, other->tid)
			       ?: compare_numbers(one->start_ns, other->start_ns)
				       ?: compare_numbers(one->exec_id, other->exec_id);
}

/* The one that stands for its thread first. */
static int compare_of_thread(const void *a, const void *b)
{
	const struct loop_report *one = (*(struct candidate *const *)a)->entry->report;
	const struct loop_report *other = (*(struct candidate *const *)b)->entry->report;

	return compare_threads(&one->id, &other->id)
		       ?: compare_numbers(other->iterations, one->iterations)
			       ?: compare_numbers(other->id.changes, one->id.changes);
}

/* A thread whose loop ended and began anew has several: one of them is compared. */
static void set_fragments_aside(struct candidates *candidates)
{
	struct candidate **sorted = candidates->sorted;

	qsort(sorted, candidates->nr, sizeof(*sorted), compare_of_thread);
	for (size_t i = 1; i < candidates->nr; i++) {
		sorted[i]->fragment = !compare_threads(&sorted[i - 1]->entry->report->id,
						       &sorted[i]->entry->report->id);
		sorted[i]->matched = sorted[i]->fragment;
	}
}

static void add_alone(struct comparison *comparison, struct candidates *candidates, bool after)
{
	for (size_t i = 0; i < candidates->nr; i++) {
		struct candidate *candidate = &candidates->all[i];

		if (candidate->matched && !candidate->fragment)
			continue;
		add(comparison, after ? NULL : candidate, after ? candidate : NULL);
		comparison->loops[comparison->nr - 1].fragment = candidate->fragment;
	}
}

int compare_match(const struct loop_entry *const *before, size_t nr_before,
		  const struct loop_entry *const *after, size_t nr_after, bool same_boot,
		  struct comparison *ret_comparison)
{
	_cleanup_(candidates_done) struct candidates first = {}, second = {};
	struct comparison comparison = {};
	int r = make_candidates(before, nr_before, &first)
			?: make_candidates(after, nr_after, &second);

	if (r)
		return r;
	comparison.loops = calloc(nr_before + nr_after + 1, sizeof(*comparison.loops));
	if (!comparison.loops)
		return -ENOMEM;
	set_fragments_aside(&first);
	set_fragments_aside(&second);
	for (int i = same_boot ? SAME_THREAD : SAME_NAMES; i < NR_CLOSENESS; i++)
		pair_off(&comparison, &first, &second, i);
	add_alone(&comparison, &first, false);
	add_alone(&comparison, &second, true);
	*ret_comparison = comparison;
	return 0;
}
