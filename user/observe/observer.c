/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The observer's life cycle, and the one ring that its records come through.
 * Everything in the kernel hangs on file descriptors of this process.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "observe/cgroup_subsys.h"
#include "observe/observer_parts.h"

#define DEFAULT_RING_BYTES (512 * 1024)
#define DEFAULT_MAX_LOOPS 16384
#define DEFAULT_MAX_TARGETS 16384
#define MAX_TARGETS (1 << 22) /* pids that a kernel has at most */
#define OTHER_DESCRIPTORS 256 /* than those of ticks: programs, maps, and the caller's own */

/* How long a walk waits for windows that it asked fast loops to send themselves. */
#define ASKED_WAIT_NS 200000
#define ASKED_WAITS 50

static int print_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	(void)format;
	(void)arguments;
	return 0;
}

static int print_all(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level;
	return vfprintf(stderr, format, arguments);
}

/* Processes named, as many again that they fork, and no fewer than the default. */
static __u32 max_targets(const struct observer_options *options)
{
	size_t max = options->nr_pids * 2;

	if (max < DEFAULT_MAX_TARGETS)
		return DEFAULT_MAX_TARGETS;
	return max < MAX_TARGETS ? max : MAX_TARGETS;
}

static void configure(struct observer *observer, const struct observer_options *options)
{
	struct loopscope_bpf *skeleton = observer->skeleton;

	skeleton->rodata->scope = options->scope;
	skeleton->rodata->scope.pids = options->nr_pids > 0;
	skeleton->rodata->scope.place_subsys = options->scope.announce ? observer_v1_subsys() : -1;
	skeleton->rodata->scope.entry_by_switch = observer->hooks.edges == EDGES_FENTRY;
	bpf_map__set_max_entries(skeleton->maps.records, options->ring_bytes ?: DEFAULT_RING_BYTES);
	bpf_map__set_max_entries(skeleton->maps.roster, options->max_loops ?: DEFAULT_MAX_LOOPS);
	bpf_map__set_max_entries(skeleton->maps.targets, max_targets(options));
	bpf_map__set_max_entries(skeleton->maps.policies,
				 options->scope.policies ? options->max_loops ?: DEFAULT_MAX_LOOPS
							 : 1);
	bpf_map__set_max_entries(skeleton->maps.usages, options->max_loops ?: DEFAULT_MAX_LOOPS);
	observer->hooks.usage = options->usage;
	observer_configure_stalls(observer, options);
	programs_select(skeleton->obj, &observer->hooks);
}

int observer_new(const struct observer_options *options, struct observer **ret_observer,
		 char *error)
{
	_cleanup_(observer_freep) struct observer *observer = calloc(1, sizeof(*observer));

	snprintf(error, OBSERVER_ERROR_LEN, "out of memory");
	if (!observer)
		return -ENOMEM;
	libbpf_set_print(getenv("LOOPSCOPE_DEBUG_LIBBPF") ? print_all : print_nothing);
	observer->pids = calloc(options->nr_pids + 1, sizeof(*observer->pids));
	if (!observer->pids)
		return -ENOMEM;
	if (options->nr_pids)
		memcpy(observer->pids, options->pids, options->nr_pids * sizeof(*observer->pids));
	observer->nr_pids = options->nr_pids;
	observer->refusal = hooks_choose(options->edges, &observer->hooks, observer->error);
	if (!observer->refusal) {
		observer->skeleton = loopscope_bpf__open();
		if (!observer->skeleton)
			return -ENOMEM;
		configure(observer, options);
	}
	*ret_observer = TAKE_PTR(observer);
	return 0;
}

static int pass_on(void *context, void *record, size_t size)
{
	struct observer *observer = context;

	if (observer->callback)
		observer->callback(record, size, observer->context);
	return 0;
}

int observer_read(struct observer *observer, observer_record_fn callback, void *context)
{
	int nr;

	observer->callback = callback;
	observer->context = context;
	nr = ring_buffer__consume(observer->ring);
	observer->callback = NULL;
	return nr;
}

int observer_iterate(struct observer *observer, struct bpf_link *link, observer_record_fn callback,
		     void *context)
{
	_cleanup_(closep) int fd = bpf_iter_create(bpf_link__fd(link));
	ssize_t nr;
	char byte;

	if (fd < 0)
		return -errno;
	do {
		nr = read(fd, &byte, sizeof(byte));
		if (nr > 0 && callback) {
			int err = observer_read(observer, callback, context);

			if (err < 0)
				return err;
		}
	} while (nr > 0 || (nr < 0 && (errno == EAGAIN || errno == EINTR)));
	return nr < 0 ? -errno : 0;
}

static struct bpf_link *attach_walk(struct observer *observer)
{
	union bpf_iter_link_info info = {};
	LIBBPF_OPTS(bpf_iter_attach_opts, options);

