/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks of real threads: asleep, moved on, gone; of memory that is there, in part, or not for long. */
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/proc.h"
#include "model/stack.h"
#include "symbols/capture.h"
#include "symbols/process_cache.h"
#include "symbols/thread_switches.h"
#include "unseen_fixture.h"

#define NSEC_PER_SEC 1000000000ULL
#define PAGE ((size_t)4096)
#define NR_PAGES ((size_t)8)
#define TURNS 2000

/* Of the test, and of each child, which has begun as its copy. */
static unsigned char *memory;
static struct capture capture;

static uint64_t start_ns_of(pid_t pid)
{
	struct proc_stat stat;
	int directory = proc_open(pid);

	assert_int_equal(proc_stat_read(directory, "stat", &stat), 0);
	close(directory);
	return stat.start_ticks * (NSEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK));
}

static struct process *look_at(const struct child *child)
{
	struct process *process = NULL;

	assert_int_equal(process_new(child->pid, start_ns_of(child->pid), &process), 0);
	return process;
}

static struct thread_switches switches_of(const struct process *process)
{
	struct thread_switches switches;

	assert_int_equal(
		thread_switches_read(process->proc_fd, process->pid, process->pid, &switches), 0);
	return switches;
}

static struct thread_switches await_sleep(const struct process *process)
{
	struct thread_switches switches;

	for (int i = 0; i < 10000; i++) {
		switches = switches_of(process);
		if (switches.asleep)
			return switches;
		pause_briefly();
	}
	fail_msg("it does not sleep");
	return switches;
}

/* Of a thread whose stack is to be copied from `from` on. */
static struct stack_record make_record(const struct process *process, const void *from,
				       uint64_t switches)
{
	struct stack_record record = {
		.id = {.pid = (uint32_t)process->pid, .tid = (uint32_t)process->pid},
		.process_start_ns = process->start_ns,
		.switches = switches,
	};

	record.registers[STACK_REGISTER_SP] = (uintptr_t)from;
	record.registers[STACK_REGISTER_SP] += (uintptr_t)from - STACK_MEMORY(&record);
	return record;
}

static struct stack_record record_of(const struct process *process, const void *from)
{
	return make_record(process, from, await_sleep(process).out);
}

