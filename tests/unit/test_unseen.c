/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that own an eventpoll and wait on none: children of this process do
 * what a stuck loop does, and are looked at until they are where they should be.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unseen_fixture.h"

static void spin(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

static void wait_on(int epfd)
{
	struct epoll_event event;

	epoll_wait(epfd, &event, 1, -1);
}

static void spin_with_eventpoll(int ready)
{
	prctl(PR_SET_NAME, "a (weird) name");
	new_eventpoll();
	tell(ready, 0);
	spin();
}

static void a_spinning_loop_is_found(void **state)
{
	struct child child = start_child(spin_with_eventpoll);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 1, -1, threads);
	assert_int_equal(threads[0].pid, child.pid);
	assert_int_equal(threads[0].tid, child.pid);
	assert_string_equal(threads[0].thread, "a (weird) name");
	assert_string_equal(threads[0].process, "a (weird) name");
	assert_true(threads[0].running);
	assert_false(threads[0].stopped);
	assert_true(threads[0].start_ticks > 0);
	/* seen since: it is the loop of that eventpoll */
	assert_int_equal(unseen_find(child.pid, &child.pid, 1, threads, MAX_THREADS), 0);
	assert_int_equal(unseen_find(child.pid, NULL, 0, threads, 0), 0);
	stop_child(&child);
	assert_true(unseen_find(child.pid, NULL, 0, threads, MAX_THREADS) < 0);
}

static void a_stopped_loop_is_found(void **state)
{
	struct child child = start_child(spin_with_eventpoll);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	kill(child.pid, SIGSTOP);
	assert_int_equal(waitpid(child.pid, NULL, WUNTRACED), child.pid);
	await_unseen(&child, 1, -1, threads);
	assert_true(threads[0].stopped);
	assert_false(threads[0].running);
	stop_child(&child);
}

static void sleep_with_eventpoll(int ready)
{
	new_eventpoll();
	tell(ready, 0);
	sleep_long();
}

static void a_blocked_loop_is_found(void **state)
{
	struct child child = start_child(sleep_with_eventpoll);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 1, SYS_clock_nanosleep, threads);
	assert_false(threads[0].running);
	stop_child(&child);
}

static void wait_on_eventpoll(int ready)
{
	tell(ready, 0);
	wait_on(new_eventpoll());
}

static void a_waiting_loop_is_not(void **state)
{
	struct child child = start_child(wait_on_eventpoll);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 0, -1, threads);
	stop_child(&child);
}

static void wait_beside_an_empty_one(int ready)
{
	epoll_create1(EPOLL_CLOEXEC);
	tell(ready, 0);
	wait_on(new_eventpoll());
}

static void an_empty_eventpoll_is_no_loop(void **state)
{
	struct child child = start_child(wait_beside_an_empty_one);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 0, -1, threads);
	stop_child(&child);
}

static void *thread_spins(void *ready)
{
	tell((int)(intptr_t)ready, gettid());
	spin();
	return NULL;
}

static void join_a_spinning_thread(int ready)
{
	pthread_t thread;

	new_eventpoll();
	pthread_create(&thread, NULL, thread_spins, (void *)(intptr_t)ready);
	pthread_join(thread, NULL);
}

static void a_joining_leader_is_passed_over(void **state)
{
	struct child child = start_child(join_a_spinning_thread);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(unseen_find(child.pid, NULL, 0, threads, MAX_THREADS), 1);
		if (threads[0].tid == child.thread)
			break;
		pause_briefly();
	}
	assert_int_equal(threads[0].tid, child.thread);
	assert_true(threads[0].running);
	stop_child(&child);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *thread_locks(void *unused)
{
	pthread_mutex_lock(&lock);
	return unused;
}

