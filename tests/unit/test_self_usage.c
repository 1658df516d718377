/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What this process uses rises with what it does. */
#include "unit.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "agent/self_usage.h"

#define MEMORY_BYTES (64UL << 20)
#define CPU_NS (100 * MS)
#define TICK_NS (10 * MS) /* the kernel's longest: what getrusage may be behind */

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void test_cpu(void **state)
{
	struct agent_figures before = {0}, after = {0};
	uint64_t start_ns = cpu_ns(), used_ns, end_ns;

	(void)state;
	self_usage_read(&before);
	while (cpu_ns() - start_ns < CPU_NS)
		;
	self_usage_read(&after);
	end_ns = cpu_ns();
	used_ns =
		after.cpu_user_ns + after.cpu_system_ns - before.cpu_user_ns - before.cpu_system_ns;
	assert_true(used_ns + TICK_NS >= CPU_NS);
	assert_true(used_ns <= end_ns - start_ns + TICK_NS);
	assert_true(after.cpu_user_ns >= before.cpu_user_ns);
	assert_true(after.cpu_system_ns >= before.cpu_system_ns);
}

static void test_memory(void **state)
{
	struct agent_figures before = {0}, after = {0};
	void *memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	(void)state;
	assert_true(memory != MAP_FAILED);
	self_usage_read(&before);
	memset(memory, 1, MEMORY_BYTES);
	self_usage_read(&after);
	munmap(memory, MEMORY_BYTES);
	assert_true(before.rss_bytes > 0);
	/* the kernel's count may be a few dozen pages behind on each CPU */
	assert_near((double)(after.rss_bytes - before.rss_bytes), MEMORY_BYTES, MEMORY_BYTES / 8.0);
}

int main(void)
{
	const struct CMUnitTest self_usage[] = {
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(self_usage, NULL, NULL);
}
