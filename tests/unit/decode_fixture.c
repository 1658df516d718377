/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "decode_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "report_problem.h"

int decode_set_up(void **state)
{
	static struct decode_fixture fixture;
	struct fake_loop loop;

	fake_loop_start(&loop, 1, 1000 * MS);
	for (int i = 1; i < 5; i++) {
		fake_loop_pass(&loop, i * 10 * MS);
		fake_loop_return(&loop, i * 20 * US, i);
		fake_loop_pass(&loop, i * MS);
		fake_loop_sleep(&loop, i, CAUSE_SYSCALL, i * 3 * MS);
		fake_loop_enter(&loop);
	}
	fake_loop_return(&loop, 0, 1);
	fake_loop_doze(&loop, 74, CAUSE_SYSCALL, 4 * MS);
	fixture.size = fake_loop_record(&loop, RECORD_LOOP_WINDOW, fixture.record);
	*state = &fixture;
	return 0;
}

static int assert_no_problem(const struct loop_report *report, void *context)
{
	const char *problem = report_problem(report);

	(void)context;
	if (problem)
		fail_msg("%s", problem);
	return 0;
}

int decode_apply_copy(const unsigned char *record, size_t size)
{
	const struct model_options options = {.max_loops = 10};
	unsigned char *copy = malloc(size + !size);
	struct model *model;
	int err;

	assert_non_null(copy);
	memcpy(copy, record, size);
	assert_int_equal(model_new(&options, &model), 0);
	err = model_apply(model, copy, size);
	assert_int_equal(model_report(model, assert_no_problem, NULL), 0);
	assert_int_equal(model_stats(model)->records, 1);
	assert_int_equal(model_stats(model)->records_bad, err == -EBADMSG);
	model_free(model);
	free(copy);
	return err;
}
