/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What tells a runtime. The command's name (comm) is no evidence: any thread may set it. */
#include "identity/runtime_rules.h"

#include <fnmatch.h>
#include <string.h>

/* The first rule that holds wins, so a library of events comes after what may embed it. */
static const struct runtime_rule {
	const char *runtime;
	enum runtime_evidence evidence;
	const char *pattern; /* of fnmatch */
} rules[] = {
	/* a section only that toolchain emits: truer than any file's name */
	{"go", EVIDENCE_SECTION, ".note.go.buildid"},
	{"go", EVIDENCE_SECTION, ".go.buildinfo"},
	{"node", EVIDENCE_SECTION, "lpstub"},

	/* whose constant data has the words below */
	{"loopscope", EVIDENCE_EXECUTABLE, "loopscope*"},
	{"nginx", EVIDENCE_EXECUTABLE, "nginx*"},
	{"nginx", EVIDENCE_EXECUTABLE, "openresty*"},
	{"redis", EVIDENCE_EXECUTABLE, "redis-server*"},
	{"redis", EVIDENCE_EXECUTABLE, "redis-check-rdb"}, /* Debian's server is a link to it */
	{"redis", EVIDENCE_EXECUTABLE, "redis-sentinel"},
	{"redis", EVIDENCE_EXECUTABLE, "valkey-server*"},
	{"redis", EVIDENCE_EXECUTABLE, "valkey-check-rdb"},
	{"redis", EVIDENCE_EXECUTABLE, "keydb-server"},
	{"haproxy", EVIDENCE_EXECUTABLE, "haproxy*"},
	{"envoy", EVIDENCE_EXECUTABLE, "envoy*"},
	{"memcached", EVIDENCE_EXECUTABLE, "memcached*"},
	{"postgres", EVIDENCE_EXECUTABLE, "postgres"},
	{"pgbouncer", EVIDENCE_EXECUTABLE, "pgbouncer*"},
	{"apache", EVIDENCE_EXECUTABLE, "apache2"},
	{"apache", EVIDENCE_EXECUTABLE, "httpd"},
	{"lighttpd", EVIDENCE_EXECUTABLE, "lighttpd*"},
	{"varnish", EVIDENCE_EXECUTABLE, "varnishd"},
	{"mariadb", EVIDENCE_EXECUTABLE, "mariadbd"},
	{"bun", EVIDENCE_EXECUTABLE, "bun"},
	{"deno", EVIDENCE_EXECUTABLE, "deno"},
	{"node", EVIDENCE_EXECUTABLE, "node"},
	{"node", EVIDENCE_EXECUTABLE, "nodejs"},
	{"node", EVIDENCE_LIBRARY, "libnode.so*"},
	{"python", EVIDENCE_EXECUTABLE, "python*"},
	{"python", EVIDENCE_EXECUTABLE, "pypy*"},
	{"php-fpm", EVIDENCE_EXECUTABLE, "php-fpm*"},
	{"php", EVIDENCE_EXECUTABLE, "php*"},
	{"ruby", EVIDENCE_EXECUTABLE, "ruby*"},
	{"perl", EVIDENCE_EXECUTABLE, "perl*"},
	{"erlang", EVIDENCE_EXECUTABLE, "beam*"},
	{"dotnet", EVIDENCE_EXECUTABLE, "dotnet"},

	/* programs that embed a language */
	{"java", EVIDENCE_LIBRARY, "libjvm.so"},
	{"dotnet", EVIDENCE_LIBRARY, "libcoreclr.so"},
	{"ruby", EVIDENCE_LIBRARY, "libruby*.so*"},
	{"python", EVIDENCE_LIBRARY, "libpython*.so*"},
	{"python", EVIDENCE_LIBRARY, "libpypy*.so*"},
	{"perl", EVIDENCE_LIBRARY, "libperl.so*"},

	/* programs under a name of their own, by what is in them */
	{"nginx", EVIDENCE_CONTENT, "nginx"},
	{"node", EVIDENCE_CONTENT, "node"},
	{"bun", EVIDENCE_CONTENT, "bun"},
	{"deno", EVIDENCE_CONTENT, "deno"},
	{"tokio", EVIDENCE_CONTENT, "tokio"},

	/* plain libraries of events */
	{"libuv", EVIDENCE_LIBRARY, "libuv.so*"},
	{"libevent", EVIDENCE_LIBRARY, "libevent[-_.]*"},
	{"libev", EVIDENCE_LIBRARY, "libev.so*"},
	{"systemd", EVIDENCE_LIBRARY, "libsystemd-shared-*.so"},

	/* linked in, it seems: a word may be in any program */
	{"tokio", EVIDENCE_WORD, "tokio"},
	{"libuv", EVIDENCE_WORD, "libuv"},
	{"libevent", EVIDENCE_WORD, "libevent"},
	{"libev", EVIDENCE_WORD, "libev"},
};

/*
 * What loops are made of. asyncio's extension is loaded by Twisted too, which has none of its own
 * but rests on zope.interface's: with that one nothing can be said.
 */
