/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attaches a program that does nothing (r0 = 0; exit) to each hook named: what
 * any observer on these hooks pays at the least.
 *
 *   empty_hooks KIND:NAME...     tp_btf:sched_switch; tracepoint:sys_enter_epoll_wait, of
 *                                system calls only; fentry:ID and fexit:ID with the
 *                                function's number in the kernel's BTF, as fdinfo shows it
 *
 * Prints "ready" when all are attached; detaches at the end of stdin.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#define EVENTS "/sys/kernel/tracing/events/syscalls"

static int program_load(enum bpf_prog_type type, const struct bpf_prog_load_opts *options,
			const char *hook)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(type, "empty", "GPL", nothing, sizeof(nothing) / sizeof(nothing[0]),
			       options);

	if (fd < 0)
		err(1, "cannot load for %s", hook);
	return fd;
}

/* Each stays attached until this process ends: the link, or event, has no other owner. */
static void attach_traced(enum bpf_attach_type attach_type, __u32 btf_id, const char *hook)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach_type,
		    .attach_btf_id = btf_id);
	int prog_fd = program_load(BPF_PROG_TYPE_TRACING, &options, hook);

	if (bpf_raw_tracepoint_open(NULL, prog_fd) < 0)
		err(1, "cannot attach to %s", hook);
}

static void attach_raw_tracepoint(const char *name, const char *hook)
{
	int id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP);

	if (id < 0)
		errx(1, "%s: no such tracepoint in the kernel's BTF", name);
	attach_traced(BPF_TRACE_RAW_TP, (__u32)id, hook);
}

static void attach_fentry(const char *name, const char *hook)
{
	attach_traced(BPF_TRACE_FENTRY, (__u32)strtoul(name, NULL, 10), hook);
}

static void attach_fexit(const char *name, const char *hook)
{
	attach_traced(BPF_TRACE_FEXIT, (__u32)strtoul(name, NULL, 10), hook);
}

static unsigned long long event_number(const char *name)
{
	unsigned long long number;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), EVENTS "/%s/id", name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%llu", &number) != 1)
		err(1, "%s", path);
	fclose(file);
	return number;
}

static void attach_tracepoint(const char *name, const char *hook)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(event),
		.config = event_number(name),
	};
	int prog_fd = program_load(BPF_PROG_TYPE_TRACEPOINT, NULL, hook);
	int fd = (int)syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd < 0 || ioctl(fd, PERF_EVENT_IOC_SET_BPF, prog_fd))
		err(1, "cannot attach to %s", hook);
}

static const struct kind {
	const char *prefix;
	void (*attach)(const char *name, const char *hook);
} kinds[] = {
	{"tp_btf:", attach_raw_tracepoint},
	{"tracepoint:", attach_tracepoint},
	{"fentry:", attach_fentry},
	{"fexit:", attach_fexit},
};

static void attach(const char *hook)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].prefix);

		if (!strncmp(hook, kinds[i].prefix, length)) {
			kinds[i].attach(hook + length, hook);
			return;
		}
	}
	errx(2, "not a kind of hook known here: %s", hook);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		attach(argv[i]);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
