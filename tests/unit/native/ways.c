/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks that are hard to follow; the name that the program is called by says which. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile unsigned long turns;

static void say_busy(void)
{
	if (write(1, "b", 1) != 1)
		_exit(1);
}

__attribute__((noinline)) void burn(void)
{
	say_busy();
	for (;;)
		turns++;
}

static void on_signal(int signal)
{
	turns += signal;
	burn();
}

__attribute__((noinline)) int interrupted(void)
{
	raise(SIGUSR1);
	return ++turns;
}

static void signalled(void)
{
	signal(SIGUSR1, on_signal);
	interrupted();
}

int descend(int depth);

static inline __attribute__((always_inline)) int step_down(int depth)
{
	return descend(depth - 1) + 1;
}

__attribute__((noinline)) int descend(int depth)
{
	if (!depth)
		burn();
	return step_down(depth);
}

static void deep(void)
{
	descend(200);
}

static void deeper(void)
{
	descend(100000);
}

__attribute__((noinline)) void tell_time(void)
{
	struct timespec now;

	say_busy();
	for (;;)
		clock_gettime(CLOCK_MONOTONIC, &now);
}

static void nowhere(void)
{
	void (*volatile function)(void) = NULL;

	signal(SIGSEGV, on_signal);
	function();
}

/* Loads what the test has built meanwhile, and runs that. */
static void loads(void)
{
	char path[4096] = "";
	void (*function)(void);
	ssize_t n;

	say_busy();
	n = read(0, path, sizeof(path) - 1);
	if (n <= 0)
		_exit(1);
	function = (void (*)(void))dlsym(dlopen(path, RTLD_NOW), "in_library");
	function();
}

#if defined(__x86_64__)
/* As hand-written code does: what leads to the caller lies below the stack pointer. */
void below(void);
__asm__(".text\n"
	".type below, @function\n"
	"below:\n"
	".cfi_startproc\n"
	"	mov %rsp, %rax\n"
	".cfi_def_cfa_register %rax\n"
	"	sub $0x400, %rsp\n"
	"	and $-0x400, %rsp\n"
	"	mov %rax, -8(%rsp)\n"
	/* DW_CFA_def_cfa_expression: DW_OP_breg7 -8, DW_OP_deref, DW_OP_plus_uconst 8 */
	".cfi_escape 0x0f,5,0x77,0x78,0x06,0x23,8\n"
	"	xor %eax, %eax\n"
	"	xor %ebp, %ebp\n"
	"1:	inc %rax\n"
	"	jmp 1b\n"
	".cfi_endproc\n"
	".size below, .-below\n");

__attribute__((noinline)) void calls_below(void)
{
	say_busy();
	below();
	turns++;
}
#else
static void calls_below(void)
{
	_exit(1);
}
#endif

/* More executable mappings than anyone keeps: every other page of much memory. */
static void mappings(void)
{
	const size_t nr = 20000, page = 4096;
	char *memory = mmap(NULL, nr * 2 * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < nr; i++)
		mprotect(memory + i * 2 * page, page, PROT_READ | PROT_EXEC);
	burn();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*go)(void);
	} ways[] = {
		{"signalled", signalled}, {"deep", deep},         {"deeper", deeper},
		{"vdso", tell_time},      {"nowhere", nowhere},   {"loads", loads},
		{"below", calls_below},   {"mappings", mappings},
	};
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];

	(void)argc;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (!strcmp(name, ways[i].name))
			ways[i].go();
	}
	return 1;
}