static int setup(void **state)
{
	(void)state;
	memory = mmap(NULL, NR_PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	assert_true(memory != MAP_FAILED);
	for (size_t i = 0; i < NR_PAGES * PAGE; i++)
		memory[i] = (unsigned char)(i * 7 + i / 256);
	/* behind it is nothing */
	assert_int_equal(munmap(memory + (NR_PAGES - 1) * PAGE, PAGE), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	munmap(memory, (NR_PAGES - 1) * PAGE);
	return 0;
}

static void sleep_at_once(int ready)
{
	tell(ready, 0);
	sleep_long();
}

static void test_asleep(void **state)
{
	struct child child = start_child(sleep_at_once);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of(process, memory + PAGE + 8);

	(void)state;
	capture_thread(process, &record, &capture);
	assert_int_equal(capture.flags, 0);
	assert_int_equal(capture.memory_size, (NR_PAGES - 2) * PAGE - 8);
	assert_memory_equal(capture.memory, memory + PAGE + 8, capture.memory_size);
	stop_child(&child);
}

static void test_stopped(void **state)
{
	struct child child = start_child(sleep_at_once);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record;

	(void)state;
	await_sleep(process);
	assert_int_equal(kill(child.pid, SIGSTOP), 0);
	assert_int_equal(waitpid(child.pid, NULL, WUNTRACED), child.pid);
	record = record_of(process, memory);
	capture_thread(process, &record, &capture);
	assert_int_equal(capture.flags, 0);
	assert_int_equal(capture.memory_size, (NR_PAGES - 1) * PAGE);
	stop_child(&child);
}

/* A stack pointer that points nowhere, as a hostile thread's may. */
static void test_no_memory_there(void **state)
{
	struct child child = start_child(sleep_at_once);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	const uintptr_t nowhere[] = {0,
				     8,
				     UINTPTR_MAX,
				     UINTPTR_MAX - PAGE,
				     (uintptr_t)1 << 63,
				     (uintptr_t)memory + (NR_PAGES - 1) * PAGE};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++) {
		struct stack_record record = record_of(process, (const void *)nowhere[i]);

		capture_thread(process, &record, &capture);
		assert_int_equal(capture.flags, 0);
		assert_int_equal(capture.memory_size, 0);
	}
	stop_child(&child);
}

static void sleep_again_and_again(int ready)
{
	tell(ready, 0);
	for (;;)
		pause_briefly();
}

static void check_missing(struct process *process, const struct stack_record *record)
{
	capture_thread(process, record, &capture);
	assert_int_equal(capture.flags, STACK_IS_MISSING);
	assert_int_equal(capture.memory_size, 0);
	assert_int_equal(capture.nr_python, 0);
}

static void test_moved_on(void **state)
{
	struct child child = start_child(sleep_again_and_again);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of(process, memory);
	struct thread_switches now;

	(void)state;
	do {
		now = switches_of(process);
	} while (now.out == record.switches);
	for (int i = 0; i < 100; i++)
		check_missing(process, &record);
	stop_child(&child);
}

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

static void run_for_ever(int ready)
{
	tell(ready, 0);
	for (;;)
		__asm__ volatile("" ::: "memory");
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

/* Two share a CPU: the one that waits for it stands, and its memory can be had. */
static void test_waits_for_a_cpu(void **state)
{
	struct child child;
	_cleanup_(process_freep) struct process *process = NULL;
	cpu_set_t all, one;
	unsigned int nr_stood = 0;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE && !CPU_COUNT(&one); i++) {
		if (CPU_ISSET(i, &all))
			CPU_SET(i, &one);
	}
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	child = start_child(run_for_ever);
	process = look_at(&child);
	/* while we run, it does not */
	while (nr_stood < 10) {
		struct thread_switches now = switches_of(process);
		struct stack_record record = make_record(process, memory, now.out);

		capture_thread(process, &record, &capture);
		if (capture.flags & STACK_IS_MISSING)
			continue;
		assert_int_equal(capture.memory_size, (NR_PAGES - 1) * PAGE);
		nr_stood++;
	}
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	stop_child(&child);
}

static void test_gone(void **state)
{
	struct child child = start_child(sleep_at_once);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of(process, memory);

	(void)state;
	assert_true(process_is_current(process));
	stop_child(&child);
	assert_false(process_is_current(process));
	check_missing(process, &record);
	check_missing(NULL, &record);
}

static void unmap_and_map(int ready)
{
	tell(ready, 0);
	for (;;) {
		munmap(memory, (NR_PAGES - 1) * PAGE);
		if (mmap(memory, (NR_PAGES - 1) * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != memory)
			_exit(1);
	}
}

/* Memory that goes and comes while it is read: whatever is had of it is within bounds. */
static void test_unmaps(void **state)
{
	struct child child = start_child(unmap_and_map);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	char text[PAGE];

	(void)state;
	for (int i = 0; i < TURNS; i++) {
		ssize_t n = process_read_some(process, (uintptr_t)memory, capture.memory,
					      sizeof(capture.memory));

		assert_true(n >= 0 && (size_t)n <= (NR_PAGES - 1) * PAGE);
		n = process_read_text(process, (uintptr_t)memory, text, sizeof(text));
		assert_true(n == 0 || n == -EFAULT);
	}
	stop_child(&child);
}

static void test_texts(void **state)
{
	struct child child;
	_cleanup_(process_freep) struct process *process = NULL;
	char *end = (char *)memory + (NR_PAGES - 1) * PAGE;
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
		cmocka_unit_test_setup_teardown(test_asleep, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stopped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory_there, setup, teardown),
		cmocka_unit_test_setup_teardown(test_moved_on, setup, teardown),
		cmocka_unit_test(test_has_stood),
		cmocka_unit_test_setup_teardown(test_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_a_cpu, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unmaps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
		cmocka_unit_test(test_another_program),
		cmocka_unit_test(test_began_later),
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
