/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a thread has run since: by what was read of it, and of one that does run. */
#include "unit.h"

#include "process_fixture.h"

/* What is read before and after, of a thread that had left a CPU five times. */
static const struct {
	struct thread_switches before, after;
	bool stood;
} pairs[] = {
	{{5, 0, true}, {5, 0, true}, true},
	{{5, 0, true}, {6, 0, true}, false},
	{{6, 0, true}, {6, 0, true}, false},
	{{5, 0, true}, {5, 100, false}, false}, /* it runs, or is about to */
	{{5, 100, false}, {5, 0, true}, false}, /* about to fall asleep */
	{{5, 100, false}, {5, 100, false}, true},
	{{5, 100, false}, {5, 101, false}, false},
	{{5, 100, false}, {6, 100, false}, false},
	{{5, 0, false}, {5, 0, false}, false}, /* its clock cannot be read */
};

static void test_has_stood(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (thread_has_stood(5, &pairs[i].before, &pairs[i].after) != pairs[i].stood)
			fail_msg("pair %zu", i);
	}
}

static void await_cpu(const struct process *process, uint64_t cpu_ns)
{
	while (switches_of(process).cpu_ns == cpu_ns)
		;
}

/* Of one that runs nothing is believed, whether it has left a CPU since or not. */
static void test_runs(void **state)
{
	struct child child = start_child(run_for_ever);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct thread_switches before, after, first = switches_of(process);
	unsigned int nr_alike = 0;

	(void)state;
	do {
		before = switches_of(process);
		/* it may be waiting, and not run: until it has, it stands indeed */
		await_cpu(process, before.cpu_ns);
		after = switches_of(process);
		assert_false(after.asleep);
		assert_false(thread_has_stood(before.out, &before, &after));
		nr_alike += before.out == after.out;
	} while (!nr_alike || after.out < first.out + 3);
	stop_child(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_has_stood),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