	if (observer->hooks.roster_walk) {
		info.map.map_fd = bpf_map__fd(observer->skeleton->maps.roster);
		options.link_info = &info;
		options.link_info_len = sizeof(info);
	}
	return bpf_program__attach_iter(programs_walk(observer->skeleton->obj, &observer->hooks),
					&options);
}

int observer_run_once(struct observer *observer, struct bpf_program *program)
{
	struct bpf_link *link = bpf_program__attach_iter(program, NULL);
	int err;

	if (!link)
		return -errno;
	err = observer_iterate(observer, link, NULL, NULL);
	bpf_link__destroy(link);
	return err;
}

int observer_scan(struct observer *observer)
{
	return observer_run_once(observer, programs_scan(observer->skeleton->obj));
}

/* Ticks need many where there are many CPUs: more than the usual soft limit allows. */
static void allow_descriptors(struct hooks *hooks)
{
	int nr_cpus = libbpf_num_possible_cpus();
	rlim_t wanted = OTHER_DESCRIPTORS + TICKS_DESCRIPTORS * (nr_cpus > 0 ? (rlim_t)nr_cpus : 0);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur < wanted)
		hooks_without_ticks(hooks, -EMFILE);
}

static int load(struct observer *observer, char *error)
{
	int err = loopscope_bpf__load(observer->skeleton);

	if (err)
		snprintf(error, OBSERVER_ERROR_LEN,
			 "loading the BPF programs: %s (LOOPSCOPE_DEBUG_LIBBPF=1 shows why)",
			 strerror(-err));
	return err;
}

static int add_pids(struct observer *observer, char *error)
{
	for (size_t i = 0; i < observer->nr_pids; i++) {
		int err = observer_add_pid(observer, observer->pids[i]);

		if (err) {
			snprintf(error, OBSERVER_ERROR_LEN, "too many processes: %zu at most",
				 (size_t)bpf_map__max_entries(observer->skeleton->maps.targets));
			return err;
		}
	}
	return 0;
}

int observer_start(struct observer *observer, char *error)
{
	int err = observer->refusal;

	if (err) {
		memcpy(error, observer->error, OBSERVER_ERROR_LEN);
		return err;
	}
	allow_descriptors(&observer->hooks);
	err = load(observer, error);
	if (err)
		return err;
	observer->ring = ring_buffer__new(bpf_map__fd(observer->skeleton->maps.records), pass_on,
					  observer, NULL);
	observer->walk = observer->ring ? attach_walk(observer) : NULL;
	if (!observer->walk || observer_prepare_watch(observer)) {
		err = -errno;
		snprintf(error, OBSERVER_ERROR_LEN, "opening the record stream: %s",
			 strerror(-err));
		return err;
	}
	err = add_pids(observer, error)
		      ?: programs_attach(observer->skeleton->obj, &observer->hooks,
					 &observer->links, error);
	if (err)
		return err;
	observer->started_ns = clock_monotonic_ns();
	err = observer_scan(observer);
	if (err)
		snprintf(error, OBSERVER_ERROR_LEN, "looking for loops asleep: %s", strerror(-err));
	malloc_trim(0); /* libbpf has read the kernel's whole BTF */
	return err;
}

void observer_free(struct observer *observer)
{
	if (!observer)
		return;
	programs_detach(&observer->links);
	bpf_link__destroy(observer->walk);
	bpf_link__destroy(observer->unseen_walk);
	ring_buffer__free(observer->ring);
	if (observer->skeleton)
		loopscope_bpf__destroy(observer->skeleton);
	free(observer->pids);
	free(observer);
}

static bool windows_asked(const struct observer *observer)
{
	return __atomic_load_n(&observer->skeleton->bss->windows_asked, __ATOMIC_ACQUIRE);
}

int observer_walk(struct observer *observer, observer_record_fn callback, void *context)
{
	const struct timespec pause = {.tv_nsec = ASKED_WAIT_NS};
	int err = observer_iterate(observer, observer->walk, callback, context);

	if (err)
		return err;
	for (int i = 0; i < ASKED_WAITS && windows_asked(observer); i++)
		nanosleep(&pause, NULL);
	/* A loop that was too fast and then fell asleep has not answered: it can be read now. */
	if (windows_asked(observer))
		err = observer_iterate(observer, observer->walk, callback, context);
	if (err)
		return err;
	err = observer_read(observer, callback, context);
	return err < 0 ? err : 0;
}

int observer_fd(const struct observer *observer)
{
	return ring_buffer__epoll_fd(observer->ring);
}

size_t observer_hooks(const struct observer *observer,
		      struct observer_hook hooks[OBSERVER_MAX_HOOKS])
{
	memcpy(hooks, observer->hooks.points, sizeof(observer->hooks.points));
	return observer->hooks.nr_points;
}

uint64_t observer_started_ns(const struct observer *observer)
{
	return observer->started_ns;
}
