/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Programs are stopped by ptrace, which needs no privilege for children. */
#include "unit.h"

#include "native_fixture.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/elf/elf_object.h"
#include "symbols/native/name_cache.h"
#include "symbols/native/native_names.h"
#include "symbols/native/unwind.h"

static char directory[64];

const char *native_directory(void)
{
	if (!*directory) {
		strcpy(directory, "/tmp/loopscope-native-XXXXXX");
		assert_non_null(mkdtemp(directory));
		assert_int_equal(setenv("D", directory, 1), 0);
		/* programs are built by this shell, and not to be checked as this one is */
		unsetenv("LD_PRELOAD");
	}
	return directory;
}

int native_done(void **state)
{
	(void)state;
	elf_objects_clear();
	name_cache_clear();
	return *directory ? system("rm -rf \"$D\"") : 0;
}

void native_shell(const char *format, ...)
{
	char command[8192], *end = command + sizeof(command);
	va_list arguments;
	int length;

	native_directory();
	va_start(arguments, format);
	length = vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	assert_in_range(length, 1, end - command - 1);
	if (system(command) != 0) {
		print_message("cannot run: %s\n", command);
		skip();
	}
}

static void run_program(const char *program, int (*prepare)(void), const int in[2],
			const int out[2])
{
	char path[PATH_MAX];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	if (prepare && prepare())
		_exit(77);
	snprintf(path, sizeof(path), "%s%s%s", *program == '/' ? "" : directory,
		 *program == '/' ? "" : "/", program);
	execl(path, program, (char *)NULL);
	_exit(78);
}

void native_start_in(const char *program, int (*prepare)(void), struct native_run *run)
{
	int in[2], out[2];

	memset(run, 0, offsetof(struct native_run, memory));
	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	run->pid = fork();
	assert_true(run->pid >= 0);
	if (!run->pid)
		run_program(program, prepare, in, out);
	close(in[0]);
	close(out[1]);
	run->input = in[1];
	run->output = out[0];
	if (prepare) {
		char byte;

		if (read(run->output, &byte, 1) == 1)
			return;
		native_stop(run);
		print_message("cannot be prepared: not root?\n");
		skip();
	}
	native_await(run);
}

void native_start(const char *program, struct native_run *run)
{
	native_start_in(program, NULL, run);
}

void native_await(struct native_run *run)
{
	char byte;

	assert_int_equal(read(run->output, &byte, 1), 1);
}

void native_stop(struct native_run *run)
{
	kill(run->pid, SIGKILL);
	waitpid(run->pid, NULL, 0);
	process_free(run->process);
	run->process = NULL;
	close(run->input);
	close(run->output);
}

static void take_registers(const struct user_regs_struct *from, __u64 *to)
{
#if defined(__aarch64__)
	memcpy(to, from->regs, sizeof(from->regs));
	to[STACK_REGISTER_SP] = from->sp;
	to[STACK_REGISTER_PC] = from->pc;
#else
	const __u64 registers[STACK_NR_REGISTERS] = {
		from->rax, from->rdx, from->rcx, from->rbx, from->rsi, from->rdi,
		from->rbp, from->rsp, from->r8,  from->r9,  from->r10, from->r11,
		from->r12, from->r13, from->r14, from->r15, from->rip,
	};

	memcpy(to, registers, sizeof(registers));
#endif
}

void native_capture(struct native_run *run)
{
	struct user_regs_struct registers;
	struct iovec vector = {&registers, sizeof(registers)};
	ssize_t n;
	int status;

	if (!run->process)
		assert_int_equal(process_new(run->pid, UINT64_MAX, &run->process), 0);
	assert_int_equal(ptrace(PTRACE_SEIZE, run->pid, 0, 0), 0);
	assert_int_equal(ptrace(PTRACE_INTERRUPT, run->pid, 0, 0), 0);
	assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
	assert_int_equal(ptrace(PTRACE_GETREGSET, run->pid, NT_PRSTATUS, &vector), 0);
	take_registers(&registers, run->record.registers);
	run->record.nr_registers = STACK_NR_REGISTERS;
	n = process_read_some(run->process, STACK_MEMORY(&run->record), run->memory,
			      sizeof(run->memory));
	assert_int_equal(ptrace(PTRACE_DETACH, run->pid, 0, 0), 0);
	assert_true(n > 0);
	run->sample = (struct stack_sample){
		.record = &run->record, .memory = run->memory, .memory_size = n};
}

void native_resolve(struct native_run *run)
{
	frames_reset(&run->frames);
	assert_int_equal(unwind(run->process, &run->sample, &run->frames), 0);
	assert_int_equal(native_names(run->process, &run->frames), 0);
	assert_in_range(run->frames.nr, 1, STACK_MAX_FRAMES);
}

void native_look(struct native_run *run)
{
	native_capture(run);
	native_resolve(run);
}

void native_look_busy(struct native_run *run)
{
	do {
		native_look(run);
	} while (strstr(run->frames.frame[0].module, "/libc.so"));
}

static const struct frame *find(const struct native_run *run, const char *function)
{
	for (size_t i = 0; i < run->frames.nr; i++) {
		if (!strcmp(run->frames.frame[i].function, function))
			return &run->frames.frame[i];
	}
	return NULL;
}

bool native_has(const struct native_run *run, const char *function)
{
	return find(run, function);
}

static void print_stack(const struct native_run *run)
{
	for (size_t i = 0; i < run->frames.nr; i++) {
		const struct frame *frame = &run->frames.frame[i];

		print_message("%zu %s +%#llx %s:%u (%s) flags %u\n", i, frame->function,
			      (unsigned long long)frame->module_offset, frame->file, frame->line,
			      frame->module, frame->flags);
	}
	print_message("flags %u\n", run->frames.flags);
}

const struct frame *native_frame(const struct native_run *run, const char *function)
{
	const struct frame *frame = find(run, function);

	if (!frame) {
		print_stack(run);
		fail_msg("no frame of %s", function);
	}
	return frame;
}

void native_assert_calls(const struct native_run *run, const char *const *functions, size_t nr)
{
	const struct frame *frame = native_frame(run, functions[0]);
	size_t first = frame - run->frames.frame;

	for (size_t i = 0; i < nr; i++) {
		if (first + i < run->frames.nr && !strcmp(frame[i].function, functions[i]))
			continue;
		print_stack(run);
		fail_msg("%s is not frame %zu", functions[i], first + i);
	}
}

void native_keep_two_capabilities(bool keep)
{
	static struct __user_cap_data_struct all[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct two[_LINUX_CAPABILITY_U32S_3];

	if (keep)
		assert_int_equal(syscall(SYS_capget, &header, all), 0);
	memcpy(two, all, sizeof(two));
	two[0].effective &= CAP_TO_MASK(CAP_SYS_PTRACE) | CAP_TO_MASK(CAP_DAC_READ_SEARCH);
	two[1].effective = 0;
	assert_int_equal(syscall(SYS_capset, &header, keep ? two : all), 0);
}

unsigned int native_line(const char *source, const char *text)
{
	char path[PATH_MAX], line[1024];
	unsigned int number = 0;
	FILE *file;

	snprintf(path, sizeof(path), NATIVE_SOURCES "%s", source);
	file = fopen(path, "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		number++;
		if (strstr(line, text)) {
			fclose(file);
			return number;
		}
	}
	fclose(file);
	fail_msg("%s has no %s", source, text);
	return 0;
}
