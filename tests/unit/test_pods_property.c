/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random lives of the pods of a node, told to the store and to a model that keeps everything in
 * plain arrays and searches them from end to end.
 */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "identity/kubernetes/pods.h"
#include "identity/kubernetes/pods_runs.h"
#include "pods_fixture.h"

#define NR_LIVES 60
#define NR_STEPS 600
#define NR_UIDS 12
#define NR_HASHES 3
#define NR_IDS 80
#define NR_NAMES 3
#define MAX_PODS 8
#define GRACE_NS 40

struct known_run {
	unsigned int id, name, order; /* id 0: none */
	long long restart_count;
};

struct known_pod {
	bool known, deleted, listed;
	uint64_t deleted_ns, deleted_order, added_order;
	unsigned int hash;  /* 0: none */
	unsigned int names; /* bits */
	struct known_run runs[NR_IDS];
};

struct life {
	struct random random;
	struct pods *pods;
	struct known_pod known[NR_UIDS];
	bool listing;
	uint64_t now_ns, order, refused;
};

static const char *text(const char *prefix, unsigned int number)
{
	static char texts[8][24];
	static unsigned int next;
	char *buffer = texts[next++ % ARRAY_SIZE(texts)];

	if (!number)
		return "";
	snprintf(buffer, sizeof(texts[0]), "%s%u", prefix, number);
	return buffer;
}

static struct known_pod *first_deleted(struct life *life, const struct known_pod *but)
{
	struct known_pod *first = NULL;

	for (size_t i = 0; i < NR_UIDS; i++) {
		struct known_pod *known = &life->known[i];

		if (known->known && known->deleted && known != but &&
		    (!first || known->deleted_order < first->deleted_order))
			first = known;
	}
	return first;
}

static size_t count_known(const struct life *life)
{
	size_t nr = 0;

	for (size_t i = 0; i < NR_UIDS; i++)
		nr += life->known[i].known;
	return nr;
}

static void model_expire(struct life *life)
{
	for (size_t i = 0; i < NR_UIDS; i++) {
		struct known_pod *known = &life->known[i];

		if (known->known && known->deleted && life->now_ns - known->deleted_ns >= GRACE_NS)
			*known = (struct known_pod){};
	}
}

static void model_note(struct life *life, struct known_pod *known, unsigned int name,
		       unsigned int id, long long restart_count, bool certain)
{
	struct known_run *oldest = NULL, *run = &known->runs[id];
	size_t nr = 0;

	for (size_t i = 0; i < NR_UIDS; i++) {
		if (&life->known[i] != known)
			life->known[i].runs[id].id = 0;
	}
	if (run->id) {
		run->name = name;
		if (certain)
			run->restart_count = restart_count;
		return;
	}
	for (size_t i = 0; i < NR_IDS; i++) {
		struct known_run *other = &known->runs[i];

		if (!other->id || other->name != name)
			continue;
		nr++;
		if (!oldest || other->order < oldest->order)
			oldest = other;
	}
	if (nr >= PODS_MAX_RUNS)
		oldest->id = 0;
	*run = (struct known_run){id, name, ++life->order, restart_count};
}

static void model_put(struct life *life, unsigned int uid, const struct pod *pod)
{
	struct known_pod *known = &life->known[uid];
	unsigned int hash = *pod->config_hash ? atoi(pod->config_hash + 1) : 0, names = 0;

	model_expire(life);
	if (!known->known && count_known(life) == MAX_PODS) {
		struct known_pod *gone = first_deleted(life, known);

		if (!gone) {
			life->refused++;
			return;
		}
		*gone = (struct known_pod){};
	}
	if (!known->known)
		known->added_order = ++life->order;
	known->known = known->listed = true;
	known->deleted = false;
	known->hash = hash;
	for (size_t i = 0; i < pod->nr_containers; i++)
		names |= 1U << atoi(pod->containers[i].name + 1);
	for (size_t i = 0; i < NR_IDS; i++) {
		if (!(names & 1U << known->runs[i].name))
			known->runs[i].id = 0;
	}
	for (size_t i = 0; i < pod->nr_containers; i++) {
		const struct pod_container *container = &pod->containers[i];
		unsigned int name = atoi(container->name + 1);
		long long count = container->restart_count;

		if (*container->previous_id)
			model_note(life, known, name, atoi(container->previous_id + 1),
				   count ? count - 1 : 0, false);
		if (*container->id)
			model_note(life, known, name, atoi(container->id + 1), count, true);
	}
}

static void model_delete(struct life *life, struct known_pod *known)
{
	if (!known->known || known->deleted)
		return;
	known->deleted = true;
	known->deleted_ns = life->now_ns;
	known->deleted_order = ++life->order;
}

static struct pod *random_pod(struct life *life, unsigned int uid)
{
	struct random *random = &life->random;
	struct pod *pod = fixture_pod(text("u", uid + 1));

	strcpy(pod->config_hash, text("h", random_below(random, NR_HASHES + 1)));
	for (unsigned int name = 0; name < NR_NAMES; name++) {
		char container[8];

		if (!random_below(random, 4))
			continue;
		snprintf(container, sizeof(container), "c%u", name);
		fixture_container(pod, container, text("i", random_below(random, NR_IDS)),
				  text("i", random_below(random, NR_IDS)),
				  (long long)random_below(random, 5));
	}
	return pod;
}

