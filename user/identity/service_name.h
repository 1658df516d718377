/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The best name for a process that does not say which service it is. Pure.
 *
 * A systemd service's unit comes first: checkout.service is "checkout", and worker@3.service
 * "worker@3". A program run by an interpreter comes next:
 *
 *	node /srv/shop/app.js                  app
 *	node server.js                         the directory it was started in
 *	python3 -m uvicorn shop:app            uvicorn
 *	java -jar /opt/shop-1.2.jar            shop-1.2
 *	java -cp ... com.example.shop.Main     shop
 *
 * A program called __main__, asgi, index, main, Main, run, server, start, wsgi or www says
 * nothing: it is named after its directory, and bin, build, dist, lib, out and src are passed
 * over likewise. Where the program cannot be told for sure from options and their values there
 * is no such name.
 */
#ifndef LOOPSCOPE_SERVICE_NAME_H
#define LOOPSCOPE_SERVICE_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "identity/command_line.h"

#define SERVICE_NAME_LEN 256

/* Of "checkout.service"; not of other kinds of units, nor of user@1000.service. */
bool service_name_of_unit(const char *unit, char ret_name[SERVICE_NAME_LEN]);

/*
 * `executable` is the name of the executable's file; `working_directory` is called only where a
 * relative path has to be told: it returns a path, or NULL.
 */
bool service_name_of_script(const char *executable, const struct command_line *line,
			    const char *(*working_directory)(void *context), void *context,
			    char ret_name[SERVICE_NAME_LEN]);

/*
 * The name that the program was started by, if comm bears out what the first argument says: a
 * program may have several (redis-server is a link to redis-check-rdb), and either of the two
 * may have been changed.
 */
bool service_name_of_start(const struct command_line *line, const char *comm,
			   char ret_name[SERVICE_NAME_LEN]);

#endif