static void idle_in_a_pool(int ready)
{
	pthread_t threads[2];

	new_eventpoll();
	pthread_mutex_lock(&lock);
	pthread_create(&threads[0], NULL, thread_locks, NULL);
	pthread_create(&threads[1], NULL, thread_locks, NULL);
	tell(ready, 0);
	pthread_join(threads[0], NULL);
}

static void a_pool_is_not_guessed_at(void **state)
{
	struct child child = start_child(idle_in_a_pool);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	await_unseen(&child, 0, -1, threads);
	stop_child(&child);
}

static void *thread_waits(void *epfd)
{
	wait_on((int)(intptr_t)epfd);
	return NULL;
}

static void block_beside_a_waiting_thread(int ready)
{
	int epfd = new_eventpoll();
	pthread_t thread;

	new_eventpoll();
	pthread_create(&thread, NULL, thread_waits, (void *)(intptr_t)epfd);
	tell(ready, 0);
	sleep_long();
}

static void a_waiting_thread_claims_its_own(void **state)
{
	struct child child = start_child(block_beside_a_waiting_thread);
	struct unseen_thread threads[MAX_THREADS];

	(void)state;
	/* two threads, two eventpolls, one of them waited on */
	await_unseen(&child, 1, SYS_clock_nanosleep, threads);
	assert_int_equal(threads[0].tid, child.pid);
	stop_child(&child);
}

static void the_caller_is_not_stuck(void **state)
{
	struct unseen_thread threads[MAX_THREADS];
	int epfd = epoll_create1(EPOLL_CLOEXEC);

	(void)state;
	assert_int_equal(unseen_find(getpid(), NULL, 0, threads, MAX_THREADS), 0);
	close(epfd);
}

/* The kernel may be built without it, and containers refuse it. */
static void skip_without_kcmp(void)
{
	pid_t pid = getpid();

	if (syscall(SYS_kcmp, pid, pid, KCMP_FILES, 0, 0) == 0)
		return;
	print_message("skipped: kcmp: %s\n", strerror(errno));
	skip();
}

static void wait_on_outer_and_duplicate(int ready)
{
	int outer = new_eventpoll(), inner = new_eventpoll();

	epoll_ctl(outer, EPOLL_CTL_ADD, inner, &(struct epoll_event){.events = EPOLLIN});
	tell(ready, 0);
	wait_on(fcntl(outer, F_DUPFD_CLOEXEC, 100));
}

static void nested_and_duplicate_are_left_out(void **state)
{
	struct unseen_thread threads[MAX_THREADS];
	struct child child;

	(void)state;
	skip_without_kcmp();
	child = start_child(wait_on_outer_and_duplicate);
	await_unseen(&child, 0, -1, threads);
	stop_child(&child);
}

static void fork_from_a_loop(int ready)
{
	int epfd = new_eventpoll();
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		tell(ready, getpid());
		sleep_long();
	}
	wait_on(epfd);
}

static void inherited_is_left_out(void **state)
{
	struct unseen_thread threads[MAX_THREADS];
	struct child child;

	(void)state;
	skip_without_kcmp();
	child = start_child(fork_from_a_loop);
	assert_int_equal(unseen_find(child.thread, NULL, 0, threads, MAX_THREADS), 0);
	stop_child(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spinning_loop_is_found),
		cmocka_unit_test(a_stopped_loop_is_found),
		cmocka_unit_test(a_blocked_loop_is_found),
		cmocka_unit_test(a_waiting_loop_is_not),
		cmocka_unit_test(an_empty_eventpoll_is_no_loop),
		cmocka_unit_test(a_joining_leader_is_passed_over),
		cmocka_unit_test(a_pool_is_not_guessed_at),
		cmocka_unit_test(a_waiting_thread_claims_its_own),
		cmocka_unit_test(the_caller_is_not_stuck),
		cmocka_unit_test(nested_and_duplicate_are_left_out),
		cmocka_unit_test(inherited_is_left_out),
	};

	return cmocka_run_group_tests_name("unseen", tests, NULL, NULL);
}
