/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Process contexts, sound and hostile: the test publishes them of itself, in its own memory,
 * and has children that end or become another program.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "identity/proc.h"
#include "identity/process_context.h"
#include "published_context.h"

static int read_context(int directory, struct attributes *set)
{
	unsigned char payload[PROCESS_CONTEXT_MAX_PAYLOAD];
	size_t size;

	return process_context_read(directory, payload, &size)
		       ?: process_context_decode(payload, size, set);
}

/* Of this process; what is put is freed. */
static int read_own(struct attributes *set)
{
	int directory = proc_open(getpid()), r;

	assert_true(directory >= 0);
	r = read_context(directory, set);
	close(directory);
	return r;
}

static int read_own_result(void)
{
	struct attributes set = {};
	int r = read_own(&set);

	if (r)
		assert_int_equal(set.nr, 0);
	attributes_done(&set);
	return r;
}

static void assert_example(const struct attributes *set)
{
	assert_string_equal(attributes_get_text(set, "service.name"), "checkout");
	assert_int_equal(set->nr, 7);
}

static void example_is_read(void **state)
{
	struct published_context *context;
	struct attributes set = {};

	(void)state;
	assert_int_equal(read_own(&set), -ENOENT);
	context = published_new(published_example, published_example_size);
	assert_int_equal(read_own(&set), 0);
	assert_example(&set);
	attributes_done(&set);
	/* the payload may be anywhere in the process's own memory */
	context->header.payload = (uintptr_t)malloc(published_example_size);
	memcpy((void *)context->header.payload, published_example, published_example_size);
	memset(context->payload, 0, sizeof(context->payload));
	assert_int_equal(read_own(&set), 0);
	assert_example(&set);
	attributes_done(&set);
	free((void *)context->header.payload);
	published_free(context);
	assert_int_equal(read_own(&set), -ENOENT);
}

static void bad_headers_are_refused(void **state)
{
	struct published_context *context =
		published_new(published_example, published_example_size);
	const struct process_context_header good = context->header;
	struct process_context_header *header = &context->header;
	const __u64 end = (uintptr_t)context + sizeof(*context);
	const __u64 addresses[] = {0,          1,
				   end,        end - 1,
				   UINT64_MAX, 0xffff888000000000,
				   1ULL << 63, (uintptr_t)published_example};
	const __u32 sizes[] = {0, PROCESS_CONTEXT_MAX_PAYLOAD + 1, UINT32_MAX};
	const __u32 versions[] = {0, 1, 3, 99, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		*header = good;
		header->payload = addresses[i];
		if (read_own_result() != -EBADMSG)
			fail_msg("a payload at %#llx is read", addresses[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		*header = good;
		header->payload_size = sizes[i];
		assert_int_equal(read_own_result(), -EBADMSG);
	}
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		*header = good;
		header->version = versions[i];
		assert_int_equal(read_own_result(), -EBADMSG);
	}
	*header = good;
	header->signature[7] = 'x';
	assert_int_equal(read_own_result(), -EBADMSG);
	*header = good;
	header->published_at_ns = 0; /* being written */
	assert_int_equal(read_own_result(), -EAGAIN);
	*header = good;
	assert_int_equal(read_own_result(), 0);
	published_free(context);
}

/* It begins in memory of its own, and goes on in a file. */
static void payload_is_in_one_mapping(void **state)
{
	const size_t page = 4096, before = 100;
	struct published_context *context =
		published_new(published_example, published_example_size);
	char *memory =
		mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	assert_int_equal(
		fwrite(published_example + before, published_example_size - before, 1, file), 1);
	fflush(file);
	assert_ptr_not_equal(memory, MAP_FAILED);
	memcpy(memory + page - before, published_example, published_example_size);
	context->header.payload = (uintptr_t)(memory + page - before);
	assert_int_equal(read_own_result(), 0);
	assert_ptr_equal(
		mmap(memory + page, page, PROT_READ, MAP_SHARED | MAP_FIXED, fileno(file), 0),
		memory + page);
	assert_memory_equal(memory + page - before, published_example, published_example_size);
	assert_int_equal(read_own_result(), -EBADMSG);
	munmap(memory, 2 * page);
	fclose(file);
	published_free(context);
}

/* A mapping longer than what is behind it: to touch it would be SIGBUS. */
static void cut_mapping_is_refused(void **state)
{
	int fd = memfd_create("OTEL_CTX", MFD_CLOEXEC);
	void *memory;

	(void)state;
	assert_true(fd >= 0);
	memory = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(read_own_result(), -EBADMSG);
	munmap(memory, 4096);
	close(fd);
}

/* A walk goes by address: the sound one comes last. */
static void sound_one_is_found_among_others(void **state)
{
	struct published_context *contexts[4], *last;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++) {
		contexts[i] = published_new(published_example, published_example_size);
		contexts[i]->header.version = 1;
		last = i && last > contexts[i] ? last : contexts[i];
	}
	assert_int_equal(read_own_result(), -EBADMSG);
	last->header.version = 2;
	assert_int_equal(read_own_result(), 0);
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++)
		published_free(contexts[i]);
}

/* In a root of its own, a file's path can look like a memfd's. */
static int read_fake_memfd(const char *root)
{
	/* a payload that would do */
	struct published_context *context =
		published_new(published_example, published_example_size);
	int directory = proc_open(getpid()), fd;
	struct attributes set = {};
	void *memory;

	if (chroot(root) || chdir("/"))
		return 77;
	fd = open("memfd:OTEL_CTX", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || ftruncate(fd, 4096))
		return 1;
	memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memcpy(memory, &context->header, sizeof(context->header));
	memset(&context->header, 0, sizeof(context->header));
	return read_context(directory, &set) == -EBADMSG ? 0 : 2;
}

