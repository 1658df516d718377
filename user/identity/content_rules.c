/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words in the constant data of programs that tell what they are, and which version. */
#include "identity/runtime_rules.h"

#include <string.h>

/* The first that is found wins, of those with the same name. */
static const struct content_rule contents[] = {
	{"nginx", true, {TEXT_BEFORE("nginx version: nginx/")}},
	{"nginx", false, {TEXT_BEFORE("nginx/")}},
	{"haproxy", false, {TEXT_BEFORE(" version "), TEXT_BEHIND(", released ")}},
	{"haproxy", false, {TEXT_BEFORE(" - https://haproxy.org/"), .kind = VERSION_NOT_TOLD}},
	/* what INFO tells side by side; older compilers have another name there */
	{"redis", false, {TEXT_BEHIND("\0c11-builtin\0")}},
	{"redis", false, {TEXT_BEHIND("\0atomic-builtin\0")}},
	{"redis", false, {TEXT_BEHIND("\0sync-builtin\0")}},
	{"memcached", false, {TEXT_BEFORE("memcached ")}},
	{"postgres", false, {TEXT_BEFORE("postgres (PostgreSQL) ")}},
	{"pgbouncer", false, {TEXT_BEFORE("PgBouncer ")}},
	{"apache", false, {TEXT_BEFORE("Apache/")}},
	{"lighttpd", false, {TEXT_BEFORE("lighttpd/")}},
	{"varnish", false, {TEXT_BEFORE("varnish-")}},
	{"mariadb", false, {TEXT_BEHIND("-MariaDB")}},
	{"node", true, {TEXT_BEFORE("node.js/v")}},
	{"bun", true, {TEXT_BEFORE("Bun/")}},
	{"deno", true, {TEXT_BEFORE("/deno_core-"), TEXT_BEHIND("/"), .kind = VERSION_OF_ANOTHER}},
	/* behind the version's first numbers, which the file's name tells */
	{"python", false, {TEXT_BEHIND("\0"), .kind = VERSION_WITH_BEFORE}},
	{"php-fpm", false, {TEXT_BEFORE("PHP/")}},
	{"php", false, {TEXT_BEFORE("PHP/")}},
	{"ruby", false, {TEXT_BEFORE("ruby "), TEXT_BEHIND(" (")}},
	{"erlang", false, {TEXT_BEFORE("re-compile this module with an Erlang/OTP ")}},
	{"java", false, {TEXT_BEFORE(" JRE ("), TEXT_BEHIND(")")}},
	/* paths of its source in the texts of panics, which stripping leaves */
	{"tokio", true, {TEXT_BEFORE("tokio-"), TEXT_BEHIND("/src/")}},
	{"tokio", true, {TEXT_BEFORE("tokio-runtime-worker"), .kind = VERSION_NOT_TOLD}},
	/* variables of the environment that they alone read, where they are linked in */
	{"libuv", false, {TEXT_BEFORE("1."), TEXT_BEHIND("\0"), .kind = VERSION_WITH_BEFORE}},
	{"libuv", true, {TEXT_BEFORE("UV_THREADPOOL_SIZE\0"), .kind = VERSION_NOT_TOLD}},
	{"libevent", false, {TEXT_BEHIND("-stable\0")}},
	{"libevent", true, {TEXT_BEFORE("EVENT_NOEPOLL\0"), .kind = VERSION_NOT_TOLD}},
	{"libev", true, {TEXT_BEFORE("LIBEV_FLAGS\0"), .kind = VERSION_NOT_TOLD}},
};

#define NR_CONTENTS (sizeof(contents) / sizeof(contents[0]))

size_t content_rule_next(const char *name, size_t from)
{
	for (size_t i = from; i < NR_CONTENTS; i++) {
		if (name ? strcmp(contents[i].name, name) == 0 : contents[i].tells)
			return i;
	}
	return RUNTIME_UNKNOWN;
}

const struct content_rule *content_rule(size_t index)
{
	return &contents[index];
}
