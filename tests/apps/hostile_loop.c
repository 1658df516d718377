/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An event loop that tells lies about itself to whoever asks where it is stuck.
 *
 *   hostile_loop MODE
 *
 * Each line on stdin has it stall; it says `ready {}` first, and `stalled {}` after each. MODE:
 *
 *   symbol    in a function whose name has 64 KiB
 *   elf       in code of a file that is an ELF file but for its headers, which are noise
 *   perf-map  in code of no file, beside a /tmp/perf-PID.map of 4 GB
 *   python    with a _PyRuntime whose every pointer leads to itself
 *   unmap     for ever, while its outer frames are unmapped and mapped
 */
#include <err.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define STALL_S 1
#define PAGE ((size_t)4096)
#define STACK_BYTES (64 * PAGE)
#define PERF_MAP_BYTES ((off_t)4 << 30)

#define X16 "xxxxxxxxxxxxxxxx"
#define X256 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16 X16
#define X4096 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256 X256
#define X65536                                                                                    \
	X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 X4096 \
		X4096

static volatile int over; /* the stall, by another thread */

/* What an interpreter would export, and be believed by. */
__attribute__((visibility("default"))) const unsigned long Py_Version = 0x030d00f0;
__attribute__((visibility("default"), section(".PyRuntime"))) uint64_t _PyRuntime[8192] = {1};

__attribute__((noinline)) void spin_under_a_long_name(volatile int *until) __asm__(X65536);

void spin_under_a_long_name(volatile int *until)
{
	while (!*until)
		;
}

/* Position-independent, and of a section of its own: so it can be copied. */
__attribute__((noinline, section("spin_code"))) static void spin(volatile int *until)
{
	while (!*until)
		;
}

extern const char __start_spin_code[], __stop_spin_code[];

typedef void spin_fn(volatile int *until);

static void *end_stall(void *unused)
{
	(void)unused;
	sleep(STALL_S);
	over = 1;
	return NULL;
}

static void stall_in(spin_fn *function)
{
	pthread_t thread;

	over = 0;
	if (pthread_create(&thread, NULL, end_stall, NULL))
		errx(1, "pthread_create");
	function(&over);
	pthread_join(thread, NULL);
}

/* A header with the right beginning, noise behind it, then the code. */
static spin_fn *spin_of_file(void)
{
	unsigned char page[4096];
	FILE *file = tmpfile();
	void *code;

	if (!file)
		err(1, "tmpfile");
	srandom(1);
	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (unsigned char)random();
	memcpy(page, "\177ELF\2\1\1", 8);
	if (fwrite(page, sizeof(page), 1, file) != 1 ||
	    fwrite(__start_spin_code, (size_t)(__stop_spin_code - __start_spin_code), 1, file) !=
		    1 ||
	    fflush(file))
		err(1, "fwrite");
	code = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(file), PAGE);
	if (code == MAP_FAILED)
		err(1, "mmap");
	return (spin_fn *)code;
}

static void write_perf_map(const void *code)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/perf-%d.map", getpid());
	file = fopen(path, "we");
	if (!file || fprintf(file, "%lx 1000 made_at_run_time\n", (unsigned long)code) < 0 ||
	    fflush(file) || ftruncate(fileno(file), PERF_MAP_BYTES))
		err(1, "%s", path);
	fclose(file);
}

static spin_fn *spin_of_no_file(void)
{
	void *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED)
		err(1, "mmap");
	memcpy(code, __start_spin_code, (size_t)(__stop_spin_code - __start_spin_code));
	__builtin___clear_cache(code, (char *)code + PAGE);
	write_perf_map(code);
	return (spin_fn *)code;
}

static void lie_of_python(void)
{
	for (size_t i = 0; i < sizeof(_PyRuntime) / sizeof(*_PyRuntime); i++)
		_PyRuntime[i] = (uintptr_t)_PyRuntime;
	memcpy(_PyRuntime, "xdebugpy", 8);
	_PyRuntime[1] = Py_Version;
}

static unsigned char *stack;

static void *unmap_and_map(void *from)
{
	unsigned char *outer = from;
	size_t size = (size_t)(stack + STACK_BYTES - outer);

	for (;;) {
		munmap(outer, size);
		if (mmap(outer, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != outer)
			err(1, "mmap");
	}
	return NULL;
}

/* All frames but the innermost go; it never returns to them. */
static void sleep_without_stack(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	pthread_t thread;

	if (pthread_create(&thread, NULL, unmap_and_map, (void *)((here | (PAGE - 1)) + 1)))
		errx(1, "pthread_create");
	while (!over)
		sleep(1000);
}

__attribute__((noinline)) static void go_deep(int depth)
{
	volatile char room[256] = {(char)depth};

	if (depth)
		go_deep(depth - 1);
	else
		sleep_without_stack();
	(void)room[0];
}

static void run_deep(void)
{
	go_deep(100);
}

static void stall_unmapping(void)
{
	ucontext_t own, other;

	stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack == MAP_FAILED || getcontext(&other))
		err(1, "mmap");
	other.uc_stack.ss_sp = stack;
	other.uc_stack.ss_size = STACK_BYTES;
	other.uc_link = &own;
	makecontext(&other, run_deep, 0);
	swapcontext(&own, &other);
}

static void stall(const char *mode)
{
	if (!strcmp(mode, "symbol"))
		stall_in(spin_under_a_long_name);
	else if (!strcmp(mode, "elf"))
		stall_in(spin_of_file());
	else if (!strcmp(mode, "perf-map"))
		stall_in(spin_of_no_file());
	else if (!strcmp(mode, "unmap"))
		stall_unmapping();
	else
		stall_in(spin);
}

int main(int argc, char **argv)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epfd = epoll_create1(EPOLL_CLOEXEC);
	char line[64];

	if (argc != 2)
		errx(2, "usage: hostile_loop MODE");
	if (!strcmp(argv[1], "python"))
		lie_of_python();
	if (epfd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, STDIN_FILENO, &event))
		err(1, "epoll");
	puts("ready {}");
	fflush(stdout);
	while (epoll_wait(epfd, &event, 1, -1) == 1 && read(STDIN_FILENO, line, sizeof(line)) > 0) {
		stall(argv[1]);
		puts("stalled {}");
		fflush(stdout);
	}
	return 0;
}
