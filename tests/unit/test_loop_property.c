/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The invariants of the kernel side's state machine under random threads, edges left out. */
#include <linux/types.h>
#include <stdbool.h>
#include <string.h>

#include "loop_thread.h"
#include "unit.h"

static void random_step(struct thread *thread, struct random *random, bool lossy)
{
	bool lost = lossy && !random_below(random, 10);
	struct switch_out out = {};

	thread->now += random_scale(random, 26);
	switch (random_below(random, 5)) {
	case 0:
		thread->call = call_of(random_below(random, 2), random_below(random, 2), true);
		if (!lost)
			loop_wait_enter(&thread->loop, thread->now, &thread->call);
		break;
	case 1:
		if (!lost)
			loop_wait_exit(&thread->loop, thread->now,
				       (long)random_below(random, 6) - 4);
		break;
	case 2:
		out.cause = random_below(random, NR_CAUSES);
		out.syscall_nr = out.cause == CAUSE_SYSCALL ? (int)random_below(random, 400) : -1;
		out.in_wait = out.syscall_nr == NR_WAIT;
		if (!lost)
			switch_out(&thread->loop, thread->now, &out);
		break;
	case 3:
		loop_waking(&thread->loop, thread->now - random_below(random, 1000), 1,
			    random_below(random, MS));
		break;
	case 4:
		if (!lost)
			loop_switch_in(
				&thread->loop, thread->now,
				&(struct switch_in){.queue = random_below(random, 2),
						    .throttled_ns = random_below(random, MS)});
		break;
	}
}

/* Whatever comes, in whatever order: poll + causes = wall time, in every snapshot. */
static void test_invariants_hold_for_any_sequence(void **state)
{
	struct random random = {1};

	(void)state;
	for (int run = 0; run < 200; run++) {
		struct thread thread;

		thread_start(&thread);
		for (int step = 0; step < 500; step++) {
			struct loop_window window;
			uint64_t sum;

			random_step(&thread, &random, run & 1);
			assert_int_equal(thread.loop.sequence & 1, 0);
			window = (struct loop_window){.poll_ns = thread.loop.poll_ns};
			memcpy(window.cause_ns, thread.loop.cause_ns, sizeof(window.cause_ns));
			loop_snapshot_open(&thread.loop, thread.now, random_below(&random, MS),
					   &window);
			sum = window.poll_ns;
			for (int i = 0; i < NR_CAUSES; i++)
				sum += window.cause_ns[i];
			assert_int_equal(sum, window.header.time_ns - thread.loop.first_seen_ns);
			assert_int_equal(window.header.time_ns, thread.now);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invariants_hold_for_any_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
