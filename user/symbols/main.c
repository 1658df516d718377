/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopscope-symbols: names for the stacks that loopscope or its agent sends it. A program of its
 * own since it reads what others have written; it reads, and does nothing else. Descriptor 0 is a
 * socket (symbols/protocol.h).
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "symbols/confine.h"
#include "symbols/symbolizer.h"
#include "symbols/worker.h"

static int prepare(void *context, pid_t pid, uint64_t process_start_ns,
		   struct python_runtime *ret_runtime)
{
	return symbolizer_prepare(context, pid, process_start_ns, ret_runtime);
}

static void capture(void *context, const struct stack_record *record, struct capture *ret_capture)
{
	symbolizer_capture(context, record, ret_capture);
}

static int resolve(void *context, const struct stack_record *record,
		   const struct capture *of_thread, struct buffer *buffer)
{
	return symbolizer_resolve(context, record, of_thread, buffer);
}

static void stats(const void *context, struct symbolizer_stats *ret_stats)
{
	symbolizer_stats(context, ret_stats);
}

static bool is_packet_socket(int fd)
{
	socklen_t size = sizeof(int);
	int type;

	return !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) && type == SOCK_SEQPACKET;
}

/* Then nobody would end it. */
static bool has_no_parent(int fd)
{
	struct pollfd other_side = {.fd = fd};

	return poll(&other_side, 1, 0) > 0 && other_side.revents & POLLHUP;
}

static int run(size_t memory_bytes)
{
	_cleanup_(symbolizer_freep) struct symbolizer *symbolizer = NULL;
	const struct symbolizer_options options = {};
	struct worker_work work = {prepare, capture, resolve, stats, NULL};
	int r = confine(memory_bytes) ?: symbolizer_new(&options, &symbolizer);

	if (r || has_no_parent(STDIN_FILENO))
		return r;
	work.context = symbolizer;
	return worker_run(STDIN_FILENO, &work);
}

int main(int argc, char **argv)
{
	int r;

	if (argc == 2 && !strcmp(argv[1], "--version")) {
		puts("loopscope-symbols " LOOPSCOPE_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc != 2 || !is_packet_socket(STDIN_FILENO)) {
		fputs("loopscope-symbols: loopscope and loopscope-agent run this program; run one "
		      "of those\n",
		      stderr);
		return 2;
	}
	r = run(strtoull(argv[1], NULL, 10));
	if (r)
		fprintf(stderr, "loopscope-symbols: %s\n", strerror(-r));
	return r ? EXIT_FAILURE : EXIT_SUCCESS;
}
