/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whose code a file or a function is. An interpreter's file holds nothing that a user has written,
 * and any other program is what runs here: so interpreters are listed, and libraries of the system.
 */
#include <string.h>

#include "symbols/process/code_file.h"

/* How names of files begin, each followed by none or other than a letter. */
static const char *const files[] = {
	/* the C library, and what is loaded with it */
	"ld",
	"ld-linux",
	"ld-musl",
	"libc",
	"libm",
	"libmvec",
	"libpthread",
	"libdl",
	"librt",
	"libresolv",
	"libnss",
	"libanl",
	"libutil",
	"libgcc_s",
	"libstdc++",
	"libc++",
	"libc++abi",
	"libgomp",
	"libatomic",
	"libunwind",
	"libasan",
	"libtsan",
	"libubsan",
	/* interpreters */
	"python",
	"pypy",
	"libpython",
	"libpypy",
	"node",
	"nodejs",
	"libnode",
	"bun",
	"deno",
	"java",
	"libjvm",
	"libjava",
	"libnio",
	"libnet",
	"libjli",
	"libzip",
	"libjimage",
	"libverify",
	"ruby",
	"libruby",
	"perl",
	"libperl",
	"php",
	"php-fpm",
	"beam",
	"lua",
	"luajit",
	"libluajit",
	"libcoreclr",
	"libclrjit",
	"libhostpolicy",
	/* event loops */
	"libuv",
	"libev",
	"libevent",
	"libevent_core",
	"libevent_pthreads",
	"liburing",
	"libaio",
	"libnetty_transport_native_epoll",
	"libsystemd",
	/* allocators, compression, cryptography, text */
	"libjemalloc",
	"libtcmalloc",
	"libtcmalloc_minimal",
	"libmimalloc",
	"libz",
	"libzstd",
	"liblzma",
	"libbz",
	"libbrotlicommon",
	"libbrotlidec",
	"libbrotlienc",
	"liblz",
	"libssl",
	"libcrypto",
	"libgnutls",
	"libnghttp",
	"libcares",
	"libffi",
	"libexpat",
	"libicuuc",
	"libicudata",
	"libsqlite",
	"libpcre",
	"libfuse",
};

/* Parts of paths: extension modules of Python's standard library and of packages. */
static const char *const directories[] = {
	"/lib-dynload/",
	"/site-packages/",
	"/dist-packages/",
};

/* Parts of sources' paths: standard libraries, and packages as their managers unpack them. */
static const char *const sources[] = {
	"/usr/include/", "/rustc/", "/.cargo/registry/src/", "/usr/local/go/src/", "/pkg/mod/",
};

/* How names of functions begin. */
static const char *const functions[] = {
	"std::",          "__gnu_cxx::", "__cxxabiv1::",  "core::",         "alloc::",
	"tokio::",        "mio::",       "async_std::",   "smol::",         "async_io::",
	"futures_util::", "polling::",   "boost::asio::", "asio::",         "hashbrown::",
	"runtime.",       "syscall.",    "__rustc::",     "futures_core::",
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '+';
}

static bool has_part(const char *path, const char *const *parts, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (strstr(path, parts[i]))
			return true;
	}
	return false;
}

bool code_file_is_runtime(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (*path == '[')
		return true;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		size_t length = strlen(files[i]);

		if (!strncmp(name, files[i], length) && !is_letter(name[length]))
			return true;
	}
	return has_part(path, directories, sizeof(directories) / sizeof(*directories));
}

bool source_is_runtime(const char *path)
{
	return has_part(path, sources, sizeof(sources) / sizeof(*sources));
}

/* Rust writes <alloc::vec::Vec<T> as core::ops::Drop>::drop, and <&mut T as ...>. */
static const char *first_path(const char *name)
{
	for (;;) {
		size_t marks = strspn(name, "<&*(");

		name += marks;
		if (marks && (!strncmp(name, "mut ", 4) || !strncmp(name, "dyn ", 4)))
			name += 4;
		else
			return name;
	}
}

bool function_is_runtime(const char *name)
{
	const char *path = first_path(name);

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		if (!strncmp(path, functions[i], strlen(functions[i])))
			return true;
	}
	return false;
}
