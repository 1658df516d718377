/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Mutexes of a real process, and what it might say of them that is not so. */
#include "unit.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "model/stack.h"
#include "process_fixture.h"
#include "symbols/lock_holder.h"

#if defined(__aarch64__)
enum { ADDRESS = 0, OPERATION = 1, VALUE = 2 };
#else
enum { ADDRESS = 5, OPERATION = 4, VALUE = 1 };
#endif

#define CONTENDED 2
#define AT_OWNER 8
#define AT_USERS 12
#define AT_KIND 16

struct stuck {
	struct child child; /* its second thread keeps the mutex, its first waits for it */
	struct process *process;
	struct stack_record record;
};

static pthread_mutex_t *mutex(void)
{
	return (pthread_mutex_t *)memory;
}

static void *keep(void *ready)
{
	prctl(PR_SET_NAME, "keeper of locks"); /* as long as may be */
	pthread_mutex_lock(mutex());
	tell(*(int *)ready, gettid());
	sleep_long();
	return NULL;
}

static void wait_for_ever(int ready, int kind)
{
	pthread_mutexattr_t attributes;
	pthread_t keeper;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, kind);
	pthread_mutex_init(mutex(), &attributes);
	pthread_create(&keeper, NULL, keep, &ready);
	while (pthread_mutex_trylock(mutex()) == 0) {
		pthread_mutex_unlock(mutex());
		pause_briefly();
	}
	pthread_mutex_lock(mutex());
}

static void wait_for_normal(int ready)
{
	wait_for_ever(ready, PTHREAD_MUTEX_NORMAL);
}

static void wait_for_recursive(int ready)
{
	wait_for_ever(ready, PTHREAD_MUTEX_RECURSIVE);
}

static uint32_t word_at(const struct stuck *stuck, size_t offset)
{
	uint32_t word;

	assert_int_equal(process_read(stuck->process, (uintptr_t)memory + offset, &word, 4), 0);
	return word;
}

static struct stuck start(void (*body)(int ready))
{
	struct stuck stuck = {.child = start_child(body)};

	stuck.process = look_at(&stuck.child);
	stuck.record = (struct stack_record){
		.id = {.pid = (uint32_t)stuck.child.pid, .tid = (uint32_t)stuck.child.pid},
		.cause = CAUSE_LOCK,
		.syscall_nr = SYS_futex,
	};
	stuck.record.registers[ADDRESS] = (uintptr_t)memory;
	stuck.record.registers[OPERATION] = FUTEX_WAIT_PRIVATE;
	stuck.record.registers[VALUE] = CONTENDED;
	while (word_at(&stuck, 0) != CONTENDED)
		pause_briefly();
	return stuck;
}

static void stop(struct stuck *stuck)
{
	process_free(stuck->process);
	stop_child(&stuck->child);
}

static void assert_holder(const struct stuck *stuck, pid_t tid, const char *thread)
{
	struct stack_holder holder = {77, "?"};

	lock_holder_read(stuck->process, &stuck->record, &holder);
	assert_int_equal(holder.tid, tid);
	assert_string_equal(holder.thread, thread);
}

static void check_kept(void (*body)(int ready))
{
	struct stuck stuck = start(body);

	assert_holder(&stuck, stuck.child.thread, "keeper of locks");
	stop(&stuck);
}

static void test_mutex(void **state)
{
	(void)state;
	check_kept(wait_for_normal);
	check_kept(wait_for_recursive);
}

/* The kernel tells what it waits for: another lock, another place, or none. */
static void test_other_waits(void **state)
{
	struct stuck stuck = start(wait_for_normal);
	const struct stack_record record = stuck.record;

	(void)state;
	stuck.record.cause = CAUSE_SYSCALL;
	assert_holder(&stuck, 0, "");
	stuck.record = record;
	stuck.record.syscall_nr = SYS_read;
	assert_holder(&stuck, 0, "");
	stuck.record = record;
	stuck.record.registers[OPERATION] = FUTEX_WAIT_BITSET_PRIVATE;
	assert_holder(&stuck, 0, "");
	stuck.record = record;
	stuck.record.registers[VALUE] = 1;
	assert_holder(&stuck, 0, "");
	stuck.record = record;
	stuck.record.registers[ADDRESS] += 4;
	assert_holder(&stuck, 0, "");
	stuck.record.registers[ADDRESS] = (uintptr_t)memory + NR_PAGES * PAGE - 4;
	assert_holder(&stuck, 0, "");
	stuck.record.registers[ADDRESS] = UINT64_MAX - 2;
	assert_holder(&stuck, 0, "");
	stop(&stuck);
}

static const struct {
	const char *what;
	size_t at;
	uint32_t value;
} lies[] = {
	{"nobody waits", 0, 1},
	{"it has been taken more than once", 4, 1},
	{"nobody has it", AT_OWNER, 0},
	{"init has it", AT_OWNER, 1},
	{"a thread that cannot be has it", AT_OWNER, UINT32_MAX},
	{"nobody uses it", AT_USERS, 0},
	{"it is robust", AT_KIND, 16},
	{"it is of all processes", AT_KIND, 128},
	{"it is recursive", AT_KIND, PTHREAD_MUTEX_RECURSIVE},
	{"it is of no kind", AT_KIND, UINT32_MAX},
};

static void put_word(const struct stuck *stuck, size_t offset, uint32_t word)
{
	struct iovec local = {&word, sizeof(word)};
	struct iovec remote = {memory + offset, sizeof(word)};

	assert_int_equal(process_vm_writev(stuck->child.pid, &local, 1, &remote, 1, 0), 4);
}

static void test_lies(void **state)
{
	struct stuck stuck = start(wait_for_normal);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		uint32_t truth = word_at(&stuck, lies[i].at);
		struct stack_holder holder;

		put_word(&stuck, lies[i].at, lies[i].value);
		lock_holder_read(stuck.process, &stuck.record, &holder);
		if (holder.tid)
			fail_msg("it was believed that %s", lies[i].what);
		put_word(&stuck, lies[i].at, truth);
	}
	put_word(&stuck, AT_OWNER, (uint32_t)stuck.child.pid); /* who waits */
	assert_holder(&stuck, 0, "");
	put_word(&stuck, AT_OWNER, (uint32_t)stuck.child.thread);
	assert_holder(&stuck, stuck.child.thread, "keeper of locks");
	stop(&stuck);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mutex, memory_setup, memory_teardown),
		cmocka_unit_test_setup_teardown(test_other_waits, memory_setup, memory_teardown),
		cmocka_unit_test_setup_teardown(test_lies, memory_setup, memory_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
