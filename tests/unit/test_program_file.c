/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What files tell of runtimes: versions beside words, ELF files that lie, and the bounded cache. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/program_files.h"
#include "made_elf.h"

#define PATTERN(...) ((struct version_pattern){__VA_ARGS__})

static const char *find(const char *data, size_t size, struct version_pattern pattern)
{
	static char version[VERSION_LEN];

	return version_find(data, size, &pattern, version) ? version : NULL;
}

#define FIND(text, ...) find(text, sizeof(text) - 1, PATTERN(__VA_ARGS__))

static void versions_follow_words(void **state)
{
	(void)state;
	assert_string_equal(FIND("\0nginx/1.22.1\0", TEXT_BEFORE("nginx/")), "1.22.1");
	/* the first that is followed by a version */
	assert_string_equal(FIND("nginx/ nginx/x nginx/1.0 ", TEXT_BEFORE("nginx/")), "1.0");
	assert_string_equal(FIND("tokio-util-0.7.1/src/ tokio-1.38.1/src/", TEXT_BEFORE("tokio-"),
				 TEXT_BEHIND("/src/")),
			    "1.38.1");
	assert_null(FIND("tokio-1.38.1/lib/", TEXT_BEFORE("tokio-"), TEXT_BEHIND("/src/")));
	assert_null(FIND("tokio-1.38.1/sr", TEXT_BEFORE("tokio-"), TEXT_BEHIND("/src/")));
	/* it may go on in data that is not there */
	assert_null(FIND("nginx/1.2", TEXT_BEFORE("nginx/")));
	assert_null(FIND("nginx/", TEXT_BEFORE("nginx/")));
	assert_null(FIND("", TEXT_BEFORE("nginx/")));
	/* longer than any version */
	assert_null(FIND("nginx/1.00000000000000000000000000000000 ", TEXT_BEFORE("nginx/")));
	assert_string_equal(FIND("x/1.0+deb12~a_b-c\n", TEXT_BEFORE("x/")), "1.0+deb12~a_b-c");
}

static void versions_precede_words(void **state)
{
	(void)state;
	assert_string_equal(FIND("err\0007.0.15\0c11-builtin\0", TEXT_BEHIND("\0c11-builtin\0")),
			    "7.0.15");
	/* what is before the data is not known */
	assert_null(FIND("7.0.15\0c11-builtin\0", TEXT_BEHIND("\0c11-builtin\0")));
	assert_null(FIND("\0err\0c11-builtin\0", TEXT_BEHIND("\0c11-builtin\0")));
	assert_null(FIND("\0\0c11-builtin\0", TEXT_BEHIND("\0c11-builtin\0")));
}

static void versions_go_on(void **state)
{
	(void)state;
	assert_string_equal(FIND("\0003.11.2\0", TEXT_BEFORE("3.11."), TEXT_BEHIND("\0"),
				 .kind = VERSION_WITH_BEFORE),
			    "3.11.2");
	assert_null(FIND("\00013.11.2\0", TEXT_BEFORE("3.11."), TEXT_BEHIND("\0"),
			 .kind = VERSION_WITH_BEFORE));
	assert_null(FIND("\0003.11.\0", TEXT_BEFORE("3.11."), TEXT_BEHIND("\0"),
			 .kind = VERSION_WITH_BEFORE));
	assert_null(FIND("\0003.11.2/lib", TEXT_BEFORE("3.11."), TEXT_BEHIND("\0"),
			 .kind = VERSION_WITH_BEFORE));
	assert_string_equal(
		FIND("a LIBEV_FLAGS b", TEXT_BEFORE("LIBEV_FLAGS"), .kind = VERSION_NOT_TOLD), "");
	assert_string_equal(FIND("/deno_core-0.3.1/", TEXT_BEFORE("/deno_core-"), TEXT_BEHIND("/"),
				 .kind = VERSION_OF_ANOTHER),
			    "");
	assert_null(FIND("/deno_core-/", TEXT_BEFORE("/deno_core-"), TEXT_BEHIND("/"),
			 .kind = VERSION_OF_ANOTHER));
}

static void paths_have_versions(void **state)
{
	static const struct {
		const char *name, *path, *version;
	} cases[] = {
		{"libevent", "/usr/lib/libevent-2.1.so.7.0.1", "2.1"},
		{"python", "/opt/py-3/lib/libpython3.11.so.1.0", "3.11"},
		{"ruby", "/usr/lib/libruby-3.1.so.3.1.2", "3.1.2"},
		{"dotnet", "/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/libcoreclr.so",
		 "8.0.1"},
		{"libuv", "/usr/lib/libuv.so.1.0.0", ""}, /* of its interface */
		{"python", "/libpython", ""},
		{"ruby", "/a.so.", ""},
		{"dotnet", "/Microsoft.NETCore.App/../1", ""},
	};
	char version[VERSION_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		runtime_version_of_path(cases[i].name, cases[i].path, version);
		assert_string_equal(version, cases[i].version);
	}
}

