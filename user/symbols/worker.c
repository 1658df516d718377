/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Owns the requests taken in: a list, the oldest first, at most MAX_REQUESTS. */
#include "symbols/worker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#include "symbols/protocol.h"

#define MAX_REQUESTS 64

/* A record as malloc aligns it, and what belongs to it. */
struct request {
	struct request *prev, *next;
	struct message_head head;
	struct process_request process;
	struct stack_record *record; /* owned */
	struct capture *capture;     /* owned; NULL: taken on CPU */
};

struct worker {
	int fd;
	const struct worker_work *work;
	struct request *requests;
	size_t nr_requests;
	bool is_ahead; /* what it said last is that it looks at another than the oldest */
	struct buffer answer;
	unsigned char packet[REQUEST_MAX_SIZE];
};

static void request_free(struct request *request)
{
	if (!request)
		return;
	free(request->record);
	free(request->capture);
	free(request);
}
DEFINE_CLEANUP(struct request *, request_free)

/* Whose process it may come to harm over: that may be another than the one it answers next. */
static int say_which(struct worker *worker, const struct request *request, bool is_ahead)
{
	const struct message_head head = {.kind = MESSAGE_LOOKS_AT, .number = request->head.number};

	if (!is_ahead && !worker->is_ahead)
		return 0;
	worker->is_ahead = is_ahead;
	return message_send(worker->fd, &head, NULL, 0, 0);
}

static int take_record(struct worker *worker, const struct message *message,
		       struct request *request)
{
	int r;

	request->record = malloc(message->size);
	if (!request->record)
		return -ENOMEM;
	memcpy(request->record, message->body, message->size);
	if (!(request->record->flags & STACK_OFF_CPU))
		return 0;
	request->capture = malloc(sizeof(*request->capture));
	if (!request->capture)
		return -ENOMEM;
	r = say_which(worker, request, true);
	if (r)
		return r;
	worker->work->capture(worker->work->context, request->record, request->capture);
	return 0;
}

static int take_message(struct worker *worker, const struct message *message)
{
	_cleanup_(request_freep) struct request *request = calloc(1, sizeof(*request));

	if (!request)
		return -ENOMEM;
	request->head = message->head;
	if (message->head.kind == MESSAGE_STACK) {
		int r = take_record(worker, message, request);

		if (r)
			return r;
	} else {
		memcpy(&request->process, message->body, sizeof(request->process));
	}
	DL_APPEND(worker->requests, request);
	worker->nr_requests++;
	TAKE_PTR(request);
	return 0;
}

/* 1: one was taken in; 0: the other side has ended. */
static int take_in(struct worker *worker, int flags)
{
	ssize_t n = message_receive(worker->fd, worker->packet, sizeof(worker->packet), flags);
	struct message message;
	int r;

	if (n <= 0)
		return (int)n;
	if (!message_read_request(worker->packet, (size_t)n, &message))
		return -EBADMSG;
	r = take_message(worker, &message);
	return r ? r : 1;
}

/* 0: the other side has ended, and nothing of it is left. Waits only if there is nothing to do. */
static int take_in_all(struct worker *worker)
{
	int r = 1;

	while (r > 0 && worker->nr_requests < MAX_REQUESTS)
		r = take_in(worker, worker->requests ? MSG_DONTWAIT : 0);
	if (r < 0 && r != -EAGAIN)
		return r;
	return worker->requests ? 1 : 0;
}

/* What could not be found out is no interpreter. */
static int answer_process(struct worker *worker, const struct process_request *request)
{
	struct python_runtime runtime = {};

	worker->work->prepare(worker->work->context, request->pid, request->start_ns, &runtime);
	return buffer_append(&worker->answer, &runtime, sizeof(runtime));
}

static int answer(struct worker *worker, const struct request *request)
{
	const struct worker_work *work = worker->work;
	struct symbolizer_stats stats;
	struct message_head head;
	int r;

	buffer_reset(&worker->answer);
	if (request->head.kind == MESSAGE_STACK)
		r = work->resolve(work->context, request->record, request->capture,
				  &worker->answer);
	else
		r = answer_process(worker, &request->process);
	if (r)
		return r;
	work->stats(work->context, &stats);
	head = (struct message_head){
		.kind = request->head.kind,
		.number = request->head.number,
		.processes = (uint32_t)stats.processes,
		.evictions = stats.evictions,
	};
	return message_send(worker->fd, &head, worker->answer.data, worker->answer.size, 0);
}

static int answer_first(struct worker *worker)
{
	_cleanup_(request_freep) struct request *request = worker->requests;

	DL_DELETE(worker->requests, request);
	worker->nr_requests--;
	return say_which(worker, request, false) ?: answer(worker, request);
}

static int say_hello(const struct worker *worker)
{
	static const char version[] = LOOPSCOPE_VERSION;
	const struct message_head head = {.kind = MESSAGE_HELLO};

	_Static_assert(sizeof(version) <= SYMBOLS_VERSION_LEN, "it fits");
	return message_send(worker->fd, &head, version, sizeof(version), 0);
}

static int run(struct worker *worker)
{
	int r = say_hello(worker);

	if (r)
		return r;
	while ((r = take_in_all(worker)) > 0) {
		r = answer_first(worker);
		if (r)
			return r;
	}
	return r;
}

int worker_run(int fd, const struct worker_work *work)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	struct request *request, *next;
	int r;

	if (!worker)
		return -ENOMEM;
	worker->fd = fd;
	worker->work = work;
	r = run(worker);
	DL_FOREACH_SAFE(worker->requests, request, next)
	request_free(request);
	buffer_done(&worker->answer);
	free(worker);
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}
