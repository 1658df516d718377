/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One timer for all that comes with time: the look at threads that do not run, stacks that do not
 * come, and a program that takes too long. A stall whose stack is awaited is told of by it.
 */
#include "agent/stall_watch.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "agent/clocks.h"
#include "base/event_time.h"
#include "base/log.h"
#include "symbols/symbols.h"

#define NS_PER_MS 1e6
#define MAX_OPEN 1000 /* stalls under way at once */
#define MAX_STACKS 64 /* of a stall */

/* Whose interpreter has been asked for. */
struct known_process {
	struct process_key key;
	UT_hash_handle hh;
};

struct stall_watch {
	sd_event *event;
	struct collector *collector;
	struct symbols *symbols; /* NULL: there are none */
	struct stalls *stalls;
	struct known_process *processes;
	sd_event_source *timer;
	sd_event_source *readable; /* NULL: it could not be had, and the timer reads */
	bool failing;
	__u64 read_ns; /* of the last symbols_read */
};

static void forget_process(struct stall_watch *watch, struct known_process *process)
{
	HASH_DEL(watch->processes, process);
	free(process);
}

void stall_watch_free(struct stall_watch *watch)
{
	struct known_process *process, *next;

	if (!watch)
		return;
	collector_set_listener(watch->collector, &(struct collector_listener){});
	HASH_ITER(hh, watch->processes, process, next)
	forget_process(watch, process);
	sd_event_source_disable_unref(watch->timer);
	sd_event_source_disable_unref(watch->readable);
	stalls_free(watch->stalls);
	symbols_free(watch->symbols);
	free(watch);
}

static void say_failed(struct stall_watch *watch, int error)
{
	if (!watch->failing)
		log_warning("stalls: %s: some are not told of", strerror(-error));
	watch->failing = true;
}

/* A record that is malformed is counted by the model already. */
static void take_alone(const void *record, size_t size, void *context)
{
	struct stall_watch *watch = context;
	int r = stalls_take_record(watch->stalls, record, size);

	if (r == -ENOMEM)
		say_failed(watch, r);
}

static int take_record(const void *record, size_t size, void *context)
{
	take_alone(record, size, context);
	return 0;
}

static int take_stack(const void *data, size_t size, void *context)
{
	struct stall_watch *watch = context;
	int r = stalls_take_stack(watch->stalls, data, size);

	if (r == -ENOMEM)
		say_failed(watch, r);
	return 0;
}

static int take_python(pid_t pid, const struct python_runtime *runtime, void *context)
{
	const struct stall_watch *watch = context;

	collector_set_python(watch->collector, pid, runtime);
	return 0;
}

static void read_symbols(struct stall_watch *watch)
{
	const struct symbols_listener listener = {take_record, take_stack, take_python, watch};
	int r = symbols_read(watch->symbols, &listener);

	watch->read_ns = clock_monotonic_ns();
	if (r < 0)
		say_failed(watch, r);
}

static int on_symbols(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	read_symbols(context);
	return 0;
}

/* Nobody is told of others: no names are looked up for them. */
static bool is_watched(const struct stall_watch *watch, const void *record)
{
	const struct watched_loop *loop;
	struct loop_id id; /* behind the header, in each kind of record */

	memcpy(&id, (const char *)record + sizeof(struct record_header), sizeof(id));
	loop = registry_loop(collector_registry(watch->collector), &id);
	return loop && !watched_loop_excluded(loop);
}

/* Windows are not for the program, and overtake what is. */
static void on_record(const void *record, size_t size, void *context)
{
	struct stall_watch *watch = context;

	if (size >= sizeof(struct record_header) + sizeof(struct loop_id) &&
	    is_watched(watch, record))
		symbols_pass(watch->symbols, record, size, take_alone, watch);
}

static void on_process(const struct process_key *key, void *context)
{
	struct stall_watch *watch = context;
	struct known_process *process;

	HASH_FIND(hh, watch->processes, key, sizeof(*key), process);
	if (process || !watch->symbols)
		return;
	process = calloc(1, sizeof(*process));
	if (!process)
		return;
	process->key = *key;
	HASH_ADD(hh, watch->processes, key, sizeof(process->key), process);
	if (!process->hh.tbl)
		free(process);
	else
		symbols_submit_process(watch->symbols, (pid_t)key->pid, key->start_ns);
}

