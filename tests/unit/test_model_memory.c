/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each allocation of the model fails in turn: that is an error of the one
 * call, and the next one works. Linked with --wrap for malloc and calloc.
 */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fake_loop.h"
#include "model/model.h"
#include "report_problem.h"

#define NEVER (-1)

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size);

/* So many allocations succeed, and then one fails. */
static int until_failure = NEVER;

static bool fails_now(void)
{
	if (until_failure == NEVER)
		return false;
	return --until_failure == NEVER;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails_now() ? NULL : __real_calloc(nr, size);
}

static int assert_no_problem(const struct loop_report *report, void *context)
{
	const char *problem = report_problem(report);

	(void)context;
	if (problem)
		fail_msg("%s", problem);
	return 0;
}

/* A model's life, in which a call that fails is made once more. Counts the failures. */
static unsigned int live(struct random *random)
{
	const struct model_options options = {100};
	unsigned char record[WINDOW_MAX_SIZE];
	struct fake_loop loops[40];
	unsigned int nr_failed = 0;
	struct model *model;

	for (unsigned int i = 0; i < ARRAY_SIZE(loops); i++)
		fake_loop_start(&loops[i], i, 1000 * MS);
	while (model_new(&options, &model) == -ENOMEM)
		nr_failed++;
	for (int window = 0; window < 3; window++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(loops); i++) {
			size_t size;

			fake_loop_pass(&loops[i], random_scale(random, 27));
			fake_loop_return(&loops[i], 0, 1);
			fake_loop_enter(&loops[i]);
			size = fake_loop_record(&loops[i], RECORD_LOOP_WINDOW, record);
			while (model_apply(model, record, size) == -ENOMEM)
				nr_failed++;
		}
		assert_int_equal(model_nr_loops(model), ARRAY_SIZE(loops));
		assert_int_equal(model_report(model, assert_no_problem, NULL), 0);
		model_open_window(model);
	}
	model_free(model);
	return nr_failed;
}

static void test_each_allocation_fails(void **state)
{
	int nr = 0;

	(void)state;
	for (;; nr++) {
		struct random random = {7};
		unsigned int nr_failed;

		until_failure = nr;
		nr_failed = live(&random);
		if (until_failure >= 0)
			break;
		assert_int_equal(nr_failed, 1);
	}
	until_failure = NEVER;
	/* the model, the hash table, each loop and its buckets in each window at the least */
	assert_in_range(nr, 1 + 2 + 40 + 3 * 40, 1000);
}

int main(void)
{
	const struct CMUnitTest model_memory[] = {
		cmocka_unit_test(test_each_allocation_fails),
	};

	return cmocka_run_group_tests(model_memory, NULL, NULL);
}
