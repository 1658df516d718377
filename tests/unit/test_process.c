/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes as they are told apart, read while they change, and kept. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process_fixture.h"
#include "symbols/process/process_cache.h"

#define TURNS 2000

static void unmap_and_map(int ready)
{
	tell(ready, 0);
	for (;;) {
		munmap(memory, NR_PAGES * PAGE);
		if (mmap(memory, NR_PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != memory)
			_exit(1);
	}
}

/* Memory that goes and comes while it is read: whatever is had of it is within bounds. */
static void test_unmaps(void **state)
{
	struct child child = start_child(unmap_and_map);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	static unsigned char bytes[2 * NR_PAGES * PAGE];
	char text[PAGE];

	(void)state;
	for (int i = 0; i < TURNS; i++) {
		ssize_t n = process_read_some(process, (uintptr_t)memory, bytes, sizeof(bytes));

		assert_true(n >= 0 && (size_t)n <= NR_PAGES * PAGE);
		n = process_read_text(process, (uintptr_t)memory, text, sizeof(text));
		assert_true(n == 0 || n == -EFAULT);
	}
	stop_child(&child);
}

static void test_texts(void **state)
{
	struct child child;
	_cleanup_(process_freep) struct process *process = NULL;
	char *end = (char *)memory + NR_PAGES * PAGE;
	char text[600];

	(void)state;
	memset(end - 600, 'x', 600);
	end[-1] = '\0';
	child = start_child(sleep_at_once);
	process = look_at(&child);
	/* to the last byte of a page that nothing follows, and cut where there is no room */
	assert_int_equal(process_read_text(process, (uintptr_t)end - 6, text, sizeof(text)), 5);
	assert_string_equal(text, "xxxxx");
	assert_int_equal(process_read_text(process, (uintptr_t)end - 600, text, 600), 599);
	assert_int_equal(process_read_text(process, (uintptr_t)end - 600, text, 300), 299);
	assert_int_equal(strlen(text), 299);
	assert_int_equal(process_read_text(process, (uintptr_t)end, text, 8), -EFAULT);
	assert_int_equal(process_read_text(process, UINT64_MAX, text, 8), -EFAULT);
	stop_child(&child);
}

static void become_another(int ready)
{
	tell(ready, 0);
	raise(SIGSTOP);
	execl("/bin/sleep", "sleep", "1000", NULL);
	_exit(1);
}

static void test_another_program(void **state)
{
	struct child child = start_child(become_another);
	_cleanup_(process_freep) struct process *process = look_at(&child);

	(void)state;
	assert_int_equal(waitpid(child.pid, NULL, WUNTRACED), child.pid);
	assert_true(process_is_current(process));
	kill(child.pid, SIGCONT);
	for (int i = 0; i < 10000 && process_is_current(process); i++)
		pause_briefly();
	assert_false(process_is_current(process));
	stop_child(&child);
}

/* A pid that is used again is another process, which began later. */
static void test_began_later(void **state)
{
	struct child child = start_child(sleep_at_once);
	struct process *process = NULL;

	(void)state;
	assert_int_equal(process_new(child.pid, start_ns_of(child.pid) - NSEC_PER_SEC, &process),
			 -ESRCH);
	stop_child(&child);
	assert_int_equal(process_new(child.pid, UINT64_MAX, &process), -ESRCH);
}

static void test_cache(void **state)
{
	_cleanup_(process_cache_freep) struct process_cache *cache = NULL;
	struct child children[3];
	struct process *first, *again;
	uint64_t start_ns[ARRAY_SIZE(children)];

	(void)state;
	assert_int_equal(process_cache_new(2, &cache), 0);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++) {
		children[i] = start_child(sleep_at_once);
		start_ns[i] = start_ns_of(children[i].pid);
	}
	assert_int_equal(process_cache_get(cache, children[0].pid, start_ns[0], &first), 0);
	assert_int_equal(process_cache_get(cache, children[1].pid, start_ns[1], &again), 0);
	assert_int_equal(process_cache_get(cache, children[0].pid, start_ns[0], &again), 0);
	assert_ptr_equal(first, again);
	assert_int_equal(process_cache_evictions(cache), 0);
	/* the second goes, which was not asked for longest */
	assert_int_equal(process_cache_get(cache, children[2].pid, start_ns[2], &again), 0);
	assert_int_equal(process_cache_evictions(cache), 1);
	assert_int_equal(process_cache_get(cache, children[0].pid, start_ns[0], &again), 0);
	assert_ptr_equal(first, again);
	assert_int_equal(process_cache_count(cache), 2);
	for (size_t i = 0; i < ARRAY_SIZE(children); i++)
		stop_child(&children[i]);
	/* one that is gone is not kept */
	assert_int_equal(process_cache_get(cache, children[0].pid, start_ns[0], &again), -ESRCH);
	assert_int_equal(process_cache_count(cache), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_unmaps, memory_setup, memory_teardown),
		cmocka_unit_test_setup_teardown(test_texts, memory_setup, memory_teardown),
		cmocka_unit_test(test_another_program),
		cmocka_unit_test(test_began_later),
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
