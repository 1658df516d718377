/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The memory's bytes tell where they are. */
#include "process_fixture.h"

#include <sys/mman.h>
#include <unistd.h>

#include "identity/proc.h"
#include "unit.h"

unsigned char *memory;

int memory_setup(void **state)
{
	size_t size = (NR_PAGES + 1) * PAGE;

	(void)state;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(memory != MAP_FAILED);
	for (size_t i = 0; i < size; i++)
		memory[i] = (unsigned char)(i * 7 + i / 256);
	assert_int_equal(munmap(memory + NR_PAGES * PAGE, PAGE), 0);
	return 0;
}

int memory_teardown(void **state)
{
	(void)state;
	munmap(memory, NR_PAGES * PAGE);
	return 0;
}

uint64_t start_ns_of(pid_t pid)
{
	struct proc_stat stat;
	int directory = proc_open(pid);

	assert_int_equal(proc_stat_read(directory, "stat", &stat), 0);
	close(directory);
	return proc_ns_of_ticks(stat.start_ticks);
}

struct process *look_at(const struct child *child)
{
	struct process *process = NULL;

	assert_int_equal(process_new(child->pid, start_ns_of(child->pid), &process), 0);
	return process;
}

void sleep_at_once(int ready)
{
	tell(ready, 0);
	sleep_long();
}

void run_for_ever(int ready)
{
	tell(ready, 0);
	for (;;)
		__asm__ volatile("" ::: "memory");
}

struct thread_switches switches_of(const struct process *process)
{
	struct thread_switches switches;

	assert_int_equal(
		thread_switches_read(process->proc_fd, process->pid, process->pid, &switches), 0);
	return switches;
}

struct thread_switches await_sleep(const struct process *process)
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