static void file_of_that_name_is_refused(void **state)
{
	char root[] = "/tmp/loopscope-test-XXXXXX", file[64];
	int status;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(file, sizeof(file), "%s/memfd:OTEL_CTX", root);
	pid = fork();
	if (pid == 0)
		_exit(read_fake_memfd(root));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(file);
	rmdir(root);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("skipped: chroot() is not permitted\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

struct changer {
	struct published_context *context;
	struct payload_writer payloads[2];
	atomic_bool stop;
};

static __u64 clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 * MS + now.tv_nsec;
}

/* Again and again, and always by the rules. */
static void *change(void *argument)
{
	struct changer *changer = argument;
	struct process_context_header *header = &changer->context->header;
	struct random random = {7};
	__u64 time_ns = 2, until;

	while (!atomic_load(&changer->stop)) {
		const struct payload_writer *payload = &changer->payloads[time_ns % 2];

		__atomic_store_n(&header->published_at_ns, 0, __ATOMIC_SEQ_CST);
		memcpy(changer->context->payload, payload->bytes, payload->size);
		header->payload_size = payload->size;
		__atomic_store_n(&header->published_at_ns, time_ns++, __ATOMIC_SEQ_CST);
		/* leaves some time, by chance more or less than a read takes */
		for (until = clock_ns() + random_below(&random, 100) * US; clock_ns() < until;)
			;
	}
	return NULL;
}

static void write_changing(struct payload_writer *writer, char letter, size_t size)
{
	char *value = malloc(size);

	memset(value, letter, size);
	payload_add(writer, "value", value, size);
	payload_finish(writer);
	free(value);
}

/* Either of the two, whole, or none. */
static void change_is_noticed(void **state)
{
	static struct changer changer;
	int nr_read = 0;
	pthread_t thread;

	(void)state;
	write_changing(&changer.payloads[0], 'a', 3000);
	write_changing(&changer.payloads[1], 'b', 4000);
	changer.context = published_new(changer.payloads[0].bytes, changer.payloads[0].size);
	assert_int_equal(pthread_create(&thread, NULL, change, &changer), 0);
	while (nr_read < 2000) {
		struct attributes set = {};
		int r = read_own(&set);
		const char *value;

		if (r == -EAGAIN)
			continue;
		assert_int_equal(r, 0);
		value = attributes_get_text(&set, "value");
		assert_non_null(value);
		assert_int_equal(strspn(value, value[0] == 'a' ? "a" : "b"),
				 value[0] == 'a' ? 3000 : 4000);
		assert_int_equal(strlen(value), value[0] == 'a' ? 3000 : 4000);
		attributes_done(&set);
		nr_read++;
	}
	atomic_store(&changer.stop, true);
	pthread_join(thread, NULL);
	published_free(changer.context);
}

/* A child that has published; it goes on when told to, and ends or becomes sleep. */
static pid_t start_publisher(int *ret_go_on, const char *program)
{
	int ready[2], go_on[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	assert_int_equal(pipe2(go_on, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		published_new(published_example, published_example_size);
		close(go_on[1]);
		if (write(ready[1], "", 1) != 1 || read(go_on[0], &byte, 1) < 0)
			_exit(1);
		if (program)
			execl(program, program, "1000", (char *)NULL);
		_exit(0);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	close(go_on[0]);
	*ret_go_on = go_on[1];
	return pid;
}

static void ended_process_has_none(void **state)
{
	struct attributes set = {};
	int go_on, directory, r;
	pid_t pid = start_publisher(&go_on, NULL);

	(void)state;
	directory = proc_open(pid);
	assert_int_equal(read_context(directory, &set), 0);
	assert_example(&set);
	attributes_done(&set);
	close(go_on);
	assert_int_equal(waitid(P_PID, pid, &(siginfo_t){}, WEXITED | WNOWAIT), 0);
	r = read_context(directory, &set); /* a zombie */
	assert_true(r == -ENOENT || r == -ESRCH);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	r = read_context(directory, &set);
	assert_true(r == -ENOENT || r == -ESRCH);
	assert_int_equal(set.nr, 0);
	close(directory);
}

static void another_program_has_none(void **state)
{
	struct attributes set = {};
	char executable[64] = "";
	int go_on, directory;
	pid_t pid = start_publisher(&go_on, "/bin/sleep");

	(void)state;
	directory = proc_open(pid);
	close(go_on);
	while (!strstr(executable, "sleep"))
		proc_read_link(directory, "exe", executable, sizeof(executable));
	assert_int_equal(read_context(directory, &set), -ENOENT);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_is_read),
		cmocka_unit_test(bad_headers_are_refused),
		cmocka_unit_test(payload_is_in_one_mapping),
		cmocka_unit_test(cut_mapping_is_refused),
		cmocka_unit_test(sound_one_is_found_among_others),
		cmocka_unit_test(file_of_that_name_is_refused),
		cmocka_unit_test(change_is_noticed),
		cmocka_unit_test(ended_process_has_none),
		cmocka_unit_test(another_program_has_none),
	};

	return cmocka_run_group_tests_name("process_context", tests, NULL, NULL);
}
