/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The detection of runtimes, on made directories of /proc: evidence of every kind, and hostile. */
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/runtime.h"
#include "made_elf.h"

struct world {
	char top[PATH_MAX]; /* also the process's directory; its root is ./root */
	int directory;
	struct program_files *files;
	FILE *maps;
};

static const char *in_world(const struct world *world, const char *name)
{
	static char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", world->top, name);
	return path;
}

static int make_world(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	strcpy(world->top, "/tmp/test_runtime.XXXXXX");
	assert_non_null(mkdtemp(world->top));
	mkdir(in_world(world, "root"), 0755);
	mkdir(in_world(world, "fd"), 0755);
	mkdir(in_world(world, "task"), 0755);
	world->directory = open(world->top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	world->maps = fopen(in_world(world, "maps"), "we");
	assert_true(world->directory >= 0 && world->maps);
	assert_int_equal(program_files_new(8, &world->files), 0);
	*state = world;
	return 0;
}

static int remove_one(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
	(void)stat;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int end_world(void **state)
{
	struct world *world = *state;

	fclose(world->maps);
	close(world->directory);
	program_files_free(world->files);
	nftw(world->top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(world);
	return 0;
}

/* The executable is a file of that content. */
static void put_program(struct world *world, const struct made_section *sections, size_t nr)
{
	unlink(in_world(world, "exe"));
	made_elf_write(in_world(world, "exe"), sections, nr);
}

static void put_line(struct world *world, const char *permissions, __u64 inode, const char *path)
{
	fprintf(world->maps, "7f0000000000-7f0000001000 %s 00000000 08:01 %llu      %s\n",
		permissions, inode, path);
	fflush(world->maps);
}

/* A library of the process, mapped as code. */
static void put_library(struct world *world, const char *name, const char *constants, size_t size)
{
	const struct made_section section = {".rodata", constants, size, 0, 0};
	char path[64], mapped[64];
	struct stat stat;

	snprintf(path, sizeof(path), "root/%s", name);
	snprintf(mapped, sizeof(mapped), "/%s", name);
	made_elf_write(in_world(world, path), &section, 1);
	assert_int_equal(lstat(in_world(world, path), &stat), 0);
	put_line(world, "r--p", stat.st_ino, mapped);
	put_line(world, "r-xp", stat.st_ino, mapped);
}

static struct runtime told(struct world *world, const char *executable)
{
	struct runtime runtime;

	runtime_detect(world->files, world->directory, executable, NULL, &runtime);
	return runtime;
}

static void assert_told(const struct runtime *runtime, const char *name, const char *version,
			enum runtime_certainty certainty)
{
	if (name)
		assert_string_equal(runtime->name, name);
	else
		assert_null(runtime->name);
	assert_string_equal(runtime->version, version);
	assert_int_equal(runtime->certainty, certainty);
}

static void assert_loops(const struct runtime *runtime, const char *library, const char *version)
{
	if (library)
		assert_string_equal(runtime->loop_library, library);
	else
		assert_null(runtime->loop_library);
	assert_string_equal(runtime->loop_library_version, version);
}

static void nothing_is_told_of_nothing(void **state)
{
	const struct runtime runtime = told(*state, "/bin/anything");

	assert_told(&runtime, NULL, "", RUNTIME_NOT_TOLD);
	assert_loops(&runtime, NULL, "");
	assert_null(runtime_no_loop(runtime.name));
}

static void a_name_is_likely_and_contents_are_sure(void **state)
{
	const struct made_section other = MADE_TEXT(".rodata", "sleep"),
				  nginx = MADE_TEXT(".rodata", "\0nginx/1.22.1 ");
	struct runtime runtime = told(*state, "/usr/sbin/nginx");

	assert_told(&runtime, "nginx", "", RUNTIME_LIKELY);
	put_program(*state, &other, 1);
	runtime = told(*state, "/usr/sbin/nginx");
	assert_told(&runtime, "nginx", "", RUNTIME_LIKELY);
	put_program(*state, &nginx, 1);
	runtime = told(*state, "/usr/sbin/nginx (deleted)");
	assert_told(&runtime, "nginx", "1.22.1", RUNTIME_SURE);
}

static void contents_tell_under_any_name(void **state)
{
	const struct made_section nginx = MADE_TEXT(".rodata", "\0nginx version: nginx/1.22.1\n"),
				  tokio = MADE_TEXT(".rodata", "/tokio-1.38.1/src/park.rs"),
				  word = MADE_TEXT(".rodata", "tokio-runtime-worker"),
				  libuv = MADE_TEXT(".rodata", "UV_THREADPOOL_SIZE");
	struct runtime runtime;

	put_program(*state, &nginx, 1);
	runtime = told(*state, "/opt/web");
	assert_told(&runtime, "nginx", "1.22.1", RUNTIME_SURE);
	put_program(*state, &tokio, 1);
	runtime = told(*state, "/opt/web");
	assert_told(&runtime, "tokio", "1.38.1", RUNTIME_SURE);
	assert_loops(&runtime, "tokio", "1.38.1");
	put_program(*state, &word, 1);
	runtime = told(*state, "/opt/web");
	assert_told(&runtime, "tokio", "", RUNTIME_LIKELY);
	put_program(*state, &libuv, 1);
	runtime = told(*state, "/opt/web");
	assert_told(&runtime, "libuv", "", RUNTIME_LIKELY);
	assert_loops(&runtime, "libuv", "");
}

static void a_section_has_the_last_word(void **state)
{
	const struct made_section go = MADE_TEXT(".note.go.buildid", "x");
	struct runtime runtime;

	put_program(*state, &go, 1);
	runtime = told(*state, "/usr/sbin/nginx");
	assert_told(&runtime, "go", "", RUNTIME_SURE);
	assert_loops(&runtime, NULL, "");
	assert_non_null(runtime_no_loop(runtime.name));
	assert_null(runtime_no_loop("node"));
}

static void libraries_tell(void **state)
{
	struct world *world = *state;
	struct runtime runtime;

	put_library(world, "libuv.so.1.0.0",
		    "\0"
		    "1.44.2",
		    8);
	runtime = told(world, "/opt/x");
	assert_told(&runtime, "libuv", "1.44.2", RUNTIME_SURE);
	assert_loops(&runtime, "libuv", "1.44.2");
	put_library(world, "libnode.so.108", "node.js/v18.20.4", 17);
	runtime = told(world, "/opt/x");
	assert_told(&runtime, "node", "18.20.4", RUNTIME_SURE);
	assert_loops(&runtime, "libuv", "1.44.2");
}

static void python_has_loops_of_many_kinds(void **state)
{
	struct world *world = *state;
	struct runtime runtime;

	put_library(world, "libpython3.11.so.1.0", "a 3.11.7", 9);
	runtime = told(world, "/usr/bin/python3.11");
	assert_told(&runtime, "python", "3.11.7", RUNTIME_SURE);
	assert_loops(&runtime, NULL, "");
	put_line(world, "r-xp", 7, "/lib/_asyncio.cpython-311-x86_64-linux-gnu.so");
	runtime = told(world, "/usr/bin/python3.11");
	assert_loops(&runtime, "asyncio", "");
	put_line(world, "r-xp", 8, "/lib/_zope_interface_coptimizations.cpython-311.so");
	runtime = told(world, "/usr/bin/python3.11");
	assert_loops(&runtime, NULL, "");
	put_line(world, "r-xp", 9, "/lib/gevent/_gevent_cgreenlet.cpython-311.so");
	runtime = told(world, "/usr/bin/python3.11");
	assert_loops(&runtime, "gevent", "");
	put_line(world, "r-xp", 10, "/lib/uvloop/loop.cpython-311.so");
	runtime = told(world, "/usr/bin/python3.11");
	assert_loops(&runtime, "uvloop", "");
}

static void put_jar(struct world *world, int fd, const char *jar)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%d", fd);
	assert_int_equal(symlink(jar, in_world(world, name)), 0);
}

static void put_thread(struct world *world, int tid, const char *comm)
{
	char name[64];
	FILE *file;

	snprintf(name, sizeof(name), "task/%d", tid);
	mkdir(in_world(world, name), 0755);
	snprintf(name, sizeof(name), "task/%d/comm", tid);
	file = fopen(in_world(world, name), "we");
	assert_non_null(file);
	fprintf(file, "%s\n", comm);
	fclose(file);
}

static void jvms_tell_by_jars_and_threads(void **state)
{
	struct world *world = *state;
	struct runtime runtime;

	put_thread(world, 5, "nioEventLoopGro");
	runtime = told(world, "/usr/bin/java");
	assert_null(runtime.name); /* threads' names say nothing of other programs */
	put_library(world, "libjvm.so", "x86 JRE (17.0.15+6-Debian), built", 34);
	runtime = told(world, "/usr/bin/java");
	assert_told(&runtime, "java", "17.0.15+6-Debian", RUNTIME_SURE);
	assert_loops(&runtime, "netty-nio", "");
	put_jar(world, 4, "/app/netty-transport-4.1.115.Final.jar");
	runtime = told(world, "/usr/bin/java");
	assert_loops(&runtime, "netty-nio", "4.1.115");
	put_line(world, "r-xp", 77, "/tmp/libnetty_transport_native_epoll_x86_641.so (deleted)");
	runtime = told(world, "/usr/bin/java");
	assert_loops(&runtime, "netty-epoll", "4.1.115");
	put_jar(world, 5, "/app/vertx-core-4.5.1.jar");
	runtime = told(world, "/usr/bin/java");
	assert_loops(&runtime, "vert.x", "4.5.1");
}

/* What is not mapped as code, or is a line that the kernel does not write. */
static void other_lines_tell_nothing(void **state)
{
	struct world *world = *state;
	struct runtime runtime;

	put_line(world, "r--p", 3, "/lib/libjvm.so");
	put_line(world, "r-xp", 0, "[libjvm.so]");
	put_line(world, "r-xp", 4, "libjvm.so");
	fputs("libjvm.so\nr-xp /libjvm.so\n7f00-7f01 r-xp\n7f00-7f01 r-xp 0 0:0 1\n", world->maps);
	for (int i = 0; i < 20000; i++)
		fputc('x', world->maps);
	fputs(" /lib/libjvm.so\n", world->maps);
	fflush(world->maps);
	runtime = told(world, "/bin/x");
	assert_null(runtime.name);
}

/* The path of what is mapped leads to something else by now. */
static void what_is_not_mapped_is_not_read(void **state)
{
	struct world *world = *state;
	struct runtime runtime;

	put_library(world, "libuv.so.1",
		    "\0"
		    "1.44.2",
		    8);
	assert_int_equal(unlink(in_world(world, "root/libuv.so.1")), 0);
	runtime = told(world, "/bin/x");
	assert_told(&runtime, "libuv", "", RUNTIME_SURE);
	/* nobody ever writes to it: to open it would be to wait for ever */
	assert_int_equal(mkfifo(in_world(world, "root/libuv.so.1"), 0600), 0);
	runtime = told(world, "/bin/x");
	assert_told(&runtime, "libuv", "", RUNTIME_SURE);
	unlink(in_world(world, "root/libuv.so.1"));
	assert_int_equal(symlink("/etc/passwd", in_world(world, "root/libuv.so.1")), 0);
	runtime = told(world, "/bin/x");
	assert_told(&runtime, "libuv", "", RUNTIME_SURE);
	assert_int_equal(program_files_stats(world->files)->files_read, 0);
}

static void a_pipe_as_executable_is_not_waited_for(void **state)
{
	struct world *world = *state;
	struct runtime runtime;

	assert_int_equal(mkfifo(in_world(world, "exe"), 0600), 0);
	runtime = told(world, "/usr/bin/node");
	assert_told(&runtime, "node", "", RUNTIME_LIKELY);
}

static void names_are_any_bytes(void **state)
{
	static char longest[2 * PATH_MAX];
	struct runtime runtime = told(*state, "\xff\xfe*[?\n\033[2J");

	assert_null(runtime.name);
	memset(longest, 'a', sizeof(longest) - 1);
	runtime = told(*state, longest);
	assert_null(runtime.name);
	runtime = told(*state, "");
	assert_null(runtime.name);
	runtime = told(*state, "/python999999999999999999999999999999999999999.1");
	assert_told(&runtime, "python", "", RUNTIME_LIKELY);
}

#define TEST(test_) cmocka_unit_test_setup_teardown(test_, make_world, end_world)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_is_told_of_nothing),
		TEST(a_name_is_likely_and_contents_are_sure),
		TEST(contents_tell_under_any_name),
		TEST(a_section_has_the_last_word),
		TEST(libraries_tell),
		TEST(python_has_loops_of_many_kinds),
		TEST(jvms_tell_by_jars_and_threads),
		TEST(other_lines_tell_nothing),
		TEST(what_is_not_mapped_is_not_read),
		TEST(a_pipe_as_executable_is_not_waited_for),
		TEST(names_are_any_bytes),
	};

	return cmocka_run_group_tests_name("runtime", tests, NULL, NULL);
}