static bool reads_late(const struct stall_watch *watch, __u64 now_ns)
{
	return watch->symbols && now_ns - watch->read_ns >= 1000000000 &&
	       (!watch->readable || !symbols_idle(watch->symbols));
}

static int on_timer(sd_event_source *source, uint64_t due_us, void *context)
{
	struct stall_watch *watch = context;
	__u64 now_ns;
	int r = collector_watch(watch->collector);

	(void)source;
	(void)due_us;
	if (r)
		say_failed(watch, r);
	now_ns = clock_monotonic_ns();
	if (reads_late(watch, now_ns))
		read_symbols(watch);
	r = stalls_advance(watch->stalls, now_ns);
	if (r)
		say_failed(watch, r);
	return event_arm(watch->timer,
			 (double)collector_watch_interval_ns(watch->collector) / NS_PER_MS);
}

void stall_watch_end_interval(struct stall_watch *watch)
{
	struct registry *registry = collector_registry(watch->collector);
	struct known_process *process, *next;

	HASH_ITER(hh, watch->processes, process, next)
	{
		if (!registry_process(registry, &process->key))
			forget_process(watch, process);
	}
}

void stall_watch_finish(struct stall_watch *watch)
{
	int r;

	if (watch->symbols)
		read_symbols(watch);
	r = stalls_finish(watch->stalls);
	if (r)
		say_failed(watch, r);
}

void stall_watch_fill(struct stall_watch *watch, struct agent_figures *agent)
{
	struct symbols_stats stats = {};

	if (watch->symbols)
		symbols_stats(watch->symbols, &stats);
	agent->stacks = stats.stacks;
	agent->stacks_cut = stats.cut;
	agent->stacks_missing = stats.missing;
	agent->stacks_held_back = stats.held_back + stalls_stacks_held(watch->stalls);
	agent->symbols_restarts = stats.restarts;
	agent->symbols_evictions = stats.evictions;
	agent->symbols_processes = stats.processes;
	agent->symbols_cpu_ns = stats.cpu_ns;
	agent->symbols_rss_bytes = stats.memory_bytes;
}

static void on_known(struct watched_process *process, void *context)
{
	on_process(watched_process_key(process), context);
}

static void start_symbols(struct stall_watch *watch)
{
	const struct symbols_options options = {};
	char error[SYMBOLS_ERROR_LEN];

	if (symbols_start(&options, &watch->symbols, error)) {
		log_warning("stalls are told of without the code that holds the loop: %s", error);
		return;
	}
	if (sd_event_add_io(watch->event, &watch->readable, symbols_fd(watch->symbols), EPOLLIN,
			    on_symbols, watch) < 0)
		watch->readable = NULL;
	registry_each_process(collector_registry(watch->collector), on_known, watch);
}

int stall_watch_new(sd_event *event, struct collector *collector, stall_event_fn callback,
		    void *context, struct stall_watch **ret_watch)
{
	_cleanup_(stall_watch_freep) struct stall_watch *watch = calloc(1, sizeof(*watch));
	const struct stalls_options options = {
		.max_open = MAX_OPEN,
		.max_stacks = MAX_STACKS,
		.event = callback,
		.context = context,
	};
	const struct collector_listener listener = {on_record, on_process, watch};
	int r;

	if (!watch)
		return -ENOMEM;
	if (collector_ticks(collector))
		log_warning("stalls on CPU are told of without the code that holds the loop: %s",
			    strerror(-collector_ticks(collector)));
	watch->event = event;
	watch->collector = collector;
	r = stalls_new(&options, &watch->stalls)
		    ?: event_add_timer(event, on_timer, watch, &watch->timer)
		    ?: event_arm(watch->timer, 0);
	if (r)
		return r;
	start_symbols(watch);
	collector_set_listener(collector, &listener);
	*ret_watch = TAKE_PTR(watch);
	return 0;
}
