/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks of real threads: asleep, stopped, running, waiting for a CPU, moved on, gone. */
#include "unit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/proc.h"
#include "model/stack.h"
#include "process_fixture.h"
#include "symbols/process/capture.h"

static struct capture capture;

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

static void test_asleep(void **state)
{
	struct child child = start_child(sleep_at_once);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of(process, memory + PAGE + 8);

	(void)state;
	capture_thread(process, &record, &capture);
	assert_int_equal(capture.flags, 0);
	assert_int_equal(capture.memory_size, (NR_PAGES - 1) * PAGE - 8);
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
	assert_int_equal(capture.memory_size, NR_PAGES * PAGE);
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
				     (uintptr_t)memory + NR_PAGES * PAGE};

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
		assert_int_equal(capture.memory_size, NR_PAGES * PAGE);
		nr_stood++;
	}
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	stop_child(&child);
}

enum { SLEEP_HERE_AGAIN, SLEEP_HERE_STILL, SLEEP_ELSEWHERE, RUN };

static int commands[2]; /* a pipe to the child */

/* Sleeps in one place, until it is told otherwise. */
static void obey(int ready)
{
	unsigned char command = SLEEP_HERE_AGAIN;

	tell(ready, 0);
	while (command != SLEEP_ELSEWHERE && command != RUN) {
		if (read(commands[0], &command, sizeof(command)) != sizeof(command))
			_exit(1);
	}
	while (command == RUN)
		__asm__ volatile("" ::: "memory");
	sleep_long();
}

static int commands_setup(void **state)
{
	(void)state;
	assert_int_equal(pipe2(commands, O_CLOEXEC), 0);
	return 0;
}

static int commands_teardown(void **state)
{
	(void)state;
	close(commands[0]);
	close(commands[1]);
	return 0;
}

static struct proc_syscall syscall_of(const struct process *process)
{
	struct proc_syscall syscall;

	assert_int_equal(proc_syscall_read(process->proc_fd, "syscall", &syscall), 0);
	assert_false(syscall.running);
	return syscall;
}

/* As the kernel makes it of one that sleeps in a call. */
static struct stack_record record_of_sleep(const struct process *process)
{
	struct stack_record record = record_of(process, NULL);
	struct proc_syscall syscall = syscall_of(process);

	record.syscall_nr = syscall.nr;
	record.registers[STACK_REGISTER_ARGUMENT] = syscall.args[0];
	record.registers[STACK_REGISTER_SP] = syscall.sp;
	record.registers[STACK_REGISTER_PC] = syscall.pc;
	return record;
}

/* It has run since the record was made. */
static void tell_child(const struct process *process, const struct stack_record *record,
		       unsigned char command)
{
	assert_int_equal(write(commands[1], &command, sizeof(command)), sizeof(command));
	while (switches_of(process).out == record->switches)
		;
}

static void test_woke_and_sleeps_there_again(void **state)
{
	struct child child = start_child(obey);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of_sleep(process);
	uint64_t at = syscall_of(process).args[1] - STACK_MEMORY(&record);

	(void)state;
	for (int i = 0; i < 100; i++) {
		unsigned char last = i % 2 ? SLEEP_HERE_STILL : SLEEP_HERE_AGAIN;

		tell_child(process, &record, last);
		await_sleep(process);
		capture_thread(process, &record, &capture);
		assert_int_equal(capture.flags, 0);
		/* what is on the stack is of now */
		assert_true(at < capture.memory_size);
		assert_int_equal(capture.memory[at], last);
	}
	stop_child(&child);
}

/* The same in all but one thing. */
static void test_sleeps_almost_there(void **state)
{
	struct child child = start_child(obey);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of_sleep(process);
	const int places[] = {STACK_REGISTER_ARGUMENT, STACK_REGISTER_SP, STACK_REGISTER_PC};

	(void)state;
	tell_child(process, &record, SLEEP_HERE_AGAIN);
	await_sleep(process);
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct stack_record other = record;

		other.registers[places[i]] += 8;
		check_missing(process, &other);
	}
	record.syscall_nr++;
	check_missing(process, &record);
	stop_child(&child);
}

static void test_sleeps_elsewhere(void **state)
{
	struct child child = start_child(obey);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of_sleep(process);

	(void)state;
	tell_child(process, &record, SLEEP_ELSEWHERE);
	await_sleep(process);
	check_missing(process, &record);
	stop_child(&child);
}

/* It is not waited for. */
static void test_woke_and_runs(void **state)
{
	struct child child = start_child(obey);
	_cleanup_(process_freep) struct process *process = look_at(&child);
	struct stack_record record = record_of_sleep(process);

	(void)state;
	tell_child(process, &record, RUN);
	check_missing(process, &record);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_asleep, memory_setup, memory_teardown),
		cmocka_unit_test_setup_teardown(test_stopped, memory_setup, memory_teardown),
		cmocka_unit_test_setup_teardown(test_no_memory_there, memory_setup,
						memory_teardown),
		cmocka_unit_test_setup_teardown(test_moved_on, memory_setup, memory_teardown),
		cmocka_unit_test_setup_teardown(test_waits_for_a_cpu, memory_setup,
						memory_teardown),
		cmocka_unit_test_setup_teardown(test_woke_and_sleeps_there_again, commands_setup,
						commands_teardown),
		cmocka_unit_test_setup_teardown(test_sleeps_almost_there, commands_setup,
						commands_teardown),
		cmocka_unit_test_setup_teardown(test_sleeps_elsewhere, commands_setup,
						commands_teardown),
		cmocka_unit_test_setup_teardown(test_woke_and_runs, commands_setup,
						commands_teardown),
		cmocka_unit_test_setup_teardown(test_gone, memory_setup, memory_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
