/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attaches a program that does nothing (r0 = 0; exit) to each hook named: what
 * any observer on these hooks pays at the least.
 *
 *   empty_hooks KIND:NAME...     tp_btf:sched_switch, or fentry:ID and fexit:ID with the
 *                                function's number in the kernel's BTF, as fdinfo shows it
 *
 * Prints "ready" when all are attached; detaches at the end of stdin.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

struct hook {
	enum bpf_attach_type attach_type;
	__u32 btf_id;
};

static struct hook hook_parse(const char *text)
{
	const char *name = strchr(text, ':');
	struct hook hook = {};
	int id;

	if (!name++)
		errx(2, "not KIND:NAME: %s", text);
	if (!strncmp(text, "tp_btf:", strlen("tp_btf:"))) {
		hook.attach_type = BPF_TRACE_RAW_TP;
		id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP);
		if (id < 0)
			errx(1, "%s: no such tracepoint in the kernel's BTF", name);
		hook.btf_id = (__u32)id;
		return hook;
	}
	if (!strncmp(text, "fentry:", strlen("fentry:")))
		hook.attach_type = BPF_TRACE_FENTRY;
	else if (!strncmp(text, "fexit:", strlen("fexit:")))
		hook.attach_type = BPF_TRACE_FEXIT;
	else
		errx(2, "not a kind of hook known here: %s", text);
	hook.btf_id = (__u32)strtoul(name, NULL, 10);
	return hook;
}

/* Stays attached until this process ends: the link has no other owner. */
static void hook_attach(const struct hook *hook, const char *text)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = hook->attach_type,
		    .attach_btf_id = hook->btf_id);
	int prog_fd, link_fd;

	prog_fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, "empty", "GPL", nothing,
				sizeof(nothing) / sizeof(nothing[0]), &options);
	if (prog_fd < 0)
		err(1, "cannot load for %s", text);
	link_fd = bpf_raw_tracepoint_open(NULL, prog_fd);
	if (link_fd < 0)
		err(1, "cannot attach to %s", text);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct hook hook = hook_parse(argv[i]);

		hook_attach(&hook, argv[i]);
	}
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
