/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "model_fixture.h"

#include <string.h>

#include "report_problem.h"

int fixture_set_up(void **state)
{
	static struct model_fixture fixture;
	const struct model_options options = {FIXTURE_MAX_LOOPS};

	memset(&fixture, 0, sizeof(fixture));
	fake_loop_start(&fixture.loop, 1, 1000 * MS);
	*state = &fixture;
	return model_new(&options, &fixture.model);
}

int fixture_tear_down(void **state)
{
	struct model_fixture *fixture = *state;

	model_free(fixture->model);
	return 0;
}

int fixture_apply(struct model_fixture *fixture, struct fake_loop *loop, enum record_kind kind)
{
	unsigned char record[WINDOW_MAX_SIZE];
	size_t size = fake_loop_record(loop, kind, record);

	return model_apply(fixture->model, record, size);
}

void fixture_walk(struct model_fixture *fixture)
{
	assert_int_equal(fixture_apply(fixture, &fixture->loop, RECORD_LOOP_WINDOW), 0);
}

static int keep_report(const struct loop_report *report, void *context)
{
	struct model_fixture *fixture = context;
	const char *problem = report_problem(report);

	if (problem)
		fail_msg("%s", problem);
	assert_in_range(fixture->nr_reports, 0, FIXTURE_MAX_LOOPS - 1);
	fixture->reports[fixture->nr_reports++] = *report;
	return 0;
}

unsigned int fixture_report(struct model_fixture *fixture)
{
	fixture->nr_reports = 0;
	assert_int_equal(model_report(fixture->model, keep_report, fixture), 0);
	return fixture->nr_reports;
}

const struct loop_report *fixture_report_only(struct model_fixture *fixture)
{
	assert_int_equal(fixture_report(fixture), 1);
	return &fixture->reports[0];
}

void fixture_iterate(struct fake_loop *loop, __u64 poll_ns, __u64 busy_ns, __u64 events)
{
	fake_loop_pass(loop, poll_ns);
	fake_loop_return(loop, 30 * US, events);
	fake_loop_pass(loop, busy_ns);
	fake_loop_enter(loop);
}
