/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loop of before is which loop of after: equal keys, in order of start. */
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

struct candidate {
	const struct loop_entry *entry;
	bool matched;
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

static void make_key(struct candidate *candidate, bool numbers)
{
	const struct loop_entry *entry = candidate->entry;
	const struct loop_report *report = entry->report;
	char place[KEY_LEN / 2 + 256], thread[RECORD_COMM_LEN];

	name_place(entry, place, sizeof(place));
	memcpy(thread, report->thread, sizeof(thread));
	if (!numbers)
		leave_numbers_out(thread);
	snprintf(candidate->key, KEY_LEN, "%s\n%s\n%s\n%s\n%d", place, report->process,
		 entry->runtime ?: "", thread, report->family);
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
static size_t sort(struct candidates *candidates, bool numbers)
{
	size_t nr = 0;

	for (size_t i = 0; i < candidates->nr; i++) {
		make_key(&candidates->all[i], numbers);
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

static void pair_off(struct comparison *comparison, struct candidates *before,
		     struct candidates *after, bool numbers)
{
	size_t nr_before = sort(before, numbers), nr_after = sort(after, numbers);

	for (size_t i = 0, j = 0; i < nr_before && j < nr_after;) {
		int order = strcmp(before->sorted[i]->key, after->sorted[j]->key);

		if (!order)
			add(comparison, before->sorted[i], after->sorted[j]);
		i += order <= 0;
		j += order >= 0;
	}
}

int compare_match(const struct loop_entry *const *before, size_t nr_before,
		  const struct loop_entry *const *after, size_t nr_after,
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
	pair_off(&comparison, &first, &second, true);
	pair_off(&comparison, &first, &second, false);
	for (size_t i = 0; i < nr_before; i++) {
		if (!first.all[i].matched)
			add(&comparison, &first.all[i], NULL);
	}
	for (size_t i = 0; i < nr_after; i++) {
		if (!second.all[i].matched)
			add(&comparison, NULL, &second.all[i]);
	}
	*ret_comparison = comparison;
	return 0;
}