static int file_of(const void *data, size_t size)
{
	int fd = memfd_create("program", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	return fd;
}

static struct program_facts facts_of(const struct made_section *sections, size_t nr,
				     struct program_search search)
{
	size_t size;
	_cleanup_(freep) unsigned char *elf = made_elf(sections, nr, &size);
	_cleanup_(closep) int fd = file_of(elf, size);
	struct program_facts facts;

	program_read(fd, &search, &facts);
	return facts;
}

static const struct program_search ANY = {NULL, ""};

static void contents_are_read(void **state)
{
	const struct made_section sections[] = {
		MADE_TEXT(".text", "nginx version: nginx/9.9.9"),
		MADE_TEXT(".rodata", "\0nginx version: nginx/1.22.1\n"),
	};
	struct program_facts facts = facts_of(sections, 2, ANY);

	(void)state;
	assert_int_equal(facts.state, PROGRAM_READ);
	assert_int_equal(facts.nr_sections, 3);
	assert_false(facts.cut);
	assert_string_equal(program_version(&facts, "nginx"), "1.22.1");
	assert_null(program_version(&facts, "redis"));
	/* what is looked for is all that is found */
	facts = facts_of(sections, 2, (struct program_search){"redis", ""});
	assert_int_equal(facts.nr_found, 0);
	facts = facts_of(sections, 2, (struct program_search){"lighttpd-2", ""});
	assert_int_equal(facts.bytes_read, 0);
}

/* A word is found first, and the version much later: that is what is told. */
static void versions_come_after_words(void **state)
{
	static char data[1000000];
	const struct made_section section = {".rodata", data, sizeof(data), 0, 0};
	struct program_facts facts;

	(void)state;
	strcpy(data + 10, "tokio-runtime-worker");
	facts = facts_of(&section, 1, ANY);
	assert_string_equal(program_version(&facts, "tokio"), "");
	strcpy(data + 900000, "/tokio-1.38.1/src/");
	facts = facts_of(&section, 1, ANY);
	assert_string_equal(program_version(&facts, "tokio"), "1.38.1");
	assert_int_equal(facts.nr_found, 1);
}

/* Wherever a piece ends. */
static void words_span_pieces(void **state)
{
	enum { PIECE = 262144, AROUND = 300 };
	static char data[2 * PIECE];
	const struct made_section section = {".rodata", data, sizeof(data), 0, 0};

	(void)state;
	for (int at = PIECE - AROUND; at < PIECE + AROUND; at++) {
		static const char text[] = "\0"
					   "3.11.2";
		struct program_facts facts;

		memcpy(data + at, text, sizeof(text));
		facts = facts_of(&section, 1, (struct program_search){"python", "3.11"});
		assert_string_equal(program_version(&facts, "python"), "3.11.2");
		memset(data + at, 0, sizeof(text));
	}
	for (int at = PIECE - AROUND; at < PIECE + AROUND; at++) {
		static const char text[] = "13.11.2"; /* is none */
		struct program_facts facts;

		memcpy(data + at, text, sizeof(text));
		facts = facts_of(&section, 1, (struct program_search){"python", "3.11"});
		assert_null(program_version(&facts, "python"));
		memset(data + at, 0, sizeof(text));
	}
}

#define GO_INFO(length, text) \
	"\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" length text

static void go_is_told(void **state)
{
	const struct made_section good = MADE_TEXT(".go.buildinfo", GO_INFO("\x08", "go1.26.8"));
	const struct made_section bad[] = {
		MADE_TEXT(".go.buildinfo", GO_INFO("\xff", "go1.26.8")),
		MADE_TEXT(".go.buildinfo", GO_INFO("\x08", "rust1.26")),
		MADE_TEXT(".go.buildinfo", "\xff Go buildinf:\x08"),
		MADE_TEXT(".go.buildinfo", ""),
		{".go.buildinfo", "", 0, UINT64_MAX, UINT64_MAX},
		{".go.buildinfo", "", 0, INT64_MAX, 100},
	};
	struct program_facts facts = facts_of(&good, 1, ANY);

	(void)state;
	assert_string_equal(facts.build_version, "1.26.8");
	assert_string_equal(runtime_name(facts.section_rank), "go");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		facts = facts_of(&bad[i], 1, ANY);
		assert_string_equal(facts.build_version, "");
		assert_string_equal(runtime_name(facts.section_rank), "go");
	}
}