static const struct loop_rule {
	const char *library; /* NULL: it cannot be told */
	const char *runtime; /* NULL: any */
	enum runtime_evidence evidence;
	const char *pattern;
} loop_rules[] = {
	{"uvloop", "python", EVIDENCE_LIBRARY, "*/uvloop/loop.*so"},
	{"gevent", "python", EVIDENCE_LIBRARY, "*/gevent/*.so"},
	{NULL, "python", EVIDENCE_LIBRARY, "*/_zope_interface_coptimizations.*so"},
	{"asyncio", "python", EVIDENCE_LIBRARY, "*/_asyncio.*so"},

	{"vert.x", "java", EVIDENCE_JAR, "vertx-core-[0-9]*.jar"},
	{"vert.x", "java", EVIDENCE_THREAD, "vert.x-*"},
	{"netty-epoll", "java", EVIDENCE_LIBRARY, "*/libnetty_transport_native_epoll*"},
	{"netty-io_uring", "java", EVIDENCE_LIBRARY, "*/libnetty_transport_native_io*uring*"},
	{"netty-nio", "java", EVIDENCE_JAR, "netty-transport-[0-9]*.jar"},
	{"netty-nio", "java", EVIDENCE_JAR, "netty-all-[0-9]*.jar"},
	{"netty-nio", "java", EVIDENCE_THREAD, "nioEventLoop*"},
	{"netty-nio", "java", EVIDENCE_THREAD, "reactor-http-ni*"},

	{"nio4r", "ruby", EVIDENCE_LIBRARY, "*/nio4r_ext.so"},
	{"io-event", "ruby", EVIDENCE_LIBRARY, "*/IO_Event.so"},
	{"eventmachine", "ruby", EVIDENCE_LIBRARY, "*/rubyeventmachine.so"},
	{"libev", "perl", EVIDENCE_LIBRARY, "*/auto/EV/EV.so"},
	{"swoole", "php", EVIDENCE_LIBRARY, "*/*swoole.so"},

	{"libuv", NULL, EVIDENCE_LIBRARY, "*/libuv.so*"},
	{"libevent", NULL, EVIDENCE_LIBRARY, "*/libevent[-_.]*"},
	{"libev", NULL, EVIDENCE_LIBRARY, "*/libev.so*"},
};

#define NR_RULES (sizeof(rules) / sizeof(rules[0]))
#define NR_LOOP_RULES (sizeof(loop_rules) / sizeof(loop_rules[0]))

_Static_assert(NR_LOOP_RULES <= LOOP_LIBRARY_MAX_RULES, "a bit for each");

size_t runtime_match(enum runtime_evidence evidence, const char *name, size_t best)
{
	for (size_t i = 0; i < NR_RULES && i < best; i++) {
		if (rules[i].evidence == evidence && fnmatch(rules[i].pattern, name, 0) == 0)
			return i;
	}
	return best;
}

const char *runtime_name(size_t rank)
{
	return rank < NR_RULES ? rules[rank].runtime : NULL;
}

const char *runtime_pattern(size_t rank)
{
	return rules[rank].pattern;
}

enum runtime_evidence runtime_evidence_of(size_t rank)
{
	return rules[rank].evidence;
}

bool runtime_is_alone(size_t rank)
{
	static const char *const alone[] = {
		"go",     "loopscope", "nginx",   "redis",   "haproxy", "envoy", "postgres",
		"apache", "lighttpd",  "varnish", "mariadb", "bun",     "deno",  "erlang",
	};
	const char *name = runtime_name(rank);

	for (size_t i = 0; name && i < sizeof(alone) / sizeof(*alone); i++) {
		if (strcmp(alone[i], name) == 0)
			return true;
	}
	return false;
}

__u32 loop_library_seen(enum runtime_evidence evidence, const char *name)
{
	__u32 seen = 0;

	for (size_t i = 0; i < NR_LOOP_RULES; i++) {
		if (loop_rules[i].evidence == evidence &&
		    fnmatch(loop_rules[i].pattern, name, 0) == 0)
			seen |= 1U << i;
	}
	return seen;
}

size_t loop_library_choose(__u32 seen, const char *runtime)
{
	for (size_t i = 0; i < NR_LOOP_RULES; i++) {
		const char *of = loop_rules[i].runtime;

		if ((seen & (1U << i)) && (!of || (runtime && strcmp(of, runtime) == 0)))
			return i;
	}
	return RUNTIME_UNKNOWN;
}

const char *loop_library_name(size_t rank)
{
	return rank < NR_LOOP_RULES ? loop_rules[rank].library : NULL;
}

const char *loop_library_of_runtime(const char *runtime)
{
	static const struct {
		const char *runtime, *library;
	} made_of[] = {
		{"node", "libuv"},  {"deno", "tokio"},       {"envoy", "libevent"},
		{"tokio", "tokio"}, {"libuv", "libuv"},      {"libevent", "libevent"},
		{"libev", "libev"}, {"systemd", "sd-event"},
	};

	for (size_t i = 0; runtime && i < sizeof(made_of) / sizeof(*made_of); i++) {
		if (strcmp(made_of[i].runtime, runtime) == 0)
			return made_of[i].library;
	}
	return NULL;
}

void runtime_version_of_path(const char *name, const char *path, char ret_version[VERSION_LEN])
{
	static const struct {
		const char *name, *before; /* the text in front of the version */
	} places[] = {
		{"python", "/libpython"},
		{"libevent", "-"},
		{"ruby", ".so."},
		{"perl", ".so."},
		{"systemd", "/libsystemd-shared-"},
		{"dotnet", "/Microsoft.NETCore.App/"},
	};

	ret_version[0] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (strcmp(places[i].name, name) == 0)
			version_of_path(path, places[i].before, ret_version);
	}
}