static void put(struct life *life)
{
	unsigned int uid = random_below(&life->random, NR_UIDS);
	struct pod *pod = random_pod(life, uid);
	uint64_t refused = life->refused;

	model_put(life, uid, pod);
	assert_int_equal(pods_put(life->pods, pod, life->now_ns),
			 life->refused > refused ? -E2BIG : 0);
}

/* Deleted at one instant, they are so in the order in which they came. */
static struct known_pod *first_unlisted(struct life *life)
{
	struct known_pod *first = NULL;

	for (size_t i = 0; i < NR_UIDS; i++) {
		struct known_pod *known = &life->known[i];

		if (known->known && !known->deleted && !known->listed &&
		    (!first || known->added_order < first->added_order))
			first = known;
	}
	return first;
}

static void end_list(struct life *life)
{
	struct known_pod *known;

	pods_end_list(life->pods, life->now_ns);
	while (life->listing && (known = first_unlisted(life)))
		model_delete(life, known);
	if (life->listing)
		model_expire(life);
	life->listing = false;
}

static void begin_list(struct life *life)
{
	pods_begin_list(life->pods);
	life->listing = true;
	for (size_t i = 0; i < NR_UIDS; i++)
		life->known[i].listed = false;
}

static void step(struct life *life)
{
	unsigned int uid = random_below(&life->random, NR_UIDS);

	life->now_ns += random_below(&life->random, 3);
	switch (random_below(&life->random, 40)) {
	case 0 ... 7:
		pods_delete(life->pods, text("u", uid + 1), life->now_ns);
		model_delete(life, &life->known[uid]);
		model_expire(life);
		break;
	case 8:
		begin_list(life);
		break;
	case 9:
		end_list(life);
		break;
	case 10:
		pods_expire(life->pods, life->now_ns);
		model_expire(life);
		break;
	default:
		put(life);
	}
}

static void check_run(const struct life *life, unsigned int id)
{
	const struct known_run *known = NULL;
	struct cgroup_containers path = fixture_path("", text("i", id));
	enum pod_knowledge knowledge;
	struct pod_place place;
	size_t uid = 0;

	for (size_t i = 0; i < NR_UIDS; i++) {
		if (life->known[i].known && life->known[i].runs[id].id) {
			known = &life->known[i].runs[id];
			uid = i;
		}
	}
	knowledge = pods_place(life->pods, &path, &place);
	assert_int_equal(knowledge, known ? POD_KNOWN : POD_NOT_IN_ONE);
	if (!known)
		return;
	assert_string_equal(place.pod->uid, text("u", uid + 1));
	assert_int_equal(atoi(place.container->name + 1), known->name);
	assert_int_equal(place.restart_count, known->restart_count);
	assert_ptr_equal(place.pod, pods_of_container(life->pods, text("i", id)));
}

/* Who of several has a hash depends on who had it first; that a live one has it, does not. */
static void check_hash(const struct life *life, unsigned int hash)
{
	const struct pod *pod = pods_of_uid(life->pods, text("h", hash));
	bool any = false, live = false;
	const struct known_pod *known;

	for (size_t i = 0; i < NR_UIDS; i++) {
		known = &life->known[i];
		any |= known->known && known->hash == hash;
		live |= known->known && known->hash == hash && !known->deleted;
	}
	assert_true(any || !pod);
	if (!live)
		return;
	assert_non_null(pod);
	known = &life->known[atoi(pod->uid + 1) - 1];
	assert_int_equal(known->hash, hash);
	assert_false(known->deleted);
}

static void check(const struct life *life)
{
	struct pods_counts counts;
	size_t nr_deleted = 0;

	for (size_t i = 0; i < NR_UIDS; i++) {
		const struct pod *pod = pods_of_uid(life->pods, text("u", i + 1));

		assert_int_equal(!!pod, life->known[i].known);
		nr_deleted += life->known[i].known && life->known[i].deleted;
	}
	pods_counts(life->pods, &counts);
	assert_int_equal(counts.pods, count_known(life) - nr_deleted);
	assert_int_equal(counts.kept, nr_deleted);
	assert_int_equal(counts.refused, life->refused);
	for (unsigned int id = 1; id < NR_IDS; id++)
		check_run(life, id);
	for (unsigned int hash = 1; hash <= NR_HASHES; hash++)
		check_hash(life, hash);
}

static void check_empties(struct life *life)
{
	struct pods_counts counts;

	begin_list(life);
	end_list(life);
	pods_expire(life->pods, life->now_ns + GRACE_NS);
	pods_counts(life->pods, &counts);
	assert_int_equal(counts.pods + counts.kept + counts.bytes, 0);
}

static void test_random_lives(void **state)
{
	const struct pods_options options = {
		.max_pods = MAX_PODS, .max_bytes = 1000000, .grace_ns = GRACE_NS};
	static struct life life;

	(void)state;
	for (unsigned int seed = 0; seed < NR_LIVES; seed++) {
		memset(&life, 0, sizeof(life));
		life.random.state = seed;
		assert_int_equal(pods_new(&options, &life.pods), 0);
		for (int i = 0; i < NR_STEPS; i++) {
			step(&life);
			check(&life);
		}
		check_empties(&life);
		pods_free(life.pods);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_lives),
	};

	return cmocka_run_group_tests_name("pods_property", tests, NULL, NULL);
}