static void lies_are_survived(void **state)
{
	const struct made_section sections[] = {
		{".rodata", "nginx version: nginx/1.0\n", 26, UINT64_MAX - 8, 100},
		{".rodata", "nginx version: nginx/1.0\n", 26, 0, UINT64_MAX},
		{".rodata", "", 0, INT64_MAX, INT64_MAX},
		{".data", "", 0, 1, UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		struct program_facts facts = facts_of(&sections[i], 1, ANY);

		assert_int_equal(facts.state, PROGRAM_READ);
		assert_true(facts.bytes_read < 4096);
	}
}

/* Of a file that is all holes and as large as any. */
static void reading_is_bounded(void **state)
{
	const struct made_section section = {".rodata", "", 0, 4096, 1ULL << 40};
	size_t size;
	_cleanup_(freep) unsigned char *elf = made_elf(&section, 1, &size);
	_cleanup_(closep) int fd = file_of(elf, size);
	struct program_facts facts;

	(void)state;
	assert_int_equal(ftruncate(fd, 1LL << 41), 0);
	program_read(fd, &ANY, &facts);
	assert_true(facts.cut);
	assert_true(facts.bytes_read <= PROGRAM_MAX_BYTES_UNKNOWN + 262144);
	program_read(fd, &(struct program_search){"nginx", ""}, &facts);
	assert_true(facts.cut && facts.bytes_read <= PROGRAM_MAX_BYTES + 262144);
}

static void what_is_no_program_is_told(void **state)
{
	_cleanup_(closep) int empty = file_of("", 0), script = file_of("#!/bin/sh\n", 10);
	_cleanup_(closep) int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ends[2];
	struct program_facts facts;

	(void)state;
	program_read(empty, &ANY, &facts);
	assert_int_equal(facts.state, PROGRAM_NOT_ELF);
	program_read(script, &ANY, &facts);
	assert_int_equal(facts.state, PROGRAM_NOT_ELF);
	program_read(directory, &ANY, &facts);
	assert_int_equal(facts.state, PROGRAM_UNREADABLE);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	program_read(ends[0], &ANY, &facts);
	assert_int_equal(facts.state, PROGRAM_UNREADABLE);
	assert_int_equal(facts.section_rank, RUNTIME_UNKNOWN);
	close(ends[0]);
	close(ends[1]);
}

static void files_are_read_once(void **state)
{
	const struct made_section section = MADE_TEXT(".rodata", "\0nginx/1.22.1\n");
	const struct program_search nginx = {"nginx", ""};
	struct program_files *files;
	size_t size;
	_cleanup_(freep) unsigned char *elf = made_elf(&section, 1, &size);
	_cleanup_(closep) int first = file_of(elf, size), second = file_of(elf, size),
			      third = file_of(elf, size);

	(void)state;
	assert_int_equal(program_files_new(2, &files), 0);
	for (int i = 0; i < 3; i++)
		assert_string_equal(
			program_version(program_files_read(files, first, &nginx), "nginx"),
			"1.22.1");
	assert_int_equal(program_files_stats(files)->files_read, 1);
	/* another question is another answer */
	assert_int_equal(program_files_read(files, first, &ANY)->nr_found, 0);
	assert_int_equal(program_files_stats(files)->files_read, 2);
	/* a file that has changed */
	assert_int_equal(pwrite(first, "\0", 1, (off_t)size), 1);
	program_files_read(files, first, &nginx);
	assert_int_equal(program_files_stats(files)->files_read, 3);
	assert_int_equal(program_files_stats(files)->evictions, 1);
	program_files_read(files, second, &nginx);
	program_files_read(files, third, &nginx);
	assert_int_equal(program_files_stats(files)->evictions, 3);
	assert_null(program_files_read(files, -1, &nginx));
	program_files_free(files);
	program_files_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_follow_words),
		cmocka_unit_test(versions_precede_words),
		cmocka_unit_test(versions_go_on),
		cmocka_unit_test(paths_have_versions),
		cmocka_unit_test(contents_are_read),
		cmocka_unit_test(versions_come_after_words),
		cmocka_unit_test(words_span_pieces),
		cmocka_unit_test(go_is_told),
		cmocka_unit_test(lies_are_survived),
		cmocka_unit_test(reading_is_bounded),
		cmocka_unit_test(what_is_no_program_is_told),
		cmocka_unit_test(files_are_read_once),
	};

	return cmocka_run_group_tests_name("program_file", tests, NULL, NULL);
}
